//! Signatures: what to look for in which logs.

use gleaner_text::Pattern;
use globset::Glob;

/// What to look for, and where.
#[derive(Debug)]
pub struct Signature {
    /// Pods as `namespace/name` patterns.
    pub pods: Vec<Glob>,
    /// Containers; any where empty.
    pub containers: Vec<String>,
    /// Logs of nodes, by their file name without `.log`.
    pub units: Vec<String>,
    /// What a line must match.
    pub line: LinePattern,
    /// What a later line matches once the problem is over.
    pub clears: Option<LinePattern>,
    /// Names of the groups of the pattern that distinguish hits.
    pub by: Vec<String>,
    /// How many seconds without a line end a run.
    pub gap: i64,
}

/// A literal, and the pattern for the lines that contain it.
#[derive(Debug)]
pub struct LinePattern {
    /// Text that the line must contain.
    pub literal: String,
    /// What the line must also match.
    pub pattern: Option<Pattern>,
}

impl Signature {
    /// Where the signature looks, in words.
    pub fn place(&self) -> String {
        let pods = self.pods.iter().map(|pattern| pattern.glob().to_owned());
        let units = self.units.iter().map(|unit| format!("{unit}.log of a node"));
        pods.chain(units).collect::<Vec<_>>().join(", ")
    }
}

/// Parses a pattern for `namespace/pod` names.
///
/// # Errors
/// What is wrong with it.
pub fn pod_pattern(text: &str) -> Result<Glob, String> {
    Glob::new(text).map_err(|error| error.to_string())
}
