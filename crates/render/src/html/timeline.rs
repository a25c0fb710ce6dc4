//! The timeline: a picture with a lane per source, and the same as a table.
//!
//! The picture holds marks only; all text is in the page beside it. It shows the day before collection and, larger,
//! its last hour. Beyond a number of marks it counts by spans of time.

mod picture;

use super::when::When;
use crate::{safe, units, wording};
use gleaner_report::{Moment, MomentSource, Report};
use picture::Picture;
use serde::Serialize;

/// Most rows of the table.
const ROWS: usize = 200;
/// Seconds before collection that are shown.
const DAY: i64 = 86_400;
/// Seconds that collecting may take; moments in them are shown too.
const COLLECTING: i64 = 3_600;

/// The section.
#[derive(Serialize)]
pub(super) struct Timeline {
    any: bool,
    /// Whether the time of collection is known, so that only the day before it is shown.
    window: bool,
    day: String,
    outside: String,
    cut: String,
    unshown: String,
    lanes: Vec<LaneName>,
    picture: Option<Picture>,
    first: Option<FirstBad>,
    rows: Vec<MomentRow>,
}

/// A lane of the picture, with its number of moments.
#[derive(Serialize)]
struct LaneName {
    word: &'static str,
    n: String,
}

/// The first thing that went wrong.
#[derive(Serialize)]
struct FirstBad {
    when: When,
    object: String,
    text: String,
}

/// A moment in the table.
#[derive(Serialize)]
struct MomentRow {
    when: When,
    source: &'static str,
    first: bool,
    object: String,
    text: String,
    count: String,
    place: String,
}

/// A moment and its time in seconds, where it has one.
struct Timed<'r> {
    seconds: Option<i64>,
    moment: &'r Moment,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Timeline {
    let end = units::seconds(&report.bundle.created_at);
    let recent = |timed: &Timed<'_>| match (timed.seconds, end) {
        (Some(seconds), Some(end)) => (end - DAY..=end.saturating_add(COLLECTING)).contains(&seconds),
        (_, None) => true,
        (None, Some(_)) => false,
    };
    let timed = report.timeline.iter().map(|moment| Timed {
        seconds: units::seconds(&moment.time),
        moment,
    });
    let day: Vec<Timed<'_>> = timed.filter(recent).collect();
    let rows = rows(report, &day);
    let first = report.timeline.iter().find(|moment| moment.first_bad);
    Timeline {
        any: !report.timeline.is_empty(),
        window: end.is_some(),
        day: units::count(day.len(), "moment"),
        outside: count_or_none(report.timeline.len() - day.len()),
        cut: count_or_none(report.timeline_cut),
        unshown: count_or_none(day.len() - rows.len()),
        lanes: lanes(&day),
        picture: end.filter(|_| !day.is_empty()).map(|end| Picture::of(&day, end)),
        first: first.map(|moment| FirstBad {
            when: When::of(&moment.time, report),
            object: wording::object(&moment.object),
            text: safe::line_within(&moment.text, 300),
        }),
        rows,
    }
}

/// A number of moments in words; empty for none.
fn count_or_none(n: usize) -> String {
    if n == 0 {
        String::new()
    } else {
        units::count(n, "moment")
    }
}

/// The rows: oldest first, so that what went wrong first is above what followed. Of too many the newest, and always
/// the first bad moment.
fn rows(report: &Report, day: &[Timed<'_>]) -> Vec<MomentRow> {
    let mut from = day.len().saturating_sub(ROWS);
    let early = day.iter().take(from).find(|timed| timed.moment.first_bad);
    from += usize::from(early.is_some());
    let shown = early.into_iter().chain(day.iter().skip(from));
    shown.map(|timed| row(report, timed.moment)).collect()
}

fn row(report: &Report, moment: &Moment) -> MomentRow {
    MomentRow {
        when: When::of(&moment.time, report),
        source: moment.source.as_str(),
        first: moment.first_bad,
        object: wording::object(&moment.object),
        text: safe::line_within(&moment.text, 300),
        count: wording::often(moment),
        place: place(moment),
    }
}

fn place(moment: &Moment) -> String {
    let path = safe::line_within(&moment.path, 400);
    if moment.line > 0 {
        format!("{path}:{}", moment.line)
    } else {
        path
    }
}

/// The lanes from top to bottom.
fn lanes(day: &[Timed<'_>]) -> Vec<LaneName> {
    let count = |source| day.iter().filter(|timed| timed.moment.source == source).count();
    let lanes = MomentSource::ALL.map(|source| LaneName {
        word: source.as_str(),
        n: units::grouped(count(source)),
    });
    lanes.into()
}
