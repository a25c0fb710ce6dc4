//! The table of contents of a zip: whole, with zip64 records, or split into `.z01 … .zip`.
//!
//! Takes a source and gives an [`Index`]. It is read from the central directory alone, one record at a time, so that a hostile
//! directory costs no more than the entries that are let in; `end` finds the directory and `entry` reads the bytes.
//! It is our own reader because the ones that exist keep the last of two entries of one name and know no split archives.

mod end;
pub(crate) mod entry;

use crate::Limits;
use crate::entry::{Entry, Index, Place};
use crate::error::Trouble;
use crate::name;
use crate::source::Source;
use crate::{Problem, ProblemKind};
use end::Directory;
use entry::ZipPlace;
use std::io::{self, BufReader, Read};

pub(crate) use end::{EndError, is_whole};

/// How files and archives begin.
pub(crate) const LOCAL_SIGNATURE: &[u8] = b"PK\x03\x04";
const CENTRAL_SIGNATURE: &[u8] = b"PK\x01\x02";
const CENTRAL_LEN: usize = 46;
const LOCAL_LEN: u64 = 30;
const FLAG_ENCRYPTED: u16 = 1;
const UNIX_TYPE: u32 = 0o170_000;
const UNIX_FILE: u32 = 0o100_000;
const UNIX_FOLDER: u32 = 0o040_000;
/// Systems whose zip programs may write `\` between folders: FAT, OS/2, NTFS, VFAT.
const BACKSLASH_SYSTEMS: [u8; 4] = [0, 6, 10, 14];

/// A zip's index, and whether all its files are encrypted.
pub(crate) struct ZipIndex {
    pub(crate) index: Index,
    pub(crate) all_encrypted: bool,
}

/// Reads the central directory. `split` says that each file of the source is one disk of a split archive.
///
/// Problems get paths as they stand in the archive; a damaged directory is a problem with the empty path.
pub(crate) fn read(source: &Source, split: bool, limits: &Limits) -> Result<ZipIndex, EndError> {
    let disks = if split { source.starts() } else { vec![0] };
    let directory = end::find(source, &disks)?;
    let mut reader = BufReader::with_capacity(256 << 10, source.window(0, directory.end).reader(directory.start));
    let mut problems = Vec::new();
    let mut records = Vec::new();
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
            // After the last record there may be a signature of the whole.
            Err(_) if records.len() as u64 == directory.count => break,
            Err(_) => {
                let what = format!("the table of contents is damaged after {} entries", records.len());
                problems.push(Trouble::unreadable(what).at(""));
                break;
            }
        }
    }
    // Old tools count modulo 65536.
    if problems.is_empty() && records.len() as u64 & 0xffff != directory.count & 0xffff {
        let (count, found) = (directory.count, records.len());
        let what = format!("the table of contents holds {found} entries, but the archive declares {count}");
        problems.push(Trouble::unreadable(what).at(""));
    }
    Ok(index(source, &directory, &disks, &records, problems))
}

fn over_entries(count: u64, most: usize) -> Problem {
    let what = format!("it has {count} entries; those after the first {most} were left out");
    Problem {
        path: String::new(),
        kind: ProblemKind::OverLimit,
        what,
    }
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
    let mut entries = Vec::new();
    let mut files = 0_usize;
    let mut encrypted = 0_usize;
    for ((record, start), end) in records.iter().zip(starts).zip(ends) {
        if record.is_folder() {
            continue;
        }
        files += 1;
        encrypted += usize::from(record.flags & FLAG_ENCRYPTED != 0);
        match record.entry(start, end) {
            Ok(entry) => entries.push(entry),
            Err(trouble) => problems.push(trouble.at(name::printable(&record.name))),
        }
    }
    let index = Index {
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
/// Of entries that share one header only the first in the directory keeps any room, so bytes are never read twice.
fn ends(starts: &[Option<u64>], directory_start: u64) -> Vec<u64> {
    let mut order: Vec<usize> = (0..starts.len()).collect();
    order.sort_by_key(|&index| (starts.get(index).copied().flatten(), std::cmp::Reverse(index)));
    let mut ends = vec![0; starts.len()];
    let mut next = directory_start;
    for index in order.into_iter().rev() {
        let Some(start) = starts.get(index).copied().flatten() else {
            continue;
        };
        if let Some(end) = ends.get_mut(index) {
            *end = next;
        }
        next = start.min(directory_start);
    }
    ends
}

/// One record of the central directory.
struct Record {
    name: Vec<u8>,
    system: u8,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    disk: u32,
    offset: u64,
    mode: u32,
    /// Length of the record itself.
    len: u64,
}

impl Record {
    fn read(reader: &mut impl Read) -> io::Result<Self> {
        let mut fixed = [0; CENTRAL_LEN];
        reader.read_exact(&mut fixed)?;
        if !fixed.starts_with(CENTRAL_SIGNATURE) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let [name_len, extra_len, comment_len] = [28, 30, 32].map(|at| usize::from(u16_at(&fixed, at)));
        let mut name = vec![0; name_len];
        reader.read_exact(&mut name)?;
        let mut extra = vec![0; extra_len];
        reader.read_exact(&mut extra)?;
        io::copy(&mut reader.take(comment_len as u64), &mut io::sink())?;
        let mut record = Self {
            name,
            system: fixed[5],
            flags: u16_at(&fixed, 8),
            method: u16_at(&fixed, 10),
            crc: u32_at(&fixed, 16),
            packed: u32_at(&fixed, 20).into(),
            size: u32_at(&fixed, 24).into(),
            disk: u16_at(&fixed, 34).into(),
            offset: u32_at(&fixed, 42).into(),
            mode: u32_at(&fixed, 38) >> 16,
            len: (CENTRAL_LEN + name_len + extra_len + comment_len) as u64,
        };
        record.widen(&extra);
        Ok(record)
    }

    /// Takes the values that did not fit from the zip64 field.
    fn widen(&mut self, mut extra: &[u8]) {
        const ZIP64: u16 = 1;
        while let Some((head, rest)) = extra.split_at_checked(4) {
            let (Some(mut field), next) = (rest.get(..usize::from(u16_at(head, 2))), rest) else {
                return;
            };
            if u16_at(head, 0) == ZIP64 {
                for value in [&mut self.size, &mut self.packed, &mut self.offset] {
                    if *value == u64::from(u32::MAX)
                        && let Some((wide, rest)) = field.split_at_checked(8)
                    {
                        *value = u64_at(wide, 0);
                        field = rest;
                    }
                }
                if self.disk == u32::from(u16::MAX) && field.len() >= 4 {
                    self.disk = u32_at(field, 0);
                }
                return;
            }
            extra = next.get(field.len()..).unwrap_or_default();
        }
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || (self.uses_backslashes() && self.name.ends_with(b"\\"))
    }

    fn uses_backslashes(&self) -> bool {
        BACKSLASH_SYSTEMS.contains(&self.system)
    }

    /// Where the entry's local header stands in the source.
    fn start(&self, disks: &[u64]) -> Option<u64> {
        let disk = usize::try_from(self.disk).ok()?;
        let base = if disks.len() == 1 {
            disks.first()
        } else {
            disks.get(disk)
        };
        base?.checked_add(self.offset)
    }

    fn entry(&self, start: Option<u64>, end: u64) -> Result<Entry, Trouble> {
        let path = name::safe_path(&self.name, self.uses_backslashes())?;
        let kind = self.mode & UNIX_TYPE;
        if kind != 0 && kind != UNIX_FILE && !(kind == UNIX_FOLDER && self.size == 0) {
            return Err(Trouble::refused("it is a link or a device, not a file"));
        }
        if path.is_empty() {
            return Err(Trouble::refused("it has no name"));
        }
        if self.flags & FLAG_ENCRYPTED != 0 {
            return Err(Trouble::unreadable("it is encrypted"));
        }
        let least = start
            .and_then(|start| start.checked_add(LOCAL_LEN))
            .and_then(|sum| sum.checked_add(self.name.len() as u64))
            .and_then(|sum| sum.checked_add(self.packed));
        let (Some(start), Some(least)) = (start, least) else {
            return Err(Trouble::unreadable("its place lies outside of the archive"));
        };
        if least > end {
            return Err(Trouble::refused(
                "its data overlaps another entry or the table of contents",
            ));
        }
        let place = ZipPlace {
            start,
            end,
            method: self.method,
            crc: self.crc,
            name: self.name.clone().into(),
        };
        Ok(Entry {
            path,
            size: self.size,
            packed: self.packed,
            place: Place::Zip(place),
        })
    }
}

/// A little-endian number; bytes that are not there read as 0.
fn number_at<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    let field = bytes.get(at..).and_then(|rest| rest.get(..N)).unwrap_or_default();
    field
        .iter()
        .rev()
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    number_at::<2>(bytes, at) as u16
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    number_at::<4>(bytes, at) as u32
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    number_at::<8>(bytes, at)
}
