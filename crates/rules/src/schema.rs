//! The shape of `rule.yaml` and `cases.yaml`, as authors write them. The JSON Schemas for editors are generated from these types.

use gleaner_report::Outcome;
use gleaner_report::{Confidence, Effect, Harm, Reference, Severity};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

mod diagnosis;

pub use diagnosis::{AffectsDetail, AffectsSpec, AffectsWord, CaseOf, CasesOf};

/// Names with an expression each, in the order they are written.
pub type Bindings = serde_json::Map<String, serde_json::Value>;

/// When a log rule's findings drop to info, unless it says otherwise.
const STALE_AFTER: &str = "24h";

/// When a log rule's findings are no longer reported, unless it says otherwise: logs reach back for months, over boots and releases.
const EXPIRES_AFTER: &str = "168h";

/// What ends a run of log lines, unless a rule says otherwise: longer than any backoff of Kubernetes (5 minutes between restarts,
/// 17 between retries of a controller).
const GAP: &str = "30m";

/// `rule.yaml`: everything said about a rule, once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{"required": ["when"]}, {"required": ["log"]}]))]
pub struct RuleFile {
    /// The rule's id: the name of its folder, a noun phrase naming the bad state in kebab-case.
    pub id: String,
    /// Former ids, which keep working.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A short title: the bad state, without a full stop.
    pub title: String,
    /// How bad it is: one word, or the first of several cases whose condition holds. What a log rule finds is `info` once it is
    /// stale, see `log.stale_after`.
    pub severity: CasesOf<Severity>,
    /// What it does to the cluster: one word, or the first of several cases whose condition holds. Reports are ordered by it.
    #[serde(default)]
    pub harm: CasesOf<Harm>,
    /// When it began: an expression that gives a time, such as the transition of a condition, or `unknown` where no field says so. By
    /// default of log rules the first line of the newest run.
    #[serde(default)]
    pub since: Option<String>,
    /// Objects that went bad more than two minutes apart go into different findings: each is an incident of its own.
    #[serde(default)]
    pub separate_onsets: bool,
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
    pub partial: Vec<String>,
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
    /// The condition under which the rule fires. A log rule may leave it out, and then fires on each hit, as with `true`.
    #[serde(default)]
    pub when: Option<String>,
    /// Objects with different values go into different findings: different causes.
    #[serde(default)]
    pub group_by: Option<String>,
    /// The objects to name, for a rule without `for_each`: an expression that gives an object or a list of objects.
    #[serde(default)]
    pub objects: Option<String>,
    /// The objects that cause it, where they are known to be others than the affected ones: an expression that gives an object or
    /// a list of objects. Only a cause that accounts for all of them explains the finding.
    #[serde(default)]
    pub caused_by: Option<String>,
    /// The objects that it accounts for, with what depends on them, where these are not the named ones and all that belongs to them: an
    /// expression that gives an object or a list of objects.
    #[serde(default)]
    pub covers: Option<String>,
    /// What happened to the object: text with `{{ expression }}` parts.
    pub message: String,
    /// What happened, when several objects are affected: text that may use `{{ count }}`.
    #[serde(default)]
    pub summary: Option<String>,
    /// The fields that prove it.
    #[serde(default)]
    pub evidence: Vec<EvidenceSpec>,
    /// Who is affected and how: one sentence from the user's point of view, with `{{ expression }}` parts.
    #[serde(default)]
    pub impact: String,
    /// Which of the VMs that depend on the objects are affected.
    #[serde(default)]
    pub affects: AffectsSpec,
    /// What a user or engineer sees when it happens; for `gleaner explain`.
    #[serde(default)]
    pub symptoms: String,
    /// The likely cause, or why the state is bad: text with `{{ expression }}` parts.
    pub cause: String,
    /// What to do next, in order.
    pub remediation: Vec<StepSpec>,
    /// What not to do first, and why: a sentence with `{{ expression }}` parts.
    #[serde(default)]
    pub avoid: String,
    /// What helps until then.
    #[serde(default)]
    pub workaround: String,
    /// The version that fixes it.
    #[serde(default)]
    pub fixed_in: String,
    /// Where to read more.
    pub references: Vec<Reference>,
    /// Where its facts stand upstream: kinds, fields, values, defaults, messages, versions.
    #[serde(default)]
    pub sources: Vec<SourceSpec>,
    /// Official checks that look at the same thing: `webhook/checkMachines`, `check.sh/CAPI-Machine-State`.
    #[serde(default)]
    pub mirrors: Vec<String>,
    /// Rules whose findings are symptoms of this one.
    #[serde(default)]
    pub explains: Vec<String>,
    /// More general rules, whose findings on the same objects, or on what belongs to them by `contains` in `rules/graph.yaml`, are not
    /// reported beside this one's.
    #[serde(default)]
    pub supersedes: Vec<String>,
}

fn high() -> Confidence {
    Confidence::High
}

fn expires_after() -> String {
    EXPIRES_AFTER.to_owned()
}

fn gap() -> String {
    GAP.to_owned()
}

fn stale_after() -> String {
    STALE_AFTER.to_owned()
}

impl RuleFile {
    /// The condition under which the rule fires, by default of log rules `true`.
    pub fn condition(&self) -> &str {
        self.when.as_deref().unwrap_or("true")
    }

    /// When a finding began, by default of log rules the first line of the newest run.
    pub fn since(&self) -> Option<&str> {
        let of_log = self.log.as_ref().map(|_| "hit.run.first");
        self.since.as_deref().or(of_log).filter(|since| *since != "unknown")
    }

    /// After what span of time without another line its findings are info; `None` for rules whose findings do not become stale.
    pub fn stale_after(&self) -> Option<&str> {
        self.log.as_ref().and_then(LogSpec::stale_after)
    }

    /// What the engine adds to the file: the defaults of log rules, as they would be written.
    pub fn defaults(&self) -> Vec<String> {
        let condition = self.when.is_none().then(|| "when: 'true'".to_owned());
        let stale = self.stale_after().filter(|after| *after == STALE_AFTER);
        let stale = stale.map(|after| format!("log: {{stale_after: {after}}}"));
        condition.into_iter().chain(stale).collect()
    }

    /// All severities a finding may have, worst first.
    pub fn severities(&self) -> Vec<Severity> {
        let mut all = match &self.severity {
            CasesOf::Always(severity) => vec![*severity],
            CasesOf::Cases(cases) => cases.iter().map(|case| case.is).collect(),
        };
        all.extend(self.stale_after().map(|_| Severity::Info));
        all.sort_unstable_by(|a, b| b.cmp(a));
        all.dedup();
        all
    }
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

/// A file upstream that proves what a rule says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// The repository on GitHub, as `owner/name`.
    pub repo: String,
    /// The tag, or the commit where there is none.
    pub tag: String,
    /// The file, with `#L12` or `#L12-L15` for its lines.
    pub path: String,
    /// For what a log rule looks for: the oldest release that has it, of those read. They cover the versions that Harvester ships.
    #[serde(default)]
    pub from: Option<String>,
    /// The newest release that has it; absent where the newest one read still does.
    #[serde(default)]
    pub to: Option<String>,
}

impl SourceSpec {
    /// The address of the file.
    pub fn url(&self) -> String {
        format!("https://github.com/{}/blob/{}/{}", self.repo, self.tag, self.path)
    }
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

/// Log lines to look for. In the rule, `hit` has: `count`, `first`, `last` and `cleared` (times) of all lines, `run`, the newest run
/// of lines, and `runs`, all of them, each with `first`, `last`, `count` and `lasted` (a duration), `text` (the last line), `path`,
/// `namespace`, `pod`, `container`, `node`, and the named groups of the pattern. Where lines have no time, `run` has their `count`
/// alone and `runs` is empty.
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
    /// How long before the collection the last line may be written; what is older is `info`, whatever `severity` says. `never`
    /// leaves it to `severity`.
    #[serde(default = "stale_after")]
    pub stale_after: String,
    /// How long before the collection the last line may be written for the hit to be reported at all; `never` reports hits of any age.
    #[serde(default = "expires_after")]
    pub expires_after: String,
    /// How long without a line ends a run: what is logged again later is another one.
    #[serde(default = "gap")]
    pub gap: String,
}

impl LogSpec {
    fn stale_after(&self) -> Option<&str> {
        Some(self.stale_after.as_str()).filter(|after| *after != "never")
    }

    /// After how many seconds without another line a hit is not reported; `None` for never.
    pub(crate) fn expires_after(&self) -> Option<i64> {
        gleaner_text::parse_duration(&self.expires_after)
    }
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
    /// A command with `{{ expression }}` parts; a value that is not a valid Kubernetes name becomes a placeholder.
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

/// A small bundle and everything that the rule must say about it.
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
    /// Where the log line of the case stands: the URL of an issue, article or log that quotes it, or `owner/name tag path` of the format
    /// string that prints it.
    #[serde(default)]
    pub line_from: Option<String>,
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
    /// VMs it affects, as `namespace/name`: all of them.
    #[serde(default)]
    pub virtual_machines: Option<Vec<String>>,
    /// What it does to the cluster.
    #[serde(default)]
    pub harm: Option<Harm>,
    /// When it began, RFC 3339; `unknown` where the bundle does not say.
    #[serde(default)]
    pub since: Option<String>,
    /// VMs that are down because of it, as `namespace/name`: all of them.
    #[serde(default)]
    pub down: Option<Vec<String>>,
}

/// The JSON Schema of `rule.yaml`, or of `cases.yaml`, for editors.
pub fn json_schema(cases: bool) -> serde_json::Value {
    if cases {
        schemars::schema_for!(CaseFile).to_value()
    } else {
        schemars::schema_for!(RuleFile).to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_says_what_log_rules_have_by_default() {
        let schema = json_schema(false);
        let stale = schema.pointer("/$defs/LogSpec/properties/stale_after/default");
        assert_eq!(stale.and_then(serde_json::Value::as_str), Some(STALE_AFTER));
        let required = schema.pointer("/required").unwrap().to_string();
        assert!(!required.contains("\"when\""), "{required}");
        assert!(schema.pointer("/anyOf").unwrap().to_string().contains("\"log\""));
    }
}
