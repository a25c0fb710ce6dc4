//! Where an upgrade may go, and whether it may start.

use super::{Context, Targets};
use gleaner_cluster::Facts;
use gleaner_cluster::Version;
use gleaner_report::{Finding, Severity};
use gleaner_report::{Outcome, RuleOutcome, TargetVerdict, UpgradeVerdict, Verdict};
use std::collections::BTreeSet;

/// The targets: the one asked for, that of the upgrade under way, or all that the matrix allows from the running version.
pub(super) fn targets(facts: &Facts, asked: Option<&str>) -> Targets {
    if let Some(version) = asked {
        return Targets {
            versions: vec![with_v(version)],
            source: "--target".to_owned(),
        };
    }
    if let (Some(upgrade), false) = (&facts.upgrade, facts.upgrade_target.is_empty()) {
        return Targets {
            versions: vec![with_v(&facts.upgrade_target)],
            source: format!("Upgrade {upgrade}"),
        };
    }
    let Version::Release(running) = Version::parse(&facts.running) else {
        return Targets::default();
    };
    let mut versions: Vec<_> = facts
        .matrix
        .iter()
        .filter_map(|(to, least)| {
            Some((
                Version::parse(to).release()?.clone(),
                Version::parse(least).release()?.clone(),
            ))
        })
        .filter(|(to, least)| {
            *to > running
                && *least <= running
                && to.major == running.major
                && to.minor <= running.minor.saturating_add(1)
        })
        .map(|(to, _)| to)
        .collect();
    versions.sort();
    let source = if versions.is_empty() { "" } else { "upgrade matrix" };
    Targets {
        versions: versions.iter().map(|version| format!("v{version}")).collect(),
        source: source.to_owned(),
    }
}

fn with_v(version: &str) -> String {
    if version.starts_with(|first: char| first.is_ascii_digit()) {
        format!("v{version}")
    } else {
        version.to_owned()
    }
}

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
    let to = if versions.len() == 1 {
        versions.first().cloned().unwrap_or_default()
    } else {
        String::new()
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

/// What the rules that stand for official checks could not see.
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
            "{} against {path}",
            number(blockers, "finding") + if blockers == 1 { " speaks" } else { " speak" }
        ),
        Verdict::Unknown if missing > 0 => {
            format!(
                "nothing found speaks against {path}, but {} could not be made",
                number(missing, "check")
            )
        }
        Verdict::Unknown => {
            "the bundle does not tell where an upgrade could go: name the version with --target".to_owned()
        }
        Verdict::Ready => format!("nothing in the bundle speaks against {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_with_absurd_numbers_has_no_targets_and_breaks_nothing() {
        let facts = Facts {
            running: format!("v1.{}.0", u64::MAX),
            matrix: [("1.9.0".to_owned(), "1.8.0".to_owned())].into(),
            ..Facts::default()
        };
        assert_eq!(targets(&facts, None), Targets::default());
    }

    #[test]
    fn targets_are_all_releases_one_minor_step_away_that_allow_the_running_one() {
        let matrix = [
            ("1.4.2", "1.4.1"),
            ("1.5.0", "1.4.2"),
            ("1.10.0", "1.9.0"),
            ("2.5.0", "1.0.0"),
            ("head", "1.0.0"),
        ];
        let facts = Facts {
            running: "v1.4.2".to_owned(),
            matrix: matrix.map(|(to, least)| (to.to_owned(), least.to_owned())).into(),
            ..Facts::default()
        };
        assert_eq!(targets(&facts, None).versions, ["v1.5.0"]);
        assert_eq!(targets(&facts, Some("1.4.9")).versions, ["v1.4.9"]);
    }
}
