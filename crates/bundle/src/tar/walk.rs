//! From header to header of a tar, over blocks of zeros and what is damaged, to its last byte.
//!
//! Blocks of zeros end a tar, but a hole is zeros as well, and tars may be concatenated: whatever follows is read, and what may be
//! missing is told. Behind a damaged header the next one is looked for below the same top folder: one without is one of a nested tar.

use super::Member;
use super::extension::{self, Extensions};
use super::header::{self, BLOCK, Block};
use crate::name;
use crate::problem::{EntryError, Problem};
use crate::source::SourceReader;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use tar::{EntryType, Header};

/// Tars are written in records of so many bytes; the last one is filled with zeros.
const RECORD: u64 = 10 << 10;
/// The two blocks of zeros that end a tar, in bytes.
const END: u64 = 2 * BLOCK as u64;

/// How many pieces the maps of all files with holes may have, as a table of contents keeps them.
const MOST_PIECES: usize = 1 << 20;
const TOO_MANY_PIECES: &str = "the maps of holes of all files have too many pieces";

/// What comes next in a tar.
pub(crate) enum Step<'a> {
    /// A file, with a reader of its bytes, or what must not be read.
    Member(Member, &'a mut dyn Read),
    /// Something is missing here; what follows is read.
    Damage(EntryError),
}

/// Takes what comes, and says whether to go on.
pub(super) type Take<'t> = dyn FnMut(Step<'_>) -> ControlFlow<()> + 't;

/// Bytes of which some can be passed over.
pub(super) trait Tape: Read {
    /// Passes over so many bytes, as far as there are any.
    fn pass(&mut self, count: u64) -> io::Result<()>;
}

impl Tape for SourceReader {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        let by = i64::try_from(count).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        self.seek(SeekFrom::Current(by)).map(drop)
    }
}

/// What can only be read from front to back.
pub(super) struct Flow<R>(pub(super) R);

impl<R: Read> Read for Flow<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Tape for Flow<R> {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        io::copy(&mut (&mut self.0).take(count), &mut io::sink()).map(drop)
    }
}

/// A walk through a tar.
pub(super) struct Walk<T> {
    tape: T,
    /// Where the tape is.
    at: u64,
    most: usize,
    members: usize,
    extensions: usize,
    /// How many pieces the maps of its files have.
    pieces: usize,
    /// The folder of the first member, with its slash.
    top: Option<Vec<u8>>,
    gap: Option<Gap>,
}

/// Blocks without a header where one should be.
#[derive(Clone, Copy)]
struct Gap {
    start: u64,
    is_zero: bool,
}

impl<T: Tape> Walk<T> {
    /// A walk over at most so many members, folders and refused ones included.
    pub(super) fn new(tape: T, most: usize) -> Self {
        Self {
            tape,
            at: 0,
            most,
            members: 0,
            extensions: 0,
            pieces: 0,
            top: None,
            gap: None,
        }
    }

    /// Goes to the end.
    ///
    /// # Errors
    ///
    /// Why the tar cannot be read to its end.
    pub(super) fn run(mut self, take: &mut Take<'_>) -> Result<(), EntryError> {
        while let Some(block) = self.block()? {
            if !self.leads_on(&block) {
                let start = self.at - BLOCK as u64;
                let gap = self.gap.get_or_insert(Gap { start, is_zero: true });
                gap.is_zero &= header::is_zero(&block);
                if self.members + self.extensions == 0 && !gap.is_zero {
                    return Err(EntryError::unreadable("it is no tar"));
                }
                continue;
            }
            let gap = self.gap.take();
            if let Some(error) = gap.and_then(|gap| self.missing(gap))
                && take(Step::Damage(error)).is_break()
            {
                return Ok(());
            }
            if self.member(block, take)?.is_break() {
                return Ok(());
            }
        }
        self.end()
    }

    /// The next block; `None` at the end, or where less than a block is left.
    fn block(&mut self) -> Result<Option<Block>, EntryError> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.tape.read(&mut block[filled..]) {
                Ok(0) => return Ok(None),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.at += BLOCK as u64;
        Ok(Some(block))
    }

    /// Whether a block is the header to go on with.
    fn leads_on(&self, block: &Block) -> bool {
        if !header::is_header(block) || header::number(&block[124..136]).is_none() {
            return false;
        }
        let is_damaged = self.gap.is_some_and(|gap| !gap.is_zero);
        let header = Header::from_byte_slice(block);
        let is_extension = Extensions::is_one(header.entry_type());
        let is_below = |top: &Vec<u8>| is_extension || header.path_bytes().starts_with(top);
        !is_damaged || self.top.as_ref().is_none_or(is_below)
    }

    /// What may be missing where no header was, up to the one that was just read.
    fn missing(&self, gap: Gap) -> Option<EntryError> {
        let end = self.at - BLOCK as u64;
        let is_end = gap.is_zero && end - gap.start >= END && end.is_multiple_of(RECORD);
        let what = if gap.is_zero { "zeros" } else { "something else" };
        let start = gap.start;
        (!is_end).then(|| {
            let what =
                format!("it has {what} instead of headers from byte {start} to {end}: what was there is missing");
            EntryError::unreadable(what)
        })
    }

    /// What is wrong with how it ends.
    fn end(&self) -> Result<(), EntryError> {
        let Some(Gap { start, is_zero }) = self.gap else {
            return Err(EntryError::unreadable("it is truncated: its end marker is missing"));
        };
        let len = self.at - start;
        if !is_zero {
            let what = format!("it has no more headers from byte {start} on: what was there is missing");
            return Err(EntryError::unreadable(what));
        }
        // Its program adds no more than what fills a record.
        if len > END + RECORD {
            let what = format!("it ends with {len} bytes of zeros from byte {start} on: files may be missing there");
            return Err(EntryError::unreadable(what));
        }
        Ok(())
    }

    /// Reads what a header leads to: extensions, and the member behind them.
    fn member(&mut self, block: Block, take: &mut Take<'_>) -> Result<ControlFlow<()>, EntryError> {
        let mut extensions = Extensions::default();
        let mut block = block;
        loop {
            let header = Header::from_byte_slice(&block);
            let kind = header.entry_type();
            if !Extensions::is_one(kind) {
                return self.file(&block, extensions, take);
            }
            self.extensions += 1;
            if self.extensions > self.most.saturating_mul(4).saturating_add(100) {
                return Err(self.over_limit());
            }
            let size = header::number(&block[124..136]).unwrap_or_default();
            let end = self.padded_end(size)?;
            let mut data = self.data(size);
            extensions.read(kind, &mut data)?;
            self.pass_to(end)?;
            match self.block()? {
                Some(next) if self.leads_on(&next) => block = next,
                // Its member is gone: the block is looked at as any other.
                Some(next) => {
                    let start = self.at - BLOCK as u64;
                    let is_zero = header::is_zero(&next);
                    self.gap = Some(Gap { start, is_zero });
                    return Ok(ControlFlow::Continue(()));
                }
                None => return Ok(ControlFlow::Continue(())),
            }
        }
    }

    fn file(
        &mut self,
        block: &Block,
        extensions: Extensions,
        take: &mut Take<'_>,
    ) -> Result<ControlFlow<()>, EntryError> {
        if self.members >= self.most {
            return Err(self.over_limit());
        }
        let header = Header::from_byte_slice(block);
        let old = extension::old_map(header, &mut |more| {
            let next = self.block().map_err(io::Error::from)?;
            *more = next.ok_or(io::ErrorKind::UnexpectedEof)?;
            Ok(())
        })?;
        let packed = extensions
            .size
            .or_else(|| header::number(&block[124..136]))
            .unwrap_or_default();
        let end = self.padded_end(packed)?;
        let raw = extensions.name(header);
        self.members += name::cost(&raw);
        let mapped = extensions.map(old, packed, &mut self.data(packed))?;
        if self.top.is_none() {
            self.top = memchr::memchr(b'/', &raw).map(|slash| raw[..=slash].to_vec());
        }
        let kind = header.entry_type();
        let is_file = matches!(kind, EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse);
        if kind.is_dir() || (is_file && raw.ends_with(b"/")) {
            self.pass_to(end)?;
            return Ok(ControlFlow::Continue(()));
        }
        self.pieces += mapped
            .as_ref()
            .map_or(0, |mapped| mapped.as_ref().map_or(0, |(map, _)| map.len()));
        let (mapped, path) = match mapped {
            Ok(Some(_)) if self.pieces > MOST_PIECES => (None, Err(EntryError::over_limit(TOO_MANY_PIECES))),
            Ok(mapped) => (mapped, path(is_file, &raw)),
            Err(error) => (None, Err(error)),
        };
        let front = mapped.as_ref().map_or(0, |(_, front)| *front);
        let map = mapped.map(|(map, _)| map);
        let packed = packed - front;
        let member = Member {
            path: path.map_err(|error| -> Problem { error.at(name::printable(&raw)) }),
            size: map.as_ref().map_or(packed, |map| map.size),
            packed,
            offset: self.at,
            map: map.clone(),
        };
        let mut data = self.data(packed);
        let next = match map {
            Some(map) => take(Step::Member(member, &mut map.expand(data))),
            None => take(Step::Member(member, &mut data)),
        };
        if next.is_continue() {
            self.pass_to(end)?;
        }
        Ok(next)
    }

    /// Where the block ends that the last of so many bytes from here is in.
    fn padded_end(&self, size: u64) -> Result<u64, EntryError> {
        let end = self.at.checked_add(size);
        let end = end.and_then(|end| end.checked_next_multiple_of(BLOCK as u64));
        end.ok_or_else(|| EntryError::unreadable("a size in it is out of bounds"))
    }

    fn pass_to(&mut self, end: u64) -> io::Result<()> {
        self.tape.pass(end.saturating_sub(self.at))?;
        self.at = end;
        Ok(())
    }

    fn data(&mut self, left: u64) -> Data<'_, T> {
        let Self { tape, at, .. } = self;
        Data { tape, at, left }
    }

    fn over_limit(&self) -> EntryError {
        let most = self.most;
        EntryError::over_limit(format!(
            "the limit on files is reached: the files after the first {most} were left out"
        ))
    }
}

fn path(is_file: bool, raw: &[u8]) -> Result<String, EntryError> {
    if !is_file {
        return Err(EntryError::refused("it is a link or a device, not a file"));
    }
    match name::safe_path(raw, false)? {
        path if path.is_empty() => Err(EntryError::refused("it has no name")),
        path => Ok(path),
    }
}

/// The bytes of one member; it fails where the tar ends before they do.
struct Data<'w, T> {
    tape: &'w mut T,
    at: &'w mut u64,
    left: u64,
}

impl<T: Read> Read for Data<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if most == 0 {
            return Ok(0);
        }
        let count = self.tape.read(&mut buffer[..most])?;
        if count == 0 {
            let missing = self.left;
            return Err(EntryError::unreadable(format!("its last {missing} bytes are missing")).into());
        }
        *self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}
