//! The table of contents of a zip: whole, with zip64 records, or split into `.z01 … .zip`.
//!
//! Takes a source and gives an [`EntryIndex`]. It is read from the central directory alone, one record at a time, so that a hostile
//! directory costs no more than the entries that are let in; `end` finds the directory, `record` parses it, and `content` reads
//! the bytes. Only where the directory is lost, `salvage` goes by the headers in front of the entries.
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
mod local;
mod measure;
mod record;
mod salvage;

use crate::entry::{Entry, EntryIndex};
use crate::limits::{Allowance, Limits};
use crate::problem::EntryError;
use crate::problems::Problems;
use crate::source::Source;
use content::CUT;
use end::Directory;
use measure::End;
use record::{Record, RecordError};
use salvage::Stop;
use std::io::BufReader;

pub(crate) use end::{EndError, is_whole};

/// What the central directory is called that is damaged while all entries are there. No entry has a name that ends so.
pub(crate) const DIRECTORY: &str = "central directory/";

/// A zip's index, and whether all its files are encrypted.
pub(crate) struct ZipIndex {
    pub(crate) index: EntryIndex,
    pub(crate) all_encrypted: bool,
    /// Why it was read by its local headers, if it was.
    pub(crate) cut: Option<EndError>,
    /// Bytes that were unpacked to find the entries.
    pub(crate) unpacked: u64,
}

/// Reads the central directory, or, of an archive that has lost it, the local headers. `split` says that each file of the source is
/// one disk of a split archive.
///
/// Problems get paths as they are in the archive; a damaged directory is a problem with the empty path, and so is one that the
/// operating system cannot read to its end.
///
/// # Errors
///
/// Why there is no directory, where nothing can be read by local headers either.
pub(crate) fn read(source: &Source, split: bool, limits: &Limits, allowance: Allowance) -> Result<ZipIndex, EndError> {
    let disks = if split { source.starts() } else { vec![0] };
    match end::find(source, &disks) {
        Ok(directory) => by_directory(source, &directory, &disks, allowance),
        Err(error @ (EndError::NoEnd | EndError::NoDirectory)) if !split => salvage(source, limits, allowance, error),
        Err(error) => Err(error),
    }
}

/// Reads an archive behind something else, such as the program of one that extracts itself.
pub(crate) fn read_behind(source: &Source, allowance: Allowance) -> Result<ZipIndex, EndError> {
    let directory = end::find_behind(source)?;
    let disks = [directory.base];
    by_directory(source, &directory, &disks, allowance)
}

/// Reads the local headers of an archive whose directory was not found for a reason; that reason is the error if there are none.
pub(crate) fn salvage(
    source: &Source,
    limits: &Limits,
    allowance: Allowance,
    reason: EndError,
) -> Result<ZipIndex, EndError> {
    let salvaged = salvage::read(source, limits, allowance);
    if let Stop::Directory(at) = salvaged.stop
        && let Some(end) = end::first(source, at)?
    {
        let first = source.window(0, end);
        let directory = end::find(&first, &[0])?;
        let mut zip = by_directory(&first, &directory, &[0], allowance)?;
        zip.index.problems.push(follows(end).at(""));
        return Ok(zip);
    }
    if salvaged.pieces.is_empty() {
        return Err(match salvaged.stop {
            Stop::Io(error) => EndError::Io(error),
            _ => reason,
        });
    }
    let mut contents = ContentsOfZip::default();
    let problem = salvaged.problem(source);
    if salvaged.has_all() {
        // It is no problem of the archive as a whole, from which anything may be missing.
        contents.problems.push(problem.at(DIRECTORY));
    } else {
        contents.problems.push_own(problem);
    }
    for piece in salvaged.pieces {
        contents.take(
            &piece.record,
            Some(piece.record.offset),
            piece.end,
            piece.how != End::Whole,
        );
    }
    let mut zip = contents.into_index(source);
    (zip.cut, zip.unpacked) = (Some(reason), salvaged.unpacked);
    Ok(zip)
}

fn follows(end: u64) -> EntryError {
    EntryError::unreadable(format!(
        "another archive follows the first one at byte {end}; it was not read"
    ))
}

fn by_directory(
    source: &Source,
    directory: &Directory,
    disks: &[u64],
    allowance: Allowance,
) -> Result<ZipIndex, EndError> {
    let most = allowance.entries;
    let mut contents = ContentsOfZip::default();
    let mut reader = BufReader::with_capacity(256 << 10, source.window(0, directory.end).reader(directory.start));
    let mut records = Vec::with_capacity(directory.most_records().min(most));
    let mut at = directory.start;
    let mut cost = 0;
    let mut whole = true;
    while at < directory.end {
        let error = match Record::read(&mut reader) {
            Ok(_) if cost >= most => over_entries(directory.count, records.len()),
            Ok(record) => {
                cost += record.cost();
                at = at.saturating_add(record.len);
                records.push(record);
                continue;
            }
            Err(RecordError::Io(error)) if records.is_empty() => return Err(EndError::Io(error)),
            Err(RecordError::Io(error)) => {
                let read = records.len();
                EntryError::unreadable(format!(
                    "the central directory is not readable after {read} entries: {error}"
                ))
            }
            // After the last record there may be a signature of the whole.
            Err(RecordError::Damaged) if records.len() as u64 == directory.count => break,
            Err(RecordError::Damaged) => EntryError::unreadable(format!(
                "the central directory is damaged after {} entries",
                records.len()
            )),
        };
        contents.problems.push_own(error);
        whole = false;
        break;
    }
    // Old tools count modulo 65536.
    if whole && records.len() as u64 & 0xffff != directory.count & 0xffff {
        let (count, found) = (directory.count, records.len());
        let what = format!("the central directory holds {found} entries, but the archive declares {count}");
        contents.problems.push_own(EntryError::unreadable(what));
    }
    if source.bytes(directory.behind, local::SIGNATURE.len())? == local::SIGNATURE {
        contents.problems.push_own(follows(directory.behind));
    }
    let starts: Vec<Option<u64>> = records.iter().map(|record| record.start(disks)).collect();
    let ends = ends(&starts, directory.start);
    for ((record, start), end) in records.iter().zip(starts).zip(ends) {
        contents.take(record, start, end, false);
    }
    Ok(contents.into_index(source))
}

fn over_entries(count: u64, most: usize) -> EntryError {
    EntryError::over_limit(format!(
        "it has {count} entries; those after the first {most} were left out"
    ))
}

/// What is found in a zip, record by record.
#[derive(Default)]
struct ContentsOfZip {
    entries: Vec<Entry>,
    problems: Problems,
    files: usize,
    encrypted: usize,
}

impl ContentsOfZip {
    /// Turns a record into an entry; folders and what must not be read drop out.
    fn take(&mut self, record: &Record, start: Option<u64>, end: u64, is_cut: bool) {
        if record.is_folder() {
            if record.size > 0 {
                let error = EntryError::unreadable("it is a folder with data, which was not read");
                self.problems.push_raw(record.known_name(), error);
            }
            return;
        }
        self.files += 1;
        self.encrypted += usize::from(record.is_encrypted());
        match record.entry(start, end) {
            Ok(mut entry) => {
                if is_cut {
                    self.problems.push_raw(record.known_name(), EntryError::unreadable(CUT));
                    entry.cut();
                }
                self.entries.push(entry);
            }
            Err(error) => self.problems.push_raw(record.known_name(), error),
        }
    }

    fn into_index(self, source: &Source) -> ZipIndex {
        ZipIndex {
            index: EntryIndex {
                source: Some(source.clone()),
                entries: self.entries,
                refused: self.problems.total(),
                problems: self.problems.into_vec(),
            },
            all_encrypted: self.files > 0 && self.encrypted == self.files,
            cut: None,
            unpacked: 0,
        }
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
