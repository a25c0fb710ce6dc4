//! The report as a whole: what was read, by what, and everything that was found out.

use crate::alerts::Alerts;
use crate::cause::Cause;
use crate::cluster::ClusterSummary;
use crate::coverage::Coverage;
use crate::diagnosis::Diagnosis;
use crate::finding::{Finding, Severity};
use crate::moment::Moment;
use crate::scope::{Focus, Selection, Suppressed};
use crate::verdict::{OfficialCheck, RuleOutcome, UpgradeVerdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name and version of the JSON document.
pub const SCHEMA: &str = "gleaner.report/v2";

/// The name and version of the JSON document that earlier versions wrote.
pub const SCHEMA_V1: &str = "gleaner.report/v1";

/// Everything one run found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The name and version of the JSON document.
    pub schema: String,
    /// What made the report.
    pub tool: Tool,
    /// What was read.
    pub bundle: BundleInfo,
    /// The cluster in a few facts.
    pub cluster: ClusterSummary,
    /// May the upgrade start, or go on?
    pub upgrade: UpgradeVerdict,
    /// What an expert would say first.
    #[serde(default)]
    pub diagnosis: Diagnosis,
    /// What is wrong, worst first: by harm, VMs down now (most first), `since` (oldest first, unknown last), confidence (surest
    /// first), rule, id.
    pub findings: Vec<Finding>,
    /// Root causes with their symptoms, in the order of the worst that each brings about.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// The outcome of every rule, sorted by area and id.
    pub rules: Vec<RuleOutcome>,
    /// What the official checks would say.
    pub official_checks: Vec<OfficialCheck>,
    /// What was readable and what was not.
    pub coverage: Coverage,
    /// What Prometheus raised.
    #[serde(default)]
    pub alerts: Alerts,
    /// Accepted findings, in the order of the findings.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub suppressed: Vec<Suppressed>,
    /// What the report was narrowed to; without it, it shows everything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub selection: Option<Selection>,
    /// The object the report was asked about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub focus: Option<Focus>,
    /// What happened, oldest first: events, transitions, restarts, upgrade steps, failed replicas, log matches.
    #[serde(default)]
    pub timeline: Vec<Moment>,
    /// How many moments were left out of `timeline`: repeated ones, and older ones of noisy sources.
    #[serde(default)]
    pub timeline_cut: usize,
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
    /// When the bundle was made: "now" for every rule. RFC 3339, UTC; empty if it is not known.
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

impl Report {
    /// The worst severity among the findings, `None` without findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}
