//! Inputs that can be read only once: standard input, pipes and devices.
//!
//! They are read to their end into memory, or, if they are long, into a file that has no name: archives are read at any offset.

use crate::error::OpenError;
use crate::format::{Format, HEAD};
use crate::input::Input;
use crate::limits::Limits;
use crate::source::Source;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The path that stands for standard input.
const STDIN: &str = "-";

/// An input that was read to its end.
pub(crate) struct Spooled {
    /// What it is called in reports.
    pub(crate) path: PathBuf,
    pub(crate) source: Source,
    pub(crate) input: Input,
}

/// What an input is called.
pub(crate) fn shown(path: &Path) -> PathBuf {
    if path.as_os_str() == STDIN {
        PathBuf::from("stdin")
    } else {
        path.to_path_buf()
    }
}

/// Whether an input can be read only once.
pub(crate) fn is_stream(path: &Path) -> io::Result<bool> {
    if path.as_os_str() == STDIN {
        return Ok(true);
    }
    let kind = std::fs::metadata(path)?.file_type();
    Ok(!kind.is_file() && !kind.is_dir())
}

/// Reads an input to its end.
///
/// # Errors
///
/// [`OpenError`] if it cannot be read, is empty, begins as no archive does, or is longer than a bundle may be.
#[expect(clippy::disallowed_methods, reason = "bundle is where inputs are opened")]
pub(crate) fn spool(path: &Path, limits: &Limits) -> Result<Spooled, OpenError> {
    let is_stdin = path.as_os_str() == STDIN;
    let shown = shown(path);
    let failed = |source| OpenError::Io {
        path: shown.clone(),
        source,
    };
    let mut reader: Box<dyn Read> = if is_stdin {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(failed)?)
    };
    let mut head = Vec::new();
    reader.by_ref().take(HEAD).read_to_end(&mut head).map_err(failed)?;
    if head.is_empty() {
        return Err(OpenError::Empty { path: shown });
    }
    // A device may have no end: what is no archive is not read on. Only a program begins otherwise that extracts itself.
    let is_program = head.starts_with(b"MZ") || head.starts_with(b"\x7fELF") || head.starts_with(b"#!");
    if Format::of(&head) == Format::Other && !is_program {
        let what = "it is neither a zip nor a tar".to_owned();
        return Err(OpenError::NotABundle { path: shown, what });
    }
    let mut store = Store::new(limits);
    store.write(&head).map_err(failed)?;
    let mut buffer = vec![0; 256 << 10];
    loop {
        if limits.cancel.is_raised() {
            return Err(OpenError::Cancelled);
        }
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => store.write(&buffer[..count]).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
        if store.len > limits.total_bytes {
            let most = limits.total_bytes;
            return Err(OpenError::Damaged {
                path: shown,
                what: format!("it has more than {most} bytes, which is the limit"),
            });
        }
    }
    let input = Input {
        name: crate::name::printable(shown.file_name().unwrap_or_default().as_encoded_bytes()),
        size: store.len,
        sha256: base16ct::lower::encode_string(&store.hasher.clone().finalize()),
    };
    let source = store.into_source();
    Ok(Spooled {
        path: shown,
        source,
        input,
    })
}

/// Where the bytes go.
struct Store {
    memory: Vec<u8>,
    file: Option<File>,
    /// How much is kept in memory.
    most: u64,
    len: u64,
    hasher: Sha256,
}

impl Store {
    fn new(limits: &Limits) -> Self {
        Self {
            memory: Vec::new(),
            file: None,
            most: limits.buffer_memory(),
            len: 0,
            hasher: Sha256::new(),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
        if self.file.is_none() && self.len > self.most {
            // It is unlinked as soon as it is made.
            let mut file = tempfile::tempfile()?;
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => {
                self.memory.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn into_source(self) -> Source {
        match self.file {
            Some(file) => Source::opened(file, self.len),
            None => Source::memory(self.memory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_in_memory_goes_to_a_file() {
        for (max_memory, in_file) in [(8 * 100, true), (8 * 4000, false)] {
            let limits = Limits {
                max_memory,
                ..Limits::default()
            };
            let mut store = Store::new(&limits);
            let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
            for piece in bytes.chunks(77) {
                store.write(piece).unwrap();
            }
            assert_eq!(store.file.is_some(), in_file);
            assert_eq!(store.into_source().bytes(0, 9999).unwrap(), bytes);
        }
    }
}
