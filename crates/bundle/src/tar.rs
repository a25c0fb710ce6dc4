//! Members of a tar: as an index where the tar can be read at any offset, or one after the other from a stream.
//!
//! It is our own reader, on top of the headers of the tar crate: that crate ends at the first blocks of zeros and at the first damaged
//! header, loses its place in sparse files, and reads extension headers of any length into memory. `walk` goes from header to header,
//! and `extension` reads what stands in front of a member.

mod extension;
pub(crate) mod header;
mod walk;

use crate::entry::{Entry, EntryIndex, Location};
use crate::limits::Allowance;
use crate::problem::{EntryError, Problem};
use crate::problems::Problems;
use crate::source::Source;
use crate::sparse::SparseMap;
use std::io::Read;
use std::ops::ControlFlow;
pub(crate) use walk::Step;
use walk::{Flow, Walk};

/// One member of a tar: a file, or what must not be read. Folders are left out.
pub(crate) struct Member {
    /// Its path, or what is wrong with it.
    pub(crate) path: Result<String, Problem>,
    pub(crate) size: u64,
    /// Its size in the tar, without the holes.
    pub(crate) packed: u64,
    offset: u64,
    /// Where its bytes belong, if it has holes.
    map: Option<SparseMap>,
}

/// The table of contents of a tar that is not compressed.
///
/// What is wrong with the tar itself is a problem with the empty path, unless nothing of it could be read.
pub(crate) fn read(source: &Source, allowance: Allowance) -> Result<EntryIndex, EntryError> {
    let mut entries = Vec::new();
    let mut problems = Problems::default();
    let done = Walk::new(source.reader(0), allowance.entries).run(&mut |step| {
        match step {
            Step::Damage(error) => problems.push(error.at("")),
            Step::Member(member, _) => match member.path {
                Ok(path) => entries.push(Entry {
                    path,
                    size: member.size,
                    packed: member.packed,
                    location: match member.map {
                        Some(map) => Location::Sparse(member.offset, Box::new(map)),
                        None => Location::Offset(member.offset),
                    },
                }),
                Err(problem) => problems.push(problem),
            },
        }
        ControlFlow::Continue(())
    });
    match done {
        Err(error) if entries.is_empty() && error.os_error().is_some() => return Err(error),
        Err(error) => problems.push_own(error),
        Ok(()) => {}
    }
    Ok(EntryIndex {
        source: Some(source.clone()),
        entries,
        refused: problems.total(),
        problems: problems.into_vec(),
    })
}

/// Gives the members of a tar one after the other, each with a reader of its bytes.
///
/// An error says why the tar could not be read to its end.
pub(crate) fn stream<R: Read>(
    reader: R,
    most_entries: usize,
    take: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<(), EntryError> {
    Walk::new(Flow(reader), most_entries).run(take)
}
