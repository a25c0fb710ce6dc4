//! What all work of one visit shares: its limits, its progress, and what it has found.

use super::memory::Memory;
use super::progress::Progress;
use super::register::Register;
use crate::limits::Limits;
use crate::problem::{EntryError, Problem, ProblemKind};
use crate::visitor::{Visited, Visitor};
use std::sync::{Mutex, PoisonError};

pub(super) struct Context<'v> {
    pub(super) visitor: &'v dyn Visitor,
    pub(super) limits: &'v Limits,
    pub(super) progress: Progress<'v>,
    pub(super) memory: Memory,
    visited: Mutex<Visited>,
    problems: Mutex<Register>,
}

impl<'v> Context<'v> {
    pub(super) fn new(visitor: &'v dyn Visitor, limits: &'v Limits) -> Self {
        Self {
            visitor,
            limits,
            progress: Progress::new(visitor),
            memory: Memory::default(),
            visited: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.limits.cancel.is_raised()
    }

    /// Records what is wrong with the file at `path`.
    pub(super) fn record_error(&self, path: &str, error: EntryError) {
        // A cancelled visit gives no result, so what it broke off is not reported.
        if !self.is_cancelled() {
            self.record_problem(error.at(path));
        }
    }

    pub(super) fn record_problem(&self, problem: Problem) {
        let mut register = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        register.add(problem, false);
    }

    /// Records what is wrong with the archive at `path`, and with its entries.
    pub(super) fn record_problems(&self, path: &str, problems: impl Iterator<Item = Problem>) {
        let mut register = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.for_each(|problem| {
            let of_archive = problem.path == path;
            register.add(problem, of_archive);
        });
    }

    /// Records files of `bytes` bytes together.
    pub(super) fn record(&self, bytes: u64, mut paths: Vec<String>) {
        let mut visited = self.visited.lock().unwrap_or_else(PoisonError::into_inner);
        visited.bytes = visited.bytes.saturating_add(bytes);
        visited.paths.append(&mut paths);
    }

    /// All that was recorded, sorted. What is told of more problems than are told one by one stands under the bundle's name.
    pub(super) fn into_visited(self, name: &str) -> Visited {
        let mut visited = self.visited.into_inner().unwrap_or_else(PoisonError::into_inner);
        visited.files = visited.paths.len();
        visited.paths.sort_unstable();
        let problems = self.problems.into_inner().unwrap_or_else(PoisonError::into_inner);
        visited.problems = problems.into_sorted(name);
        visited
    }
}

/// The problem of a path that another file had before.
pub(super) fn duplicate(path: String) -> Problem {
    Problem {
        path,
        kind: ProblemKind::Duplicate,
        what: "duplicate path; the first file was read".to_owned(),
    }
}
