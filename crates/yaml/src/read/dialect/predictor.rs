//! What the maps of an object look like, judged by those of the objects before it.
//!
//! Objects of a kind are alike, so a map most likely has the keys that the map in the same place of the last object had. Then its
//! keys only need to be compared, not looked for; where the guess fails nothing but time is lost.

use std::borrow::Cow;

use crate::keys::{Interner, Keys};
use crate::node::Node;
use crate::read::unique;

/// How many lists of keys are remembered; one that was forgotten is found again in the interner.
const REMEMBERED: usize = 256;

/// Remembers the maps that were parsed last. Without an interner it predicts nothing, and all maps have keys of their own.
#[derive(Default)]
pub(crate) struct Predictor<'t> {
    interner: Option<&'t Interner>,
    /// By hash of the keys.
    seen: Vec<Option<&'t Keys>>,
    /// By serial number of the keys: what the last map with them held.
    inside: Vec<Option<Inside<'t>>>,
    /// The keys of the last item of the List.
    pub(super) item: Option<&'t Keys>,
}

struct Inside<'t> {
    of: &'t Keys,
    /// For each value its keys, or those of the last element of a sequence.
    keys: Box<[Option<&'t Keys>]>,
}

impl<'t> Predictor<'t> {
    pub(crate) fn new(interner: Option<&'t Interner>) -> Predictor<'t> {
        Predictor {
            interner,
            ..Predictor::default()
        }
    }

    /// The shared list of these keys; `None` for the rarer kinds of maps and those with a key more than once.
    pub(super) fn shared(&mut self, names: &[Cow<'_, str>]) -> Option<&'t Keys> {
        let interner = self.interner?;
        let slot = slot(names);
        if let Some(Some(keys)) = self.seen.get(slot)
            && keys
                .names()
                .iter()
                .map(AsRef::as_ref)
                .eq(names.iter().map(AsRef::as_ref))
        {
            return Some(keys);
        }
        let names = names.iter().map(AsRef::as_ref);
        if !unique::are_unique(names.clone()) {
            return None;
        }
        let keys = interner.intern(names)?;
        self.seen.resize(REMEMBERED, None);
        self.seen[slot] = Some(keys);
        Some(keys)
    }

    /// The keys that the map under this key of a map with these keys most likely has.
    pub(super) fn predict(&self, keys: Option<&'t Keys>, position: usize) -> Option<&'t Keys> {
        let keys = keys?;
        let inside = self.inside.get(index(keys))?.as_ref();
        *inside.filter(|inside| inside.of == keys)?.keys.get(position)?
    }

    /// Remembers the values of a map with these keys for the prediction of the next.
    pub(super) fn learn(&mut self, keys: &'t Keys, values: &[Node<'t>]) {
        self.inside.resize_with(REMEMBERED, || None);
        self.inside[index(keys)] = Some(Inside {
            of: keys,
            keys: values.iter().map(keys_of).collect(),
        });
    }
}

/// The keys of a map, or those of the last element of a sequence.
pub(super) fn keys_of<'t>(value: &Node<'t>) -> Option<&'t Keys> {
    value.items().last().unwrap_or(value).shared_keys()
}

/// Where what is inside maps with these keys is remembered: two with one index only forget each other.
fn index(keys: &Keys) -> usize {
    (keys.serial() % REMEMBERED as u64) as usize
}

/// Where the list of these keys is remembered, likewise.
fn slot(names: &[Cow<'_, str>]) -> usize {
    let hash = names.iter().fold(names.len(), |hash, name| {
        let bytes = name.as_bytes();
        let ends = bytes
            .first()
            .zip(bytes.last())
            .map_or(0, |(first, last)| usize::from(*first) << 8 | usize::from(*last));
        (hash.rotate_left(5) ^ ends ^ bytes.len() << 16).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    (hash >> (usize::BITS - 8)) % REMEMBERED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<'t>(names: &[&'t str]) -> Vec<Cow<'t, str>> {
        names.iter().map(|name| (*name).into()).collect()
    }

    #[test]
    fn what_is_remembered_in_one_slot_is_never_confused() {
        let interner = Interner::default();
        let mut predictor = Predictor::new(Some(&interner));
        let (first, other) = (names(&["name", "namespace"]), names(&["name", "namesxace"]));
        assert_eq!(slot(&first), slot(&other));
        let keys = predictor.shared(&first);
        assert!(keys.is_some());
        assert_eq!(predictor.shared(&first), keys);
        assert_ne!(predictor.shared(&other), keys);
        assert_eq!(predictor.shared(&first), keys, "forgotten and found again");
        assert_eq!(Predictor::new(Some(&interner)).shared(&first), keys);
        assert_ne!(predictor.shared(&[]), predictor.shared(&names(&[""])));
        assert_eq!(predictor.shared(&names(&["a", "b", "a"])), None);
    }

    #[test]
    fn nothing_is_predicted_without_an_interner() {
        let mut predictor = Predictor::default();
        assert_eq!(predictor.shared(&names(&["name"])), None);
    }
}
