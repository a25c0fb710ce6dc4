//! The summary of the cluster in the report: nodes, volumes, disks, VMs and add-ons.

mod csi;
mod progress;
mod settings;
mod storage;

use crate::drain::Drains;
use gleaner_cluster::Object;
use gleaner_cluster::Quantity;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::{Vm, Vmi, Volume, condition, down_nodes, role, setting};
use gleaner_report::Finding;
use gleaner_report::{ClusterSummary, Count, DrainForecast, NodeStorage, NodeSummary, VmChain, VmVolume};
use gleaner_yaml::Node;
use gleaner_yaml::{display, elements_with};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// How many VM chains a report has.
const MOST_CHAINS: usize = 50;

/// The summary of the cluster. The chains of the VMs in `asked`, `(namespace, name)`, come first.
pub fn inventory(snapshot: &Snapshot<'_>, findings: &[Finding], asked: &BTreeSet<(String, String)>) -> ClusterSummary {
    let storage = || (storage::disks(snapshot), storage::volumes(snapshot));
    let (drains, (disks, volumes)) = rayon::join(|| Drains::read(snapshot), storage);
    let nodes: Vec<NodeSummary> = snapshot
        .cluster
        .of("Node")
        .par_iter()
        .map(|object| NodeSummary {
            etcd: drains.is_etcd_member(object.name()),
            drain: drains.forecast(object),
            storage: storage::total(disks.iter().filter(|disk| disk.node == object.name())),
            ..node(snapshot, object)
        })
        .collect();
    let down = down_nodes(&snapshot.cluster);
    let virtual_machines = snapshot.cluster.of("VirtualMachine.kubevirt.io").iter();
    let virtual_machines = virtual_machines.map(|vm| vm_status(snapshot, vm, &down));
    let all_volumes = snapshot.cluster.of("Volume.longhorn.io");
    ClusterSummary {
        harvester_version: snapshot.facts.running.clone(),
        harvester_version_source: snapshot.facts.running_source.clone(),
        longhorn_version: snapshot.facts.longhorn.clone(),
        kubernetes_version: snapshot.facts.kubernetes.clone(),
        kubevirt_version: first_text(snapshot, "KubeVirt.kubevirt.io", &["status", "observedKubeVirtVersion"]),
        rancher_version: rancher_version(snapshot),
        vip: vip(snapshot),
        node_count: nodes.len(),
        nodes,
        virtual_machines: counts(virtual_machines),
        volumes: counts(
            all_volumes
                .iter()
                .map(|volume| Volume::of(volume).robustness().to_owned()),
        ),
        volume_list: volumes,
        disks,
        csi_drivers: csi::drivers(snapshot),
        chains: chains(snapshot, findings, asked),
        upgrade: progress::progress(snapshot),
        networks: settings::networks(snapshot),
        settings: settings::changed(snapshot),
        addons: counts(snapshot.cluster.of("Addon.harvesterhci.io").iter().map(addon)),
        backup_target: backup_target(snapshot),
    }
}

fn first_text(snapshot: &Snapshot<'_>, kind: &str, path: &[&str]) -> String {
    snapshot
        .cluster
        .of(kind)
        .first()
        .map(|object| object.root.text(path).to_owned())
        .unwrap_or_default()
}

fn rancher_version(snapshot: &Snapshot<'_>) -> String {
    let setting = snapshot
        .cluster
        .named("Setting.management.cattle.io", "", "server-version");
    setting
        .map(|setting| setting.root.text(&["value"]).to_owned())
        .unwrap_or_default()
}

fn vip(snapshot: &Snapshot<'_>) -> String {
    let service = snapshot.cluster.named("Service", "kube-system", "ingress-expose");
    let Some(service) = service else { return String::new() };
    let spec = service.root.text(&["spec", "loadBalancerIP"]);
    let annotation = service
        .root
        .text(&["metadata", "annotations", "kube-vip.io/loadbalancerIPs"]);
    if spec.is_empty() {
        annotation.to_owned()
    } else {
        spec.to_owned()
    }
}

/// The type and location of the backup target, field by field: credentials, if any, are not shown.
fn backup_target(snapshot: &Snapshot<'_>) -> String {
    let target = gleaner_yaml::embedded_json(setting::harvester(&snapshot.cluster, "backup-target"));
    let Some(target) = target else { return String::new() };
    let parts = ["type", "endpoint", "bucketName"].map(|key| target.text(&[key]));
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn addon(addon: &Object<'_>) -> String {
    let status = addon.root.text(&["status", "status"]);
    let enabled = addon
        .root
        .at(&["spec", "enabled"])
        .and_then(Node::as_bool)
        .unwrap_or(false);
    let word = match (status.is_empty(), enabled) {
        (false, _) => status,
        (true, true) => "enabled",
        (true, false) => "disabled",
    };
    format!("{}/{}: {word}", addon.namespace(), addon.name())
}

/// KubeVirt's word for the state of a VM, with the node's where that makes it untrue.
fn vm_status(snapshot: &Snapshot<'_>, vm: &Object<'_>, down: &BTreeSet<&str>) -> String {
    let status = Vm::of(vm).status();
    let instance = snapshot
        .cluster
        .named("VirtualMachineInstance.kubevirt.io", vm.namespace(), vm.name());
    if instance.is_some_and(|instance| down.contains(Vmi::of(instance).node())) {
        format!("{status} on a node that is not Ready")
    } else {
        status.to_owned()
    }
}

fn counts(labels: impl Iterator<Item = String>) -> Vec<Count> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for label in labels {
        *counts.entry(label).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(label, count)| Count { label, count })
        .collect()
}

fn node(snapshot: &Snapshot<'_>, object: &Object<'_>) -> NodeSummary {
    let root = &object.root;
    let conditions = root.at(&["status", "conditions"]);
    let ready = condition(root, "Ready");
    let pressure = conditions
        .map(|conditions| conditions.items())
        .unwrap_or_default()
        .iter()
        .filter(|condition| condition.text(&["type"]).ends_with("Pressure") && condition.text(&["status"]) == "True");
    let addresses = root.at(&["status", "addresses"]);
    let internal = addresses.and_then(|addresses| elements_with(addresses, "type", "InternalIP").next());
    let info = |key: &str| root.text(&["status", "nodeInfo", key]).to_owned();
    let capacity = |key: &str| root.at(&["status", "capacity", key]).map(display).unwrap_or_default();
    NodeSummary {
        name: object.name().to_owned(),
        roles: role(object).as_str().to_owned(),
        ready: match ready.map(|ready| ready.text(&["status"])) {
            Some("True") => "Ready",
            Some("False") => "NotReady",
            _ => "Unknown",
        }
        .to_owned(),
        ready_since: ready.map_or("", |ready| ready.text(&["lastTransitionTime"])).to_owned(),
        unschedulable: root
            .at(&["spec", "unschedulable"])
            .and_then(Node::as_bool)
            .unwrap_or(false),
        pressure: pressure.map(|condition| condition.text(&["type"]).to_owned()).collect(),
        os_image: info("osImage"),
        kernel: info("kernelVersion"),
        kubelet: info("kubeletVersion"),
        internal_ip: internal.map_or("", |address| address.text(&["address"])).to_owned(),
        cpu: capacity("cpu"),
        memory: bytes(&capacity("memory")),
        etcd: false,
        archive: snapshot.facts.has_archive(object.name()),
        drain: DrainForecast::default(),
        storage: NodeStorage::default(),
    }
}

fn bytes(quantity: &str) -> u64 {
    Quantity::parse(quantity)
        .and_then(|quantity| u64::try_from(quantity.units()).ok())
        .unwrap_or(0)
}

/// The chains of the VMs that were asked for, then of those that findings name: those that are down first, then those at risk, each in
/// the order of the findings.
fn chains(snapshot: &Snapshot<'_>, findings: &[Finding], asked: &BTreeSet<(String, String)>) -> Vec<VmChain> {
    let down = findings.iter().flat_map(|finding| &finding.impact.down);
    let at_risk = findings.iter().flat_map(|finding| &finding.impact.at_risk);
    let others = findings
        .iter()
        .flat_map(|finding| finding.impact.virtual_machines.iter().chain(&finding.objects));
    let named = down
        .chain(at_risk)
        .chain(others)
        .filter(|object| object.kind.starts_with("VirtualMachine") && object.api_version.starts_with("kubevirt.io/"))
        .map(|object| (object.namespace.as_str(), object.name.as_str()));
    let mut seen = BTreeSet::new();
    let vms = asked
        .iter()
        .map(|(namespace, name)| (namespace.as_str(), name.as_str()))
        .chain(named)
        .filter(|vm| seen.insert(*vm))
        .take(MOST_CHAINS);
    let of = Chains::read(snapshot);
    vms.map(|vm| of.chain(vm)).collect()
}

/// What the chains of VMs are read from.
pub(crate) struct Chains<'s> {
    snapshot: &'s Snapshot<'s>,
    claims: storage::Claims<'s>,
    down: BTreeSet<&'s str>,
}

impl<'s> Chains<'s> {
    pub(crate) fn read(snapshot: &'s Snapshot<'s>) -> Chains<'s> {
        Chains {
            snapshot,
            claims: storage::claims(snapshot),
            down: down_nodes(&snapshot.cluster),
        }
    }

    /// A VM, `(namespace, name)`, its host and its volumes.
    pub(crate) fn chain(&self, vm: (&str, &str)) -> VmChain {
        let Chains { snapshot, claims, down } = self;
        let (namespace, name) = vm;
        let named = |kind: &str| snapshot.cluster.named(kind, namespace, name);
        let vm = named("VirtualMachine.kubevirt.io");
        let vmi = named("VirtualMachineInstance.kubevirt.io");
        let pvcs = storage::pvcs_of(snapshot, claims, vm.or(vmi), (namespace, name));
        let volumes = pvcs.into_iter().map(|(pvc, volume, driver)| VmVolume {
            pvc: format!("{namespace}/{pvc}"),
            volume,
            driver,
        });
        VmChain {
            vm: format!("{namespace}/{name}"),
            status: vm
                .map(|vm| vm_status(snapshot, vm, down))
                .or_else(|| vmi.map(|vmi| Vmi::of(vmi).phase().to_owned()))
                .unwrap_or_default(),
            node: vmi.map(|vmi| Vmi::of(vmi).node().to_owned()).unwrap_or_default(),
            volumes: volumes.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_cluster::{Sources, TextFile};
    use gleaner_rules::Catalog;
    use gleaner_yaml::Mode;
    use std::fmt::Write as _;

    #[test]
    fn volumes_that_are_not_listed_are_counted() {
        let mut text = String::from("apiVersion: v1\nitems:\n");
        for number in 0..5_002 {
            let robustness = if number == 5_001 { "degraded" } else { "healthy" };
            write!(text, "- apiVersion: longhorn.io/v1beta2\n  kind: Volume\n  metadata:\n    name: v{number}\n    namespace: longhorn-system\n  status:\n    robustness: {robustness}\n").unwrap();
        }
        text.push_str("kind: List\n");
        let path = "yamls/namespaced/longhorn-system/longhorn.io/v1beta2/volumes.yaml".to_owned();
        let sources = Sources {
            paths: [path.clone()].into(),
            files: vec![TextFile { path, text }],
            ..Sources::default()
        };
        let catalog = Catalog::load(None).unwrap();
        let snapshot = catalog.snapshot(&sources, "b", Mode::Dialect);
        let summary = inventory(&snapshot, &[], &BTreeSet::new());
        let counted: Vec<_> = summary
            .volumes
            .iter()
            .map(|count| (count.label.as_str(), count.count))
            .collect();
        assert_eq!(counted, [("degraded", 1), ("healthy", 5_001)]);
        assert_eq!(summary.volume_list.len(), 5_000);
        assert_eq!(summary.volume_list[0].name, "v5001", "the worst first");
    }
}
