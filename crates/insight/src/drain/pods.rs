//! The pods of a drain: PDBs that refuse an eviction, and VMs that move, stop or stay.
//!
//! PDBs do not matter for pods that a drain skips (of DaemonSets, static or finished) nor for those that are decided elsewhere (VMs,
//! Longhorn's instance managers).

use super::{Nodes, Reasons, by_text, listed};
use gleaner_cluster::Object;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::{Vmi, Volume, Workload, condition};
use gleaner_report::ObjectRef;
use gleaner_rules::selects;
use gleaner_yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Pods and VMs by node, PDBs by namespace.
pub(super) struct Pods<'w> {
    pods: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    pdbs: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    vms: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    /// VMs of namespaces that were not collected, as named by Longhorn volumes, by node.
    recorded_vms: BTreeMap<&'w str, BTreeSet<ObjectRef>>,
    /// The eviction strategy of VMs that have none of their own.
    strategy: &'w str,
}

/// What a drain does to the VMs of a node.
#[derive(Default)]
pub(super) struct VmForecast {
    pub(super) reasons: Reasons,
    pub(super) moves: BTreeSet<ObjectRef>,
    pub(super) stops: BTreeSet<ObjectRef>,
}

impl<'w> Pods<'w> {
    pub(super) fn read(snapshot: &'w Snapshot<'w>) -> Pods<'w> {
        let cluster = &snapshot.cluster;
        let kubevirt = cluster.of("KubeVirt.kubevirt.io").first();
        Pods {
            pods: by_text(cluster.of("Pod"), &["spec", "nodeName"]),
            pdbs: by_text(cluster.of("PodDisruptionBudget.policy"), &["metadata", "namespace"]),
            vms: by_text(
                cluster.of("VirtualMachineInstance.kubevirt.io"),
                &["status", "nodeName"],
            ),
            recorded_vms: recorded_vms(snapshot),
            strategy: kubevirt.map_or("", |kubevirt| {
                kubevirt.root.text(&["spec", "configuration", "evictionStrategy"])
            }),
        }
    }

    /// The PDBs that refuse to evict a pod of this node.
    pub(super) fn pdbs(&self, node: &str) -> Reasons {
        let mut reasons = Reasons::default();
        let mut refused: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let pods = self.pods.get(node).map(Vec::as_slice).unwrap_or_default();
        for pod in pods.iter().copied().filter(|pod| is_evicted(pod)) {
            let pdbs = self.pdbs.get(pod.namespace()).map(Vec::as_slice).unwrap_or_default();
            let pdbs: Vec<&Object<'_>> = pdbs.iter().copied().filter(|pdb| covers(pdb, pod)).collect();
            if pdbs.len() > 1 {
                // Kubernetes refuses such an eviction whatever the PDBs allow.
                let name = format!("{}/{}", pod.namespace(), pod.name());
                reasons.blocked_by.push(format!(
                    "pod `{name}` is selected by {} PodDisruptionBudgets, so the eviction API refuses it",
                    pdbs.len()
                ));
                continue;
            }
            for pdb in pdbs {
                let name = format!("{}/{}", pdb.namespace(), pdb.name());
                match allows_eviction(pdb, pod) {
                    Some(true) => {}
                    Some(false) => {
                        refused.entry(name).or_default().insert(pod.name());
                    }
                    None => reasons.missing.push(format!("the state of PodDisruptionBudget {name}")),
                }
            }
        }
        reasons.blocked_by.extend(refused.iter().map(|(pdb, pods)| {
            format!(
                "PodDisruptionBudget `{pdb}` allows no disruption and selects {}",
                listed(pods.iter().copied())
            )
        }));
        reasons.missing.sort();
        reasons.missing.dedup();
        reasons
    }

    /// What a drain does to the VMs of this node.
    pub(super) fn vms(&self, node: &str, nodes: &Nodes<'_>) -> VmForecast {
        let mut all = VmForecast::default();
        let here = self.vms.get(node).map(Vec::as_slice).unwrap_or_default();
        for vmi in here.iter().copied().filter(|vmi| !is_finished(vmi)) {
            let name = format!("{}/{}", vmi.namespace(), vmi.name());
            let own = Vmi::of(vmi).eviction_strategy();
            let strategy = if own.is_empty() { self.strategy } else { own };
            match (strategy, Vmi::of(vmi).is_migratable()) {
                ("LiveMigrate", Some((false, why))) => {
                    all.reasons.blocked_by.push(cannot_move(&name, why));
                }
                ("LiveMigrate" | "LiveMigrateIfPossible", Some((true, _))) => {
                    all.moves.insert(vmi.reference());
                }
                ("LiveMigrateIfPossible", Some((false, _))) | ("None" | "", _) => {
                    all.stops.insert(vmi.reference());
                }
                ("LiveMigrate" | "LiveMigrateIfPossible", None) => {
                    all.reasons
                        .missing
                        .push(format!("whether virtual machine {name} can migrate"));
                }
                (other, _) => all
                    .reasons
                    .missing
                    .push(format!("what moves virtual machine {name}: its strategy is {other}")),
            }
        }
        all.moves
            .extend(self.recorded_vms.get(node).into_iter().flatten().cloned());
        if !all.moves.is_empty() && !nodes.has_other_host(node) {
            let why = if nodes.all.len() == 1 {
                "it is the only host"
            } else {
                "no other host is Ready, schedulable and runs virtual machines"
            };
            let names: Vec<String> = all
                .moves
                .iter()
                .map(|vm| format!("{}/{}", vm.namespace, vm.name))
                .collect();
            let names = listed(names.iter().map(String::as_str));
            all.reasons
                .blocked_by
                .push(format!("{names} cannot be migrated: {why}"));
        }
        all
    }
}

fn cannot_move(name: &str, why: &str) -> String {
    let why: String = why.chars().take(200).collect();
    if why.is_empty() {
        format!("virtual machine `{name}` cannot migrate, and its eviction is refused")
    } else {
        format!("virtual machine `{name}` cannot migrate, and its eviction is refused: {why}")
    }
}

/// The VMs that Longhorn volumes name in namespaces that were not collected, by the node the volumes are attached to.
fn recorded_vms<'w>(snapshot: &'w Snapshot<'w>) -> BTreeMap<&'w str, BTreeSet<ObjectRef>> {
    let mut recorded: BTreeMap<&str, BTreeSet<ObjectRef>> = BTreeMap::new();
    for volume in snapshot.cluster.of("Volume.longhorn.io") {
        let Some(workload) = Workload::of(volume) else { continue };
        let (namespace, node) = (workload.namespace(), Volume::of(volume).node());
        let known = namespace.is_empty() || snapshot.facts.namespaces.contains(namespace);
        if known || node.is_empty() || !workload.is_current() {
            continue;
        }
        for name in workload.instances() {
            recorded.entry(node).or_default().insert(ObjectRef {
                api_version: "kubevirt.io/v1".to_owned(),
                kind: "VirtualMachineInstance".to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            });
        }
    }
    recorded
}

fn is_finished(object: &Object<'_>) -> bool {
    matches!(object.root.text(&["status", "phase"]), "Succeeded" | "Failed")
}

/// Whether a drain evicts a pod unless a PDB refuses.
fn is_evicted(pod: &Object<'_>) -> bool {
    let metadata = pod.root.get("metadata");
    let owners = metadata.and_then(|metadata| metadata.get("ownerReferences"));
    let owners = owners.map(|owners| owners.items()).unwrap_or_default();
    let stays = owners
        .iter()
        .any(|owner| matches!(owner.text(&["kind"]), "DaemonSet" | "Node"));
    let at = |path: &[&str]| metadata.map_or("", |metadata| metadata.text(path));
    let is_static = !at(&["annotations", "kubernetes.io/config.mirror"]).is_empty();
    let decided_elsewhere = at(&["labels", "kubevirt.io"]) == "virt-launcher"
        || at(&["labels", "longhorn.io/component"]) == "instance-manager";
    // PDBs do not protect pending or terminating pods.
    let is_unprotected = pod.root.text(&["status", "phase"]) == "Pending" || !at(&["deletionTimestamp"]).is_empty();
    !is_finished(pod) && !is_unprotected && !stays && !is_static && !decided_elsewhere
}

fn covers(pdb: &Object<'_>, pod: &Object<'_>) -> bool {
    let labels = pod.root.at(&["metadata", "labels"]);
    let selector = pdb.root.at(&["spec", "selector"]);
    selector.is_some_and(|selector| selects(selector, labels))
}

/// Whether a PDB allows the eviction of a pod; `None` where its state is not known.
fn allows_eviction(pdb: &Object<'_>, pod: &Object<'_>) -> Option<bool> {
    let status = |key: &str| pdb.root.at(&["status", key]).and_then(Node::as_int);
    if status("disruptionsAllowed")? > 0 {
        return Some(true);
    }
    let ready = condition(&pod.root, "Ready");
    if ready.is_none_or(|ready| ready.text(&["status"]) == "True") {
        return Some(false);
    }
    // A pod that is not Ready may be evicted where that does not reduce the healthy ones.
    if pdb.root.text(&["spec", "unhealthyPodEvictionPolicy"]) == "AlwaysAllow" {
        return Some(true);
    }
    let (now, wanted) = (status("currentHealthy")?, status("desiredHealthy")?);
    Some(wanted > 0 && now >= wanted)
}
