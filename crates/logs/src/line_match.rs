//! The matches of a signature: how many, from when to when, and a few lines to show.

use crate::origin::Origin;
use crate::run::{FileRuns, Place, Run, join};
use crate::stamp::{Stamp, Window};
use std::collections::BTreeMap;
use std::fmt;

/// A line that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Path of the log inside the bundle.
    pub path: String,
    /// 1-based line.
    pub line: u64,
    /// When it was written.
    pub stamp: Option<Stamp>,
    /// The line, at most 400 characters of it.
    pub text: String,
}

/// A line as a scan keeps it.
#[derive(Debug, Clone, Default)]
pub struct Quote {
    /// 1-based line.
    pub line: u64,
    /// When it was written.
    stamp: Option<Stamp>,
    /// The line, at least the characters of it that are shown.
    bytes: Vec<u8>,
}

/// Characters of a line that a report quotes.
const QUOTED: usize = 400;

impl Quote {
    /// Takes the place of another line, in its memory.
    fn set(&mut self, line: u64, stamp: Option<Stamp>, bytes: &[u8]) {
        self.line = line;
        self.stamp = stamp;
        self.bytes.clear();
        self.bytes.extend_from_slice(shown(bytes));
    }

    /// The line, at most 400 characters of it.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        text.trim_end_matches('\r').chars().take(QUOTED).collect()
    }

    fn sample(&self, path: &str) -> Sample {
        Sample {
            path: path.to_owned(),
            line: self.line,
            stamp: self.stamp,
            text: self.text(),
        }
    }

    /// Whether it was written before a time; a line without a time was.
    fn is_before(&self, stamp: Stamp) -> bool {
        self.stamp.is_none_or(|own| own.seconds() < stamp.seconds())
    }
}

/// The beginning of a line, as much as its shown characters may take.
fn shown(line: &[u8]) -> &[u8] {
    // A character has at most four bytes.
    line.get(..4 * QUOTED).unwrap_or(line)
}

/// What one signature found in one log, for one set of captured values.
#[derive(Debug, Clone, Default)]
pub struct LineMatch {
    /// The groups of the pattern in the first line, by name.
    pub captures: BTreeMap<String, String>,
    /// How many lines.
    pub count: u64,
    /// Of the newest run the first two lines, and the last one; of a log without times simply these.
    pub quotes: Vec<Quote>,
    /// The runs of the lines that have a time.
    pub runs: FileRuns,
    /// The newest line that said it is over.
    pub cleared: Option<Quote>,
}

/// Why the rest of a log is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogEnd {
    /// The log ends with a line, as every log does that was read to its end.
    #[default]
    Whole,
    /// It holds nothing. The collector leaves such a file where it was given no log.
    Empty,
    /// It ends within a line: the rest was not collected, or is lost.
    Cut,
    /// It holds zero bytes, as files have that were not written to the end: from this line on.
    Zeros(u64),
}

/// As a lower-case fragment.
impl fmt::Display for LogEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogEnd::Whole => out.write_str("it is whole"),
            LogEnd::Empty => out.write_str("it is empty"),
            LogEnd::Cut => out.write_str("it ends within a line: the file seems to be truncated"),
            LogEnd::Zeros(line) => write!(out, "line {line}: it holds zero bytes"),
        }
    }
}

/// Hits of one log, by signature and by the captured values that distinguish them.
#[derive(Debug, Clone, Default)]
pub struct LineMatches {
    /// Path of the log inside the bundle.
    pub path: String,
    /// Where the log comes from.
    pub origin: Origin,
    /// When its first and its last lines were written.
    pub window: Window,
    /// The hits.
    pub hits: BTreeMap<(usize, Vec<String>), LineMatch>,
    /// Whether the log was there to its end.
    pub end: LogEnd,
    /// By signature, how many lines were left out because they capture more different values than are kept.
    pub left_out: BTreeMap<usize, u64>,
}

/// What one signature found in all logs, for one set of captured values.
#[derive(Debug, Clone)]
pub struct LogMatch {
    /// The groups of the pattern, by name.
    pub captures: BTreeMap<String, String>,
    /// How many lines.
    pub count: u64,
    /// When the first line was written.
    pub first: Option<i64>,
    /// When the last line was written.
    pub last: Option<i64>,
    /// When the last line that matched `clears` was written, if that was after the last hit.
    pub cleared: Option<i64>,
    /// The runs of the lines that have a time, by time. Of a hit with very many, the newest.
    pub runs: Vec<Run>,
    /// Where it was found, in order.
    pub origins: Vec<Origin>,
    /// Up to three lines of the newest run: the first ones and the last.
    pub samples: Vec<Sample>,
}

/// How many lines a hit shows.
const SAMPLES: usize = 3;

impl LineMatch {
    /// Keeps a line: one that counts, or one that says it is over.
    pub(super) fn keep(&mut self, clears: bool, line: u64, bytes: &[u8], gap: i64) {
        let stamp = Stamp::of(&String::from_utf8_lossy(shown(bytes)));
        if clears {
            let known = self.cleared.as_ref();
            if known.zip(stamp).is_none_or(|(known, stamp)| known.is_before(stamp)) {
                self.cleared.get_or_insert_default().set(line, stamp, bytes);
            }
            return;
        }
        self.count += 1;
        match stamp {
            Some(stamp) => self.quote_by_time(line, stamp, bytes, gap),
            None if self.runs.is_empty() => self.quote_at(self.quotes.len(), line, None, bytes),
            None => {}
        }
    }

    /// Quotes a line if it is among the first ones of the newest run, or its last so far.
    fn quote_by_time(&mut self, line: u64, stamp: Stamp, bytes: &[u8], gap: i64) {
        match self.runs.add(stamp, gap) {
            Place::Begins => self.quotes.clear(),
            Place::Newest => {}
            Place::Older => return,
        }
        // Lines of one second stay in the order in which they are read.
        let later = |quote: &Quote| !quote.is_before(stamp) && quote.stamp != Some(stamp);
        let place = self.quotes.iter().position(later).unwrap_or(self.quotes.len());
        self.quote_at(place, line, Some(stamp), bytes);
    }

    /// Puts a line at a place among the quotes, and keeps the first ones and the last.
    fn quote_at(&mut self, place: usize, line: u64, stamp: Option<Stamp>, bytes: &[u8]) {
        let full = self.quotes.len() == SAMPLES;
        // The line that gives way: where the new one is the last, the one that was; otherwise the one before the last.
        let mut quote = match full {
            true if place == SAMPLES => self.quotes.remove(SAMPLES - 1),
            true if place == SAMPLES - 1 => return,
            true => self.quotes.remove(SAMPLES - 2),
            false => Quote::default(),
        };
        quote.set(line, stamp, bytes);
        self.quotes.insert(place.min(self.quotes.len()), quote);
    }
}

/// Merges the hits of all logs by signature, sorted. Those of different nodes stay apart. `gaps` are those of the signatures, in seconds.
pub fn merge(files: &[LineMatches], gaps: &[i64], now: Option<i64>) -> BTreeMap<usize, Vec<LogMatch>> {
    // The logs of a node are those of a machine of its own: what two nodes write are two matches.
    let mut merged: BTreeMap<(usize, Vec<String>, &str), LogMatch> = BTreeMap::new();
    let mut sorted: Vec<&LineMatches> = files.iter().collect();
    sorted.sort_by(|a, b| a.origin.cmp(&b.origin));
    for file in sorted {
        for (key, hit) in &file.hits {
            let (signature, values) = key.clone();
            let key = (signature, values, file.origin.node.as_str());
            add(merged.entry(key).or_insert_with(|| empty(hit)), file, hit, now);
        }
    }
    let mut by_signature: BTreeMap<usize, Vec<LogMatch>> = BTreeMap::new();
    for ((signature, ..), mut hit) in merged.into_iter().filter(|(_, hit)| hit.count > 0) {
        hit.runs = join(std::mem::take(&mut hit.runs), gaps[signature]);
        choose_samples(&mut hit, now);
        hit.cleared = hit
            .cleared
            .filter(|cleared| hit.last.is_none_or(|last| *cleared >= last));
        by_signature.entry(signature).or_default().push(hit);
    }
    by_signature
}

/// Of the lines that the logs quote, those of the newest run, sorted, the first ones and the last.
fn choose_samples(hit: &mut LogMatch, now: Option<i64>) {
    let time = |sample: &Sample| sample.stamp.and_then(|stamp| stamp.resolve(now));
    if let Some(newest) = hit.runs.last() {
        hit.samples
            .retain(|sample| time(sample).is_some_and(|time| time >= newest.first));
    }
    hit.samples
        .sort_by(|a, b| (time(a), &a.path, a.line).cmp(&(time(b), &b.path, b.line)));
    if hit.samples.len() > SAMPLES {
        hit.samples.drain(SAMPLES - 1..hit.samples.len() - 1);
    }
}

fn empty(hit: &LineMatch) -> LogMatch {
    let captures = hit.captures.clone();
    LogMatch {
        captures,
        count: 0,
        first: None,
        last: None,
        cleared: None,
        runs: Vec::new(),
        origins: Vec::new(),
        samples: Vec::new(),
    }
}

fn add(merged: &mut LogMatch, file: &LineMatches, hit: &LineMatch, now: Option<i64>) {
    let cleared = hit.cleared.as_ref().and_then(|quote| quote.stamp);
    merged.count += hit.count;
    merged.runs.extend(hit.runs.resolve(now));
    merged.first = [merged.first, hit.runs.first(now)].into_iter().flatten().min();
    merged.last = merged.runs.iter().map(|run| run.last).max();
    merged.cleared = merged.cleared.max(cleared.and_then(|stamp| stamp.resolve(now)));
    if hit.count > 0 && !merged.origins.contains(&file.origin) {
        merged.origins.push(file.origin.clone());
    }
    merged
        .samples
        .extend(hit.quotes.iter().map(|quote| quote.sample(&file.path)));
}
