//! What was readable and what was not.

use super::tone::Tone;
use super::when::When;
use crate::{safe, units, wording};
use gleaner_report::{HostCoverage, Outcome, Presence, Problem, ProblemKind, Report, RuleOutcome};
use serde::Serialize;

/// Most lines of each list, and most problems.
const LINES: usize = 200;

/// The section.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Coverage {
    files: String,
    size: String,
    objects: String,
    items: String,
    fallback: String,
    bad: String,
    harmless: String,
    complete: bool,
    problems: Vec<Unused>,
    problems_more: usize,
    lists: Vec<MissingList>,
    hosts: Vec<HostRow>,
    hosts_more: usize,
    namespaces: Vec<String>,
    unchecked: Vec<Unchecked>,
    unchecked_total: usize,
}

/// A part of the bundle that could not be used.
#[derive(Serialize)]
struct Unused {
    path: String,
    kind: &'static str,
    what: String,
}

/// What of one kind is missing.
#[derive(Serialize)]
struct MissingList {
    title: &'static str,
    items: Vec<String>,
}

/// What is there of a host.
#[derive(Serialize)]
struct HostRow {
    name: String,
    archive: Part,
    logs: String,
    first: When,
    last: When,
    supportconfig: Part,
    reason: String,
}

/// A part of a host's files.
#[derive(Serialize)]
struct Part {
    word: &'static str,
    tone: Tone,
}

/// A rule without an answer, and why.
#[derive(Serialize)]
struct Unchecked {
    id: String,
    title: String,
    failed: bool,
    why: String,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Coverage {
    let coverage = &report.coverage;
    let list = |title, all: &[String]| MissingList {
        title,
        items: lines(all),
    };
    Coverage {
        files: units::grouped(coverage.files),
        size: units::bytes(coverage.bytes),
        objects: units::grouped(coverage.objects),
        items: units::grouped(coverage.yaml.items),
        fallback: units::grouped(coverage.yaml.fallback_items),
        bad: units::grouped(coverage.yaml.bad_items),
        harmless: units::grouped(coverage.harmless_collection_errors),
        complete: wording::gaps(report).is_empty(),
        problems: coverage.problems.iter().take(LINES).map(unused).collect(),
        problems_more: coverage.problems.len().saturating_sub(LINES),
        lists: vec![
            list("Missing that every Harvester cluster has", &coverage.missing),
            list(
                "Namespaces with workloads that were not collected",
                &coverage.namespaces_missing,
            ),
            list(
                "Hosts without an archive of their logs",
                &wording::without_archive(report),
            ),
            list("Collection errors that matter", &coverage.collection_errors),
        ],
        hosts: coverage
            .hosts
            .iter()
            .take(LINES)
            .map(|host| host_row(host, report))
            .collect(),
        hosts_more: coverage.hosts.len().saturating_sub(LINES),
        namespaces: lines(&coverage.namespaces),
        unchecked: unchecked(report),
        unchecked_total: wording::unchecked(report),
    }
}

fn lines(all: &[String]) -> Vec<String> {
    all.iter().take(LINES).map(|text| safe::line(text)).collect()
}

fn host_row(host: &HostCoverage, report: &Report) -> HostRow {
    HostRow {
        name: wording::or_missing(&host.name),
        archive: part(host.archive),
        logs: units::grouped(host.logs),
        first: When::of(&host.logs_first, report),
        last: When::of(&host.logs_last, report),
        supportconfig: part(host.supportconfig),
        reason: safe::line_within(&host.reason, 400),
    }
}

fn part(presence: Presence) -> Part {
    Part {
        word: presence.as_str(),
        tone: match presence {
            Presence::Present => Tone::Ok,
            Presence::Empty | Presence::Missing => Tone::Warn,
        },
    }
}

fn unused(problem: &Problem) -> Unused {
    Unused {
        path: safe::line_within(&problem.path, 400),
        kind: match problem.kind {
            ProblemKind::Refused => "refused",
            ProblemKind::Unreadable => "unreadable",
            ProblemKind::OverLimit => "over a limit",
            ProblemKind::Duplicate => "duplicate",
            ProblemKind::BadItem => "bad item",
        },
        what: safe::line(&problem.what),
    }
}

/// Rules without an answer, those that failed first.
fn unchecked(report: &Report) -> Vec<Unchecked> {
    let open = |rule: &&RuleOutcome| matches!(rule.outcome, Outcome::NotEvaluated | Outcome::Failed);
    let mut rules: Vec<&RuleOutcome> = report.rules.iter().filter(open).collect();
    rules.sort_by_key(|rule| rule.outcome != Outcome::Failed);
    let one = |rule: &RuleOutcome| {
        let failed = rule.outcome == Outcome::Failed;
        let missing = rule.missing.iter().take(10);
        let missing: Vec<String> = missing.map(|text| safe::line_within(text, 200)).collect();
        Unchecked {
            id: safe::line_within(&rule.id, 80),
            title: safe::line_within(&rule.title, 200),
            failed,
            why: if failed {
                safe::line(&rule.error)
            } else {
                missing.join(", ")
            },
        }
    };
    rules.into_iter().map(one).collect()
}
