//! The upgrade: whether it may start, how far it has come, what blocks which target, and what the official checks would say.

use super::links::{self, Link};
use super::reasons::{Reason, reasons};
use super::tone::Tone;
use crate::safe;
use crate::wording::{self, or_missing};
use gleaner_report::{CheckVerdict, NodeProgress, OfficialCheck, Report, UpgradeProgress, UpgradeStep};
use serde::Serialize;

/// Most targets, and most lines of a list.
const TARGETS: usize = 12;
const LISTED: usize = 50;
/// Most hosts of an upgrade that has begun.
const HOSTS: usize = 100;
/// Most official checks.
const CHECKS: usize = 300;
/// Most objects of an official check.
const OBJECTS: usize = 3;
/// The states of a node's upgrade, in the order in which they are reached. Source: harvester/harvester v1.6.0,
/// pkg/controller/master/upgrade/job_controller.go and common.go.
const STATES: [&str; 7] = [
    "Images preloading",
    "Images preloaded",
    "Pre-draining",
    "Pre-drained",
    "Post-draining",
    "Waiting Reboot",
    "Succeeded",
];

/// The section.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Upgrade<'r> {
    verdict: &'static str,
    tone: Tone,
    reason: &'r str,
    from: String,
    to: String,
    source: String,
    progress: Option<Progress>,
    missing: Vec<String>,
    targets: Vec<Target>,
    /// Targets that are not columns of the matrix.
    more: usize,
    blockers: Vec<Blocker>,
    /// Official checks that fail, warn or go with a finding.
    checks: Vec<Check<'r>>,
    unknown: usize,
    unknown_why: Vec<Reason>,
    passed: Vec<Check<'r>>,
}

/// How far an upgrade has come.
#[derive(Serialize)]
struct Progress {
    name: String,
    to: String,
    state: String,
    steps: Vec<Step>,
    hosts: Vec<Host>,
    more: usize,
}

/// A condition of the Upgrade.
#[derive(Serialize)]
struct Step {
    name: String,
    status: String,
    tone: Tone,
    message: String,
}

/// How far the upgrade of a host has come.
#[derive(Serialize)]
struct Host {
    name: String,
    state: String,
    tone: Tone,
    /// Parts of [`STATES`] that are reached, of 7.
    reached: usize,
    message: String,
}

/// A target version.
#[derive(Serialize)]
struct Target {
    to: String,
    verdict: &'static str,
    tone: Tone,
}

/// A finding that blocks, and which targets.
#[derive(Serialize)]
struct Blocker {
    link: Link,
    cells: Vec<bool>,
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
    let targets = upgrade.targets.iter().take(TARGETS);
    let [checks, unknown, passed] = checks(report);
    Upgrade {
        verdict: upgrade.verdict.as_str(),
        tone: upgrade.verdict.into(),
        reason: &upgrade.reason,
        from: or_missing(&upgrade.from),
        to: safe::line_within(&upgrade.to, 60),
        source: safe::line_within(&upgrade.target_source, 120),
        progress: report.cluster.upgrade.as_ref().map(progress),
        missing: lines(&upgrade.missing),
        targets: targets
            .map(|target| Target {
                to: or_missing(&target.to),
                verdict: target.verdict.as_str(),
                tone: target.verdict.into(),
            })
            .collect(),
        more: upgrade.targets.len().saturating_sub(TARGETS),
        blockers: blockers(report),
        checks: checks.into_iter().map(|found| check(report, found)).collect(),
        unknown: unknown.len(),
        unknown_why: reasons(unknown.into_iter().map(reason)),
        passed: passed.into_iter().map(|found| check(report, found)).collect(),
    }
}

fn progress(upgrade: &UpgradeProgress) -> Progress {
    Progress {
        name: or_missing(&upgrade.name),
        to: wording::state(&upgrade.to),
        state: safe::line_within(&upgrade.state, 60),
        steps: upgrade.steps.iter().take(LISTED).map(step).collect(),
        hosts: upgrade.nodes.iter().take(HOSTS).map(host).collect(),
        more: upgrade.nodes.len().saturating_sub(HOSTS),
    }
}

fn step(step: &UpgradeStep) -> Step {
    Step {
        name: wording::state(&step.name),
        status: wording::state(&step.status),
        tone: match (step.name.as_str(), step.status.as_str()) {
            (_, "True") => Tone::Ok,
            // The logs of an upgrade are an extra that can be switched off.
            ("LogReady", _) => Tone::Dim,
            (_, "False") => Tone::Bad,
            _ => Tone::Warn,
        },
        message: safe::line_within(&step.message, 300),
    }
}

fn host(node: &NodeProgress) -> Host {
    let reached = STATES.iter().position(|state| *state == node.state);
    Host {
        name: or_missing(&node.name),
        state: wording::state(&node.state),
        tone: match node.state.as_str() {
            "Succeeded" => Tone::Ok,
            "Failed" => Tone::Bad,
            _ => Tone::Warn,
        },
        reached: reached.map_or(0, |place| place + 1),
        message: safe::line_within(&node.message, 300),
    }
}

/// Every finding that blocks, once, with the targets that it blocks.
fn blockers(report: &Report) -> Vec<Blocker> {
    let upgrade = &report.upgrade;
    let ids = upgrade.blocked_by.iter().take(LISTED);
    let row = |id: &String| {
        let targets = upgrade.targets.iter().take(TARGETS);
        Some(Blocker {
            link: links::to(report, id)?,
            cells: targets.map(|target| target.blocked_by.contains(id)).collect(),
        })
    };
    ids.filter_map(row).collect()
}

fn lines(all: &[String]) -> Vec<String> {
    all.iter().take(LISTED).map(|text| safe::line(text)).collect()
}

/// The official checks: those that fail, warn or go with a finding, those that cannot be told, and the others.
fn checks(report: &Report) -> [Vec<&OfficialCheck>; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for check in report.official_checks.iter().take(CHECKS) {
        let part = match check.verdict {
            CheckVerdict::Fail | CheckVerdict::Warning => 0,
            CheckVerdict::Unknown if !links::to_rules(report, &check.rules).is_empty() => 0,
            CheckVerdict::Unknown => 1,
            CheckVerdict::Pass | CheckVerdict::Skipped => 2,
        };
        parts[part].push(check);
    }
    parts[0].sort_by_key(|check| match check.verdict {
        CheckVerdict::Fail => 0,
        CheckVerdict::Warning => 1,
        _ => 2,
    });
    parts
}

/// Why a check cannot be told, and which.
fn reason(check: &OfficialCheck) -> (String, String) {
    let name = format!(
        "{} ({})",
        or_missing(&check.check),
        safe::line_within(&check.source, 40)
    );
    (safe::line_within(&check.note, 300), name)
}

fn check<'r>(report: &'r Report, check: &'r OfficialCheck) -> Check<'r> {
    Check {
        source: safe::line_within(&check.source, 40),
        check: or_missing(&check.check),
        word: check.verdict.as_str(),
        tone: check.verdict.into(),
        objects: check.objects.iter().take(OBJECTS).map(wording::object).collect(),
        more: check.objects.len().saturating_sub(OBJECTS),
        note: &check.note,
        links: links::to_rules(report, &check.rules),
    }
}
