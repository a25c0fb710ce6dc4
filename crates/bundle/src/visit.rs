//! Reads the entries of opened containers in parallel and hands them to a visitor.
//!
//! Here is what leads from one container to the next: a job may be an archive, whose files are jobs again. The parts know nothing
//! of that: `plan` makes the jobs of one container, `deliver` reads the file of one job, and `stream` reads a tar that has no
//! table of contents.

mod budget;
mod context;
mod deliver;
mod job;
mod memory;
mod plan;
mod progress;
mod reader;
mod register;
mod stream;
mod subtree;

use crate::compression::Compression;
use crate::entry::EntryIndex;
use crate::error::ReadError;
use crate::format::{Format, HEAD};
use crate::layout;
use crate::limits::Limits;
use crate::problem::EntryError;
use crate::source::Source;
use crate::visitor::{Visited, Visitor};
use crate::{tar, zip};
use context::Context;
use job::Job;
use memory::MemoryPermit;
use plan::Container;
use rayon::Scope;
use reader::LimitedReader;
use std::collections::BinaryHeap;
use std::io::{Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};
use stream::NestedArchive;
pub(crate) use stream::Stream;
pub(crate) use subtree::Subtree;

/// How many archives a stream is taken to hold when it is not known: each gets this part of what is left of the budget.
const SHARES: usize = 16;

/// One visit under way.
pub(crate) struct Visit<'v> {
    context: Context<'v>,
    /// Jobs that wait for a thread.
    waiting: Mutex<BinaryHeap<Job>>,
    /// Archives that wait for memory.
    deferred: Mutex<Vec<Job>>,
}

impl<'v> Visit<'v> {
    pub(crate) fn new(visitor: &'v dyn Visitor, limits: &'v Limits) -> Self {
        Self {
            context: Context::new(visitor, limits),
            waiting: Mutex::default(),
            deferred: Mutex::default(),
        }
    }

    /// Runs the archives that waited for memory, one after the other, and gives what all of the visit of the bundle with this name
    /// came across.
    ///
    /// # Errors
    ///
    /// [`ReadError::Cancelled`] if the visit was cancelled.
    pub(crate) fn finish(self, name: &str) -> Result<Visited, ReadError> {
        loop {
            let job = pop(&self.deferred, Vec::pop);
            let Some(job) = job else { break };
            rayon::scope(|scope| self.run(scope, job));
        }
        if self.context.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        Ok(self.context.into_visited(name))
    }
}

impl Visit<'_> {
    /// Queues what is wanted of one container.
    pub(crate) fn add<'s>(&'s self, scope: &Scope<'s>, index: &Arc<EntryIndex>, top: &str, subtree: &mut Subtree) {
        let permit = None;
        self.queue(scope, &Container { index, top, permit }, subtree);
    }

    /// Records what is wrong with a container, if anything is.
    pub(crate) fn record(&self, subtree: &Subtree, problem: Option<EntryError>) {
        if let Some(error) = problem {
            self.context.record_error(&subtree.container, error);
        }
    }

    /// Reads a compressed tar of the bundle's own files.
    pub(crate) fn read_stream<'s>(
        &'s self,
        scope: &Scope<'s>,
        reader: &mut dyn Read,
        stream: Stream,
        subtree: &mut Subtree,
    ) {
        if let Err(error) = self.stream(scope, reader, stream, subtree) {
            self.context.record_error(&subtree.container, error);
        }
    }

    fn queue<'s>(&'s self, scope: &Scope<'s>, container: &Container<'_>, subtree: &mut Subtree) {
        let jobs = plan::plan(&self.context, container, subtree);
        let count = jobs.len();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(jobs);
        drop(waiting);
        // Each task takes the best job there is when it runs, not the one it was spawned for.
        for _ in 0..count {
            scope.spawn(|scope| {
                if let Some(job) = pop(&self.waiting, BinaryHeap::pop) {
                    self.run(scope, job);
                }
            });
        }
    }

    fn run<'s>(&'s self, scope: &Scope<'s>, job: Job) {
        if self.context.is_cancelled() {
            return;
        }
        let done = if job.is_archive() {
            let most = self.context.limits.nested_memory();
            let (is_stored, size) = (job.entry().is_stored(), job.entry().size);
            let permit = (!is_stored).then(|| self.context.memory.try_hold(size, most));
            if matches!(permit, Some(None)) && !job.holds_memory() {
                let mut deferred = self.deferred.lock().unwrap_or_else(PoisonError::into_inner);
                deferred.push(job);
                return;
            }
            self.enter(scope, &job, permit.flatten())
        } else {
            deliver::deliver(&self.context, &job)
        };
        if let Err(error) = done {
            self.context.record_error(&job.path, error);
        }
    }

    /// Visits what is in the archive of a job, for which there is a permit if it may have to be unpacked into memory.
    fn enter<'s>(&'s self, scope: &Scope<'s>, job: &Job, permit: Option<MemoryPermit>) -> Result<(), EntryError> {
        let (index, entry) = (job.index(), job.entry());
        let mut subtree = Subtree::inside(&job.path, job.depth + 1, job.budget);
        match index.format(entry)? {
            Format::Zip if entry.is_stored() => {
                let index = self.read_zip(&index.raw(entry)?, &mut subtree)?;
                self.add(scope, &index, &layout::shared_top(index.paths()), &mut subtree);
                Ok(())
            }
            Format::Zip => {
                // Of one that is cut, there is no more than its size.
                let most = if entry.is_cut() { entry.size } else { u64::MAX };
                let held = self.hold(index.open(entry)?.take(most), entry.size, permit)?;
                self.enter_held(scope, held, &mut subtree)
            }
            Format::Tar(Compression::None) if entry.is_stored() => {
                let tar = Arc::new(tar::read(&index.raw(entry)?, subtree.budget.allowance())?);
                self.add(scope, &tar, &layout::shared_top(tar.paths()), &mut subtree);
                Ok(())
            }
            Format::Tar(compression) => {
                drop(permit);
                let mut reader = LimitedReader::new(index.open(entry)?, entry.size, &self.context);
                let stream = Stream { compression, top: None };
                self.stream(scope, &mut reader, stream, &mut subtree)
            }
            Format::Other => Err(no_archive()),
        }
    }

    fn stream<'s>(
        &'s self,
        scope: &Scope<'s>,
        reader: &mut dyn Read,
        stream: Stream,
        subtree: &mut Subtree,
    ) -> Result<(), EntryError> {
        stream::read(&self.context, scope, reader, stream, subtree, &mut |nested, subtree| {
            self.enter_member(scope, nested, subtree)
        })
    }

    /// Visits what is in an archive in a tar.
    fn enter_member<'s>(
        &'s self,
        scope: &Scope<'s>,
        nested: NestedArchive<'_>,
        subtree: &mut Subtree,
    ) -> Result<(), EntryError> {
        let NestedArchive { path, size, reader } = nested;
        let share = subtree.budget.take_share(SHARES);
        let mut inside = Subtree::inside(path, subtree.depth + 1, share);
        let head = LimitedReader::new(reader.take(HEAD), HEAD, &self.context).read_whole(HEAD)?;
        let format = Format::of(&head);
        let mut whole = Cursor::new(head).chain(reader);
        match format {
            Format::Zip => {
                let permit = self.context.memory.try_hold(size, self.context.limits.nested_memory());
                let held = self.hold(&mut whole, size, permit)?;
                self.enter_held(scope, held, &mut inside)
            }
            Format::Tar(compression) => {
                let stream = Stream { compression, top: None };
                self.stream(scope, &mut whole, stream, &mut inside)
            }
            Format::Other => Err(no_archive()),
        }
    }

    /// Reads the table of contents of a nested zip.
    fn read_zip(&self, source: &Source, subtree: &mut Subtree) -> Result<Arc<EntryIndex>, EntryError> {
        let zip = zip::read(source, false, self.context.limits, subtree.budget.allowance())?;
        subtree.budget.spend(zip.unpacked);
        Ok(Arc::new(zip.index))
    }

    /// Visits what is in a zip in memory.
    fn enter_held<'s>(&'s self, scope: &Scope<'s>, held: Held, subtree: &mut Subtree) -> Result<(), EntryError> {
        let Held {
            source,
            permit,
            is_granted,
        } = held;
        let index = self.read_zip(&source, subtree)?;
        let permit = Arc::new(permit);
        let container = Container {
            index: &index,
            top: &layout::shared_top(index.paths()),
            permit: Some(&permit),
        };
        if is_granted {
            self.queue(scope, &container, subtree);
            return Ok(());
        }
        // There is no memory for another one: this one is done with before the next.
        let mut jobs = plan::plan(&self.context, &container, subtree);
        jobs.sort_by(|one, other| other.cmp(one));
        for job in jobs {
            self.run(scope, job);
        }
        Ok(())
    }

    /// Reads an archive of a declared size into memory, for which there is a permit unless others take up too much of it.
    fn hold(&self, reader: impl Read, size: u64, permit: Option<MemoryPermit>) -> Result<Held, EntryError> {
        let most = self.context.limits.nested_memory();
        if size > most {
            let what = format!("it would take {size} bytes of memory to read it; at most {most} are used");
            return Err(EntryError::over_limit(what));
        }
        let is_granted = permit.is_some();
        let permit = permit.unwrap_or_else(|| self.context.memory.hold(size));
        let data = LimitedReader::new(reader, size, &self.context).read_whole(0)?;
        Ok(Held {
            source: Source::memory(data),
            permit,
            is_granted,
        })
    }
}

/// An archive in memory.
struct Held {
    source: Source,
    permit: MemoryPermit,
    /// Whether the memory for it was there.
    is_granted: bool,
}

fn no_archive() -> EntryError {
    EntryError::unreadable("it is not a supported archive")
}

fn pop<C, T>(queue: &Mutex<C>, next: impl FnOnce(&mut C) -> Option<T>) -> Option<T> {
    next(&mut queue.lock().unwrap_or_else(PoisonError::into_inner))
}
