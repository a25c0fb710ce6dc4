//! The fields that issue templates ask for, filled in from a report.

use crate::wording::{NOT_IN_BUNDLE, object_name, or_missing, volumes};
use crate::{causes, safe, units};
use gleaner_report::{NodeSummary, Report, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// The fields that the issue templates of Harvester and Longhorn ask for, with what the bundle knows.
pub(crate) fn fields(report: &Report) -> Vec<(&'static str, String)> {
    let cluster = &report.cluster;
    vec![
        ("Support bundle", or_missing(&report.bundle.name)),
        (
            "Collected at",
            units::utc(&report.bundle.created_at).unwrap_or_else(|| or_missing(&report.bundle.created_at)),
        ),
        ("Harvester version", or_missing(&cluster.harvester_version)),
        ("Longhorn version", or_missing(&cluster.longhorn_version)),
        ("Kubernetes version", or_missing(&cluster.kubernetes_version)),
        ("KubeVirt version", or_missing(&cluster.kubevirt_version)),
        ("Rancher version", or_missing(&cluster.rancher_version)),
        (
            "Impacted VM",
            impacted(report, &["VirtualMachine", "VirtualMachineInstance"]),
        ),
        (
            "Impacted volume (PV)",
            impacted(report, &["Volume", "PersistentVolume", "PersistentVolumeClaim"]),
        ),
        ("Hosts", hosts(report)),
        ("Operating system", per_node(report, |node| node.os_image.clone())),
        ("Kernel", per_node(report, |node| node.kernel.clone())),
        (
            "CPU and memory per host",
            per_node(report, |node| {
                if node.cpu.is_empty() && node.memory == 0 {
                    return String::new();
                }
                format!("{} cores, {}", node.cpu, units::gib(node.memory))
            }),
        ),
        (
            "Number of volumes",
            match volumes(report) {
                // An empty list and one that was not collected look alike here.
                0 => "none in the bundle".to_owned(),
                n => n.to_string(),
            },
        ),
        (
            "Underlying infrastructure",
            format!("{NOT_IN_BUNDLE}: please fill in (bare metal, disks, network)"),
        ),
        ("Workaround and mitigation", workaround(report)),
    ]
}

/// Objects of some kinds that blockers and warnings name or affect, at most six.
fn impacted(report: &Report, kinds: &[&str]) -> String {
    let mut names = BTreeSet::new();
    for finding in report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info)
    {
        let all = finding.objects.iter().chain(&finding.impact.virtual_machines);
        names.extend(
            all.filter(|object| kinds.contains(&object.kind.as_str()))
                .map(object_name),
        );
    }
    if names.is_empty() {
        return "none named by a finding".to_owned();
    }
    let mut shown: Vec<String> = names.iter().take(6).cloned().collect();
    if names.len() > shown.len() {
        shown.push(format!("{} more", names.len() - shown.len()));
    }
    shown.join(", ")
}

/// How many hosts there are, by role.
fn hosts(report: &Report) -> String {
    if report.cluster.nodes.is_empty() {
        return NOT_IN_BUNDLE.to_owned();
    }
    let mut roles: BTreeMap<String, usize> = BTreeMap::new();
    for node in &report.cluster.nodes {
        let role = if node.roles.is_empty() {
            "role unknown".to_owned()
        } else {
            safe::line_within(&node.roles, 80)
        };
        *roles.entry(role).or_default() += 1;
    }
    let parts: Vec<String> = roles
        .into_iter()
        .take(10)
        .map(|(role, n)| format!("{n} {role}"))
        .collect();
    format!("{} ({})", report.cluster.nodes.len(), parts.join("; "))
}

/// A fact of every node: once if all agree, else each value with its number of hosts.
fn per_node(report: &Report, fact: impl Fn(&NodeSummary) -> String) -> String {
    let mut values: BTreeMap<String, usize> = BTreeMap::new();
    for node in &report.cluster.nodes {
        *values.entry(or_missing(&fact(node))).or_default() += 1;
    }
    match values.len() {
        0 => NOT_IN_BUNDLE.to_owned(),
        1 => values.into_keys().collect(),
        _ => {
            let parts: Vec<String> = values
                .into_iter()
                .take(5)
                .map(|(value, n)| format!("{value} (on {n})"))
                .collect();
            parts.join("; ")
        }
    }
}

/// The workaround of the worst finding that has one.
fn workaround(report: &Report) -> String {
    let found = causes::roots(report)
        .into_iter()
        .find(|finding| !finding.workaround.trim().is_empty());
    found.map_or_else(|| "none known".to_owned(), |finding| safe::line(&finding.workaround))
}
