//! The picture of the timeline: where each mark is drawn. It holds numbers and colours only.

use super::super::tone::Tone;
use super::{DAY, Timed};
use gleaner_report::MomentSource;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most marks; beyond it they are counted in spans.
const MARKS: usize = 500;
/// Spans of each half, where it counts.
const SPANS: i64 = 40;
/// Height of a lane in units of the drawing.
const LANE: i64 = 24;
/// How many lanes there are.
const LANES: i64 = 6;
/// Width of a mark.
const MARK: i64 = 3;

/// A half of the picture. Moments after collection are at its right edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Half {
    left: i64,
    width: i64,
    /// Seconds before collection.
    span: i64,
}

/// The day, and its last hour.
const HALVES: [Half; 2] = [
    Half {
        left: 0,
        width: 660,
        span: DAY,
    },
    Half {
        left: 680,
        width: 320,
        span: 3_600,
    },
];

/// The picture.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Picture {
    height: i64,
    lanes: Vec<Lane>,
    lane_height: i64,
    marks: Vec<Mark>,
    firsts: Vec<Line>,
    ends: Vec<Line>,
    counted: bool,
}

/// The ground of a lane in one half.
#[derive(Serialize)]
struct Lane {
    x: i64,
    y: i64,
    width: i64,
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
    half: Half,
    lane: i64,
    /// Thousandths of the half's width.
    at: i64,
    bad: bool,
}

impl Picture {
    /// Of the moments of a day that ends at `end`.
    pub(super) fn of(day: &[Timed<'_>], end: i64) -> Picture {
        let mut spots = Vec::new();
        let mut firsts = Vec::new();
        for Timed { seconds, moment } in day {
            let Some(seconds) = seconds else { continue };
            let lane = (0..)
                .zip(MomentSource::ALL)
                .find(|(_, source)| *source == moment.source);
            for half in HALVES {
                let before = (end - seconds).max(0);
                if before > half.span {
                    continue;
                }
                let at = (half.span - before) * 1_000 / half.span;
                if moment.first_bad {
                    firsts.push(Line { x: half.x_of(at) });
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
        let ground = |lane: i64| {
            HALVES.map(|half| Lane {
                x: half.left,
                y: lane * LANE + 2,
                width: half.width,
            })
        };
        let ends = HALVES.map(|half| Line {
            x: half.left + half.width - 2,
        });
        Picture {
            height: LANE * LANES,
            lanes: (0..LANES).flat_map(ground).collect(),
            lane_height: LANE - 4,
            marks: if counted {
                spans(&spots)
            } else {
                spots.iter().map(single).collect()
            },
            firsts,
            ends: ends.into(),
            counted,
        }
    }
}

impl Half {
    fn x_of(self, at: i64) -> i64 {
        self.left + at * (self.width - MARK) / 1_000
    }
}

/// The mark of a moment: what went wrong fills its lane, the rest half of it.
fn single(spot: &Spot) -> Mark {
    let height = if spot.bad { LANE - 6 } else { LANE / 2 - 3 };
    Mark {
        x: spot.half.x_of(spot.at),
        y: (spot.lane + 1) * LANE - 3 - height,
        width: MARK,
        height,
        tone: tone(spot.bad),
    }
}

/// A mark for each span of time with moments, the taller the more there are.
fn spans(spots: &[Spot]) -> Vec<Mark> {
    let mut counts: BTreeMap<(Half, i64, i64), (i64, bool)> = BTreeMap::new();
    for spot in spots {
        let span = (spot.at * SPANS / 1_000).min(SPANS - 1);
        let (n, bad) = counts.entry((spot.half, spot.lane, span)).or_default();
        *n += 1;
        *bad |= spot.bad;
    }
    let most = counts.values().map(|(n, _)| *n).max().unwrap_or(1);
    let mark = |((half, lane, span), (n, bad)): ((Half, i64, i64), (i64, bool))| {
        let height = 4 + (LANE - 10) * n / most;
        Mark {
            x: half.left + span * half.width / SPANS,
            y: (lane + 1) * LANE - 3 - height,
            width: half.width / SPANS - 1,
            height,
            tone: tone(bad),
        }
    };
    counts.into_iter().map(mark).collect()
}

fn tone(bad: bool) -> Tone {
    if bad { Tone::Bad } else { Tone::Ok }
}
