//! The bytes of one zip entry: found through its local header, inflated, and checked against their declared size and checksum.

use super::fields::Fields;
use super::local::SIGNATURE as LOCAL_SIGNATURE;
use super::record::{DEFLATED, LOCAL_LEN};
use crate::entry::{Entry, Zipped};
use crate::problem::EntryError;
use crate::source::Source;
use crc32fast::Hasher;
use flate2::bufread::DeflateDecoder;
use libdeflater::Decompressor;
use std::io::{self, BufReader, Read};

/// A name or an extra field has at most 64 KiB, and most have a few dozen bytes.
const USUAL_HEADER: usize = 512;

/// What is said of an entry within which its archive ends.
pub(crate) const CUT: &str = "it is truncated";

/// An entry in its archive.
pub(crate) struct Content<'a> {
    pub(crate) source: &'a Source,
    pub(crate) entry: &'a Entry,
    pub(crate) zipped: &'a Zipped,
}

/// What came of inflating an entry in one go.
pub(crate) enum AtOnce {
    /// The entry's bytes are there, and are as declared.
    Done,
    /// They are not. What could be read of the compressed ones is there, for reading them piece by piece.
    Failed(Compressed),
    /// The entry has to be read piece by piece, from the archive.
    Unsuitable,
}

/// The compressed bytes of an entry as far as they could be read.
pub(crate) struct Compressed {
    read: Filled,
    declared_crc: u32,
    size: u64,
}

impl Compressed {
    /// A reader over the bytes, which are at the front of `packed`: it gives what there is of the entry, and then says what is
    /// wrong.
    pub(crate) fn reader(self, packed: &[u8]) -> impl Read {
        let end = BufReader::with_capacity(1, Failing(self.read.error));
        let packed = packed[..self.read.len].chain(end);
        Checked::new(DeflateDecoder::new(packed), self.declared_crc, self.size)
    }
}

impl Content<'_> {
    /// The stored bytes as they are; an error if they are compressed.
    pub(crate) fn raw(&self) -> Result<Source, EntryError> {
        if !self.entry.is_stored() {
            return Err(EntryError::unreadable("it is compressed"));
        }
        self.packed()
    }

    /// A reader of the unpacked bytes. It fails, rather than end, where size or checksum are not as declared.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send>, EntryError> {
        let packed = self.packed()?.reader(0);
        let (crc, size) = (self.zipped.crc, self.entry.size);
        match self.zipped.method {
            Zipped::STORED if self.zipped.is_cut => Ok(Box::new(cut(packed, size))),
            Zipped::STORED => Ok(Box::new(Checked::new(packed, crc, size))),
            DEFLATED if self.zipped.is_cut => Ok(Box::new(cut(DeflateDecoder::new(BufReader::new(packed)), size))),
            DEFLATED => {
                const MOST: usize = 128 << 10;
                let buffer = usize::try_from(self.entry.packed).unwrap_or(MOST).clamp(512, MOST);
                let packed = BufReader::with_capacity(buffer, packed);
                Ok(Box::new(Checked::new(DeflateDecoder::new(packed), crc, size)))
            }
            method => Err(EntryError::unreadable(format!(
                "its compression method {method} is not supported"
            ))),
        }
    }

    /// Puts all unpacked bytes at the front of `data`, and the compressed ones at the front of `packed`.
    pub(crate) fn inflate(&self, packed: &mut Vec<u8>, data: &mut Vec<u8>) -> Result<AtOnce, EntryError> {
        if self.zipped.method != DEFLATED || self.zipped.is_cut || self.is_padded() {
            return Ok(AtOnce::Unsuitable);
        }
        let (Ok(packed_len), Ok(len)) = (usize::try_from(self.entry.packed), usize::try_from(self.entry.size)) else {
            return Ok(AtOnce::Unsuitable);
        };
        let packed = front(packed, packed_len);
        let read = fill(packed, &mut self.packed()?.reader(0));
        if read.len == packed_len {
            let data = front(data, len);
            let inflated = Decompressor::new().deflate_decompress(packed, data);
            if inflated == Ok(len) && crc32fast::hash(data) == self.zipped.crc {
                return Ok(AtOnce::Done);
            }
        }
        Ok(AtOnce::Failed(Compressed {
            read,
            declared_crc: self.zipped.crc,
            size: self.entry.size,
        }))
    }

    /// The entry's bytes as they are in the archive.
    fn packed(&self) -> Result<Source, EntryError> {
        let start = self.zipped.start;
        let misplaced = || EntryError::unreadable("its header is not where the central directory says");
        let header = self.source.bytes(start, USUAL_HEADER)?;
        let (name_len, extra_len) = local_lengths(&header).ok_or_else(misplaced)?;
        let name_start = LOCAL_LEN as u64;
        let name = match header.get(LOCAL_LEN..LOCAL_LEN + name_len) {
            Some(name) => name.to_vec(),
            None => self.source.bytes(start + name_start, name_len)?,
        };
        if *name != *self.zipped.name {
            return Err(misplaced());
        }
        let start = start + name_start + (name_len + extra_len) as u64;
        let end = start.checked_add(self.entry.packed);
        if end.is_none_or(|end| end > self.zipped.end) {
            return Err(EntryError::refused(
                "its data overlaps another entry or the central directory",
            ));
        }
        Ok(self.source.window(start, self.entry.packed))
    }

    /// Whether an entry takes up more than the worst that deflating its bytes gives: such padding, however long, is not held in
    /// memory.
    fn is_padded(&self) -> bool {
        let Entry { size, packed, .. } = *self.entry;
        packed > size.saturating_add(size / 1024).saturating_add(1024)
    }
}

/// What is there of an entry that is cut, which has no checksum.
fn cut(inner: impl Read, size: u64) -> impl Read {
    let error = EntryError::unreadable(CUT);
    inner.take(size).chain(Failing(Some(error.into())))
}

/// The lengths of the name and the extra field of a local header; `None` if it is not one.
fn local_lengths(header: &[u8]) -> Option<(usize, usize)> {
    let mut fields = Fields(header);
    fields.signature(LOCAL_SIGNATURE)?;
    fields.skip(22)?;
    Some((fields.u16()?.into(), fields.u16()?.into()))
}

/// The first `len` bytes of a buffer, which is made larger if need be; what is there does not matter.
fn front(buffer: &mut Vec<u8>, len: usize) -> &mut [u8] {
    if buffer.len() < len {
        // Memory that the system gives out is zero already.
        *buffer = vec![0; len];
    }
    &mut buffer[..len]
}

/// How much of a buffer was filled, and what kept the rest from it other than the end.
struct Filled {
    len: usize,
    error: Option<io::Error>,
}

/// Reads until the buffer is full, the reader ends, or it fails.
fn fill(buffer: &mut [u8], reader: &mut impl Read) -> Filled {
    let mut len = 0;
    while len < buffer.len() {
        match reader.read(&mut buffer[len..]) {
            Ok(0) => break,
            Ok(count) => len += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let error = Some(error);
                return Filled { len, error };
            }
        }
    }
    Filled { len, error: None }
}

/// Fails once with an error, if there is one, and has no bytes.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Passes on what it reads, and fails at the end if it was not what the directory declared.
struct Checked<R> {
    inner: R,
    crc: Hasher,
    declared_crc: u32,
    size: u64,
    left: u64,
}

impl<R: Read> Checked<R> {
    fn new(inner: R, declared_crc: u32, size: u64) -> Self {
        Self {
            inner,
            crc: Hasher::new(),
            declared_crc,
            size,
            left: size,
        }
    }

    fn finish(&mut self) -> io::Result<usize> {
        let size = self.size;
        let mut probe = [0];
        if self.inner.read(&mut probe)? != 0 {
            let what = format!("it unpacks to more than the {size} bytes it declares");
            return Err(EntryError::unreadable(what).into());
        }
        if self.crc.clone().finalize() != self.declared_crc {
            return Err(EntryError::unreadable("its checksum does not match").into());
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
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let target = &mut buffer[..most];
        let count = self.inner.read(target)?;
        if count == 0 {
            let missing = self.left;
            return Err(EntryError::unreadable(format!("its last {missing} bytes are missing")).into());
        }
        self.crc.update(&target[..count]);
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Location;

    /// A deflated entry at the start of a source that holds `packed` after its header.
    fn zipped(packed: &[u8], bytes: &[u8]) -> (Source, Entry) {
        let mut data = LOCAL_SIGNATURE.to_vec();
        data.resize(LOCAL_LEN, 0);
        data[26] = 1;
        data.push(b'a');
        data.extend_from_slice(packed);
        let zipped = Zipped {
            start: 0,
            end: data.len() as u64,
            method: DEFLATED,
            crc: crc32fast::hash(bytes),
            name: Box::from(*b"a"),
            is_cut: false,
        };
        let entry = Entry {
            path: "a".to_owned(),
            size: bytes.len() as u64,
            packed: packed.len() as u64,
            location: Location::Zip(zipped),
        };
        (Source::memory(data), entry)
    }

    fn content<'a>(source: &'a Source, entry: &'a Entry) -> Content<'a> {
        let Location::Zip(zipped) = &entry.location else {
            unreachable!()
        };
        Content { source, entry, zipped }
    }

    /// `log`, as a block that is not compressed.
    const STORED_BLOCK: [u8; 8] = [1, 3, 0, 0xfc, 0xff, b'l', b'o', b'g'];

    #[test]
    fn an_entry_is_inflated_in_one_go_unless_it_is_padded_with_empty_blocks() {
        let padding = [0, 0, 0, 0xff, 0xff].repeat(1000);
        let padded = [padding.as_slice(), &STORED_BLOCK].concat();
        for (packed, whole) in [(STORED_BLOCK.to_vec(), true), (padded, false)] {
            let (source, entry) = zipped(&packed, b"log");
            let content = content(&source, &entry);
            let (mut packed, mut data) = (vec![1; 2], vec![1; 5]);
            match content.inflate(&mut packed, &mut data).unwrap() {
                AtOnce::Done => assert!(whole && data.starts_with(b"log")),
                AtOnce::Unsuitable => assert!(!whole),
                AtOnce::Failed(_) => panic!("there is nothing wrong with it"),
            }
            let mut read = Vec::new();
            content.open().unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(read, b"log");
        }
    }

    #[test]
    fn what_could_not_be_inflated_in_one_go_is_read_from_memory_to_its_fault() {
        let wrong = |what: &str, packed: &[u8], declared: &[u8]| {
            let (source, entry) = zipped(packed, declared);
            let (mut packed, mut data) = (Vec::new(), Vec::new());
            let AtOnce::Failed(compressed) = content(&source, &entry).inflate(&mut packed, &mut data).unwrap() else {
                panic!("{what}");
            };
            // No reader of the archive is involved any more.
            drop(source);
            let mut read = Vec::new();
            let error = compressed.reader(&packed).read_to_end(&mut read).unwrap_err();
            assert_eq!(error.to_string(), what);
            read
        };
        assert_eq!(wrong("its checksum does not match", &STORED_BLOCK, b"lag"), b"log");
        assert_eq!(wrong("its last 1 bytes are missing", &STORED_BLOCK, b"logs"), b"log");
        let more = "it unpacks to more than the 2 bytes it declares";
        assert_eq!(wrong(more, &STORED_BLOCK, b"lo"), b"lo");
        let cut = &STORED_BLOCK[..7];
        assert_eq!(wrong("incomplete deflate stream", cut, b"log"), b"lo");
    }

    #[test]
    fn a_header_that_is_cut_off_is_none() {
        let (_, entry) = zipped(&STORED_BLOCK, b"log");
        for len in 0..LOCAL_LEN {
            let mut header = LOCAL_SIGNATURE.to_vec();
            header.resize(LOCAL_LEN, 0);
            let source = Source::memory(header[..len].to_vec());
            let error = content(&source, &entry).open().err().unwrap();
            let what = "its header is not where the central directory says";
            assert_eq!(error, EntryError::unreadable(what), "{len}");
        }
    }
}
