//! The picture of the timeline: where each mark is drawn. It holds numbers and colours only.

use super::super::tone::Tone;
use super::Timed;
use super::axis::{Axis, Tick};
use gleaner_report::MomentSource;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most marks; beyond it they are counted in spans.
const MARKS: usize = 150;
/// How many spans there are, where it counts.
const SPANS: i64 = 60;
/// Height of a lane in units of the drawing.
const LANE: i64 = 20;
/// Width of the drawing and of a mark.
const WIDTH: i64 = 1_000;
const MARK: i64 = 3;

/// The picture.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Picture {
    height: i64,
    lanes: Vec<Lane>,
    lane_height: i64,
    marks: Vec<Mark>,
    firsts: Vec<Line>,
    ticks: Vec<Tick>,
    counted: bool,
}

/// The ground of a lane.
#[derive(Serialize)]
struct Lane {
    y: i64,
}

/// One moment, or those of a span.
#[derive(Serialize)]
struct Mark {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    tone: Tone,
}

/// A line through all lanes.
#[derive(Serialize)]
struct Line {
    x: i64,
}

/// A place in the picture for a moment.
struct Spot {
    lane: i64,
    /// Thousandths of the width.
    at: i64,
    bad: bool,
}

impl Picture {
    /// Of the moments on an axis.
    pub(super) fn of(shown: &[Timed<'_>], axis: &Axis) -> Picture {
        let mut spots = Vec::new();
        let mut firsts = Vec::new();
        for Timed { seconds, moment } in shown {
            let Some(seconds) = seconds else { continue };
            let lane = (0..)
                .zip(MomentSource::ALL)
                .find(|(_, source)| *source == moment.source);
            let at = axis.place(*seconds);
            if moment.first_bad {
                firsts.push(Line { x: x_of(at) });
            }
            spots.push(Spot {
                lane: lane.map_or(0, |(lane, _)| lane),
                at,
                bad: moment.bad,
            });
        }
        let counted = spots.len() > MARKS;
        let lanes = (0..)
            .zip(MomentSource::ALL)
            .map(|(lane, _)| Lane { y: lane * LANE + 2 });
        let lanes: Vec<Lane> = lanes.collect();
        Picture {
            height: lanes.iter().map(|_| LANE).sum(),
            lanes,
            lane_height: LANE - 4,
            marks: if counted {
                spans(&spots)
            } else {
                spots.iter().map(single).collect()
            },
            firsts,
            ticks: axis.ticks(),
            counted,
        }
    }
}

fn x_of(at: i64) -> i64 {
    at * (WIDTH - MARK) / 1_000
}

/// The mark of a moment: what went wrong fills its lane, the rest half of it.
fn single(spot: &Spot) -> Mark {
    let height = if spot.bad { LANE - 6 } else { LANE / 2 - 3 };
    Mark {
        x: x_of(spot.at),
        y: (spot.lane + 1) * LANE - 3 - height,
        width: MARK,
        height,
        tone: tone(spot.bad),
    }
}

/// A mark for each span of time with moments, the taller the more there are.
fn spans(spots: &[Spot]) -> Vec<Mark> {
    let mut counts: BTreeMap<(i64, i64), (i64, bool)> = BTreeMap::new();
    for spot in spots {
        let span = (spot.at * SPANS / 1_000).min(SPANS - 1);
        let (n, bad) = counts.entry((spot.lane, span)).or_default();
        *n += 1;
        *bad |= spot.bad;
    }
    let most = counts.values().map(|(n, _)| *n).max().unwrap_or(1);
    let mark = |((lane, span), (n, bad)): ((i64, i64), (i64, bool))| {
        let height = 4 + (LANE - 10) * n / most;
        Mark {
            x: span * WIDTH / SPANS,
            y: (lane + 1) * LANE - 3 - height,
            width: WIDTH / SPANS - 1,
            height,
            tone: tone(bad),
        }
    };
    counts.into_iter().map(mark).collect()
}

fn tone(bad: bool) -> Tone {
    if bad { Tone::Bad } else { Tone::Dim }
}
