//! Runs rules on one cluster: whether each applies, whether its data is in the bundle, and its outcome.

use super::Context;
use super::batch::{MAX_STEPS, Match, Matches, Pass, Work, match_all};
use super::draft::{self, DraftFinding};
use super::gates::{self, SkipReason};
use crate::diagnostic::Diagnostic;
use crate::host::{self, Strict};
use crate::{RequiredKinds, Rule};
use gleaner_cel::{Budget, Slots};
use gleaner_cluster::{Gap, KindId, layout};
use gleaner_report::{Outcome, RuleOutcome};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The outcome and the findings of a rule.
pub(super) struct Run<'a> {
    pub(super) outcome: RuleOutcome,
    pub(super) drafts: Vec<DraftFinding<'a>>,
}

/// A rule before it is evaluated.
enum Plan<'a> {
    /// The rule does not apply, or cannot be evaluated.
    Decided(RuleOutcome),
    /// It looks, once for each target, at what it reads; at nothing where there is nothing.
    Run {
        reads: &'a RequiredKinds,
        passes: Vec<Pass<'a>>,
        /// Why kinds that it requires are incomplete, in words: it can then fire, but not be quiet.
        lacking: Vec<String>,
    },
}

/// Evaluates rules and decides the outcome of each, in their order.
pub(super) fn all<'a>(rules: &'a [Rule], context: &'a Context<'_>) -> Vec<Run<'a>> {
    let plans: Vec<Plan<'a>> = rules.par_iter().map(|rule| Plan::new(rule, context)).collect();
    let passes: Vec<&Pass<'a>> = plans.iter().flat_map(Plan::passes).collect();
    let mut found = match_all(context, &passes).into_iter();
    let found: Vec<Matches<'a>> = plans
        .iter()
        .map(|plan| Matches::all(found.by_ref().take(plan.passes().len())))
        .collect();
    let planned = rules.par_iter().zip(plans).zip(found);
    planned
        .map(|((rule, plan), found)| plan.conclude(rule, found, context))
        .collect()
}

/// How many steps the condition of a rule takes.
pub(super) fn steps(rule: &Rule, context: &Context<'_>) -> u64 {
    let plan = Plan::new(rule, context);
    let passes: Vec<&Pass<'_>> = plan.passes().iter().collect();
    drop(match_all(context, &passes));
    passes.iter().map(|pass| pass.work.steps()).sum()
}

/// Evaluates one rule and decides its outcome.
pub(super) fn one<'a>(rule: &'a Rule, context: &'a Context<'_>) -> Run<'a> {
    let plan = Plan::new(rule, context);
    let passes: Vec<&Pass<'a>> = plan.passes().iter().collect();
    let found = Matches::all(match_all(context, &passes).into_iter());
    plan.conclude(rule, found, context)
}

impl<'a> Plan<'a> {
    fn passes(&self) -> &[Pass<'a>] {
        match self {
            Plan::Decided(_) => &[],
            Plan::Run { passes, .. } => passes,
        }
    }

    /// Decides whether a rule applies and has its data.
    fn new(rule: &'a Rule, context: &'a Context<'_>) -> Plan<'a> {
        let decided = |outcome, missing, error| Plan::Decided(outcome_of(rule, outcome, missing, error));
        let not_evaluated = |missing| decided(Outcome::NotEvaluated, missing, String::new());
        let (targets, mut lacking) = match gates::targets(rule, context) {
            Ok(targets) => (targets, Vec::new()),
            // A line that only some releases write is proof of itself.
            Err(SkipReason::Unknown(what)) if rule.target.is_none() && has_hits(rule, context) => {
                (vec![None], vec![what])
            }
            Err(why) => return decided(why.outcome(), why.missing(), why.error()),
        };
        let broken = |mistakes: &[Diagnostic]| decided(Outcome::Failed, Vec::new(), Diagnostic::first(mistakes));
        let reads = match rule.required_kinds() {
            Ok(reads) => reads,
            Err(mistakes) => return broken(mistakes),
        };
        if let Some(why) = gates::without_prometheus(reads, context) {
            return decided(Outcome::NotApplicable, Vec::new(), why);
        }
        lacking.extend(reasons(context, &reads.requires, |_| true));
        let no_log = rule.log.as_ref().filter(|_| context.logs.of(rule.id()).is_none());
        if let Some(why) = no_log.and_then(|signature| gates::without_pods(rule, signature, context)) {
            return decided(Outcome::NotApplicable, Vec::new(), why);
        }
        let no_log = no_log.map(|signature| vec![format!("logs of {}", signature.place())]);
        if rule.file.needs.is_empty() {
            if let Some(missing) = no_log {
                return not_evaluated(missing);
            }
            if has_no_subjects(rule, context) {
                let passes = Vec::new();
                return Plan::Run { reads, passes, lacking };
            }
        }
        let program = match rule.program() {
            Ok(program) => program,
            Err(mistakes) => return broken(mistakes),
        };
        let mut passes = Vec::new();
        for target in targets {
            let mut env = context.env(target);
            let availability = &context.snapshot.availability;
            env.strict = (!lacking.is_empty() || availability.has_damage()).then_some(Strict {
                requires: &reads.requires,
                availability,
            });
            // Values are worked out when they are first read: most conditions are decided before.
            let mut slots = Slots::new();
            slots.memoize(&program.once);
            slots.share();
            for need in &program.needs {
                match need.have.holds(&env, &mut slots) {
                    Ok(true) => {}
                    Ok(false) => return not_evaluated(vec![need.missing.clone()]),
                    Err(error) => match error.lacks {
                        Some(kind) => {
                            let kind = BTreeSet::from([host::kind_of(kind)]);
                            if lacking.is_empty() {
                                lacking.push(need.missing.clone());
                            }
                            lacking.extend(reasons(context, &kind, |_| true));
                            return not_evaluated(unique(lacking));
                        }
                        None => return decided(Outcome::Failed, Vec::new(), error.to_string()),
                    },
                }
            }
            passes.push(Pass {
                rule,
                program,
                env,
                target,
                slots,
                work: Work::default(),
            });
        }
        match no_log {
            Some(missing) => not_evaluated(missing),
            None => Plan::Run { reads, passes, lacking },
        }
    }

    /// The outcome, from the matches of all passes.
    fn conclude(self, rule: &'a Rule, found: Matches<'a>, context: &'a Context<'_>) -> Run<'a> {
        let (reads, mut lacking) = match self {
            Plan::Decided(outcome) => {
                return Run {
                    outcome,
                    drafts: Vec::new(),
                };
            }
            Plan::Run { reads, lacking, .. } => (reads, lacking),
        };
        let mut errors: BTreeSet<String> = found.errors.into_iter().collect();
        lacking.extend(partial(rule, reads, context));
        lacking.extend(reasons(context, &found.lacking, |_| true));
        let mut lacking = unique(lacking);
        lacking.extend(context.logs.damage(rule.id()).map(str::to_owned));
        lacking.extend(gates::nodes_without_logs(rule, context));
        let drafts = drafts(rule, context, found.matches, &mut errors);
        let error = errors.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
        let outcome = match (drafts.is_empty(), errors.is_empty(), lacking.is_empty()) {
            (false, _, _) => Outcome::Fired,
            (true, false, _) => Outcome::Failed,
            (true, true, false) => Outcome::NotEvaluated,
            (true, true, true) => Outcome::Quiet,
        };
        Run {
            outcome: outcome_of(rule, outcome, lacking, error),
            drafts,
        }
    }
}

/// The findings of these matches; none if it takes too long to say what they are, as how far that went depends on the threads.
fn drafts<'a>(
    rule: &'a Rule,
    context: &'a Context<'_>,
    mut matches: Vec<Match<'a>>,
    errors: &mut BTreeSet<String>,
) -> Vec<DraftFinding<'a>> {
    let budget = Arc::new(Budget::new(MAX_STEPS));
    for matched in &mut matches {
        matched.slots.charge(&budget);
    }
    let mut found = BTreeSet::new();
    let drafts = draft::of_matches(rule, context, matches, &mut found);
    if budget.is_exhausted() {
        errors.insert(format!("its messages take more than {MAX_STEPS} steps on this bundle"));
        return Vec::new();
    }
    errors.extend(found);
    drafts
}

/// Each reason once, where it first is.
fn unique(reasons: Vec<String>) -> Vec<String> {
    let mut known = BTreeSet::new();
    reasons
        .into_iter()
        .filter(|reason| known.insert(reason.clone()))
        .collect()
}

fn has_hits(rule: &Rule, context: &Context<'_>) -> bool {
    context.logs.of(rule.id()).is_some_and(|matches| !matches.is_empty())
}

/// Whether there is no object of the rule's kind or no match of its signature. Such a rule is not even compiled.
fn has_no_subjects(rule: &Rule, context: &Context<'_>) -> bool {
    match (&rule.log, rule.for_each) {
        (Some(_), _) => context.logs.of(rule.id()).is_some_and(<[_]>::is_empty),
        (None, Some(kind)) => context.snapshot.cluster.all(kind).is_empty(),
        (None, None) => false,
    }
}

/// How many reasons one outcome lists: a broken collector or a hostile bundle can cause millions.
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

/// Why objects of these kinds may be incomplete, for messages, by the gaps that matter.
fn reasons(context: &Context<'_>, kinds: &BTreeSet<KindId>, matters: impl Fn(&Gap) -> bool) -> Vec<String> {
    let mut reasons = BTreeSet::new();
    for kind in kinds {
        let name = &context.catalog.kinds.info(*kind).name;
        let gaps = context.snapshot.availability.gaps(*kind);
        reasons.extend(gaps.filter(|gap| matters(gap)).map(|gap| match gap {
            Gap::NoneFound { .. } => gap.to_string(),
            _ => format!("{name}: {gap}"),
        }));
    }
    reasons.into_iter().collect()
}

/// Why the kinds of `partial` may be incomplete: those the rule only looks up, then its own. Gaps in other namespaces do not matter to
/// a rule of one namespace.
fn partial(rule: &Rule, reads: &RequiredKinds, context: &Context<'_>) -> Vec<String> {
    let (Some(own), Some(namespace)) = (rule.for_each, &rule.file.namespace) else {
        return reasons(context, &reads.partial, |_| true);
    };
    let (own, others) = reads.partial.iter().copied().partition(|kind| *kind == own);
    let mut found = reasons(context, &others, |_| true);
    found.extend(reasons(context, &own, |gap| match gap {
        Gap::Namespace(missing) => missing == namespace,
        Gap::Damaged { path, .. } => layout::may_be_of(path, namespace),
        _ => true,
    }));
    found
}
