//! What was readable and what was not.

use super::reasons::{Reason, reasons};
use super::tone::Tone;
use super::when::When;
use crate::{safe, units, wording};
use gleaner_report::{HostCoverage, Outcome, Presence, Problem, ProblemKind, Report};
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
    broken: Vec<Reason>,
    unchecked: Vec<Reason>,
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

/// The view of the section.
pub(super) fn view(report: &Report) -> Coverage {
    let coverage = &report.coverage;
    let list = |title, all: &[String]| MissingList {
        title,
        items: lines(all),
    };
    let no_archive = if coverage.hosts.is_empty() {
        wording::without_archive(report)
    } else {
        // The table of hosts says so.
        Vec::new()
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
            list("Hosts without an archive of their logs", &no_archive),
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
        broken: reasons(with(report, Outcome::Failed)),
        unchecked: reasons(with(report, Outcome::NotEvaluated)),
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

/// The rules that ended without an answer: why, and what they look for.
fn with(report: &Report, outcome: Outcome) -> impl Iterator<Item = (String, String)> {
    let rules = report.rules.iter().filter(move |rule| rule.outcome == outcome);
    rules.map(|rule| {
        let missing = rule.missing.iter().take(10);
        let missing: Vec<String> = missing.map(|text| safe::line_within(text, 200)).collect();
        let why = if missing.is_empty() {
            safe::line(&rule.error)
        } else {
            missing.join(", ")
        };
        let title = safe::line_within(&rule.title, 200);
        (why, format!("{title} ({})", safe::line_within(&rule.id, 80)))
    })
}
