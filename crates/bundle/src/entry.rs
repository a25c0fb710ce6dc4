//! What is in one container: its entries, where their bytes are, and what is wrong with it.
//!
//! Made by `zip`, `tar` and `folder`; the bytes of an entry are read by `contents`.

use crate::problem::Problem;
use crate::source::Source;
use crate::sparse::SparseMap;
use std::path::PathBuf;

/// The table of contents of a container that can be read in any order.
pub(crate) struct EntryIndex {
    /// The container's own bytes; `None` for a folder.
    pub(crate) source: Option<Source>,
    /// Files in the container's order, with safe paths; folders are left out.
    pub(crate) entries: Vec<Entry>,
    /// What was refused or is damaged, with printable paths.
    pub(crate) problems: Vec<Problem>,
    /// How many entries were refused, those included that are no more than counted.
    pub(crate) refused: usize,
}

impl EntryIndex {
    /// The paths of its files, in the container's order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.path.as_str())
    }
}

/// One file in a container.
pub(crate) struct Entry {
    pub(crate) path: String,
    /// Uncompressed size as declared. Readers enforce it as an upper bound.
    pub(crate) size: u64,
    /// Size inside the container; equal to `size` where nothing is compressed.
    pub(crate) packed: u64,
    pub(crate) location: Location,
}

impl Entry {
    /// Whether its bytes are in the container as they are, so that they can be read at any offset.
    pub(crate) fn is_stored(&self) -> bool {
        match &self.location {
            Location::Zip(zipped) => zipped.method == Zipped::STORED,
            Location::Offset(_) | Location::File(_) => true,
            Location::Sparse(..) => false,
        }
    }

    /// Says that the end of it is gone.
    pub(crate) fn cut(&mut self) {
        if let Location::Zip(zipped) = &mut self.location {
            zipped.is_cut = true;
        }
    }

    /// Whether the end of it is gone.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(&self.location, Location::Zip(zipped) if zipped.is_cut)
    }
}

/// Where an entry's bytes are.
pub(crate) enum Location {
    /// In a zip.
    Zip(Zipped),
    /// As they are, at an offset of the source.
    Offset(u64),
    /// The same, but the holes of the file are left out.
    Sparse(u64, Box<SparseMap>),
    /// In a file of their own.
    File(PathBuf),
}

/// Where an entry of a zip is and how it is compressed.
pub(crate) struct Zipped {
    /// Its local header.
    pub(crate) start: u64,
    /// The next entry, or the directory: nothing of this entry lies beyond.
    pub(crate) end: u64,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    /// The name as it is in the directory, which the local header has to repeat.
    pub(crate) name: Box<[u8]>,
    /// Whether the archive ends within it: its sizes are those of what is there, and it has no checksum.
    pub(crate) is_cut: bool,
}

impl Zipped {
    /// The method of entries that are not compressed.
    pub(crate) const STORED: u16 = 0;
}
