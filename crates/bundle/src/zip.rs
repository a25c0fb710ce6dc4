//! The table of contents of a zip: whole, with zip64 records, or split into `.z01 … .zip`.
//!
//! Takes a source and gives an [`EntryIndex`]. It is read from the central directory alone, one record at a time, so that a hostile
//! directory costs no more than the entries that are let in; `end` finds the directory, `record` parses it, and `content` reads
//! the bytes.
//!
//! It is our own reader because no crate reads all that users send. `zip` keeps the last of two entries of one name and knows no
//! split archives. `rawzip` (0.5.2) gives the records one by one, with both of two entries, zip64 and the ranges by which overlaps
//! are found, but keeps the disk numbers of the directory and of its entries to itself: a split zip cannot be read with it, nor a
//! missing part be named. It also accepts bytes in front of an archive, so that a truncated bundle would read as the node archive
//! it happens to end with. What is here is tested against archives of Info-ZIP, 7-Zip, Python and Go (`tests/fixtures/archives`)
//! and by fuzzing.

pub(crate) mod content;
mod end;
mod fields;
mod record;

use crate::entry::EntryIndex;
use crate::limits::Limits;
use crate::name;
use crate::problem::{EntryError, Problem};
use crate::source::Source;
use end::Directory;
use record::{Record, RecordError};
use std::io::BufReader;

pub(crate) use end::{EndError, is_whole};

/// A zip's index, and whether all its files are encrypted.
pub(crate) struct ZipIndex {
    pub(crate) index: EntryIndex,
    pub(crate) all_encrypted: bool,
}

/// Reads the central directory. `split` says that each file of the source is one disk of a split archive.
///
/// Problems get paths as they are in the archive; a damaged directory is a problem with the empty path, and so is one that the
/// operating system cannot read to its end.
pub(crate) fn read(source: &Source, split: bool, limits: &Limits) -> Result<ZipIndex, EndError> {
    let disks = if split { source.starts() } else { vec![0] };
    let directory = end::find(source, &disks)?;
    let mut reader = BufReader::with_capacity(256 << 10, source.window(0, directory.end).reader(directory.start));
    let mut problems = Vec::new();
    let mut records = Vec::with_capacity(directory.most_records().min(limits.max_entries));
    let mut at = directory.start;
    while at < directory.end {
        if records.len() >= limits.max_entries {
            problems.push(over_entries(directory.count, limits.max_entries));
            break;
        }
        match Record::read(&mut reader) {
            Ok(record) => {
                at = at.saturating_add(record.len);
                records.push(record);
            }
            Err(RecordError::Io(error)) if records.is_empty() => return Err(EndError::Io(error)),
            Err(RecordError::Io(error)) => {
                let read = records.len();
                let what = format!("the central directory is not readable after {read} entries: {error}");
                problems.push(EntryError::unreadable(what).at(""));
                break;
            }
            // After the last record there may be a signature of the whole.
            Err(RecordError::Damaged) if records.len() as u64 == directory.count => break,
            Err(RecordError::Damaged) => {
                let what = format!("the central directory is damaged after {} entries", records.len());
                problems.push(EntryError::unreadable(what).at(""));
                break;
            }
        }
    }
    // Old tools count modulo 65536.
    if problems.is_empty() && records.len() as u64 & 0xffff != directory.count & 0xffff {
        let (count, found) = (directory.count, records.len());
        let what = format!("the central directory holds {found} entries, but the archive declares {count}");
        problems.push(EntryError::unreadable(what).at(""));
    }
    Ok(index(source, &directory, &disks, &records, problems))
}

fn over_entries(count: u64, most: usize) -> Problem {
    let what = format!("it has {count} entries; those after the first {most} were left out");
    EntryError::over_limit(what).at("")
}

/// Turns records into entries; folders and what must not be read drop out.
fn index(
    source: &Source,
    directory: &Directory,
    disks: &[u64],
    records: &[Record],
    mut problems: Vec<Problem>,
) -> ZipIndex {
    let starts: Vec<Option<u64>> = records.iter().map(|record| record.start(disks)).collect();
    let ends = ends(&starts, directory.start);
    let mut entries = Vec::with_capacity(records.len());
    let mut files = 0_usize;
    let mut encrypted = 0_usize;
    for ((record, start), end) in records.iter().zip(starts).zip(ends) {
        if record.is_folder() {
            continue;
        }
        files += 1;
        encrypted += usize::from(record.is_encrypted());
        match record.entry(start, end) {
            Ok(entry) => entries.push(entry),
            Err(error) => problems.push(error.at(name::printable(&record.name))),
        }
    }
    let index = EntryIndex {
        source: Some(source.clone()),
        entries,
        problems,
    };
    ZipIndex {
        index,
        all_encrypted: files > 0 && encrypted == files,
    }
}

/// Where each entry must end at the latest: at the next entry's header, or where the directory begins.
///
/// Of entries that share one header only the first in the directory keeps any bytes, so bytes are never read twice.
fn ends(starts: &[Option<u64>], directory_start: u64) -> Vec<u64> {
    let known = starts.iter().enumerate();
    let mut order: Vec<(u64, usize)> = known.filter_map(|(index, start)| Some(((*start)?, index))).collect();
    order.sort_by_key(|&(start, index)| (start, std::cmp::Reverse(index)));
    let mut ends = vec![0; starts.len()];
    let mut next = directory_start;
    for (start, index) in order.into_iter().rev() {
        ends[index] = next;
        next = start.min(directory_start);
    }
    ends
}

impl From<EndError> for EntryError {
    fn from(error: EndError) -> Self {
        match error {
            EndError::Io(error) => error.into(),
            EndError::NoEnd => Self::unreadable("the archive is truncated: its central directory is missing"),
            EndError::Parts { wanted } => Self::unreadable(format!("the archive is one of {wanted} parts")),
            EndError::NoDirectory => {
                Self::unreadable("the archive's central directory is not where its end record says")
            }
        }
    }
}
