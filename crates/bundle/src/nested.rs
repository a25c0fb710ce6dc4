//! Archives inside of archives: what an entry holds, told by its first bytes, and the table of contents of a nested zip.

use crate::Limits;
use crate::entry::{Entry, Index};
use crate::error::Trouble;
use crate::guard::trouble_of;
use crate::packing::Packing;
use crate::source::Source;
use crate::zip::{self, EndError};
use std::io::Read;

/// What a file is, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A zip, or the first part of one.
    Zip,
    /// A tar, or what is compressed and may hold one.
    Tar(Packing),
    /// Anything else.
    Other,
}

/// How many bytes [`Content::of`] wants to see.
pub(crate) const HEAD: u64 = 512;

impl Content {
    /// Tells a file's content from its first [`HEAD`] bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => Self::Tar(Packing::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Tar(Packing::Xz),
            head if head.get(257..262) == Some(b"ustar") => Self::Tar(Packing::None),
            _ => Self::Other,
        }
    }
}

/// Looks at the first bytes of an entry.
pub(crate) fn look(index: &Index, entry: &Entry) -> Result<Content, Trouble> {
    let mut head = Vec::new();
    index
        .open(entry)?
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|error| trouble_of(&error))?;
    Ok(Content::of(&head))
}

/// The table of contents of a zip inside of the bundle.
pub(crate) fn zip_index(source: &Source, limits: &Limits) -> Result<Index, Trouble> {
    zip::read(source, false, limits).map(|zip| zip.index).map_err(|error| {
        Trouble::unreadable(match error {
            EndError::Io(error) => error.to_string(),
            EndError::NoEnd => "the archive is cut off: its table of contents is missing".to_owned(),
            EndError::Parts { wanted } => format!("the archive is one of {wanted} parts"),
            EndError::NoDirectory => "the archive's table of contents is not where it should be".to_owned(),
        })
    })
}
