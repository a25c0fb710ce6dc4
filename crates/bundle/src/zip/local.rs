//! What stands at a place of a zip that is read without its directory: the header of an entry, the directory, or anything else.

use super::fields::Fields;
use super::record::{LOCAL_LEN, Record, zip64};
use crate::source::Source;
use std::io;

pub(super) const SIGNATURE: &[u8] = b"PK\x03\x04";
/// The sizes and the checksum stand behind the entry's bytes.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// The newest version of the format, 6.3, as headers say it; the upper byte is a system.
const NEWEST_VERSION: u16 = 63;

/// What stands at a place.
pub(super) enum Next {
    Entry(Local),
    /// The central directory, or what stands between it and the last entry.
    Directory,
    /// The end of the source, or a header that it cuts.
    End,
    Other,
}

/// A local header.
pub(super) struct Local {
    /// As the directory would say it, as far as the header knows.
    pub(super) record: Record,
    /// Where the entry's bytes begin.
    pub(super) data: u64,
    /// Whether the sizes are not here, but in a descriptor behind the entry's bytes.
    pub(super) has_descriptor: bool,
}

impl Next {
    /// What stands at `at`.
    ///
    /// # Errors
    ///
    /// What the operating system says if it cannot read there.
    pub(super) fn at(source: &Source, at: u64) -> io::Result<Self> {
        let head = source.bytes(at, LOCAL_LEN)?;
        match head.as_slice() {
            [b'P', b'K', 1, 2, ..] | [b'P', b'K', 5, 5 | 6, ..] | [b'P', b'K', 6, 6..=8, ..] => Ok(Self::Directory),
            [] => Ok(Self::End),
            head if head.len() < LOCAL_LEN => {
                let seen = head.len().min(SIGNATURE.len());
                let is_cut = head[..seen] == SIGNATURE[..seen];
                Ok(if is_cut { Self::End } else { Self::Other })
            }
            head => Local::read(source, at, head),
        }
    }
}

impl Local {
    fn read(source: &Source, at: u64, head: &[u8]) -> io::Result<Next> {
        let Some((mut record, version, [name_len, extra_len])) = parse(head) else {
            return Ok(Next::Other);
        };
        let is_known = version & 0xff <= NEWEST_VERSION && name_len > 0;
        if !is_known {
            return Ok(Next::Other);
        }
        let rest = source.bytes(at + LOCAL_LEN as u64, name_len + extra_len)?;
        if rest.len() < name_len + extra_len {
            return Ok(Next::End);
        }
        let (name, extra) = rest.split_at(name_len);
        record.name = name.to_vec();
        record.guess_system();
        record.offset = at;
        widen(&mut record, extra);
        record.take_unicode_name(extra);
        Ok(Next::Entry(Self {
            data: at + (LOCAL_LEN + rest.len()) as u64,
            has_descriptor: record.flags & FLAG_DESCRIPTOR != 0,
            record,
        }))
    }
}

/// The fields of a header, its version, and the lengths of its name and extra field.
fn parse(head: &[u8]) -> Option<(Record, u16, [usize; 2])> {
    let mut fields = Fields(head);
    fields.signature(SIGNATURE)?;
    let version = fields.u16()?;
    let own = fields.description()?;
    let mut record = Record::default();
    (record.flags, record.method, record.crc) = (own.flags, own.method, own.crc);
    (record.packed, record.size) = (own.packed, own.size);
    Some((record, version, [fields.u16()?.into(), fields.u16()?.into()]))
}

/// Takes the sizes that did not fit from the zip64 field.
fn widen(record: &mut Record, extra: &[u8]) {
    let Some(field) = zip64(extra) else { return };
    let mut fields = Fields(field);
    for value in [&mut record.size, &mut record.packed] {
        if *value == u64::from(u32::MAX)
            && let Some(wide) = fields.u64()
        {
            *value = wide;
        }
    }
}

/// What a descriptor behind an entry's bytes says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Its own length.
    pub(super) len: u64,
}

impl Descriptor {
    const SIGNATURE: &[u8] = b"PK\x07\x08";
    /// How many bytes are looked at to tell its form: the longest one, and how the next header begins.
    pub(super) const LONGEST: usize = 24 + 2;

    /// The descriptor at the start of `bytes` in the form that `fits`: its signature may be left out, and the sizes have four or
    /// eight bytes, which nothing in it says. Of several that one counts behind which something of a zip begins.
    pub(super) fn find(bytes: &[u8], fits: impl Fn(&Self) -> bool) -> Option<Self> {
        let signed = bytes.starts_with(Self::SIGNATURE);
        let starts = [signed.then_some(Self::SIGNATURE.len()), Some(0)];
        let forms = starts
            .into_iter()
            .flatten()
            .flat_map(|start| [(start, false), (start, true)]);
        let forms = forms.filter_map(|(start, wide)| Self::parse(bytes, start, wide));
        let mut fitting: Vec<Self> = forms.filter(fits).collect();
        let leads_on = |found: &Self| {
            bytes
                .get(found.len as usize..)
                .is_some_and(|next| next.starts_with(b"PK"))
        };
        let best = fitting.iter().position(leads_on).unwrap_or(0);
        (best < fitting.len()).then(|| fitting.swap_remove(best))
    }

    fn parse(bytes: &[u8], start: usize, wide: bool) -> Option<Self> {
        let mut fields = Fields(bytes.get(start..)?);
        let crc = fields.u32()?;
        let mut size = || {
            if wide {
                fields.u64()
            } else {
                fields.u32().map(u64::from)
            }
        };
        let (packed, size) = (size()?, size()?);
        let len = start + if wide { 20 } else { 12 };
        Some(Self {
            crc,
            packed,
            size,
            len: len as u64,
        })
    }

    /// Where `bytes`, which begin `from` bytes into an entry's own, have a signed descriptor that names this place as the end.
    pub(super) fn search(bytes: &[u8], from: u64) -> Option<(usize, Self)> {
        memchr::memmem::find_iter(bytes, Self::SIGNATURE).find_map(|at| {
            let packed = from + at as u64;
            Some((
                at,
                Self::find(&bytes[at..], |found| found.packed == packed && found.len >= 16)?,
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_found_in_each_of_its_forms() {
        let narrow = [7_u32, 300, 400].map(u32::to_le_bytes).concat();
        let wide = [
            7_u32.to_le_bytes().as_slice(),
            &300_u64.to_le_bytes(),
            &400_u64.to_le_bytes(),
        ]
        .concat();
        for (form, len) in [(narrow, 12), (wide, 20)] {
            for signature in [b"".as_slice(), b"PK\x07\x08"] {
                let bytes = [signature, &form, b"PK\x03\x04 and what follows"].concat();
                let found = Descriptor::find(&bytes, |found| (found.packed, found.size) == (300, 400)).unwrap();
                assert_eq!((found.crc, found.len), (7, len + signature.len() as u64));
                let at = Descriptor::search(&bytes, 300).map(|(at, _)| at);
                assert_eq!(at, (!signature.is_empty()).then_some(0));
                assert!(Descriptor::search(&bytes, 299).is_none());
            }
        }
    }
}
