//! Tars with damage and with files that have holes: reading them ends without a panic and within bounds, and every file has the size
//! that was announced.
#![no_main]

mod bundle;

use gleaner_bundle::{Visitor, Want};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Mutex;

#[derive(Default)]
struct Sizes(Mutex<BTreeMap<String, u64>>);

impl Visitor for Sizes {
    fn want(&self, path: &str, size: u64) -> Want {
        assert!(!path.split(['/', '!']).any(|part| part == ".."), "{path}");
        if let Ok(mut sizes) = self.0.lock() {
            sizes.insert(path.to_owned(), size);
        }
        if path.ends_with(".log") {
            Want::Stream
        } else {
            Want::Bytes
        }
    }

    fn bytes(&self, path: &str, data: Vec<u8>) {
        let size = self.0.lock().ok().and_then(|sizes| sizes.get(path).copied());
        assert_eq!(size, Some(data.len() as u64), "{path}");
    }

    fn stream(&self, _: &str, reader: &mut dyn BufRead) {
        let _ = std::io::copy(reader, &mut std::io::sink());
    }
}

/// Makes the checksum of every block right that has the mark of a header, so that what is behind the checksum is reached.
fn with_checksums(data: &[u8]) -> Vec<u8> {
    let mut out = data.to_vec();
    for block in out.chunks_exact_mut(512).filter(|block| &block[257..262] == b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    out
}

fuzz_target!(|data: &[u8]| bundle::read("tars", &with_checksums(data), &Sizes::default()));
