//! One page about one object: its state, what it depends on, what is wrong there, and what depends on it.

use crate::finding::{Harm, ObjectRef, Severity};
use crate::moment::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name and version of the JSON document.
pub const WHY_SCHEMA: &str = "gleaner.why/v1";

/// The page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Why {
    /// Always [`WHY_SCHEMA`].
    pub schema: String,
    /// The bundle's name.
    pub bundle: String,
    /// When the bundle was made, RFC 3339, UTC; empty if it is not known.
    pub created_at: String,
    /// The object, with the objects it depends on below it.
    pub chain: Dependency,
    /// Findings on the object and on what it depends on, worst first.
    pub findings: Vec<WhyFinding>,
    /// What happened to these objects, oldest first, folded.
    pub timeline: Vec<Moment>,
    /// What depends on the object, VMs first, at most 200.
    pub dependents: Vec<Dependent>,
    /// How many objects depend on it.
    pub dependent_count: usize,
    /// What is missing in the bundle for checks of these objects, and which checks.
    pub unchecked: Vec<String>,
}

/// An object of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// The object.
    pub object: ObjectRef,
    /// Whether the bundle holds it; else only a reference to it is known.
    pub known: bool,
    /// Its state in words; empty where its kind has none.
    pub state: String,
    /// Since when it is in this state, RFC 3339; absent where no field says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<String>,
    /// Whether it is broken.
    pub broken: bool,
    /// The objects that it depends on.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub on: Vec<Dependency>,
}

/// A finding on an object of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WhyFinding {
    /// Its id in the report.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it does to the cluster.
    pub harm: Harm,
    /// When it began, RFC 3339; absent where the bundle does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<String>,
    /// What happened to the object of the chain.
    pub message: String,
    /// The object of the chain that it is on.
    pub on: ObjectRef,
    /// Whether it is a root cause among the findings of the report.
    pub root: bool,
}

/// An object that depends on the one asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependent {
    /// The object.
    pub object: ObjectRef,
    /// Its state in words.
    pub state: String,
    /// Whether it is broken.
    pub broken: bool,
}
