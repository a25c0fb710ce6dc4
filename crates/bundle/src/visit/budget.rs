//! What may still be used below one container.

use crate::limits::{Allowance, Limits};
use crate::problem::EntryError;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Budget {
    pub(super) bytes: u64,
    /// What there was in the beginning.
    most_bytes: u64,
    entries: usize,
    /// Bytes of files that are read whole.
    texts: u64,
}

impl Budget {
    /// What a bundle of `packed` bytes may use.
    pub(super) fn new(limits: &Limits, packed: u64) -> Self {
        let bytes = limits.unpacked_bytes(packed);
        Self {
            bytes,
            most_bytes: bytes,
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

    /// The error of what would unpack to more than is left.
    pub(super) fn over_bytes(&self) -> EntryError {
        let most = self.most_bytes;
        EntryError::over_limit(format!(
            "the limit on bytes is reached: of this bundle at most {most} are unpacked, or its share of them"
        ))
    }

    /// Takes entries away that were refused before.
    pub(super) fn spend_entries(&mut self, count: usize) {
        self.entries = self.entries.saturating_sub(count);
    }

    /// How many entries may still be taken.
    pub(super) fn entries(self) -> usize {
        self.entries
    }

    /// Takes bytes away that were unpacked already.
    pub(super) fn spend(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// The share of one of `count` nested archives, which has `packed` bytes of the `total` of all: so none can starve the others. Half
    /// of the bytes goes by the size, as a large archive unpacks to more.
    pub(super) fn share(self, count: usize, packed: u64, total: u64) -> Self {
        let count = count.max(1);
        let half = self.bytes / 2;
        // Not more than the half itself.
        let by_size = u128::from(half) * u128::from(packed) / u128::from(total.max(packed).max(1));
        Self {
            bytes: half / count as u64 + by_size as u64,
            most_bytes: self.most_bytes,
            entries: self.entries / count,
            texts: self.texts / count as u64,
        }
    }

    /// Takes one of `count` shares away and gives it.
    pub(super) fn take_share(&mut self, count: usize) -> Self {
        let share = Self {
            bytes: self.bytes / count.max(1) as u64,
            ..self.share(count, 0, 0)
        };
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
        self.bytes = left.ok_or_else(|| self.over_bytes())?;
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
        let mut budget = Budget::new(&limits, 0);
        let share = budget.take_share(3);
        assert_eq!((share.bytes, share.entries, share.texts), (3, 1, 3));
        assert_eq!((budget.bytes, budget.entries, budget.texts), (7, 4, 7));
        assert!(budget.take_bytes(7).is_ok());
        assert!(budget.take_bytes(1).is_err());
        assert_eq!(budget.share(0, 0, 0).entries, 4);
    }

    #[test]
    fn shares_of_bytes_go_by_size_in_part() {
        let limits = Limits::default();
        let budget = Budget::new(&limits, 1 << 20);
        let sizes = [1_000_u64, 1, 0, 999_999, 37];
        let total = sizes.iter().sum();
        let shares = sizes.map(|size| budget.share(sizes.len(), size, total).bytes);
        assert!(shares.iter().sum::<u64>() <= budget.bytes);
        assert!(shares[2] >= budget.bytes / 11 && shares[3] > budget.bytes / 2);
        assert!(budget.bytes < 2 << 30);
    }
}
