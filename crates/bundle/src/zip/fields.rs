//! The fields of a zip's records, taken off the front one after the other.

/// The rest of a record. Every method gives `None` where the record is too short for what is asked.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

/// How an entry is packed, as its headers have it.
pub(super) struct Description {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
}

impl<'a> Fields<'a> {
    pub(super) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(field)
    }

    pub(super) fn skip(&mut self, len: usize) -> Option<()> {
        self.bytes(len).map(drop)
    }

    /// Takes a signature; `None` if another one is there.
    pub(super) fn signature(&mut self, wanted: &[u8]) -> Option<()> {
        (self.bytes(wanted.len())? == wanted).then_some(())
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// What both headers of an entry have in the same order: flags, method, a time, checksum and sizes.
    pub(super) fn description(&mut self) -> Option<Description> {
        let (flags, method) = (self.u16()?, self.u16()?);
        self.skip(4)?;
        Some(Description {
            flags,
            method,
            crc: self.u32()?,
            packed: self.u32()?.into(),
            size: self.u32()?.into(),
        })
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_not_there_is_none_and_not_zero() {
        let mut fields = Fields(&[1, 2, 0, 3, 0, 0]);
        assert_eq!(fields.u8(), Some(1));
        assert_eq!(fields.u16(), Some(2));
        assert_eq!(fields.u32(), None);
        assert_eq!(fields.bytes(3), Some([3, 0, 0].as_slice()));
        assert_eq!(fields.u8(), None);
    }
}
