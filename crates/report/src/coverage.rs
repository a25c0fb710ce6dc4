//! What of a bundle could be read and what could not, as the report shows it.

use crate::cluster::Count;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was readable and what was not.
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
    /// Parts of the bundle that were refused, damaged or over a limit, sorted by path.
    pub problems: Vec<Problem>,
    /// Things every Harvester cluster has that are not in the bundle, in words, sorted.
    pub missing: Vec<String>,
    /// Namespaces whose objects were collected.
    pub namespaces: Vec<String>,
    /// Namespaces that are known to exist with workloads but were not collected.
    pub namespaces_missing: Vec<String>,
    /// Nodes without an archive in the bundle.
    pub nodes_without_archive: Vec<String>,
    /// What is there of each host, by name.
    #[serde(default)]
    pub hosts: Vec<HostCoverage>,
    /// Lines of bundleGenerationError.log that name something a rule could need.
    pub collection_errors: Vec<String>,
    /// Lines of bundleGenerationError.log that every bundle has.
    pub harmless_collection_errors: usize,
    /// How many rules ended in each outcome.
    pub outcomes: Vec<Count>,
}

/// What the bundle holds of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HostCoverage {
    /// The name of its node.
    pub name: String,
    /// Its archive.
    pub archive: Presence,
    /// How many logs with content are in the archive.
    pub logs: usize,
    /// When the first line of those that rules read was written, RFC 3339, UTC; empty if it is not known.
    #[serde(default)]
    pub logs_first: String,
    /// When the last one was written.
    #[serde(default)]
    pub logs_last: String,
    /// Its supportconfig, which is in the archive.
    pub supportconfig: Presence,
    /// Why something is missing, as a lower-case fragment; empty if that is not known.
    #[serde(default)]
    pub reason: String,
}

/// Whether a part of the bundle is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// It is there.
    Present,
    /// It is there and holds nothing that can be read.
    Empty,
    /// It is not there.
    Missing,
}

impl Presence {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Presence::Present => "present",
            Presence::Empty => "empty",
            Presence::Missing => "missing",
        }
    }
}

/// How the YAML files were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct YamlCounts {
    /// Items parsed.
    pub items: usize,
    /// Items outside the collector's dialect that the full parser read.
    pub fallback_items: usize,
    /// Items that no parser could read.
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
    /// Over a limit of size, ratio, depth or number.
    OverLimit,
    /// Duplicate path, the first file was read; or an object that is there twice with different content, the first one is used.
    Duplicate,
    /// An object or document inside the file that could not be parsed.
    BadItem,
}
