//! Shapes: maps with the same keys in the same order. Objects of a kind are alike, so whoever reads one field of all of them
//! needs to look for its place once for each shape, not once for each object.

use crate::value::{self, Node};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

/// Which keys a map has: a number that no map with other keys has, the same in all files. Zero is that of no map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shape(u32);

/// Maps with more keys are lists of names rather than fields, and hardly two of them are alike.
const MAX_KEYS: usize = 48;

/// How many bytes the keys of all shapes may have: bundles of the usual kind need a few hundred thousand.
const MOST_BYTES: usize = 16 << 20;

/// How many shapes there may be, in as many parts as they are given room in.
const MOST_SHAPES: usize = PART * PARTS;
const PART: usize = 256;
const PARTS: usize = 128;

/// What is known of a shape.
struct Known {
    /// Its keys, in order.
    keys: Box<[Box<str>]>,
    /// Whether they are plain words, which YAML always writes as they are.
    is_plain: bool,
}

/// All shapes, by number. They stay for good, so whoever looks at them need not wait for anybody.
static SHAPES: [OnceLock<Box<[OnceLock<Known>]>>; PARTS] = [const { OnceLock::new() }; PARTS];

/// The shapes of all files, by their keys.
static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers {
    of: BTreeMap::new(),
    bytes: 0,
});

struct Numbers {
    of: BTreeMap<String, Shape>,
    /// Of their keys.
    bytes: usize,
}

impl Shape {
    /// The shape with these keys, of which none stands twice; `None` where they are too many, or the shapes are.
    fn of<'k>(keys: impl ExactSizeIterator<Item = &'k str> + Clone) -> Option<Shape> {
        if keys.len() > MAX_KEYS || keys.clone().any(|key| key.contains('\n')) {
            return None;
        }
        let joined: String = keys.clone().flat_map(|key| [key, "\n"]).collect();
        let mut numbers = NUMBERS.lock().ok()?;
        if let Some(known) = numbers.of.get(&joined) {
            return Some(*known);
        }
        let next = numbers.of.len() + 1;
        let bytes = numbers.bytes + joined.len();
        if next >= MOST_SHAPES || bytes > MOST_BYTES {
            return None;
        }
        let part = SHAPES.get(next / PART)?;
        let part = part.get_or_init(|| (0..PART).map(|_| OnceLock::new()).collect());
        let known = Known {
            is_plain: keys.clone().all(is_plain),
            keys: keys.map(Box::from).collect(),
        };
        part.get(next % PART)?.set(known).ok()?;
        let shape = Shape(u32::try_from(next).ok()?);
        numbers.of.insert(joined, shape);
        numbers.bytes = bytes;
        Some(shape)
    }

    fn known(self) -> Option<&'static Known> {
        let number = usize::try_from(self.0).ok()?;
        SHAPES.get(number / PART)?.get()?.get(number % PART)?.get()
    }

    /// Its keys, in order.
    pub(super) fn keys(self) -> &'static [Box<str>] {
        self.known().map_or(&[], |known| &known.keys)
    }

    /// Its keys, in order, if they are plain words, which mean the same wherever they stand; else none.
    pub(super) fn plain_keys(self) -> &'static [Box<str>] {
        let plain = self.known().filter(|known| known.is_plain);
        plain.map_or(&[], |known| &known.keys)
    }

    /// Where among its keys this one stands.
    pub(super) fn position(self, key: &str) -> Option<usize> {
        value::position(self.keys(), |name| name, key)
    }
}

/// Whether a key is a word that needs no quotes and is not left out anywhere.
fn is_plain(key: &str) -> bool {
    let ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    let begins = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    begins && key.len() <= 128 && key.bytes().all(ordinary) && key != "managedFields"
}

/// How many shapes a [`Shapes`] remembers; one that was forgotten is found again in a slower way.
const REMEMBERED: usize = 256;

/// The shapes seen last while maps are read, to tell which one a map has.
#[derive(Default)]
pub(crate) struct Shapes {
    /// By hash of the keys.
    seen: Vec<Shape>,
    /// By shape: what was seen in the last map that had it. For each value its shape, or that of the last in a sequence.
    inside: Vec<(Shape, Box<[Shape]>)>,
}

impl Shapes {
    /// The shape with these keys if it was seen before: `insert` was called for them.
    pub(super) fn find(&self, keys: &[Cow<'_, str>]) -> Option<Shape> {
        let shape = *self.seen.get(slot(keys))?;
        let known = shape.keys();
        let mut pairs = known.iter().zip(keys);
        let same = known.len() == keys.len() && pairs.all(|(known, key)| known.as_ref() == key.as_ref());
        (same && shape != Shape::default()).then_some(shape)
    }

    /// The shape with these keys, of which none stands twice; from now on it is remembered. `None` for the rarer kinds of maps.
    pub(super) fn insert(&mut self, keys: &[Cow<'_, str>]) -> Option<Shape> {
        let shape = Shape::of(keys.iter().map(AsRef::as_ref))?;
        self.seen.resize(REMEMBERED, Shape::default());
        if let Some(place) = self.seen.get_mut(slot(keys)) {
            *place = shape;
        }
        Some(shape)
    }

    /// The shape that a map under this key of a map of this shape most likely has.
    pub(super) fn expected(&self, shape: Shape, key: usize) -> Shape {
        let inside = self.inside.get(shape.0 as usize % REMEMBERED);
        let inside = inside.filter(|(of, _)| *of == shape);
        inside
            .and_then(|(_, inside)| inside.get(key).copied())
            .unwrap_or_default()
    }

    /// Remembers the values of a map of this shape for what is expected of the next.
    pub(super) fn learn(&mut self, shape: Shape, values: &[Node<'_>]) {
        let of = |value: &Node<'_>| value.items().last().map_or(value.shape(), Node::shape);
        self.inside.resize(REMEMBERED, Default::default());
        if let Some(place) = self.inside.get_mut(shape.0 as usize % REMEMBERED) {
            *place = (shape, values.iter().map(of).collect());
        }
    }
}

/// Where the shape of these keys is remembered: two that fall on one place only forget each other.
fn slot(keys: &[Cow<'_, str>]) -> usize {
    let hash = keys.iter().fold(keys.len(), |hash, key| {
        let bytes = key.as_bytes();
        let ends = bytes
            .first()
            .zip(bytes.last())
            .map_or(0, |(first, last)| usize::from(*first) << 8 | usize::from(*last));
        (hash.rotate_left(5) ^ ends ^ bytes.len() << 16).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    (hash >> (usize::BITS - 8)) % REMEMBERED
}

/// Where a key stood in the map that was asked last: the map's shape, and the key's place or that it is not there.
#[derive(Debug, Default)]
pub struct Hint(AtomicU64);

/// A clone is asked for other maps, so it starts anew.
impl Clone for Hint {
    fn clone(&self) -> Hint {
        Hint::default()
    }
}

impl Hint {
    /// The place of `key` among the keys of this shape.
    #[inline]
    pub(super) fn position(&self, shape: Shape, key: &str) -> Option<usize> {
        /// The place of a key that is not there.
        const ABSENT: u32 = u32::MAX;
        let Shape(number) = shape;
        let last = self.0.load(Ordering::Relaxed);
        let (known, place) = ((last >> 32) as u32, last as u32);
        if known == number {
            return usize::try_from(place).ok().filter(|_| place != ABSENT);
        }
        let found = shape.position(key);
        let place = found.map_or(Some(ABSENT), |found| u32::try_from(found).ok());
        if let Some(place) = place {
            self.0
                .store(u64::from(number) << 32 | u64::from(place), Ordering::Relaxed);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn keys<'t>(keys: &[&'t str]) -> Vec<Cow<'t, str>> {
        keys.iter().map(|key| (*key).into()).collect()
    }

    #[test]
    fn maps_have_one_shape_if_and_only_if_their_keys_are_the_same() {
        let mut shapes = Shapes::default();
        let (first, again) = (keys(&["name", "namespace"]), keys(&["name", "namespace"]));
        assert_eq!(shapes.find(&first), None);
        let shape = shapes.insert(&first);
        assert_eq!(shapes.find(&again), shape);
        assert_eq!(shapes.find(&keys(&["name"])), None);
        // The same hash, other keys.
        let other = keys(&["name", "namesxace"]);
        assert_eq!(slot(&first), slot(&other));
        assert_eq!(shapes.find(&other), None);
        assert_ne!(shapes.insert(&other), shape);
        assert_eq!(shapes.find(&again), None, "forgotten");
        assert_eq!(shapes.insert(&again), shape);
        assert_eq!(Shapes::default().insert(&again), shape);
        assert_eq!(
            shapes.find(&[]),
            None,
            "not that of a place where nothing is remembered"
        );
        assert_ne!(shapes.insert(&[]), shapes.insert(&keys(&[""])));
    }

    #[test]
    fn maps_that_hardly_any_other_is_like_have_no_shape() {
        let mut shapes = Shapes::default();
        assert_eq!(shapes.insert(&keys(&["a\nb"])), None);
        let names: Vec<String> = (0..=MAX_KEYS).map(|number| format!("name-{number}")).collect();
        let many: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(shapes.insert(&keys(&many)), None);
        let long = "x".repeat(MOST_BYTES);
        assert_eq!(shapes.insert(&keys(&[&long])), None);
        assert!(
            shapes.insert(&keys(&many[1..])).is_some(),
            "one that is refused costs no other its shape"
        );
    }

    #[test]
    fn a_hint_never_gives_the_place_in_a_map_of_another_shape() {
        let mut shapes = Shapes::default();
        let hint = Hint::default();
        let lists = [
            keys(&["name", "namespace"]),
            keys(&["annotations", "name", "namespace"]),
            keys(&["annotations", "name"]),
            keys(&["annotations", "labels", "name"]),
        ];
        let shaped: Vec<_> = lists.iter().map(|list| (shapes.insert(list).unwrap(), list)).collect();
        for (shape, list) in shaped.iter().cycle().take(12) {
            for _ in 0..2 {
                let expected = list.iter().position(|key| key == "namespace");
                assert_eq!(hint.position(*shape, "namespace"), expected);
            }
        }
    }
}
