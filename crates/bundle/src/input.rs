//! What a bundle was opened from, with checksums.

use crate::cancel::Cancel;
use crate::{name, source};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One file or folder that the bundle was opened from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its file name, without folders.
    pub name: String,
    /// Its size in bytes; 0 for a folder.
    pub size: u64,
    /// SHA-256 of a file in hexadecimal; empty for a folder.
    pub sha256: String,
}

/// Names, sizes and checksums of the inputs; `None` if that was cancelled.
pub(crate) fn inputs(paths: &[PathBuf], cancel: &Cancel) -> Option<Vec<Input>> {
    paths.iter().map(|path| input(path, cancel)).collect()
}

fn input(path: &Path, cancel: &Cancel) -> Option<Input> {
    const CHUNK: usize = 256 << 10;
    let name = name::printable(path.file_name().unwrap_or(path.as_os_str()).as_encoded_bytes());
    let nothing = Input {
        name,
        size: 0,
        sha256: String::new(),
    };
    let Ok((mut file, size)) = source::open(path) else {
        return Some(nothing);
    };
    if path.is_dir() {
        return Some(nothing);
    }
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        if cancel.is_raised() {
            return None;
        }
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Some(Input { size, ..nothing }),
        }
    }
    let sha256 = base16ct::lower::encode_string(&hasher.finalize());
    Some(Input {
        size,
        sha256,
        ..nothing
    })
}
