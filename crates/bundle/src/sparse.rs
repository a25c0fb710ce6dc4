//! Files with holes: GNU tar leaves the holes out and writes a map of what is there, in one of four formats.
//!
//! <https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html>

use crate::problem::EntryError;
use std::io::{self, Read};

/// The most pieces that a file may have.
pub(crate) const MOST_PIECES: usize = 1 << 16;

/// Where the bytes of a file belong that has holes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SparseMap {
    pieces: Vec<Piece>,
    /// With the holes.
    pub(crate) size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    offset: u64,
    len: u64,
}

/// The parts of a map as they come; `None` where one is no number or there are too many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pieces: Vec<Piece>,
    is_bad: bool,
}

impl Draft {
    /// Takes one more piece.
    pub(crate) fn push(&mut self, offset: Option<u64>, len: Option<u64>) {
        match (offset, len) {
            // The last one of GNU tar says where the file ends.
            (Some(_), Some(0)) => {}
            (Some(offset), Some(len)) if self.pieces.len() < MOST_PIECES => self.pieces.push(Piece { offset, len }),
            _ => self.is_bad = true,
        }
    }

    /// The map of a file of `size` bytes, of which `packed` are there.
    pub(crate) fn finish(self, size: u64, packed: u64) -> Result<SparseMap, EntryError> {
        let mut at = 0;
        let mut sum = 0_u64;
        for piece in &self.pieces {
            let end = piece.offset.checked_add(piece.len);
            let Some(end) = end.filter(|end| piece.offset >= at && *end <= size) else {
                return Err(senseless());
            };
            at = end;
            sum = sum.saturating_add(piece.len);
        }
        if self.is_bad || sum != packed {
            return Err(senseless());
        }
        Ok(SparseMap {
            pieces: self.pieces,
            size,
        })
    }
}

fn senseless() -> EntryError {
    EntryError::unreadable("the map of its holes makes no sense")
}

/// Reads a file with its holes.
pub(crate) struct Expanded<R> {
    inner: R,
    pieces: std::vec::IntoIter<Piece>,
    piece: Option<Piece>,
    at: u64,
    size: u64,
}

impl SparseMap {
    /// How many pieces it has.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The file, of which `inner` gives the bytes that are there.
    pub(crate) fn expand<R: Read>(self, inner: R) -> Expanded<R> {
        let mut pieces = self.pieces.into_iter();
        Expanded {
            inner,
            piece: pieces.next(),
            pieces,
            at: 0,
            size: self.size,
        }
    }
}

impl<R: Read> Read for Expanded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let hole_end = self.piece.map_or(self.size, |piece| piece.offset);
        let is_hole = self.at < hole_end;
        let until = match self.piece {
            Some(piece) if !is_hole => piece.offset + piece.len,
            _ => hole_end,
        };
        let most = usize::try_from(until - self.at).map_or(buffer.len(), |left| left.min(buffer.len()));
        let target = &mut buffer[..most];
        let count = if is_hole {
            target.fill(0);
            most
        } else {
            self.inner.read(target)?
        };
        self.at += count as u64;
        if self.piece.is_some_and(|piece| self.at == piece.offset + piece.len) {
            self.piece = self.pieces.next();
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pieces: &[(u64, u64)], size: u64, packed: u64) -> Result<SparseMap, EntryError> {
        let mut draft = Draft::default();
        for (offset, len) in pieces {
            draft.push(Some(*offset), Some(*len));
        }
        draft.finish(size, packed)
    }

    #[test]
    fn holes_are_put_back_whatever_the_buffer() {
        let map = map(&[(2, 3), (5, 1), (8, 2), (12, 0)], 12, 6).unwrap();
        for len in 1..14 {
            let (mut all, mut piece) = (Vec::<u8>::new(), vec![9; len]);
            let mut reader = map.clone().expand(b"abcdef".as_slice());
            loop {
                let count = reader.read(&mut piece).unwrap();
                if count == 0 {
                    break;
                }
                all.extend(&piece[..count]);
            }
            assert_eq!(all, b"\0\0abcd\0\0ef\0\0", "{len}");
        }
    }

    #[test]
    fn a_map_must_fit_its_file() {
        assert!(map(&[], 1 << 40, 0).is_ok());
        for (pieces, size, packed) in [
            (&[(0, 5)][..], 4, 5),
            (&[(0, 5)], 5, 4),
            (&[(3, 2), (0, 2)], 9, 4),
            (&[(0, 4), (3, 2)], 9, 6),
            (&[(u64::MAX, 2)], u64::MAX, 2),
        ] {
            assert!(map(pieces, size, packed).is_err(), "{pieces:?}");
        }
        let mut draft = Draft::default();
        draft.push(Some(1), None);
        assert!(draft.finish(9, 0).is_err());
    }
}
