//! The cluster in a few facts, and the block to copy into an issue.

use crate::wording::{NOT_IN_BUNDLE, or_missing};
use crate::{issue, md, safe};
use gleaner_report::{Count, Report};
use serde::Serialize;

/// The section.
#[derive(Serialize)]
pub(super) struct Summary {
    facts: Vec<Fact>,
    description: String,
    issue: String,
}

/// A fact; it may be missing in the bundle.
#[derive(Serialize)]
struct Fact {
    name: &'static str,
    missing: bool,
    value: String,
    note: String,
}

impl Fact {
    fn new(name: &'static str, value: String) -> Fact {
        Fact {
            name,
            missing: value == NOT_IN_BUNDLE,
            value,
            note: String::new(),
        }
    }
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Summary {
    let lines = issue::fields(report).into_iter();
    let lines: Vec<String> = lines.map(|(name, value)| md::issue_line(name, &value)).collect();
    Summary {
        facts: facts(report),
        description: safe::block(&report.bundle.issue_description, 40, 400),
        issue: lines.join("\n"),
    }
}

fn facts(report: &Report) -> Vec<Fact> {
    let cluster = &report.cluster;
    let backup = safe::line(&cluster.backup_target);
    let addons = cluster.addons.iter().take(20);
    let addons: Vec<String> = addons.map(|addon| safe::line_within(&addon.label, 100)).collect();
    vec![
        Fact {
            note: safe::line_within(&cluster.harvester_version_source, 80),
            ..Fact::new("Harvester", or_missing(&cluster.harvester_version))
        },
        Fact::new("Longhorn", or_missing(&cluster.longhorn_version)),
        Fact::new("Kubernetes", or_missing(&cluster.kubernetes_version)),
        Fact::new("KubeVirt", or_missing(&cluster.kubevirt_version)),
        Fact::new("Rancher", or_missing(&cluster.rancher_version)),
        Fact::new("Virtual IP", or_missing(&cluster.vip)),
        Fact::new("Hosts", hosts(report)),
        Fact::new("Virtual machines", counts(&cluster.virtual_machines)),
        Fact::new("Volumes", counts(&cluster.volumes)),
        Fact::new("Add-ons", listed(&addons)),
        Fact::new(
            "Backup target",
            if backup.is_empty() {
                "none set".to_owned()
            } else {
                backup
            },
        ),
        Fact::new("Issue", or_missing(&report.bundle.issue_url)),
    ]
}

/// How many hosts are ready.
fn hosts(report: &Report) -> String {
    let nodes = &report.cluster.nodes;
    if nodes.is_empty() {
        return NOT_IN_BUNDLE.to_owned();
    }
    let ready = nodes.iter().filter(|node| node.ready == "Ready").count();
    format!("{ready} of {} Ready", nodes.len())
}

fn counts(counts: &[Count]) -> String {
    let counts = counts.iter().take(12);
    let parts: Vec<String> = counts
        .map(|count| format!("{} {}", count.count, safe::line_within(&count.label, 60)))
        .collect();
    listed(&parts)
}

fn listed(parts: &[String]) -> String {
    if parts.is_empty() {
        NOT_IN_BUNDLE.to_owned()
    } else {
        parts.join(", ")
    }
}
