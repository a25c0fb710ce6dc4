//! Rules over one cluster: does each apply, is its data there, and what does it say then.

use super::World;
use super::assemble;
use super::found::Found;
use super::look::{Looked, Pass, look};
use super::versions;
use crate::model::kind::KindId;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::host::RuleHost;
use crate::rule::{Reads, Rule};
use gleaner_cel::Slots;
use gleaner_report::{Outcome, RuleOutcome};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What became of a rule.
pub(super) struct Run<'a> {
    pub(super) outcome: RuleOutcome,
    pub(super) findings: Vec<Found<'a>>,
}

/// A rule before it looks at anything.
enum Plan<'a> {
    /// It does not apply, or cannot be evaluated.
    Decided(RuleOutcome),
    /// It looks, once for each target, at what it reads; at nothing where there is nothing.
    Look(&'a Reads, Vec<Pass<'a>>),
}

/// Evaluates rules and decides the outcome of each, in their order.
pub(super) fn all<'a>(rules: &'a [Rule], world: &'a World<'_>) -> Vec<Run<'a>> {
    let plans: Vec<Plan<'a>> = rules.par_iter().map(|rule| Plan::new(rule, world)).collect();
    let passes: Vec<&Pass<'a>> = plans.iter().flat_map(Plan::passes).collect();
    let mut looked = look(world, &passes).into_iter();
    let looked: Vec<Looked<'a>> = plans
        .iter()
        .map(|plan| Looked::all(looked.by_ref().take(plan.passes().len())))
        .collect();
    let planned = rules.par_iter().zip(plans).zip(looked);
    planned
        .map(|((rule, plan), looked)| plan.conclude(rule, looked, world))
        .collect()
}

/// Evaluates one rule and decides its outcome.
pub(super) fn one<'a>(rule: &'a Rule, world: &'a World<'_>) -> Run<'a> {
    let plan = Plan::new(rule, world);
    let passes: Vec<&Pass<'a>> = plan.passes().iter().collect();
    let looked = Looked::all(look(world, &passes).into_iter());
    plan.conclude(rule, looked, world)
}

impl<'a> Plan<'a> {
    fn passes(&self) -> &[Pass<'a>] {
        match self {
            Plan::Decided(_) => &[],
            Plan::Look(_, passes) => passes,
        }
    }

    /// Decides whether a rule applies and has its data.
    fn new(rule: &'a Rule, world: &'a World<'_>) -> Plan<'a> {
        let decided = |outcome, missing, error| Plan::Decided(outcome_of(rule, outcome, missing, error));
        let not_evaluated = |missing| decided(Outcome::NotEvaluated, missing, String::new());
        let targets = match versions::targets(rule, world) {
            Ok(targets) => targets,
            Err(why) => return decided(why.outcome(), why.missing(), why.error()),
        };
        let broken = |mistakes: &[Diagnostic]| decided(Outcome::Failed, Vec::new(), first_mistake(mistakes));
        let reads = match rule.reads() {
            Ok(reads) => reads,
            Err(mistakes) => return broken(mistakes),
        };
        let lacking = reasons(world, &reads.requires);
        if !lacking.is_empty() {
            return not_evaluated(lacking);
        }
        let no_log = rule.log.as_ref().filter(|_| world.logs.of(rule.id()).is_none());
        let no_log = no_log.map(|signature| vec![format!("logs of {}", signature.place())]);
        if rule.file.needs.is_empty() {
            if let Some(missing) = no_log {
                return not_evaluated(missing);
            }
            if has_nothing_to_look_at(rule, world) {
                return Plan::Look(reads, Vec::new());
            }
        }
        let logic = match rule.logic() {
            Ok(logic) => logic,
            Err(mistakes) => return broken(mistakes),
        };
        let mut passes = Vec::new();
        for target in targets {
            let env = environment(world, target);
            // Values are worked out when they are first read: most conditions are decided before.
            let mut slots = Slots::new();
            slots.memoize(&logic.once);
            for need in &logic.needs {
                match need.have.holds(&env, &mut slots) {
                    Ok(true) => {}
                    Ok(false) => return not_evaluated(vec![need.missing.clone()]),
                    Err(error) => return decided(Outcome::Failed, Vec::new(), error.to_string()),
                }
            }
            passes.push(Pass {
                rule,
                logic,
                env,
                target,
                slots,
            });
        }
        match no_log {
            Some(missing) => not_evaluated(missing),
            None => Plan::Look(reads, passes),
        }
    }

    /// The outcome, once all its passes have looked.
    fn conclude(self, rule: &'a Rule, looked: Looked<'a>, world: &'a World<'_>) -> Run<'a> {
        let reads = match self {
            Plan::Decided(outcome) => {
                return Run {
                    outcome,
                    findings: Vec::new(),
                };
            }
            Plan::Look(reads, _) => reads,
        };
        let mut errors: BTreeSet<String> = looked.errors.into_iter().collect();
        let mut lacking = partial(rule, reads, world);
        lacking.extend(world.logs.damage(rule.id()).map(str::to_owned));
        let findings = assemble::findings(rule, world, looked.hits, &mut errors);
        let error = errors.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
        let outcome = match (findings.is_empty(), errors.is_empty(), lacking.is_empty()) {
            (false, _, _) => Outcome::Fired,
            (true, false, _) => Outcome::Failed,
            (true, true, false) => Outcome::NotEvaluated,
            (true, true, true) => Outcome::Quiet,
        };
        Run {
            outcome: outcome_of(rule, outcome, lacking, error),
            findings,
        }
    }
}

/// Whether there is neither an object of the rule's kind nor a hit of its signature. Such a rule need not even be compiled.
fn has_nothing_to_look_at(rule: &Rule, world: &World<'_>) -> bool {
    match (&rule.log, rule.for_each) {
        (Some(_), _) => world.logs.of(rule.id()).is_some_and(<[_]>::is_empty),
        (None, Some(kind)) => world.cluster.all(kind).is_empty(),
        (None, None) => false,
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
fn partial(rule: &Rule, reads: &Reads, world: &World<'_>) -> Vec<String> {
    let (Some(kind), Some(namespace)) = (rule.for_each, &rule.file.namespace) else {
        return reasons(world, &reads.may_lack);
    };
    let others: BTreeSet<KindId> = reads.may_lack.iter().copied().filter(|other| *other != kind).collect();
    let mut found = reasons(world, &others);
    if reads.may_lack.contains(&kind) {
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

/// What an evaluation over this world and target shares.
pub(super) fn environment<'a>(world: &'a World<'_>, target: Option<usize>) -> RuleHost<'a> {
    let target = target
        .and_then(|index| world.targets.versions.get(index))
        .map(String::as_str);
    RuleHost {
        cluster: &world.cluster,
        graph: &world.catalog.graph,
        index: &world.index,
        facts: &world.facts,
        target,
    }
}
