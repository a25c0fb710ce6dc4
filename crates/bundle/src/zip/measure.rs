//! How long an entry is of which no header says it: its deflate stream ends itself, and a descriptor names its own place.

use super::local::{Descriptor, Local};
use super::record::DEFLATED;
use crate::cancel::Cancel;
use crate::entry::Zipped;
use crate::source::Source;
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, Read};

const CHUNK: usize = 128 << 10;

/// What an entry's bytes are, by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) crc: u32,
    /// Bytes between its own and the next entry.
    pub(super) trailer: u64,
    pub(super) end: End,
}

/// How an entry ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is all there.
    Whole,
    /// The source ends before it does.
    Cut,
    /// Its bytes make no sense, or nothing says how many they are.
    Damaged,
    /// It unpacks to more than was allowed.
    TooLong,
}

/// Measures the entry of a header, of which at most `most` bytes are unpacked.
///
/// # Errors
///
/// What the operating system says if it cannot read there.
pub(super) fn extent(source: &Source, local: &Local, most: u64, cancel: &Cancel) -> io::Result<Extent> {
    let record = &local.record;
    let left = source.len().saturating_sub(local.data);
    let declared = Extent {
        packed: record.packed,
        size: record.size,
        crc: record.crc,
        trailer: 0,
        end: End::Whole,
    };
    let plain = record.method == Zipped::STORED && !record.is_encrypted();
    let deflated = record.method == DEFLATED && !record.is_encrypted();
    match local.has_descriptor && (record.packed == 0 || deflated) {
        false if record.packed <= left => with_trailer(source, local, declared),
        false if deflated => inflated(source, local, most, cancel),
        false => Ok(cut(left, plain)),
        true if deflated => inflated(source, local, most, cancel),
        true => by_descriptor(source, local, plain, cancel),
    }
}

/// What there is of an entry of which `left` bytes are there: only of one that is plain it is any use.
fn cut(left: u64, plain: bool) -> Extent {
    Extent {
        packed: left,
        size: if plain { left } else { 0 },
        crc: 0,
        trailer: 0,
        end: End::Cut,
    }
}

fn inflated(source: &Source, local: &Local, most: u64, cancel: &Cancel) -> io::Result<Extent> {
    let mut inflate = Decompress::new(false);
    let mut reader = source.reader(local.data);
    let (mut input, mut output) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut crc = crc32fast::Hasher::new();
    let (mut from, mut filled) = (0, 0);
    let end = loop {
        if from == filled {
            (from, filled) = (0, read_some(&mut reader, &mut input)?);
        }
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(&input[from..filled], &mut output, FlushDecompress::None);
        // Both are at most the length of a buffer.
        from += (inflate.total_in() - before_in) as usize;
        let count = (inflate.total_out() - before_out) as usize;
        crc.update(&output[..count]);
        match status {
            Ok(Status::StreamEnd) => break End::Whole,
            Err(_) => break End::Damaged,
            Ok(_) if inflate.total_out() > most || cancel.is_raised() => break End::TooLong,
            Ok(_) if filled == 0 && count == 0 => break End::Cut,
            Ok(_) => {}
        }
    };
    let mut extent = Extent {
        packed: inflate.total_in(),
        size: inflate.total_out(),
        crc: crc.finalize(),
        trailer: 0,
        end,
    };
    if end == End::Whole && local.has_descriptor {
        follow_descriptor(source, local, &mut extent)?;
    }
    Ok(extent)
}

/// Takes the checksum that is declared behind an entry whose end is known.
fn follow_descriptor(source: &Source, local: &Local, extent: &mut Extent) -> io::Result<()> {
    let bytes = source.bytes(local.data + extent.packed, Descriptor::LONGEST)?;
    // Tools that know nothing of zip64 write the sizes modulo 4 GiB.
    let low = |value: u64| value & u64::from(u32::MAX);
    let (packed, size) = (extent.packed, extent.size);
    let fits = |found: &Descriptor| low(found.packed) == low(packed) && low(found.size) == low(size);
    match Descriptor::find(&bytes, fits) {
        Some(found) => {
            extent.crc = found.crc;
            extent.trailer = found.len;
        }
        // The descriptor itself is cut; the stream was whole.
        None if bytes.len() < Descriptor::LONGEST => extent.trailer = bytes.len() as u64,
        None => extent.end = End::Damaged,
    }
    Ok(())
}

/// What the header declares, with the length of a descriptor that repeats it.
fn with_trailer(source: &Source, local: &Local, declared: Extent) -> io::Result<Extent> {
    if !local.has_descriptor {
        return Ok(declared);
    }
    let bytes = source.bytes(local.data.saturating_add(declared.packed), Descriptor::LONGEST)?;
    let repeats = |found: &Descriptor| (found.packed, found.size) == (declared.packed, declared.size);
    let trailer = Descriptor::find(&bytes, repeats).map_or(0, |found| found.len);
    Ok(Extent { trailer, ..declared })
}

/// Measures what does not end itself: the descriptor is searched that names its place.
fn by_descriptor(source: &Source, local: &Local, plain: bool, cancel: &Cancel) -> io::Result<Extent> {
    const STEP: usize = 1 << 20;
    let left = source.len().saturating_sub(local.data);
    let whole = |found: Descriptor| Extent {
        packed: found.packed,
        size: found.size,
        crc: found.crc,
        trailer: found.len,
        end: End::Whole,
    };
    // Only the descriptor of an empty file may do without a signature, if the next header follows.
    let bytes = source.bytes(local.data, Descriptor::LONGEST)?;
    let is_empty = |found: &Descriptor| {
        let follows = bytes
            .get(found.len as usize..)
            .is_some_and(|next| next.starts_with(b"PK"));
        (found.crc, found.packed, found.size) == (0, 0, 0) && follows
    };
    if let Some(found) = Descriptor::find(&bytes, is_empty) {
        return Ok(whole(found));
    }
    let mut from = 0;
    while from < left && !cancel.is_raised() {
        let bytes = source.bytes(local.data + from, STEP + Descriptor::LONGEST)?;
        if let Some((_, found)) = Descriptor::search(&bytes, from) {
            return Ok(whole(found));
        }
        from += STEP as u64;
    }
    Ok(cut(left, plain))
}

fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
