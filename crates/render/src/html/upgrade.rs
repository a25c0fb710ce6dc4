//! The upgrade verdict, its targets and the official checks.

use super::links::{self, Link};
use super::tone::Tone;
use crate::safe;
use crate::wording::{self, or_missing};
use gleaner_report::{CheckVerdict, OfficialCheck, Report, TargetVerdict};
use serde::Serialize;

/// Most targets, links and lines.
const LISTED: usize = 50;
/// Most official checks.
const CHECKS: usize = 300;
/// Most objects of an official check.
const OBJECTS: usize = 3;

/// The section.
#[derive(Serialize)]
pub(super) struct Upgrade<'r> {
    verdict: &'static str,
    tone: Tone,
    reason: &'r str,
    from: String,
    to: String,
    source: String,
    progress: String,
    blocked: Vec<Link>,
    missing: Vec<String>,
    targets: Vec<Target>,
    checks: Vec<Check<'r>>,
}

/// The verdict for one target.
#[derive(Serialize)]
struct Target {
    to: String,
    verdict: &'static str,
    tone: Tone,
    blocked: Vec<Link>,
    missing: Vec<String>,
}

/// What one official check would say.
#[derive(Serialize)]
struct Check<'r> {
    source: String,
    check: String,
    word: &'static str,
    tone: Tone,
    objects: Vec<String>,
    more: usize,
    note: &'r str,
    links: Vec<Link>,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Upgrade<'_> {
    let upgrade = &report.upgrade;
    let targets = upgrade.targets.iter().take(LISTED);
    Upgrade {
        verdict: upgrade.verdict.as_str(),
        tone: upgrade.verdict.into(),
        reason: &upgrade.reason,
        from: or_missing(&upgrade.from),
        to: if upgrade.to.is_empty() {
            "no target known".to_owned()
        } else {
            safe::line_within(&upgrade.to, 60)
        },
        source: safe::line_within(&upgrade.target_source, 120),
        progress: safe::line_within(&upgrade.in_progress, 260),
        blocked: blockers(report, &upgrade.blocked_by),
        missing: lines(&upgrade.missing),
        targets: targets.map(|verdict| target(report, verdict)).collect(),
        checks: checks(report),
    }
}

fn target(report: &Report, target: &TargetVerdict) -> Target {
    Target {
        to: or_missing(&target.to),
        verdict: target.verdict.as_str(),
        tone: target.verdict.into(),
        blocked: blockers(report, &target.blocked_by),
        missing: lines(&target.missing),
    }
}

fn blockers(report: &Report, ids: &[String]) -> Vec<Link> {
    let ids = ids.iter().take(LISTED);
    ids.filter_map(|id| links::to(report, id)).collect()
}

fn lines(all: &[String]) -> Vec<String> {
    all.iter().take(LISTED).map(|text| safe::line(text)).collect()
}

/// The official checks, those that do not pass first.
fn checks(report: &Report) -> Vec<Check<'_>> {
    let mut checks: Vec<&OfficialCheck> = report.official_checks.iter().collect();
    checks.sort_by_key(|check| match check.verdict {
        CheckVerdict::Fail => 0,
        CheckVerdict::Warning => 1,
        CheckVerdict::Unknown => 2,
        CheckVerdict::Pass => 3,
        CheckVerdict::Skipped => 4,
    });
    let checks = checks.into_iter().take(CHECKS);
    checks
        .map(|check| Check {
            source: safe::line_within(&check.source, 40),
            check: or_missing(&check.check),
            word: check.verdict.as_str(),
            tone: check.verdict.into(),
            objects: check.objects.iter().take(OBJECTS).map(wording::object).collect(),
            more: check.objects.len().saturating_sub(OBJECTS),
            note: &check.note,
            links: links::to_rules(report, &check.rules),
        })
        .collect()
}
