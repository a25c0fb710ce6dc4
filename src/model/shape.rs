//! Shapes: maps with the same keys in the same order. Objects of a kind are alike, so whoever reads one field of all of them
//! needs to look for its place once for each shape, not once for each object.

use super::value::{self, Node};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which keys a map has, as a number that no map with other keys has. Zero where nobody looked: such a map is like no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape(u32);

/// Maps with more keys are lists of names rather than fields, and hardly two of them are alike.
const MAX_KEYS: usize = 48;

/// How many bytes the keys of all shapes may have: bundles of the usual kind need a few hundred thousand.
const MOST_BYTES: usize = 16 << 20;

/// How many shapes a [`Shapes`] remembers; one that was forgotten is found again in a slower way.
const REMEMBERED: usize = 256;

/// The shapes seen last while maps are read, to tell which one a map has.
#[derive(Default)]
pub(crate) struct Shapes<'t> {
    /// By hash of the keys.
    seen: Vec<Option<Known<'t>>>,
}

/// The keys of a shape, in order, and the shape.
type Known<'t> = (Box<[&'t str]>, Shape);

impl<'t> Shapes<'t> {
    /// The shape of these entries if it was seen before: their keys are then those of a map that `insert` was called for.
    pub(crate) fn find(&self, entries: &[(Cow<'t, str>, Node<'t>)]) -> Option<Shape> {
        let (keys, shape) = self.seen.get(slot(entries))?.as_ref()?;
        let same = |(known, (key, _)): (&&str, &(Cow<'t, str>, Node<'t>))| *known == key.as_ref();
        (keys.len() == entries.len() && keys.iter().zip(entries).all(same)).then_some(*shape)
    }

    /// The shape of these entries, in which no key stands twice; from now on it is remembered.
    pub(crate) fn insert(&mut self, entries: &[(Cow<'t, str>, Node<'t>)]) -> Shape {
        let borrowed = entries.iter().map(|(key, _)| match key {
            Cow::Borrowed(key) => Some(*key),
            Cow::Owned(_) => None,
        });
        let keys: Option<Box<[&'t str]>> = borrowed.take(MAX_KEYS + 1).collect();
        let Some(keys) = keys.filter(|keys| keys.len() <= MAX_KEYS) else {
            return Shape::default();
        };
        let shape = number(&keys);
        if shape != Shape::default() {
            self.seen.resize(REMEMBERED, None);
            if let Some(place) = self.seen.get_mut(slot(entries)) {
                *place = Some((keys, shape));
            }
        }
        shape
    }
}

/// The number of the shape with these keys, the same in all files; none once there are too many.
fn number(keys: &[&str]) -> Shape {
    static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers {
        of: BTreeMap::new(),
        bytes: 0,
    });
    let Ok(mut numbers) = NUMBERS.lock() else {
        return Shape::default();
    };
    if keys.iter().any(|key| key.contains('\n')) {
        return Shape::default();
    }
    let keys = keys.join("\n");
    if let Some(known) = numbers.of.get(&keys) {
        return *known;
    }
    numbers.bytes += keys.len();
    let next = u32::try_from(numbers.of.len() + 1).ok();
    let Some(next) = next.filter(|_| numbers.bytes <= MOST_BYTES) else {
        return Shape::default();
    };
    numbers.of.insert(keys, Shape(next));
    Shape(next)
}

/// The shapes of all files, by their keys.
struct Numbers {
    of: BTreeMap<String, Shape>,
    /// Of their keys.
    bytes: usize,
}

/// Where the shape of these entries is remembered: two that fall on one place only forget each other.
fn slot(entries: &[(Cow<'_, str>, Node<'_>)]) -> usize {
    let hash = entries.iter().fold(entries.len(), |hash, (key, _)| {
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
    /// The place of `key` among the entries of a map of this shape.
    pub(crate) fn position(&self, shape: Shape, entries: &[(Cow<'_, str>, Node<'_>)], key: &str) -> Option<usize> {
        /// The place of a key that is not there.
        const ABSENT: u32 = u32::MAX;
        let Shape(shape) = shape;
        let last = self.0.load(Ordering::Relaxed);
        let (known, place) = ((last >> 32) as u32, last as u32);
        let place = usize::try_from(place).ok().filter(|_| place != ABSENT);
        if known == shape && shape != 0 {
            return place;
        }
        let is_there = |place: &usize| entries.get(*place).is_some_and(|(name, _)| name == key);
        let found = place.filter(is_there).or_else(|| value::position(entries, key));
        let place = found.map_or(Some(ABSENT), |found| u32::try_from(found).ok());
        if let Some(place) = place {
            self.0
                .store(u64::from(shape) << 32 | u64::from(place), Ordering::Relaxed);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::Value;

    fn entries<'t>(keys: &[&'t str]) -> Vec<(Cow<'t, str>, Node<'t>)> {
        let numbers = keys.iter().zip(1..);
        let node = |number| Node::new(0, Value::Int(number));
        numbers
            .map(|(key, number)| (Cow::Borrowed(*key), node(number)))
            .collect()
    }

    #[test]
    fn maps_have_one_shape_if_and_only_if_their_keys_are_the_same() {
        let mut shapes = Shapes::default();
        let (first, again) = (entries(&["name", "namespace"]), entries(&["name", "namespace"]));
        assert_eq!(shapes.find(&first), None);
        let shape = shapes.insert(&first);
        assert_eq!(shapes.find(&again), Some(shape));
        assert_eq!(shapes.find(&entries(&["name"])), None);
        // The same hash, other keys.
        let other = entries(&["name", "namesxace"]);
        assert_eq!(slot(&first), slot(&other));
        assert_eq!(shapes.find(&other), None);
        assert_ne!(shapes.insert(&other), shape);
        assert_eq!(shapes.find(&again), None, "forgotten");
        assert_eq!(shapes.insert(&again), shape);
        assert_eq!(Shapes::default().insert(&again), shape);
    }

    #[test]
    fn a_hint_never_gives_the_place_in_a_map_of_another_shape() {
        let mut shapes = Shapes::default();
        let hint = Hint::default();
        let lists = [
            entries(&["name", "namespace"]),
            entries(&["annotations", "name", "namespace"]),
            entries(&["annotations", "name"]),
            entries(&["annotations", "labels", "name"]),
        ];
        let shaped: Vec<_> = lists.iter().map(|list| (shapes.insert(list), list)).collect();
        for (shape, list) in shaped.iter().cycle().take(12) {
            for shape in [*shape, *shape, Shape::default()] {
                let expected = list.iter().position(|(key, _)| key == "namespace");
                assert_eq!(hint.position(shape, list, "namespace"), expected);
            }
        }
    }
}
