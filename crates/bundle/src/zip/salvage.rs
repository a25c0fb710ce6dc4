//! The entries of a zip that has lost its central directory, by the headers in front of them.
//!
//! It goes from the first header to the last: from each to the next by the sizes in it, or, where they are not there, by measuring
//! the entry. Where nothing leads on, it looks for the next header below the same top folder: one without is one of a nested archive.

use super::local::{Local, Next, SIGNATURE};
use super::measure::{self, End, Extent};
use super::record::{LOCAL_LEN, Record};
use crate::limits::{Allowance, Limits};
use crate::name;
use crate::problem::EntryError;
use crate::source::Source;
use std::io;

/// What begins a zip that was split.
const SPLIT_SIGNATURES: [&[u8]; 2] = [b"PK\x07\x08", b"PK00"];

/// What could be read of a zip.
pub(super) struct Salvaged {
    pub(super) pieces: Vec<Piece>,
    /// Bytes that were unpacked to measure entries.
    pub(super) unpacked: u64,
    /// The bytes in its midst that nothing could be made of.
    pub(super) skipped: u64,
    pub(super) stop: Stop,
}

/// One entry, and how it ends.
pub(super) struct Piece {
    pub(super) record: Record,
    /// Where its bytes end.
    pub(super) end: u64,
    pub(super) how: End,
}

/// Why nothing more was read.
#[derive(Debug)]
pub(super) enum Stop {
    /// The archive ends.
    Cut,
    /// All entries were read: here is the central directory, which is damaged or cut itself.
    Directory(u64),
    /// What is here is no header, and none follows.
    Nothing(u64),
    /// A limit was reached.
    Limit(&'static str),
    /// The operating system cannot read on.
    Io(io::Error),
}

/// Reads the entries of a zip from its first byte on.
pub(super) fn read(source: &Source, limits: &Limits, allowance: Allowance) -> Salvaged {
    let mut salvaged = Salvaged {
        pieces: Vec::new(),
        unpacked: 0,
        skipped: 0,
        stop: Stop::Cut,
    };
    if let Err(error) = salvaged.walk(source, limits, allowance) {
        salvaged.stop = Stop::Io(error);
    }
    salvaged
}

impl Salvaged {
    /// Whether nothing but the directory is lost: the entries follow each other up to where it begins.
    pub(super) fn has_all(&self) -> bool {
        let is_whole = |piece: &Piece| piece.how == End::Whole;
        matches!(self.stop, Stop::Directory(_)) && self.skipped == 0 && self.pieces.iter().all(is_whole)
    }

    /// What is wrong with the archive, and what could be read of it all the same.
    pub(super) fn problem(&self, source: &Source) -> EntryError {
        let count = self.pieces.len();
        let read = format!("{count} entries were read by their local headers");
        let missing = |from: u64| format!("{read}, what came after byte {from} is missing");
        let mut what = match &self.stop {
            Stop::Cut => format!(
                "the zip is truncated: its central directory is missing; {}",
                missing(source.len())
            ),
            Stop::Directory(_) => format!("the zip is truncated: its central directory is not whole; all {read}"),
            Stop::Nothing(at) => format!("the zip is damaged: its central directory is missing; {}", missing(*at)),
            Stop::Io(error) => format!("{error}; {read}, the others are missing"),
            Stop::Limit(of) => {
                let what =
                    format!("the zip is truncated, and the limit on {of} is reached; {read}, the others were left out");
                return EntryError::over_limit(what);
            }
        };
        if self.skipped > 0 {
            what.push_str(&format!("; {} bytes in between are damaged", self.skipped));
        }
        EntryError::unreadable(what)
    }

    fn walk(&mut self, source: &Source, limits: &Limits, allowance: Allowance) -> io::Result<()> {
        let split = SPLIT_SIGNATURES.contains(&source.bytes(0, 4)?.as_slice());
        let mut at = if split { 4 } else { 0 };
        let mut cost = 0;
        self.stop = loop {
            if limits.cancel.is_raised() {
                break Stop::Cut;
            }
            match Next::at(source, at)? {
                Next::End => break Stop::Cut,
                Next::Directory => break Stop::Directory(at),
                Next::Entry(_) if cost >= allowance.entries => break Stop::Limit("files"),
                Next::Entry(local) => {
                    cost += local.record.cost();
                    match self.take(source, local, limits, allowance)? {
                        Ok(next) => at = next,
                        Err(stop) => break stop,
                    }
                }
                Next::Other => match self.resume(source, at, limits)? {
                    Some(next) => {
                        self.skipped += next - at;
                        at = next;
                    }
                    None => break Stop::Nothing(at),
                },
            }
        };
        Ok(())
    }

    /// Takes the entry of a header, and says where the next one should be.
    fn take(
        &mut self,
        source: &Source,
        local: Local,
        limits: &Limits,
        allowance: Allowance,
    ) -> io::Result<Result<u64, Stop>> {
        let left = allowance.bytes.saturating_sub(self.unpacked);
        let extent = measure::extent(source, &local, left, &limits.cancel)?;
        let Local { mut record, data, .. } = local;
        let Extent { packed, size, crc, .. } = extent;
        self.unpacked = self.unpacked.saturating_add(size);
        (record.packed, record.size, record.crc) = (packed, size, crc);
        let end = data.saturating_add(packed);
        self.pieces.push(Piece {
            record,
            end,
            how: extent.end,
        });
        Ok(match extent.end {
            End::Whole | End::Damaged => Ok(end.saturating_add(extent.trailer)),
            End::Cut => Err(Stop::Cut),
            End::TooLong => Err(Stop::Limit("bytes")),
        })
    }

    /// Where the next header of this archive is behind `from`.
    fn resume(&self, source: &Source, from: u64, limits: &Limits) -> io::Result<Option<u64>> {
        const STEP: usize = 1 << 20;
        const OVERLAP: usize = LOCAL_LEN + (8 << 10);
        let Some(top) = self.top() else { return Ok(None) };
        let mut at = from + 1;
        while at < source.len() && !limits.cancel.is_raised() {
            let bytes = source.bytes(at, STEP + OVERLAP)?;
            let found = memchr::memmem::find_iter(&bytes, SIGNATURE).find(|found| is_below(&bytes[*found..], top));
            if let Some(found) = found {
                return Ok(Some(at + found as u64));
            }
            at += STEP as u64;
        }
        Ok(None)
    }

    /// The folder that the first entry is in, with its slash.
    fn top(&self) -> Option<&[u8]> {
        let first = &self.pieces.first()?.record.name;
        first.get(..=memchr::memchr(b'/', first)?)
    }
}

/// Whether a header begins here whose entry is in the folder `top`.
fn is_below(bytes: &[u8], top: &[u8]) -> bool {
    let len = bytes
        .get(26..28)
        .map(|len| usize::from(u16::from_le_bytes([len[0], len[1]])));
    let name = len.and_then(|len| bytes.get(LOCAL_LEN..LOCAL_LEN + len));
    name.is_some_and(|name| name.starts_with(top) && name::safe_path(name, false).is_ok())
}
