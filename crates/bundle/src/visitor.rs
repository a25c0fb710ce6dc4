//! What the user of a bundle implements, and what a visit returns.

use crate::problem::Problem;
use std::io::BufRead;

/// What a visitor wants of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Nothing; the file is not read.
    Skip,
    /// The whole content at once, through [`Visitor::bytes`].
    Bytes,
    /// The content piece by piece, through [`Visitor::stream`].
    Stream,
    /// The file is an archive: visit the files in it.
    Enter,
}

/// Receives the files of a bundle. Methods are called from several threads at once, in no particular order.
///
/// Paths are `/`-separated, without the bundle's top folder. Those inside a nested archive follow the archive's own path and a
/// `!`, again without a top folder: `nodes/host-1.zip!logs/kernel.log`.
pub trait Visitor: Sync {
    /// Says what is wanted of a file, before any of it is read. `size` is what the archive declares.
    fn want(&self, path: &str, size: u64) -> Want;

    /// Takes the whole content of a file. Not called for a file that is damaged or over a limit.
    fn bytes(&self, path: &str, data: Vec<u8>);

    /// Reads a file piece by piece: the reader's buffer may hold all of it. The reader fails where the file is damaged or over a
    /// limit; the problem is recorded, whatever is made of the error.
    fn stream(&self, path: &str, reader: &mut dyn BufRead);

    /// Says whether nothing more is wanted of the archive at `archive`. It is asked after each file of a compressed tar, whose
    /// rest then need not be unpacked: files after that are not known, and damage behind it goes unnoticed.
    fn has_enough(&self, archive: &str) -> bool {
        let _ = archive;
        false
    }

    /// Learns how many bytes have been read, of how many that are known to be wanted so far.
    fn progress(&self, bytes_done: u64, bytes_total: u64) {
        let _ = (bytes_done, bytes_total);
    }
}

/// What a visit came across.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visited {
    /// Number of files, those in nested archives included.
    pub files: usize,
    /// Their uncompressed bytes as declared.
    pub bytes: u64,
    /// Paths of all files, sorted.
    pub paths: Vec<String>,
    /// What was refused, damaged, over a limit or duplicate, sorted by path.
    pub problems: Vec<Problem>,
}
