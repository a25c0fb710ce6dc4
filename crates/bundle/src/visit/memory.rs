//! The memory of one visit: what is held in it, and buffers that are used again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Memory whose size the bundle determines.
#[derive(Default)]
pub(super) struct Memory {
    /// Bytes of nested archives in memory and of files on their way to the visitor.
    held: Arc<AtomicU64>,
    scratch: Mutex<Vec<Scratch>>,
}

/// Buffers for inflating a file, used again for the next one.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) packed: Vec<u8>,
    pub(super) data: Vec<u8>,
}

/// Counts as held memory until it is dropped.
pub(super) struct MemoryPermit {
    held: Arc<AtomicU64>,
    bytes: u64,
}

impl Memory {
    /// The bytes that are held now.
    pub(super) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Counts bytes as held, unless that makes more than `most` and others hold any.
    pub(super) fn try_hold(&self, bytes: u64, most: u64) -> Option<MemoryPermit> {
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        let add = |held: u64| {
            let sum = held.saturating_add(bytes);
            (held == 0 || sum <= most).then_some(sum)
        };
        self.held.fetch_update(set, fetch, add).ok()?;
        Some(MemoryPermit {
            held: Arc::clone(&self.held),
            bytes,
        })
    }

    /// Counts bytes as held.
    pub(super) fn hold(&self, bytes: u64) -> MemoryPermit {
        self.held.fetch_add(bytes, Ordering::Relaxed);
        MemoryPermit {
            held: Arc::clone(&self.held),
            bytes,
        }
    }

    /// Lends buffers. They are as many as there are threads that inflate at the same time.
    pub(super) fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let mut scratch = lock(&self.scratch).pop().unwrap_or_default();
        let outcome = work(&mut scratch);
        lock(&self.scratch).push(scratch);
        outcome
    }
}

impl Drop for MemoryPermit {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_given_back_with_its_last_permit() {
        let memory = Memory::default();
        let permit = Arc::new(memory.hold(3));
        let other = memory.hold(4);
        let clone = Arc::clone(&permit);
        drop(permit);
        assert_eq!(memory.held(), 7);
        drop(clone);
        assert_eq!(memory.held(), 4);
        drop(other);
        assert_eq!(memory.held(), 0);
    }
}
