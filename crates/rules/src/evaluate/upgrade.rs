//! Whether an upgrade may start.

use super::Context;
use gleaner_report::{Finding, Severity};
use gleaner_report::{Outcome, RuleOutcome, TargetVerdict, UpgradeVerdict, Verdict};
use std::collections::BTreeSet;

/// Whether an upgrade may start, for every target and for all together.
pub(super) fn verdict(
    context: &Context<'_>,
    findings: &[(Finding, BTreeSet<usize>)],
    outcomes: &[RuleOutcome],
) -> UpgradeVerdict {
    let versions = &context.targets.versions;
    let missing = missing(context, outcomes);
    let mut targets = Vec::new();
    for (index, version) in versions.iter().enumerate() {
        let holds = |(_, targets): &&(Finding, BTreeSet<usize>)| targets.is_empty() || targets.contains(&index);
        let blocked_by = blockers(findings.iter().filter(holds));
        targets.push(TargetVerdict {
            to: version.clone(),
            verdict: decide(&blocked_by, &missing),
            blocked_by,
            missing: missing.clone(),
        });
    }
    let blocked_by = blockers(findings.iter());
    let verdict =
        targets
            .iter()
            .map(|target| target.verdict)
            .max()
            .unwrap_or_else(|| match decide(&blocked_by, &missing) {
                Verdict::Ready => Verdict::Unknown,
                other => other,
            });
    let to = match versions.as_slice() {
        [only] => only.clone(),
        _ => String::new(),
    };
    let reason = reason(context, verdict, &to, blocked_by.len(), missing.len());
    UpgradeVerdict {
        from: context.snapshot.facts.running.clone(),
        to,
        target_source: context.targets.source.clone(),
        verdict,
        reason,
        blocked_by,
        missing,
        targets,
        in_progress: context.snapshot.facts.upgrade.clone().unwrap_or_default(),
    }
}

fn blockers<'f>(findings: impl Iterator<Item = &'f (Finding, BTreeSet<usize>)>) -> Vec<String> {
    findings
        .filter(|(finding, _)| finding.severity == Severity::Blocker)
        .map(|(finding, _)| finding.id.clone())
        .collect()
}

fn decide(blocked_by: &[String], missing: &[String]) -> Verdict {
    match (blocked_by.is_empty(), missing.is_empty()) {
        (false, _) => Verdict::Blocked,
        (true, false) => Verdict::Unknown,
        (true, true) => Verdict::Ready,
    }
}

/// Why rules that mirror official checks could not be evaluated.
fn missing(context: &Context<'_>, outcomes: &[RuleOutcome]) -> Vec<String> {
    let unseen = outcomes
        .iter()
        .filter(|outcome| matches!(outcome.outcome, Outcome::NotEvaluated | Outcome::Failed));
    unseen
        .filter(|outcome| {
            context
                .catalog
                .rule(&outcome.id)
                .is_some_and(|rule| !rule.file.mirrors.is_empty())
        })
        .map(|outcome| {
            let why = outcome.missing.first().map_or(outcome.error.as_str(), String::as_str);
            format!("{}: {why}", outcome.id)
        })
        .collect()
}

fn reason(context: &Context<'_>, verdict: Verdict, to: &str, blockers: usize, missing: usize) -> String {
    let path = match (context.snapshot.facts.running.as_str(), to) {
        ("", "") => "an upgrade".to_owned(),
        (from, "") => format!("an upgrade from {from}"),
        ("", to) => format!("an upgrade to {to}"),
        (from, to) => format!("the upgrade from {from} to {to}"),
    };
    let number = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match verdict {
        Verdict::Blocked => format!(
            "{} {path}",
            number(blockers, "finding") + if blockers == 1 { " blocks" } else { " block" }
        ),
        Verdict::Unknown if missing > 0 => {
            format!(
                "no blockers found for {path}, but {} could not run",
                number(missing, "check")
            )
        }
        Verdict::Unknown => "the target of an upgrade is not in the bundle: name the version with --target".to_owned(),
        Verdict::Ready => format!("no blockers found for {path}"),
    }
}
