//! The part of SARIF 2.1.0 that we write, as types, in the order in which the fields are written.

use serde::Serialize;

/// The whole document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Log<'r> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: [Run<'r>; 1],
}

/// One run of the tool.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'r> {
    pub(super) tool: Tool<'r>,
    pub(super) automation_details: AutomationDetails,
    pub(super) original_uri_base_ids: UriBaseIds,
    pub(super) column_kind: &'static str,
    pub(super) invocations: [Invocation; 1],
    pub(super) results: Vec<Result>,
}

/// The tool, which is a driver without extensions.
#[derive(Serialize)]
pub(super) struct Tool<'r> {
    pub(super) driver: Driver<'r>,
}

/// The program and its rules.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'r> {
    pub(super) name: &'static str,
    pub(super) semantic_version: String,
    pub(super) information_uri: &'static str,
    pub(super) rules: Vec<Rule<'r>>,
}

/// What is said once about a rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'r> {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) short_description: Text,
    pub(super) full_description: Text,
    pub(super) help: Help,
    pub(super) help_uri: String,
    pub(super) default_configuration: Configuration,
    pub(super) properties: RuleProperties<'r>,
}

/// A text without markup.
#[derive(Serialize)]
pub(super) struct Text {
    pub(super) text: String,
}

/// A text that may also be shown as Markdown.
#[derive(Serialize)]
pub(super) struct Help {
    pub(super) text: String,
    pub(super) markdown: String,
}

/// How bad the findings of a rule are.
#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: Level,
}

/// What GitHub reads besides SARIF's own fields.
#[derive(Serialize)]
pub(super) struct RuleProperties<'r> {
    pub(super) tags: [String; 2],
    pub(super) precision: &'r str,
    #[serde(rename = "problem.severity")]
    pub(super) problem_severity: ProblemSeverity,
}

/// How bad something is, in SARIF's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Error,
    Warning,
    Note,
}

/// How bad something is, in GitHub's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProblemSeverity {
    Error,
    Warning,
    Recommendation,
}

/// A name by which runs of the same kind belong together.
#[derive(Serialize)]
pub(super) struct AutomationDetails {
    pub(super) id: String,
}

/// The folders that paths begin at.
#[derive(Serialize)]
pub(super) struct UriBaseIds {
    #[serde(rename = "BUNDLE")]
    pub(super) bundle: UriBase,
}

/// A folder whose place only the reader knows.
#[derive(Serialize)]
pub(super) struct UriBase {
    pub(super) description: Text,
}

/// How the run went.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: bool,
    pub(super) tool_execution_notifications: Vec<Notification>,
}

/// Something about the run itself, such as a rule that failed.
#[derive(Serialize)]
pub(super) struct Notification {
    pub(super) level: Level,
    pub(super) descriptor: Descriptor,
    pub(super) message: Text,
}

/// The rule that a notification is about.
#[derive(Serialize)]
pub(super) struct Descriptor {
    pub(super) id: String,
}

/// One finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Result {
    pub(super) rule_id: String,
    pub(super) rule_index: Option<usize>,
    pub(super) kind: &'static str,
    pub(super) level: Level,
    pub(super) message: Text,
    pub(super) locations: [Location; 1],
    pub(super) partial_fingerprints: Fingerprints,
    pub(super) properties: ResultProperties,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) suppressions: Vec<Suppression>,
}

/// The location of a finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logical_locations: Vec<LogicalLocation>,
}

/// A file and a region in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub(super) artifact_location: ArtifactLocation,
    pub(super) region: Region,
}

/// A file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
    pub(super) uri_base_id: &'static str,
}

/// A part of a line. Lines and columns count from 1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: u64,
    pub(super) start_column: usize,
    pub(super) end_line: u64,
    pub(super) end_column: usize,
}

/// An object of the cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation {
    pub(super) fully_qualified_name: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
}

/// By what a finding is known again in a later run.
#[derive(Serialize)]
pub(super) struct Fingerprints {
    #[serde(rename = "primaryLocationLineHash")]
    pub(super) primary_location_line_hash: String,
    #[serde(rename = "gleaner/v1")]
    pub(super) gleaner: String,
}

/// What we add to a finding.
#[derive(Serialize)]
pub(super) struct ResultProperties {
    pub(super) confidence: gleaner_report::Confidence,
    pub(super) area: String,
}

/// Why a finding is accepted.
#[derive(Serialize)]
pub(super) struct Suppression {
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) justification: String,
}
