//! Decides what is read of a container.
//!
//! Planning is sequential and sorted by path, so budgets, duplicates and problems come out the same whatever the threads do.

use super::context::{Context, duplicate};
use super::job::Job;
use super::memory::MemoryPermit;
use super::subtree::Subtree;
use crate::entry::EntryIndex;
use crate::problem::{EntryError, Problem};
use crate::problems::Problems;
use crate::visitor::Want;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A container that can be read in any order.
pub(super) struct Container<'a> {
    pub(super) index: &'a Arc<EntryIndex>,
    /// Leading folders that are no part of the bundle's paths.
    pub(super) top: &'a str,
    /// The memory it takes up.
    pub(super) permit: Option<&'a Arc<MemoryPermit>>,
}

/// Records the files of a container, and gives jobs for those that are wanted.
pub(super) fn plan(context: &Context<'_>, container: &Container<'_>, subtree: &mut Subtree) -> Vec<Job> {
    let Container { index, top, permit } = *container;
    let mut problems = Problems::default();
    subtree.budget.spend_entries(index.refused);
    let mut fresh = BTreeMap::new();
    for (position, inner) in index.paths().enumerate() {
        let path = subtree.path(inner, top);
        if subtree.knows(&path) || fresh.contains_key(&path) {
            problems.push(duplicate(path));
        } else {
            fresh.insert(path, position);
        }
    }
    let mut jobs = Vec::new();
    let mut paths = Vec::with_capacity(fresh.len());
    let mut bytes = 0_u64;
    for (path, position) in fresh {
        let entry = &index.entries[position];
        bytes = bytes.saturating_add(entry.size.min(entry.packed.saturating_mul(context.limits.ratio)));
        let taken = subtree.budget.take_entry();
        match taken.and_then(|()| admit(context, &path, entry.size, entry.packed, subtree)) {
            Ok(Want::Skip) => {}
            Ok(want) => jobs.push(Job::new(index, position, &path, want, subtree.depth).holding(permit)),
            Err(error) => problems.push(error.at(path.clone())),
        }
        subtree.add(&path);
        paths.push(path);
    }
    let own = index.problems.iter().map(|problem| subtree.problem(problem, top));
    // What is told of many files has no path of its own.
    let planned = problems.into_vec().into_iter().map(|problem| Problem {
        path: if problem.path.is_empty() {
            subtree.container.clone()
        } else {
            problem.path
        },
        ..problem
    });
    context.record_problems(&subtree.container, own.chain(planned));
    context.record(bytes, paths);
    give_shares(&mut jobs, subtree);
    jobs
}

/// Gives each archive its share of what is left.
fn give_shares(jobs: &mut [Job], subtree: &Subtree) {
    let archives = jobs.iter().filter(|job| job.is_archive());
    let count = archives.clone().count();
    let total = archives.fold(0_u64, |sum, job| sum.saturating_add(job.entry().packed));
    for job in jobs {
        let packed = job.entry().packed;
        job.budget = subtree.budget.share(count, packed.min(total), total);
    }
}

/// Asks the visitor about one file and checks its answer against the limits.
///
/// Sizes are those the archive declares; readers hold every file to its declared size.
pub(super) fn admit(
    context: &Context<'_>,
    path: &str,
    size: u64,
    packed: u64,
    subtree: &mut Subtree,
) -> Result<Want, EntryError> {
    let limits = context.limits;
    let want = context.visitor.want(path, size);
    if want == Want::Skip {
        return Ok(want);
    }
    if size > limits.ratio_floor && size / limits.ratio.max(1) > packed {
        let ratio = limits.ratio;
        let what = format!("it unpacks to {size} bytes, more than {ratio} times its packed size");
        return Err(EntryError::over_limit(what));
    }
    if want == Want::Bytes && size > limits.entry_bytes {
        let most = limits.entry_bytes;
        let what = format!("it has {size} bytes; at most {most} are read of one file");
        return Err(EntryError::over_limit(what));
    }
    if want == Want::Enter && subtree.depth >= limits.depth {
        let what = format!("archives are nested deeper than {}", limits.depth);
        return Err(EntryError::over_limit(what));
    }
    if want == Want::Bytes {
        subtree.budget.take_text(size)?;
    }
    subtree.budget.take_bytes(size)?;
    context.progress.expect(size);
    Ok(want)
}
