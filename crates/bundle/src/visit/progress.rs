//! How far a visit has come.

use crate::visitor::Visitor;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what one visit has read, and notifies the visitor.
pub(super) struct Progress<'v> {
    visitor: &'v dyn Visitor,
    done: AtomicU64,
    total: AtomicU64,
}

impl<'v> Progress<'v> {
    pub(super) fn new(visitor: &'v dyn Visitor) -> Self {
        Self {
            visitor,
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
        }
    }

    /// Announces bytes that will be read.
    pub(super) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The bytes that are known to be wanted so far.
    pub(super) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Counts bytes that were read.
    pub(super) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        self.visitor
            .progress(done, self.total.load(Ordering::Relaxed).max(done));
    }
}
