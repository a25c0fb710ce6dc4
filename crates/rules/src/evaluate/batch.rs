//! Looking for what rules are about. All rules about a kind look at a few of its objects, then at the next few: to look at one object
//! again costs far less than to fetch it from memory anew, as happens when each rule goes through all objects on its own.

use super::Context;
use super::log_matches;
use crate::host::{self, RuleHost};
use crate::{Program, Rule};
use gleaner_cel::{EvalError, Slots};
use gleaner_cluster::KindId;
use gleaner_cluster::Object;
use gleaner_logs::LogMatch;
use gleaner_report::Severity;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// How many objects of a kind are looked at by all its rules before the next: so many fit into a processor's own memory.
const AT_ONCE: usize = 64;

/// A rule that applies and whose data is there, about to look at what it is about for one target of the upgrade.
pub(super) struct Pass<'a> {
    pub(super) rule: &'a Rule,
    pub(super) logic: &'a Program,
    pub(super) env: RuleHost<'a>,
    pub(super) target: Option<usize>,
    /// The values of `once`, each worked out when it is first read.
    pub(super) slots: Slots<'a>,
}

/// A place where a rule fired.
#[derive(Clone)]
pub(super) struct Match<'a> {
    /// The objects it fired on; one with `for_each`.
    pub(super) objects: Vec<&'a Object<'a>>,
    /// The values of all variables at that moment.
    pub(super) slots: Slots<'a>,
    pub(super) severity: Severity,
    pub(super) group: String,
    /// The lines of logs it fired on.
    pub(super) log: Option<&'a LogMatch>,
    /// The targets for which it fired, as indexes; empty where the rule does not ask.
    pub(super) target: Option<usize>,
}

/// The places where a rule fired, and what broke on the way.
#[derive(Default)]
pub(super) struct Matches<'a> {
    pub(super) matches: Vec<Match<'a>>,
    pub(super) errors: Vec<String>,
}

impl<'a> Matches<'a> {
    /// Puts together what was found one after the other.
    pub(super) fn all(parts: impl Iterator<Item = Matches<'a>>) -> Matches<'a> {
        let mut all = Matches::default();
        for part in parts {
            all.matches.extend(part.matches);
            all.errors.extend(part.errors);
        }
        all
    }
}

/// What each pass found, in their order.
pub(super) fn match_all<'a>(context: &'a Context<'_>, passes: &[&Pass<'a>]) -> Vec<Matches<'a>> {
    let mut by_kind: BTreeMap<Option<KindId>, Vec<(usize, &Pass<'a>)>> = BTreeMap::new();
    for (index, pass) in passes.iter().enumerate() {
        by_kind.entry(pass.rule.for_each).or_default().push((index, pass));
    }
    let found: Vec<(usize, Matches<'a>)> = by_kind
        .par_iter()
        .flat_map(|(kind, passes)| {
            let found = match kind {
                Some(kind) => over_objects(context, context.snapshot.cluster.all(*kind), passes),
                None => passes.par_iter().map(|(_, pass)| pass.alone(context)).collect(),
            };
            let places = passes.iter().map(|(index, _)| *index);
            places.zip(found).collect::<Vec<_>>()
        })
        .collect();
    let mut by_pass: Vec<Matches<'a>> = passes.iter().map(|_| Matches::default()).collect();
    for (index, matches) in found {
        by_pass[index] = matches;
    }
    by_pass
}

/// What passes over one kind find on its objects.
fn over_objects<'a>(
    context: &Context<'_>,
    objects: &'a [Object<'a>],
    passes: &[(usize, &Pass<'a>)],
) -> Vec<Matches<'a>> {
    let parts: Vec<Vec<Matches<'a>>> = objects
        .par_chunks(AT_ONCE)
        .filter(|_| !context.snapshot.is_cancelled())
        .map_init(
            || passes.iter().map(|(_, pass)| pass.slots.clone()).collect::<Vec<_>>(),
            |slots, objects| {
                let passes = passes.iter().zip(slots);
                passes.map(|((_, pass), slots)| pass.over(objects, slots)).collect()
            },
        )
        .collect();
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let of_next = |_: &_| Matches::all(parts.iter_mut().filter_map(Iterator::next));
    passes.iter().map(of_next).collect()
}

impl<'a> Pass<'a> {
    /// Looks at some objects of the rule's kind. What is worked out for all objects alike stays in `slots`.
    fn over(&self, objects: &'a [Object<'a>], slots: &mut Slots<'a>) -> Matches<'a> {
        let mut found = Matches::default();
        let namespace = self.rule.file.namespace.as_deref();
        for object in objects {
            if namespace.is_some_and(|namespace| object.namespace() != namespace) {
                continue;
            }
            match self.examine(slots, Some(object)) {
                Ok(matches) => found.matches.extend(matches),
                Err(error) => {
                    let text = format!("{}/{}: {error}", object.namespace(), object.name());
                    found.errors.push(text.trim_start_matches('/').to_owned());
                }
            }
            slots.truncate(self.slots.len());
        }
        found
    }

    /// Looks at the matches of the rule's signature, or at the cluster as a whole.
    #[expect(clippy::expect_used, reason = "the plan of a rule without logs has no passes")]
    fn alone(&self, context: &'a Context<'_>) -> Matches<'a> {
        let matches: Vec<_> = if self.rule.log.is_some() {
            let found = context.logs.of(self.rule.id());
            let found = found.expect("a pass of a log rule has a log to search");
            found.iter().map(|matched| self.on_log(matched)).collect()
        } else {
            vec![self.examine(&mut self.slots.clone(), None)]
        };
        let mut found = Matches::default();
        for matched in matches {
            match matched {
                Ok(matched) => found.matches.extend(matched),
                Err(error) => found.errors.push(error.to_string()),
            }
        }
        found
    }

    fn on_log(&self, matched: &'a LogMatch) -> Result<Vec<Match<'a>>, EvalError> {
        let mut slots = self.slots.clone();
        slots.push(log_matches::value(matched));
        let judged = self.judge(&mut slots, None)?;
        let judged = judged.map(|judged| Match {
            log: Some(matched),
            ..judged
        });
        Ok(judged.into_iter().collect())
    }

    /// Looks at one object or at the cluster as a whole, or at each element inside.
    fn examine(&self, slots: &mut Slots<'a>, object: Option<&'a Object<'a>>) -> Result<Vec<Match<'a>>, EvalError> {
        if let Some(object) = object {
            slots.push(host::object(object));
        }
        let Some(each) = &self.logic.each else {
            return Ok(self.judge(slots, object)?.into_iter().collect());
        };
        let list = each.eval(&self.env, slots)?;
        let elements = list.elements().ok_or_else(|| EvalError {
            message: format!("cannot loop over {}", list.type_of()),
            part: each.source.clone(),
        })?;
        let length = slots.len();
        let mut matches = Vec::new();
        for element in elements {
            slots.truncate(length);
            slots.push(element);
            matches.extend(self.judge(slots, object)?);
        }
        Ok(matches)
    }

    fn judge(&self, slots: &mut Slots<'a>, object: Option<&'a Object<'a>>) -> Result<Option<Match<'a>>, EvalError> {
        let (logic, env) = (self.logic, &self.env);
        slots.memoize(&logic.bindings);
        if !logic.when.holds(env, slots)? {
            return Ok(None);
        }
        slots.settle(env);
        let mut severity = Severity::Info;
        for (when, is) in &logic.severity {
            if when.as_ref().map_or(Ok(true), |when| when.holds(env, slots))? {
                severity = *is;
                break;
            }
        }
        let group = match &logic.group_by {
            Some(expr) => expr.eval(env, slots)?.to_string(),
            None => String::new(),
        };
        let objects = match (&logic.objects, object) {
            (Some(expr), _) => env.objects(&expr.eval(env, slots)?),
            (None, object) => object.into_iter().collect(),
        };
        Ok(Some(Match {
            log: None,
            objects,
            slots: slots.clone(),
            severity,
            group,
            target: self.target,
        }))
    }
}
