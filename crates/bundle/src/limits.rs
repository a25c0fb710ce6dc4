//! How much of a bundle is read.

use crate::cancel::Cancel;

/// Bounds on what one bundle may cost. All sizes are in bytes, uncompressed unless stated otherwise.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Number of files in the bundle, those of nested archives included. Default: 1,000,000.
    pub max_entries: usize,
    /// Bytes of all files that are read, together, with what has to be unpacked to get to them. Default: 64 GiB. A small bundle may
    /// have less: 1 GiB and a quarter of `ratio` times its size.
    pub total_bytes: u64,
    /// Bytes of one file that is handed over whole ([`Want::Bytes`](crate::Want::Bytes)). Default: 512 MiB.
    pub entry_bytes: u64,
    /// How many times its compressed size a file may unpack to, once it is larger than `ratio_floor`. Default: 1000.
    pub ratio: u64,
    /// Files of up to this many bytes may have any ratio. Default: 16 MiB.
    pub ratio_floor: u64,
    /// How many archives deep a file may be; a node archive in the bundle is 1 deep. Default: 4.
    pub depth: usize,
    /// Bytes of memory for nested archives that must be unpacked to be read. Default: 1 GiB.
    pub held_bytes: u64,
    /// Bytes of memory for all of these together, with what is made of them. Default: 4 GiB.
    ///
    /// It is kept by unpacking fewer archives at once; files are left out only where all that is read whole takes up more than a
    /// quarter: their texts and trees have to be there until the report is done.
    pub max_memory: u64,
    /// Raised, it ends a visit soon with [`ReadError::Cancelled`](crate::ReadError::Cancelled). Default: never raised.
    pub cancel: Cancel,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_entries: 1_000_000,
            total_bytes: 64 << 30,
            entry_bytes: 512 << 20,
            ratio: 1000,
            ratio_floor: 16 << 20,
            depth: 4,
            held_bytes: 1 << 30,
            max_memory: 4 << 30,
            cancel: Cancel::default(),
        }
    }
}

/// What one container may cost at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// Entries of its table of contents, refused ones included.
    pub(crate) entries: usize,
    /// Bytes that are unpacked to find its entries.
    pub(crate) bytes: u64,
}

impl Limits {
    /// What a container of `packed` bytes may cost that is all of the bundle.
    pub(crate) fn allowance(&self, packed: u64) -> Allowance {
        Allowance {
            entries: self.max_entries,
            bytes: self.unpacked_bytes(packed),
        }
    }

    /// The bytes that a bundle of `packed` bytes may unpack to, archives in archives and what is skipped included.
    ///
    /// One file may have any ratio up to the limit, but not all of a bundle: archives in archives multiply theirs.
    pub(crate) fn unpacked_bytes(&self, packed: u64) -> u64 {
        const FLOOR: u64 = 1 << 30;
        let most = (self.ratio / 4).max(1).saturating_mul(packed).saturating_add(FLOOR);
        self.total_bytes.min(most)
    }

    /// Memory for nested archives.
    pub(crate) fn nested_memory(&self) -> u64 {
        self.held_bytes.min(self.max_memory / 4)
    }

    /// Memory for files that are read whole.
    pub(crate) fn text_memory(&self) -> u64 {
        self.max_memory / 4
    }

    /// Memory for one of the buffers whose size a bundle chooses.
    pub(crate) fn buffer_memory(&self) -> u64 {
        (256 << 20).min(self.max_memory / 8)
    }

    /// The longest file that is inflated in one go: one that is kept, or, of `total` bytes to be read, one that is only streamed.
    /// Memory for streamed files pays where it is used again and again.
    pub(crate) fn max_inflated_at_once(&self, kept: bool, total: u64) -> u64 {
        let most = if kept {
            64 << 20
        } else {
            (total / 32).clamp(1 << 20, 16 << 20)
        };
        self.buffer_memory().min(most)
    }
}
