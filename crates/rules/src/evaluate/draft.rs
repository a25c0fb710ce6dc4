//! A finding with the matches it was built from, so that it can still be split by cause.

use super::Context;
use super::assemble::{FEW, finding, references};
use super::batch::Match;
use crate::diagnostic::Diagnostic;
use crate::{Messages, Rule};
use gleaner_cel::{EvalError, Value};
use gleaner_cluster::{CLOCK_SKEW, Object};
use gleaner_report::{Finding, Harm, ObjectRef, Severity};
use gleaner_text::parse_time;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A finding, and what it was built from.
pub(super) struct DraftFinding<'a> {
    pub(super) finding: Finding,
    /// By match: its objects, and those in `caused_by`.
    places: Vec<(Vec<ObjectRef>, Vec<ObjectRef>)>,
    /// What it accounts for, where the rule says so.
    covers: Option<Vec<&'a Object<'a>>>,
    rule: &'a Rule,
    group: String,
    targets: BTreeSet<usize>,
    matches: Vec<Match<'a>>,
}

impl<'a> DraftFinding<'a> {
    pub(super) fn new(
        rule: &'a Rule,
        context: &'a Context<'_>,
        (group, targets): (String, BTreeSet<usize>),
        matches: Vec<Match<'a>>,
    ) -> Result<DraftFinding<'a>, EvalError> {
        let messages = messages(rule)?;
        let finding = finding((rule, messages), context, &group, &targets, &matches)?;
        let env = context.env(targets.first().copied());
        let places = matches.par_iter().with_min_len(FEW).map(|matched| {
            let caused_by = messages.caused_by.as_ref();
            let caused_by = caused_by.map(|caused_by| caused_by.eval(&env, &mut matched.slots.clone()));
            let caused_by = caused_by
                .transpose()?
                .map_or_else(Vec::new, |value| env.objects(&value));
            let caused_by = caused_by.into_iter().map(Object::reference).collect();
            Ok((references(context, matched), caused_by))
        });
        let covers = messages.covers.as_ref().map(|covers| {
            let of = |matched: &Match<'a>| Ok(env.objects(&covers.eval(&env, &mut matched.slots.clone())?));
            let covered = matches.iter().map(of).collect::<Result<Vec<_>, EvalError>>();
            covered.map(|covered| covered.into_iter().flatten().collect())
        });
        // Collected before the first error is looked for: which one is the first does not depend on the threads.
        let places = places.collect::<Vec<_>>().into_iter();
        Ok(DraftFinding {
            covers: covers.transpose()?,
            places: places.collect::<Result<_, EvalError>>()?,
            finding,
            rule,
            group,
            targets,
            matches,
        })
    }

    /// The finding, and the targets it holds for.
    pub(super) fn finish(self) -> (Finding, BTreeSet<usize>) {
        (self.finding, self.targets)
    }

    /// The rule that found it.
    pub(super) fn rule(&self) -> &'a Rule {
        self.rule
    }

    /// By match: its objects, and those in `caused_by`.
    pub(super) fn places(&self) -> &[(Vec<ObjectRef>, Vec<ObjectRef>)] {
        &self.places
    }

    /// What it accounts for, where the rule says so.
    pub(super) fn covers(&self) -> Option<&[&'a Object<'a>]> {
        self.covers.as_deref()
    }

    /// By match: when it began.
    pub(super) fn since(&self) -> impl Iterator<Item = Option<i64>> {
        self.matches.iter().map(|matched| matched.since)
    }

    /// A finding of the matches that are `explained`, and one of the others; `None` if both would have the same id.
    pub(super) fn split(
        &self,
        context: &'a Context<'_>,
        explained: &[bool],
    ) -> Option<(DraftFinding<'a>, DraftFinding<'a>)> {
        let of = |wanted: bool| {
            let matches = self.matches.iter().zip(explained);
            let matches = matches.filter(|(_, explained)| **explained == wanted);
            let matches = matches.map(|(matched, _)| matched.clone()).collect();
            let mut part =
                DraftFinding::new(self.rule, context, (self.group.clone(), self.targets.clone()), matches).ok()?;
            part.finding.absorbs.clone_from(&self.finding.absorbs);
            Some(part)
        };
        let (explained, others) = rayon::join(|| of(true), || of(false));
        let (explained, others) = (explained?, others?);
        (explained.finding.id != others.finding.id).then_some((explained, others))
    }

    /// Worst first; see `findings` of the report.
    pub(super) fn order(&self, other: &DraftFinding<'_>) -> Ordering {
        let (a, b) = (&self.finding, &other.finding);
        // An unknown time comes last.
        let since = |finding: &'_ Finding| (finding.since.is_none(), finding.since.clone());
        (a.harm, b.impact.down.len())
            .cmp(&(b.harm, a.impact.down.len()))
            .then_with(|| since(a).cmp(&since(b)))
            .then_with(|| (b.confidence, &a.rule, &a.id).cmp(&(a.confidence, &b.rule, &b.id)))
    }
}

fn messages(rule: &Rule) -> Result<&Messages, EvalError> {
    rule.messages().map_err(|mistakes| EvalError {
        message: Diagnostic::first(mistakes),
        part: String::new(),
        lacks: None,
        is_exhausted: false,
    })
}

/// Builds findings from the matches of a rule. Errors in messages are added to `errors`.
pub(super) fn of_matches<'a>(
    rule: &'a Rule,
    context: &'a Context<'_>,
    matches: Vec<Match<'a>>,
    errors: &mut BTreeSet<String>,
) -> Vec<DraftFinding<'a>> {
    let mut groups: BTreeMap<(Severity, Harm, String), Vec<Match<'a>>> = BTreeMap::new();
    for mut matched in matches {
        if let Err(error) = judge(rule, context, &mut matched) {
            errors.insert(error.to_string());
        }
        let key = (matched.severity, matched.harm, matched.group.clone());
        groups.entry(key).or_default().push(matched);
    }
    let mut findings = Vec::new();
    for ((_, _, group), matches) in groups {
        let targets = by_targets(matches).into_iter();
        let incidents = targets.flat_map(|(targets, matches)| {
            let onsets = if rule.file.separate_onsets {
                by_onset(matches)
            } else {
                vec![matches]
            };
            // Incidents of the same object are told apart by their number.
            let numbered = (0..).zip(onsets);
            numbered.map(move |(number, matches)| (number, targets.clone(), matches))
        });
        for (number, targets, matches) in incidents {
            let group = if number == 0 {
                group.clone()
            } else {
                format!("{group}\n{number}")
            };
            match DraftFinding::new(rule, context, (group, targets), matches) {
                Ok(found) => findings.push(found),
                Err(error) => {
                    errors.insert(error.to_string());
                }
            }
        }
    }
    findings
}

/// Decides what a match does to the cluster, and when it began. A time after the collection is no time.
fn judge<'a>(rule: &'a Rule, context: &'a Context<'_>, matched: &mut Match<'a>) -> Result<(), EvalError> {
    let messages = messages(rule)?;
    let env = context.env(matched.target);
    let slots = &mut matched.slots.clone();
    for (when, harm) in &messages.harm {
        if when.as_ref().map_or(Ok(true), |when| when.holds(&env, slots))? {
            matched.harm = *harm;
            break;
        }
    }
    let since = match &messages.since {
        Some(since) => time(&since.eval(&env, slots)?),
        None => None,
    };
    let now = context.snapshot.facts.now.unwrap_or(i64::MAX);
    matched.since = since.filter(|since| *since <= now.saturating_add(CLOCK_SKEW));
    Ok(())
}

/// A time, or the text of one.
fn time(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Time(seconds) => Some(*seconds),
        Value::Text(text) => parse_time(text.as_str()),
        _ => None,
    }
}

/// Matches that began within [`CLOCK_SKEW`] of each other; those without a time together.
fn by_onset(mut matches: Vec<Match<'_>>) -> Vec<Vec<Match<'_>>> {
    matches.sort_by_key(|matched| (matched.since.is_none(), matched.since));
    let apart = |a: &Match<'_>, b: &Match<'_>| match (a.since, b.since) {
        (Some(a), Some(b)) => b.saturating_sub(a) > CLOCK_SKEW,
        (None, None) => false,
        _ => true,
    };
    let mut incidents: Vec<Vec<Match<'_>>> = Vec::new();
    for matched in matches {
        match incidents.last_mut() {
            Some(incident) if incident.last().is_some_and(|last| !apart(last, &matched)) => incident.push(matched),
            _ => incidents.push(vec![matched]),
        }
    }
    incidents
}

/// Groups matches by the set of targets for which they fired on the same objects. Of the matches that differ in the target only, the
/// first one is kept.
fn by_targets(matches: Vec<Match<'_>>) -> Vec<(BTreeSet<usize>, Vec<Match<'_>>)> {
    if matches.iter().all(|matched| matched.target.is_none()) {
        return vec![(BTreeSet::new(), matches)];
    }
    let mut targets: BTreeMap<Vec<ObjectRef>, BTreeSet<usize>> = BTreeMap::new();
    let key = |matched: &Match<'_>| {
        matched
            .objects
            .iter()
            .map(|object| object.reference())
            .collect::<Vec<_>>()
    };
    for matched in &matches {
        targets.entry(key(matched)).or_default().extend(matched.target);
    }
    let mut sets: BTreeMap<BTreeSet<usize>, Vec<Match<'_>>> = BTreeMap::new();
    for matched in matches {
        let set = targets[&key(&matched)].clone();
        if matched.target == set.first().copied() {
            sets.entry(set).or_default().push(matched);
        }
    }
    sets.into_iter().collect()
}
