//! What happened when: Warning events, transitions of conditions, restarts, failed replicas, upgrade steps and log hits in one order.
//!
//! Duplicates are dropped, a repeated event keeps its first and last time, and each source has a guaranteed share, so that a noisy
//! one does not crowd out the others. Times are those of the bundle.

mod collect;
#[cfg(test)]
mod tests;

use gleaner_cluster::TextFile;
use gleaner_report::ObjectRef;
use gleaner_report::{Moment, MomentSource};
use gleaner_rules::Context;
use gleaner_text::LineIndex;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many moments a report keeps.
const MOST: usize = 1_000;
/// How many of each source, the newest, are kept however many the others have.
const SHARE: usize = MOST / 8;
/// The first bad moment is within this many seconds before the bundle.
const DAY: i64 = 86_400;
/// Seconds that collecting may take: a later time comes from a wrong clock.
const COLLECTING: i64 = 3_600;

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
    moment: Moment,
    /// The reason of an event; empty for other sources.
    reason: String,
    /// The index of its file and the offset in it, until the line is known.
    place: Option<(u32, usize)>,
}

/// Builds the timeline: all of it, or as much as a report keeps.
pub fn timeline(context: &Context<'_>, whole: bool) -> Timeline {
    let mut drafts = collect::all(context);
    count_lines(&mut drafts, context.snapshot.cluster.files);
    merge(
        drafts,
        context.snapshot.facts.now,
        if whole { usize::MAX } else { MOST },
    )
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

/// Sorts, drops duplicates, marks the first bad moment, and cuts to `most`.
fn merge(mut drafts: Vec<Draft>, now: Option<i64>, most: usize) -> Timeline {
    drafts.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut seen: BTreeSet<(i64, ObjectRef, String)> = BTreeSet::new();
    drafts.retain(|draft| {
        // Events of the two API groups may name different versions of the same object.
        let mut object = draft.moment.object.clone();
        object.api_version.clear();
        seen.insert((draft.seconds, object, draft.moment.text.clone()))
    });
    mark_first_bad(&mut drafts, now);
    let all = drafts.len();
    if all > most {
        fold(&mut drafts);
        cut(&mut drafts, most);
    }
    Timeline {
        cut: all - drafts.len(),
        moments: drafts.into_iter().map(|draft| draft.moment).collect(),
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

fn mark_first_bad(drafts: &mut [Draft], now: Option<i64>) {
    let Some(now) = now else { return };
    let recent = |seconds: i64| (now.saturating_sub(DAY)..=now.saturating_add(COLLECTING)).contains(&seconds);
    if let Some(first) = drafts
        .iter_mut()
        .find(|draft| draft.moment.bad && recent(draft.seconds))
    {
        first.moment.first_bad = true;
    }
}

/// Of the events of one object for one reason, keeps the first and the last: their messages differ in a port or a time only.
fn fold(drafts: &mut Vec<Draft>) {
    let key = |draft: &Draft| (draft.moment.object.clone(), draft.reason.clone());
    let mut last: BTreeMap<(ObjectRef, String), usize> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate().filter(|(_, draft)| !draft.reason.is_empty()) {
        last.insert(key(draft), index);
    }
    let mut first: BTreeSet<(ObjectRef, String)> = BTreeSet::new();
    let mut index = 0;
    drafts.retain(|draft| {
        let here = index;
        index += 1;
        draft.reason.is_empty() || first.insert(key(draft)) || last.get(&key(draft)) == Some(&here)
    });
}

/// Keeps the first bad moment, the newest of each source, and the newest of all for the rest.
fn cut(drafts: &mut Vec<Draft>, most: usize) {
    let mut kept: BTreeSet<usize> = BTreeSet::new();
    kept.extend(drafts.iter().position(|draft| draft.moment.first_bad));
    for source in MomentSource::ALL {
        let of = drafts
            .iter()
            .enumerate()
            .filter(|(_, draft)| draft.moment.source == source);
        kept.extend(of.rev().take(SHARE.min(most)).map(|(index, _)| index));
    }
    let newest = (0..drafts.len()).rev();
    for index in newest {
        if kept.len() >= most {
            break;
        }
        kept.insert(index);
    }
    let mut index = 0;
    drafts.retain(|_| {
        index += 1;
        kept.contains(&(index - 1))
    });
}
