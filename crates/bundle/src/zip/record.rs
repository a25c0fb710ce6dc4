//! One record of the central directory, and the entry it describes.

use super::fields::{Description, Fields};
use crate::entry::{Entry, Location, Zipped};
use crate::name;
use crate::problem::EntryError;
use std::io::{self, Read};

/// How a record begins.
pub(super) const SIGNATURE: &[u8] = b"PK\x01\x02";
pub(super) const LEN: usize = 46;
/// The length of a local header without its name and extra field, in bytes.
pub(super) const LOCAL_LEN: usize = 30;
/// The method of entries that are deflated.
pub(super) const DEFLATED: u16 = 8;
const FLAG_ENCRYPTED: u16 = 1;
/// The name is UTF-8 itself.
const FLAG_UTF8: u16 = 1 << 11;
const UNIX_TYPE: u32 = 0o170_000;
const UNIX_FILE: u32 = 0o100_000;
const UNIX_FOLDER: u32 = 0o040_000;
/// Systems whose zip programs may write `\` between folders: FAT, OS/2, NTFS, VFAT.
const BACKSLASH_SYSTEMS: [u8; 4] = [0, 6, 10, 14];

#[derive(Default)]
pub(super) struct Record {
    pub(super) name: Vec<u8>,
    /// The name in UTF-8, where an extra field has one that belongs to `name`.
    unicode_name: Option<Vec<u8>>,
    system: u8,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    disk: u32,
    /// Where its local header is on its disk.
    pub(super) offset: u64,
    mode: u32,
    /// Length of the record itself.
    pub(super) len: u64,
}

/// Why there is no further record.
#[derive(Debug)]
pub(super) enum RecordError {
    /// The operating system could not read it.
    Io(io::Error),
    /// The directory ends within it, or something else is in its place.
    Damaged,
}

impl From<io::Error> for RecordError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged,
            _ => Self::Io(error),
        }
    }
}

impl Record {
    pub(super) fn read(reader: &mut impl Read) -> Result<Self, RecordError> {
        let mut fixed = [0; LEN];
        reader.read_exact(&mut fixed)?;
        let (mut record, [name_len, extra_len, comment_len]) = Self::parse(&fixed).ok_or(RecordError::Damaged)?;
        record.name = vec![0; name_len];
        reader.read_exact(&mut record.name)?;
        let mut extra = vec![0; extra_len];
        reader.read_exact(&mut extra)?;
        if comment_len > 0 {
            io::copy(&mut reader.take(comment_len as u64), &mut io::sink())?;
        }
        record.len = (LEN + name_len + extra_len + comment_len) as u64;
        record.widen(&extra);
        record.take_unicode_name(&extra);
        Ok(record)
    }

    /// The record without its name, and the lengths of its name, extra field and comment.
    fn parse(fixed: &[u8; LEN]) -> Option<(Self, [usize; 3])> {
        let mut fields = Fields(fixed);
        fields.signature(SIGNATURE)?;
        fields.skip(1)?;
        let system = fields.u8()?;
        fields.skip(2)?;
        let Description {
            flags,
            method,
            crc,
            packed,
            size,
        } = fields.description()?;
        let lens = [fields.u16()?.into(), fields.u16()?.into(), fields.u16()?.into()];
        let disk = fields.u16()?.into();
        fields.skip(2)?;
        let mode = fields.u32()? >> 16;
        let offset = fields.u32()?.into();
        let record = Self {
            name: Vec::new(),
            unicode_name: None,
            system,
            flags,
            method,
            crc,
            packed,
            size,
            disk,
            offset,
            mode,
            len: 0,
        };
        Some((record, lens))
    }

    /// Takes the values that did not fit from the zip64 field. Those it lacks stay at their maximum, which is out of bounds.
    fn widen(&mut self, extra: &[u8]) {
        let Some(field) = zip64(extra) else { return };
        let mut fields = Fields(field);
        for value in [&mut self.size, &mut self.packed, &mut self.offset] {
            if *value == u64::from(u32::MAX)
                && let Some(wide) = fields.u64()
            {
                *value = wide;
            }
        }
        if self.disk == u32::from(u16::MAX)
            && let Some(wide) = fields.u32()
        {
            self.disk = wide;
        }
    }

    /// Takes the name from Info-ZIP's Unicode Path field, unless it was made for another one: a tool that renames entries may keep the
    /// fields it does not know.
    pub(super) fn take_unicode_name(&mut self, extra: &[u8]) {
        const UNICODE_PATH: u16 = 0x7075;
        let name = (self.flags & FLAG_UTF8 == 0)
            .then(|| field(extra, UNICODE_PATH))
            .flatten();
        self.unicode_name = name.and_then(|field| {
            let mut fields = Fields(field);
            fields.signature(&[1])?;
            (fields.u32()? == crc32fast::hash(&self.name)).then(|| fields.0.to_vec())
        });
    }

    /// The name by which the entry is known.
    pub(super) fn known_name(&self) -> &[u8] {
        self.unicode_name.as_deref().unwrap_or(&self.name)
    }

    /// How many entries it counts as.
    pub(super) fn cost(&self) -> usize {
        name::cost(&self.name) + self.unicode_name.as_deref().map_or(0, name::cost)
    }

    pub(super) fn is_folder(&self) -> bool {
        let name = self.known_name();
        name.ends_with(b"/") || (self.uses_backslashes() && name.ends_with(b"\\"))
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & FLAG_ENCRYPTED != 0
    }

    /// Takes the system, which a local header does not know, by the name: where folders are separated by `\`, there is no `/`.
    pub(super) fn guess_system(&mut self) {
        const UNIX: u8 = 3;
        let has = |separator| self.name.contains(&separator);
        self.system = if has(b'\\') && !has(b'/') {
            BACKSLASH_SYSTEMS[0]
        } else {
            UNIX
        };
    }

    fn uses_backslashes(&self) -> bool {
        BACKSLASH_SYSTEMS.contains(&self.system)
    }

    /// Where the entry's local header is in the source.
    pub(super) fn start(&self, disks: &[u64]) -> Option<u64> {
        let disk = usize::try_from(self.disk).ok()?;
        // Zips that are whole may have any number there.
        let base = match disks {
            [only] => only,
            disks => disks.get(disk)?,
        };
        base.checked_add(self.offset)
    }

    /// The entry, whose header is at `start` and which must end before `end`.
    pub(super) fn entry(&self, start: Option<u64>, end: u64) -> Result<Entry, EntryError> {
        let path = name::safe_path(self.known_name(), self.uses_backslashes())?;
        let kind = self.mode & UNIX_TYPE;
        if kind != 0 && kind != UNIX_FILE && !(kind == UNIX_FOLDER && self.size == 0) {
            return Err(EntryError::refused("it is a link or a device, not a file"));
        }
        if path.is_empty() {
            return Err(EntryError::refused("it has no name"));
        }
        if self.is_encrypted() {
            return Err(EntryError::unreadable("it is encrypted"));
        }
        let least = start
            .and_then(|start| start.checked_add((LOCAL_LEN + self.name.len()) as u64))
            .and_then(|sum| sum.checked_add(self.packed));
        let (Some(start), Some(least)) = (start, least) else {
            return Err(EntryError::unreadable("its offset is out of bounds"));
        };
        if least > end {
            return Err(EntryError::refused(
                "its data overlaps another entry or the central directory",
            ));
        }
        Ok(Entry {
            path,
            size: self.size,
            packed: self.packed,
            location: Location::Zip(Zipped {
                start,
                end,
                method: self.method,
                crc: self.crc,
                name: self.name.clone().into(),
                is_cut: false,
            }),
        })
    }
}

/// The zip64 field of an extra field.
pub(super) fn zip64(extra: &[u8]) -> Option<&[u8]> {
    const ZIP64: u16 = 1;
    field(extra, ZIP64)
}

/// The first field of this kind of an extra field.
fn field(extra: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut fields = Fields(extra);
    loop {
        let kind = fields.u16()?;
        let len = fields.u16()?;
        let field = fields.bytes(len.into())?;
        if kind == wanted {
            return Some(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zip64_field_is_found_behind_others_and_never_beyond_the_end() {
        let extra = [9, 0, 2, 0, 7, 7, 1, 0, 3, 0, 4, 5, 6];
        assert_eq!(zip64(&extra), Some([4, 5, 6].as_slice()));
        for len in 0..extra.len() {
            assert_eq!(zip64(&extra[..len]), None);
        }
    }

    #[test]
    fn the_name_of_the_unicode_path_field_counts_if_it_belongs_to_the_other_one() {
        let known = |flags: u16, version: u8, of: &[u8], name: &str| {
            let content = [
                &[version],
                crc32fast::hash(of).to_le_bytes().as_slice(),
                name.as_bytes(),
            ]
            .concat();
            let len = content.len() as u16;
            let extra = [b"up".as_slice(), &len.to_le_bytes(), &content].concat();
            let mut record = Record {
                name: b"B\x81ndel/".to_vec(),
                flags,
                ..Record::default()
            };
            record.take_unicode_name(&extra);
            String::from_utf8_lossy(record.known_name()).into_owned()
        };
        let own = b"B\x81ndel/";
        assert_eq!(known(0, 1, own, "Bündel/"), "Bündel/");
        assert_eq!(known(0, 1, b"renamed", "Bündel/"), "B\u{fffd}ndel/");
        assert_eq!(known(0, 2, own, "Bündel/"), "B\u{fffd}ndel/");
        assert_eq!(known(FLAG_UTF8, 1, own, "Bündel/"), "B\u{fffd}ndel/");
    }

    #[test]
    fn a_record_that_the_directory_cuts_short_is_damaged() {
        let mut bytes = SIGNATURE.to_vec();
        bytes.resize(LEN, 0);
        bytes[28] = 3;
        bytes.extend(b"ab");
        assert!(matches!(Record::read(&mut bytes.as_slice()), Err(RecordError::Damaged)));
        bytes.push(b'c');
        assert_eq!(Record::read(&mut bytes.as_slice()).unwrap().name, b"abc");
        bytes[0] = 0;
        assert!(matches!(Record::read(&mut bytes.as_slice()), Err(RecordError::Damaged)));
    }
}
