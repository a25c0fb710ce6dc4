//! Evaluates the rules over a snapshot, and decides the outcome of each.
//!
//! The engine, not the rule, decides *not applicable*, *not evaluated* and *failed*. Rules are independent and run in parallel; the
//! results are sorted.

mod assemble;
mod batch;
mod cause;
mod causes;
mod context;
mod draft;
mod evidence;
mod gates;
mod impact;
mod log_matches;
mod official;
mod run;
mod targets;
mod upgrade;

pub use context::Context;
pub use targets::Targets;

use crate::rule::Rule;
use gleaner_report::{Count, Finding, Harm, OfficialCheck, Outcome, RuleOutcome, Severity, UpgradeVerdict};

/// The results of all rules and official checks.
#[derive(Debug)]
pub struct Evaluation {
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// The outcome of every rule, in the catalogue's order.
    pub outcomes: Vec<RuleOutcome>,
    /// Whether the upgrade may start.
    pub upgrade: UpgradeVerdict,
    /// The verdicts of the official checks.
    pub official: Vec<OfficialCheck>,
}

/// Evaluates one rule: its outcome and its findings, sorted.
pub fn evaluate_rule(context: &Context<'_>, rule: &Rule) -> (RuleOutcome, Vec<Finding>) {
    let run = run::one(rule, context);
    let mut drafts = run.drafts;
    drafts.sort_by(draft::DraftFinding::order);
    (run.outcome, drafts.into_iter().map(|draft| draft.finding).collect())
}

/// How many steps the condition of a rule takes on a cluster: elements of lists that are looped over or given to functions, but for those
/// that its objects share. Unlike its time, it does not depend on the machine.
pub fn steps(context: &Context<'_>, rule: &Rule) -> u64 {
    run::steps(rule, context)
}

/// Evaluates all rules and the official checks. `webhook` selects the version of the webhook: a version, `newest`, or `None` for the
/// running version.
pub fn evaluate(context: &Context<'_>, webhook: Option<&str>) -> Evaluation {
    let webhook = match webhook {
        Some("newest") => official::NEWEST,
        Some(version) => version,
        None => context.snapshot.facts.running.as_str(),
    };
    let rules = || {
        let runs = run::all(&context.catalog.rules, context);
        let (mut drafts, mut outcomes) = (Vec::new(), Vec::new());
        for run in runs {
            drafts.extend(run.drafts);
            outcomes.push(run.outcome);
        }
        (causes::explain(context, drafts), outcomes)
    };
    let others = || {
        context.snapshot.prepare_impact();
        official::checks(context, webhook)
    };
    let ((mut findings, outcomes), official) = rayon::join(rules, others);
    let upgrade = upgrade::verdict(context, &findings, &outcomes);
    if !context.targets.is_named() && !context.snapshot.facts.is_upgrading {
        // Nobody plans the upgrade that these are about; the verdict and the official checks still say what it would meet.
        for (finding, _) in findings
            .iter_mut()
            .filter(|(finding, _)| finding.harm == Harm::UpgradeRisk)
        {
            finding.severity = Severity::Info;
        }
    }
    Evaluation {
        findings: findings.into_iter().map(|(finding, _)| finding).collect(),
        outcomes,
        upgrade,
        official,
    }
}

/// How many rules have each outcome.
pub fn count_outcomes(rules: &[RuleOutcome]) -> Vec<Count> {
    let count = |wanted: Outcome| rules.iter().filter(|rule| rule.outcome == wanted).count();
    let counts = Outcome::ALL.into_iter().map(|outcome| Count {
        label: outcome.as_str().to_owned(),
        count: u64::try_from(count(outcome)).unwrap_or(u64::MAX),
    });
    counts.collect()
}
