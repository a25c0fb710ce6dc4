//! Bytes at offsets: a file, several files laid end to end, memory, or a window of any of these.
//!
//! Reading is positioned, so threads share one handle per file. Nothing is mapped and nothing is written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// Something that can be read at any offset, cheap to clone.
#[derive(Clone)]
pub(crate) struct Source {
    segments: Arc<[SourceSegment]>,
    base: u64,
    len: u64,
}

struct SourceSegment {
    start: u64,
    len: u64,
    bytes: Bytes,
}

enum Bytes {
    File(File),
    Memory(Vec<u8>),
    /// A bad sector: reading gives this error of the operating system.
    #[cfg(test)]
    Failing(i32),
}

impl Source {
    /// The files laid end to end in the given order.
    pub(crate) fn files<'a>(paths: impl Iterator<Item = &'a Path>) -> Result<Self, (&'a Path, io::Error)> {
        let mut segments = Vec::new();
        let mut start = 0_u64;
        for path in paths {
            let (file, len) = open(path).map_err(|error| (path, error))?;
            segments.push(SourceSegment {
                start,
                len,
                bytes: Bytes::File(file),
            });
            start = start.saturating_add(len);
        }
        Ok(Self {
            segments: segments.into(),
            base: 0,
            len: start,
        })
    }

    /// One file.
    pub(crate) fn file(path: &Path) -> io::Result<Self> {
        Self::files(std::iter::once(path)).map_err(|(_, error)| error)
    }

    /// A file that is open already, of which `len` bytes count.
    pub(crate) fn opened(file: File, len: u64) -> Self {
        Self::single(Bytes::File(file), len)
    }

    /// Bytes held in memory.
    pub(crate) fn memory(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        Self::single(Bytes::Memory(bytes), len)
    }

    fn single(bytes: Bytes, len: u64) -> Self {
        let start = 0;
        Self {
            segments: Arc::new([SourceSegment { start, len, bytes }]),
            base: 0,
            len,
        }
    }

    /// Length in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Where each of the files laid end to end begins.
    pub(crate) fn starts(&self) -> Vec<u64> {
        self.segments.iter().map(|segment| segment.start).collect()
    }

    /// `len` bytes from `offset` on, cut at the end of this source.
    pub(crate) fn window(&self, offset: u64, len: u64) -> Self {
        let offset = offset.min(self.len);
        Self {
            segments: Arc::clone(&self.segments),
            base: self.base.saturating_add(offset),
            len: len.min(self.len - offset),
        }
    }

    /// A reader from `offset` on.
    pub(crate) fn reader(&self, offset: u64) -> SourceReader {
        SourceReader {
            source: self.clone(),
            at: offset,
        }
    }

    /// Up to `len` bytes from `offset` on; fewer only at the end.
    pub(crate) fn bytes(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader(offset).take(len as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset >= self.len {
            return Ok(0);
        }
        let left = self.len - offset;
        let at = self.base.saturating_add(offset);
        let segment = self.segment_at(at);
        let inside = at - segment.start;
        let most = left.min(segment.len - inside).min(buffer.len() as u64);
        // Not more than the length of the buffer, so it is a `usize`.
        let target = &mut buffer[..most as usize];
        match &segment.bytes {
            Bytes::File(file) => read_file_at(file, target, inside),
            Bytes::Memory(bytes) => {
                let from = inside as usize;
                target.copy_from_slice(&bytes[from..from + target.len()]);
                Ok(target.len())
            }
            #[cfg(test)]
            Bytes::Failing(code) => Err(io::Error::from_raw_os_error(*code)),
        }
    }

    /// The segment that holds the byte at `at`, counted from the first segment.
    #[expect(clippy::expect_used, reason = "the first segment starts at 0")]
    fn segment_at(&self, at: u64) -> &SourceSegment {
        // Empty files share their start with the next one: the last of them is the one that holds the byte.
        let after = self.segments.partition_point(|segment| segment.start <= at);
        let last = after.checked_sub(1).and_then(|index| self.segments.get(index));
        last.expect("an offset below the length is in a segment")
    }
}

/// Opens a file for reading and gives its length.
#[expect(clippy::disallowed_methods, reason = "bundle is where files are opened")]
pub(crate) fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    Ok((file, len))
}

#[cfg(unix)]
fn read_file_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_file_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Reads a source from some offset to its end.
pub(crate) struct SourceReader {
    source: Source,
    at: u64,
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.at, buffer)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for SourceReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
pub(crate) mod broken {
    use super::*;

    /// The error of a bad sector: EIO.
    const CODE: i32 = 5;

    /// Bytes of which `bad` cannot be read.
    pub(crate) fn source(mut bytes: Vec<u8>, bad: std::ops::Range<usize>) -> Source {
        let after = bytes.split_off(bad.end);
        bytes.truncate(bad.start);
        let len = (bad.end + after.len()) as u64;
        let mut start = 0;
        let segments = [
            (bytes.len(), Bytes::Memory(bytes)),
            (bad.len(), Bytes::Failing(CODE)),
            (after.len(), Bytes::Memory(after)),
        ];
        let segments = segments.map(|(len, bytes)| {
            let segment = SourceSegment {
                start,
                len: len as u64,
                bytes,
            };
            start += len as u64;
            segment
        });
        Source {
            segments: Arc::new(segments),
            base: 0,
            len,
        }
    }

    /// What the operating system says of it.
    pub(crate) fn message() -> String {
        io::Error::from_raw_os_error(CODE).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_bad_sector_is_read() {
        let source = broken::source(b"0123456789".to_vec(), 3..5);
        assert_eq!(source.bytes(0, 3).unwrap(), b"012");
        assert_eq!(source.bytes(5, 9).unwrap(), b"56789");
        assert_eq!(source.bytes(2, 2).unwrap_err().to_string(), broken::message());
    }

    #[test]
    fn windows_stay_inside_what_they_are_cut_from() {
        let source = Source::memory(b"0123456789".to_vec());
        let window = source.window(2, 6).window(1, 100);
        assert_eq!(window.len(), 5);
        assert_eq!(window.bytes(0, 100).unwrap(), b"34567");
        assert_eq!(window.bytes(4, 100).unwrap(), b"7");
        assert_eq!(window.bytes(9, 1).unwrap(), b"");
        assert_eq!(source.window(u64::MAX, u64::MAX).len(), 0);
    }

    #[test]
    fn files_laid_end_to_end_read_as_one() {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<_> = ["abc", "", "de"]
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let path = dir.path().join(index.to_string());
                std::fs::write(&path, text).unwrap();
                path
            })
            .collect();
        let source = Source::files(paths.iter().map(|path| path.as_path()))
            .map_err(|(_, error)| error)
            .unwrap();
        assert_eq!(source.bytes(0, 9).unwrap(), b"abcde");
        assert_eq!(source.bytes(2, 2).unwrap(), b"cd");
        assert_eq!(source.starts(), [0, 3, 3]);
    }
}
