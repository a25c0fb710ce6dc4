//! The view of the timeline: a picture with a lane per source, and the same as a table.
//!
//! The picture holds marks only; every word stands in the page beside it. It shows the day before collection and, larger,
//! its last hour. Beyond a number of marks it counts by spans of time.

use super::super::{safe, units, wording};
use super::when;
use gleaner_report::{Moment, MomentSource, Report};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most rows of the table.
const ROWS: usize = 200;
/// Most marks of the picture; beyond it they are counted in spans.
const MARKS: usize = 500;
/// Spans of each half of the picture, where it counts.
const SPANS: i64 = 40;
/// Height of a lane in units of the drawing.
const LANE: i64 = 24;
/// The halves of the picture: seconds before collection, left edge, width.
const HALVES: [(i64, i64, i64); 2] = [(86_400, 0, 660), (3_600, 680, 320)];
/// Width of a mark.
const MARK: i64 = 3;
/// Seconds that collecting may take; moments in them stand at the right edge.
const COLLECTING: i64 = 3_600;

/// The picture and the table.
pub(super) fn view(report: &Report) -> Value {
    let end = units::seconds(&report.bundle.created_at);
    let timed: Vec<(Option<i64>, &Moment)> = report
        .timeline
        .iter()
        .map(|moment| (units::seconds(&moment.time), moment))
        .collect();
    let recent = |seconds: &Option<i64>| match (seconds, end) {
        (Some(seconds), Some(end)) => (end - HALVES[0].0..=end.saturating_add(COLLECTING)).contains(seconds),
        (_, None) => true,
        (None, Some(_)) => false,
    };
    let day: Vec<&(Option<i64>, &Moment)> = timed.iter().filter(|(seconds, _)| recent(seconds)).collect();
    let rows = rows(report, &day);
    json!({
        "any": !report.timeline.is_empty(),
        "window": end.is_some(),
        "day": units::count(day.len(), "moment"),
        "outside": count_or_none(report.timeline.len() - day.len()),
        "cut": count_or_none(report.timeline_cut),
        "unshown": count_or_none(day.len() - rows.len()),
        "lanes": lanes(&day),
        "picture": end.filter(|_| !day.is_empty()).map(|end| picture(&day, end)),
        "first": report.timeline.iter().find(|moment| moment.first_bad).map(|moment| first(report, moment)),
        "rows": rows,
    })
}

/// A number of moments in words; empty for none.
fn count_or_none(n: usize) -> String {
    if n == 0 {
        String::new()
    } else {
        units::count(n, "moment")
    }
}

/// The rows: oldest first, so that what went wrong first stands above what followed. Of too many the newest, and always
/// the first bad moment.
fn rows(report: &Report, day: &[&(Option<i64>, &Moment)]) -> Vec<Value> {
    let mut from = day.len().saturating_sub(ROWS);
    let early = day
        .iter()
        .take(from)
        .find(|(_, moment)| moment.first_bad)
        .map(|(_, moment)| *moment);
    from += usize::from(early.is_some());
    let newest = day.iter().skip(from).map(|(_, moment)| *moment);
    early
        .into_iter()
        .chain(newest)
        .map(|moment| row(report, moment))
        .collect()
}

fn row(report: &Report, moment: &Moment) -> Value {
    json!({
        "when": when(&moment.time, report),
        "source": moment.source.as_str(),
        "first": moment.first_bad,
        "object": wording::object(&moment.object),
        "text": safe::line_within(&moment.text, 300),
        "count": if moment.count > 1 { format!("{} times", grouped(moment.count)) } else { String::new() },
        "place": place(moment),
    })
}

fn grouped(n: u64) -> String {
    units::grouped(usize::try_from(n).unwrap_or(usize::MAX))
}

fn place(moment: &Moment) -> String {
    let path = safe::line_within(&moment.path, 400);
    if moment.line > 0 {
        format!("{path}:{}", moment.line)
    } else {
        path
    }
}

fn first(report: &Report, moment: &Moment) -> Value {
    json!({
        "when": when(&moment.time, report),
        "object": wording::object(&moment.object),
        "text": safe::line_within(&moment.text, 300),
    })
}

/// The lanes from top to bottom, each with its number of moments.
fn lanes(day: &[&(Option<i64>, &Moment)]) -> Vec<Value> {
    let count = |source: MomentSource| day.iter().filter(|(_, moment)| moment.source == source).count();
    MomentSource::ALL
        .into_iter()
        .map(|source| json!({"word": source.as_str(), "n": units::grouped(count(source))}))
        .collect()
}

/// A place in the picture for each moment, in both halves.
struct Spot {
    half: usize,
    lane: i64,
    /// Thousandths of the half's width.
    at: i64,
    bad: bool,
}

fn picture(day: &[&(Option<i64>, &Moment)], end: i64) -> Value {
    let mut spots = Vec::new();
    let mut firsts = Vec::new();
    for (seconds, moment) in day
        .iter()
        .filter_map(|(seconds, moment)| Some((((*seconds)?), *moment)))
    {
        let lane = (0..)
            .zip(MomentSource::ALL)
            .find(|(_, source)| *source == moment.source);
        for (half, (span, left, width)) in HALVES.into_iter().enumerate() {
            let before = (end - seconds).max(0);
            if before > span {
                continue;
            }
            let at = (span - before) * 1_000 / span;
            if moment.first_bad {
                firsts.push(json!({"x": left + at * (width - MARK) / 1_000}));
            }
            spots.push(Spot {
                half,
                lane: lane.map_or(0, |(lane, _)| lane),
                at,
                bad: moment.bad,
            });
        }
    }
    let counted = spots.len() > MARKS;
    let marks = if counted { spans(&spots) } else { single(&spots) };
    let (lanes, height) = (0.., LANE * 6);
    let lanes: Vec<Value> = lanes
        .zip(MomentSource::ALL)
        .flat_map(|(lane, _)| HALVES.map(|(_, left, width)| json!({"x": left, "y": lane * LANE + 2, "width": width})))
        .collect();
    let ends: Vec<Value> = HALVES
        .map(|(_, left, width)| json!({"x": left + width - 2}))
        .into_iter()
        .collect();
    json!({
        "height": height, "lanes": lanes, "laneHeight": LANE - 4,
        "marks": marks, "firsts": firsts, "ends": ends, "counted": counted,
    })
}

/// A mark for each moment: what went wrong fills its lane, the rest half of it.
fn single(spots: &[Spot]) -> Vec<Value> {
    let mark = |spot: &Spot| {
        let (_, left, width) = HALVES.get(spot.half).copied().unwrap_or_default();
        let height = if spot.bad { LANE - 6 } else { LANE / 2 - 3 };
        json!({
            "x": left + spot.at * (width - MARK) / 1_000, "y": (spot.lane + 1) * LANE - 3 - height, "width": MARK,
            "height": height, "tone": if spot.bad { "bad" } else { "ok" },
        })
    };
    spots.iter().map(mark).collect()
}

/// A mark for each span of time with moments, the taller the more there are.
fn spans(spots: &[Spot]) -> Vec<Value> {
    let mut counts: BTreeMap<(usize, i64, i64), (i64, bool)> = BTreeMap::new();
    for spot in spots {
        let span = (spot.at * SPANS / 1_000).min(SPANS - 1);
        let entry = counts.entry((spot.half, spot.lane, span)).or_default();
        entry.0 += 1;
        entry.1 |= spot.bad;
    }
    let most = counts.values().map(|(n, _)| *n).max().unwrap_or(1);
    let mark = |((half, lane, span), (n, bad)): ((usize, i64, i64), (i64, bool))| {
        let (_, left, width) = HALVES.get(half).copied().unwrap_or_default();
        let height = 4 + (LANE - 10) * n / most;
        json!({
            "x": left + span * width / SPANS, "y": (lane + 1) * LANE - 3 - height, "width": width / SPANS - 1,
            "height": height, "tone": if bad { "bad" } else { "ok" },
        })
    };
    counts.into_iter().map(mark).collect()
}
