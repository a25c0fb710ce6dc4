//! What draining or losing a host would do.

use super::hosts::HOSTS;
use crate::html::tone::Tone;
use crate::wording::{self, or_missing};
use crate::{safe, units};
use gleaner_report::{DrainVerdict, NodeSummary, ObjectRef, Report};
use serde::Serialize;

/// Most reasons and names of a forecast.
const LISTED: usize = 6;
/// Most volumes named beside a forecast.
const LAST: usize = 3;

/// The forecast of a host: whether it can be drained, and what goes with it if it is lost.
#[derive(Serialize)]
pub(super) struct Forecast {
    name: String,
    fine: bool,
    /// Whether the host is down already.
    down: bool,
    word: &'static str,
    tone: Tone,
    blocked: Vec<String>,
    moves: String,
    stops: String,
    missing: String,
    note: String,
    /// The VMs that run there.
    vms: String,
    replicas: String,
    last: String,
    quorum: &'static str,
    quorum_tone: Tone,
    rebuild: String,
    rebuild_tone: Tone,
}

/// The forecasts, in the order of the hosts.
pub(super) fn view(report: &Report) -> Vec<Forecast> {
    let nodes = report.cluster.nodes.iter().take(HOSTS);
    nodes.map(|node| forecast(report, node)).collect()
}

fn forecast(report: &Report, node: &NodeSummary) -> Forecast {
    let drain = &node.drain;
    let down = node.ready != "Ready";
    let last = drain.last_replicas.iter().take(LAST);
    let mut last: Vec<String> = last.map(|name| safe::line_within(name, 260)).collect();
    if drain.last_replicas.len() > LAST {
        last.push(format!("{} more", drain.last_replicas.len() - LAST));
    }
    let volumes = report.cluster.volume_list.iter();
    let replicas = volumes.filter(|volume| volume.replicas.iter().any(|replica| replica.node == node.name));
    let (quorum, quorum_tone) = match drain.keeps_quorum {
        Some(true) => ("kept", Tone::Ok),
        Some(false) => ("lost", Tone::Bad),
        None => ("unknown", Tone::Dim),
    };
    let (rebuild, rebuild_tone) = rebuild(report, node);
    Forecast {
        name: or_missing(&node.name),
        fine: matches!(drain.verdict, DrainVerdict::Free | DrainVerdict::Moves)
            && drain.last_replicas.is_empty()
            && drain.keeps_quorum == Some(true),
        down,
        word: drain.verdict.as_str(),
        tone: drain.verdict.into(),
        blocked: lines(&drain.blocked_by),
        moves: machines(&drain.moves),
        stops: machines(&drain.stops),
        missing: lines(&drain.missing).join("; "),
        note: safe::line_within(&drain.note, 600),
        vms: units::count(drain.moves.len() + drain.stops.len(), "VM"),
        replicas: units::count(replicas.count(), "volume"),
        last: units::joined(&last),
        quorum,
        quorum_tone,
        rebuild,
        rebuild_tone,
    }
}

/// Whether the disks of the other hosts have space for the replicas of this one.
fn rebuild(report: &Report, node: &NodeSummary) -> (String, Tone) {
    let others = report
        .cluster
        .nodes
        .iter()
        .filter(|other| other.name != node.name && other.ready == "Ready");
    let rooms: Option<Vec<u64>> = others
        .filter(|other| other.storage.disks > 0)
        .map(|other| other.storage.room)
        .collect();
    let needed = node.storage.scheduled;
    match rooms {
        _ if needed == 0 => ("nothing to rebuild".to_owned(), Tone::Ok),
        None => ("unknown".to_owned(), Tone::Dim),
        Some(rooms) => {
            let room = rooms.into_iter().fold(0, u64::saturating_add);
            let fits = room >= needed;
            let words = format!("{} to rebuild, space for {}", units::gib(needed), units::gib(room));
            (words, if fits { Tone::Ok } else { Tone::Bad })
        }
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
