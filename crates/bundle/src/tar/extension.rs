//! What stands in front of a member's header, or right behind it: long names, sizes, and maps of holes.

use super::header::{BLOCK, Block, number};
use crate::problem::EntryError;
use crate::sparse::{Draft, MOST_PIECES, SparseMap};
use std::io::{self, Read};
use tar::{EntryType, Header};

/// The most that one extension header may hold, in bytes: a long name, or the map of a file with many holes.
const LONGEST: u64 = 2 << 20;

/// What extension headers say about the next member.
#[derive(Default)]
pub(super) struct Extensions {
    pub(super) name: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    sparse: Option<PaxSparse>,
    is_too_long: bool,
}

/// What the pax formats 0.0, 0.1 and 1.0 say of a file with holes.
#[derive(Default)]
struct PaxSparse {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    draft: Draft,
    /// The offset of format 0.0 whose length comes next.
    offset: Option<u64>,
    /// Whether the map stands in front of the file's bytes, as in format 1.0.
    is_in_front: bool,
}

/// The map of a member, and how many of its bytes in the tar the map takes.
pub(super) type Mapped = (SparseMap, u64);

impl Extensions {
    /// Whether a header of this kind is no member.
    pub(super) fn is_one(kind: EntryType) -> bool {
        kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions()
    }

    /// Takes what a header of this kind says.
    pub(super) fn read(&mut self, kind: EntryType, reader: &mut dyn Read) -> io::Result<()> {
        if kind.is_gnu_longlink() || kind.is_pax_global_extensions() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        reader.take(LONGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LONGEST {
            self.is_too_long = true;
        } else if kind.is_gnu_longname() {
            let end = memchr::memchr(0, &bytes).unwrap_or(bytes.len());
            bytes.truncate(end);
            self.name = Some(bytes);
        } else {
            self.read_pax(&bytes);
        }
        Ok(())
    }

    fn read_pax(&mut self, bytes: &[u8]) {
        for field in tar::PaxExtensions::new(bytes).flatten() {
            let value = field.value_bytes();
            match field.key_bytes() {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => self.size = decimal(value),
                key => {
                    if let Some(key) = key.strip_prefix(b"GNU.sparse.") {
                        self.sparse.get_or_insert_default().take(key, value);
                    }
                }
            }
        }
    }

    /// The raw name of the member with this header.
    pub(super) fn name(&self, header: &Header) -> Vec<u8> {
        let sparse = self.sparse.as_ref().and_then(|sparse| sparse.name.as_ref());
        let name = sparse.or(self.name.as_ref());
        name.map_or_else(|| header.path_bytes().into_owned(), Clone::clone)
    }

    /// The map of a member with holes, whose `packed` bytes are read from `reader`: of those at most the map.
    ///
    /// # Errors
    ///
    /// What is wrong with its extension headers, within which the member's name and its map are.
    pub(super) fn map(
        self,
        old: Option<(Draft, u64)>,
        packed: u64,
        reader: &mut dyn Read,
    ) -> io::Result<Result<Option<Mapped>, EntryError>> {
        if self.is_too_long {
            let what = format!("its extension header has more than {LONGEST} bytes");
            return Ok(Err(EntryError::over_limit(what)));
        }
        if let Some((draft, size)) = old {
            return Ok(draft.finish(size, packed).map(|map| Some((map, 0))));
        }
        let Some(mut sparse) = self.sparse else {
            return Ok(Ok(None));
        };
        let mut front = 0;
        if sparse.is_in_front {
            front = sparse.read_front(&mut reader.take(packed))?;
        }
        let size = sparse.size.unwrap_or(packed);
        let map = sparse.draft.finish(size, packed.saturating_sub(front));
        Ok(map.map(|map| Some((map, front))))
    }
}

impl PaxSparse {
    fn take(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"name" => self.name = Some(value.to_vec()),
            b"size" | b"realsize" => self.size = decimal(value),
            b"offset" => self.offset = decimal(value),
            b"numbytes" => self.draft.push(self.offset.take(), decimal(value)),
            b"major" => self.is_in_front = value != b"0",
            b"map" => {
                let mut numbers = value.split(|byte| *byte == b',').map(decimal);
                while let Some(offset) = numbers.next() {
                    self.draft.push(offset, numbers.next().flatten());
                }
            }
            _ => {}
        }
    }

    /// Reads the map in front of a file's bytes, in lines of one number each, and gives the length of its blocks.
    fn read_front(&mut self, reader: &mut dyn Read) -> io::Result<u64> {
        let mut lines = Lines {
            reader,
            block: [0; BLOCK],
            left: 0..0,
            read: 0,
        };
        let count = lines.next()?.filter(|count| *count <= MOST_PIECES as u64);
        match count {
            Some(count) => {
                for _ in 0..count {
                    let offset = lines.next()?;
                    self.draft.push(offset, lines.next()?);
                }
            }
            None => self.draft.push(None, None),
        }
        Ok(lines.read)
    }
}

/// Numbers, one in a line, in whole blocks.
struct Lines<'r> {
    reader: &'r mut dyn Read,
    block: Block,
    left: std::ops::Range<usize>,
    read: u64,
}

impl Lines<'_> {
    /// The next number; `None` if there is something else.
    fn next(&mut self) -> io::Result<Option<u64>> {
        const LONGEST: usize = 20;
        let mut digits = Vec::new();
        loop {
            if self.left.is_empty() {
                self.reader.read_exact(&mut self.block)?;
                self.read += BLOCK as u64;
                self.left = 0..BLOCK;
            }
            let byte = self.block[self.left.start];
            self.left.start += 1;
            match byte {
                b'\n' => return Ok(decimal(&digits)),
                b'0'..=b'9' if digits.len() < LONGEST => digits.push(byte),
                _ => return Ok(None),
            }
        }
    }
}

/// The map of the old format of GNU tar, and the file's size: it begins in the header of the member and goes on in the blocks behind.
pub(super) fn old_map(
    header: &Header,
    next: &mut dyn FnMut(&mut Block) -> io::Result<()>,
) -> io::Result<Option<(Draft, u64)>> {
    if !header.entry_type().is_gnu_sparse() {
        return Ok(None);
    }
    let block = header.as_bytes();
    let mut draft = Draft::default();
    push_fields(&mut draft, &block[386..482]);
    let size = number(&block[483..495]);
    if size.is_none() {
        draft.push(None, None);
    }
    let mut goes_on = block[482] != 0;
    let mut more = [0; BLOCK];
    while goes_on {
        next(&mut more)?;
        push_fields(&mut draft, &more[..504]);
        goes_on = more[504] != 0;
    }
    Ok(Some((draft, size.unwrap_or_default())))
}

/// Takes the pieces in a header: pairs of an offset and a length with twelve digits each.
fn push_fields(draft: &mut Draft, fields: &[u8]) {
    for piece in fields.chunks_exact(24).take_while(|piece| piece[0] != 0) {
        draft.push(number(&piece[..12]), number(&piece[12..]));
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
