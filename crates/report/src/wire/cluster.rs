//! The cluster in the document: nodes, volumes and their replicas, of which a large cluster has thousands.

use crate::capacity::{DrainForecast, DrainVerdict, NodeStorage};
use crate::cluster::{
    ClusterSummary, Count, CsiDriverSummary, DiskSummary, NodeSummary, ReplicaSummary, VmChain, VolumeSummary,
};
use crate::progress::UpgradeProgress;
use crate::settings::{ChangedSetting, NetworkSummary};
use crate::wire::budget::Budget;
use crate::wire::common::{Broken, look_up, read_list, record};
use crate::wire::objects::{Numbers, ObjectNumber, Objects};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

record! {
    /// The cluster in a few facts.
    ClusterRecord {
        always {
            /// How many nodes there are, the witness among them.
            node_count: usize,
            /// What volumes have in the fields that they leave out.
            volume_defaults: VolumeDefaults,
        }
        unless_empty {
            /// Running Harvester version, e.g. `v1.5.0`.
            harvester_version: String,
            /// Where the running version was read: for example `Setting server-version`.
            harvester_version_source: String,
            /// Longhorn version, e.g. `v1.8.1`.
            longhorn_version: String,
            /// Kubernetes version, e.g. `v1.32.4+rke2r1`.
            kubernetes_version: String,
            /// KubeVirt version.
            kubevirt_version: String,
            /// Rancher version.
            rancher_version: String,
            /// The virtual IP of the cluster.
            vip: String,
            /// The nodes, sorted by name.
            nodes: Vec<NodeRecord>,
            /// Virtual machines by status, e.g. `Running: 12`, those on nodes that are not Ready apart. Only those in collected
            /// namespaces.
            virtual_machines: Vec<Count>,
            /// Longhorn volumes by robustness.
            volumes: Vec<Count>,
            /// Where replicas are, and in which state.
            replica_places: Vec<ReplicaPlace>,
            /// Longhorn volumes, at most 5,000, worst first.
            volume_list: Vec<VolumeRecord>,
            /// Longhorn disks, sorted by node and name.
            disks: Vec<DiskSummary>,
            /// What each CSI driver can do for VMs, sorted by name.
            csi_drivers: Vec<CsiDriverSummary>,
            /// Virtual machines whose storage chain is worth drawing: those that findings name, at most 50.
            chains: Vec<VmChain>,
            /// The Upgrade that is under way or failed last; absent if there is none.
            upgrade: Option<UpgradeProgress>,
            /// Cluster networks, sorted by name.
            networks: Vec<NetworkSummary>,
            /// Harvester settings whose value is not the default, sorted by name.
            settings: Vec<ChangedSetting>,
            /// Add-ons: name and status.
            addons: Vec<Count>,
            /// The backup target, without credentials; absent if none is set.
            backup_target: String,
        }
    }
}

record! {
    /// One node (host).
    NodeRecord {
        always {
            /// Its name.
            name: String,
            /// `Ready`, `NotReady` or `Unknown`.
            ready: String,
            /// What draining it would do.
            drain: DrainRecord,
            /// Its Longhorn disks together.
            storage: NodeStorage,
        }
        unless_empty {
            /// `management`, `worker`, `witness`, comma-separated.
            roles: String,
            /// Since when it is ready or not, RFC 3339.
            ready_since: String,
            /// Whether it is cordoned.
            unschedulable: bool,
            /// Names of pressure conditions that are True.
            pressure: Vec<String>,
            /// Operating system.
            os_image: String,
            /// Kernel version.
            kernel: String,
            /// kubelet version.
            kubelet: String,
            /// Internal IP.
            internal_ip: String,
            /// CPU cores as the node reports them.
            cpu: String,
            /// Memory in bytes.
            memory: u64,
            /// Whether it is a member of etcd.
            etcd: bool,
            /// Whether the bundle has the node's archive.
            archive: bool,
        }
    }
}

record! {
    /// What would happen if a node were drained at the time of the bundle.
    DrainRecord {
        always {
            /// The answer in a word.
            verdict: DrainVerdict,
        }
        unless_empty {
            /// What would block the drain or interrupt service, each a sentence without its full stop.
            blocked_by: Vec<String>,
            /// Virtual machines that would migrate to another node, sorted.
            moves: Vec<ObjectNumber>,
            /// Virtual machines that would be shut down, sorted.
            stops: Vec<ObjectNumber>,
            /// Longhorn volumes whose last healthy replica is on the node, whether or not that blocks the drain, sorted.
            last_replicas: Vec<String>,
            /// Whether etcd keeps its quorum while the node is down; absent if it cannot be determined.
            keeps_quorum: Option<bool>,
            /// What the bundle lacks to be sure, in words.
            missing: Vec<String>,
            /// What else to know, in one sentence.
            note: String,
        }
    }
}

record! {
    /// The most frequent value of each field that most volumes share; unknown texts are empty.
    VolumeDefaults {
        always {
            /// `attached`, `detached` …
            state: String,
            /// `healthy`, `degraded`, `faulted` or `unknown`.
            robustness: String,
            /// Size in bytes.
            size: u64,
            /// Where they are attached; empty if they are not.
            node: String,
            /// Longhorn's `Scheduled` condition: `True`, `False`, or empty if unknown.
            scheduled: String,
            /// When they were created, RFC 3339; empty if unknown.
            created_at: String,
            /// Wanted replicas.
            wanted_replicas: u64,
        }
        unless_empty {}
    }
}

record! {
    /// One Longhorn volume. What it leaves out is as `volumeDefaults` says.
    VolumeRecord {
        always {
            /// Its name.
            name: String,
        }
        unless_empty {
            /// `attached`, `detached` …
            state: Option<String>,
            /// `healthy`, `degraded`, `faulted` or `unknown`.
            robustness: Option<String>,
            /// Size in bytes.
            size: Option<u64>,
            /// Where it is attached; empty if it is not.
            node: Option<String>,
            /// `namespace/name` of its PVC; absent, whatever the defaults say, if it has none.
            pvc: String,
            /// The virtual machine or workload that uses it; absent if none does.
            workload: String,
            /// Longhorn's `Scheduled` condition: `True`, `False`, or empty if unknown.
            scheduled: Option<String>,
            /// When it was created, RFC 3339; empty if unknown.
            created_at: Option<String>,
            /// Wanted replicas.
            wanted_replicas: Option<u64>,
            /// Replicas as they are.
            replicas: Vec<ReplicaRecord>,
        }
    }
}

/// One replica of a volume: its name, where `*` at the beginning stands for the name of the volume, and the place of its
/// `replicaPlaces` entry, from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReplicaRecord(String, usize);

record! {
    /// Where replicas are, and in which state.
    #[derive(Eq, PartialOrd, Ord)]
    ReplicaPlace {
        always {
            /// `healthy`, `rebuilding`, `failed`, `stopped`, or `unreachable` where it ran on a node that is not Ready now.
            state: String,
        }
        unless_empty {
            /// The node; absent if it is unscheduled.
            node: String,
            /// The disk's path.
            disk: String,
        }
    }
}

impl ClusterRecord {
    pub(crate) fn new<'r>(cluster: &'r ClusterSummary, numbers: &mut Numbers<'r>) -> ClusterRecord {
        let defaults = VolumeDefaults::new(&cluster.volume_list);
        let replicas = cluster.volume_list.iter().flat_map(|volume| &volume.replicas);
        let places: BTreeSet<ReplicaPlace> = replicas.map(ReplicaPlace::new).collect();
        let places: Vec<ReplicaPlace> = places.into_iter().collect();
        let volumes = cluster.volume_list.iter();
        ClusterRecord {
            node_count: cluster.node_count,
            harvester_version: cluster.harvester_version.clone(),
            harvester_version_source: cluster.harvester_version_source.clone(),
            longhorn_version: cluster.longhorn_version.clone(),
            kubernetes_version: cluster.kubernetes_version.clone(),
            kubevirt_version: cluster.kubevirt_version.clone(),
            rancher_version: cluster.rancher_version.clone(),
            vip: cluster.vip.clone(),
            nodes: cluster
                .nodes
                .iter()
                .map(|node| NodeRecord::new(node, numbers))
                .collect(),
            virtual_machines: cluster.virtual_machines.clone(),
            volumes: cluster.volumes.clone(),
            volume_list: volumes
                .map(|volume| VolumeRecord::new(volume, &defaults, &places))
                .collect(),
            volume_defaults: defaults,
            replica_places: places,
            disks: cluster.disks.clone(),
            csi_drivers: cluster.csi_drivers.clone(),
            chains: cluster.chains.clone(),
            upgrade: cluster.upgrade.clone(),
            networks: cluster.networks.clone(),
            settings: cluster.settings.clone(),
            addons: cluster.addons.clone(),
            backup_target: cluster.backup_target.clone(),
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<ClusterSummary, Broken> {
        let (defaults, places) = (&self.volume_defaults, &self.replica_places);
        let volume = |volume: VolumeRecord| volume.read(defaults, places, objects.budget());
        Ok(ClusterSummary {
            harvester_version: self.harvester_version,
            harvester_version_source: self.harvester_version_source,
            longhorn_version: self.longhorn_version,
            kubernetes_version: self.kubernetes_version,
            kubevirt_version: self.kubevirt_version,
            rancher_version: self.rancher_version,
            vip: self.vip,
            node_count: self.node_count,
            nodes: read_list("nodes", self.nodes, |node| node.read(objects))?,
            virtual_machines: self.virtual_machines,
            volumes: self.volumes,
            volume_list: read_list("volumeList", self.volume_list, volume)?,
            disks: self.disks,
            csi_drivers: self.csi_drivers,
            chains: self.chains,
            upgrade: self.upgrade,
            networks: self.networks,
            settings: self.settings,
            addons: self.addons,
            backup_target: self.backup_target,
        })
    }
}

impl NodeRecord {
    fn new<'r>(node: &'r NodeSummary, numbers: &mut Numbers<'r>) -> NodeRecord {
        NodeRecord {
            name: node.name.clone(),
            ready: node.ready.clone(),
            drain: DrainRecord::new(&node.drain, numbers),
            storage: node.storage.clone(),
            roles: node.roles.clone(),
            ready_since: node.ready_since.clone(),
            unschedulable: node.unschedulable,
            pressure: node.pressure.clone(),
            os_image: node.os_image.clone(),
            kernel: node.kernel.clone(),
            kubelet: node.kubelet.clone(),
            internal_ip: node.internal_ip.clone(),
            cpu: node.cpu.clone(),
            memory: node.memory,
            etcd: node.etcd,
            archive: node.archive,
        }
    }

    fn read(self, objects: &Objects) -> Result<NodeSummary, Broken> {
        Ok(NodeSummary {
            name: self.name,
            roles: self.roles,
            ready: self.ready,
            ready_since: self.ready_since,
            unschedulable: self.unschedulable,
            pressure: self.pressure,
            os_image: self.os_image,
            kernel: self.kernel,
            kubelet: self.kubelet,
            internal_ip: self.internal_ip,
            cpu: self.cpu,
            memory: self.memory,
            etcd: self.etcd,
            archive: self.archive,
            drain: self.drain.read(objects).map_err(|broken| broken.within("drain"))?,
            storage: self.storage,
        })
    }
}

impl DrainRecord {
    fn new<'r>(drain: &'r DrainForecast, numbers: &mut Numbers<'r>) -> DrainRecord {
        DrainRecord {
            verdict: drain.verdict,
            blocked_by: drain.blocked_by.clone(),
            moves: numbers.of_all(&drain.moves),
            stops: numbers.of_all(&drain.stops),
            last_replicas: drain.last_replicas.clone(),
            keeps_quorum: drain.keeps_quorum,
            missing: drain.missing.clone(),
            note: drain.note.clone(),
        }
    }

    fn read(self, objects: &Objects) -> Result<DrainForecast, Broken> {
        Ok(DrainForecast {
            verdict: self.verdict,
            blocked_by: self.blocked_by,
            moves: objects.get_all("moves", self.moves)?,
            stops: objects.get_all("stops", self.stops)?,
            last_replicas: self.last_replicas,
            keeps_quorum: self.keeps_quorum,
            missing: self.missing,
            note: self.note,
        })
    }
}

impl VolumeDefaults {
    fn new(volumes: &[VolumeSummary]) -> VolumeDefaults {
        let volumes = volumes.iter();
        VolumeDefaults {
            state: most_frequent(volumes.clone().map(|volume| &volume.state)),
            robustness: most_frequent(volumes.clone().map(|volume| &volume.robustness)),
            size: most_frequent(volumes.clone().map(|volume| &volume.size)),
            node: most_frequent(volumes.clone().map(|volume| &volume.node)),
            scheduled: most_frequent(volumes.clone().map(|volume| &volume.scheduled)),
            created_at: most_frequent(volumes.clone().map(|volume| &volume.created_at)),
            wanted_replicas: most_frequent(volumes.map(|volume| &volume.wanted_replicas)),
        }
    }
}

/// The value that occurs most often, the least of several; empty where there is none.
fn most_frequent<'v, T: Ord + Clone + Default + 'v>(values: impl Iterator<Item = &'v T>) -> T {
    let mut counts: BTreeMap<&T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(value, count)| (*count, Reverse(*value)));
    most.map(|(value, _)| value.clone()).unwrap_or_default()
}

impl VolumeRecord {
    fn new(volume: &VolumeSummary, defaults: &VolumeDefaults, places: &[ReplicaPlace]) -> VolumeRecord {
        let replicas = volume.replicas.iter();
        VolumeRecord {
            name: volume.name.clone(),
            state: unless(&volume.state, &defaults.state),
            robustness: unless(&volume.robustness, &defaults.robustness),
            size: unless(&volume.size, &defaults.size),
            node: unless(&volume.node, &defaults.node),
            pvc: volume.pvc.clone(),
            workload: volume.workload.clone(),
            scheduled: unless(&volume.scheduled, &defaults.scheduled),
            created_at: unless(&volume.created_at, &defaults.created_at),
            wanted_replicas: unless(&volume.wanted_replicas, &defaults.wanted_replicas),
            replicas: replicas
                .map(|replica| ReplicaRecord::new(replica, &volume.name, places))
                .collect(),
        }
    }

    fn read(
        self,
        defaults: &VolumeDefaults,
        places: &[ReplicaPlace],
        budget: &Budget,
    ) -> Result<VolumeSummary, Broken> {
        budget.take(&[
            &defaults.state,
            &defaults.robustness,
            &defaults.node,
            &defaults.scheduled,
            &defaults.created_at,
        ])?;
        let replicas = read_list("replicas", self.replicas, |replica| {
            replica.read(&self.name, places, budget)
        })?;
        Ok(VolumeSummary {
            state: self.state.unwrap_or_else(|| defaults.state.clone()),
            robustness: self.robustness.unwrap_or_else(|| defaults.robustness.clone()),
            size: self.size.unwrap_or(defaults.size),
            node: self.node.unwrap_or_else(|| defaults.node.clone()),
            pvc: self.pvc,
            workload: self.workload,
            scheduled: self.scheduled.unwrap_or_else(|| defaults.scheduled.clone()),
            created_at: self.created_at.unwrap_or_else(|| defaults.created_at.clone()),
            wanted_replicas: self.wanted_replicas.unwrap_or(defaults.wanted_replicas),
            replicas,
            name: self.name,
        })
    }
}

/// A value that is not the default.
fn unless<T: PartialEq + Clone>(value: &T, default: &T) -> Option<T> {
    (value != default).then(|| value.clone())
}

impl ReplicaRecord {
    fn new(replica: &ReplicaSummary, volume: &str, places: &[ReplicaPlace]) -> ReplicaRecord {
        let place = places.binary_search(&ReplicaPlace::new(replica)).unwrap_or_default();
        ReplicaRecord(shorten(&replica.name, volume), place)
    }

    fn read(self, volume: &str, places: &[ReplicaPlace], budget: &Budget) -> Result<ReplicaSummary, Broken> {
        let place = look_up(places, self.1, "replica place")?;
        budget.take(&[volume, &place.node, &place.disk, &place.state])?;
        Ok(ReplicaSummary {
            name: lengthen(&self.0, volume),
            node: place.node.clone(),
            disk: place.disk.clone(),
            state: place.state.clone(),
        })
    }
}

/// A name with `*` for the name of the volume that it begins with. A name that begins with `*` itself gets another one.
fn shorten(name: &str, volume: &str) -> String {
    match name.strip_prefix(volume) {
        Some(rest) if !rest.starts_with('*') => format!("*{rest}"),
        _ if name.starts_with('*') => format!("*{name}"),
        _ => name.to_owned(),
    }
}

/// The name that was shortened.
fn lengthen(name: &str, volume: &str) -> String {
    match name.strip_prefix('*') {
        Some(rest) if rest.starts_with('*') => rest.to_owned(),
        Some(rest) => format!("{volume}{rest}"),
        None => name.to_owned(),
    }
}

impl ReplicaPlace {
    fn new(replica: &ReplicaSummary) -> ReplicaPlace {
        ReplicaPlace {
            state: replica.state.clone(),
            node: replica.node.clone(),
            disk: replica.disk.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_replicas_are_shortened_and_whatever_they_are_read_back() {
        assert_eq!(shorten("pvc-1-r-12ab", "pvc-1"), "*-r-12ab");
        for name in [
            "pvc-1-r-12ab",
            "pvc-1",
            "other",
            "",
            "*",
            "*-r",
            "**",
            "pvc-1*",
            "pvc-1**x",
        ] {
            for volume in ["pvc-1", "", "*", "**"] {
                assert_eq!(lengthen(&shorten(name, volume), volume), name, "{name} of {volume}");
            }
        }
    }

    #[test]
    fn the_most_frequent_value_is_the_least_of_several() {
        assert_eq!(most_frequent(["b", "a", "c", "b", "a"].map(str::to_owned).iter()), "a");
        assert_eq!(most_frequent([3, 1, 3].iter()), 3);
        assert_eq!(most_frequent::<u64>([].iter()), 0);
    }
}
