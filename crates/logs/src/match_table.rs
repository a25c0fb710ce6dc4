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
    /// By signature, the index of the hit that counts the lines with values beyond those that are kept.
    beyond: BTreeMap<usize, usize>,
}

/// A signature, and the captured values that distinguish its hits.
type Key = (usize, Vec<String>);

impl MatchTable {
    /// The place of a hit; if the signature has too many already, of the one that counts all others.
    fn entry(&mut self, key: Key, gap: i64) -> usize {
        if let Some(known) = self.by_key.get(&key) {
            return *known;
        }
        let own = (key.0, Vec::new())..(key.0 + 1, Vec::new());
        let is_full = self.by_key.range(own).count() >= MOST_KEYS;
        if let (true, Some(known)) = (is_full, self.beyond.get(&key.0)) {
            return *known;
        }
        let index = self.hits.len();
        self.hits.push(LineMatch::default());
        self.gaps.push(gap);
        if is_full {
            self.beyond.insert(key.0, index);
        } else {
            self.by_key.insert(key, index);
        }
        index
    }

    /// By signature, how many lines have other values than those that are kept.
    pub(super) fn left_out(&self) -> BTreeMap<usize, u64> {
        let beyond = self.beyond.iter();
        let counts = beyond.map(|(signature, hit)| (*signature, self.hits[*hit].count));
        counts.filter(|(_, count)| *count > 0).collect()
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
                let hit = self.entry((index, vec![String::new(); signature.by.len()]), signature.gap);
                return (Some(hit), false);
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
        let kept = &mut self.hits[hit];
        if kept.count == 0 && !clears {
            let groups = line.pattern.iter().flat_map(Pattern::groups);
            let value = |name: &str| Some((name.to_owned(), cut(found.name(name)?.as_bytes())));
            kept.captures = groups.filter_map(value).collect();
        }
        (Some(hit), by_time)
    }
}

/// The part of a captured value that is kept.
fn cut(value: &[u8]) -> String {
    String::from_utf8_lossy(value).chars().take(CAPTURED).collect()
}
