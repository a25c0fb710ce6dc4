//! Members of a tar: as an index where the tar can be read at any offset, or one after the other from a stream.
//!
//! Extension headers are read here, with a bound, because the tar crate reads names of any length into memory.

use crate::entry::{Entry, EntryIndex, Location};
use crate::limits::Limits;
use crate::name;
use crate::problem::{EntryError, Problem};
use crate::source::Source;
use std::io::{self, Read};
use std::ops::ControlFlow;
use tar::{Entries, EntryType, Header};

/// The most that one extension header (a long name) may hold, in bytes.
const LONGEST_EXTENSION: u64 = 64 << 10;

/// Headers and files are aligned to this, in bytes.
const BLOCK: u64 = 512;

/// One member of a tar: a file, or what must not be read. Folders are left out.
pub(crate) struct Member {
    /// Its path, or what is wrong with it.
    pub(crate) path: Result<String, Problem>,
    pub(crate) size: u64,
    offset: u64,
}

/// The table of contents of a tar that is not compressed.
///
/// What is wrong with the tar itself is a problem with the empty path, unless nothing of it could be read.
pub(crate) fn read(source: &Source, limits: &Limits) -> Result<EntryIndex, EntryError> {
    let mut index = EntryIndex {
        source: Some(source.clone()),
        ..EntryIndex::default()
    };
    let mut archive = tar::Archive::new(source.reader(0));
    let mut end = 0_u64;
    let walked = archive.entries_with_seek().and_then(|entries| {
        walk(entries, &mut |member, _| {
            end = member
                .offset
                .saturating_add(member.size)
                .checked_next_multiple_of(BLOCK)
                .unwrap_or(u64::MAX);
            if index.entries.len() >= limits.max_entries {
                let what = format!("the files after the first {} were left out", limits.max_entries);
                index.problems.push(EntryError::over_limit(what).at(""));
                return ControlFlow::Break(());
            }
            match member.path {
                Ok(path) => index.entries.push(Entry {
                    path,
                    size: member.size,
                    packed: member.size,
                    location: Location::Offset(member.offset),
                }),
                Err(problem) => index.problems.push(problem),
            }
            ControlFlow::Continue(())
        })
    });
    // A tar ends with blocks of zeros; where the last file is followed by nothing, more may have followed.
    let whole = walked
        .map_err(EntryError::from)
        .and_then(|()| match source.len().checked_sub(end) {
            Some(BLOCK..) => Ok(()),
            _ => Err(EntryError::unreadable("it is truncated: its end marker is missing")),
        });
    match whole {
        Err(error) if index.entries.is_empty() && error.os_error().is_some() => return Err(error),
        Err(error) => index.problems.push(error.at("")),
        Ok(()) => {}
    }
    Ok(index)
}

/// Gives the members of a tar one after the other, each with a reader of its bytes.
///
/// An error says why the tar could not be read to its end.
pub(crate) fn stream<R: Read>(
    reader: R,
    take: &mut dyn FnMut(Member, &mut dyn Read) -> ControlFlow<()>,
) -> Result<(), EntryError> {
    let mut archive = tar::Archive::new(reader);
    archive.entries().and_then(|entries| walk(entries, take))?;
    // What follows the last member holds the checksums of the compression around it.
    let mut rest = archive.into_inner().take(1 << 20);
    io::copy(&mut rest, &mut io::sink())?;
    Ok(())
}

fn walk<R: Read>(
    entries: Entries<'_, R>,
    take: &mut dyn FnMut(Member, &mut dyn Read) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut extensions = Extensions::default();
    for member in entries.raw(true) {
        let mut member = member?;
        let header = member.header().clone();
        let kind = header.entry_type();
        if Extensions::is_one(kind) {
            extensions.read(kind, &mut member)?;
            continue;
        }
        let Extensions { name, size } = std::mem::take(&mut extensions);
        if size.is_some_and(|size| size != member.size()) {
            return Err(EntryError::unreadable("its headers disagree about a file's size").into());
        }
        let raw = name.unwrap_or_else(|| header.path_bytes().into_owned());
        if kind.is_dir() || kind.is_pax_global_extensions() || (kind.is_file() && raw.ends_with(b"/")) {
            continue;
        }
        let found = Member {
            path: path(&header, &raw).map_err(|error| error.at(name::printable(&raw))),
            size: member.size(),
            offset: member.raw_file_position(),
        };
        if take(found, &mut member).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn path(header: &Header, raw: &[u8]) -> Result<String, EntryError> {
    let kind = header.entry_type();
    if !matches!(kind, EntryType::Regular | EntryType::Continuous) {
        return Err(EntryError::refused("it is a link or a device, not a file"));
    }
    match name::safe_path(raw, false)? {
        path if path.is_empty() => Err(EntryError::refused("it has no name")),
        path => Ok(path),
    }
}

/// What extension headers say about the next member.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Extensions {
    fn is_one(kind: EntryType) -> bool {
        kind.is_gnu_longname() || kind.is_gnu_longlink() || kind.is_pax_local_extensions()
    }

    fn read(&mut self, kind: EntryType, reader: &mut impl Read) -> io::Result<()> {
        if kind.is_gnu_longlink() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        reader.take(LONGEST_EXTENSION).read_to_end(&mut bytes)?;
        if kind.is_gnu_longname() {
            let end = memchr::memchr(0, &bytes).unwrap_or(bytes.len());
            bytes.truncate(end);
            self.name = Some(bytes);
            return Ok(());
        }
        for field in tar::PaxExtensions::new(&bytes).flatten() {
            match field.key_bytes() {
                b"path" => self.name = Some(field.value_bytes().to_vec()),
                b"size" => self.size = field.value().ok().and_then(|text| text.parse().ok()),
                _ => {}
            }
        }
        Ok(())
    }
}
