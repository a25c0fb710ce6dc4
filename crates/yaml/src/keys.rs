//! The keys of maps, interned: objects of a kind are alike, so all their maps with the same keys in the same order share them,
//! and whoever reads one field of all of them looks for its position once for each list of keys, not once for each object.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

/// Maps with more keys are lists of names rather than fields, and hardly two of them are alike.
const MAX_KEYS: usize = 48;

/// Most bytes that the interned keys may have: usual bundles need a few hundred thousand.
const MAX_BYTES: usize = 16 << 20;

/// Most lists of keys: as many chunks as an interner allocates, one after the other.
const MAX_LISTS: usize = CHUNK * CHUNKS;
const CHUNK: usize = 256;
const CHUNKS: usize = 128;

/// The keys of alike maps.
pub(crate) struct Keys {
    /// No other list of keys of any interner ever has this number, so a memo cannot confuse two reads. Never 0.
    serial: u64,
    names: Box<[Box<str>]>,
    is_plain: bool,
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(&self.names).finish()
    }
}

/// Equal are only the very same: an interner has no list of keys twice.
impl PartialEq for Keys {
    fn eq(&self, other: &Keys) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Keys {
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    /// The keys, in order.
    pub(crate) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// The keys, in order, if YAML always writes them as they are; else none.
    pub(crate) fn plain_names(&self) -> &[Box<str>] {
        if self.is_plain { &self.names } else { &[] }
    }

    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        position(&self.names, |name| name, key)
    }
}

/// The keys of the maps of one read: of a file, or of all files of a bundle.
///
/// It only grows, up to a bound (32,768 lists of keys, 16 MiB of text); maps beyond that have keys of their own. Trees borrow from it,
/// so it lives as long as the texts do. Threads may share it.
///
/// ```
/// let keys = gleaner_yaml::Interner::default();
/// let text = "items:\n- name: a\n- name: b\nkind: List\n";
/// let list = gleaner_yaml::read_list(text, &keys, gleaner_yaml::Mode::Dialect);
/// assert_eq!(list.items.len(), 2);
/// ```
pub struct Interner {
    /// Apart from the numbers, so that whoever has a reference to the keys never waits for a lock.
    chunks: [OnceLock<Box<[OnceLock<Keys>]>>; CHUNKS],
    index: Mutex<KeyPositions>,
}

#[derive(Default)]
struct KeyPositions {
    /// By the keys, each followed by a line break: the position in the chunks.
    positions: BTreeMap<String, usize>,
    bytes: usize,
}

impl Default for Interner {
    fn default() -> Interner {
        Interner {
            chunks: [const { OnceLock::new() }; CHUNKS],
            index: Mutex::default(),
        }
    }
}

impl fmt::Debug for Interner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = self.index.lock().map_or(0, |index| index.positions.len());
        write!(out, "Interner({lists} lists of keys)")
    }
}

impl Interner {
    /// The shared list of these keys, no two of which may be the same; `None` where they are too many or the interner is full.
    pub(crate) fn intern<'k>(&self, names: impl ExactSizeIterator<Item = &'k str> + Clone) -> Option<&Keys> {
        if names.len() > MAX_KEYS || names.clone().any(|name| name.contains('\n')) {
            return None;
        }
        let joined: String = names.clone().flat_map(|name| [name, "\n"]).collect();
        let mut index = self.index.lock().ok()?;
        if let Some(known) = index.positions.get(&joined) {
            return self.get(*known);
        }
        let next = index.positions.len();
        let bytes = index.bytes + joined.len();
        if next >= MAX_LISTS || bytes > MAX_BYTES {
            return None;
        }
        let chunk = self.chunks.get(next / CHUNK)?;
        let chunk = chunk.get_or_init(|| (0..CHUNK).map(|_| OnceLock::new()).collect());
        let keys = chunk.get(next % CHUNK)?.get_or_init(|| Keys {
            serial: next_serial(),
            is_plain: names.clone().all(is_plain),
            names: names.map(Box::from).collect(),
        });
        index.positions.insert(joined, next);
        index.bytes = bytes;
        Some(keys)
    }

    fn get(&self, position: usize) -> Option<&Keys> {
        self.chunks.get(position / CHUNK)?.get()?.get(position % CHUNK)?.get()
    }
}

/// Numbers lists of keys over the whole process. At a million a second, 56 bits last two thousand years.
fn next_serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Whether a key is a word that needs no quotes and is not left out anywhere.
fn is_plain(key: &str) -> bool {
    let ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    let begins = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    begins && key.len() <= 128 && key.bytes().all(ordinary) && key != "managedFields"
}

/// The position of a key among `entries`. The encoder sorts maps, though by its own order of digits: a binary search may miss, and
/// then every key is looked at. In maps of usual size that is quicker anyway, because keys of other lengths are passed over without
/// looking at their text.
pub(crate) fn position<T>(entries: &[T], name: impl Fn(&T) -> &str, key: &str) -> Option<usize> {
    if entries.len() > 128
        && let Ok(at) = entries.binary_search_by(|entry| name(entry).cmp(key))
    {
        return Some(at);
    }
    // Keys of one length mostly differ in their last byte, which is quicker to see than to call for a comparison of all bytes.
    let last = key.as_bytes().last();
    let maybe = |name: &str| name.len() == key.len() && name.as_bytes().last() == last;
    entries.iter().position(|entry| {
        let name = name(entry);
        maybe(name) && name == key
    })
}

/// Remembers the position of one field in the last map that was asked for it, for the next map with the same keys.
///
/// It belongs to whoever reads the field again and again, such as a compiled expression, and outlives the trees: any number of reads
/// and threads may share it. It must always be used with the same key.
#[derive(Debug, Default)]
pub struct FieldMemo {
    /// The serial number of the map's keys, and in the lowest byte the position among them. One word, so that threads which share
    /// the memo never see the position of one map with the keys of another.
    last: AtomicU64,
}

/// A clone is asked for other maps, so it starts empty.
impl Clone for FieldMemo {
    fn clone(&self) -> FieldMemo {
        FieldMemo::default()
    }
}

impl FieldMemo {
    /// In place of a position, for a key that is not there.
    const ABSENT: u64 = 0xff;

    /// The position of `key` among the keys. Inlined into callers of other crates: it is in the path of every field that is read.
    #[inline]
    pub(crate) fn position(&self, keys: &Keys, key: &str) -> Option<usize> {
        const { assert!((MAX_KEYS as u64) < FieldMemo::ABSENT) }
        let last = self.last.load(Ordering::Relaxed);
        if last >> 8 == keys.serial {
            let position = last & 0xff;
            return (position != Self::ABSENT).then_some(position as usize);
        }
        let found = keys.position(key);
        let position = found.map_or(Self::ABSENT, |found| found as u64);
        self.last.store(keys.serial << 8 | position, Ordering::Relaxed);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intern<'i>(interner: &'i Interner, names: &[&str]) -> Option<&'i Keys> {
        interner.intern(names.iter().copied())
    }

    #[test]
    fn maps_share_keys_if_and_only_if_they_are_the_same() {
        let interner = Interner::default();
        let keys = intern(&interner, &["name", "namespace"]);
        assert!(keys.is_some());
        assert_eq!(intern(&interner, &["name", "namespace"]), keys);
        assert_ne!(intern(&interner, &["namespace", "name"]), keys);
        assert_ne!(intern(&interner, &["name"]), keys);
        assert_ne!(intern(&interner, &[]), intern(&interner, &[""]));
        assert_ne!(
            intern(&Interner::default(), &["name", "namespace"]),
            keys,
            "those of another read are others"
        );
    }

    #[test]
    fn maps_that_hardly_any_other_is_like_have_keys_of_their_own() {
        let interner = Interner::default();
        assert_eq!(intern(&interner, &["a\nb"]), None);
        let names: Vec<String> = (0..=MAX_KEYS).map(|number| format!("name-{number}")).collect();
        let many: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(intern(&interner, &many), None);
        assert_eq!(intern(&interner, &[&"x".repeat(MAX_BYTES)]), None);
        assert!(
            intern(&interner, &many[1..]).is_some(),
            "one that is refused takes no capacity from others"
        );
    }

    #[test]
    fn an_interner_is_bounded_and_keeps_what_it_has() {
        let interner = Interner::default();
        let first = intern(&interner, &["name-0"]);
        for number in 1..MAX_LISTS {
            assert!(intern(&interner, &[&format!("name-{number}")]).is_some(), "{number}");
        }
        assert_eq!(intern(&interner, &["one more"]), None);
        assert_eq!(intern(&interner, &["name-0"]), first);
    }

    #[test]
    fn a_memo_never_gives_the_position_in_a_map_with_other_keys() {
        let interners = [Interner::default(), Interner::default()];
        let memo = FieldMemo::default();
        let lists: [&[&str]; 4] = [
            &["name", "namespace"],
            &["annotations", "name", "namespace"],
            &["annotations", "name"],
            &["annotations", "labels", "name"],
        ];
        for list in lists.iter().cycle().take(12) {
            for interner in interners.iter().chain(&interners) {
                let keys = intern(interner, list).unwrap();
                let expected = list.iter().position(|key| *key == "namespace");
                assert_eq!(memo.position(keys, "namespace"), expected);
            }
        }
    }
}
