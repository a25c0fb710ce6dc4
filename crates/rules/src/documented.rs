//! Failures that official documentation, knowledge bases, release notes and changelogs describe, and the rules that name them.

use crate::rule_text::built_in;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The table, among the files of rules.
const FILE: &str = "documented.yaml";

/// A failure that is documented.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentedFailure {
    /// Its number in the table, which it keeps.
    pub number: u32,
    /// What fails, in a line.
    pub failure: String,
    /// The page, article or issue that describes it.
    pub source: String,
    /// The rules whose cause it is, by id, each with its case that shows this failure.
    #[serde(default)]
    pub named_by: BTreeMap<String, String>,
    /// Where the report tells it without a rule; empty if it does not.
    #[serde(default)]
    pub told: String,
    /// Why a bundle cannot show it; empty if one can.
    #[serde(default)]
    pub unseen: String,
    /// Why no rule names it although a bundle may show it; empty if one does.
    #[serde(default)]
    pub unnamed: String,
}

/// How many failures are documented, can be seen in a bundle, and are named by a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentedCount {
    /// All.
    pub documented: usize,
    /// Those that a bundle can show.
    pub seen: usize,
    /// Those that a rule or another part of the report names.
    pub named: usize,
}

impl DocumentedFailure {
    /// Whether a rule or another part of the report names it.
    pub fn is_named(&self) -> bool {
        !self.named_by.is_empty() || !self.told.is_empty()
    }
}

impl DocumentedCount {
    /// Counts failures.
    pub fn of(failures: &[DocumentedFailure]) -> DocumentedCount {
        DocumentedCount {
            documented: failures.len(),
            seen: failures.iter().filter(|failure| failure.unseen.is_empty()).count(),
            named: failures.iter().filter(|failure| failure.is_named()).count(),
        }
    }
}

/// The documented failures, by number.
///
/// # Errors
/// Where the table is not as it should be; the built-in one always is, as a test reads it.
pub fn documented() -> Result<Vec<DocumentedFailure>, serde_yaml::Error> {
    built_in()
        .get(FILE)
        .map_or_else(|| Ok(Vec::new()), |table| table.read())
}
