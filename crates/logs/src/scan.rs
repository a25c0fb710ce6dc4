//! The scan of one log: chunks in, hits out; only a line that is not yet complete is buffered.

use crate::line_match::{LineMatches, LogEnd};
use crate::match_table::MatchTable;
use crate::origin::Origin;
use crate::routing::Signatures;
use crate::shard::Shard;
use crate::signature::Signature;
use crate::stamp::{self, Window};
use aho_corasick::{Input, Match};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};

/// How many bytes are scanned at a time: they stay in the CPU cache while one shard after the other searches them.
const CHUNK: usize = 256 << 10;
/// A longer line is truncated here; its rest is skipped.
const LONGEST_LINE: usize = 1 << 20;

/// All signatures, ready to scan.
#[derive(Debug)]
pub struct Scanner<'s> {
    signatures: Signatures<'s>,
    /// Automata by the signatures they look for: logs of one kind share them.
    automata: Mutex<BTreeMap<Vec<usize>, Arc<Vec<Shard>>>>,
}

impl<'s> Scanner<'s> {
    /// A scanner for these signatures; hits refer to them by index.
    pub fn new(signatures: Signatures<'s>) -> Scanner<'s> {
        Scanner {
            signatures,
            automata: Mutex::default(),
        }
    }

    /// The automata for the signatures that read one log.
    fn shards(&self, active: Vec<usize>) -> Arc<Vec<Shard>> {
        // Nothing that can panic runs under the lock, so a poisoned one is still consistent.
        let automata = || self.automata.lock().unwrap_or_else(PoisonError::into_inner);
        let known = automata().get(&active).cloned();
        if let Some(known) = known {
            return known;
        }
        // Built without the lock: two threads may build the same automata, and the last ones are kept.
        let built = Arc::new(self.build(&active));
        automata().insert(active, Arc::clone(&built));
        built
    }

    fn build(&self, active: &[usize]) -> Vec<Shard> {
        let mut literals: Vec<(&str, (usize, bool))> = Vec::new();
        for &index in active {
            let signature = self.signatures.all[index];
            literals.push((&signature.line.literal, (index, false)));
            let clears = signature.clears.iter();
            literals.extend(clears.map(|line| (line.literal.as_str(), (index, true))));
        }
        Shard::of(&literals)
    }

    /// Whether any signature reads this log.
    pub fn reads(&self, origin: &Origin) -> bool {
        !self.signatures.routing.of(origin).is_empty()
    }

    /// Scans a log. A read error ends the scan; hits before it count.
    pub fn scan(&self, path: &str, origin: Origin, reader: &mut dyn BufRead) -> LineMatches {
        let shards = self.shards(self.signatures.routing.of(&origin));
        let mut scan = Scan {
            signatures: &self.signatures.all,
            shards: &shards,
            last: shards.iter().map(|_| LastLine::default()).collect(),
            table: MatchTable::default(),
            window: Window::default(),
            lines: 0,
            end: LogEnd::Empty,
        };
        let mut partial: Vec<u8> = Vec::new();
        let mut truncated = false;
        while let Ok(data) = reader.fill_buf() {
            let data = data.get(..CHUNK).unwrap_or(data);
            if data.is_empty() {
                break;
            }
            scan.note_end(data);
            let complete = memchr::memrchr(b'\n', data).map_or(0, |at| at + 1);
            let (lines, rest) = data.split_at(complete);
            let lines = scan.finish_line(&mut partial, &mut truncated, lines);
            scan.block(lines);
            let free = LONGEST_LINE.saturating_sub(partial.len());
            truncated |= rest.len() > free;
            partial.extend_from_slice(&rest[..free.min(rest.len())]);
            let scanned = data.len();
            reader.consume(scanned);
        }
        scan.block(&partial);
        LineMatches {
            path: path.to_owned(),
            origin,
            window: scan.window,
            end: scan.end,
            left_out: scan.table.left_out(),
            hits: scan.table.into_hits(),
        }
    }
}

struct Scan<'a> {
    signatures: &'a [&'a Signature],
    shards: &'a [Shard],
    /// By shard: the last line with one of its literals.
    last: Vec<LastLine>,
    table: MatchTable,
    /// The stamps of the lines so far.
    window: Window,
    /// Lines before the block.
    lines: u64,
    /// How the data ended so far.
    end: LogEnd,
}

/// A line with literals, and the hits it counted for. Most floods repeat one line with another stamp: such a line counts for the
/// same hits again and need not be searched.
#[derive(Default)]
struct LastLine {
    /// The whole line; empty where its stamp matters, so that repeated lines are searched as well.
    bytes: Vec<u8>,
    /// The length of its stamp.
    stamp: usize,
    /// The hits it counted for, and whether it cleared them.
    hits: Vec<(usize, bool)>,
}

impl LastLine {
    /// Whether a line differs at most in the digits of its stamp.
    fn is_repeated_by(&self, line: &[u8]) -> bool {
        let same_text = line.len() == self.bytes.len() && line.get(self.stamp..) == self.bytes.get(self.stamp..);
        let same_stamp = || {
            let stamps = line.iter().zip(&self.bytes).take(self.stamp);
            stamps
                .into_iter()
                .all(|(a, b)| a == b || (a.is_ascii_digit() && b.is_ascii_digit()))
        };
        !line.is_empty() && same_text && same_stamp()
    }

    /// Where the line at `at` ends, if it repeats this one.
    fn next_repeated(&self, block: &[u8], at: usize) -> Option<usize> {
        let end = at + self.bytes.len();
        let whole = block.get(end).is_none_or(|after| *after == b'\n');
        (whole && self.is_repeated_by(block.get(at..end)?)).then_some(end)
    }
}

impl Scan<'_> {
    /// Looks at the end of the data so far, and for zero bytes in the new part.
    fn note_end(&mut self, data: &[u8]) {
        if matches!(self.end, LogEnd::Zeros(_)) {
            return;
        }
        self.end = match (memchr::memchr(0, data), data.last()) {
            (Some(at), _) => LogEnd::Zeros(self.lines + 1 + newlines(&data[..at])),
            (None, Some(b'\n')) => LogEnd::Whole,
            (None, _) => LogEnd::Cut,
        };
    }

    /// Completes the partial line with the beginning of new data, scans it, and returns the rest of the data.
    fn finish_line<'d>(&mut self, partial: &mut Vec<u8>, truncated: &mut bool, lines: &'d [u8]) -> &'d [u8] {
        if partial.is_empty() || lines.is_empty() {
            return lines;
        }
        let end = memchr::memchr(b'\n', lines).map_or(lines.len(), |at| at + 1);
        let (tail, rest) = lines.split_at(end);
        if *truncated {
            partial.push(b'\n');
        } else {
            partial.extend_from_slice(tail);
        }
        *truncated = false;
        self.block(partial);
        partial.clear();
        rest
    }

    /// Scans whole lines. A match lies in `at..`, so `counted <= start <= found <= end <= block.len()` always holds.
    fn block(&mut self, block: &[u8]) {
        self.window.add(block);
        let shards = self.shards;
        let mut lines = None;
        for (shard, last) in shards.iter().zip(&mut self.last) {
            let (mut at, mut line, mut counted) = (0, self.lines + 1, 0);
            while let Some(found) = shard.find(Input::new(block).range(at..)) {
                let before = &block[..found.start()];
                let mut start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
                let after = &block[found.start()..];
                let mut end = memchr::memchr(b'\n', after).map_or(block.len(), |at| found.start() + at);
                line += newlines(&block[counted..start]);
                let bytes = &block[start..end];
                if !last.is_repeated_by(bytes) {
                    let found = Match::new(found.pattern(), found.start() - start..found.end() - start);
                    search_line(shard, last, self.signatures, &mut self.table, bytes, found);
                }
                self.table.keep(&last.hits, line, bytes);
                while let Some(next) = last.next_repeated(block, end + 1) {
                    (start, end, line) = (end + 1, next, line + 1);
                    self.table.keep(&last.hits, line, &block[start..end]);
                }
                (at, counted) = (end, start);
            }
            lines = Some(line - 1 + newlines(&block[counted..]));
        }
        self.lines = lines.unwrap_or_else(|| self.lines + newlines(block));
    }
}

/// Searches a line whose first literal may be at `found`, and records in `last` the hits it counts for.
fn search_line(
    shard: &Shard,
    last: &mut LastLine,
    signatures: &[&Signature],
    table: &mut MatchTable,
    bytes: &[u8],
    found: Match,
) {
    let stamp = stamp::length(bytes);
    last.hits.clear();
    let mut depends_on_time = shard.sees_stamps;
    let owners = if is_trace(&bytes[stamp..]) {
        Vec::new()
    } else {
        shard.owners(bytes, found)
    };
    for owner in owners {
        let (hit, by_time) = table.matched(signatures, owner, bytes, stamp);
        last.hits.extend(hit.map(|hit| (hit, owner.1)));
        depends_on_time |= by_time;
    }
    last.stamp = stamp;
    last.bytes.clear();
    if !depends_on_time {
        last.bytes.extend_from_slice(bytes);
    }
}

/// Whether a line is the trace of a script (`bash -x`) that is about to write the same text once more: `+ echo 'text'`.
fn is_trace(text: &[u8]) -> bool {
    let command = text.trim_ascii_start();
    let pluses = command.iter().take_while(|byte| **byte == b'+').count();
    pluses > 0 && command[pluses..].starts_with(b" echo ")
}

fn newlines(bytes: &[u8]) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::LogRouting;
    use crate::signature::LinePattern;
    use gleaner_text::Pattern;

    fn signature(literal: &str, pattern: &str, by: &[&str]) -> Signature {
        Signature {
            pods: vec![crate::signature::pod_pattern("longhorn-system/*").unwrap()],
            containers: Vec::new(),
            units: Vec::new(),
            line: LinePattern {
                literal: literal.to_owned(),
                pattern: Some(Pattern::new(pattern).unwrap()),
            },
            clears: Some(LinePattern {
                literal: "is healthy again".to_owned(),
                pattern: None,
            }),
            by: by.iter().map(|name| (*name).to_owned()).collect(),
            gap: 1800,
        }
    }

    fn scan(signatures: &[Signature], text: &str) -> LineMatches {
        let path = "logs/longhorn-system/longhorn-manager-x/longhorn-manager.log";
        let all: Vec<&Signature> = signatures.iter().collect();
        let routing = &LogRouting::new(&all);
        let mut parts = path.split(['/', '.']).skip(1).map(str::to_owned);
        let mut next = || parts.next().unwrap();
        let origin = Origin {
            namespace: next(),
            pod: next(),
            name: next(),
            node: String::new(),
        };
        let scanner = Scanner::new(Signatures { all, routing });
        scanner.scan(path, origin, &mut text.as_bytes())
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
    fn the_stamps_at_both_ends_of_a_log_are_known() {
        let ends = |text: &str| {
            let window = scan(&[signature("dead", "dead", &[])], text).window;
            [window.first, window.last].map(|stamp| stamp.and_then(|stamp| stamp.resolve(None)))
        };
        let at = gleaner_text::parse_time;
        let text = "-- Boot 1 --\n2025-06-12T08:00:00Z a\n2025-06-12T08:00:05Z b\n2025-06-12T08:00:09Z c\n\tat d\n";
        assert_eq!(ends(text), [at("2025-06-12T08:00:00Z"), at("2025-06-12T08:00:09Z")]);
        assert_eq!(ends("no stamp at all\n"), [None, None]);
        assert_eq!(ends(""), [None, None]);
    }

    #[test]
    fn a_line_with_the_literal_but_not_the_pattern_is_not_a_hit() {
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
    fn a_log_written_newest_first_reads_the_same() {
        let signature = || signature("dead", r"volume (?P<volume>\S+) dead", &["volume"]);
        let line = |day: u32, second: u32, volume: &str| {
            format!("Jun {day} 08:00:{second:02} host unit[1]: {second} volume {volume} dead\n")
        };
        let lines: Vec<String> = (0..10).map(|second| line(10, second, "a")).collect();
        let newer = (0..6).map(|second| line(12, second, "a")).chain([line(12, 9, "b")]);
        let lines: Vec<String> = lines.into_iter().chain(newer).collect();
        let read = |lines: Vec<String>| {
            let now = gleaner_text::parse_time("2025-06-13T00:00:00Z");
            let found = crate::merge(&[scan(&[signature()], &lines.concat())], &[1800], now);
            let hits = found.values().flatten().map(|hit| {
                let quoted: Vec<String> = hit.samples.iter().map(|sample| sample.text.clone()).collect();
                (
                    hit.captures.clone(),
                    hit.count,
                    hit.first,
                    hit.last,
                    hit.runs.clone(),
                    quoted,
                )
            });
            hits.collect::<Vec<_>>()
        };
        let forwards = read(lines.clone());
        assert_eq!(forwards, read(lines.iter().rev().cloned().collect()));
        let (_, count, _, _, runs, quoted) = &forwards[0];
        assert_eq!((*count, runs.len(), runs[1].count), (16, 2, 6));
        let seconds: Vec<&str> = quoted.iter().map(|text| &text[13..15]).collect();
        assert_eq!(seconds, ["00", "01", "05"]);
    }

    #[test]
    fn what_ended_is_told_by_time_and_not_by_place() {
        let signature = signature("Engine dead", "Engine dead", &[]);
        let newest_first = "2025-06-12T08:00:09Z is healthy again\n2025-06-12T08:00:01Z Engine dead\n2025-06-12T08:00:00Z is healthy again\n";
        let found = crate::merge(&[scan(&[signature], newest_first)], &[1800], None);
        assert_eq!(found[&0][0].cleared, gleaner_text::parse_time("2025-06-12T08:00:09Z"));
    }

    #[test]
    fn what_a_script_traces_is_not_counted_beside_what_it_prints() {
        let signature = signature("Waiting for", "Waiting for", &[]);
        let text = "2025-06-12T08:00:00.1Z + echo 'Waiting for the repo'\n2025-06-12T08:00:00.2Z Waiting for the repo\n2025-06-12T08:00:01Z ++ echo 'Waiting for it'\n+ echo Waiting for\n";
        let found = scan(&[signature], text);
        assert_eq!(found.hits.values().map(|hit| hit.count).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn every_line_of_a_flood_is_counted_and_other_lines_within_it_are_separate_hits() {
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
    fn lines_are_searched_one_by_one_where_captures_come_from_the_stamp() {
        let signature = signature("restarted", r"^\S+T(?P<hour>\d\d)\S+ .*restarted", &["hour"]);
        let text = "2025-06-12T08:00:00Z pod restarted\n2025-06-12T09:00:00Z pod restarted\n";
        assert_eq!(scan(&[signature], text).hits.len(), 2);
    }

    #[test]
    fn lines_are_searched_one_by_one_where_a_literal_matches_in_the_stamp() {
        let signatures = [signature("2025-06", "^2025-06", &[]), signature("dead", "dead", &[])];
        let found = scan(&signatures, "2026-06-12T08:00:01Z dead\n2025-06-12T08:00:02Z dead\n");
        let counts: Vec<u64> = found.hits.values().map(|hit| hit.count).collect();
        assert_eq!(counts, [1, 2]);
    }

    #[test]
    fn a_clearing_line_before_the_first_hit_does_not_drop_its_captures() {
        let mut signature = signature("Engine dead", r"Engine dead on (?P<host>\S+)", &[]);
        signature.by = Vec::new();
        let found = scan(&[signature], "is healthy again\nEngine dead on host-1\n");
        let hit = found.hits.values().next().unwrap();
        assert_eq!((hit.count, hit.captures["host"].as_str()), (1, "host-1"));
    }

    #[test]
    fn lines_across_chunks_keep_their_numbers() {
        let signature = signature("needle", "needle", &[]);
        let mut text = "x".repeat(CHUNK - 3);
        text.push_str("\nfoo needle bar\n");
        let found = scan(&[signature], &text);
        let hit = found.hits.values().next().unwrap();
        assert_eq!((hit.count, hit.quotes[0].line), (1, 2));
    }

    #[test]
    fn a_very_long_line_is_truncated_and_the_next_one_is_read() {
        let signature = signature("needle", "needle", &[]);
        let text = format!("{}needle\nneedle\n", "x".repeat(3 * LONGEST_LINE));
        let found = scan(&[signature], &text);
        let hit = found.hits.values().next().unwrap();
        assert_eq!((hit.count, hit.quotes[0].line), (1, 2));
    }
}
