//! The hosts: what they are and in which state.

use crate::html::tone::Tone;
use crate::html::when::When;
use crate::wording::{self, or_missing};
use crate::{safe, units};
use gleaner_report::{NodeSummary, Report};
use serde::Serialize;

/// Most hosts.
pub(super) const HOSTS: usize = 200;

/// The table of hosts.
#[derive(Serialize)]
pub(super) struct Hosts {
    rows: Vec<Host>,
    total: usize,
    more: usize,
}

/// The state of a host.
#[derive(Serialize)]
struct Host {
    name: String,
    /// Whether nothing about it needs a look.
    fine: bool,
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

/// Whether nothing about a host needs a look.
pub(super) fn is_fine(node: &NodeSummary) -> bool {
    node.ready == "Ready" && node.pressure.is_empty() && !node.unschedulable
}

/// The hosts, those that need a look first.
pub(super) fn view(report: &Report) -> Hosts {
    let mut nodes: Vec<&NodeSummary> = report.cluster.nodes.iter().collect();
    nodes.sort_by_key(|node| is_fine(node));
    Hosts {
        rows: nodes.iter().take(HOSTS).map(|node| host(report, node)).collect(),
        total: nodes.len(),
        more: nodes.len().saturating_sub(HOSTS),
    }
}

fn host(report: &Report, node: &NodeSummary) -> Host {
    let pressure = node.pressure.iter().take(8);
    let pressure: Vec<String> = pressure.map(|text| safe::line_within(text, 60)).collect();
    Host {
        name: or_missing(&node.name),
        fine: is_fine(node) && node.archive,
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
