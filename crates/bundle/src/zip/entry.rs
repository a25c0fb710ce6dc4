//! The bytes of one zip entry: found through its local header, inflated, and held against their declared size and checksum.

use super::{LOCAL_LEN, LOCAL_SIGNATURE, u16_at};
use crate::entry::Entry;
use crate::error::Trouble;
use crate::source::{Source, SourceReader};
use crc32fast::Hasher;
use flate2::bufread::DeflateDecoder;
use libdeflater::Decompressor;
use std::io::{self, BufReader, Read};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// A name or an extra field has at most 64 KiB, and most have a few dozen bytes.
const USUAL_HEADER: usize = 512;

/// Where a zip entry stands and how it is packed.
pub(crate) struct ZipPlace {
    /// Its local header.
    pub(super) start: u64,
    /// The next entry, or the directory: nothing of this entry lies beyond.
    pub(super) end: u64,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) name: Box<[u8]>,
}

impl ZipPlace {
    pub(crate) fn is_stored(&self) -> bool {
        self.method == STORED
    }

    /// The packed bytes as they are; an error unless they are stored without compression.
    pub(crate) fn raw(&self, source: &Source, entry: &Entry) -> Result<Source, Trouble> {
        if !self.is_stored() {
            return Err(Trouble::unreadable("it is compressed"));
        }
        self.data(source, entry)
    }

    /// A reader of the unpacked bytes. It fails, rather than end, where size or checksum are not as declared.
    pub(crate) fn open(&self, source: &Source, entry: &Entry) -> Result<Box<dyn Read + Send>, Trouble> {
        let data = self.data(source, entry)?.reader(0);
        match self.method {
            STORED => Ok(Box::new(Checked::new(data, self.crc, entry.size))),
            DEFLATED => Ok(Box::new(Checked::new(
                inflate(data, entry.packed),
                self.crc,
                entry.size,
            ))),
            method => Err(Trouble::unreadable(format!(
                "its compression method {method} is not supported"
            ))),
        }
    }

    /// All unpacked bytes, in `room`; `None` unless the entry is deflated and everything about it is as declared. What is packed
    /// goes into a room of its own.
    pub(crate) fn inflate<'r>(
        &self,
        (source, entry): (&Source, &Entry),
        packed: &mut Vec<u8>,
        room: &'r mut Vec<u8>,
    ) -> Option<&'r [u8]> {
        if self.method != DEFLATED || is_padded(entry) {
            return None;
        }
        let data = self.data(source, entry).ok()?;
        let packed = space(packed, entry.packed)?;
        data.reader(0).read_exact(packed).ok()?;
        let room = space(room, entry.size)?;
        let written = Decompressor::new().deflate_decompress(packed, room).ok()?;
        (written == room.len() && crc32fast::hash(room) == self.crc).then_some(room)
    }

    fn data(&self, source: &Source, entry: &Entry) -> Result<Source, Trouble> {
        let unreadable = |error: io::Error| Trouble::unreadable(error.to_string());
        let header = source.bytes(self.start, USUAL_HEADER).map_err(unreadable)?;
        let name_len = u16_at(&header, 26);
        let skip = LOCAL_LEN + u64::from(name_len) + u64::from(u16_at(&header, 28));
        let name_end = LOCAL_LEN as usize + usize::from(name_len);
        let name = match header.get(LOCAL_LEN as usize..name_end) {
            Some(name) => name.to_vec(),
            None => source
                .bytes(self.start + LOCAL_LEN, name_len.into())
                .map_err(unreadable)?,
        };
        if !header.starts_with(LOCAL_SIGNATURE) || *name != *self.name {
            return Err(Trouble::unreadable(
                "its header is not where the table of contents says",
            ));
        }
        let start = self.start + skip;
        if start.checked_add(entry.packed).is_none_or(|end| end > self.end) {
            return Err(Trouble::refused(
                "its data overlaps another entry or the table of contents",
            ));
        }
        Ok(source.window(start, entry.packed))
    }
}

/// The first `size` bytes of a room, which is made larger if need be; what stands there does not matter.
fn space(room: &mut Vec<u8>, size: u64) -> Option<&mut [u8]> {
    let size = usize::try_from(size).ok()?;
    if room.len() < size {
        // Memory that the system gives out is zero already.
        *room = vec![0; size];
    }
    room.get_mut(..size)
}

/// Whether an entry takes up more than the worst that deflating its bytes gives: such padding, however long, is not held in memory.
fn is_padded(entry: &Entry) -> bool {
    entry.packed > entry.size.saturating_add(entry.size / 1024).saturating_add(1024)
}

fn inflate(data: SourceReader, packed: u64) -> DeflateDecoder<BufReader<SourceReader>> {
    let buffer = usize::try_from(packed).unwrap_or(usize::MAX).clamp(512, 128 << 10);
    DeflateDecoder::new(BufReader::with_capacity(buffer, data))
}

/// Hands through what it reads, and fails at the end if it was not what the directory declared.
struct Checked<R> {
    inner: R,
    crc: Hasher,
    wanted_crc: u32,
    size: u64,
    left: u64,
}

impl<R: Read> Checked<R> {
    fn new(inner: R, wanted_crc: u32, size: u64) -> Self {
        Self {
            inner,
            crc: Hasher::new(),
            wanted_crc,
            size,
            left: size,
        }
    }

    fn finish(&mut self) -> io::Result<usize> {
        let size = self.size;
        let mut probe = [0];
        if self.inner.read(&mut probe)? != 0 {
            return Err(invalid(format!("it holds more than the {size} bytes it declares")));
        }
        if self.crc.clone().finalize() != self.wanted_crc {
            return Err(invalid("its checksum is wrong".to_owned()));
        }
        Ok(0)
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            return self.finish();
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let target = buffer.get_mut(..most).unwrap_or_default();
        let count = self.inner.read(target)?;
        if count == 0 {
            let missing = self.left;
            return Err(invalid(format!("its last {missing} bytes are missing")));
        }
        self.crc.update(target.get(..count).unwrap_or_default());
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Place;

    /// A deflated entry at the start of a source that holds `packed` after its header.
    fn zipped(packed: &[u8], bytes: &[u8]) -> (Source, Entry) {
        let mut data = LOCAL_SIGNATURE.to_vec();
        data.resize(usize::try_from(LOCAL_LEN).unwrap(), 0);
        data[26] = 1;
        data.push(b'a');
        data.extend_from_slice(packed);
        let place = ZipPlace {
            start: 0,
            end: data.len() as u64,
            method: DEFLATED,
            crc: crc32fast::hash(bytes),
            name: Box::from(*b"a"),
        };
        let entry = Entry {
            path: "a".to_owned(),
            size: bytes.len() as u64,
            packed: packed.len() as u64,
            place: Place::Zip(place),
        };
        (Source::memory(data), entry)
    }

    #[test]
    fn an_entry_padded_with_empty_blocks_is_read_piece_by_piece() {
        let stored = [1, 3, 0, 0xfc, 0xff, b'l', b'o', b'g'];
        let padding = [0, 0, 0, 0xff, 0xff].repeat(1000);
        for (packed, whole) in [(stored.to_vec(), true), ([padding.as_slice(), &stored].concat(), false)] {
            let (source, entry) = zipped(&packed, b"log");
            let Place::Zip(place) = &entry.place else {
                unreachable!()
            };
            let (mut packed, mut room) = (vec![1; 2], vec![1; 5]);
            let data = place.inflate((&source, &entry), &mut packed, &mut room);
            assert_eq!(data, whole.then_some(b"log".as_slice()));
            let mut read = Vec::new();
            place.open(&source, &entry).unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(read, b"log");
        }
    }
}
