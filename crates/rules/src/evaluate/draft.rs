//! A finding with the hits it was made of, so that those of different causes can still be told apart.

use super::Context;
use super::assemble::{finding, references};
use super::batch::{Match, named};
use super::cause::{Cause, Place};
use crate::Rule;
use crate::diagnostic::Diagnostic;
use crate::expr::EvalError;
use gleaner_cluster::Object;
use gleaner_report::{Finding, ObjectRef, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// A finding, and what it was made of.
pub(super) struct DraftFinding<'a> {
    pub(super) finding: Finding,
    /// What each hit is about, for those who look for its cause.
    places: Vec<Place>,
    rule: &'a Rule,
    group: String,
    targets: BTreeSet<usize>,
    hits: Vec<Match<'a>>,
}

impl<'a> DraftFinding<'a> {
    pub(super) fn new(
        rule: &'a Rule,
        context: &'a Context<'_>,
        (group, targets): (String, BTreeSet<usize>),
        hits: Vec<Match<'a>>,
    ) -> Result<DraftFinding<'a>, EvalError> {
        let words = rule.words().map_err(|mistakes| EvalError {
            what: Diagnostic::first(mistakes),
            part: String::new(),
        })?;
        let finding = finding((rule, words), context, &group, &targets, &hits)?;
        let env = context.env(targets.first().copied());
        let places = hits.iter().map(|hit| {
            let caused_by = words.caused_by.as_ref();
            let caused_by = caused_by.map(|caused_by| caused_by.eval(&env, &mut hit.slots.clone()));
            let caused_by = caused_by.transpose()?.map_or_else(Vec::new, |value| named(&value));
            Ok(Place {
                objects: references(context, hit),
                caused_by: caused_by.into_iter().map(Object::reference).collect(),
            })
        });
        Ok(DraftFinding {
            places: places.collect::<Result<_, EvalError>>()?,
            finding,
            rule,
            group,
            targets,
            hits,
        })
    }

    /// The finding, and the targets it holds for.
    pub(super) fn finish(self) -> (Finding, BTreeSet<usize>) {
        (self.finding, self.targets)
    }

    /// How many hits a cause explains, and how many there are.
    pub(super) fn explained(&self, cause: &Cause) -> (usize, usize) {
        let explained = self.places.iter().filter(|place| cause.explains(place));
        (explained.count(), self.places.len())
    }

    /// Whether a cause explains at least a part of it.
    pub(super) fn touches(&self, cause: &Cause) -> bool {
        self.places.iter().any(|place| cause.touches(place))
    }

    /// Keeps the hits that a cause explains, and gives a finding of the others; `None`, and nothing changes, where they cannot be
    /// told apart by their objects.
    pub(super) fn split(&mut self, context: &'a Context<'_>, cause: &Cause) -> Option<DraftFinding<'a>> {
        let (mut kept, mut others) = (Vec::new(), Vec::new());
        for (hit, place) in self.hits.iter().zip(&self.places) {
            let side = if cause.explains(place) { &mut kept } else { &mut others };
            side.push(hit.clone());
        }
        let of = |hits| DraftFinding::new(self.rule, context, (self.group.clone(), self.targets.clone()), hits).ok();
        let (kept, others) = (of(kept)?, of(others)?);
        if kept.finding.id == others.finding.id {
            return None;
        }
        *self = kept;
        Some(others)
    }
}

/// Worst first; within a severity the surest, then by area and rule.
pub(super) fn sort(found: &mut [DraftFinding<'_>]) {
    found.sort_by(|DraftFinding { finding: a, .. }, DraftFinding { finding: b, .. }| {
        (b.severity, b.confidence)
            .cmp(&(a.severity, a.confidence))
            .then_with(|| (&a.area, &a.rule, &a.id).cmp(&(&b.area, &b.rule, &b.id)))
    });
}

/// Puts the hits of a rule together. Messages that break are added to `errors`.
pub(super) fn of_matches<'a>(
    rule: &'a Rule,
    context: &'a Context<'_>,
    hits: Vec<Match<'a>>,
    errors: &mut BTreeSet<String>,
) -> Vec<DraftFinding<'a>> {
    let mut groups: BTreeMap<(Severity, String), Vec<Match<'a>>> = BTreeMap::new();
    for hit in hits {
        groups.entry((hit.severity, hit.group.clone())).or_default().push(hit);
    }
    let mut findings = Vec::new();
    for ((_, group), hits) in groups {
        for (targets, hits) in by_targets(hits) {
            match DraftFinding::new(rule, context, (group.clone(), targets), hits) {
                Ok(found) => findings.push(found),
                Err(error) => {
                    errors.insert(error.to_string());
                }
            }
        }
    }
    findings
}

/// Hits that fired on the same objects for several targets are one; those that fired for different sets of targets are apart.
fn by_targets(hits: Vec<Match<'_>>) -> Vec<(BTreeSet<usize>, Vec<Match<'_>>)> {
    let mut targets: BTreeMap<Vec<ObjectRef>, BTreeSet<usize>> = BTreeMap::new();
    let key = |hit: &Match<'_>| hit.objects.iter().map(|object| object.reference()).collect::<Vec<_>>();
    for hit in &hits {
        targets.entry(key(hit)).or_default().extend(hit.target);
    }
    let mut sets: BTreeMap<BTreeSet<usize>, Vec<Match<'_>>> = BTreeMap::new();
    for hit in hits {
        let set = targets.get(&key(&hit)).cloned().unwrap_or_default();
        // The first target stands for all of them.
        if hit.target == set.first().copied() {
            sets.entry(set).or_default().push(hit);
        }
    }
    sets.into_iter().collect()
}
