//! Reads the entries of opened containers in parallel and hands them to a visitor.
//!
//! Planning is sequential and sorted by path, so budgets, duplicates and problems come out the same whatever the threads do.
//! `job` runs what was planned; `stream` reads containers that can only be read from front to back.

mod job;
mod stream;

use crate::entry::Index;
use crate::error::Trouble;
use crate::guard::Meter;
use crate::{Limits, Visitor, Want, name};
use crate::{Problem, ProblemKind};
use job::{Hold, Job, Room};
use rayon::Scope;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
pub(crate) use stream::Stream;

/// What may still be used below one container.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Budget {
    pub(crate) bytes: u64,
    pub(crate) entries: usize,
    /// Bytes of files that are read whole.
    pub(crate) texts: u64,
}

impl Budget {
    /// An equal share for each of `count` nested archives, so that none can starve the others.
    fn share(self, count: usize) -> Self {
        let count = count.max(1);
        Self {
            bytes: self.bytes / count as u64,
            entries: self.entries / count,
            texts: self.texts / count as u64,
        }
    }

    fn take_entry(&mut self) -> Result<(), Trouble> {
        let left = self.entries.checked_sub(1);
        self.entries = left.ok_or_else(|| Trouble::over_limit("the budget of files is used up"))?;
        Ok(())
    }

    fn take_text(&mut self, bytes: u64) -> Result<(), Trouble> {
        let left = self.texts.checked_sub(bytes);
        self.texts = left.ok_or_else(|| Trouble::over_limit("the budget of memory is used up"))?;
        Ok(())
    }

    fn take_bytes(&mut self, bytes: u64) -> Result<(), Trouble> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or_else(|| Trouble::over_limit("the budget of bytes is used up"))?;
        Ok(())
    }
}

/// Where in the bundle a container stands, and what is known so far of the tree that it is part of.
pub(crate) struct Tree {
    /// What stands before its paths: empty, or `nodes/host-1.zip!`.
    prefix: String,
    /// What its own problems are reported under: its path, or the name of the input.
    pub(crate) own: String,
    /// How many archives deep it is.
    depth: usize,
    budget: Budget,
    /// Paths that were seen.
    known: BTreeSet<String>,
}

impl Tree {
    /// The bundle itself.
    pub(crate) fn root(limits: &Limits) -> Self {
        let budget = Budget {
            bytes: limits.total_bytes,
            entries: limits.max_entries,
            texts: limits.texts(),
        };
        Self {
            prefix: String::new(),
            own: String::new(),
            depth: 0,
            budget,
            known: BTreeSet::new(),
        }
    }

    /// The tree in the archive at `path`.
    fn inside(path: &str, depth: usize, budget: Budget) -> Self {
        Self {
            prefix: format!("{path}!"),
            own: path.to_owned(),
            depth,
            budget,
            known: BTreeSet::new(),
        }
    }

    /// A problem of a container with the path the visitor knows.
    fn place(&self, problem: &Problem, top: &str) -> Problem {
        let path = name::strip_top(&problem.path, top);
        let path = if path.is_empty() {
            self.own.clone()
        } else {
            format!("{}{path}", self.prefix)
        };
        Problem {
            path,
            ..problem.clone()
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
    limits: &'v Limits,
    pub(crate) meter: Meter<'v>,
    gathered: Mutex<Gathered>,
    /// Work waits in a heap: what holds memory goes first, then what takes longest.
    waiting: Mutex<BinaryHeap<Job>>,
    deferred: Mutex<Vec<Job>>,
    /// Memory in which files were unpacked, for the next ones.
    rooms: Mutex<Vec<Room>>,
    /// Bytes of memory in nested archives and in files on their way to the visitor.
    held: AtomicU64,
}

impl<'v> Run<'v> {
    pub(crate) fn new(visitor: &'v dyn Visitor, limits: &'v Limits) -> Self {
        Self {
            limits,
            meter: Meter::new(visitor, limits.cancel.clone()),
            gathered: Mutex::default(),
            waiting: Mutex::default(),
            deferred: Mutex::default(),
            rooms: Mutex::default(),
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
        gathered.problems.dedup();
        gathered
    }

    pub(crate) fn report(&self, path: &str, trouble: Trouble) {
        // A cancelled visit gives no result, so what it broke off is nobody's problem.
        if !self.meter.is_cancelled() {
            lock(&self.gathered).problems.push(trouble.at(path));
        }
    }

    /// Plans the entries of one container and queues those that are wanted.
    pub(crate) fn add<'s>(&'s self, scope: &Scope<'s>, index: &Arc<Index>, top: &str, tree: &mut Tree) {
        self.add_held(scope, (index, top), tree, None);
    }

    fn add_held<'s>(
        &'s self,
        scope: &Scope<'s>,
        (index, top): (&Arc<Index>, &str),
        tree: &mut Tree,
        hold: Option<&Arc<Hold>>,
    ) {
        let mut problems: Vec<Problem> = index.problems.iter().map(|problem| tree.place(problem, top)).collect();
        let mut fresh = BTreeMap::new();
        for (at, entry) in index.entries.iter().enumerate() {
            let path = format!("{}{}", tree.prefix, name::strip_top(&entry.path, top));
            if tree.known.contains(&path) || fresh.contains_key(&path) {
                problems.push(duplicate(path));
            } else {
                fresh.insert(path, at);
            }
        }
        let mut jobs = Vec::new();
        let mut paths = Vec::with_capacity(fresh.len());
        let mut bytes = 0_u64;
        for (path, at) in fresh {
            let Some(entry) = index.entries.get(at) else { continue };
            bytes = bytes.saturating_add(entry.size.min(entry.packed.saturating_mul(self.limits.ratio)));
            let wanted = tree
                .budget
                .take_entry()
                .and_then(|()| self.plan(&path, entry.size, entry.packed, tree));
            match wanted {
                Ok(Want::Skip) => {}
                Ok(want) => jobs.push(Job::new((index, at), &path, want, tree.depth, hold)),
                Err(trouble) => problems.push(trouble.at(path.clone())),
            }
            tree.known.insert(path.clone());
            paths.push(path);
        }
        self.gather(Gathered { bytes, paths, problems });
        let share = tree.budget.share(jobs.iter().filter(|job| job.is_archive()).count());
        self.queue(scope, jobs, share);
    }

    fn gather(&self, mut more: Gathered) {
        let mut gathered = lock(&self.gathered);
        gathered.bytes = gathered.bytes.saturating_add(more.bytes);
        gathered.paths.append(&mut more.paths);
        gathered.problems.append(&mut more.problems);
    }

    /// Asks the visitor about one file and holds its answer against the limits.
    ///
    /// Sizes are those the archive declares; readers hold every file to its declared size.
    fn plan(&self, path: &str, size: u64, packed: u64, tree: &mut Tree) -> Result<Want, Trouble> {
        let limits = self.limits;
        let want = self.meter.visitor.want(path, size);
        if want == Want::Skip {
            return Ok(want);
        }
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
        if want == Want::Enter && tree.depth >= limits.depth {
            return Err(Trouble::over_limit(format!(
                "archives are nested deeper than {}",
                limits.depth
            )));
        }
        if want == Want::Bytes {
            tree.budget.take_text(size)?;
        }
        tree.budget.take_bytes(size)?;
        self.meter.expect(size);
        Ok(want)
    }
}

fn duplicate(path: String) -> Problem {
    let what = "the path stands twice; the first one was read".to_owned();
    Problem {
        path,
        kind: ProblemKind::Duplicate,
        what,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
