//! The matches of a signature: how many, from when to when, and a few lines to show.

use crate::origin::Origin;
use crate::stamp::Stamp;
use std::collections::BTreeMap;

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
    /// The bytes of the line, at least those of the characters that are shown.
    bytes: Vec<u8>,
}

/// Characters of a line that a report quotes.
const QUOTED: usize = 400;

impl Quote {
    /// Replaces the line and reuses its allocation.
    fn set(&mut self, line: u64, bytes: &[u8]) {
        self.line = line;
        self.bytes.clear();
        // A character has at most four bytes.
        let shown = bytes.get(..4 * QUOTED).unwrap_or(bytes);
        self.bytes.extend_from_slice(shown);
    }

    /// The line, at most 400 characters of it.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        text.trim_end_matches('\r').chars().take(QUOTED).collect()
    }

    fn sample(&self, path: &str) -> Sample {
        let text = self.text();
        Sample {
            path: path.to_owned(),
            line: self.line,
            stamp: Stamp::of(&text),
            text,
        }
    }
}

/// What one signature found in one log, for one set of captured values.
#[derive(Debug, Clone, Default)]
pub struct LineMatch {
    /// The groups of the pattern in the first line, by name.
    pub captures: BTreeMap<String, String>,
    /// How many lines.
    pub count: u64,
    /// The first two lines, and the last one.
    pub quotes: Vec<Quote>,
    /// The last line that matched `clears`.
    pub cleared: Option<Quote>,
}

/// Hits of one log, by signature and by the captured values that distinguish them.
#[derive(Debug, Clone, Default)]
pub struct LineMatches {
    /// Path of the log inside the bundle.
    pub path: String,
    /// Where the log comes from.
    pub origin: Origin,
    /// The hits.
    pub hits: BTreeMap<(usize, Vec<String>), LineMatch>,
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
    /// Where it was found, in order.
    pub origins: Vec<Origin>,
    /// Up to three lines: the first ones and the last.
    pub samples: Vec<Sample>,
}

/// How many lines a hit shows.
const SAMPLES: usize = 3;

impl LineMatch {
    /// Adds a line that matched the signature or, with `clears`, its clearing line.
    pub(super) fn keep(&mut self, clears: bool, line: u64, bytes: &[u8]) {
        if clears {
            self.cleared.get_or_insert_default().set(line, bytes);
        } else {
            self.add(line, bytes);
        }
    }

    /// Counts a line. The quotes are the first lines and, in the last slot, the latest one.
    fn add(&mut self, line: u64, bytes: &[u8]) {
        self.count += 1;
        if self.quotes.len() < SAMPLES {
            self.quotes.push(Quote::default());
        }
        if let Some(last) = self.quotes.last_mut() {
            last.set(line, bytes);
        }
    }
}

/// Merges the hits of all logs by signature, sorted.
pub fn merge(files: &[LineMatches], now: Option<i64>) -> BTreeMap<usize, Vec<LogMatch>> {
    let mut merged: BTreeMap<(usize, Vec<String>), LogMatch> = BTreeMap::new();
    let mut sorted: Vec<&LineMatches> = files.iter().collect();
    sorted.sort_by(|a, b| a.origin.cmp(&b.origin));
    for file in sorted {
        for (key, hit) in &file.hits {
            add(merged.entry(key.clone()).or_insert_with(|| empty(hit)), file, hit, now);
        }
    }
    let mut by_signature: BTreeMap<usize, Vec<LogMatch>> = BTreeMap::new();
    for ((signature, _), mut hit) in merged.into_iter().filter(|(_, hit)| hit.count > 0) {
        let time = |sample: &Sample| sample.stamp.and_then(|stamp| stamp.resolve(now));
        hit.samples
            .sort_by(|a, b| (time(a), &a.path, a.line).cmp(&(time(b), &b.path, b.line)));
        if hit.samples.len() > SAMPLES {
            let last = hit.samples.split_off(hit.samples.len() - 1);
            hit.samples.truncate(SAMPLES - 1);
            hit.samples.extend(last);
        }
        hit.cleared = hit
            .cleared
            .filter(|cleared| hit.last.is_none_or(|last| *cleared >= last));
        by_signature.entry(signature).or_default().push(hit);
    }
    by_signature
}

fn empty(hit: &LineMatch) -> LogMatch {
    let captures = hit.captures.clone();
    LogMatch {
        captures,
        count: 0,
        first: None,
        last: None,
        cleared: None,
        origins: Vec::new(),
        samples: Vec::new(),
    }
}

fn add(merged: &mut LogMatch, file: &LineMatches, hit: &LineMatch, now: Option<i64>) {
    let time = |sample: &Sample| sample.stamp.and_then(|stamp| stamp.resolve(now));
    let samples: Vec<Sample> = hit.quotes.iter().map(|quote| quote.sample(&file.path)).collect();
    let times: Vec<i64> = samples.iter().filter_map(time).collect();
    let cleared = hit.cleared.as_ref().map(|quote| quote.sample(&file.path));
    merged.count += hit.count;
    merged.first = [merged.first, times.iter().min().copied()].into_iter().flatten().min();
    merged.last = merged.last.max(times.iter().max().copied());
    merged.cleared = merged.cleared.max(cleared.as_ref().and_then(time));
    if hit.count > 0 && !merged.origins.contains(&file.origin) {
        merged.origins.push(file.origin.clone());
    }
    merged.samples.extend(samples);
}
