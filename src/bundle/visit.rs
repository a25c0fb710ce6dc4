//! Reads the entries of opened containers in parallel and hands them to a visitor.
//!
//! Planning is sequential and sorted by path, so budgets, duplicates and problems come out the same whatever the threads do.
//! Work waits in a heap: what holds memory goes first, then what takes longest.

use crate::bundle::entry::Index;
use crate::bundle::error::Trouble;
use crate::bundle::guard::{Guard, Meter};
use crate::bundle::nested::{self, Content};
use crate::bundle::source::Source;
use crate::bundle::{Limits, Visitor, Want, name};
use crate::report::{Problem, ProblemKind};
use rayon::Scope;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What may still be used below one container.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) bytes: u64,
    pub(crate) entries: usize,
}

impl Budget {
    /// An equal share for each of `count` nested archives, so that none can starve the others.
    pub(crate) fn share(self, count: usize) -> Self {
        let count = count.max(1);
        Self {
            bytes: self.bytes / count as u64,
            entries: self.entries / count,
        }
    }

    /// Takes one entry out of the budget, or says which part of it is used up.
    pub(crate) fn take(&mut self, bytes: u64) -> Result<(), Trouble> {
        let left = self
            .bytes
            .checked_sub(bytes)
            .ok_or_else(|| Trouble::over_limit("the budget of bytes is used up"))?;
        self.entries = self
            .entries
            .checked_sub(1)
            .ok_or_else(|| Trouble::over_limit("the budget of entries is used up"))?;
        self.bytes = left;
        Ok(())
    }
}

/// Where in the bundle something stands.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// What stands before the paths: empty, or `nodes/host-1.zip!`.
    pub(crate) prefix: String,
    /// How many archives deep.
    pub(crate) depth: usize,
}

impl Spot {
    /// The spot inside the archive at `path`.
    pub(crate) fn inside(&self, path: &str) -> Self {
        Self {
            prefix: format!("{path}!"),
            depth: self.depth + 1,
        }
    }
}

/// What a visit has gathered.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) bytes: u64,
    pub(crate) paths: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

/// One visit under way.
pub(crate) struct Run<'v> {
    pub(crate) limits: &'v Limits,
    pub(crate) meter: Meter<'v>,
    gathered: Mutex<Gathered>,
    waiting: Mutex<BinaryHeap<Job>>,
    deferred: Mutex<Vec<Job>>,
    pub(crate) held: AtomicU64,
}

/// An entry that waits to be read.
struct Job {
    rank: (bool, u64, std::cmp::Reverse<u64>),
    index: Arc<Index>,
    /// Memory the container holds; given back when its last job is gone.
    hold: Option<Arc<Hold>>,
    at: usize,
    path: String,
    want: Want,
    spot: Spot,
    budget: Budget,
}

/// The number of bytes an unpacked archive takes up in memory.
struct Hold(u64);

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Job {}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<'v> Run<'v> {
    pub(crate) fn new(visitor: &'v dyn Visitor, limits: &'v Limits) -> Self {
        Self {
            limits,
            meter: Meter::new(visitor, limits.cancel.clone()),
            gathered: Mutex::default(),
            waiting: Mutex::default(),
            deferred: Mutex::default(),
            held: AtomicU64::new(0),
        }
    }

    /// What was gathered, sorted.
    pub(crate) fn into_gathered(self) -> Gathered {
        let mut gathered = self.gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
        gathered.paths.sort_unstable();
        gathered
            .problems
            .sort_by(|a, b| (&a.path, a.kind, &a.what).cmp(&(&b.path, b.kind, &b.what)));
        gathered
    }

    pub(crate) fn gathered(&self) -> MutexGuard<'_, Gathered> {
        lock(&self.gathered)
    }

    pub(crate) fn report(&self, path: &str, trouble: Trouble) {
        self.gathered().problems.push(trouble.at(path));
    }

    /// Plans the entries of one container and queues those that are wanted.
    pub(crate) fn add<'s>(
        &'s self,
        scope: &Scope<'s>,
        container: (Arc<Index>, &str),
        spot: &Spot,
        budget: &mut Budget,
        known: &mut BTreeMap<String, usize>,
    ) {
        let (index, top) = container;
        self.add_held(scope, (index, top), spot, budget, known, None);
    }

    fn add_held<'s>(
        &'s self,
        scope: &Scope<'s>,
        (index, top): (Arc<Index>, &str),
        spot: &Spot,
        budget: &mut Budget,
        known: &mut BTreeMap<String, usize>,
        hold: Option<&Arc<Hold>>,
    ) {
        let mut fresh = BTreeMap::new();
        let mut problems = Vec::new();
        for problem in &index.problems {
            let path = container_path(spot, name::strip_top(&problem.path, top));
            problems.push(Problem {
                path,
                ..problem.clone()
            });
        }
        for (at, entry) in index.entries.iter().enumerate() {
            let path = format!("{}{}", spot.prefix, name::strip_top(&entry.path, top));
            if known.contains_key(&path) || fresh.contains_key(&path) {
                let what = "the path stands twice; the first one was read".to_owned();
                problems.push(Problem {
                    path,
                    kind: ProblemKind::Duplicate,
                    what,
                });
            } else {
                fresh.insert(path, at);
            }
        }
        let mut jobs = Vec::new();
        for (path, &at) in &fresh {
            match self.plan(&index, at, path, spot, budget) {
                Ok(None) => {}
                Ok(Some(job)) => jobs.push(Job {
                    hold: hold.cloned(),
                    ..job
                }),
                Err(trouble) => problems.push(trouble.at(path.clone())),
            }
        }
        let archives = jobs.iter().filter(|job| job.want == Want::Enter).count();
        let share = budget.share(archives);
        jobs.iter_mut().for_each(|job| job.budget = share);
        let mut gathered = self.gathered();
        gathered.problems.append(&mut problems);
        gathered.paths.extend(fresh.keys().cloned());
        drop(gathered);
        known.append(&mut fresh);
        self.queue(scope, jobs, hold.is_some());
    }

    /// Decides about one entry: left alone, read, or over a budget.
    fn plan(
        &self,
        index: &Arc<Index>,
        at: usize,
        path: &str,
        spot: &Spot,
        budget: &mut Budget,
    ) -> Result<Option<Job>, Trouble> {
        let Some(entry) = index.entries.get(at) else {
            return Ok(None);
        };
        let want = self.meter.visitor.want(path, entry.size);
        self.gathered().bytes += entry.size.min(entry.packed.saturating_mul(self.limits.ratio));
        if want == Want::Skip {
            return Ok(None);
        }
        self.check_size(entry.size, entry.packed, want)?;
        budget.take(entry.size)?;
        self.meter.expect(entry.size);
        // Measured: unpacking an xz costs about twenty times the work of inflating as many bytes.
        let cost = match want {
            Want::Enter if path.ends_with("xz") => entry.packed.saturating_mul(40),
            Want::Enter => entry.packed.saturating_mul(20),
            _ => entry.size,
        };
        let rank = (false, cost, std::cmp::Reverse(at as u64));
        let (index, path, spot) = (Arc::clone(index), path.to_owned(), spot.clone());
        Ok(Some(Job {
            rank,
            index,
            hold: None,
            at,
            path,
            want,
            spot,
            budget: *budget,
        }))
    }

    /// Refuses what would be over a limit, from the declared size. Readers hold every entry to that size.
    pub(crate) fn check_size(&self, size: u64, packed: u64, want: Want) -> Result<(), Trouble> {
        let limits = self.limits;
        if size > limits.ratio_floor && size / limits.ratio.max(1) > packed {
            let what = format!(
                "it unpacks to {size} bytes, more than {} times its packed size",
                limits.ratio
            );
            return Err(Trouble::over_limit(what));
        }
        if want == Want::Bytes && size > limits.entry_bytes {
            let what = format!(
                "it has {size} bytes; at most {} are read of one file",
                limits.entry_bytes
            );
            return Err(Trouble::over_limit(what));
        }
        Ok(())
    }

    fn queue<'s>(&'s self, scope: &Scope<'s>, jobs: Vec<Job>, holds: bool) {
        let count = jobs.len();
        lock(&self.waiting).extend(jobs.into_iter().map(|mut job| {
            job.rank.0 = holds;
            job
        }));
        // Each task takes the best job there is when it runs, not the one it was spawned for.
        for _ in 0..count {
            scope.spawn(|scope| {
                let job = lock(&self.waiting).pop();
                if let Some(job) = job
                    && !self.meter.is_cancelled()
                {
                    self.work(scope, job);
                }
            });
        }
    }

    /// Runs archives that were put off because too many others were held in memory, one after the other.
    pub(crate) fn run_deferred(&self) {
        loop {
            let job = lock(&self.deferred).pop();
            let Some(job) = job else { return };
            rayon::scope(|scope| self.work(scope, job));
        }
    }

    fn work<'s>(&'s self, scope: &Scope<'s>, job: Job) {
        if job.want == Want::Enter {
            self.enter(scope, job);
            return;
        }
        let Some(entry) = job.index.entries.get(job.at) else {
            return;
        };
        let outcome = job.index.open(entry).and_then(|reader| {
            self.hand_over(&job.path, reader, entry.size, entry.packed, job.want);
            Ok(())
        });
        if let Err(trouble) = outcome {
            self.report(&job.path, trouble);
        }
        self.release(job.hold);
    }

    /// Reads one file and gives it to the visitor in the form it wants.
    fn hand_over(&self, path: &str, reader: impl Read, size: u64, packed: u64, want: Want) {
        let mut guard = Guard::new(reader, size, &self.meter);
        if want == Want::Stream {
            self.meter.visitor.stream(path, &mut guard);
            if let Some(trouble) = guard.finish() {
                self.report(path, trouble);
            }
            return;
        }
        // A lying size must not cost memory: what is packed small starts small.
        let start = size.min(packed.saturating_mul(32).saturating_add(4096));
        let mut data = Vec::with_capacity(usize::try_from(start).unwrap_or_default());
        let read = guard.read_to_end(&mut data);
        match (read, guard.finish()) {
            (_, Some(trouble)) => self.report(path, trouble),
            (Ok(_), None) => self.meter.visitor.bytes(path, data),
            // Only a cancelled visit fails without a trouble.
            (Err(_), None) => {}
        }
    }

    fn enter<'s>(&'s self, scope: &Scope<'s>, job: Job) {
        let Some(entry) = job.index.entries.get(job.at) else {
            return;
        };
        let needs_memory = !Index::is_raw(entry);
        let held = self.held.load(Ordering::Relaxed);
        if needs_memory && held > 0 && held.saturating_add(entry.size) > self.limits.held_bytes {
            lock(&self.deferred).push(job);
            return;
        }
        let inside = job.spot.inside(&job.path);
        if let Err(trouble) = self.enter_entry(scope, &job, &inside) {
            self.report(&job.path, trouble);
        }
        self.release(job.hold);
    }

    fn enter_entry<'s>(&'s self, scope: &Scope<'s>, job: &Job, inside: &Spot) -> Result<(), Trouble> {
        if inside.depth > self.limits.depth {
            return Err(Trouble::over_limit(format!(
                "archives are nested deeper than {}",
                self.limits.depth
            )));
        }
        let Some(entry) = job.index.entries.get(job.at) else {
            return Ok(());
        };
        let mut budget = job.budget;
        match nested::look(&job.index, entry)? {
            Content::Zip => {
                let (source, hold) = self.load(&job.index, entry)?;
                let index = nested::zip_index(&source, self.limits)?;
                let top = name::shared_top(index.entries.iter().map(|entry| entry.path.as_str()));
                let container = (Arc::new(index), top.as_str());
                self.add_held(
                    scope,
                    container,
                    inside,
                    &mut budget,
                    &mut BTreeMap::new(),
                    hold.as_ref(),
                );
                self.release(hold);
                Ok(())
            }
            Content::Other => Err(Trouble::unreadable("it is no archive that can be read")),
        }
    }

    /// An archive's bytes for reading at any offset; unpacked into memory if they are compressed.
    fn load(&self, index: &Index, entry: &crate::bundle::entry::Entry) -> Result<(Source, Option<Arc<Hold>>), Trouble> {
        if Index::is_raw(entry) {
            return Ok((index.raw(entry)?, None));
        }
        if entry.size > self.limits.held_bytes {
            let what = format!(
                "it would take {} bytes of memory; at most {} are used",
                entry.size, self.limits.held_bytes
            );
            return Err(Trouble::over_limit(what));
        }
        let mut guard = Guard::new(index.open(entry)?, entry.size, &self.meter);
        let mut data = Vec::new();
        let read = guard.read_to_end(&mut data);
        match (read, guard.finish()) {
            (Ok(_), None) => {
                let len = data.len() as u64;
                self.held.fetch_add(len, Ordering::Relaxed);
                Ok((Source::memory(data), Some(Arc::new(Hold(len)))))
            }
            (_, trouble) => Err(trouble.unwrap_or_else(|| Trouble::unreadable("reading was cancelled"))),
        }
    }

    /// Gives memory back once nobody uses it.
    fn release(&self, hold: Option<Arc<Hold>>) {
        if let Some(hold) = hold.and_then(Arc::into_inner) {
            self.held.fetch_sub(hold.0, Ordering::Relaxed);
        }
    }
}

/// A path of a container's own problem; the container itself if the path is empty.
fn container_path(spot: &Spot, path: &str) -> String {
    if path.is_empty() {
        spot.prefix.trim_end_matches('!').to_owned()
    } else {
        format!("{}{path}", spot.prefix)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
