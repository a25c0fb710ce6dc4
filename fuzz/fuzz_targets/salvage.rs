//! Zips without their directory: reading them by their local headers ends without a panic and within bounds.
#![no_main]

mod bundle;

use gleaner_bundle::{Visitor, Want};
use libfuzzer_sys::fuzz_target;
use std::io::BufRead;

/// The first file of every input, which is packed before what is fuzzed.
const FIRST: &[u8] = b"bundlename: x\n";

struct Whole;

impl Visitor for Whole {
    fn want(&self, path: &str, _: u64) -> Want {
        assert!(!path.split(['/', '!']).any(|part| part == ".."), "{path}");
        match path.rsplit('.').next() {
            Some("zip") => Want::Enter,
            Some("log") => Want::Stream,
            _ => Want::Bytes,
        }
    }

    fn bytes(&self, path: &str, data: Vec<u8>) {
        assert!(data.len() <= 1 << 20, "{path}");
    }

    fn stream(&self, _: &str, reader: &mut dyn BufRead) {
        let _ = std::io::copy(reader, &mut std::io::sink());
    }
}

/// A stored entry with its descriptor behind it.
fn first() -> Vec<u8> {
    let crc = 0x4a62_d2c9_u32.to_le_bytes();
    let len = (FIRST.len() as u32).to_le_bytes();
    let name = b"x/metadata.yaml";
    let mut out = b"PK\x03\x04\x14\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    out.extend((name.len() as u16).to_le_bytes());
    out.extend([0, 0]);
    out.extend(name);
    out.extend(FIRST);
    out.extend(b"PK\x07\x08");
    for field in [crc, len, len] {
        out.extend(field);
    }
    out
}

fuzz_target!(|data: &[u8]| bundle::read("salvage", &[&first(), data].concat(), &Whole));
