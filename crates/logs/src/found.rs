//! What the signatures have found in one log so far.

use crate::line_match::LineMatch;
use crate::shard::Owner;
use crate::signature::Signature;
use gleaner_text::Pattern;
use std::collections::BTreeMap;

/// Characters of a captured value.
const CAPTURED: usize = 400;
/// Different captured values that one signature may have in one log.
const MOST_KEYS: usize = 200;

/// What was found so far.
#[derive(Default)]
pub(super) struct Found {
    hits: Vec<LineMatch>,
    by_key: BTreeMap<Key, usize>,
}

/// A signature, and the captured values that tell its hits apart.
type Key = (usize, Vec<String>);

impl Found {
    /// The place of a hit; `None` if the signature has too many already.
    fn entry(&mut self, key: Key) -> Option<usize> {
        if let Some(known) = self.by_key.get(&key) {
            return Some(*known);
        }
        let own = (key.0, Vec::new())..(key.0 + 1, Vec::new());
        if self.by_key.range(own).count() >= MOST_KEYS {
            return None;
        }
        let place = self.hits.len();
        self.hits.push(LineMatch::default());
        self.by_key.insert(key, place);
        Some(place)
    }

    /// All hits, by signature and values.
    pub(super) fn into_hits(self) -> BTreeMap<Key, LineMatch> {
        let mut hits: Vec<Option<LineMatch>> = self.hits.into_iter().map(Some).collect();
        let mut take = |place: usize| hits.get_mut(place).and_then(Option::take);
        let by_key = self.by_key.into_iter();
        by_key.filter_map(|(key, place)| Some((key, take(place)?))).collect()
    }

    /// Keeps a line for the hits it counts for, or of which it says that they are over.
    pub(super) fn keep(&mut self, hits: &[(usize, bool)], line: u64, bytes: &[u8]) {
        for (hit, clears) in hits {
            if let Some(hit) = self.hits.get_mut(*hit) {
                hit.keep(*clears, line, bytes);
            }
        }
    }

    /// The hit that a line counts for, if it matches, and whether that depends on the stamp at its beginning.
    pub(super) fn matched(
        &mut self,
        signatures: &[&Signature],
        (index, clears): Owner,
        text: &[u8],
        stamp: usize,
    ) -> (Option<usize>, bool) {
        let no = (None, false);
        let Some(signature) = signatures.get(index) else {
            return no;
        };
        let line = if clears {
            signature.clears.as_ref()
        } else {
            Some(&signature.line)
        };
        let Some(line) = line else { return no };
        let regex = match line.pattern.as_ref().map(Pattern::regex) {
            Some(Ok(regex)) => regex,
            Some(Err(_)) => return no,
            None => return (self.entry((index, vec![String::new(); signature.by.len()])), false),
        };
        let counted = |hit: &usize| self.hits.get(*hit).is_some_and(|hit| hit.count > 0);
        if signature.by.is_empty()
            && let Some(hit) = self.by_key.get(&(index, Vec::new())).copied().filter(counted)
        {
            // The groups of the first line stand for all: whether it matches is enough, and quick to tell.
            return (regex.is_match(text).then_some(hit), false);
        }
        let Some(found) = regex.captures(text) else { return no };
        let by = signature.by.iter().map(|name| found.name(name));
        let by_time = by.clone().flatten().any(|value| value.start() < stamp);
        let values = by.map(|value| value.map_or_else(String::new, |value| cut(value.as_bytes())));
        let hit = self.entry((index, values.collect()));
        if let Some(hit) = hit.and_then(|hit| self.hits.get_mut(hit))
            && hit.count == 0
            && !clears
        {
            let groups = line.pattern.iter().flat_map(Pattern::groups);
            let value = |name: &str| Some((name.to_owned(), cut(found.name(name)?.as_bytes())));
            hit.captures = groups.filter_map(value).collect();
        }
        (hit, by_time)
    }
}

/// A captured value, as much of it as is kept.
fn cut(value: &[u8]) -> String {
    String::from_utf8_lossy(value).chars().take(CAPTURED).collect()
}
