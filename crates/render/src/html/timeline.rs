//! What happened: a picture with a lane per source, and the same in words.
//!
//! The picture holds marks only; all text is in the page beside it. Its axis begins with the trouble that is there now and ends when
//! the bundle was made. Beyond a number of marks it counts by spans of time.

mod axis;
mod picture;

use super::links::{self, Link};
use super::when::When;
use crate::{safe, units, wording};
use axis::Axis;
use gleaner_report::{Moment, MomentSource, Report};
use picture::Picture;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most rows in view, and most of the others.
const ROWS: usize = 20;
const OTHERS: usize = 20;

/// The section.
#[derive(Serialize)]
pub(super) struct Timeline {
    any: bool,
    shown: String,
    outside: String,
    cut: String,
    unshown: String,
    lanes: Vec<LaneName>,
    picture: Option<Picture>,
    first: Option<FirstBad>,
    rows: Vec<MomentRow>,
    others: Vec<MomentRow>,
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

/// A moment in words.
#[derive(Serialize)]
struct MomentRow {
    when: When,
    source: &'static str,
    bad: bool,
    first: bool,
    object: String,
    text: String,
    count: String,
    place: String,
    /// The worst finding about the object.
    link: Option<Link>,
}

/// A moment and its time in seconds, where it has one.
struct Timed<'r> {
    seconds: Option<i64>,
    moment: &'r Moment,
}

/// The findings by the objects they are about.
type ByObject<'r> = BTreeMap<(&'r str, &'r str, &'r str), &'r str>;

/// The view of the section.
pub(super) fn view(report: &Report) -> Timeline {
    let axis = Axis::of(report);
    let timed = report.timeline.iter().map(|moment| Timed {
        seconds: units::seconds(&moment.time),
        moment,
    });
    let inside = |timed: &Timed<'_>| axis.as_ref().is_none_or(|axis| axis.holds(timed.seconds));
    let shown: Vec<Timed<'_>> = timed.filter(inside).collect();
    let by_object = by_object(report);
    let (rows, others) = rows(report, &shown, &by_object);
    let first = report.timeline.iter().find(|moment| moment.first_bad);
    Timeline {
        any: !report.timeline.is_empty(),
        shown: units::count(shown.len(), "moment"),
        outside: count_or_none(report.timeline.len() - shown.len()),
        cut: count_or_none(report.timeline_cut),
        unshown: count_or_none(shown.len() - rows.len() - others.len()),
        lanes: lanes(&shown),
        picture: axis
            .filter(|_| !shown.is_empty())
            .map(|axis| Picture::of(&shown, &axis)),
        first: first.map(|moment| FirstBad {
            when: When::of(&moment.time, report),
            object: wording::object(&moment.object),
            text: safe::line_within(&moment.text, 300),
        }),
        rows,
        others,
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

/// The worst finding about each object.
fn by_object(report: &Report) -> ByObject<'_> {
    let mut by_object = BTreeMap::new();
    for finding in &report.findings {
        for object in &finding.objects {
            let key = (object.kind.as_str(), object.namespace.as_str(), object.name.as_str());
            by_object.entry(key).or_insert(finding.id.as_str());
        }
    }
    by_object
}

/// The rows that are in view and the others, both oldest first, so that what went wrong first is above what followed. In view is what
/// went wrong with an object of a finding, then other trouble, then the newest of the rest.
fn rows(report: &Report, shown: &[Timed<'_>], by_object: &ByObject<'_>) -> (Vec<MomentRow>, Vec<MomentRow>) {
    let rank = |timed: &Timed<'_>| {
        let object = &timed.moment.object;
        let key = (object.kind.as_str(), object.namespace.as_str(), object.name.as_str());
        match (timed.moment.first_bad, timed.moment.bad, by_object.contains_key(&key)) {
            (true, _, _) => 0,
            (_, true, true) => 1,
            (_, true, false) => 2,
            _ => 3,
        }
    };
    let mut order: Vec<usize> = (0..shown.len()).rev().collect();
    order.sort_by_key(|index| rank(&shown[*index]));
    let mut others: Vec<usize> = order.split_off(order.len().min(ROWS));
    others.truncate(OTHERS);
    let written = |mut indices: Vec<usize>| {
        indices.sort_unstable();
        let rows = indices
            .into_iter()
            .map(|index| row(report, shown[index].moment, by_object));
        rows.collect()
    };
    (written(order), written(others))
}

fn row(report: &Report, moment: &Moment, by_object: &ByObject<'_>) -> MomentRow {
    let object = &moment.object;
    let key = (object.kind.as_str(), object.namespace.as_str(), object.name.as_str());
    let id = by_object.get(&key);
    MomentRow {
        when: When::of(&moment.time, report),
        source: moment.source.as_str(),
        bad: moment.bad,
        first: moment.first_bad,
        object: wording::brief(&wording::object(object)),
        text: wording::brief(&safe::line_within(&moment.text, 300)),
        count: wording::often(moment),
        place: place(moment),
        link: id.and_then(|id| links::to(report, id)),
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
fn lanes(shown: &[Timed<'_>]) -> Vec<LaneName> {
    let count = |source| shown.iter().filter(|timed| timed.moment.source == source).count();
    let lanes = MomentSource::ALL.map(|source| LaneName {
        word: source.as_str(),
        n: units::grouped(count(source)),
    });
    lanes.into()
}
