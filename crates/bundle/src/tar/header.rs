//! Headers of tars: which blocks are one, and what they say.

use tar::Header;

/// Headers and files are aligned to this, in bytes.
pub(crate) const BLOCK: usize = 512;

/// A block of a tar.
pub(crate) type Block = [u8; BLOCK];

/// Whether a block is a header, of any dialect: its checksum is right. Only a block of zeros has none.
pub(crate) fn is_header(block: &Block) -> bool {
    let sum = |signed: bool| -> i64 {
        let bytes = block.iter().enumerate();
        bytes
            .map(|(at, byte)| match at {
                148..156 => i64::from(b' '),
                _ if signed => i64::from(byte.cast_signed()),
                _ => i64::from(*byte),
            })
            .sum()
    };
    let Ok(declared) = Header::from_byte_slice(block).cksum().map(i64::from) else {
        return false;
    };
    // Old programs summed signed bytes.
    block[0] != 0 && (declared == sum(false) || declared == sum(true))
}

/// Whether a block holds nothing but zeros.
pub(super) fn is_zero(block: &Block) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// A number of a header in octal, or, with the highest bit set, in base 256.
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        let (start, low) = field.split_at_checked(field.len().checked_sub(8)?)?;
        let fits = start.iter().skip(1).all(|byte| *byte == 0) && start.first().is_none_or(|first| *first == 0x80);
        return fits.then(|| low.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
    }
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches(|character| matches!(character, ' ' | '\0'));
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_told_by_its_checksum_whatever_its_dialect() {
        let mut header = Header::new_old();
        header.set_path("a").unwrap();
        header.set_size(3);
        header.set_cksum();
        let mut block = *header.as_bytes();
        assert!(is_header(&block));
        block[0] = b'b';
        assert!(!is_header(&block));
        assert!(!is_header(&[0; BLOCK]));
        assert!(!is_header(&[b' '; BLOCK]));
    }

    #[test]
    fn numbers_are_octal_or_of_base_256() {
        assert_eq!(number(b"00000000017\0"), Some(15));
        assert_eq!(number(b"   17 "), Some(15));
        assert_eq!(number(b"\0\0\0"), Some(0));
        assert_eq!(number(b"8"), None);
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]), Some((2 << 32) + 1));
        assert_eq!(number(&[0xff; 12]), None);
        assert_eq!(number(&[0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), None);
    }
}
