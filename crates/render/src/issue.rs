//! The fields that issue templates ask for, filled in from a report.

use crate::wording::{NOT_IN_BUNDLE, object_name, or_missing, volumes};
use crate::{causes, safe, units};
use gleaner_report::{AffectedVm, Finding, Harm, NodeSummary, Report, Severity};
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
        ("Impacted VM", impacted_vms(report)),
        ("Impacted volume (PV)", impacted_volumes(report)),
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

/// What is said where no finding names an object of the kind.
const NONE: &str = "none named by a finding";
/// How many objects of a state are named, and the most characters of each.
const NAMED: usize = 3;
const NAME: usize = 125;

/// The VMs that are down now, those at risk, and others that findings name.
fn impacted_vms(report: &Report) -> String {
    let names = |vms: &[AffectedVm]| -> BTreeSet<String> { vms.iter().map(|vm| object_name(&vm.vm)).collect() };
    let (down, at_risk) = (names(&report.diagnosis.down), names(&report.diagnosis.at_risk));
    let kinds = ["VirtualMachine", "VirtualMachineInstance"];
    let named = alarming(report).flat_map(|finding| finding.objects.iter().chain(&finding.impact.virtual_machines));
    let named = named
        .filter(|object| kinds.contains(&object.kind.as_str()))
        .map(object_name);
    let others = named
        .filter(|name| !down.contains(name) && !at_risk.contains(name))
        .collect();
    by_state([
        ("down now", &down),
        ("at risk", &at_risk),
        ("named by a finding", &others),
    ])
}

fn impacted_volumes(report: &Report) -> String {
    let (down, at_risk) = volumes_by_state(report);
    by_state([("down or lost", &down), ("at risk", &at_risk)])
}

/// The volumes that are lost or without a usable replica, and the others that findings name.
pub(crate) fn volumes_by_state(report: &Report) -> (BTreeSet<String>, BTreeSet<String>) {
    let kinds = ["Volume", "PersistentVolume", "PersistentVolumeClaim"];
    let (mut down, mut at_risk) = (BTreeSet::new(), BTreeSet::new());
    // The PVC of a volume that is lost is not another volume at risk.
    let roots = causes::listed(report).into_iter();
    let lost = roots.filter(|root| root.finding.harm == Harm::DataLoss);
    let below: BTreeSet<&str> = lost
        .flat_map(|root| root.symptoms)
        .map(|symptom| symptom.finding.id.as_str())
        .collect();
    for finding in alarming(report) {
        let is_below = below.contains(finding.id.as_str());
        let volumes = finding.objects.iter().filter(|object| {
            kinds.contains(&object.kind.as_str()) && !(is_below && object.kind == "PersistentVolumeClaim")
        });
        let names = volumes.map(|volume| match volume.kind.as_str() {
            "PersistentVolumeClaim" => object_name(volume),
            // Both have the same name, and only one of them a namespace.
            _ => safe::line(&volume.name),
        });
        let state = if finding.harm <= Harm::Outage {
            &mut down
        } else {
            &mut at_risk
        };
        state.extend(names);
    }
    at_risk.retain(|name| !down.contains(name));
    (down, at_risk)
}

/// The findings that are not mere facts.
fn alarming(report: &Report) -> impl Iterator<Item = &Finding> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Info)
}

/// The first of these names, and how many more there are; `None` for none.
pub(crate) fn some(names: &BTreeSet<String>, most: usize) -> Option<String> {
    let mut shown: Vec<String> = names
        .iter()
        .take(most)
        .map(|name| safe::line_within(name, NAME))
        .collect();
    if names.len() > shown.len() {
        shown.push(format!("{} more", names.len() - shown.len()));
    }
    (!shown.is_empty()).then(|| shown.join(", "))
}

/// Names by state, in the order of the states.
fn by_state<const N: usize>(states: [(&str, &BTreeSet<String>); N]) -> String {
    let parts = states
        .into_iter()
        .filter_map(|(state, names)| Some(format!("{state}: {}", some(names, NAMED)?)));
    match parts.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => NONE.to_owned(),
        parts => parts,
    }
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

/// The workaround of the worst cause.
fn workaround(report: &Report) -> String {
    let worst = causes::listed(report).into_iter().next();
    let workaround = worst.map_or_else(String::new, |root| safe::line(&root.finding.workaround));
    if workaround.is_empty() {
        "none known".to_owned()
    } else {
        workaround
    }
}
