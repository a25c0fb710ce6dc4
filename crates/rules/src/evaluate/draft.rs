//! A finding with the matches it was built from, so that it can still be split by cause.

use super::Context;
use super::assemble::{finding, references};
use super::batch::Match;
use crate::Rule;
use crate::diagnostic::Diagnostic;
use gleaner_cel::EvalError;
use gleaner_cluster::Object;
use gleaner_report::{Finding, ObjectRef, Severity};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A finding, and what it was built from.
pub(super) struct DraftFinding<'a> {
    pub(super) finding: Finding,
    /// By match: its objects, and those in `caused_by`.
    places: Vec<(Vec<ObjectRef>, Vec<ObjectRef>)>,
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
        let messages = rule.messages().map_err(|mistakes| EvalError {
            message: Diagnostic::first(mistakes),
            part: String::new(),
            lacks: None,
        })?;
        let finding = finding((rule, messages), context, &group, &targets, &matches)?;
        let env = context.env(targets.first().copied());
        let places = matches.iter().map(|matched| {
            let caused_by = messages.caused_by.as_ref();
            let caused_by = caused_by.map(|caused_by| caused_by.eval(&env, &mut matched.slots.clone()));
            let caused_by = caused_by
                .transpose()?
                .map_or_else(Vec::new, |value| env.objects(&value));
            let caused_by = caused_by.into_iter().map(Object::reference).collect();
            Ok((references(context, matched), caused_by))
        });
        Ok(DraftFinding {
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

    /// By match: its objects, and those in `caused_by`.
    pub(super) fn places(&self) -> &[(Vec<ObjectRef>, Vec<ObjectRef>)] {
        &self.places
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
            DraftFinding::new(self.rule, context, (self.group.clone(), self.targets.clone()), matches).ok()
        };
        let (explained, others) = (of(true)?, of(false)?);
        (explained.finding.id != others.finding.id).then_some((explained, others))
    }

    /// Worst first; within a severity by confidence, then by area and rule.
    pub(super) fn order(&self, other: &DraftFinding<'_>) -> Ordering {
        let (a, b) = (&self.finding, &other.finding);
        (b.severity, b.confidence)
            .cmp(&(a.severity, a.confidence))
            .then_with(|| (&a.area, &a.rule, &a.id).cmp(&(&b.area, &b.rule, &b.id)))
    }
}

/// Builds findings from the matches of a rule. Errors in messages are added to `errors`.
pub(super) fn of_matches<'a>(
    rule: &'a Rule,
    context: &'a Context<'_>,
    matches: Vec<Match<'a>>,
    errors: &mut BTreeSet<String>,
) -> Vec<DraftFinding<'a>> {
    let mut groups: BTreeMap<(Severity, String), Vec<Match<'a>>> = BTreeMap::new();
    for matched in matches {
        groups
            .entry((matched.severity, matched.group.clone()))
            .or_default()
            .push(matched);
    }
    let mut findings = Vec::new();
    for ((_, group), matches) in groups {
        for (targets, matches) in by_targets(matches) {
            match DraftFinding::new(rule, context, (group.clone(), targets), matches) {
                Ok(found) => findings.push(found),
                Err(error) => {
                    errors.insert(error.to_string());
                }
            }
        }
    }
    findings
}

/// Groups matches by the set of targets for which they fired on the same objects. Of the matches that differ in the target only, the
/// first one is kept.
fn by_targets(matches: Vec<Match<'_>>) -> Vec<(BTreeSet<usize>, Vec<Match<'_>>)> {
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
