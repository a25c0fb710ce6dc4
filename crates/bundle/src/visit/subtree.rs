//! Where in the bundle a container is, and what is known so far of the paths below.

use super::budget::Budget;
use crate::layout;
use crate::limits::Limits;
use crate::problem::Problem;
use std::collections::BTreeSet;

/// The bundle itself, or what is in one nested archive. Containers that were given together share one.
pub(crate) struct Subtree {
    /// What comes before its paths: empty, or `nodes/host-1.zip!`.
    prefix: String,
    /// What its own problems are recorded under: its path, or the name of the input.
    pub(crate) container: String,
    /// How many archives deep it is.
    pub(super) depth: usize,
    pub(super) budget: Budget,
    /// Paths that were seen.
    known: BTreeSet<String>,
}

impl Subtree {
    /// The bundle itself, which has `packed` bytes.
    pub(crate) fn root(limits: &Limits, packed: u64) -> Self {
        Self {
            prefix: String::new(),
            container: String::new(),
            depth: 0,
            budget: Budget::new(limits, packed),
            known: BTreeSet::new(),
        }
    }

    /// What is in the archive at `path`.
    pub(super) fn inside(path: &str, depth: usize, budget: Budget) -> Self {
        Self {
            prefix: format!("{path}!"),
            container: path.to_owned(),
            depth,
            budget,
            known: BTreeSet::new(),
        }
    }

    /// The path that the visitor knows a file by.
    pub(super) fn path(&self, inner: &str, top: &str) -> String {
        format!("{}{}", self.prefix, layout::strip_top(inner, top))
    }

    /// A problem of a container, with the path that the visitor knows.
    pub(super) fn problem(&self, problem: &Problem, top: &str) -> Problem {
        let path = if layout::strip_top(&problem.path, top).is_empty() {
            self.container.clone()
        } else {
            self.path(&problem.path, top)
        };
        Problem {
            path,
            ..problem.clone()
        }
    }

    /// Whether a file of this path was seen before.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.known.contains(path)
    }

    /// Remembers a path; false if it was seen before.
    pub(super) fn add(&mut self, path: &str) -> bool {
        self.known.insert(path.to_owned())
    }
}
