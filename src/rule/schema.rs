//! The shape of `rule.yaml` and `cases.yaml`, as authors write them. The JSON Schemas for editors are generated from these types.

use gleaner_report::Outcome;
use gleaner_report::{Confidence, Effect, ImpactTiming, Reference, Severity};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Names with an expression each, in the order they are written.
pub type Bindings = serde_json::Map<String, serde_json::Value>;

/// `rule.yaml`: everything said about a rule, once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The rule's id: the name of its folder, a noun phrase naming the bad state in kebab-case.
    pub id: String,
    /// Former ids, which keep working.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A short title: the bad state, without a full stop.
    pub title: String,
    /// How bad it is: one word, or the first of several cases whose condition holds.
    pub severity: SeveritySpec,
    /// How sure a finding is.
    #[serde(default = "high")]
    pub confidence: Confidence,
    /// Why the confidence is not high.
    #[serde(default)]
    pub confidence_reason: String,
    /// The versions the rule is about.
    #[serde(default)]
    pub applies: Applies,
    /// Kinds that must be in the bundle completely; otherwise the rule is not evaluated.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Kinds that may be incomplete: the rule may fire without them but is never quiet.
    #[serde(default)]
    pub may_lack: Vec<String>,
    /// Kinds that only add to messages, evidence or impact: without them the rule may still be quiet.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Facts without which the rule is not evaluated.
    #[serde(default)]
    pub needs: Vec<NeedSpec>,
    /// The kind whose objects are looked at one by one; without it the rule looks once at the whole cluster.
    #[serde(default)]
    pub for_each: Option<String>,
    /// The variable that holds the object; by default the kind in lower case.
    #[serde(default, rename = "as")]
    pub variable: Option<String>,
    /// Only objects in this namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The log lines that are looked at; the rule then sees each hit as `hit`.
    #[serde(default)]
    pub log: Option<LogSpec>,
    /// A list inside the object whose elements are looked at one by one.
    #[serde(default)]
    pub each: Option<EachSpec>,
    /// Values computed once for the cluster: name and expression. Only here may `all(kind)` be used with `for_each`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub once: Bindings,
    /// Values computed for each object: name and expression.
    #[serde(default, rename = "let")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub bindings: Bindings,
    /// The condition under which the rule fires.
    pub when: String,
    /// Objects with different values go into different findings: different causes.
    #[serde(default)]
    pub group_by: Option<String>,
    /// The objects to name, for a rule without `for_each`: an expression that gives an object or a list of objects.
    #[serde(default)]
    pub objects: Option<String>,
    /// The objects at whose door it lies, where they are known to be others than the affected ones: an expression that gives an
    /// object or a list of objects. Only a cause that covers all of them explains the finding.
    #[serde(default)]
    pub due_to: Option<String>,
    /// What happened to the object: text with `{{ expression }}` parts.
    pub message: String,
    /// What happened, when several objects are affected: text that may use `{{ count }}`.
    #[serde(default)]
    pub summary: Option<String>,
    /// The fields that prove it.
    #[serde(default)]
    pub evidence: Vec<EvidenceSpec>,
    /// Whom it hurts: one sentence from the user's point of view.
    #[serde(default)]
    pub impact: String,
    /// Whether virtual machines are hurt now, or by the next drain, restart or loss.
    #[serde(default)]
    pub hits: ImpactTiming,
    /// What a user or engineer sees when it happens; for `gleaner explain`.
    #[serde(default)]
    pub symptoms: String,
    /// The likely cause, or why the state is bad.
    pub cause: String,
    /// What to do next, in order.
    pub remediation: Vec<StepSpec>,
    /// What helps until then.
    #[serde(default)]
    pub workaround: String,
    /// The version that fixes it.
    #[serde(default)]
    pub fixed_in: String,
    /// Where to read more.
    pub references: Vec<Reference>,
    /// Official checks that look at the same thing: `webhook/checkMachines`, `check.sh/CAPI-Machine-State`.
    #[serde(default)]
    pub mirrors: Vec<String>,
    /// Rules whose findings are symptoms of this one.
    #[serde(default)]
    pub explains: Vec<String>,
}

fn high() -> Confidence {
    Confidence::High
}

/// A severity, or cases of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SeveritySpec {
    /// Always the same.
    Always(Severity),
    /// The first case whose condition holds.
    Cases(Vec<SeverityCase>),
}

/// One case of a severity.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityCase {
    /// The condition; without one the case always holds.
    #[serde(default)]
    pub when: Option<String>,
    /// The severity.
    pub is: Severity,
}

/// Version ranges such as `>=1.3.0 <1.5.0`; all given ones must hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// Of the running Harvester version.
    #[serde(default)]
    pub running: Option<String>,
    /// Of the version to upgrade to.
    #[serde(default)]
    pub target: Option<String>,
    /// Of the Longhorn version.
    #[serde(default)]
    pub longhorn: Option<String>,
}

/// A fact the rule cannot do without.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedSpec {
    /// True where the fact is known; may use values of `once`.
    pub have: String,
    /// What is missing otherwise, in words.
    pub missing: String,
}

/// Elements of a list inside an object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EachSpec {
    /// The list or map: an expression.
    #[serde(rename = "in")]
    pub list: String,
    /// The variable that holds an element of the list, or a key of the map.
    #[serde(rename = "as")]
    pub variable: String,
}

/// Log lines to look for. In the rule, `hit` has: `count`, `first`, `last` and `cleared` (times), `text` (the last line), `path`,
/// `namespace`, `pod`, `container`, `node`, and the named groups of the pattern.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogSpec {
    /// Pods whose logs are read, as `namespace/name` with `*`.
    #[serde(default)]
    pub pods: Vec<String>,
    /// Containers of those pods; all by default.
    #[serde(default)]
    pub containers: Vec<String>,
    /// Logs in node archives, by name: `kernel`, `rke2-server`, `kubelet`, …
    #[serde(default)]
    pub units: Vec<String>,
    /// Text that must stand in the line.
    pub literal: String,
    /// A pattern the line must match; its named groups become fields of `hit`.
    #[serde(default)]
    pub regex: Option<String>,
    /// Groups of the pattern whose values make different hits.
    #[serde(default)]
    pub by: Vec<String>,
    /// What a later line says when it is over.
    #[serde(default)]
    pub clear: Option<ClearSpec>,
}

/// A line that says that what a signature saw is over.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearSpec {
    /// Text that must stand in the line.
    pub literal: String,
    /// A pattern the line must match; its groups must agree with those under `by`.
    #[serde(default)]
    pub regex: Option<String>,
}

/// A field that proves a finding.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EvidenceSpec {
    /// A field path of the object itself.
    Field(String),
    /// Field paths of other objects.
    Of(EvidenceOf),
}

/// Fields of other objects.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceOf {
    /// An object or a list of objects: an expression.
    pub of: String,
    /// Field paths.
    pub fields: Vec<String>,
}

/// One next step.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// The step is only named where this holds for the first object.
    #[serde(default)]
    pub when: Option<String>,
    /// What to do and why: text with `{{ expression }}` parts.
    pub text: String,
    /// A command with `{{ expression }}` parts; what is no valid Kubernetes name becomes a placeholder.
    #[serde(default)]
    pub command: Option<String>,
    /// What it does to the cluster.
    pub effect: Effect,
}

/// `cases.yaml`: the tests of a rule.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// Objects by name, for use in several cases of this file; those of rules/fixtures.yaml can be used as well.
    #[serde(default)]
    pub fixtures: BTreeMap<String, Vec<serde_json::Value>>,
    /// The cases.
    pub cases: Vec<CaseSpec>,
}

/// A small bundle and the whole expectation of what the rule says of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseSpec {
    /// What the case shows, as a sentence.
    pub name: String,
    /// Running Harvester version: becomes the Setting server-version.
    #[serde(default)]
    pub running: Option<String>,
    /// Longhorn version: becomes the Longhorn Setting current-longhorn-version.
    #[serde(default)]
    pub longhorn: Option<String>,
    /// Target version.
    #[serde(default)]
    pub target: Option<String>,
    /// When the bundle was made.
    #[serde(default)]
    pub now: Option<String>,
    /// Fixtures whose objects are in the bundle.
    #[serde(default, rename = "use")]
    pub fixtures: Vec<String>,
    /// Objects in the bundle, as the API server has them.
    #[serde(default)]
    pub objects: Vec<serde_json::Value>,
    /// Namespaces that were not collected.
    #[serde(default)]
    pub not_collected: Vec<String>,
    /// Lines of bundleGenerationError.log.
    #[serde(default)]
    pub errors: Vec<String>,
    /// Other files of the bundle by path, for example of node archives.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Whether the collector is one of before September 2023, which writes files with `items: []`.
    #[serde(default)]
    pub old_collector: bool,
    /// The outcome.
    pub expect: Outcome,
    /// The findings, when it fires: all of them.
    #[serde(default)]
    pub findings: Vec<ExpectedFinding>,
    /// A part of what is missing, when it is not evaluated.
    #[serde(default)]
    pub missing: Option<String>,
}

/// What a finding must be.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFinding {
    /// Its severity.
    pub severity: Severity,
    /// All its objects, as `name` or `namespace/name`.
    pub objects: Vec<String>,
    /// Its message.
    #[serde(default)]
    pub message: Option<String>,
    /// Texts that must stand in its message or in the messages of its rows.
    #[serde(default)]
    pub says: Vec<String>,
    /// Virtual machines it hurts, as `namespace/name`: all of them.
    #[serde(default)]
    pub virtual_machines: Option<Vec<String>>,
}

/// The JSON Schema of `rule.yaml`, or of `cases.yaml`, for editors.
pub fn json_schema(cases: bool) -> serde_json::Value {
    if cases {
        schemars::schema_for!(CaseFile).to_value()
    } else {
        schemars::schema_for!(RuleFile).to_value()
    }
}
