//! The scan of one log: pieces in, hits out, nothing held but the line that is not yet complete.

use super::found::Found;
use super::hit::FileHits;
use super::shard::Shard;
use super::{Origin, Readers, Signature, stamp};
use aho_corasick::{Input, Match};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex};

/// What is read at once: less at first, as most logs are small.
const PIECE: usize = 256 << 10;
const FIRST_PIECE: usize = 16 << 10;
/// A longer line is cut here; its rest is passed over.
const LONGEST_LINE: usize = 1 << 20;

/// All signatures, ready to scan.
#[derive(Debug)]
pub struct Scanner<'s> {
    readers: Readers,
    signatures: Vec<&'s Signature>,
    /// Automata by the signatures they look for: logs of one kind share them.
    automata: Mutex<BTreeMap<Vec<usize>, Arc<Vec<Shard>>>>,
}

impl<'s> Scanner<'s> {
    /// A scanner for these signatures; hits name them by their place.
    pub fn new(signatures: Vec<&'s Signature>) -> Scanner<'s> {
        Scanner {
            readers: Readers::new(&signatures),
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
        Shard::of(&literals)
    }

    /// Whether any signature reads this log.
    pub fn reads(&self, origin: &Origin) -> bool {
        !self.readers.of(origin).is_empty()
    }

    /// Scans a log. A read error ends the scan; what was found until then counts.
    pub fn scan(&self, path: &str, origin: Origin, reader: &mut dyn Read) -> FileHits {
        let shards = self.shards(self.readers.of(&origin));
        let mut scan = Scan {
            signatures: &self.signatures,
            shards: &shards,
            last: shards.iter().map(|_| LastLine::default()).collect(),
            found: Found::default(),
            lines: 0,
        };
        let mut held: Vec<u8> = Vec::new();
        let mut cut = false;
        let mut piece = vec![0; FIRST_PIECE];
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
            if read == piece.len() && read < PIECE {
                piece.resize(PIECE, 0);
            }
        }
        scan.block(&held);
        FileHits {
            path: path.to_owned(),
            origin,
            hits: scan.found.into_hits(),
        }
    }
}

struct Scan<'a> {
    signatures: &'a [&'a Signature],
    shards: &'a [Shard],
    /// By shard: the last line that held one of its literals.
    last: Vec<LastLine>,
    found: Found,
    /// Lines before the block.
    lines: u64,
}

/// A line that held literals, and what it counted for. Most floods repeat one line: what follows its stamp says the same again.
#[derive(Default)]
struct LastLine {
    /// The length of the stamp, and what follows it.
    stamp: usize,
    rest: Vec<u8>,
    /// The hits it counted for, and whether it said that they are over.
    hits: Vec<(usize, bool)>,
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
        for (index, shard) in self.shards.iter().enumerate() {
            let (mut at, mut line, mut counted) = (0, self.lines + 1, 0);
            while let Some(found) = shard.find(Input::new(block).range(at..)) {
                let before = block.get(..found.start()).unwrap_or_default();
                let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
                let after = block.get(found.start()..).unwrap_or_default();
                let end = memchr::memchr(b'\n', after).map_or(block.len(), |at| found.start() + at);
                line += newlines(block.get(counted..start).unwrap_or_default());
                counted = start;
                let found = Match::new(found.pattern(), found.start() - start..found.end() - start);
                self.line(index, line, block.get(start..end).unwrap_or_default(), found);
                at = end;
            }
        }
        self.lines += newlines(block);
    }

    /// Takes in a line that holds a literal of a shard.
    fn line(&mut self, shard: usize, number: u64, bytes: &[u8], first: Match) {
        let (Some(shard), Some(last)) = (self.shards.get(shard), self.last.get_mut(shard)) else {
            return;
        };
        let stamp = stamp::length(bytes);
        let rest = bytes.get(stamp..).unwrap_or_default();
        if last.stamp != stamp || last.rest != rest {
            last.hits.clear();
            // Nearly all lines are valid, and the plain check is much quicker than a lossy copy.
            let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
            let mut told_apart_by_time = false;
            for owner in shard.owners(bytes, first) {
                let (hit, by_time) = self.found.matched(self.signatures, owner, &text, stamp);
                last.hits.extend(hit.map(|hit| (hit, owner.1)));
                told_apart_by_time |= by_time;
            }
            last.stamp = stamp;
            last.rest.clear();
            if !told_apart_by_time {
                last.rest.extend_from_slice(rest);
            }
        }
        for (hit, clears) in &last.hits {
            self.found.keep(*hit, *clears, number, bytes);
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Line;
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
    fn a_flood_of_one_line_is_counted_whole_and_told_apart_from_its_neighbours() {
        let signature = signature(
            "Engine of volume",
            r"Engine of volume (?P<volume>\S+) dead",
            &["volume"],
        );
        let line =
            |second: u32, volume: &str| format!("2025-06-12T08:00:{second:02}.5Z Engine of volume {volume} dead\n");
        let mut text: String = (0..50).map(|second| line(second, "a")).collect();
        text.push_str(&line(50, "b"));
        text.push_str(&line(51, "a"));
        text.push_str("2025-06-12T08:00:52.5Z Engine of volume a dead or alive, is healthy again\n");
        let found = scan(&[signature], &text);
        let hits: Vec<(&str, u64, u64)> = found
            .hits
            .iter()
            .filter(|(_, hit)| hit.count > 0)
            .map(|((_, key), hit)| (key[0].as_str(), hit.count, hit.quotes.last().unwrap().line))
            .collect();
        assert_eq!(hits, [("a", 52, 53), ("b", 1, 51)]);
    }

    #[test]
    fn values_that_come_from_the_stamp_are_looked_at_line_by_line() {
        let signature = signature("restarted", r"^\S+T(?P<hour>\d\d)\S+ .*restarted", &["hour"]);
        let text = "2025-06-12T08:00:00Z pod restarted\n2025-06-12T09:00:00Z pod restarted\n";
        assert_eq!(scan(&[signature], text).hits.len(), 2);
    }

    #[test]
    fn a_line_that_says_it_is_over_before_the_first_hit_takes_no_groups_away() {
        let mut signature = signature("Engine dead", r"Engine dead on (?P<host>\S+)", &[]);
        signature.by = Vec::new();
        let found = scan(&[signature], "is healthy again\nEngine dead on host-1\n");
        let hit = found.hits.values().next().unwrap();
        assert_eq!((hit.count, hit.captures["host"].as_str()), (1, "host-1"));
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
