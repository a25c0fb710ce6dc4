//! The object that a report focuses on: what it depends on, which VMs depend on it, and which findings affect any of these.

use crate::inventory::Chains;
use gleaner_cluster::Object;
use gleaner_cluster::ObjectPattern;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::Volume;
use gleaner_report::Focus;
use gleaner_report::{Finding, ObjectRef};
use std::collections::BTreeSet;

/// How many objects one pattern may match, and how many VMs may depend on them.
const MOST: usize = 50;

/// How many similar names are suggested.
const SIMILAR: usize = 3;

/// Kinds whose objects depend on volumes and hosts.
const CHAINED: [&str; 5] = [
    "VirtualMachine",
    "VirtualMachineInstance",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "Volume",
];

/// The objects that a pattern matches in this cluster, and those related to them.
#[derive(Debug, Default)]
pub struct Asked {
    text: String,
    objects: Vec<ObjectRef>,
    /// The VMs whose chains the report includes, `(namespace, name)`.
    pub vms: BTreeSet<(String, String)>,
    /// See [`key`].
    related: BTreeSet<(String, String)>,
}

fn objects<'w>(snapshot: &'w Snapshot<'_>, pattern: &ObjectPattern) -> Vec<&'w Object<'w>> {
    let kinds = snapshot.cluster.kinds.all();
    kinds
        .flat_map(|(kind, info)| {
            let group = info.groups.first().map_or("", String::as_str);
            snapshot
                .cluster
                .all(kind)
                .iter()
                .filter(move |object| pattern.means(&info.kind, group, object.namespace(), object.name()))
        })
        .take(MOST)
        .collect()
}

impl Asked {
    /// Finds the objects of the pattern and those related to them.
    pub fn ask(snapshot: &Snapshot<'_>, pattern: &ObjectPattern) -> Asked {
        let chains = Chains::read(snapshot);
        let found: Vec<&Object<'_>> = objects(snapshot, pattern);
        let mut asked = Asked {
            text: pattern.as_str().to_owned(),
            objects: found.iter().map(|object| object.reference()).collect(),
            ..Asked::default()
        };
        asked.objects.sort();
        for object in asked.objects.clone() {
            asked.relate(&object.kind, &object.namespace, &object.name);
        }
        let vms = snapshot.dependent_vms(found.iter().copied()).virtual_machines;
        for vm in vms.into_iter().take(MOST) {
            asked.add_vm(&vm.namespace, &vm.name);
        }
        // A VM whose namespace was not collected may still be named by Longhorn volumes.
        if let Some((namespace, name)) = pattern.machine()
            && !chains.chain((namespace, name)).volumes.is_empty()
        {
            asked.add_vm(namespace, name);
        }
        // Everything depends on hosts, so only the findings and VMs of the host itself are related to it.
        let chained = |object: &ObjectRef| CHAINED.contains(&object.kind.as_str());
        if asked.objects.is_empty() || asked.objects.iter().any(chained) {
            let mut volumes: BTreeSet<String> = asked.volumes();
            for (namespace, name) in asked.vms.clone() {
                let chain = chains.chain((&namespace, &name));
                asked.relate("Node", "", &chain.node);
                for disk in chain.volumes {
                    asked
                        .related
                        .insert(("PersistentVolumeClaim".to_owned(), disk.pvc.clone()));
                    volumes.insert(disk.volume);
                }
            }
            asked.relate_volumes(snapshot, &volumes);
        }
        asked.relate_pods(snapshot);
        asked
    }

    /// Relates the pods that VMs run in.
    fn relate_pods(&mut self, snapshot: &Snapshot<'_>) {
        for pod in snapshot.cluster.of("Pod") {
            let vm = pod.root.text(&["metadata", "labels", "vm.kubevirt.io/name"]);
            if !vm.is_empty() && self.vms.contains(&(pod.namespace().to_owned(), vm.to_owned())) {
                self.relate("Pod", pod.namespace(), pod.name());
            }
        }
    }

    /// The objects that a pattern matches, at most 50; those of Kubernetes itself come first.
    pub fn matching<'w>(snapshot: &'w Snapshot<'_>, pattern: &ObjectPattern) -> Vec<&'w Object<'w>> {
        let mut found = objects(snapshot, pattern);
        let is_core = |object: &Object<'_>| {
            let groups = &snapshot.cluster.kinds.info(object.kind).groups;
            groups.iter().all(String::is_empty)
        };
        found.sort_by_key(|object| !is_core(object));
        found
    }

    /// Whether the bundle holds the object, or names it as a VM that uses a volume.
    pub fn is_known(&self) -> bool {
        !self.objects.is_empty() || !self.vms.is_empty()
    }

    /// Objects of the pattern's kind with similar names, as patterns; none if it has none of that kind.
    pub fn near(snapshot: &Snapshot<'_>, pattern: &ObjectPattern) -> Vec<String> {
        let kinds = snapshot.cluster.kinds.all();
        let named =
            kinds.filter(|(_, info)| pattern.means_kind(&info.kind, info.groups.first().map_or("", String::as_str)));
        let names: Vec<String> = named
            .flat_map(|(kind, info)| {
                let objects = snapshot.cluster.all(kind).iter();
                objects.map(move |object| {
                    let parts = [
                        info.kind.to_lowercase(),
                        object.namespace().to_owned(),
                        object.name().to_owned(),
                    ];
                    parts
                        .into_iter()
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join("/")
                })
            })
            .collect();
        let near = gleaner_text::nearest(pattern.as_str(), names.iter().map(String::as_str), SIMILAR);
        near.into_iter().map(str::to_owned).collect()
    }

    fn add_vm(&mut self, namespace: &str, name: &str) {
        self.relate("VirtualMachine", namespace, name);
        self.relate("VirtualMachineInstance", namespace, name);
        self.vms.insert((namespace.to_owned(), name.to_owned()));
    }

    fn relate(&mut self, kind: &str, namespace: &str, name: &str) {
        if !name.is_empty() {
            self.related.insert(key(kind, namespace, name));
        }
    }

    /// The Longhorn volumes that the pattern matches.
    fn volumes(&self) -> BTreeSet<String> {
        let own = self.objects.iter().filter(|object| object.kind == "Volume");
        own.map(|object| object.name.clone()).collect()
    }

    /// Relates Longhorn volumes, and their PVCs, PVs, replicas, engines and hosts.
    fn relate_volumes(&mut self, snapshot: &Snapshot<'_>, volumes: &BTreeSet<String>) {
        let home = "longhorn-system";
        for name in volumes {
            self.relate("Volume", home, name);
            let Some(volume) = snapshot.cluster.named("Volume.longhorn.io", home, name) else {
                continue;
            };
            let workload = Volume::of(volume).workload();
            let (namespace, pvc, pv) = workload.map_or(("", "", ""), |workload| {
                (workload.namespace(), workload.pvc(), workload.pv())
            });
            self.relate("PersistentVolumeClaim", namespace, pvc);
            self.relate("PersistentVolume", "", pv);
            self.relate("Node", "", Volume::of(volume).node());
        }
        for kind in ["Replica", "Engine"] {
            for object in snapshot.cluster.of(&format!("{kind}.longhorn.io")) {
                if volumes.contains(object.root.text(&["spec", "volumeName"])) {
                    self.relate(kind, object.namespace(), object.name());
                    self.relate("Node", "", object.root.text(&["spec", "nodeID"]));
                }
            }
        }
    }

    /// Whether an object is one that was asked for, or one that it runs on: volumes, replicas, hosts, pods.
    pub fn touches(&self, object: &ObjectRef) -> bool {
        let related = &self.related;
        related.contains(&key(&object.kind, &object.namespace, &object.name))
    }

    fn affects(&self, finding: &Finding) -> bool {
        let mut all = finding.objects.iter().chain(&finding.impact.virtual_machines);
        all.any(|object| self.touches(object))
    }

    /// Sorts the findings that affect the object first, and returns their ids.
    pub fn sort(self, findings: &mut [Finding]) -> Focus {
        findings.sort_by_key(|finding| !self.affects(finding));
        Focus {
            findings: findings
                .iter()
                .filter(|finding| self.affects(finding))
                .map(|finding| finding.id.clone())
                .collect(),
            asked: self.text,
            objects: self.objects,
        }
    }
}

/// Kind and `namespace/name`. The Nodes of Kubernetes and of Longhorn have the same key.
fn key(kind: &str, namespace: &str, name: &str) -> (String, String) {
    let namespace = if kind == "Node" { "" } else { namespace };
    (kind.to_owned(), format!("{namespace}/{name}"))
}
