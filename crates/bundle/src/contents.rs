//! The bytes of an entry, whatever kind of container it is in.

use crate::entry::{Entry, EntryIndex, Location, Zipped};
use crate::format::{Format, HEAD};
use crate::problem::EntryError;
use crate::source::{self, Source};
use crate::sparse::SparseMap;
use crate::zip::content::{AtOnce, Content};
use std::io::Read;

impl EntryIndex {
    /// A reader of an entry's uncompressed bytes.
    pub(crate) fn open(&self, entry: &Entry) -> Result<Box<dyn Read + Send>, EntryError> {
        match &entry.location {
            Location::File(path) => Ok(Box::new(source::open(path)?.0)),
            Location::Offset(offset) => Ok(Box::new(self.window(*offset, entry.packed)?.reader(0))),
            Location::Sparse(offset, map) => {
                let packed = self.window(*offset, entry.packed)?.reader(0);
                Ok(Box::new(SparseMap::clone(map).expand(packed)))
            }
            Location::Zip(zipped) => self.zipped(entry, zipped).open(),
        }
    }

    /// Inflates an entry into `data`, by way of `packed`, if it is one for which that pays.
    pub(crate) fn inflate(
        &self,
        entry: &Entry,
        packed: &mut Vec<u8>,
        data: &mut Vec<u8>,
    ) -> Result<AtOnce, EntryError> {
        match &entry.location {
            Location::Zip(zipped) => self.zipped(entry, zipped).inflate(packed, data),
            Location::Offset(_) | Location::Sparse(..) | Location::File(_) => Ok(AtOnce::Unsuitable),
        }
    }

    /// An entry's bytes for reading at any offset; an error for one that is compressed.
    pub(crate) fn raw(&self, entry: &Entry) -> Result<Source, EntryError> {
        match &entry.location {
            Location::File(path) => Ok(Source::file(path)?),
            Location::Offset(offset) => self.window(*offset, entry.packed),
            Location::Sparse(..) => Err(EntryError::unreadable("it has holes")),
            Location::Zip(zipped) => self.zipped(entry, zipped).raw(),
        }
    }

    /// Bytes of the container, all of which must be there.
    fn window(&self, offset: u64, len: u64) -> Result<Source, EntryError> {
        let window = self.container().window(offset, len);
        let missing = len - window.len();
        if missing > 0 {
            return Err(EntryError::unreadable(format!("its last {missing} bytes are missing")));
        }
        Ok(window)
    }

    /// What an entry is, by its first bytes.
    pub(crate) fn format(&self, entry: &Entry) -> Result<Format, EntryError> {
        let mut head = Vec::new();
        self.open(entry)?.take(HEAD).read_to_end(&mut head)?;
        Ok(Format::of(&head))
    }

    fn zipped<'a>(&'a self, entry: &'a Entry, zipped: &'a Zipped) -> Content<'a> {
        Content {
            source: self.container(),
            entry,
            zipped,
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "only the entries of a folder have no source, and they are files"
    )]
    fn container(&self) -> &Source {
        self.source.as_ref().expect("zip and tar set the source of their index")
    }
}
