//! Keys that a map has more than once: the last counts, as for the decoder of the encoder's own package. Bundles edited by hand hold
//! such maps.

use std::collections::BTreeSet;

use crate::node::Entry;

/// Whether there are no duplicate keys. Keys mostly come sorted, and then one comparison for each is enough.
pub(super) fn are_unique<'k>(keys: impl Iterator<Item = &'k str> + Clone) -> bool {
    if keys.clone().is_sorted_by(|left, right| left < right) {
        return true;
    }
    let mut keys: Vec<&str> = keys.collect();
    keys.sort_unstable();
    keys.is_sorted_by(|left, right| left < right)
}

/// Drops all but the last of the entries with the same key.
pub(super) fn keep_last(entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    if are_unique(entries.iter().map(|(key, _)| key.as_ref())) {
        return entries;
    }
    let mut seen = BTreeSet::new();
    let last = entries.into_iter().rev().filter(|(key, _)| seen.insert(key.clone()));
    let mut kept: Vec<Entry<'_>> = last.collect();
    kept.reverse();
    kept
}
