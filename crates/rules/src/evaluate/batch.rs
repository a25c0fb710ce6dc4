//! Evaluates rules over the objects and log matches they are about. All rules of a kind visit one chunk of its objects before the next
//! chunk: they find the objects in the CPU cache, which is much faster than for each rule to go through all objects by itself.

use super::Context;
use super::log_matches;
use crate::host::{self, RuleHost, Strict};
use crate::{Program, Rule};
use gleaner_cel::{EvalError, Slots};
use gleaner_cluster::KindId;
use gleaner_cluster::Object;
use gleaner_logs::LogMatch;
use gleaner_report::{Harm, Severity};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How many steps the condition of a rule may take over all objects, and all that is said of its matches: some seconds of work. A rule
/// that looks at each of 300,000 objects and at ten that belong to it takes a tenth.
pub(super) const MAX_STEPS: u64 = 60_000_000;

/// How many objects of a kind all its rules visit before the next ones: few enough to stay in the CPU cache.
const CHUNK: usize = 64;

/// One evaluation of a rule that applies and has its data, for one target of the upgrade.
pub(super) struct Pass<'a> {
    pub(super) rule: &'a Rule,
    pub(super) program: &'a Program,
    pub(super) env: RuleHost<'a>,
    pub(super) target: Option<usize>,
    /// The values of `once`, each evaluated when it is first read.
    pub(super) slots: Slots<'a>,
    pub(super) work: Work,
}

/// How much work a pass is, over all threads.
#[derive(Default)]
pub(super) struct Work {
    steps: AtomicU64,
    is_exhausted: AtomicBool,
}

impl Work {
    /// Counts the steps of one evaluation, and whether it was too long by itself.
    fn add(&self, steps: u64, is_exhausted: bool) {
        let before = self.steps.fetch_add(steps, Ordering::Relaxed);
        if is_exhausted || before.saturating_add(steps) > MAX_STEPS {
            self.is_exhausted.store(true, Ordering::Relaxed);
        }
    }

    fn is_exhausted(&self) -> bool {
        self.is_exhausted.load(Ordering::Relaxed)
    }

    /// How many steps were counted.
    pub(super) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }
}

/// A match of a rule's condition.
#[derive(Clone)]
pub(super) struct Match<'a> {
    /// The objects to name; one with `for_each`.
    pub(super) objects: Vec<&'a Object<'a>>,
    /// The values of all variables.
    pub(super) slots: Slots<'a>,
    pub(super) severity: Severity,
    pub(super) group: String,
    /// The log match it fired on, for a log rule.
    pub(super) log: Option<&'a LogMatch>,
    /// The index of the target for which it fired; `None` if the rule does not depend on the target.
    pub(super) target: Option<usize>,
    /// What it does to the cluster, and when it began: decided by [`super::draft`], as few rules fire.
    pub(super) harm: Harm,
    pub(super) since: Option<i64>,
}

/// The matches of a rule, and the errors on the way.
#[derive(Default)]
pub(super) struct Matches<'a> {
    pub(super) matches: Vec<Match<'a>>,
    pub(super) errors: Vec<String>,
    /// The kinds whose missing objects would decide whether there are more.
    pub(super) lacking: BTreeSet<KindId>,
}

impl<'a> Matches<'a> {
    /// Those of a rule that takes too long: none, as which ones were found before depends on the threads.
    fn exhausted() -> Matches<'a> {
        Matches {
            errors: vec![format!("it takes more than {MAX_STEPS} steps on this bundle")],
            ..Matches::default()
        }
    }

    /// Adds what came of one evaluation. One that lacks objects leaves the rule not evaluated, unless another one is proof.
    fn add(&mut self, matched: Result<Vec<Match<'a>>, EvalError>, in_words: impl FnOnce(&EvalError) -> String) {
        match matched {
            Ok(matches) => self.matches.extend(matches),
            Err(error) => match error.lacks {
                Some(kind) => drop(self.lacking.insert(host::kind_of(kind))),
                None => self.errors.push(in_words(&error)),
            },
        }
    }

    /// Concatenates several.
    pub(super) fn all(parts: impl Iterator<Item = Matches<'a>>) -> Matches<'a> {
        let mut all = Matches::default();
        for part in parts {
            all.matches.extend(part.matches);
            all.errors.extend(part.errors);
            all.lacking.extend(part.lacking);
        }
        all
    }
}

/// The matches of each pass, in the order of the passes.
pub(super) fn match_all<'a>(context: &'a Context<'_>, passes: &[&Pass<'a>]) -> Vec<Matches<'a>> {
    let mut by_kind: BTreeMap<Option<KindId>, Vec<(usize, &Pass<'a>)>> = BTreeMap::new();
    for (index, pass) in passes.iter().enumerate() {
        by_kind.entry(pass.rule.for_each).or_default().push((index, pass));
    }
    let found: Vec<(usize, Matches<'a>)> = by_kind
        .par_iter()
        .flat_map(|(kind, passes)| {
            let found = match kind {
                Some(kind) => match_objects(context, context.snapshot.cluster.all(*kind), passes),
                None => passes
                    .par_iter()
                    .map(|(_, pass)| pass.match_logs_or_cluster(context))
                    .collect(),
            };
            let indexes = passes.iter().map(|(index, _)| *index);
            indexes.zip(found).collect::<Vec<_>>()
        })
        .collect();
    let mut by_pass: Vec<Matches<'a>> = passes.iter().map(|_| Matches::default()).collect();
    for (index, matches) in found {
        by_pass[index] = if passes[index].work.is_exhausted() {
            Matches::exhausted()
        } else {
            matches
        };
    }
    by_pass
}

/// The matches of the passes of one kind on its objects.
fn match_objects<'a>(
    context: &Context<'_>,
    objects: &'a [Object<'a>],
    passes: &[(usize, &Pass<'a>)],
) -> Vec<Matches<'a>> {
    let parts: Vec<Vec<Matches<'a>>> = objects
        .par_chunks(CHUNK)
        .filter(|_| !context.snapshot.is_cancelled())
        .map_init(
            || passes.iter().map(|(_, pass)| pass.slots.clone()).collect::<Vec<_>>(),
            |slots, objects| {
                let passes = passes.iter().zip(slots);
                passes
                    .map(|((_, pass), slots)| pass.match_chunk(objects, slots))
                    .collect()
            },
        )
        .collect();
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let of_next = |_: &_| Matches::all(parts.iter_mut().filter_map(Iterator::next));
    passes.iter().map(of_next).collect()
}

fn is_exhausted<T>(matched: &Result<T, EvalError>) -> bool {
    matched.as_ref().is_err_and(|error| error.is_exhausted)
}

impl<'a> Pass<'a> {
    /// Matches some objects of the rule's kind. Values of `once` stay in `slots` from one object to the next.
    fn match_chunk(&self, objects: &'a [Object<'a>], slots: &mut Slots<'a>) -> Matches<'a> {
        let mut found = Matches::default();
        let namespace = self.rule.file.namespace.as_deref();
        for object in objects {
            if self.work.is_exhausted() {
                break;
            }
            if namespace.is_some_and(|namespace| object.namespace() != namespace) {
                continue;
            }
            slots.begin();
            let matched = self.match_object(slots, Some(object), &mut found.lacking);
            self.work.add(slots.steps(), is_exhausted(&matched));
            found.add(matched, |error| {
                let text = format!("{}/{}: {error}", object.namespace(), object.name());
                text.trim_start_matches('/').to_owned()
            });
            slots.truncate(self.slots.len());
        }
        found
    }

    /// Evaluates a log rule for each log match, and other rules without `for_each` once for the cluster.
    #[expect(clippy::expect_used, reason = "a log rule without a log is planned without passes")]
    fn match_logs_or_cluster(&self, context: &'a Context<'_>) -> Matches<'a> {
        let mut found = Matches::default();
        if self.rule.log.is_some() {
            let hits = context.logs.of(self.rule.id());
            let hits = hits.expect("a log of the rule is in the bundle");
            for hit in hits.iter().take_while(|_| !self.work.is_exhausted()) {
                found.add(self.match_log(hit), EvalError::to_string);
            }
        } else {
            let mut slots = self.slots.clone();
            let matched = self.match_object(&mut slots, None, &mut found.lacking);
            self.work.add(slots.steps(), is_exhausted(&matched));
            found.add(matched, EvalError::to_string);
        }
        found
    }

    fn match_log(&self, matched: &'a LogMatch) -> Result<Vec<Match<'a>>, EvalError> {
        let mut slots = self.slots.clone();
        slots.push(log_matches::value(matched));
        let found = self.match_slots(&mut slots, None);
        self.work.add(slots.steps(), is_exhausted(&found));
        let found = found?;
        let found = found.map(|found| Match {
            log: Some(matched),
            ..found
        });
        Ok(found.into_iter().collect())
    }

    /// Evaluates the rule for one object, or for the cluster without one; with `each`, for every element.
    fn match_object(
        &self,
        slots: &mut Slots<'a>,
        object: Option<&'a Object<'a>>,
        lacking: &mut BTreeSet<KindId>,
    ) -> Result<Vec<Match<'a>>, EvalError> {
        if let Some(object) = object {
            slots.push(host::object(object));
        }
        let Some(each) = &self.program.each else {
            return Ok(self.match_slots(slots, object)?.into_iter().collect());
        };
        let list = each.eval(&self.env, slots)?;
        let elements = list.elements().ok_or_else(|| EvalError {
            message: format!("cannot loop over {}", list.type_of()),
            part: each.source.clone(),
            lacks: None,
            is_exhausted: false,
        })?;
        let length = slots.len();
        let mut matches = Vec::new();
        for element in elements {
            slots.truncate(length);
            slots.push(element);
            match self.match_slots(slots, object) {
                Ok(matched) => matches.extend(matched),
                Err(error) => match error.lacks {
                    Some(kind) => drop(lacking.insert(host::kind_of(kind))),
                    None => return Err(error),
                },
            }
        }
        Ok(matches)
    }

    /// Evaluates the condition for the variables in `slots`.
    fn match_slots(
        &self,
        slots: &mut Slots<'a>,
        object: Option<&'a Object<'a>>,
    ) -> Result<Option<Match<'a>>, EvalError> {
        let (program, env) = (self.program, &self.env);
        slots.memoize(&program.bindings);
        if !program.when.holds(env, slots)? {
            return Ok(None);
        }
        slots.settle(env)?;
        let severity = self.severity(slots)?;
        // What is said needs no proof as the condition does: what is not found is unset.
        let env = &RuleHost {
            strict: None,
            ..self.env
        };
        let group = match &program.group_by {
            Some(expr) => expr.eval(env, slots)?.to_string(),
            None => String::new(),
        };
        let objects = match (&program.objects, object) {
            // Many take one object where another is not there: nothing is said of that one where this is not known.
            (Some(expr), None) => {
                let strict = self.env.strict.map(Strict::of_damage);
                let env = &RuleHost { strict, ..self.env };
                env.objects(&expr.eval(env, slots)?)
            }
            (Some(expr), Some(_)) => env.objects(&expr.eval(env, slots)?),
            (None, object) => object.into_iter().collect(),
        };
        Ok(Some(Match {
            log: None,
            objects,
            slots: slots.clone(),
            severity,
            group,
            target: self.target,
            harm: Harm::default(),
            since: None,
        }))
    }

    /// The first case that holds. Of cases that cannot be decided the least severe counts: nothing is made worse without proof.
    fn severity(&self, slots: &mut Slots<'a>) -> Result<Severity, EvalError> {
        let mut most = Severity::Blocker;
        for (when, is) in &self.program.severity {
            match when.as_ref().map_or(Ok(true), |when| when.holds(&self.env, slots)) {
                Ok(true) => return Ok(most.min(*is)),
                Ok(false) => {}
                Err(error) if error.lacks.is_some() => most = most.min(*is),
                Err(error) => return Err(error),
            }
        }
        Ok(most.min(Severity::Info))
    }
}
