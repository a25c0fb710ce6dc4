//! The hosts: their state, and what draining each would do.

use super::tone::Tone;
use super::when::When;
use crate::wording::{self, or_missing};
use crate::{safe, units};
use gleaner_report::{NodeSummary, ObjectRef, Report};
use serde::Serialize;

/// Most hosts in each table.
const HOSTS: usize = 200;
/// Most reasons and names of a forecast.
const LISTED: usize = 6;
/// Most volumes named beside a forecast.
const LAST: usize = 3;

/// The section.
#[derive(Serialize)]
pub(super) struct Hosts {
    rows: Vec<Host>,
    drains: Vec<Drain>,
    more: usize,
}

/// The state of a host.
#[derive(Serialize)]
struct Host {
    name: String,
    roles: String,
    ready: String,
    tone: Tone,
    since: When,
    cordoned: bool,
    pressure: String,
    os: String,
    kernel: String,
    kubelet: String,
    ip: String,
    cpu: String,
    memory: String,
    archive: bool,
}

/// What draining a host would do: a word, what stops it, who moves, and what is not known.
#[derive(Serialize)]
struct Drain {
    name: String,
    word: &'static str,
    tone: Tone,
    blocked: Vec<String>,
    moves: String,
    stops: String,
    last: String,
    quorum: &'static str,
    missing: String,
    note: String,
}

/// The view of the section, hosts that need a look first.
pub(super) fn view(report: &Report) -> Hosts {
    let mut nodes: Vec<&NodeSummary> = report.cluster.nodes.iter().collect();
    nodes.sort_by_key(|node| node.ready == "Ready" && node.pressure.is_empty() && !node.unschedulable);
    let shown = nodes.iter().take(HOSTS);
    Hosts {
        rows: shown.clone().map(|node| host(report, node)).collect(),
        drains: shown.map(|node| drain(node)).collect(),
        more: nodes.len().saturating_sub(HOSTS),
    }
}

fn host(report: &Report, node: &NodeSummary) -> Host {
    let pressure = node.pressure.iter().take(8);
    let pressure: Vec<String> = pressure.map(|text| safe::line_within(text, 60)).collect();
    Host {
        name: or_missing(&node.name),
        roles: wording::state(&node.roles),
        ready: wording::state(&node.ready),
        tone: if node.ready == "Ready" { Tone::Ok } else { Tone::Bad },
        since: When::of(&node.ready_since, report),
        cordoned: node.unschedulable,
        pressure: pressure.join(", "),
        os: or_missing(&node.os_image),
        kernel: safe::line_within(&node.kernel, 120),
        kubelet: safe::line_within(&node.kubelet, 80),
        ip: wording::state(&node.internal_ip),
        cpu: wording::state(&node.cpu),
        memory: if node.memory == 0 {
            wording::NOT_IN_BUNDLE.to_owned()
        } else {
            units::gib(node.memory)
        },
        archive: node.archive,
    }
}

fn drain(node: &NodeSummary) -> Drain {
    let drain = &node.drain;
    let last = drain.last_replicas.iter().take(LAST);
    let mut last: Vec<String> = last.map(|name| safe::line_within(name, 260)).collect();
    if drain.last_replicas.len() > LAST {
        last.push(format!("{} more", drain.last_replicas.len() - LAST));
    }
    Drain {
        name: or_missing(&node.name),
        word: drain.verdict.as_str(),
        tone: drain.verdict.into(),
        blocked: lines(&drain.blocked_by),
        moves: machines(&drain.moves),
        stops: machines(&drain.stops),
        last: units::joined(&last),
        quorum: match drain.keeps_quorum {
            Some(true) => "kept",
            Some(false) => "lost",
            None => "unknown",
        },
        missing: lines(&drain.missing).join("; "),
        note: safe::line_within(&drain.note, 600),
    }
}

/// The first sentences, and how many more.
fn lines(all: &[String]) -> Vec<String> {
    let shown = all.iter().take(LISTED);
    let mut lines: Vec<String> = shown.map(|text| safe::line_within(text, 400)).collect();
    if all.len() > LISTED {
        lines.push(format!("and {} more in report.json", all.len() - LISTED));
    }
    lines
}

/// The first machines, and how many more; empty for none.
fn machines(all: &[ObjectRef]) -> String {
    let mut names: Vec<String> = all.iter().take(LISTED).map(wording::object_name).collect();
    if all.len() > LISTED {
        names.push(format!("{} more", all.len() - LISTED));
    }
    units::joined(&names)
}
