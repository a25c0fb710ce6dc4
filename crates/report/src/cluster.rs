//! The cluster as the report shows it: versions, nodes, volumes, disks, and the chains of virtual machines.

use crate::capacity::{DrainForecast, NodeStorage};
use crate::progress::UpgradeProgress;
use crate::settings::{ChangedSetting, NetworkSummary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cluster in a few facts. Unknown texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSummary {
    /// Running Harvester version, e.g. `v1.5.0`.
    pub harvester_version: String,
    /// Where the running version was read: for example `Setting server-version`.
    pub harvester_version_source: String,
    /// Longhorn version, e.g. `v1.8.1`.
    pub longhorn_version: String,
    /// Kubernetes version, e.g. `v1.32.4+rke2r1`.
    pub kubernetes_version: String,
    /// KubeVirt version.
    pub kubevirt_version: String,
    /// Rancher version.
    pub rancher_version: String,
    /// The virtual IP of the cluster.
    pub vip: String,
    /// How many nodes there are, the witness among them.
    pub node_count: usize,
    /// The nodes, sorted by name.
    pub nodes: Vec<NodeSummary>,
    /// Virtual machines by status, e.g. `Running: 12`, those on nodes that are not Ready apart. Only those in collected namespaces.
    pub virtual_machines: Vec<Count>,
    /// Longhorn volumes by robustness.
    pub volumes: Vec<Count>,
    /// Longhorn volumes, at most 5,000, worst first.
    pub volume_list: Vec<VolumeSummary>,
    /// Longhorn disks, sorted by node and name.
    pub disks: Vec<DiskSummary>,
    /// What each CSI driver can do for VMs, sorted by name.
    #[serde(default)]
    pub csi_drivers: Vec<CsiDriverSummary>,
    /// Virtual machines whose storage chain is worth drawing: those that findings name, at most 50.
    pub chains: Vec<VmChain>,
    /// The Upgrade that is under way or failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<UpgradeProgress>,
    /// Cluster networks, sorted by name.
    #[serde(default)]
    pub networks: Vec<NetworkSummary>,
    /// Harvester settings whose value is not the default, sorted by name.
    #[serde(default)]
    pub settings: Vec<ChangedSetting>,
    /// Add-ons: name and status.
    pub addons: Vec<Count>,
    /// The backup target, without credentials; empty if none is set.
    pub backup_target: String,
}

/// A label with a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: u64,
}

/// One node (host).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeSummary {
    /// Its name.
    pub name: String,
    /// `management`, `worker`, `witness`, comma-separated.
    pub roles: String,
    /// `Ready`, `NotReady` or `Unknown`.
    pub ready: String,
    /// Since when, RFC 3339.
    pub ready_since: String,
    /// Whether it is cordoned.
    pub unschedulable: bool,
    /// Names of pressure conditions that are True.
    pub pressure: Vec<String>,
    /// Operating system.
    pub os_image: String,
    /// Kernel version.
    pub kernel: String,
    /// kubelet version.
    pub kubelet: String,
    /// Internal IP.
    pub internal_ip: String,
    /// CPU cores as the node reports them.
    pub cpu: String,
    /// Memory in bytes.
    pub memory: u64,
    /// Whether it is a member of etcd.
    #[serde(default)]
    pub etcd: bool,
    /// Whether the bundle has the node's archive.
    pub archive: bool,
    /// What draining it would do.
    #[serde(default)]
    pub drain: DrainForecast,
    /// Its Longhorn disks together.
    #[serde(default)]
    pub storage: NodeStorage,
}

/// One Longhorn volume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeSummary {
    /// Its name.
    pub name: String,
    /// attached, detached …
    pub state: String,
    /// healthy, degraded, faulted, unknown.
    pub robustness: String,
    /// Size in bytes.
    pub size: u64,
    /// Where it is attached; empty if it is not.
    pub node: String,
    /// `namespace/name` of its PVC.
    pub pvc: String,
    /// The virtual machine or workload that uses it.
    pub workload: String,
    /// Longhorn's `Scheduled` condition: `True`, `False`, or empty if unknown.
    #[serde(default)]
    pub scheduled: String,
    /// When it was created, RFC 3339; empty if unknown.
    #[serde(default)]
    pub created_at: String,
    /// Wanted replicas.
    pub wanted_replicas: u64,
    /// Replicas as they are.
    pub replicas: Vec<ReplicaSummary>,
}

/// One replica of a volume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaSummary {
    /// Its name.
    pub name: String,
    /// The node it is on; empty if unscheduled.
    pub node: String,
    /// The disk's path.
    pub disk: String,
    /// `healthy`, `rebuilding`, `failed`, `stopped`, or `unreachable` where it ran on a node that is not Ready now.
    pub state: String,
}

/// One Longhorn disk. Sizes in bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiskSummary {
    /// The node.
    pub node: String,
    /// The disk's name in the Longhorn node.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Size.
    pub maximum: u64,
    /// Free.
    pub available: u64,
    /// Scheduled for replicas.
    pub scheduled: u64,
    /// Kept free by setting.
    pub reserved: u64,
    /// How much Longhorn may schedule on it in total, by the over-provisioning setting; absent if the setting is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Whether new replicas may be placed on it: the disk and its node take them.
    pub schedulable: bool,
    /// Whether its condition is Ready.
    pub ready: bool,
}

/// The way from a virtual machine down to its hosts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VmChain {
    /// `namespace/name`.
    pub vm: String,
    /// Its status, e.g. `Running`.
    pub status: String,
    /// Where it runs; empty if it does not.
    pub node: String,
    /// Its volumes: `namespace/name` of the PVC and the name of the Longhorn volume (see `volumeList`).
    pub volumes: Vec<VmVolume>,
}

/// One disk of a virtual machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VmVolume {
    /// `namespace/name` of the PVC.
    pub pvc: String,
    /// The Longhorn volume; empty if it is another driver's.
    pub volume: String,
    /// The CSI driver.
    pub driver: String,
}

/// What a CSI driver can do for the disks of VMs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CsiDriverSummary {
    /// The name of the driver, e.g. `driver.longhorn.io`.
    pub name: String,
    /// Whether there is a CSIDriver object of that name.
    pub registered: bool,
    /// The StorageClasses that use it, sorted.
    pub storage_classes: Vec<String>,
    /// VM and volume snapshots.
    pub snapshot: Capability,
    /// VM backups to the backup target.
    pub backup: Capability,
    /// Clones of volumes.
    pub clone: Capability,
    /// Expansion of volumes.
    pub expand: Capability,
}

/// Whether something is possible, and what decides it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// The answer.
    pub answer: Answer,
    /// The object or rule that decides, as a lower-case fragment.
    pub reason: String,
}

/// Whether something is possible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It is.
    Yes,
    /// For some StorageClasses only.
    Partly,
    /// It is not.
    No,
    /// It cannot be determined from the bundle.
    #[default]
    Unknown,
}

impl Answer {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::Partly => "partly",
            Answer::No => "no",
            Answer::Unknown => "unknown",
        }
    }
}
