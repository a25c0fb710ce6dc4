//! A finding with the hits it was made of, so that those of different causes can still be told apart.

use super::World;
use super::assemble::{finding, references};
use super::causes::Cause;
use super::look::Hit;
use super::run::{environment, first_mistake};
use crate::model::cluster::Object;
use crate::rule::Rule;
use gleaner_cel::EvalError;
use gleaner_report::{Finding, ObjectRef};
use std::collections::BTreeSet;

/// A finding, and what it was made of.
pub(super) struct Found<'a> {
    pub(super) finding: Finding,
    /// What each hit is about, for those who look for its cause.
    places: Vec<Place>,
    rule: &'a Rule,
    group: String,
    targets: BTreeSet<usize>,
    hits: Vec<Hit<'a>>,
}

/// What one hit is about.
pub(super) struct Place {
    /// The objects it names.
    pub(super) objects: Vec<ObjectRef>,
    /// The objects at whose door it lies, where the rule knows.
    pub(super) due_to: Vec<ObjectRef>,
}

impl<'a> Found<'a> {
    pub(super) fn new(
        rule: &'a Rule,
        world: &'a World<'_>,
        (group, targets): (String, BTreeSet<usize>),
        hits: Vec<Hit<'a>>,
    ) -> Result<Found<'a>, EvalError> {
        let words = rule.words().map_err(|mistakes| EvalError {
            message: first_mistake(mistakes),
            part: String::new(),
        })?;
        let finding = finding((rule, words), world, &group, &targets, &hits)?;
        let env = environment(world, targets.first().copied());
        let places = hits.iter().map(|hit| {
            let due_to = words.due_to.as_ref();
            let due_to = due_to.map(|due_to| due_to.eval(&env, &mut hit.slots.clone()));
            let due_to = due_to.transpose()?.map_or_else(Vec::new, |value| env.objects(&value));
            Ok(Place {
                objects: references(world, hit),
                due_to: due_to.into_iter().map(Object::reference).collect(),
            })
        });
        Ok(Found {
            places: places.collect::<Result<_, EvalError>>()?,
            finding,
            rule,
            group,
            targets,
            hits,
        })
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
    pub(super) fn split(&mut self, world: &'a World<'_>, cause: &Cause) -> Option<Found<'a>> {
        let (mut kept, mut others) = (Vec::new(), Vec::new());
        for (hit, place) in self.hits.iter().zip(&self.places) {
            let side = if cause.explains(place) { &mut kept } else { &mut others };
            side.push(hit.clone());
        }
        let of = |hits| Found::new(self.rule, world, (self.group.clone(), self.targets.clone()), hits).ok();
        let (kept, others) = (of(kept)?, of(others)?);
        if kept.finding.id == others.finding.id {
            return None;
        }
        *self = kept;
        Some(others)
    }
}

/// Worst first; within a severity the surest, then by area and rule.
pub(super) fn sort(found: &mut [Found<'_>]) {
    found.sort_by(|Found { finding: a, .. }, Found { finding: b, .. }| {
        (b.severity, b.confidence)
            .cmp(&(a.severity, a.confidence))
            .then_with(|| (&a.area, &a.rule, &a.id).cmp(&(&b.area, &b.rule, &b.id)))
    });
}
