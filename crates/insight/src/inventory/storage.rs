//! Volumes, replicas and disks of the summary.

use gleaner_cluster::Object;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::{Replica, ReplicaState, Volume, Workload, condition_status, down_nodes, setting};
use gleaner_report::{DiskSummary, NodeStorage, ReplicaSummary, VolumeSummary};
use gleaner_yaml::FieldPath;
use gleaner_yaml::Node;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// How many volumes a report lists.
const MOST_VOLUMES: usize = 5_000;

/// The Longhorn volumes, worst first.
pub(super) fn volumes(snapshot: &Snapshot<'_>) -> Vec<VolumeSummary> {
    let mut volumes: Vec<&Object<'_>> = snapshot.cluster.of("Volume.longhorn.io").iter().collect();
    let rank = |volume: &Object<'_>| match Volume::of(volume).robustness() {
        "faulted" => 0,
        "degraded" => 1,
        "healthy" => 3,
        _ => 2,
    };
    volumes.sort_by_key(|volume| (rank(volume), volume.name()));
    volumes.truncate(MOST_VOLUMES);
    let edge = volumes
        .first()
        .and_then(|volume| snapshot.graph.find("replicas", volume.kind));
    let of = |volume: &Object<'_>| -> Vec<&Object<'_>> {
        let replicas = edge.map(|edge| snapshot.follow(edge, volume));
        replicas.into_iter().flatten().collect()
    };
    let down = down_nodes(&snapshot.cluster);
    volumes
        .par_iter()
        .map(|object| volume(object, &of(object), &down))
        .collect()
}

/// The state of a replica: one on a node that is down does not answer, whatever Longhorn reported last.
fn replica(object: &Object<'_>, down: &BTreeSet<&str>) -> ReplicaSummary {
    let replica = Replica::of(object);
    let state = match replica.state() {
        ReplicaState::Healthy | ReplicaState::Rebuilding if down.contains(replica.node()) => "unreachable",
        state => state.as_str(),
    };
    ReplicaSummary {
        name: object.name().to_owned(),
        node: replica.node().to_owned(),
        disk: replica.disk_path().to_owned(),
        state: state.to_owned(),
    }
}

fn number(node: Option<&Node<'_>>) -> u64 {
    node.and_then(Node::as_int)
        .and_then(|number| u64::try_from(number).ok())
        .unwrap_or(0)
}

fn volume(object: &Object<'_>, replicas: &[&Object<'_>], down: &BTreeSet<&str>) -> VolumeSummary {
    let root = &object.root;
    let volume = Volume::of(object);
    let workload = volume.workload();
    let pvc = workload.filter(|workload| !workload.pvc().is_empty());
    let pvc = pvc.map(|workload| format!("{}/{}", workload.namespace(), workload.pvc()));
    let current = workload.filter(|workload| workload.is_current());
    let name = current.and_then(|workload| workload.names().next_back());
    VolumeSummary {
        name: object.name().to_owned(),
        state: volume.state().to_owned(),
        robustness: volume.robustness().to_owned(),
        size: volume.size(),
        node: volume.node().to_owned(),
        pvc: pvc.unwrap_or_default(),
        workload: name.unwrap_or_default().to_owned(),
        scheduled: condition_status(root, "Scheduled").to_owned(),
        created_at: root.text(&["metadata", "creationTimestamp"]).to_owned(),
        wanted_replicas: volume.wanted_replicas(),
        replicas: replicas.iter().map(|object| replica(object, down)).collect(),
    }
}

/// The disks of all Longhorn nodes, by node and name.
pub(super) fn disks(snapshot: &Snapshot<'_>) -> Vec<DiskSummary> {
    let mut disks = Vec::new();
    let percentage = setting::longhorn(&snapshot.cluster, "storage-over-provisioning-percentage");
    let percentage = percentage.and_then(|text| text.parse::<u64>().ok());
    for node in snapshot.cluster.of("Node.longhorn.io") {
        let specs = node.root.at(&["spec", "disks"]);
        for (name, status) in node
            .root
            .at(&["status", "diskStatus"])
            .into_iter()
            .flat_map(Node::entries)
        {
            let mut disk = disk(node.name(), name, specs.and_then(|specs| specs.get(name)), status);
            disk.limit = percentage.map(|percentage| limit(disk.maximum, disk.reserved, percentage));
            disk.schedulable &= takes_replicas(node);
            disks.push(disk);
        }
    }
    disks.sort_by(|a, b| (&a.node, &a.name).cmp(&(&b.node, &b.name)));
    disks
}

/// Whether Longhorn schedules replicas on a node: scheduling is not disabled, and the node is ready and not cordoned.
fn takes_replicas(node: &Object<'_>) -> bool {
    let failed = |wanted: &str| condition_status(&node.root, wanted) == "False";
    let allowed = node.root.at(&["spec", "allowScheduling"]).and_then(Node::as_bool);
    allowed != Some(false) && !failed("Ready") && !failed("Schedulable")
}

/// How much Longhorn schedules on a disk at most: a percentage of the storage that is not reserved.
fn limit(maximum: u64, reserved: u64, percentage: u64) -> u64 {
    let bytes = u128::from(maximum.saturating_sub(reserved)) * u128::from(percentage) / 100;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn disk(node: &str, name: &str, spec: Option<&Node<'_>>, status: &Node<'_>) -> DiskSummary {
    let condition = |wanted: &str| condition_status(status, wanted) == "True";
    let bytes = |key: &str| number(status.get(key));
    DiskSummary {
        node: node.to_owned(),
        name: name.to_owned(),
        path: spec.map_or("", |spec| spec.text(&["path"])).to_owned(),
        maximum: bytes("storageMaximum"),
        available: bytes("storageAvailable"),
        scheduled: bytes("storageScheduled"),
        reserved: number(spec.and_then(|spec| spec.get("storageReserved"))),
        limit: None,
        schedulable: condition("Schedulable")
            && spec
                .and_then(|spec| spec.get("allowScheduling"))
                .and_then(Node::as_bool)
                != Some(false),
        ready: condition("Ready"),
    }
}

/// The PVs of a cluster by their claim, `(namespace, name)`.
pub(super) type Claims<'s> = BTreeMap<(&'s str, &'s str), &'s Object<'s>>;

/// The PVs by their claim. Of several that name one claim the last one counts.
pub(super) fn claims<'s>(snapshot: &'s Snapshot<'_>) -> Claims<'s> {
    let volumes = snapshot.cluster.of("PersistentVolume").iter();
    let claimed = volumes.map(|volume| {
        let claim = ["namespace", "name"].map(|key| volume.root.text(&["spec", "claimRef", key]));
        (claim.into(), volume)
    });
    claimed.collect()
}

/// Where a VM or its instance names its PVCs.
static PVCS: LazyLock<Vec<FieldPath>> = LazyLock::new(|| {
    let paths = [
        "spec.template.spec.volumes[*].persistentVolumeClaim.claimName",
        "spec.template.spec.volumes[*].dataVolume.name",
        "spec.volumes[*].persistentVolumeClaim.claimName",
        "spec.volumes[*].dataVolume.name",
    ];
    paths.into_iter().flat_map(FieldPath::parse).collect()
});

/// The PVCs of a VM, each with its Longhorn volume and its CSI driver. Where the VM was not collected, they are those that
/// Longhorn volumes record for it.
pub(super) fn pvcs_of(
    snapshot: &Snapshot<'_>,
    claims: &Claims<'_>,
    vm: Option<&Object<'_>>,
    (namespace, name): (&str, &str),
) -> Vec<(String, String, String)> {
    let mut pvcs: BTreeMap<String, (String, String)> = BTreeMap::new();
    let Some(vm) = vm else {
        for volume in snapshot.cluster.of("Volume.longhorn.io") {
            let Some(workload) = Workload::of(volume) else { continue };
            if workload.namespace() == namespace && workload.names().any(|used_by| used_by == name) {
                let driver = "driver.longhorn.io".to_owned();
                pvcs.insert(workload.pvc().to_owned(), (volume.name().to_owned(), driver));
            }
        }
        return in_order(pvcs);
    };
    for pvc in PVCS.iter().flat_map(|path| path.values(&vm.root)) {
        let pvc = pvc.text();
        let found = claims.get(&(namespace, &pvc)).map(|volume| {
            let driver = volume.root.text(&["spec", "csi", "driver"]);
            let handle = volume.root.text(&["spec", "csi", "volumeHandle"]);
            let longhorn = if driver == "driver.longhorn.io" { handle } else { "" };
            (longhorn.to_owned(), driver.to_owned())
        });
        pvcs.insert(pvc.into_owned(), found.unwrap_or_default());
    }
    in_order(pvcs)
}

fn in_order(pvcs: BTreeMap<String, (String, String)>) -> Vec<(String, String, String)> {
    let pvcs = pvcs.into_iter();
    pvcs.map(|(pvc, (volume, driver))| (pvc, volume, driver)).collect()
}

/// The totals of the Longhorn disks of one node.
pub(super) fn total<'d>(disks: impl Iterator<Item = &'d DiskSummary>) -> NodeStorage {
    let add = |sum: Option<u64>, more: Option<u64>| Some(sum?.saturating_add(more?));
    let start = NodeStorage {
        limit: Some(0),
        room: Some(0),
        ..NodeStorage::default()
    };
    let sum = disks.fold(start, |sum, disk| {
        let takes = disk.ready && disk.schedulable;
        let room = disk.limit.map(|limit| limit.saturating_sub(disk.scheduled));
        NodeStorage {
            disks: sum.disks + 1,
            maximum: sum.maximum.saturating_add(disk.maximum),
            available: sum.available.saturating_add(disk.available),
            scheduled: sum.scheduled.saturating_add(disk.scheduled),
            reserved: sum.reserved.saturating_add(disk.reserved),
            limit: add(sum.limit, disk.limit),
            room: if takes { add(sum.room, room) } else { sum.room },
        }
    });
    if sum.limit.is_none() {
        return NodeStorage { room: None, ..sum };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_limit_leaves_on_disks_that_take_replicas() {
        let disk = |scheduled, schedulable, limit| DiskSummary {
            maximum: 100,
            scheduled,
            schedulable,
            ready: true,
            limit,
            ..DiskSummary::default()
        };
        let of = |disks: &[DiskSummary]| total(disks.iter());
        let sum = of(&[
            disk(30, true, Some(80)),
            disk(10, false, Some(80)),
            disk(90, true, Some(80)),
        ]);
        assert_eq!(
            (sum.disks, sum.scheduled, sum.limit, sum.room),
            (3, 130, Some(240), Some(50))
        );
        let unknown = of(&[disk(30, true, Some(80)), disk(10, false, None)]);
        assert_eq!((unknown.limit, unknown.room), (None, None));
        assert_eq!(of(&[]).room, Some(0));
    }
}
