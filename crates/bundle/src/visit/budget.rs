//! What may still be used below one container.

use crate::limits::{Allowance, Limits};
use crate::problem::EntryError;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Budget {
    pub(super) bytes: u64,
    entries: usize,
    /// Bytes of files that are read whole.
    texts: u64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            bytes: limits.total_bytes,
            entries: limits.max_entries,
            texts: limits.text_memory(),
        }
    }

    /// What reading a table of contents may cost.
    pub(super) fn allowance(self) -> Allowance {
        Allowance {
            entries: self.entries,
            bytes: self.bytes,
        }
    }

    /// How many entries may still be taken.
    pub(super) fn entries(self) -> usize {
        self.entries
    }

    /// Takes bytes away that were unpacked already.
    pub(super) fn spend(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// An equal share for each of `count` nested archives, so that none can starve the others.
    pub(super) fn share(self, count: usize) -> Self {
        let count = count.max(1);
        Self {
            bytes: self.bytes / count as u64,
            entries: self.entries / count,
            texts: self.texts / count as u64,
        }
    }

    /// Takes one of `count` shares away and gives it.
    pub(super) fn take_share(&mut self, count: usize) -> Self {
        let share = self.share(count);
        self.bytes -= share.bytes;
        self.entries -= share.entries;
        self.texts -= share.texts;
        share
    }

    pub(super) fn take_entry(&mut self) -> Result<(), EntryError> {
        let left = self.entries.checked_sub(1);
        self.entries = left.ok_or_else(|| EntryError::over_limit("the limit on files is reached"))?;
        Ok(())
    }

    pub(super) fn take_text(&mut self, bytes: u64) -> Result<(), EntryError> {
        let left = self.texts.checked_sub(bytes);
        self.texts = left.ok_or_else(|| EntryError::over_limit("the limit on memory is reached"))?;
        Ok(())
    }

    pub(super) fn take_bytes(&mut self, bytes: u64) -> Result<(), EntryError> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or_else(|| EntryError::over_limit("the limit on bytes is reached"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_add_up_to_more_than_there_is() {
        let limits = Limits {
            total_bytes: 10,
            max_entries: 5,
            max_memory: 40,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits);
        let share = budget.take_share(3);
        assert_eq!((share.bytes, share.entries, share.texts), (3, 1, 3));
        assert_eq!((budget.bytes, budget.entries, budget.texts), (7, 4, 7));
        assert!(budget.take_bytes(7).is_ok());
        assert!(budget.take_bytes(1).is_err());
        assert_eq!(budget.share(0).entries, 4);
    }
}
