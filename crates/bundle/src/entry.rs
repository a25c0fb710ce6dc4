//! What is in one container: its entries, where their bytes are, and what is wrong with it.
//!
//! Made by `zip`, `tar` and `folder`; read by `visit`. Nothing is read from an entry before [`Index::open`].

use crate::Problem;
use crate::error::Trouble;
use crate::source::{self, Source};
use crate::zip::entry::ZipPlace;
use std::io::Read;
use std::path::PathBuf;

/// The table of contents of a container that can be read in any order.
#[derive(Default)]
pub(crate) struct Index {
    /// The container's own bytes; `None` for a folder.
    pub(crate) source: Option<Source>,
    /// Files in the container's order, with safe paths; folders are left out.
    pub(crate) entries: Vec<Entry>,
    /// What was refused or is damaged, with printable paths.
    pub(crate) problems: Vec<Problem>,
}

/// One file in a container.
pub(crate) struct Entry {
    pub(crate) path: String,
    /// Uncompressed size as declared. Readers enforce it as an upper bound.
    pub(crate) size: u64,
    /// Size inside the container; equal to `size` where nothing is compressed.
    pub(crate) packed: u64,
    pub(crate) place: Place,
}

/// Where an entry's bytes are.
pub(crate) enum Place {
    /// In a zip.
    Zip(ZipPlace),
    /// As they are, at an offset of the source.
    Span(u64),
    /// In a file of their own.
    File(PathBuf),
}

impl Index {
    /// A reader of an entry's uncompressed bytes.
    pub(crate) fn open(&self, entry: &Entry) -> Result<Box<dyn Read + Send>, Trouble> {
        match (&entry.place, &self.source) {
            (Place::File(path), _) => {
                let (file, _) = source::open(path).map_err(|error| Trouble::unreadable(error.to_string()))?;
                Ok(Box::new(file))
            }
            (Place::Span(_), Some(_)) => Ok(Box::new(self.raw(entry)?.reader(0))),
            (Place::Zip(place), Some(source)) => place.open(source, entry),
            (_, None) => Err(Trouble::unreadable("its container cannot be read")),
        }
    }

    /// An entry's uncompressed bytes, put into `room`; `None` where only reading piece by piece gives them, or tells why it does not.
    /// The compressed ones go into a room of their own.
    pub(crate) fn inflate<'r>(&self, entry: &Entry, packed: &mut Vec<u8>, room: &'r mut Vec<u8>) -> Option<&'r [u8]> {
        match (&entry.place, &self.source) {
            (Place::Zip(place), Some(source)) => place.inflate((source, entry), packed, room),
            _ => None,
        }
    }

    /// An entry's bytes for reading at any offset; an error for one that is compressed.
    pub(crate) fn raw(&self, entry: &Entry) -> Result<Source, Trouble> {
        match (&entry.place, &self.source) {
            (Place::File(path), _) => Source::files(std::iter::once(path.as_path()))
                .map_err(|(_, error)| Trouble::unreadable(error.to_string())),
            (Place::Span(offset), Some(source)) => {
                let window = source.window(*offset, entry.size);
                let missing = entry.size - window.len();
                if missing > 0 {
                    return Err(Trouble::unreadable(format!("its last {missing} bytes are missing")));
                }
                Ok(window)
            }
            (Place::Zip(place), Some(source)) => place.raw(source, entry),
            (_, None) => Err(Trouble::unreadable("its container cannot be read")),
        }
    }

    /// Whether [`Index::raw`] gives an entry's own bytes.
    pub(crate) fn is_raw(entry: &Entry) -> bool {
        match &entry.place {
            Place::Zip(place) => place.is_stored(),
            Place::Span(_) | Place::File(_) => true,
        }
    }
}
