//! The pods' part in a drain: disruption budgets that refuse an eviction, and virtual machines that move, stop or stay.
//!
//! Pods that a drain skips (of DaemonSets, static ones, finished ones) and those with a decision of their own (virtual machines,
//! Longhorn's instance managers) are not weighed against budgets.

use super::{Nodes, Part, by_text, listed};
use gleaner_cluster::Object;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::{Vmi, Volume, Workload, condition};
use gleaner_report::ObjectRef;
use gleaner_rules::selects;
use gleaner_yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Pods, budgets and virtual machines, by what a forecast asks for.
pub(super) struct Pods<'w> {
    pods: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    budgets: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    machines: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    /// Machines of namespaces that were not collected, as Longhorn knows them, by node.
    recorded: BTreeMap<&'w str, BTreeSet<ObjectRef>>,
    /// What becomes of machines that do not say so themselves.
    strategy: &'w str,
}

/// What becomes of the virtual machines of a node.
#[derive(Default)]
pub(super) struct Machines {
    pub(super) part: Part,
    pub(super) moves: BTreeSet<ObjectRef>,
    pub(super) stops: BTreeSet<ObjectRef>,
}

impl<'w> Pods<'w> {
    pub(super) fn read(snapshot: &'w Snapshot<'w>) -> Pods<'w> {
        let cluster = &snapshot.cluster;
        let kubevirt = cluster.of("KubeVirt.kubevirt.io").first();
        Pods {
            pods: by_text(cluster.of("Pod"), &["spec", "nodeName"]),
            budgets: by_text(cluster.of("PodDisruptionBudget.policy"), &["metadata", "namespace"]),
            machines: by_text(
                cluster.of("VirtualMachineInstance.kubevirt.io"),
                &["status", "nodeName"],
            ),
            recorded: recorded(snapshot),
            strategy: kubevirt.map_or("", |kubevirt| {
                kubevirt.root.text(&["spec", "configuration", "evictionStrategy"])
            }),
        }
    }

    /// The budgets that refuse to let a pod of this node go.
    pub(super) fn budgets(&self, node: &str) -> Part {
        let mut part = Part::default();
        let mut refused: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let pods = self.pods.get(node).map(Vec::as_slice).unwrap_or_default();
        for pod in pods.iter().copied().filter(|pod| is_evicted(pod)) {
            let budgets = self.budgets.get(pod.namespace()).map(Vec::as_slice).unwrap_or_default();
            let budgets: Vec<&Object<'_>> = budgets.iter().copied().filter(|budget| covers(budget, pod)).collect();
            if budgets.len() > 1 {
                // Kubernetes refuses such an eviction whatever the budgets allow.
                let name = format!("{}/{}", pod.namespace(), pod.name());
                part.blocked_by.push(format!(
                    "pod `{name}` is covered by {} disruption budgets: nobody can evict it",
                    budgets.len()
                ));
                continue;
            }
            for budget in budgets {
                let name = format!("{}/{}", budget.namespace(), budget.name());
                match allows(budget, pod) {
                    Some(true) => {}
                    Some(false) => {
                        refused.entry(name).or_default().insert(pod.name());
                    }
                    None => part.missing.push(format!("the state of disruption budget {name}")),
                }
            }
        }
        part.blocked_by.extend(refused.iter().map(|(budget, pods)| {
            format!(
                "disruption budget `{budget}` lets no pod go now, and covers {}",
                listed(pods.iter().copied())
            )
        }));
        part.missing.sort();
        part.missing.dedup();
        part
    }

    /// What becomes of the virtual machines of this node.
    pub(super) fn machines(&self, node: &str, nodes: &Nodes<'_>) -> Machines {
        let mut all = Machines::default();
        let mut stuck: BTreeSet<String> = BTreeSet::new();
        let here = self.machines.get(node).map(Vec::as_slice).unwrap_or_default();
        for machine in here.iter().copied().filter(|machine| !is_over(machine)) {
            let name = format!("{}/{}", machine.namespace(), machine.name());
            let own = Vmi::of(machine).eviction_strategy();
            let strategy = if own.is_empty() { self.strategy } else { own };
            match (strategy, Vmi::of(machine).is_migratable()) {
                ("LiveMigrate", Some((false, why))) => {
                    stuck.insert(name.clone());
                    all.part.blocked_by.push(cannot_move(&name, why));
                }
                ("LiveMigrate" | "LiveMigrateIfPossible", Some((true, _))) => {
                    all.moves.insert(machine.reference());
                }
                ("LiveMigrateIfPossible", Some((false, _))) | ("None" | "", _) => {
                    all.stops.insert(machine.reference());
                }
                ("LiveMigrate" | "LiveMigrateIfPossible", None) => {
                    all.part
                        .missing
                        .push(format!("whether virtual machine {name} can migrate"));
                }
                (other, _) => all
                    .part
                    .missing
                    .push(format!("what moves virtual machine {name}: its strategy is {other}")),
            }
        }
        all.moves.extend(self.recorded.get(node).into_iter().flatten().cloned());
        if !all.moves.is_empty() && !nodes.other_host(node) {
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
            all.part
                .blocked_by
                .push(format!("there is nowhere to migrate {names}: {why}"));
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

/// Machines that Longhorn's volumes name in namespaces that were not collected, by the node they are attached to.
fn recorded<'w>(snapshot: &'w Snapshot<'w>) -> BTreeMap<&'w str, BTreeSet<ObjectRef>> {
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

fn is_over(object: &Object<'_>) -> bool {
    matches!(object.root.text(&["status", "phase"]), "Succeeded" | "Failed")
}

/// Whether a drain would ask to evict a pod, and only budgets decide about it.
fn is_evicted(pod: &Object<'_>) -> bool {
    let metadata = pod.root.get("metadata");
    let owners = metadata.and_then(|metadata| metadata.get("ownerReferences"));
    let owners = owners.map(|owners| owners.items()).unwrap_or_default();
    let stays = owners
        .iter()
        .any(|owner| matches!(owner.text(&["kind"]), "DaemonSet" | "Node"));
    let at = |path: &[&str]| metadata.map_or("", |metadata| metadata.text(path));
    let is_static = !at(&["annotations", "kubernetes.io/config.mirror"]).is_empty();
    let decided = at(&["labels", "kubevirt.io"]) == "virt-launcher"
        || at(&["labels", "longhorn.io/component"]) == "instance-manager";
    // Budgets do not protect what has not started yet or is going already.
    let comes_or_goes = pod.root.text(&["status", "phase"]) == "Pending" || !at(&["deletionTimestamp"]).is_empty();
    !is_over(pod) && !comes_or_goes && !stays && !is_static && !decided
}

fn covers(budget: &Object<'_>, pod: &Object<'_>) -> bool {
    let labels = pod.root.at(&["metadata", "labels"]);
    let selector = budget.root.at(&["spec", "selector"]);
    selector.is_some_and(|selector| selects(selector, labels))
}

/// Whether a budget lets a pod go; `None` where its state is not known.
fn allows(budget: &Object<'_>, pod: &Object<'_>) -> Option<bool> {
    let status = |key: &str| budget.root.at(&["status", key]).and_then(Node::as_int);
    if status("disruptionsAllowed")? > 0 {
        return Some(true);
    }
    let ready = condition(&pod.root, "Ready");
    if ready.is_none_or(|ready| ready.text(&["status"]) == "True") {
        return Some(false);
    }
    // A pod that is not Ready may go where nothing is lost by it.
    if budget.root.text(&["spec", "unhealthyPodEvictionPolicy"]) == "AlwaysAllow" {
        return Some(true);
    }
    let (now, wanted) = (status("currentHealthy")?, status("desiredHealthy")?);
    Some(wanted > 0 && now >= wanted)
}
