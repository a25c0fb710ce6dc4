//! The hits of all signatures in one log, collected line by line.

use crate::line_match::LineMatch;
use crate::shard::Owner;
use crate::signature::Signature;
use gleaner_text::Pattern;
use std::collections::BTreeMap;

/// How many characters of a captured value are kept.
const CAPTURED: usize = 400;
/// How many different sets of captured values one signature may have in one log.
const MOST_KEYS: usize = 200;

/// The hits so far.
#[derive(Default)]
pub(super) struct MatchTable {
    hits: Vec<LineMatch>,
    /// By hit, the gap of its signature.
    gaps: Vec<i64>,
    /// Indexes into `hits`, each once.
    by_key: BTreeMap<Key, usize>,
}

/// A signature, and the captured values that distinguish its hits.
type Key = (usize, Vec<String>);

impl MatchTable {
    /// The place of a hit; `None` if the signature has too many already.
    fn entry(&mut self, key: Key, gap: i64) -> Option<usize> {
        if let Some(known) = self.by_key.get(&key) {
            return Some(*known);
        }
        let own = (key.0, Vec::new())..(key.0 + 1, Vec::new());
        if self.by_key.range(own).count() >= MOST_KEYS {
            return None;
        }
        let index = self.hits.len();
        self.hits.push(LineMatch::default());
        self.gaps.push(gap);
        self.by_key.insert(key, index);
        Some(index)
    }

    /// All hits, by signature and values.
    pub(super) fn into_hits(self) -> BTreeMap<Key, LineMatch> {
        let mut hits = self.hits;
        let by_key = self.by_key.into_iter();
        by_key
            .map(|(key, index)| (key, std::mem::take(&mut hits[index])))
            .collect()
    }

    /// Adds a line to the hits that it counts for or, where the flag is set, that it clears.
    pub(super) fn keep(&mut self, hits: &[(usize, bool)], line: u64, bytes: &[u8]) {
        for (hit, clears) in hits {
            let gap = self.gaps[*hit];
            self.hits[*hit].keep(*clears, line, bytes, gap);
        }
    }

    /// The hit that a line counts for, if it matches, and whether that depends on the stamp at its beginning.
    /// `index` is one of `signatures`; `clears` is only set for a signature that has such a line.
    pub(super) fn matched(
        &mut self,
        signatures: &[&Signature],
        (index, clears): Owner,
        text: &[u8],
        stamp: usize,
    ) -> (Option<usize>, bool) {
        let no = (None, false);
        let signature = signatures[index];
        let line = match &signature.clears {
            Some(line) if clears => line,
            _ => &signature.line,
        };
        let regex = match line.pattern.as_ref().map(Pattern::regex) {
            Some(Ok(regex)) => regex,
            Some(Err(_)) => return no,
            None => {
                return (
                    self.entry((index, vec![String::new(); signature.by.len()]), signature.gap),
                    false,
                );
            }
        };
        let counted = |hit: &usize| self.hits[*hit].count > 0;
        if signature.by.is_empty()
            && let Some(hit) = self.by_key.get(&(index, Vec::new())).copied().filter(counted)
        {
            // Only the first line's captures are kept: for later lines a match is enough, and it is cheaper to test.
            return (regex.is_match(text).then_some(hit), false);
        }
        let Some(found) = regex.captures(text) else { return no };
        let by = signature.by.iter().map(|name| found.name(name));
        let by_time = by.clone().flatten().any(|value| value.start() < stamp);
        let values = by.map(|value| value.map_or_else(String::new, |value| cut(value.as_bytes())));
        let hit = self.entry((index, values.collect()), signature.gap);
        if let Some(hit) = hit.map(|hit| &mut self.hits[hit])
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

/// The part of a captured value that is kept.
fn cut(value: &[u8]) -> String {
    String::from_utf8_lossy(value).chars().take(CAPTURED).collect()
}
