//! One rule over one cluster: does it apply, is its data there, what does it hit.

use super::World;
use super::assemble;
use super::found::Found;
use super::{logs, versions};
use crate::finding::Severity;
use crate::log::LogHit;
use crate::model::cluster::Object;
use crate::model::kind::KindId;
use crate::report::{Outcome, RuleOutcome};
use crate::rule::diagnostic::Diagnostic;
use crate::rule::expr::val::Val;
use crate::rule::expr::{Env, EvalError};
use crate::rule::{Logic, Rule};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What became of a rule.
pub(super) struct Run<'a> {
    pub(super) outcome: RuleOutcome,
    pub(super) findings: Vec<Found<'a>>,
}

/// A place where a rule fired.
#[derive(Clone)]
pub(super) struct Hit<'a> {
    /// The objects it fired on; one with `for_each`.
    pub(super) objects: Vec<&'a Object<'a>>,
    /// The values of all variables at that moment.
    pub(super) slots: Vec<Val<'a>>,
    pub(super) severity: Severity,
    pub(super) group: String,
    /// The lines of logs it fired on.
    pub(super) log: Option<&'a LogHit>,
    /// The targets for which it fired, as indexes; empty where the rule does not ask.
    pub(super) target: Option<usize>,
}

/// Evaluates a rule and decides its outcome.
pub(super) fn rule<'a>(rule: &'a Rule, world: &'a World<'_>) -> Run<'a> {
    let decided = |outcome, missing: Vec<String>, error: String| Run {
        outcome: outcome_of(rule, outcome, missing, error),
        findings: Vec::new(),
    };
    let targets = match versions::targets(rule, world) {
        Ok(targets) => targets,
        Err(why) => return decided(why.outcome(), why.missing(), why.error()),
    };
    let logic = match rule.logic() {
        Ok(logic) => logic,
        Err(mistakes) => return decided(Outcome::Failed, Vec::new(), first_mistake(mistakes)),
    };
    let lacking = reasons(world, &logic.requires);
    if !lacking.is_empty() {
        return decided(Outcome::NotEvaluated, lacking, String::new());
    }
    let mut hits = Vec::new();
    let mut errors = BTreeSet::new();
    for target in targets {
        match over_target(rule, logic, world, target) {
            Ok((found, broken)) => {
                hits.extend(found);
                errors.extend(broken);
            }
            Err(Stop::Missing(what)) => return decided(Outcome::NotEvaluated, vec![what], String::new()),
            Err(Stop::Broken(what)) => return decided(Outcome::Failed, Vec::new(), what),
        }
    }
    let partial = partial(rule, logic, world);
    let findings = assemble::findings(rule, world, hits, &mut errors);
    let error = errors.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
    let outcome = match (findings.is_empty(), errors.is_empty(), partial.is_empty()) {
        (false, _, _) => Outcome::Fired,
        (true, false, _) => Outcome::Failed,
        (true, true, false) => Outcome::NotEvaluated,
        (true, true, true) => Outcome::Quiet,
    };
    Run {
        outcome: outcome_of(rule, outcome, partial, error),
        findings,
    }
}

/// A built-in rule that cannot be compiled: its tests would show it.
pub(super) fn first_mistake(mistakes: &[Diagnostic]) -> String {
    let first = mistakes.first();
    first.map_or_else(String::new, |mistake| {
        format!("line {}: {}", mistake.line(), mistake.what)
    })
}

/// How many reasons one outcome names: a broken collector or a hostile bundle has them by the million.
const MOST_REASONS: usize = 20;

fn outcome_of(rule: &Rule, outcome: Outcome, mut missing: Vec<String>, error: String) -> RuleOutcome {
    let file = &rule.file;
    let more = missing.split_off(missing.len().min(MOST_REASONS)).len();
    missing.extend((more > 0).then(|| format!("and {more} more")));
    RuleOutcome {
        id: file.id.clone(),
        area: rule.area.clone(),
        title: file.title.clone(),
        outcome,
        missing,
        error,
    }
}

fn reasons(world: &World<'_>, kinds: &BTreeSet<KindId>) -> Vec<String> {
    let reasons = kinds.iter().flat_map(|kind| {
        let name = &world.catalog.kinds.info(*kind).name;
        world.availability.reasons(*kind).map(move |reason| {
            if reason.contains(name.as_str()) {
                reason.to_owned()
            } else {
                format!("{name}: {reason}")
            }
        })
    });
    let reasons: BTreeSet<String> = reasons.collect();
    reasons.into_iter().collect()
}

/// Why objects that the rule can do without may be incomplete. A rule about one namespace does not mind the others.
fn partial(rule: &Rule, logic: &Logic, world: &World<'_>) -> Vec<String> {
    let (Some(kind), Some(namespace)) = (rule.for_each, &rule.file.namespace) else {
        return reasons(world, &logic.may_lack);
    };
    let others: BTreeSet<KindId> = logic.may_lack.iter().copied().filter(|other| *other != kind).collect();
    let mut found = reasons(world, &others);
    if logic.may_lack.contains(&kind) {
        let elsewhere = |reason: &String| {
            reason.contains(" was not collected") && !reason.contains(&format!("namespace {namespace} was"))
        };
        found.extend(
            reasons(world, &BTreeSet::from([kind]))
                .into_iter()
                .filter(|reason| !elsewhere(reason)),
        );
    }
    found
}

enum Stop {
    Missing(String),
    Broken(String),
}

/// The places where a rule fired, and what broke on the way.
type Looked<'a> = (Vec<Hit<'a>>, Vec<String>);

fn over_target<'a>(
    rule: &'a Rule,
    logic: &'a Logic,
    world: &'a World<'_>,
    target: Option<usize>,
) -> Result<Looked<'a>, Stop> {
    let broken = |error: EvalError| Stop::Broken(error.to_string());
    let env = environment(world, target);
    // Values are worked out when they are first read: most conditions are decided before.
    let mut slots: Vec<Val<'a>> = logic.once.iter().map(Val::Later).collect();
    for need in &logic.needs {
        if !need.have.holds(&env, &mut slots).map_err(broken)? {
            return Err(Stop::Missing(need.missing.clone()));
        }
    }
    if let Some(signature) = &rule.log {
        let Some(found) = world.logs.of(rule.id()) else {
            return Err(Stop::Missing(format!("logs of {}", signature.place())));
        };
        let (hits, errors) = over_logs(logic, found, &env, &slots, target);
        return match world.logs.damage(rule.id()) {
            Some(what) if hits.is_empty() && errors.is_empty() => Err(Stop::Missing(what.to_owned())),
            _ => Ok((hits, errors)),
        };
    }
    let Some(kind) = rule.for_each else {
        let hit = examine(logic, &env, &mut slots, None, target).map_err(broken)?;
        return Ok((hit, Vec::new()));
    };
    let namespace = rule.file.namespace.as_deref();
    let objects = world.cluster.all(kind);
    let results: Vec<Result<Vec<Hit<'a>>, String>> = objects
        .par_iter()
        .with_min_len(64)
        .filter(|_| !world.is_cancelled())
        .filter(|object| namespace.is_none_or(|namespace| object.namespace() == namespace))
        .map_init(
            || slots.clone(),
            |slots, object| {
                let hits = examine(logic, &env, slots, Some(object), target);
                // What was worked out once for all objects stays.
                slots.truncate(logic.once.len());
                hits.map_err(|error| {
                    let (namespace, name) = (object.namespace(), object.name());
                    let text = format!("{namespace}/{name}: {error}");
                    text.trim_start_matches('/').to_owned()
                })
            },
        )
        .collect();
    let (mut hits, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(found) => hits.extend(found),
            Err(error) => errors.push(error),
        }
    }
    Ok((hits, errors))
}

/// Looks at every hit of the rule's signature.
fn over_logs<'a>(
    logic: &'a Logic,
    found: &'a [LogHit],
    env: &Env<'a>,
    slots: &[Val<'a>],
    target: Option<usize>,
) -> Looked<'a> {
    let (mut hits, mut errors) = (Vec::new(), Vec::new());
    for hit in found {
        let mut slots = slots.to_vec();
        slots.push(logs::value(hit));
        match judge(logic, env, &mut slots, None, target) {
            Ok(judged) => hits.extend(judged.map(|judged| Hit {
                log: Some(hit),
                ..judged
            })),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (hits, errors)
}

/// What an evaluation over this world and target shares.
pub(super) fn environment<'a>(world: &'a World<'_>, target: Option<usize>) -> Env<'a> {
    let target = target
        .and_then(|index| world.targets.versions.get(index))
        .map(String::as_str);
    Env {
        cluster: &world.cluster,
        graph: &world.catalog.graph,
        index: &world.index,
        facts: &world.facts,
        target,
    }
}

/// Looks at one object, or at the cluster as a whole.
fn examine<'a>(
    logic: &'a Logic,
    env: &Env<'a>,
    slots: &mut Vec<Val<'a>>,
    object: Option<&'a Object<'a>>,
    target: Option<usize>,
) -> Result<Vec<Hit<'a>>, EvalError> {
    slots.extend(object.map(Val::Object));
    let Some(each) = &logic.each else {
        return Ok(judge(logic, env, slots, object, target)?.into_iter().collect());
    };
    let list = each.eval(env, slots)?;
    let elements = list.elements().ok_or_else(|| EvalError {
        what: format!("cannot loop over a {}", list.type_name()),
        part: each.source.clone(),
    })?;
    let length = slots.len();
    let mut hits = Vec::new();
    for element in elements {
        slots.truncate(length);
        slots.push(element);
        hits.extend(judge(logic, env, slots, object, target)?);
    }
    Ok(hits)
}

fn judge<'a>(
    logic: &'a Logic,
    env: &Env<'a>,
    slots: &mut Vec<Val<'a>>,
    object: Option<&'a Object<'a>>,
    target: Option<usize>,
) -> Result<Option<Hit<'a>>, EvalError> {
    slots.extend(logic.bindings.iter().map(Val::Later));
    if !logic.when.holds(env, slots)? {
        return Ok(None);
    }
    env.settle(slots);
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
        (Some(expr), _) => named(&expr.eval(env, slots)?),
        (None, object) => object.into_iter().collect(),
    };
    Ok(Some(Hit {
        log: None,
        objects,
        slots: slots.clone(),
        severity,
        group,
        target,
    }))
}

/// The objects in a value: itself, or those of a list.
pub(super) fn named<'a>(value: &Val<'a>) -> Vec<&'a Object<'a>> {
    match value {
        Val::Object(object) => vec![object],
        Val::List(items) => items.iter().flat_map(named).collect(),
        _ => Vec::new(),
    }
}
