//! Finds the central directory from the end of a zip.
//!
//! Takes a source and where its disks begin; gives the directory's absolute place. Knows zip64, comments and bytes after the
//! archive, but not bytes in front of it: a cut-off bundle would then read as the node archive that it happens to end with.

use super::{CENTRAL_SIGNATURE, u16_at, u32_at, u64_at};
use crate::source::Source;
use std::io;

const END_SIGNATURE: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR_SIGNATURE: &[u8] = b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;
const END64_SIGNATURE: &[u8] = b"PK\x06\x06";
const END64_LEN: usize = 56;
/// The end record may be followed by a comment of 64 KiB.
const TAIL: u64 = (END_LEN + LOCATOR_LEN + END64_LEN + 0xFFFF) as u64;

/// The central directory's place.
pub(super) struct Directory {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Entries it says it has.
    pub(super) count: u64,
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

/// Whether the source is a zip from its first byte to its last, and not a piece that happens to hold one.
pub(crate) fn is_whole(source: &Source) -> bool {
    source.bytes(0, 2).is_ok_and(|head| head == b"PK") && find(source, &[0]).is_ok()
}

pub(super) fn find(source: &Source, disks: &[u64]) -> Result<Directory, EndError> {
    let from = source.len().saturating_sub(TAIL);
    let tail = source.bytes(from, TAIL as usize).map_err(EndError::Io)?;
    let mut error = EndError::NoEnd;
    // A comment may hold what looks like an end record: the last one that leads to a directory counts.
    for at in end_records(&tail) {
        match directory(source, disks, &tail, at, from) {
            Ok(directory) => return Ok(directory),
            Err(reason) => {
                if matches!(error, EndError::NoEnd) {
                    error = reason;
                }
            }
        }
    }
    Err(error)
}

/// Offsets of what may be end records, last first.
fn end_records(tail: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memmem::rfind_iter(tail, END_SIGNATURE).filter(|&at| {
        let comment = usize::from(u16_at(tail.get(at..).unwrap_or_default(), 20));
        at.saturating_add(END_LEN + comment) <= tail.len()
    })
}

/// What an end record says, in the wider fields of zip64.
struct End {
    disk: u64,
    directory_disk: u64,
    count: u64,
    size: u64,
    offset: u64,
    /// Where the record itself stands, which is where the directory should end.
    at: u64,
}

fn directory(source: &Source, disks: &[u64], tail: &[u8], at: usize, from: u64) -> Result<Directory, EndError> {
    let record = tail.get(at..).unwrap_or_default();
    let mut end = End {
        disk: u16_at(record, 4).into(),
        directory_disk: u16_at(record, 6).into(),
        count: u16_at(record, 10).into(),
        size: u32_at(record, 12).into(),
        offset: u32_at(record, 16).into(),
        at: from + at as u64,
    };
    if let Some(wide) = end64(source, disks, tail, at, from)? {
        end = wide;
    }
    if end.disk + 1 != disks.len() as u64 {
        return Err(EndError::Parts { wanted: end.disk + 1 });
    }
    let base = usize::try_from(end.directory_disk)
        .ok()
        .and_then(|disk| disks.get(disk))
        .ok_or(EndError::NoDirectory)?;
    let start = base.checked_add(end.offset).ok_or(EndError::NoDirectory)?;
    let directory_end = start
        .checked_add(end.size)
        .filter(|directory_end| *directory_end <= end.at);
    let holds = end.count == 0 || source.bytes(start, 4).is_ok_and(|bytes| bytes == CENTRAL_SIGNATURE);
    match directory_end {
        Some(directory_end) if holds => Ok(Directory {
            start,
            end: directory_end,
            count: end.count,
        }),
        _ => Err(EndError::NoDirectory),
    }
}

/// The zip64 end record, if the locator in front of the end record points to one.
fn end64(source: &Source, disks: &[u64], tail: &[u8], at: usize, from: u64) -> Result<Option<End>, EndError> {
    let locator = at
        .checked_sub(LOCATOR_LEN)
        .and_then(|start| tail.get(start..at))
        .unwrap_or_default();
    if !locator.starts_with(LOCATOR_SIGNATURE) {
        return Ok(None);
    }
    let parts = u64::from(u32_at(locator, 16)).max(1);
    if parts != disks.len() as u64 {
        return Err(EndError::Parts { wanted: parts });
    }
    let disk = disks.get(u32_at(locator, 4) as usize).ok_or(EndError::NoDirectory)?;
    let told = disk.checked_add(u64_at(locator, 8)).ok_or(EndError::NoDirectory)?;
    let before = (from + at as u64).checked_sub((LOCATOR_LEN + END64_LEN) as u64);
    for start in [Some(told), before].into_iter().flatten() {
        let record = source.bytes(start, END64_LEN).map_err(EndError::Io)?;
        if record.len() == END64_LEN && record.starts_with(END64_SIGNATURE) {
            return Ok(Some(End {
                disk: u32_at(&record, 16).into(),
                directory_disk: u32_at(&record, 20).into(),
                count: u64_at(&record, 32),
                size: u64_at(&record, 40),
                offset: u64_at(&record, 48),
                at: start,
            }));
        }
    }
    Err(EndError::NoDirectory)
}
