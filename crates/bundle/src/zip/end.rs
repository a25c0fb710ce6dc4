//! Finds the central directory from the end of a zip.
//!
//! Takes a source and where its disks begin; gives the directory's absolute place. Knows zip64, comments and bytes after the
//! archive; bytes in front of it only where the source begins with something else: a cut-off bundle would otherwise read as the
//! node archive that it happens to end with.

use super::fields::Fields;
use super::record;
use crate::source::Source;
use std::io;

const SIGNATURE: &[u8] = b"PK\x05\x06";
const LEN: usize = 22;
const LOCATOR_SIGNATURE: &[u8] = b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;
const END64_SIGNATURE: &[u8] = b"PK\x06\x06";
const END64_LEN: usize = 56;
/// The end record may be followed by a comment of 64 KiB.
const TAIL: u64 = (LEN + LOCATOR_LEN + END64_LEN + 0xFFFF) as u64;

/// The central directory's place.
pub(super) struct Directory {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Entries it says it has.
    pub(super) count: u64,
    /// Bytes in front of the archive, such as the program of one that extracts itself.
    pub(super) base: u64,
    /// Where the end record and its comment end.
    pub(super) behind: u64,
}

impl Directory {
    /// The number of records it says it has, but no more than it has bytes for.
    pub(super) fn most_records(&self) -> usize {
        let bytes = self.end - self.start;
        usize::try_from(self.count.min(bytes / record::LEN as u64)).unwrap_or(usize::MAX)
    }
}

/// Why no directory was found.
#[derive(Debug)]
pub(crate) enum EndError {
    /// The source cannot be read.
    Io(io::Error),
    /// There is no end record: the archive is cut off.
    NoEnd,
    /// The archive is split into this many parts, and another number was given.
    Parts { wanted: u64 },
    /// There is an end record, but no directory where it points.
    NoDirectory,
}

impl From<io::Error> for EndError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl EndError {
    /// Whether it says that there are more parts than those that were given.
    pub(crate) fn is_incomplete(&self, given: usize) -> bool {
        matches!(self, Self::Parts { wanted } if *wanted > given as u64)
    }
}

/// Whether the source is a zip from its first byte to its last, and not a piece that happens to hold one.
pub(crate) fn is_whole(source: &Source) -> io::Result<bool> {
    if source.bytes(0, 2)? != b"PK" {
        return Ok(false);
    }
    match find(source, &[0]) {
        Ok(_) => Ok(true),
        Err(EndError::Io(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Finds the directory of a source whose disks begin at the given offsets.
///
/// Zeros behind the archive, as a download leaves them that was given its size in advance, may be of any length.
pub(super) fn find(source: &Source, disks: &[u64]) -> Result<Directory, EndError> {
    find_with(source, disks, false)
}

/// The same for an archive behind a program: an offset may count from the first byte of the archive.
pub(super) fn find_behind(source: &Source) -> Result<Directory, EndError> {
    find_with(source, &[0], true)
}

fn find_with(source: &Source, disks: &[u64], may_be_behind: bool) -> Result<Directory, EndError> {
    let last = without_zeros(source)?;
    let len = source.len().min(last.saturating_add(TAIL));
    let from = last.saturating_sub(TAIL);
    let tail = Tail {
        source,
        disks,
        from,
        bytes: source.bytes(from, (len - from) as usize)?,
        may_be_behind,
    };
    let mut error = EndError::NoEnd;
    // A comment may hold what looks like an end record: the last one that leads to a directory counts.
    for at in memchr::memmem::rfind_iter(&tail.bytes, SIGNATURE) {
        match tail.directory(at) {
            Ok(directory) => return Ok(directory),
            Err(EndError::NoEnd) => {}
            // One in front of the last is that of an archive within, of which the outer one is not whole.
            Err(reason) if may_be_behind => return Err(reason),
            Err(reason) => {
                if matches!(error, EndError::NoEnd) {
                    error = reason;
                }
            }
        }
    }
    Err(error)
}

/// Finds where an archive ends whose directory begins at `directory`, though another one follows it.
pub(super) fn first(source: &Source, directory: u64) -> io::Result<Option<u64>> {
    /// A name or a comment in the directory may hold what looks like an end record.
    const MOST_TRIED: usize = 16;
    const STEP: usize = 1 << 20;
    let (mut from, mut tried) = (directory, 0);
    while from < source.len() && tried < MOST_TRIED {
        let bytes = source.bytes(from, STEP + SIGNATURE.len() - 1)?;
        for at in memchr::memmem::find_iter(&bytes, SIGNATURE).take(MOST_TRIED - tried) {
            tried += 1;
            let start = from + at as u64;
            let record = source.bytes(start, LEN + 0xFFFF)?;
            let Some((_, len)) = End::parse(&record, start) else {
                continue;
            };
            let end = start + len as u64;
            let found = find(&source.window(0, end), &[0]);
            if found.is_ok_and(|found| found.start == directory && found.behind == end) {
                return Ok(Some(end));
            }
        }
        from += STEP as u64;
    }
    Ok(None)
}

/// Where the zeros begin that a source ends with.
fn without_zeros(source: &Source) -> io::Result<u64> {
    let mut end = source.len();
    while end > 0 {
        let from = end.saturating_sub(TAIL);
        let bytes = source.bytes(from, (end - from) as usize)?;
        if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
            return Ok(from + last as u64 + 1);
        }
        end = from;
    }
    Ok(0)
}

/// What an end record says, in the wider fields of zip64.
struct End {
    disk: u64,
    directory_disk: u64,
    count: u64,
    size: u64,
    offset: u64,
    /// Where the record itself is, which is where the directory should end.
    at: u64,
}

impl End {
    /// The record at the start of `bytes`, which begin at `at`; `None` if they end before it does.
    ///
    /// With it comes its length.
    fn parse(bytes: &[u8], at: u64) -> Option<(Self, usize)> {
        let mut fields = Fields(bytes);
        fields.signature(SIGNATURE)?;
        let disk = fields.u16()?.into();
        let directory_disk = fields.u16()?.into();
        fields.skip(2)?;
        let count = fields.u16()?.into();
        let size = fields.u32()?.into();
        let offset = fields.u32()?.into();
        let comment = fields.u16()?;
        fields.skip(comment.into())?;
        let end = Self {
            disk,
            directory_disk,
            count,
            size,
            offset,
            at,
        };
        Some((end, LEN + usize::from(comment)))
    }

    /// The same for the record of zip64.
    fn parse_zip64(bytes: &[u8], at: u64) -> Option<Self> {
        let mut fields = Fields(bytes);
        fields.signature(END64_SIGNATURE)?;
        fields.skip(12)?;
        let disk = fields.u32()?.into();
        let directory_disk = fields.u32()?.into();
        fields.skip(8)?;
        Some(Self {
            disk,
            directory_disk,
            count: fields.u64()?,
            size: fields.u64()?,
            offset: fields.u64()?,
            at,
        })
    }
}

/// Points to the end record of zip64.
struct Locator {
    disk: u32,
    offset: u64,
    disks: u32,
}

impl Locator {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        fields.signature(LOCATOR_SIGNATURE)?;
        Some(Self {
            disk: fields.u32()?,
            offset: fields.u64()?,
            disks: fields.u32()?,
        })
    }
}

/// The end of a source, in which its end record is.
struct Tail<'a> {
    source: &'a Source,
    disks: &'a [u64],
    /// Where it begins in the source.
    from: u64,
    bytes: Vec<u8>,
    may_be_behind: bool,
}

impl Tail<'_> {
    /// The directory that the end record at `at` leads to.
    fn directory(&self, at: usize) -> Result<Directory, EndError> {
        let (narrow, narrow_len) = End::parse(&self.bytes[at..], self.from + at as u64).ok_or(EndError::NoEnd)?;
        let end = self.zip64(at)?.unwrap_or(narrow);
        if end.disk + 1 != self.disks.len() as u64 {
            return Err(EndError::Parts { wanted: end.disk + 1 });
        }
        let disk = usize::try_from(end.directory_disk).ok();
        let base = disk.and_then(|disk| self.disks.get(disk));
        let start = base.and_then(|base| base.checked_add(end.offset));
        let mut start = start.ok_or(EndError::NoDirectory)?;
        // The directory ends where the end record is.
        let front = end.at.checked_sub(start.saturating_add(end.size));
        let front = front.filter(|_| self.may_be_behind).unwrap_or(0);
        start = start.saturating_add(front);
        let directory_end = start.checked_add(end.size).filter(|last| *last <= end.at);
        let directory_end = directory_end.ok_or(EndError::NoDirectory)?;
        // An empty archive within one that is cut off leads to its own place, not to this one.
        if end.count == 0 && start != end.at {
            return Err(EndError::NoDirectory);
        }
        if end.count > 0 && self.source.bytes(start, record::SIGNATURE.len())? != record::SIGNATURE {
            return Err(EndError::NoDirectory);
        }
        Ok(Directory {
            start,
            end: directory_end,
            count: end.count,
            base: front,
            behind: self.from + (at + narrow_len) as u64,
        })
    }

    /// The zip64 end record, if the locator in front of the end record at `at` points to one.
    fn zip64(&self, at: usize) -> Result<Option<End>, EndError> {
        let locator = at.checked_sub(LOCATOR_LEN).map(|start| &self.bytes[start..at]);
        let Some(locator) = locator.and_then(Locator::parse) else {
            return Ok(None);
        };
        let parts = u64::from(locator.disks).max(1);
        if parts != self.disks.len() as u64 {
            return Err(EndError::Parts { wanted: parts });
        }
        let disk = self.disks.get(locator.disk as usize).ok_or(EndError::NoDirectory)?;
        let declared = disk.checked_add(locator.offset).ok_or(EndError::NoDirectory)?;
        let before = (self.from + at as u64).checked_sub((LOCATOR_LEN + END64_LEN) as u64);
        for start in [Some(declared), before].into_iter().flatten() {
            let bytes = self.source.bytes(start, END64_LEN)?;
            if let Some(end) = End::parse_zip64(&bytes, start) {
                return Ok(Some(end));
            }
        }
        Err(EndError::NoDirectory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_record_is_only_one_with_its_whole_comment() {
        let mut bytes = SIGNATURE.to_vec();
        bytes.resize(LEN, 0);
        bytes[20] = 2;
        bytes.extend(b"ab");
        for len in 0..bytes.len() {
            let source = Source::memory(bytes[..len].to_vec());
            assert!(matches!(find(&source, &[0]), Err(EndError::NoEnd)), "{len}");
        }
        assert_eq!(find(&Source::memory(bytes), &[0]).unwrap().count, 0);
    }
}
