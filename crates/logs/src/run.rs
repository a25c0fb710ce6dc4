//! Runs: lines that follow one another without a long pause. A log spans days and boots; what went on for an hour is one run, what
//! happened for a minute twice is two.

use crate::stamp::{Clock, Stamp, YEAR};

/// Lines of which each was written within the signature's gap after the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// When its first line was written, in seconds since 1970.
    pub first: i64,
    /// When its last line was written, in seconds since 1970.
    pub last: i64,
    /// How many lines.
    pub count: u64,
}

/// Most runs that are kept of a hit; the oldest are dropped.
const MOST_RUNS: usize = 64;

/// Sorts runs by time, joins those without a gap between them and keeps the newest.
pub(crate) fn join(mut runs: Vec<Run>, gap: i64) -> Vec<Run> {
    runs.sort_by_key(|run| (run.first, run.last));
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(before) if run.first <= before.last.saturating_add(gap) => {
                before.last = before.last.max(run.last);
                before.count += run.count;
            }
            _ => joined.push(run),
        }
    }
    joined.drain(..joined.len().saturating_sub(MOST_RUNS));
    joined
}

/// The runs of one log while it is read. Its lines may be in any order: Longhorn's collector writes journals newest first.
#[derive(Debug, Clone, Default)]
pub struct FileRuns {
    /// Sorted; in seconds since 1970, or on the clock of stamps without a year, counted on or back from the first line's.
    runs: Vec<Run>,
    /// Whether the stamps name a year. Where a log mixes both, those with one count.
    yearless: bool,
    /// When the very first line was written, whether or not its run is kept.
    first: Option<i64>,
}

/// Where a line stands in the newest run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It begins a new newest run.
    Begins,
    /// It belongs to the newest run.
    Newest,
    /// It belongs to an older one.
    Older,
}

impl FileRuns {
    /// Whether no line with a time was counted.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Counts a line.
    pub(crate) fn add(&mut self, stamp: Stamp, gap: i64) -> Place {
        let (time, yearless) = match stamp.clock() {
            Clock::Unix(seconds) => (seconds, false),
            Clock::Yearly(second) => (nearest(second, self.runs.first().filter(|_| self.yearless)), true),
        };
        if self.runs.is_empty() || (self.yearless && !yearless) {
            *self = FileRuns {
                runs: vec![Run::of(time)],
                yearless,
                first: Some(time),
            };
            return Place::Begins;
        }
        if yearless && !self.yearless {
            return Place::Older;
        }
        self.first = self.first.min(Some(time));
        // Most lines continue the newest run, or the oldest where the log is written newest first.
        let fits = |run: &Run| time >= run.first.saturating_sub(gap) && time <= run.last.saturating_add(gap);
        match self.runs.iter().rposition(fits) {
            Some(index) => {
                let run = &mut self.runs[index];
                (run.first, run.last, run.count) = (run.first.min(time), run.last.max(time), run.count + 1);
                let before = self.runs.len();
                self.close_up(index, gap);
                if index + 1 == before {
                    Place::Newest
                } else {
                    Place::Older
                }
            }
            None => {
                let index = self.runs.partition_point(|run| run.first < time);
                self.runs.insert(index, Run::of(time));
                let newest = index + 1 == self.runs.len();
                if self.runs.len() > MOST_RUNS {
                    self.runs.remove(0);
                }
                if newest { Place::Begins } else { Place::Older }
            }
        }
    }

    /// Joins a run that has grown with its neighbours.
    fn close_up(&mut self, index: usize, gap: i64) {
        let grown = self.runs[index];
        let next = self
            .runs
            .get(index + 1)
            .filter(|next| next.first <= grown.last.saturating_add(gap));
        let before = index.checked_sub(1).map(|before| self.runs[before]);
        let before = before.filter(|before| grown.first <= before.last.saturating_add(gap));
        if next.is_some() || before.is_some() {
            self.runs = join(std::mem::take(&mut self.runs), gap);
        }
    }

    /// The runs in seconds since 1970; none where only the time of the bundle could tell the year, and it is not known.
    pub(crate) fn resolve(&self, now: Option<i64>) -> impl Iterator<Item = Run> {
        let yearless = self.yearless;
        let at = move |time: i64| unix(time, yearless, now);
        self.runs.iter().filter_map(move |run| {
            let (first, last) = (at(run.first)?, at(run.last)?);
            (first <= last).then_some(Run { first, last, ..*run })
        })
    }

    /// When the very first line was written.
    pub(crate) fn first(&self, now: Option<i64>) -> Option<i64> {
        unix(self.first?, self.yearless, now)
    }
}

/// A second of the year as the one closest to a run: logs cross New Year, and span less than half a year.
fn nearest(second: i64, run: Option<&Run>) -> i64 {
    let Some(run) = run else { return second };
    let ahead = (second - run.first).rem_euclid(YEAR);
    run.first + if ahead > YEAR / 2 { ahead - YEAR } else { ahead }
}

/// A time of a file's clock in seconds since 1970.
fn unix(time: i64, yearless: bool, now: Option<i64>) -> Option<i64> {
    let stamp = if yearless {
        Stamp::of_year(time.rem_euclid(YEAR))?
    } else {
        Stamp::At(time)
    };
    stamp.resolve(now)
}

impl Run {
    fn of(time: i64) -> Run {
        Run {
            first: time,
            last: time,
            count: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: i64 = 1800;
    const HOUR: i64 = 3600;

    fn runs_of(stamps: &[Stamp], now: Option<i64>) -> Vec<(i64, i64, u64)> {
        let mut runs = FileRuns::default();
        for stamp in stamps {
            runs.add(*stamp, GAP);
        }
        let runs = join(runs.resolve(now).collect(), GAP);
        runs.iter().map(|run| (run.first, run.last, run.count)).collect()
    }

    #[test]
    fn a_pause_longer_than_the_gap_ends_a_run() {
        let stamps = [0, 600, 600 + GAP, 601 + 2 * GAP].map(Stamp::At);
        let expected = vec![(0, 600 + GAP, 3), (601 + 2 * GAP, 601 + 2 * GAP, 1)];
        assert_eq!(runs_of(&stamps, None), expected);
    }

    #[test]
    fn the_order_of_the_lines_does_not_matter() {
        let mut stamps = [0, 600, 2000, 20_000, 20_100, 3700, 90_000].map(Stamp::At);
        let expected = vec![(0, 3700, 4), (20_000, 20_100, 2), (90_000, 90_000, 1)];
        assert_eq!(runs_of(&stamps, None), expected);
        stamps.reverse();
        assert_eq!(runs_of(&stamps, None), expected);
        stamps.swap(0, 3);
        assert_eq!(runs_of(&stamps, None), expected);
    }

    #[test]
    fn a_line_between_two_runs_makes_them_one() {
        let stamps = [0, 3000, 1500].map(Stamp::At);
        assert_eq!(runs_of(&stamps, None), vec![(0, 3000, 3)]);
    }

    #[test]
    fn a_run_without_years_crosses_new_year() {
        let now = gleaner_text::parse_time("2026-01-02T00:00:00Z");
        let stamps = [
            Stamp::NoYear(12, 31, 86_000),
            Stamp::NoYear(1, 1, 100),
            Stamp::NoYear(1, 1, 8 * 3600),
        ];
        let midnight = gleaner_text::parse_time("2026-01-01T00:00:00Z").unwrap();
        let expected = vec![
            (midnight - 400, midnight + 100, 2),
            (midnight + 8 * HOUR, midnight + 8 * HOUR, 1),
        ];
        assert_eq!(runs_of(&stamps, now), expected);
        let backwards: Vec<Stamp> = stamps.into_iter().rev().collect();
        assert_eq!(runs_of(&backwards, now), expected);
        assert_eq!(runs_of(&stamps, None), Vec::new());
    }

    #[test]
    fn of_very_many_runs_the_newest_are_kept_and_the_first_time_is_known() {
        let stamps: Vec<Stamp> = (0..200).map(|day| Stamp::At(day * 86_400)).collect();
        for stamps in [stamps.clone(), stamps.into_iter().rev().collect()] {
            let mut runs = FileRuns::default();
            for stamp in stamps {
                runs.add(stamp, GAP);
            }
            assert_eq!(runs.first(None), Some(0));
            let kept: Vec<i64> = runs.resolve(None).map(|run| run.first / 86_400).collect();
            assert_eq!(kept, (136..200).collect::<Vec<_>>());
        }
    }
}
