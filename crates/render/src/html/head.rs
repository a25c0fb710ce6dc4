//! The head of the page: the diagnosis, what it counts, and the facts beside it.

use super::when::When;
use crate::causes;
use crate::first;
use crate::format::Audience;
use crate::{narrowed, safe, ticket, units, wording};
use gleaner_report::{Harm, Report, Severity, Verdict};
use serde::Serialize;

/// Most characters of the first sentence and of what follows it.
const SENTENCE: usize = 400;
const REST: usize = 700;

/// Most lines of the text for a ticket.
const TICKET: usize = 120;

/// The head.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head<'r> {
    level: &'static str,
    /// The worst cause in a sentence, or that nothing was found.
    headline: String,
    /// What else is wrong, and when the trouble began.
    rest: String,
    began: String,
    first: Vec<Fact>,
    upgrade: Option<String>,
    reason: &'r str,
    name: String,
    collected: When,
    facts: Vec<Fact>,
    chips: Vec<Chip>,
    notes: Vec<String>,
    gaps: Vec<String>,
    ticket: String,
}

/// A fact beside the diagnosis.
#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

/// A number that leads to what it counts.
#[derive(Serialize)]
struct Chip {
    n: String,
    word: &'static str,
    tone: &'static str,
    to: &'static str,
    /// What the page shows only, where scripts run: the class of a group of causes.
    only: &'static str,
}

/// The view of the head.
pub(super) fn view(report: &Report) -> Head<'_> {
    let clear = if narrowed::hidden(report) > 0 { "info" } else { "clear" };
    let (headline, rest) = sentences(report);
    Head {
        level: level(report).unwrap_or(clear),
        headline,
        rest,
        began: first::began(report).unwrap_or_default(),
        first: first::facts(report)
            .into_iter()
            .map(|(name, value)| Fact { name, value })
            .collect(),
        upgrade: wording::upgrade_line(report),
        reason: &report.upgrade.reason,
        name: safe::line_within(&report.bundle.name, 120),
        collected: When::of(&report.bundle.created_at, report),
        facts: facts(report),
        chips: chips(report),
        notes: narrowed::notes(report),
        gaps: wording::gaps(report),
        ticket: safe::block(&ticket::render(report, Audience::Engineering), TICKET, 1_000),
    }
}

/// How bad it is: by what is lost or down, else by the worst severity.
fn level(report: &Report) -> Option<&'static str> {
    let worst = report.findings.iter().map(|finding| finding.harm).min();
    let severity = report.worst()?;
    Some(match worst {
        Some(Harm::DataLoss | Harm::Outage) if severity > Severity::Info => "blocker",
        _ if severity == Severity::Blocker => "warning",
        _ => severity.as_str(),
    })
}

/// The first sentence of the diagnosis and the others. Without one: how much there is, or that there is nothing.
fn sentences(report: &Report) -> (String, String) {
    let all = wording::brief(&safe::line_within(&report.diagnosis.sentence, SENTENCE + REST));
    if all.is_empty() {
        return (wording::headline(report), String::new());
    }
    match all.split_once(". ") {
        Some((first, rest)) => (first.to_owned(), rest.to_owned()),
        None => (all.strip_suffix('.').unwrap_or(&all).to_owned(), String::new()),
    }
}

fn chips(report: &Report) -> Vec<Chip> {
    let lost = causes::listed(report)
        .iter()
        .filter(|root| root.harm == Harm::DataLoss)
        .count();
    let blocking = match report.upgrade.verdict {
        Verdict::Blocked => report.upgrade.blocked_by.len(),
        _ => 0,
    };
    let chip = |n: usize, word, tone, to, only| Chip {
        n: units::grouped(n),
        word,
        tone: if n == 0 { "none" } else { tone },
        to,
        only,
    };
    vec![
        chip(lost, "data at risk", "blocker", "causes", "g-data"),
        chip(report.diagnosis.down.len(), "VMs down", "blocker", "affected", ""),
        chip(report.diagnosis.at_risk.len(), "at risk", "warning", "affected", ""),
        chip(blocking, "block the upgrade", "warning", "upgrade", ""),
        chip(wording::unchecked(report), "rules not checked", "dim", "coverage", ""),
    ]
}

fn facts(report: &Report) -> Vec<Fact> {
    let cluster = &report.cluster;
    let fact = |name, value| Fact { name, value };
    vec![
        fact("Harvester", wording::state(&cluster.harvester_version)),
        fact("Longhorn", wording::state(&cluster.longhorn_version)),
        fact("Kubernetes", wording::state(&cluster.kubernetes_version)),
        fact("Hosts", hosts(report)),
    ]
}

/// How many hosts are ready.
fn hosts(report: &Report) -> String {
    let nodes = &report.cluster.nodes;
    if nodes.is_empty() {
        return match report.cluster.node_count {
            0 => wording::NOT_IN_BUNDLE.to_owned(),
            n => units::grouped(n),
        };
    }
    let ready = nodes.iter().filter(|node| node.ready == "Ready").count();
    format!("{ready} of {} Ready", nodes.len())
}
