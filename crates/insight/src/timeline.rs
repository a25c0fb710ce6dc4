//! What happened when: Warning events, transitions of conditions, restarts, failed replicas, upgrade steps, log hits and alerts in one order.
//!
//! Duplicates are dropped, equal moments are one with their number, span and objects, and each source has a guaranteed share, so that
//! a noisy one does not crowd out the others. Times are those of the bundle.

mod collect;
mod fold;
#[cfg(test)]
mod tests;

pub use fold::fold;

use gleaner_cluster::TextFile;
use gleaner_report::ObjectRef;
use gleaner_report::{Moment, MomentSource};
use gleaner_rules::Context;
use gleaner_text::LineIndex;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// How many moments a report keeps.
const MOST: usize = 1_000;
/// How many of each source, the newest, are kept however many the others have.
const SHARE: usize = MOST / 8;
/// Seconds that collecting may take: a later time comes from a wrong clock.
const COLLECTING: i64 = 3_600;
/// Trouble that pauses for longer than this many seconds is over: what comes later is another one.
const PAUSE: i64 = 3_600;

/// The timeline of a bundle.
pub struct Timeline {
    /// What happened, oldest first.
    pub moments: Vec<Moment>,
    /// How many were left out.
    pub cut: usize,
}

/// A moment on its way into the timeline.
struct Draft {
    seconds: i64,
    /// The last time, for what was repeated.
    until: i64,
    /// Whether it is the beginning of a state that still holds.
    holds: bool,
    moment: Moment,
    /// The index of its file and the offset in it, until the line is known.
    place: Option<(u32, usize)>,
}

/// Builds the timeline. `first_bad` is when the trouble that is there now began, as the findings say; without it the timeline finds
/// out itself. `whole` keeps every moment as it is; else equal ones are folded, and the timeline is cut to what a report keeps.
pub fn timeline(context: &Context<'_>, first_bad: Option<i64>, whole: bool) -> Timeline {
    let mut drafts = collect::all(context);
    count_lines(&mut drafts, context.snapshot.cluster.files);
    let now = context.snapshot.facts.now;
    merge(drafts, now, first_bad, if whole { usize::MAX } else { MOST })
}

/// Turns places into lines. Sorted by place, each file is read once.
fn count_lines(drafts: &mut [Draft], files: &[TextFile]) {
    drafts.sort_by_key(|draft| draft.place);
    let mut current: Option<(u32, LineIndex<'_>)> = None;
    for draft in drafts {
        let Some((file, offset)) = draft.place else { continue };
        let (_, lines) = match &mut current {
            Some(lines) if lines.0 == file => lines,
            _ => current.insert((file, LineIndex::new(&files[file as usize].text))),
        };
        draft.moment.line = lines.line_of(offset);
    }
}

/// Sorts, drops duplicates, marks the first bad moment, folds, and cuts to `most`.
fn merge(mut drafts: Vec<Draft>, now: Option<i64>, first_bad: Option<i64>, most: usize) -> Timeline {
    drafts.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut seen: BTreeSet<(i64, ObjectRef, String)> = BTreeSet::new();
    drafts.retain(|draft| {
        // Events of the two API groups may name different versions of the same object.
        let mut object = draft.moment.object.clone();
        object.api_version.clear();
        seen.insert((draft.seconds, object, draft.moment.text.clone()))
    });
    mark_first_bad(&mut drafts, now, first_bad);
    let mut moments: Vec<Moment> = drafts.into_iter().map(Draft::finish).collect();
    if most == usize::MAX {
        return Timeline { moments, cut: 0 };
    }
    moments = fold(moments);
    let all = moments.len();
    if all > most {
        cut(&mut moments, most);
    }
    Timeline {
        cut: all - moments.len(),
        moments,
    }
}

impl Draft {
    fn finish(mut self) -> Moment {
        self.moment.until = (self.until > self.seconds).then(|| gleaner_text::format_time(self.until));
        self.moment
    }
}

/// Oldest first; of duplicates the one with the highest count comes first, which is kept.
fn order(draft: &Draft) -> impl Ord + '_ {
    let moment = &draft.moment;
    (
        draft.seconds,
        moment.source,
        &moment.object,
        &moment.text,
        Reverse(moment.count),
        &moment.path,
        moment.line,
    )
}

/// Marks the first bad moment: the first one since the trouble began. Where no finding says when that was, it is the beginning of the
/// newest run of bad moments. Nothing after the collection counts.
fn mark_first_bad(drafts: &mut [Draft], now: Option<i64>, first_bad: Option<i64>) {
    let Some(now) = now else { return };
    let end = now.saturating_add(COLLECTING);
    let bad = drafts
        .iter_mut()
        .filter(|draft| draft.moment.bad && draft.seconds <= end);
    let bad: Vec<&mut Draft> = bad.collect();
    let since = first_bad.or_else(|| newest_run(&bad, end));
    let mut bad = bad.into_iter();
    if let Some(first) = since.and_then(|since| bad.find(|draft| draft.seconds >= since)) {
        first.moment.first_bad = true;
    }
}

/// When the newest run of bad moments, which are sorted, began.
fn newest_run(bad: &[&mut Draft], end: i64) -> Option<i64> {
    let (mut start, mut last) = (None, i64::MIN);
    for draft in bad {
        if start.is_none() || draft.seconds.saturating_sub(last) > PAUSE {
            start = Some(draft.seconds);
        }
        last = last.max(if draft.holds { end } else { draft.until.min(end) });
    }
    start
}

/// Keeps the first bad moment, the newest of each source, and the newest of all for the rest.
fn cut(moments: &mut Vec<Moment>, most: usize) {
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    kept.extend(moments.iter().position(|moment| moment.first_bad));
    for source in MomentSource::ALL {
        let of = moments.iter().enumerate().filter(|(_, moment)| moment.source == source);
        kept.extend(of.rev().take(SHARE.min(most)).map(|(index, _)| index));
    }
    let newest = (0..moments.len()).rev();
    for index in newest {
        if kept.len() >= most {
            break;
        }
        kept.insert(index);
    }
    let mut index = 0;
    moments.retain(|_| {
        index += 1;
        kept.contains(&(index - 1))
    });
}
