//! The view of the hosts: their state, and what draining each would do.

use super::super::wording::{self, or_missing};
use super::super::{safe, units};
use super::when;
use gleaner_report::ObjectRef;
use gleaner_report::{DrainVerdict, NodeSummary, Report};
use serde_json::{Value, json};

/// Most reasons and names of a forecast.
const LISTED: usize = 6;

/// Most volumes named beside a forecast.
const LAST: usize = 3;

/// The host table, those that need a look first.
pub(super) fn view(report: &Report) -> Value {
    let mut nodes: Vec<_> = report.cluster.nodes.iter().collect();
    nodes.sort_by_key(|node| node.ready == "Ready" && node.pressure.is_empty() && !node.unschedulable);
    let rows: Vec<Value> = nodes
        .iter()
        .take(200)
        .map(|node| {
            let ready = node.ready == "Ready";
            let pressure: Vec<String> = node
                .pressure
                .iter()
                .take(8)
                .map(|text| safe::line_within(text, 60))
                .collect();
            json!({
                "name": or_missing(&node.name),
                "roles": wording::state(&node.roles),
                "ready": wording::state(&node.ready),
                "tone": if ready { "ok" } else { "bad" },
                "since": when(&node.ready_since, report),
                "cordoned": node.unschedulable,
                "pressure": pressure.join(", "),
                "os": or_missing(&node.os_image),
                "kernel": safe::line_within(&node.kernel, 120),
                "kubelet": safe::line_within(&node.kubelet, 80),
                "ip": wording::state(&node.internal_ip),
                "cpu": wording::state(&node.cpu),
                "memory": if node.memory == 0 { wording::NOT_IN_BUNDLE.to_owned() } else { units::gib(node.memory) },
                "archive": node.archive,
            })
        })
        .collect();
    let drains: Vec<Value> = nodes.iter().take(200).map(|node| drain(node)).collect();
    json!({"rows": rows, "drains": drains, "more": nodes.len().saturating_sub(200)})
}

/// What draining a host would do: a word, what stops it, who moves, and what is not known.
fn drain(node: &NodeSummary) -> Value {
    let drain = &node.drain;
    let tone = match drain.verdict {
        DrainVerdict::Free => "ok",
        DrainVerdict::Moves => "warn",
        DrainVerdict::Blocked => "bad",
        DrainVerdict::Unknown => "dim",
    };
    let lines = |all: &[String]| -> Vec<String> {
        let mut lines: Vec<String> = all
            .iter()
            .take(LISTED)
            .map(|text| safe::line_within(text, 400))
            .collect();
        if all.len() > LISTED {
            lines.push(format!("and {} more in report.json", all.len() - LISTED));
        }
        lines
    };
    let mut last: Vec<String> = drain
        .last_replicas
        .iter()
        .take(LAST)
        .map(|name| safe::line_within(name, 260))
        .collect();
    if drain.last_replicas.len() > LAST {
        last.push(format!("{} more", drain.last_replicas.len() - LAST));
    }
    json!({
        "name": or_missing(&node.name),
        "word": drain.verdict.as_str(), "tone": tone,
        "blocked": lines(&drain.blocked_by),
        "moves": machines(&drain.moves), "stops": machines(&drain.stops),
        "last": units::joined(&last),
        "quorum": match drain.keeps_quorum { Some(true) => "kept", Some(false) => "lost", None => "unknown" },
        "missing": lines(&drain.missing).join("; "),
        "note": safe::line_within(&drain.note, 600),
    })
}

/// The first machines, and how many more; empty for none.
fn machines(all: &[ObjectRef]) -> String {
    let mut names: Vec<String> = all.iter().take(LISTED).map(wording::object_name).collect();
    if all.len() > LISTED {
        names.push(format!("{} more", all.len() - LISTED));
    }
    units::joined(&names)
}
