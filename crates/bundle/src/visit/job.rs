//! Entries waiting to be read, and their priority.

use super::budget::Budget;
use super::memory::MemoryPermit;
use crate::entry::{Entry, EntryIndex};
use crate::visitor::Want;
use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

pub(super) struct Job {
    priority: Priority,
    index: Arc<EntryIndex>,
    /// Which entry of the index.
    entry: usize,
    pub(super) path: String,
    pub(super) want: Want,
    /// How many archives deep its container is.
    pub(super) depth: usize,
    /// For an archive: what may be used for what is in it.
    pub(super) budget: Budget,
    /// Memory that the container takes up; given back with the last of its jobs, which is why it comes after the index.
    permit: Option<Arc<MemoryPermit>>,
}

/// The greatest goes first: what holds memory, then what takes longest, then what comes first in its container.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Priority {
    frees_memory: bool,
    cost: u64,
    position: Reverse<usize>,
}

impl Job {
    pub(super) fn new(index: &Arc<EntryIndex>, entry: usize, path: &str, want: Want, depth: usize) -> Self {
        let Entry { size, packed, .. } = index.entries[entry];
        // Inflating a packed byte gives about twenty bytes to read; an xz takes twice as long again.
        let cost = match want {
            Want::Enter if path.ends_with("xz") => packed.saturating_mul(40),
            Want::Enter => packed.saturating_mul(20),
            Want::Skip | Want::Bytes | Want::Stream => size,
        };
        Self {
            priority: Priority {
                frees_memory: false,
                cost,
                position: Reverse(entry),
            },
            index: Arc::clone(index),
            entry,
            path: path.to_owned(),
            want,
            depth,
            budget: Budget::default(),
            permit: None,
        }
    }

    /// The same job of a container that is in memory.
    pub(super) fn holding(mut self, permit: Option<&Arc<MemoryPermit>>) -> Self {
        self.priority.frees_memory = permit.is_some();
        self.permit = permit.cloned();
        self
    }

    /// Whether its container is in memory, so that the job must not wait for memory itself.
    pub(super) fn holds_memory(&self) -> bool {
        self.permit.is_some()
    }

    pub(super) fn is_archive(&self) -> bool {
        self.want == Want::Enter
    }

    pub(super) fn index(&self) -> &EntryIndex {
        &self.index
    }

    pub(super) fn entry(&self) -> &Entry {
        &self.index.entries[self.entry]
    }
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.priority == other.priority
    }
}

impl Eq for Job {}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority.cmp(&other.priority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_frees_memory_goes_first_then_what_costs_most_then_what_comes_first() {
        let priority = |frees_memory, cost, position| Priority {
            frees_memory,
            cost,
            position: Reverse(position),
        };
        assert!(priority(true, 1, 9) > priority(false, 100, 0));
        assert!(priority(false, 2, 9) > priority(false, 1, 0));
        assert!(priority(false, 1, 3) > priority(false, 1, 4));
    }
}
