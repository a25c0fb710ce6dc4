//! The flag by which work is ended early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends work early: whoever holds a clone may raise it, and the work looks at it from time to time.
///
/// The default is a flag that is never raised, for work that is never cancelled.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Option<Arc<AtomicBool>>);

impl Cancel {
    /// A flag that can be raised.
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Asks for the end of all work that has a clone of this flag, and returns whether that was asked before. A default flag
    /// cannot be raised.
    pub fn raise(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.swap(true, Ordering::Relaxed))
    }

    /// Whether the work should end.
    pub fn is_raised(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raised_flag_is_seen_by_its_clones_and_by_no_default_one() {
        let cancel = Cancel::new();
        let clone = cancel.clone();
        assert!(!clone.is_raised());
        assert!(!cancel.raise());
        assert!(cancel.raise());
        assert!(clone.is_raised());
        let never = Cancel::default();
        never.raise();
        assert!(!never.is_raised());
    }
}
