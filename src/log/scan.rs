//! The scan of one log: pieces in, hits out, nothing held but the line that is not yet complete.

use super::hit::{FileHit, FileHits};
use super::{Line, Origin, Signature};
use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex};

/// An automaton stays fast up to about this many literals.
const SHARD: usize = 60;
/// What is read at once.
const PIECE: usize = 256 << 10;
/// A longer line is cut here; its rest is passed over.
const LONGEST_LINE: usize = 1 << 20;
/// Characters of a captured value.
const CAPTURED: usize = 400;
/// Different captured values that one signature may have in one log.
const MOST_KEYS: usize = 200;

/// All signatures, ready to scan.
#[derive(Debug)]
pub struct Scanner<'s> {
    signatures: Vec<&'s Signature>,
    /// Automata by the signatures they look for: logs of one kind share them.
    automata: Mutex<BTreeMap<Vec<usize>, Arc<Vec<Shard>>>>,
}

/// Some literals: an automaton that finds the next line with any of them, and a finder for each within that line.
#[derive(Debug)]
struct Shard {
    any: AhoCorasick,
    /// By literal: the signature, and whether it is the line that says it is over.
    each: Vec<(Finder<'static>, (usize, bool))>,
}

impl<'s> Scanner<'s> {
    /// A scanner for these signatures; hits name them by their place.
    pub fn new(signatures: Vec<&'s Signature>) -> Scanner<'s> {
        Scanner {
            signatures,
            automata: Mutex::default(),
        }
    }

    /// The automata for the signatures that read one log.
    fn shards(&self, active: Vec<usize>) -> Arc<Vec<Shard>> {
        let known = self
            .automata
            .lock()
            .ok()
            .and_then(|automata| automata.get(&active).cloned());
        if let Some(known) = known {
            return known;
        }
        let built = Arc::new(self.build(&active));
        if let Ok(mut automata) = self.automata.lock() {
            automata.insert(active, Arc::clone(&built));
        }
        built
    }

    fn build(&self, active: &[usize]) -> Vec<Shard> {
        let mut literals: Vec<(&str, (usize, bool))> = Vec::new();
        for (index, signature) in active
            .iter()
            .filter_map(|index| Some((*index, self.signatures.get(*index)?)))
        {
            literals.push((&signature.says.literal, (index, false)));
            literals.extend(
                signature
                    .clears
                    .iter()
                    .map(|line| (line.literal.as_str(), (index, true))),
            );
        }
        let shard = |chunk: &[(&str, (usize, bool))]| {
            let mut any = AhoCorasick::builder();
            let any = any
                .match_kind(MatchKind::LeftmostFirst)
                .build(chunk.iter().map(|(literal, _)| literal));
            let any = any.ok()?;
            let each = chunk
                .iter()
                .map(|(literal, owner)| (Finder::new(literal).into_owned(), *owner));
            Some(Shard {
                any,
                each: each.collect(),
            })
        };
        literals.chunks(SHARD).filter_map(shard).collect()
    }

    /// Whether any signature reads this log.
    pub fn reads(&self, origin: &Origin) -> bool {
        self.signatures.iter().any(|signature| signature.reads(origin))
    }

    /// Scans a log. A read error ends the scan; what was found until then counts.
    pub fn scan(&self, path: &str, origin: Origin, reader: &mut dyn Read) -> FileHits {
        let reading = self
            .signatures
            .iter()
            .enumerate()
            .filter(|(_, signature)| signature.reads(&origin));
        let shards = self.shards(reading.map(|(index, _)| index).collect());
        let hits = FileHits {
            path: path.to_owned(),
            origin,
            hits: BTreeMap::new(),
        };
        let mut scan = Scan {
            signatures: &self.signatures,
            shards: &shards,
            hits,
            lines: 0,
        };
        let mut held: Vec<u8> = Vec::new();
        let mut cut = false;
        let mut piece = vec![0; PIECE];
        while let Ok(read) = reader.read(&mut piece) {
            let Some(data) = piece.get(..read).filter(|data| !data.is_empty()) else {
                break;
            };
            let complete = memchr::memrchr(b'\n', data).map_or(0, |at| at + 1);
            let (lines, rest) = data.split_at(complete);
            let lines = scan.finish_line(&mut held, &mut cut, lines);
            scan.block(lines);
            let room = LONGEST_LINE.saturating_sub(held.len());
            cut |= rest.len() > room;
            held.extend_from_slice(rest.get(..room.min(rest.len())).unwrap_or_default());
        }
        scan.block(&held);
        scan.hits
    }
}

struct Scan<'a> {
    signatures: &'a [&'a Signature],
    shards: &'a [Shard],
    hits: FileHits,
    /// Lines before the block.
    lines: u64,
}

impl Scan<'_> {
    /// Completes the held line with the beginning of new data, scans it, and gives the rest of the data.
    fn finish_line<'d>(&mut self, held: &mut Vec<u8>, cut: &mut bool, lines: &'d [u8]) -> &'d [u8] {
        if held.is_empty() || lines.is_empty() {
            return lines;
        }
        let end = memchr::memchr(b'\n', lines).map_or(lines.len(), |at| at + 1);
        let (tail, rest) = lines.split_at(end);
        if *cut {
            held.push(b'\n');
        } else {
            held.extend_from_slice(tail);
        }
        *cut = false;
        self.block(held);
        held.clear();
        rest
    }

    /// Scans whole lines.
    fn block(&mut self, block: &[u8]) {
        let shards = self.shards;
        for shard in shards {
            let (mut at, mut line, mut counted) = (0, self.lines + 1, 0);
            while let Some(found) = block.get(at..).and_then(|rest| shard.any.find(rest)) {
                let position = at + found.start();
                let before = block.get(..position).and_then(|before| memchr::memrchr(b'\n', before));
                let start = before.map_or(0, |at| at + 1);
                let after = block.get(position..).and_then(|rest| memchr::memchr(b'\n', rest));
                let end = after.map_or(block.len(), |at| position + at);
                line += newlines(block.get(counted..start).unwrap_or_default());
                counted = start;
                self.line(shard, line, block.get(start..end).unwrap_or_default());
                at = end;
            }
        }
        self.lines += newlines(block);
    }

    fn line(&mut self, shard: &Shard, number: u64, bytes: &[u8]) {
        // Nearly all lines are valid, and the plain check is much quicker than a lossy copy.
        let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        let holding = shard.each.iter().filter(|(literal, _)| literal.find(bytes).is_some());
        for (_, owner) in holding {
            self.matched(*owner, number, &text);
        }
    }

    fn matched(&mut self, (index, clears): (usize, bool), number: u64, text: &str) {
        let Some(signature) = self.signatures.get(index) else {
            return;
        };
        let line = if clears {
            signature.clears.as_ref()
        } else {
            Some(&signature.says)
        };
        let Some(line) = line else { return };
        if signature.by.is_empty()
            && let Some(hit) = self.hits.hits.get_mut(&(index, Vec::new()))
        {
            // The groups of the first line stand for all: whether it matches is enough, and quick to tell.
            if line.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text)) {
                hit.keep(clears, number, text);
            }
            return;
        }
        let Some(captures) = captures(line, text) else { return };
        let value = |name: &String| captures.get(name).cloned().unwrap_or_default();
        let entry = (index, signature.by.iter().map(value).collect());
        let own = (index, Vec::new())..(index + 1, Vec::new());
        if !self.hits.hits.contains_key(&entry) && self.hits.hits.range(own).count() >= MOST_KEYS {
            return;
        }
        self.hits
            .hits
            .entry(entry)
            .or_insert_with(|| FileHit::new(captures))
            .keep(clears, number, text);
    }
}

/// The groups of a line's pattern; `None` if the line does not match.
fn captures(line: &Line, text: &str) -> Option<BTreeMap<String, String>> {
    let Some(pattern) = &line.pattern else {
        return Some(BTreeMap::new());
    };
    let found = pattern.captures(text)?;
    let value = |name: &str| {
        found
            .name(name)
            .map(|value| value.as_str().chars().take(CAPTURED).collect())
    };
    let named = pattern.groups();
    Some(named.filter_map(|name| Some((name.to_owned(), value(name)?))).collect())
}

fn newlines(bytes: &[u8]) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::pattern::Pattern;

    fn signature(literal: &str, pattern: &str, by: &[&str]) -> Signature {
        Signature {
            pods: vec![super::super::pod_pattern("longhorn-system/*").unwrap()],
            containers: Vec::new(),
            units: Vec::new(),
            says: Line {
                literal: literal.to_owned(),
                pattern: Some(Pattern::new(pattern).unwrap()),
            },
            clears: Some(Line {
                literal: "is healthy again".to_owned(),
                pattern: None,
            }),
            by: by.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn scan(signatures: &[Signature], text: &str) -> FileHits {
        let path = "logs/longhorn-system/longhorn-manager-x/longhorn-manager.log";
        let scanner = Scanner::new(signatures.iter().collect());
        scanner.scan(path, Origin::parse(path).unwrap(), &mut text.as_bytes())
    }

    #[test]
    fn hits_are_counted_by_what_they_capture() {
        let signature = signature(
            "Engine of volume",
            r"Engine of volume (?P<volume>\S+) dead",
            &["volume"],
        );
        let text = "2025-06-12T08:00:00Z Engine of volume a dead\nnothing\n2025-06-12T08:00:01Z Engine of volume b dead\n2025-06-12T08:00:02Z Engine of volume a dead";
        let found = scan(&[signature], text);
        let counts: Vec<(String, u64, u64)> = found
            .hits
            .iter()
            .map(|((_, key), hit)| (key[0].clone(), hit.count, hit.quotes[0].line))
            .collect();
        assert_eq!(counts, [("a".to_owned(), 2, 1), ("b".to_owned(), 1, 3)]);
    }

    #[test]
    fn a_line_with_the_literal_but_not_the_pattern_is_no_hit() {
        let signature = signature("Engine of volume", r"Engine of volume (?P<volume>\S+) dead", &[]);
        assert!(scan(&[signature], "Engine of volume a is fine\n").hits.is_empty());
    }

    #[test]
    fn overlapping_literals_in_one_line_are_all_found() {
        let signatures = [
            signature("failed to rebuild", "rebuild", &[]),
            signature("rebuild too many times", "many", &[]),
        ];
        let found = scan(&signatures, "replica failed to rebuild too many times\n");
        assert_eq!(found.hits.keys().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn lines_over_the_border_of_pieces_keep_their_numbers() {
        let signature = signature("needle", "needle", &[]);
        let mut text = "x".repeat(PIECE - 3);
        text.push_str("\nfoo needle bar\n");
        let found = scan(&[signature], &text);
        let hit = found.hits.values().next().unwrap();
        assert_eq!((hit.count, hit.quotes[0].line), (1, 2));
    }

    #[test]
    fn an_endless_line_is_cut_and_the_next_one_read() {
        let signature = signature("needle", "needle", &[]);
        let text = format!("{}needle\nneedle\n", "x".repeat(3 * LONGEST_LINE));
        let found = scan(&[signature], &text);
        let hit = found.hits.values().next().unwrap();
        assert_eq!((hit.count, hit.quotes[0].line), (1, 2));
    }
}
