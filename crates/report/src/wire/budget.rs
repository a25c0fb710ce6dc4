//! How much a document may say with its references: a short text that refers to a long name very often must not fill the memory.

use crate::wire::common::Broken;
use std::cell::Cell;

/// The most bytes that references may stand for. Those of 50,000 VMs in a hundred findings come to about a fifth.
const MOST: usize = 512 << 20;

/// What is left of it.
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    pub(crate) fn new() -> Budget {
        Budget(Cell::new(MOST))
    }

    /// Takes the bytes of texts that are about to be copied.
    pub(crate) fn take(&self, texts: &[&str]) -> Result<(), Broken> {
        let bytes: usize = texts.iter().map(|text| text.len() + size_of::<String>()).sum();
        let left = self.0.get().checked_sub(bytes);
        let left = left.ok_or_else(|| Broken::new(format!("references stand for more than {} MiB", MOST >> 20)))?;
        self.0.set(left);
        Ok(())
    }
}
