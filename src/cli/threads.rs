//! The threads that all work is done on: as many as wanted, or as many as the system grants, if need be the one there is.

use super::print::variable;
use anyhow::Context;
use rayon::{ThreadBuilder, ThreadPoolBuilder};
use std::io;
use std::num::NonZero;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, available_parallelism};

/// Threads that wait for work to be given to them.
type Waiting = Arc<Mutex<Receiver<ThreadBuilder>>>;

/// Starts the threads, `jobs` of them or by default one for each core. Later calls change nothing.
///
/// # Errors
/// If other threads were started before and `jobs` is given.
pub(super) fn start(jobs: Option<u16>) -> anyhow::Result<()> {
    let set = variable("RAYON_NUM_THREADS").and_then(|number| number.parse().ok());
    let wanted = jobs.map(usize::from).or(set.filter(|number| *number > 0));
    let wanted = wanted.unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get));
    let (pool, give) = pool(wanted, wait);
    let started = pool.spawn_handler(|worker| hand_over(&give, worker)).build_global();
    if jobs.is_some() {
        started.context("cannot start the threads")?;
    }
    Ok(())
}

/// Whether one more thread can be started.
pub(super) fn can_start_one() -> bool {
    Builder::new().spawn(|| {}).is_ok_and(|thread| thread.join().is_ok())
}

/// A pool of the threads that can be started before it is built, because a pool fails as a whole, and where they get their work from.
/// Where none can be, the pool is the thread that builds it.
fn pool(wanted: usize, wait: impl Fn(&Waiting) -> io::Result<()>) -> (ThreadPoolBuilder, Sender<ThreadBuilder>) {
    let (give, waiting) = mpsc::channel();
    let waiting = Arc::new(Mutex::new(waiting));
    let started = (0..wanted).take_while(|_| wait(&waiting).is_ok()).count();
    let pool = ThreadPoolBuilder::new().num_threads(started.max(1));
    let pool = if started == 0 { pool.use_current_thread() } else { pool };
    (pool, give)
}

fn hand_over(give: &Sender<ThreadBuilder>, worker: ThreadBuilder) -> io::Result<()> {
    give.send(worker).map_err(|_| io::ErrorKind::BrokenPipe.into())
}

/// Starts a thread that waits for its work; it ends without any.
fn wait(waiting: &Waiting) -> io::Result<()> {
    let waiting = Arc::clone(waiting);
    let work = move || {
        let worker = waiting.lock().ok().and_then(|waiting| waiting.recv().ok());
        if let Some(worker) = worker {
            worker.run();
        }
    };
    Builder::new().spawn(work).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn work_is_done_on_as_many_threads_as_can_be_started() {
        for (granted, threads) in [(0_u8, 1), (1, 1), (2, 2), (9, 4)] {
            // A pool that is its own thread stays so: each needs a thread of its own.
            let run = || {
                let left = Cell::new(granted);
                let start = |waiting: &Waiting| {
                    let less = left.get().checked_sub(1).ok_or(io::ErrorKind::WouldBlock)?;
                    left.set(less);
                    wait(waiting)
                };
                let (pool, give) = pool(4, start);
                let pool = pool.spawn_handler(|worker| hand_over(&give, worker)).build().unwrap();
                pool.install(|| (rayon::current_num_threads(), rayon::join(|| 1, || 2)))
            };
            let done = std::thread::scope(|scope| scope.spawn(run).join().unwrap());
            assert_eq!(done, (threads, (1, 2)), "{granted}");
        }
    }
}
