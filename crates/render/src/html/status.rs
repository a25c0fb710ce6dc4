//! The status strip: a cell for each host, and bars for what volumes and VMs there are.

use super::tone::Tone;
use crate::{safe, units, wording};
use gleaner_report::{Count, NodeSummary, Report};
use serde::Serialize;

/// Most hosts that have a cell; those that need a look come first.
const HOSTS: usize = 40;
/// Width of a bar in units of its drawing.
const BAR: u64 = 100;
/// Most parts of a bar, and most kinds that are named beside it.
const PARTS: usize = 6;

/// The section.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    hosts: Vec<Host>,
    more: usize,
    meters: Vec<Meter>,
    gaps: Vec<String>,
    description: String,
}

/// A host in a word or two.
#[derive(Serialize)]
struct Host {
    name: String,
    tone: Tone,
    /// What is wrong with it, or its role.
    notes: Vec<String>,
}

/// A bar with the numbers it shows.
#[derive(Serialize)]
struct Meter {
    name: &'static str,
    total: String,
    parts: Vec<Part>,
    words: Vec<Word>,
}

/// A part of a bar.
#[derive(Serialize)]
struct Part {
    x: u64,
    width: u64,
    tone: Tone,
}

/// A number with what it counts.
#[derive(Serialize)]
struct Word {
    n: String,
    label: String,
    tone: Tone,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Status {
    let mut nodes: Vec<&NodeSummary> = report.cluster.nodes.iter().collect();
    nodes.sort_by_key(|node| notes(node).is_empty());
    let volumes = meter("Volumes", &report.cluster.volumes, Tone::of_robustness);
    let vms = meter("Virtual machines", &report.cluster.virtual_machines, Tone::of_vm);
    Status {
        more: nodes.len().saturating_sub(HOSTS),
        hosts: nodes.into_iter().take(HOSTS).map(host).collect(),
        meters: [etcd(report), vms, volumes].into_iter().flatten().collect(),
        gaps: wording::gaps(report),
        description: safe::line_within(&report.bundle.issue_description, 300),
    }
}

fn host(node: &NodeSummary) -> Host {
    let notes = notes(node);
    Host {
        name: wording::or_missing(&node.name),
        tone: if node.ready == "Ready" && node.pressure.is_empty() {
            if notes.is_empty() { Tone::None } else { Tone::Warn }
        } else {
            Tone::Bad
        },
        notes: if notes.is_empty() {
            vec![wording::state(&node.roles)]
        } else {
            notes
        },
    }
}

/// What is out of the ordinary about a host.
fn notes(node: &NodeSummary) -> Vec<String> {
    let mut notes = Vec::new();
    if node.ready != "Ready" {
        let state = match node.ready.as_str() {
            "NotReady" => "not Ready".to_owned(),
            _ => "Ready unknown".to_owned(),
        };
        let since = units::minute(&node.ready_since);
        notes.push(since.map_or(state.clone(), |since| format!("{state} since {since}")));
    }
    let pressure = node.pressure.iter().take(3);
    notes.extend(pressure.map(|text| safe::line_within(text, 60)));
    notes.extend(node.unschedulable.then(|| "cordoned".to_owned()));
    notes
}

/// The members of etcd that are on hosts that are Ready; `None` where no host is a member.
fn etcd(report: &Report) -> Option<Meter> {
    let members: Vec<&NodeSummary> = report.cluster.nodes.iter().filter(|node| node.etcd).collect();
    let count = |label: &str, ready: bool| Count {
        label: label.to_owned(),
        count: members.iter().filter(|node| (node.ready == "Ready") == ready).count() as u64,
    };
    let counts = [
        count("on a host that is Ready", true),
        count("on a host that is not Ready", false),
    ];
    let tone = |label: &str| {
        if label.contains("not") { Tone::Bad } else { Tone::Ok }
    };
    meter("etcd members", &counts, tone)
}

fn meter(name: &'static str, counts: &[Count], tone: fn(&str) -> Tone) -> Option<Meter> {
    let mut counts: Vec<&Count> = counts.iter().filter(|count| count.count > 0).collect();
    counts.sort_by_key(|count| tone(&count.label).rank());
    let total = counts.iter().fold(0, |sum: u64, count| sum.saturating_add(count.count));
    let mut x = 0;
    let mut parts = Vec::new();
    for count in counts.iter().take(PARTS) {
        // Whatever is bad is seen, however small a part it is.
        let width = units::percent(count.count, total).clamp(1, BAR).min(BAR - x);
        parts.push(Part {
            x,
            width,
            tone: tone(&count.label),
        });
        x += width;
    }
    let words = counts.iter().take(PARTS).map(|count| Word {
        n: units::grouped(usize::try_from(count.count).unwrap_or(usize::MAX)),
        label: wording::state(&count.label),
        tone: tone(&count.label),
    });
    (total > 0).then(|| Meter {
        name,
        total: units::grouped(usize::try_from(total).unwrap_or(usize::MAX)),
        words: words.collect(),
        parts,
    })
}
