//! Suppressions: findings that somebody accepted, with a reason and, for blockers, an end.
//!
//! Takes suppressions (from `[[suppress]]` tables or the command line) and a finished report; moves the findings they cover to the
//! report's own list of suppressed ones and gives notes on what did not fit. Time is the bundle's, never the wall clock's. Neither
//! the coverage nor the outcome of a rule changes, and the upgrade verdict says what of it is suppressed.

mod read;

pub use read::{SuppressError, parse_argument, parse_tables};

use crate::rule::Rule;
use crate::rule::catalog::Catalog;
use crate::select::ObjectPattern;
use gleaner_report::{Finding, ObjectRef, ObjectRow, Severity};
use gleaner_report::{Outcome, Report, Suppressed};
use gleaner_text::did_you_mean;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// One suppression.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// The id of the rule.
    pub rule: String,
    /// The objects; all without one.
    pub object: Option<ObjectPattern>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub until: Option<Date>,
    /// The case or ticket; may be empty.
    pub case: String,
    /// Where it is written, for notes: a file or `--suppress`.
    pub origin: String,
    /// Whether it holds for this run only, and so needs no end.
    pub once: bool,
}

/// Something about a suppression that its author should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whether it is a mistake (an unknown rule), not just news (expired, unused).
    pub warning: bool,
    /// What it is, as a sentence without a full stop.
    pub text: String,
}

/// Why a suppression did not hold.
enum Refused {
    Expired,
    NoClock,
    NoEnd,
}

/// Moves what is covered from the findings of a report to its suppressed ones.
pub fn apply(report: &mut Report, suppressions: &[Suppression], catalog: &Catalog) -> Vec<Note> {
    let today = report
        .bundle
        .created_at
        .parse::<Timestamp>()
        .ok()
        .map(|time| time.to_zoned(TimeZone::UTC).date());
    let mut notes = Vec::new();
    let known: Vec<(usize, &Suppression, &str)> = suppressions
        .iter()
        .enumerate()
        .filter_map(|(index, suppression)| match catalog.rule(&suppression.rule) {
            Some(rule) => Some((index, suppression, rule.id())),
            None => {
                notes.push(unknown_rule(suppression, catalog));
                None
            }
        })
        .collect();
    let (mut used, mut kept) = (BTreeSet::new(), Vec::new());
    let mut refusals: BTreeMap<usize, String> = BTreeMap::new();
    for finding in std::mem::take(&mut report.findings) {
        let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut whole = None;
        for (index, suppression, _) in known.iter().filter(|(.., rule)| *rule == finding.rule) {
            let places = covered(suppression, &finding);
            if places.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            used.insert(*index);
            if let Some(refused) = refuse(suppression, &finding, today) {
                refusals
                    .entry(*index)
                    .or_insert_with(|| refused.words(suppression, &finding));
                continue;
            }
            match places {
                None => whole = whole.or(Some(*index)),
                Some(places) => parts.entry(*index).or_default().extend(places),
            }
        }
        divide(finding, whole, parts, suppressions, &mut kept, &mut report.suppressed);
    }
    report.findings = kept;
    notes.extend(refusals.into_values().map(|text| Note { warning: false, text }));
    notes.extend(
        known
            .iter()
            .filter(|(index, ..)| !used.contains(index))
            .filter_map(|(_, suppression, rule)| unused(suppression, rule, report)),
    );
    tell_verdict(report);
    notes
}

/// The places of a finding's objects that a suppression covers; `None` for all, whatever they are.
fn covered(suppression: &Suppression, finding: &Finding) -> Option<Vec<usize>> {
    let pattern = suppression.object.as_ref()?;
    let places = finding.objects.iter().enumerate();
    Some(
        places
            .filter(|(_, object)| pattern.matches(object))
            .map(|(place, _)| place)
            .collect(),
    )
}

fn refuse(suppression: &Suppression, finding: &Finding, today: Option<Date>) -> Option<Refused> {
    match (suppression.until, today) {
        (Some(_), None) => Some(Refused::NoClock),
        (Some(until), Some(today)) if today > until => Some(Refused::Expired),
        (None, _) if finding.severity == Severity::Blocker && !suppression.once => Some(Refused::NoEnd),
        _ => None,
    }
}

impl Refused {
    fn words(&self, suppression: &Suppression, finding: &Finding) -> String {
        let Suppression { rule, origin, .. } = suppression;
        let until = suppression.until.map(|date| date.to_string()).unwrap_or_default();
        match self {
            Refused::Expired => format!("{origin}: the suppression of `{rule}` ended on {until}: the finding is back"),
            Refused::NoClock => format!(
                "{origin}: the suppression of `{rule}` ends on {until}, but the bundle does not tell when it was made: the finding stays"
            ),
            Refused::NoEnd => format!(
                "{origin}: `{}` is a blocker here and can only be suppressed with `until`: the finding stays",
                finding.rule
            ),
        }
    }
}

/// Puts a finding, or the parts of it that are covered, among the suppressed ones, and the rest among the kept ones.
fn divide(
    finding: Finding,
    whole: Option<usize>,
    parts: BTreeMap<usize, Vec<usize>>,
    suppressions: &[Suppression],
    kept: &mut Vec<Finding>,
    suppressed: &mut Vec<Suppressed>,
) {
    let mut put = |finding: Finding, index: usize| {
        let Some(suppression) = suppressions.get(index) else {
            return;
        };
        suppressed.push(Suppressed {
            finding,
            reason: suppression.reason.clone(),
            until: suppression.until.map(|date| date.to_string()).unwrap_or_default(),
            case: suppression.case.clone(),
        });
    };
    if let Some(index) = whole {
        put(finding, index);
        return;
    }
    let mut left: BTreeSet<usize> = (0..finding.objects.len()).collect();
    for (index, places) in &parts {
        // An object belongs to the first suppression that covers it.
        let mine: BTreeSet<usize> = places.iter().copied().filter(|place| left.remove(place)).collect();
        if mine.len() == finding.objects.len() {
            put(finding, *index);
            return;
        }
        if !mine.is_empty() {
            let mut part = only(&finding, &mine, "suppressed");
            part.id = part_id(&part);
            put(part, *index);
        }
    }
    if left.len() == finding.objects.len() {
        kept.push(finding);
    } else if !left.is_empty() {
        kept.push(only(&finding, &left, "left, the others suppressed"));
    }
}

/// A finding with some of its objects. The remainder keeps the id, so that links and trackers find it again.
fn only(finding: &Finding, places: &BTreeSet<usize>, word: &str) -> Finding {
    let chosen = |place: usize| places.contains(&place);
    let objects: Vec<ObjectRef> = (0..)
        .zip(&finding.objects)
        .filter(|(place, _)| chosen(*place))
        .map(|(_, object)| object.clone())
        .collect();
    let rows: Vec<ObjectRow> = finding
        .rows
        .iter()
        .filter(|row| objects.contains(&row.object))
        .cloned()
        .collect();
    let message = match rows.as_slice() {
        [row] if !row.message.is_empty() => row.message.clone(),
        _ => format!(
            "{}: {} of {} {word}",
            finding.message,
            objects.len(),
            finding.objects.len()
        ),
    };
    // Evidence of other objects, such as replicas, cannot be told apart and stays.
    let others: BTreeSet<&ObjectRef> = finding
        .objects
        .iter()
        .filter(|object| !objects.contains(object))
        .collect();
    let evidence = finding
        .evidence
        .iter()
        .filter(|evidence| evidence.object.as_ref().is_none_or(|object| !others.contains(object)));
    Finding {
        message,
        evidence: evidence.cloned().collect(),
        objects,
        rows,
        ..finding.clone()
    }
}

fn part_id(part: &Finding) -> String {
    let mut hash = Sha256::new();
    hash.update(&part.id);
    for object in &part.objects {
        hash.update(format!("\0{}/{}/{}", object.kind, object.namespace, object.name));
    }
    let digest = hash.finalize();
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn unknown_rule(suppression: &Suppression, catalog: &Catalog) -> Note {
    let help = did_you_mean(&suppression.rule, catalog.rules.iter().map(Rule::id));
    Note {
        warning: true,
        text: format!(
            "{}: no rule has the id `{}` to be suppressed; {}",
            suppression.origin,
            suppression.rule,
            if help.is_empty() {
                "see `gleaner rules list`"
            } else {
                &help
            }
        ),
    }
}

/// A suppression that covered nothing, where its rule looked at all its data: it can go.
fn unused(suppression: &Suppression, rule: &str, report: &Report) -> Option<Note> {
    let outcome = report.rules.iter().find(|outcome| outcome.id == rule)?.outcome;
    let looked = matches!(outcome, Outcome::Fired | Outcome::Quiet);
    let object = suppression.object.as_ref().map_or("*", ObjectPattern::as_str);
    looked.then(|| Note {
        warning: false,
        text: format!(
            "{}: the suppression of `{rule}` on `{object}` covers nothing in this bundle",
            suppression.origin
        ),
    })
}

/// The verdict stays what it is; its reason says how many of the findings behind it are suppressed.
fn tell_verdict(report: &mut Report) {
    let hidden: BTreeSet<&str> = report.suppressed.iter().map(|one| one.finding.id.as_str()).collect();
    let count = report
        .upgrade
        .blocked_by
        .iter()
        .filter(|id| hidden.contains(id.as_str()))
        .count();
    if count > 0 {
        let (all, verb) = (report.upgrade.blocked_by.len(), if count == 1 { "is" } else { "are" });
        report.upgrade.reason.push_str(&format!(
            "; {count} of {all} {verb} suppressed here, but not for the cluster"
        ));
    }
}

#[cfg(test)]
mod tests;
