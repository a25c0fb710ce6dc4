//! Archives of any kind: opening and reading them ends without a panic, within bounds, and only safe paths are handed over.
#![no_main]

mod bundle;

use gleaner_bundle::{Visitor, Want};
use libfuzzer_sys::fuzz_target;
use std::io::BufRead;

struct Everything;

impl Visitor for Everything {
    fn want(&self, path: &str, _: u64) -> Want {
        assert!(
            !path.contains("..") || !path.split(['/', '!']).any(|part| part == ".."),
            "{path}"
        );
        match path.rsplit('.').next() {
            Some("zip" | "txz" | "tgz" | "tar") => Want::Enter,
            Some("log") => Want::Stream,
            _ => Want::Bytes,
        }
    }

    fn bytes(&self, _: &str, data: Vec<u8>) {
        assert!(data.len() <= 1 << 20);
    }

    fn stream(&self, _: &str, reader: &mut dyn BufRead) {
        let _ = std::io::copy(reader, &mut std::io::sink());
    }
}

fuzz_target!(|data: &[u8]| bundle::read("archives", data, &Everything));
