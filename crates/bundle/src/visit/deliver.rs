//! Reads one file of an index and gives it to the visitor in the form it wants.

use super::context::Context;
use super::job::Job;
use super::memory::Scratch;
use super::reader::{LimitedReader, SliceReader};
use crate::problem::EntryError;
use crate::visitor::Want;
use crate::zip::content::AtOnce;
use std::io::Read;

/// Reads the file of a job.
pub(super) fn deliver(context: &Context<'_>, job: &Job) -> Result<(), EntryError> {
    let is_kept = job.want == Want::Bytes;
    let most = context.limits.max_inflated_at_once(is_kept, context.progress.total());
    if job.entry().size <= most && context.memory.with_scratch(|scratch| inflate(context, job, scratch))? {
        return Ok(());
    }
    deliver_pieces(context, job, job.index().open(job.entry())?)
}

/// Inflates a file in one go; false, and nothing given, if it has to be read piece by piece.
fn inflate(context: &Context<'_>, job: &Job, scratch: &mut Scratch) -> Result<bool, EntryError> {
    let (index, entry) = (job.index(), job.entry());
    let Scratch { packed, data } = scratch;
    // What the visitor keeps gets memory of its own.
    let mut own = Vec::new();
    let is_kept = job.want == Want::Bytes;
    let data = if is_kept { &mut own } else { data };
    match index.inflate(entry, packed, data)? {
        AtOnce::Unsuitable => return Ok(false),
        AtOnce::Failed(compressed) => {
            deliver_pieces(context, job, compressed.reader(packed))?;
        }
        AtOnce::Done => {
            context.progress.add(entry.size);
            if is_kept {
                context.visitor.bytes(&job.path, own);
            } else {
                // It was inflated into a buffer of at least this length.
                let left = &data[..entry.size as usize];
                context.visitor.stream(&job.path, &mut SliceReader { left, context });
            }
        }
    }
    Ok(true)
}

fn deliver_pieces(context: &Context<'_>, job: &Job, reader: impl Read) -> Result<(), EntryError> {
    let entry = job.entry();
    let reader = LimitedReader::new(reader, entry.size, context);
    if job.want == Want::Stream {
        return reader.stream(|reader| context.visitor.stream(&job.path, reader));
    }
    // A lying size must not cost memory: what is packed small starts small.
    let start = entry.size.min(entry.packed.saturating_mul(32).saturating_add(4096));
    let data = reader.read_whole(start)?;
    context.visitor.bytes(&job.path, data);
    Ok(())
}
