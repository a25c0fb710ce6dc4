//! Runs planned entries on the thread pool: reads files, enters nested archives, keeps memory bounded.

use super::{Budget, Run, Tree, lock};
use crate::entry::{Entry, Index};
use crate::error::Trouble;
use crate::guard::{Guard, Whole};
use crate::nested::{self, Content};
use crate::packing::Packing;
use crate::source::Source;
use crate::visit::stream::Stream;
use crate::{Want, name, tar};
use rayon::Scope;
use std::cmp::{Ordering, Reverse};
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// An entry that waits to be read.
pub(super) struct Job {
    /// Whether its container holds memory, what it costs, and its place in the container.
    rank: (bool, u64, Reverse<usize>),
    index: Arc<Index>,
    /// Memory the container holds; given back when its last job is gone.
    hold: Option<Arc<Hold>>,
    path: String,
    want: Want,
    depth: usize,
    budget: Budget,
}

/// Memory for unpacking a file, used again for the next.
#[derive(Default)]
pub(super) struct Room {
    packed: Vec<u8>,
    data: Vec<u8>,
}

/// The number of bytes an unpacked archive takes up in memory.
pub(super) struct Hold(pub(super) u64);

impl Job {
    pub(super) fn new(
        (index, at): (&Arc<Index>, usize),
        path: &str,
        want: Want,
        depth: usize,
        hold: Option<&Arc<Hold>>,
    ) -> Self {
        let (size, packed) = index.entries.get(at).map_or((0, 0), |entry| (entry.size, entry.packed));
        // Inflating a packed byte gives about twenty bytes to read; an xz takes twice as long again.
        let cost = match want {
            Want::Enter if path.ends_with("xz") => packed.saturating_mul(40),
            Want::Enter => packed.saturating_mul(20),
            _ => size,
        };
        let rank = (hold.is_some(), cost, Reverse(at));
        let budget = Budget::default();
        Self {
            rank,
            index: Arc::clone(index),
            hold: hold.cloned(),
            path: path.to_owned(),
            want,
            depth,
            budget,
        }
    }

    pub(super) fn is_archive(&self) -> bool {
        self.want == Want::Enter
    }

    fn entry(&self) -> Option<&Entry> {
        self.index.entries.get(self.rank.2.0)
    }
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Job {}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl Run<'_> {
    /// Queues jobs, with a budget for each that is an archive.
    pub(super) fn queue<'s>(&'s self, scope: &Scope<'s>, jobs: Vec<Job>, budget: Budget) {
        let count = jobs.len();
        lock(&self.waiting).extend(jobs.into_iter().map(|job| Job { budget, ..job }));
        // Each task takes the best job there is when it runs, not the one it was spawned for.
        for _ in 0..count {
            scope.spawn(|scope| {
                let job = lock(&self.waiting).pop();
                if let Some(job) = job {
                    self.work(scope, job);
                }
            });
        }
    }

    /// Runs archives that were put off because others were held in memory, one after the other.
    pub(crate) fn run_deferred(&self) {
        loop {
            let job = lock(&self.deferred).pop();
            let Some(job) = job else { return };
            rayon::scope(|scope| self.work(scope, job));
        }
    }

    fn work<'s>(&'s self, scope: &Scope<'s>, job: Job) {
        if self.meter.is_cancelled() {
            return;
        }
        let Some(entry) = job.entry() else { return };
        let done = if job.is_archive() {
            let held = self.held.load(Relaxed);
            let needs_memory = !Index::is_raw(entry);
            if needs_memory && held > 0 && held.saturating_add(entry.size) > self.limits.held() {
                lock(&self.deferred).push(job);
                return;
            }
            self.enter(scope, &job, entry)
        } else {
            self.read(&job, entry)
        };
        if let Err(trouble) = done {
            self.report(&job.path, trouble);
        }
        self.release(job.hold);
    }

    /// Reads one file and gives it to the visitor in the form it wants.
    fn read(&self, job: &Job, entry: &Entry) -> Result<(), Trouble> {
        if entry.size <= self.limits.at_once(job.want == Want::Bytes, self.meter.total()) {
            let mut room = lock(&self.rooms).pop().unwrap_or_default();
            let done = self.read_at_once(job, entry, &mut room);
            lock(&self.rooms).push(room);
            if done {
                return Ok(());
            }
        }
        let reader = job.index.open(entry)?;
        self.read_pieces(&job.path, reader, entry, job.want);
        Ok(())
    }

    /// Unpacks a file at once and gives it to the visitor; false, and nothing given, if it has to be read piece by piece.
    fn read_at_once(&self, job: &Job, entry: &Entry, room: &mut Room) -> bool {
        let (Room { packed, data }, meter) = (room, &self.meter);
        // What the visitor keeps gets memory of its own.
        let mut own = Vec::new();
        let is_kept = job.want == Want::Bytes;
        let data = if is_kept { &mut own } else { data };
        let Some(left) = job.index.inflate(entry, packed, data) else {
            return false;
        };
        meter.add(left.len() as u64);
        if is_kept {
            meter.visitor.bytes(&job.path, own);
        } else {
            meter.visitor.stream(&job.path, &mut Whole { left, meter });
        }
        true
    }

    fn read_pieces(&self, path: &str, reader: impl Read, entry: &Entry, want: Want) {
        let guard = Guard::new(reader, entry.size, &self.meter);
        if want == Want::Stream {
            let trouble = look_through(guard, entry.size, |reader| self.meter.visitor.stream(path, reader));
            if let Some(trouble) = trouble {
                self.report(path, trouble);
            }
            return;
        }
        // A lying size must not cost memory: what is packed small starts small.
        let start = entry.size.min(entry.packed.saturating_mul(32).saturating_add(4096));
        match read_whole(guard, start) {
            Ok(data) => self.meter.visitor.bytes(path, data),
            Err(trouble) => self.report(path, trouble),
        }
    }

    fn enter<'s>(&'s self, scope: &Scope<'s>, job: &Job, entry: &Entry) -> Result<(), Trouble> {
        let mut tree = Tree::inside(&job.path, job.depth + 1, job.budget);
        match nested::look(&job.index, entry)? {
            Content::Zip => {
                let (source, hold) = self.load(&job.index, entry)?;
                self.add_zip(scope, &source, &mut tree, hold)
            }
            Content::Tar(Packing::None) if Index::is_raw(entry) => {
                let index = Arc::new(tar::read(&job.index.raw(entry)?, self.limits));
                let top = name::shared_top(index.entries.iter().map(|entry| entry.path.as_str()));
                self.add(scope, &index, &top, &mut tree);
                Ok(())
            }
            Content::Tar(packing) => {
                let mut guard = Guard::new(job.index.open(entry)?, entry.size, &self.meter);
                let stream = Stream { packing, top: None };
                self.read_stream(scope, &mut guard, &stream, &mut tree)
            }
            Content::Other => Err(Trouble::unreadable("it is no archive that can be read")),
        }
    }

    /// Queues what is in a nested zip.
    pub(super) fn add_zip<'s>(
        &'s self,
        scope: &Scope<'s>,
        source: &Source,
        tree: &mut Tree,
        hold: Option<Arc<Hold>>,
    ) -> Result<(), Trouble> {
        let outcome = nested::zip_index(source, self.limits).map(|index| {
            let top = name::shared_top(index.entries.iter().map(|entry| entry.path.as_str()));
            self.add_held(scope, (&Arc::new(index), &top), tree, hold.as_ref());
        });
        self.release(hold);
        outcome
    }

    /// An archive's bytes for reading at any offset; unpacked into memory if they are compressed.
    fn load(&self, index: &Index, entry: &Entry) -> Result<(Source, Option<Arc<Hold>>), Trouble> {
        if Index::is_raw(entry) {
            return Ok((index.raw(entry)?, None));
        }
        let (source, hold) = self.hold(index.open(entry)?, entry.size)?;
        Ok((source, Some(hold)))
    }

    /// Reads an archive of a declared size into memory.
    pub(super) fn hold(&self, reader: impl Read, size: u64) -> Result<(Source, Arc<Hold>), Trouble> {
        let most = self.limits.held();
        if size > most {
            let what = format!("it would take {size} bytes of memory to read it; at most {most} are used");
            return Err(Trouble::over_limit(what));
        }
        let data = read_whole(Guard::new(reader, size, &self.meter), 0)?;
        let len = data.len() as u64;
        self.held.fetch_add(len, Relaxed);
        Ok((Source::memory(data), Arc::new(Hold(len))))
    }

    /// Gives memory back once nobody uses it.
    pub(super) fn release(&self, hold: Option<Arc<Hold>>) {
        if let Some(hold) = hold.and_then(Arc::into_inner) {
            self.held.fetch_sub(hold.0, Relaxed);
        }
    }
}

/// Gives a file piece by piece to whoever looks through it; tells why that was not possible, if it was not.
pub(super) fn look_through<R: Read>(
    guard: Guard<'_, R>,
    size: u64,
    look: impl FnOnce(&mut dyn BufRead),
) -> Option<Trouble> {
    const PIECE: usize = 256 << 10;
    let piece = usize::try_from(size).unwrap_or(PIECE).clamp(512, PIECE);
    let mut reader = BufReader::with_capacity(piece, guard);
    look(&mut reader);
    reader.into_inner().finish()
}

/// All of a file's bytes, or why they are not handed over.
pub(super) fn read_whole(mut guard: Guard<'_, impl Read>, start: u64) -> Result<Vec<u8>, Trouble> {
    let mut data = Vec::with_capacity(usize::try_from(start).unwrap_or_default());
    let read = guard.read_to_end(&mut data);
    match (read, guard.finish()) {
        (_, Some(trouble)) => Err(trouble),
        (Ok(_), None) => Ok(data),
        (Err(error), None) => Err(Trouble::unreadable(error.to_string())),
    }
}
