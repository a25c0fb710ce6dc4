//! What a file is, by its first bytes.

use crate::compression::Compression;
use crate::tar::header;

/// How many bytes [`Format::of`] wants to see.
pub(crate) const HEAD: u64 = 512;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A zip, or the first part of one.
    Zip,
    /// A tar, or what is compressed and may hold one.
    Tar(Compression),
    /// Anything else.
    Other,
}

impl Format {
    /// The format of a file with these first [`HEAD`] bytes.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => Self::Tar(Compression::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Tar(Compression::Xz),
            // The oldest tars have nothing but a checksum.
            head if head.get(257..262) == Some(b"ustar") || head.try_into().is_ok_and(header::is_header) => {
                Self::Tar(Compression::None)
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        let mut tar = [0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(Format::of(b"PK\x03\x04"), Format::Zip);
        assert_eq!(Format::of(b"PK\x07\x08PK\x03\x04"), Format::Zip);
        assert_eq!(Format::of(&tar), Format::Tar(Compression::None));
        assert_eq!(Format::of(b"\x1f\x8b\x08"), Format::Tar(Compression::Gzip));
        assert_eq!(Format::of(b"\xfd7zXZ\0"), Format::Tar(Compression::Xz));
        assert_eq!(Format::of(b"PK"), Format::Other);
        assert_eq!(Format::of(b""), Format::Other);
    }
}
