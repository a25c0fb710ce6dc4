//! What the CSI drivers of the cluster can do: snapshot, back up, clone and expand the volumes of VMs.

use gleaner_cluster::harvester::setting;
use gleaner_cluster::{Object, Snapshot, VersionRange};
use gleaner_report::{Answer, Capability, CsiDriverSummary};
use gleaner_yaml::{Node, embedded_json};
use std::collections::{BTreeMap, BTreeSet};

/// Longhorn's driver.
const LONGHORN: &str = "driver.longhorn.io";

/// Releases whose webhook refuses backups of volumes that are not Longhorn's. Later ones accept them where a class is configured, but
/// the backups stay snapshots in the cluster: only those of Longhorn are uploaded to the backup target. Source: harvester/harvester
/// v1.5.0 and v1.8.2, pkg/webhook/util/snapshot.go `defaultAbility`; v1.9.0-rc6, `ValidateProvisionerAndConfig` there and
/// pkg/backup/engine/longhorn.
const REFUSES_BACKUPS: &str = "<1.9.0";

/// The drivers, by name: those that are registered, that a StorageClass or a PV uses, or that csi-driver-config names.
pub(super) fn drivers(snapshot: &Snapshot<'_>) -> Vec<CsiDriverSummary> {
    let cluster = &snapshot.cluster;
    let config = embedded_json(setting::harvester(cluster, "csi-driver-config"));
    let classes = by_provisioner(cluster.of("StorageClass.storage.k8s.io"));
    let registered: BTreeSet<&str> = cluster
        .of("CSIDriver.storage.k8s.io")
        .iter()
        .map(Object::name)
        .collect();
    let used = cluster.of("PersistentVolume").iter();
    let used = used.map(|volume| volume.root.text(&["spec", "csi", "driver"]));
    let configured = config.iter().flat_map(|config| config.entries().map(|(name, _)| name));
    // In-tree and static provisioners are no CSI drivers.
    let provisioners = classes
        .keys()
        .copied()
        .filter(|name| !name.starts_with("kubernetes.io/"));
    let mut names: BTreeSet<&str> = registered
        .iter()
        .copied()
        .chain(used)
        .chain(configured)
        .chain(provisioners)
        .collect();
    names.remove("");
    let cluster = Drivers {
        snapshot,
        config: config.as_ref(),
    };
    let summary = |name: &&str| {
        let classes = classes.get(name).map_or(&[][..], Vec::as_slice);
        CsiDriverSummary {
            name: (*name).to_owned(),
            registered: registered.contains(name),
            storage_classes: classes.iter().map(|class| class.name().to_owned()).collect(),
            snapshot: cluster.snapshot(name),
            backup: cluster.backup(name),
            clone: cluster.clone(classes),
            expand: cluster.expand(classes),
        }
    };
    names.iter().map(summary).collect()
}

fn by_provisioner<'c>(classes: &'c [Object<'c>]) -> BTreeMap<&'c str, Vec<&'c Object<'c>>> {
    let mut by_provisioner: BTreeMap<&str, Vec<&Object<'_>>> = BTreeMap::new();
    for class in classes {
        by_provisioner
            .entry(class.root.text(&["provisioner"]))
            .or_default()
            .push(class);
    }
    by_provisioner
}

/// What decides about drivers.
struct Drivers<'c> {
    snapshot: &'c Snapshot<'c>,
    config: Option<&'c Node<'c>>,
}

fn yes(reason: impl Into<String>) -> Capability {
    capability(Answer::Yes, reason)
}

fn no(reason: impl Into<String>) -> Capability {
    capability(Answer::No, reason)
}

fn unknown(reason: impl Into<String>) -> Capability {
    capability(Answer::Unknown, reason)
}

fn capability(answer: Answer, reason: impl Into<String>) -> Capability {
    let reason = reason.into();
    Capability { answer, reason }
}

impl Drivers<'_> {
    fn is_complete(&self, kind: &str) -> bool {
        let kind = self.snapshot.cluster.kinds.by_name(kind);
        kind.is_some_and(|kind| self.snapshot.availability.is_complete(kind))
    }

    /// A snapshot needs a VolumeSnapshotClass of the driver that csi-driver-config names.
    fn snapshot(&self, driver: &str) -> Capability {
        self.class(driver, "volumeSnapshotClassName")
    }

    /// A backup needs a class as well; the class `longhorn` of Longhorn's backups is not in every bundle of a cluster without a target.
    fn backup(&self, driver: &str) -> Capability {
        let running = gleaner_cluster::Version::parse(&self.snapshot.facts.running);
        let only_longhorn = VersionRange::parse(REFUSES_BACKUPS).ok();
        let only_longhorn = only_longhorn.and_then(|range| range.matches(&running));
        match (driver == LONGHORN, only_longhorn) {
            (false, Some(true)) => no("Harvester backs up Longhorn volumes only"),
            (false, None) => unknown("the Harvester version is not known"),
            (false, Some(false)) => {
                no("Harvester uploads backups of Longhorn volumes only; others stay snapshots in the cluster")
            }
            (true, _) => self.class(driver, "backupVolumeSnapshotClassName"),
        }
    }

    /// Whether csi-driver-config names a class for a driver, which exists and is the driver's own.
    fn class(&self, driver: &str, key: &str) -> Capability {
        if !self.is_complete("Setting.harvesterhci.io") {
            return unknown("the Harvester settings are not in the bundle");
        }
        let Some(config) = self.config else {
            return unknown("the setting csi-driver-config is not in the bundle");
        };
        let Some(entry) = config.get(driver) else {
            return no("csi-driver-config has no entry for the driver");
        };
        let name = entry.text(&[key]);
        if name.is_empty() {
            return no(format!("csi-driver-config has no {key} for the driver"));
        }
        let found = self
            .snapshot
            .cluster
            .named("VolumeSnapshotClass.snapshot.storage.k8s.io", "", name);
        match found.map(|class| class.root.text(&["driver"])) {
            Some(own) if own == driver => yes(format!("VolumeSnapshotClass {name}")),
            Some(other) => no(format!("VolumeSnapshotClass {name} belongs to {other}")),
            None if self.is_complete("VolumeSnapshotClass.snapshot.storage.k8s.io") => {
                no(format!("VolumeSnapshotClass {name} does not exist"))
            }
            None => unknown("the VolumeSnapshotClasses are not in the bundle"),
        }
    }

    /// How CDI clones volumes of the classes: by the driver, from a snapshot, or by copying all data through pods.
    fn clone(&self, classes: &[&Object<'_>]) -> Capability {
        let strategy = |class: &&Object<'_>| {
            let profile = self
                .snapshot
                .cluster
                .named("StorageProfile.cdi.kubevirt.io", "", class.name());
            profile.map_or("", |profile| match profile.root.text(&["status", "cloneStrategy"]) {
                "" => profile.root.text(&["spec", "cloneStrategy"]),
                strategy => strategy,
            })
        };
        let strategies: BTreeSet<&str> = classes.iter().map(strategy).collect();
        match strategies.iter().copied().collect::<Vec<_>>().as_slice() {
            [] => unknown("no StorageClass uses the driver"),
            [""] => unknown("no StorageProfile names a clone strategy"),
            ["copy"] => yes("host-assisted copy"),
            _ => yes(strategies
                .into_iter()
                .filter(|strategy| !strategy.is_empty())
                .collect::<Vec<_>>()
                .join(", ")),
        }
    }

    fn expand(&self, classes: &[&Object<'_>]) -> Capability {
        let allows =
            |class: &&&Object<'_>| class.root.get("allowVolumeExpansion").and_then(Node::as_bool) == Some(true);
        let allowing = classes.iter().filter(allows).count();
        match (allowing, classes.len()) {
            (_, 0) => unknown("no StorageClass uses the driver"),
            (0, _) => no("allowVolumeExpansion is not true"),
            (some, all) if some == all => yes("allowVolumeExpansion"),
            (some, all) => capability(
                Answer::Partly,
                format!("allowVolumeExpansion in {some} of {all} StorageClasses"),
            ),
        }
    }
}
