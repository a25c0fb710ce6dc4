//! What a rule found: one cause, the objects it touches, and how we know.
//!
//! These types are shared by the engine, which makes them, and the report, which carries them unchanged.
//! They hold words and references only; nothing here reads a bundle or renders anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a finding is. Ordered: `Info < Warning < Blocker`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to be done.
    Info,
    /// Redundancy or a precondition is gone; something will break under a known step.
    Warning,
    /// An upgrade or drain is refused or will hang, or data or service is lost.
    Blocker,
}

impl Severity {
    /// The word used in reports, rule files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Blocker => "blocker",
        }
    }
}

/// What a finding does to the cluster, worst first. Findings are ordered by it; the severity says how urgent one is for an upgrade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// Bytes are gone, or no usable replica, copy or backup chain is left, whether or not salvage may still help.
    DataLoss,
    /// VMs or the control plane are down now.
    Outage,
    /// One more failure loses data, service or quorum.
    Redundancy,
    /// An upgrade in progress hangs.
    UpgradeBlocked,
    /// The next upgrade is refused or fails.
    UpgradeRisk,
    /// A service of the platform is impaired.
    #[default]
    Degraded,
    /// Worth putting in order.
    Hygiene,
}

impl Harm {
    /// All of them, worst first.
    pub const ALL: [Harm; 7] = [
        Harm::DataLoss,
        Harm::Outage,
        Harm::Redundancy,
        Harm::UpgradeBlocked,
        Harm::UpgradeRisk,
        Harm::Degraded,
        Harm::Hygiene,
    ];

    /// The word in the JSON and in rule files.
    pub fn as_str(self) -> &'static str {
        match self {
            Harm::DataLoss => "data-loss",
            Harm::Outage => "outage",
            Harm::Redundancy => "redundancy",
            Harm::UpgradeBlocked => "upgrade-blocked",
            Harm::UpgradeRisk => "upgrade-risk",
            Harm::Degraded => "degraded",
            Harm::Hygiene => "hygiene",
        }
    }
}

/// How sure a finding is, apart from how bad it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A heuristic, or a fact that no real cluster has confirmed.
    Low,
    /// Known signs agree, but the bundle cannot prove it.
    Medium,
    /// The objects in the bundle say so directly.
    High,
}

impl Confidence {
    /// The word in reports and rule files.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// An object of the cluster, by the names Kubernetes knows it by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// `group/version`, or `v1` for the core group; empty where only a reference to the object is known.
    pub api_version: String,
    /// For example `Volume`.
    pub kind: String,
    /// Empty for cluster-scoped objects.
    pub namespace: String,
    /// The object's `metadata.name`.
    pub name: String,
}

/// One fact behind a finding: its place in the bundle and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Path inside the bundle, without its top folder; parts of a nested archive follow a `!`.
    pub path: String,
    /// 1-based line of the value; 0 where the fact is the absence of a file.
    pub line: u64,
    /// The object that holds the field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectRef>,
    /// Field path inside the object, e.g. `status.robustness`.
    pub field: String,
    /// The value as text, shortened to 400 characters.
    pub value: String,
    /// Up to a few lines of the file around the value, as they stand there.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub snippet: Vec<SnippetLine>,
}

/// A line quoted from the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnippetLine {
    /// 1-based line number.
    pub line: u64,
    /// The line without its line break, shortened to 400 characters.
    pub text: String,
}

/// One affected object of a finding, with its own message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRow {
    /// The object.
    pub object: ObjectRef,
    /// What is wrong with this object.
    pub message: String,
}

/// A finding of a more general rule on the same objects, which is not reported beside the specific one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Absorbed {
    /// The general rule.
    pub rule: String,
    /// What it says of the objects.
    pub message: String,
    /// What it does to the cluster.
    pub harm: Harm,
    /// When it began, RFC 3339, UTC; absent where the bundle does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<String>,
}

/// Who is affected by a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// One sentence from the user's point of view; empty where the rule has none.
    pub text: String,
    /// Virtual machines that are down because of it or at risk, sorted.
    pub virtual_machines: Vec<ObjectRef>,
    /// Those that are down now because of it: they do not run, are paused, run on a node that is not Ready, or have a disk without a
    /// usable replica. Sorted.
    #[serde(default)]
    pub down: Vec<ObjectRef>,
    /// Those that are at risk, sorted.
    #[serde(default)]
    pub at_risk: Vec<ObjectRef>,
    /// What they are at risk by, such as `a drain of the node`; empty if none are.
    #[serde(default)]
    pub at_risk_by: String,
    /// When they are affected.
    #[serde(default)]
    pub hits: ImpactTiming,
    /// Whether some virtual machines may be missing from the list, because their namespace was not collected.
    pub incomplete: bool,
}

/// When the virtual machines of a finding are affected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImpactTiming {
    /// They are affected already.
    #[default]
    Now,
    /// They will be at the next step: a drain, a restart, the loss of a host or disk.
    Next,
}

/// What a command does to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Looks only.
    ReadOnly,
    /// Changes the state of the cluster, and can be undone.
    ChangesState,
    /// May destroy data if it is used wrongly.
    CanLoseData,
}

impl Effect {
    /// The words shown beside a command.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::ReadOnly => "read-only",
            Effect::ChangesState => "changes state",
            Effect::CanLoseData => "can lose data",
        }
    }
}

/// One next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemediationStep {
    /// What to do and why, as a sentence.
    pub text: String,
    /// A command, safe to copy: it contains names from the bundle only if they are valid Kubernetes names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub command: Option<String>,
    /// What the step does to the cluster.
    pub effect: Effect,
}

/// Where to read more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// What the page is.
    pub title: String,
    /// Its address; always from the rule catalogue, never from a bundle.
    pub url: String,
}

/// One rule, one cause, all its objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable across runs and log rotation: 12 hexadecimal digits over the rule, its group and the object keys.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// The rule's area, e.g. `storage`.
    pub area: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// What it does to the cluster.
    #[serde(default)]
    pub harm: Harm,
    /// When it began, RFC 3339, UTC; absent where the bundle does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<String>,
    /// The rule's title.
    pub title: String,
    /// What happened, naming the object, or how many there are.
    pub message: String,
    /// All affected objects, sorted.
    pub objects: Vec<ObjectRef>,
    /// The affected objects with a message each, in the order of `objects`.
    pub rows: Vec<ObjectRow>,
    /// How we know: at most five quotes, the telling one first.
    pub evidence: Vec<Evidence>,
    /// Fields that are not set and matter, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unset: Vec<String>,
    /// Who is affected.
    pub impact: Impact,
    /// The likely cause, or why the state is bad; may be empty.
    pub cause: String,
    /// What to do next.
    pub remediation: Vec<RemediationStep>,
    /// What not to do first, and why; may be empty.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub avoid: String,
    /// What helps until then; may be empty.
    pub workaround: String,
    /// The version that fixes it; may be empty.
    pub fixed_in: String,
    /// Where to read more.
    pub references: Vec<Reference>,
    /// Ids of findings in the same report that this one explains: its symptoms.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub explains: Vec<String>,
    /// Ids of findings in the same report that explain this one: its causes.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub explained_by: Vec<String>,
    /// Why it is not a symptom of findings that could explain it, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub stands_alone: Vec<String>,
    /// Findings of more general rules on the same objects.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub absorbs: Vec<Absorbed>,
    /// The upgrade path this holds for, where the target is not known: for example `v1.3.2 → v1.4.0`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}
