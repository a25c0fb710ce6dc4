//! What was read of a bundle, before anything is made of it.

use gleaner_bundle::Cancel;
use gleaner_logs::LineMatches;
use gleaner_report::Problem;
use gleaner_yaml::Interner;
use std::collections::BTreeSet;

/// A text file of the bundle that was read whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextFile {
    /// Path inside the bundle.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// What was read of a bundle.
#[derive(Debug, Default)]
pub struct Sources {
    /// Texts of the entries that were read, sorted by path.
    pub files: Vec<TextFile>,
    /// The keys of the objects in them.
    pub keys: Interner,
    /// Paths of all entries, sorted.
    pub paths: Vec<String>,
    /// Those of and in node archives that hold no byte.
    pub empty: BTreeSet<String>,
    /// Uncompressed bytes of all entries, as far as they were read or declared.
    pub bytes: u64,
    /// What was refused or damaged.
    pub problems: Vec<Problem>,
    /// What log signatures found, in the order of their rules.
    pub matches: Vec<LineMatches>,
    /// Raised when the report is no longer needed.
    pub cancel: Cancel,
}

impl Sources {
    /// Whether the run was cancelled, so that what is still being worked out is not needed.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    /// The text of the entry at exactly this path.
    pub fn text(&self, path: &str) -> Option<&str> {
        let found = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(found).map(|file| file.text.as_str())
    }
}
