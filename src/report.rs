//! The result of one analysis, as data: what every renderer reads, and all that it may read.
//!
//! Serialised as JSON it is the schema `gleaner.report/v1`. Additions are allowed inside v1; nothing is renamed or removed.
//! Everything in it is sorted and free of the wall clock, so the same bundle gives the same bytes.

mod capacity;
mod causes;
mod facts;
mod gitlab;
mod html;
mod json;
mod jsonl;
mod junit;
mod md;
mod narrowed;
mod render;
mod safe;
mod sarif;
mod scope;
mod text;
mod units;

pub use capacity::{DrainForecast, DrainVerdict};
pub use json::{ReadError, from_json, json_schema};
pub use render::{Flavor, Format, RenderError, RenderOptions, render};
pub use safe::is_hidden;
pub use scope::{Focus, Selection, Suppressed};

use crate::finding::{Finding, ObjectRef, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name and version of the JSON document.
pub const SCHEMA: &str = "gleaner.report/v1";

/// Everything one run found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// What made the report.
    pub tool: Tool,
    /// What was read.
    pub bundle: BundleInfo,
    /// The cluster in a few facts.
    pub cluster: ClusterSummary,
    /// May the upgrade start, or go on?
    pub upgrade: UpgradeVerdict,
    /// What is wrong, worst first: by severity, confidence (surest first), area, rule, id.
    pub findings: Vec<Finding>,
    /// The outcome of every rule, sorted by area and id.
    pub rules: Vec<RuleOutcome>,
    /// What the official checks would say.
    pub official_checks: Vec<OfficialCheck>,
    /// What could be read and what could not.
    pub coverage: Coverage,
    /// Findings that somebody accepted, in the order of the findings.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub suppressed: Vec<Suppressed>,
    /// What the report was narrowed to; without it, it shows everything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub selection: Option<Selection>,
    /// The object the report was asked about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub focus: Option<Focus>,
    /// What happened, oldest first: events, transitions, restarts, upgrade steps, failed replicas, log hits.
    #[serde(default)]
    pub timeline: Vec<Moment>,
    /// How many moments were left out of `timeline`: repeated ones, and older ones of noisy sources.
    #[serde(default)]
    pub timeline_cut: usize,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// When, RFC 3339, UTC.
    pub time: String,
    /// What told it.
    pub source: MomentSource,
    /// Whether something went wrong then, rather than right.
    pub bad: bool,
    /// Whether this is the first thing that went wrong in the day before the bundle was made.
    pub first_bad: bool,
    /// The object it happened to.
    pub object: ObjectRef,
    /// What happened.
    pub text: String,
    /// How often, for events that repeat.
    pub count: u64,
    /// Path inside the bundle.
    pub path: String,
    /// 1-based line.
    pub line: u64,
}

/// What told a moment of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MomentSource {
    /// A transition of a node's condition.
    Host,
    /// A Warning event.
    Event,
    /// A container that ended and was started again.
    Restart,
    /// A replica that failed, or a volume that lost its redundancy.
    Volume,
    /// A step of an upgrade.
    Upgrade,
    /// A line that a log signature found.
    Log,
}

impl MomentSource {
    /// All sources, in the order of the lanes.
    pub const ALL: [MomentSource; 6] = [
        MomentSource::Host,
        MomentSource::Event,
        MomentSource::Restart,
        MomentSource::Volume,
        MomentSource::Upgrade,
        MomentSource::Log,
    ];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            MomentSource::Host => "host",
            MomentSource::Event => "event",
            MomentSource::Restart => "restart",
            MomentSource::Volume => "volume",
            MomentSource::Upgrade => "upgrade",
            MomentSource::Log => "log",
        }
    }
}

/// The program that made a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Always `gleaner`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many rules were loaded.
    pub rules: usize,
}

/// The bundle and the files it came in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundleInfo {
    /// The bundle's own name: its top folder, else `bundlename`, else the file's name without its ending.
    pub name: String,
    /// The files or folders given on the command line, by name.
    pub inputs: Vec<Input>,
    /// When the bundle was made: "now" for every rule. RFC 3339, UTC; empty if nothing tells it.
    pub created_at: String,
    /// Where `created_at` comes from: `metadata.yaml`, `file name`, `newest timestamp` or `unknown`.
    pub created_at_source: String,
    /// `kubernetesversion` of metadata.yaml.
    pub kubernetes_version: String,
    /// `issueurl` of metadata.yaml, as the user typed it.
    pub issue_url: String,
    /// `issuedescription` of metadata.yaml, as the user typed it.
    pub issue_description: String,
}

/// One file or folder given on the command line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Its file name, without folders.
    pub name: String,
    /// Its size in bytes; 0 for a folder.
    pub size: u64,
    /// SHA-256 of a file in hexadecimal; empty for a folder.
    pub sha256: String,
}

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
    /// Virtual machines by status, e.g. `Running: 12`. Only those in collected namespaces.
    pub virtual_machines: Vec<Count>,
    /// Longhorn volumes by robustness.
    pub volumes: Vec<Count>,
    /// Longhorn volumes, at most 5,000, worst first.
    pub volume_list: Vec<VolumeSummary>,
    /// Longhorn disks, sorted by node and name.
    pub disks: Vec<DiskSummary>,
    /// Virtual machines whose storage chain is worth drawing: those that findings name, at most 50.
    pub chains: Vec<VmChain>,
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
    /// Whether the bundle has the node's archive.
    pub archive: bool,
    /// What draining it would do.
    #[serde(default)]
    pub drain: DrainForecast,
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
    /// `healthy`, `rebuilding`, `failed` or `stopped`.
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
    /// Promised to replicas.
    pub scheduled: u64,
    /// Kept free by setting.
    pub reserved: u64,
    /// Up to which Longhorn promises space to replicas, by the setting for over-provisioning; absent if the setting is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Whether new replicas may be placed on it.
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

/// May the upgrade start?
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeVerdict {
    /// The running version.
    pub from: String,
    /// The target, where it is known.
    pub to: String,
    /// Where the target comes from: `--target`, `Upgrade <name>`, `upgrade matrix` or empty.
    pub target_source: String,
    /// The answer for `to`, or for all possible targets together: the worst of them.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// Ids of the findings that block.
    pub blocked_by: Vec<String>,
    /// What is missing to say more, in words.
    pub missing: Vec<String>,
    /// Every target that the upgrade matrix allows from the running version, with its own verdict.
    pub targets: Vec<TargetVerdict>,
    /// Name of the Upgrade object that is under way; empty if none.
    pub in_progress: String,
}

/// The verdict for one target version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetVerdict {
    /// The target.
    pub to: String,
    /// The answer.
    pub verdict: Verdict,
    /// Ids of the findings that block.
    pub blocked_by: Vec<String>,
    /// What is missing to say more.
    pub missing: Vec<String>,
}

/// The answer to "may the upgrade start?".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing known speaks against it.
    Ready,
    /// The bundle does not tell.
    #[default]
    Unknown,
    /// Something does.
    Blocked,
}

/// What became of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleOutcome {
    /// The rule's id.
    pub id: String,
    /// Its area.
    pub area: String,
    /// Its title.
    pub title: String,
    /// The outcome.
    pub outcome: Outcome,
    /// What the bundle lacks, in words, for `not-evaluated`; what was only partly there, for `fired`.
    pub missing: Vec<String>,
    /// Why the rule does not apply (`not-applicable`) or what broke (`failed`); empty otherwise.
    pub error: String,
}

/// The five outcomes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It found something.
    Fired,
    /// It looked at all its data and found nothing.
    Quiet,
    /// It is about other versions.
    NotApplicable,
    /// The bundle does not hold its data.
    NotEvaluated,
    /// The rule itself broke.
    Failed,
}

/// One check of the webhook or of check.sh, and what it would say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfficialCheck {
    /// `webhook` or `check.sh`.
    pub source: String,
    /// The function in the webhook, or the name that check.sh prints.
    pub check: String,
    /// What it would say.
    pub verdict: CheckVerdict,
    /// The rules that look at the same thing.
    pub rules: Vec<String>,
    /// The objects it would name.
    pub objects: Vec<ObjectRef>,
    /// Why, or the command to run on the cluster where it is unknown.
    pub note: String,
}

/// What an official check would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckVerdict {
    /// It passes.
    Pass,
    /// It fails.
    Fail,
    /// It warns.
    Warning,
    /// It would not run on this version or cluster.
    Skipped,
    /// The bundle does not tell.
    Unknown,
}

/// What could be read and what could not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Files in the bundle.
    pub files: usize,
    /// Bytes in those files, uncompressed, as far as they were read or declared.
    pub bytes: u64,
    /// Objects read, after duplicates were dropped.
    pub objects: usize,
    /// Counts of the YAML reading.
    pub yaml: YamlCounts,
    /// Parts of the bundle that were refused, damaged or over a budget, sorted by path.
    pub problems: Vec<Problem>,
    /// Things every Harvester cluster has that are not in the bundle, in words, sorted.
    pub missing: Vec<String>,
    /// Namespaces whose objects were collected.
    pub namespaces: Vec<String>,
    /// Namespaces that are known to exist with workloads but were not collected.
    pub namespaces_missing: Vec<String>,
    /// Nodes without an archive in the bundle.
    pub nodes_without_archive: Vec<String>,
    /// Lines of bundleGenerationError.log that name something a rule could need.
    pub collection_errors: Vec<String>,
    /// Lines of bundleGenerationError.log that every bundle has.
    pub harmless_collection_errors: usize,
    /// How many rules ended in each outcome.
    pub outcomes: Vec<Count>,
}

/// How the YAML files were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct YamlCounts {
    /// Items parsed.
    pub items: usize,
    /// Items outside the collector's dialect that the full parser read.
    pub fallback_items: usize,
    /// Items that nobody could read.
    pub bad_items: usize,
}

/// A part of the bundle that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Path inside the bundle, made printable.
    pub path: String,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// What is wrong, as a lowercase fragment.
    pub what: String,
}

/// Kinds of problems with a part of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// Not touched, because its name or type is unsafe (`../`, absolute, link, device).
    Refused,
    /// Damaged: bad checksum, truncated, unreadable compression.
    Unreadable,
    /// Over a budget of size, ratio, depth or number.
    OverLimit,
    /// The same path stands twice; the first one was read.
    Duplicate,
    /// An object or document inside the file that could not be parsed.
    BadItem,
}

impl Report {
    /// The worst severity among the findings, `None` without findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}
