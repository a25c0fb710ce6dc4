//! The axis of the picture: where a moment is between the beginning of the trouble and the making of the bundle.

use crate::units;
use gleaner_report::Report;
use serde::Serialize;

/// The last day is drawn to scale; what is older by the logarithm of its age.
const DAY: i64 = 86_400;
/// Seconds that collecting may take; moments in them are at the right edge.
const COLLECTING: i64 = 3_600;
/// The least that is drawn, so that a trouble of a minute does not fill the picture.
const LEAST: i64 = 3_600;
/// Thousandths of the width that belong to what is older than a day.
const OLD: i64 = 400;
/// Least distance of two ticks in thousandths of the width.
const APART: i64 = 80;
/// Ages that may get a tick, in seconds and in words, the oldest first.
const TICKS: [(i64, &str); 13] = [
    (365 * DAY, "1 year"),
    (180 * DAY, "180 d"),
    (90 * DAY, "90 d"),
    (30 * DAY, "30 d"),
    (14 * DAY, "14 d"),
    (7 * DAY, "7 d"),
    (3 * DAY, "3 d"),
    (DAY, "24 h"),
    (43_200, "12 h"),
    (21_600, "6 h"),
    (10_800, "3 h"),
    (3_600, "1 h"),
    (1_200, "20 min"),
];

/// From when to when the picture goes, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    span: i64,
    end: i64,
}

/// A mark of the scale with its word.
#[derive(Serialize)]
pub(super) struct Tick {
    /// Where it is, in percent of the width, as an attribute of the drawing takes it.
    pub(super) at: String,
    /// Where its line is, in thousandths.
    pub(super) x: i64,
    pub(super) word: &'static str,
}

impl Axis {
    /// From the first bad moment, else from the oldest moment of the last day; `None` if the time of the bundle is not known.
    pub(super) fn of(report: &Report) -> Option<Axis> {
        let end = units::seconds(&report.bundle.created_at)?;
        let first = report.timeline.iter().find(|moment| moment.first_bad);
        let first = first
            .map(|moment| moment.time.as_str())
            .or(report.diagnosis.first_bad.as_deref());
        let begin = first.and_then(units::seconds).unwrap_or(end - DAY);
        // A little before the first moment, so that its mark is not the edge.
        let span = end.saturating_sub(begin).max(LEAST);
        Some(Axis {
            span: span.saturating_add(span / 20),
            end,
        })
    }

    /// Whether a time is on the axis.
    pub(super) fn holds(&self, seconds: Option<i64>) -> bool {
        seconds.is_some_and(|seconds| {
            seconds >= self.end.saturating_sub(self.span) && seconds <= self.end.saturating_add(COLLECTING)
        })
    }

    /// Where a time is, in thousandths of the width.
    pub(super) fn place(&self, seconds: i64) -> i64 {
        self.place_of_age(self.end.saturating_sub(seconds).clamp(0, self.span))
    }

    fn place_of_age(&self, age: i64) -> i64 {
        if self.span <= DAY {
            return 1_000 - age * 1_000 / self.span;
        }
        if age <= DAY {
            return 1_000 - age * (1_000 - OLD) / DAY;
        }
        let log = |seconds: i64| (seconds as f64).ln();
        let part = (log(self.span) - log(age)) / (log(self.span) - log(DAY));
        (part * OLD as f64).round() as i64
    }

    /// The marks of the scale, from left to right, and T0.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        for (age, word) in TICKS.into_iter().filter(|(age, _)| *age < self.span) {
            let x = self.place_of_age(age);
            let apart = ticks.last().is_none_or(|tick| x - tick.x >= APART);
            if apart && (APART / 2..=1_000 - APART).contains(&x) {
                ticks.push(Tick {
                    at: format!("{}.{}%", x / 10, x % 10),
                    x,
                    word,
                });
            }
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_to_scale_and_what_is_older_is_not() {
        let axis = Axis {
            span: 30 * DAY,
            end: 100 * DAY,
        };
        assert_eq!(axis.place(100 * DAY), 1_000);
        assert_eq!(axis.place(99 * DAY), OLD);
        assert_eq!(axis.place(100 * DAY - DAY / 2), 700);
        assert_eq!(axis.place(70 * DAY), 0);
        assert!(axis.place(90 * DAY) > OLD / 4 && axis.place(90 * DAY) < OLD / 2);
        assert!(axis.holds(Some(70 * DAY)) && !axis.holds(Some(69 * DAY)) && !axis.holds(None));
        let ticks: Vec<&str> = axis.ticks().iter().map(|tick| tick.word).collect();
        assert_eq!(ticks, ["14 d", "7 d", "3 d", "24 h", "12 h", "6 h"]);
    }

    #[test]
    fn a_trouble_of_an_hour_is_drawn_to_scale() {
        let axis = Axis {
            span: 3_780,
            end: 10_000,
        };
        assert_eq!(axis.place(10_000 - 1_890), 500);
        let ticks: Vec<&str> = axis.ticks().iter().map(|tick| tick.word).collect();
        assert_eq!(ticks, ["1 h", "20 min"]);
    }
}
