//! The reader between an entry and whoever reads it: bounded, cancellable, counted.
//!
//! It remembers why reading failed, so the layer can report it whatever the reader made of the error.

use crate::Visitor;
use crate::error::Trouble;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The most that is read between two looks at the cancel flag.
const CHUNK: usize = 256 << 10;
/// Progress is told about this often.
const PROGRESS_STEP: u64 = 1 << 20;

/// Counts what one visit has read, and knows whether to stop.
pub(crate) struct Meter<'v> {
    pub(crate) visitor: &'v dyn Visitor,
    pub(crate) cancel: Option<Arc<AtomicBool>>,
    done: AtomicU64,
    total: AtomicU64,
}

impl<'v> Meter<'v> {
    pub(crate) fn new(visitor: &'v dyn Visitor, cancel: Option<Arc<AtomicBool>>) -> Self {
        Self {
            visitor,
            cancel,
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Announces bytes that will be read.
    pub(crate) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The bytes that are known to be wanted so far.
    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Counts bytes that were read.
    pub(crate) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        self.visitor
            .progress(done, self.total.load(Ordering::Relaxed).max(done));
    }
}

/// Reads at most a number of bytes from an entry.
pub(crate) struct Guard<'a, R> {
    inner: R,
    meter: &'a Meter<'a>,
    left: u64,
    untold: u64,
    trouble: Option<Trouble>,
}

impl<'a, R: Read> Guard<'a, R> {
    /// `most` is the entry's declared size: an entry that goes on after it is damaged.
    pub(crate) fn new(inner: R, most: u64, meter: &'a Meter<'a>) -> Self {
        Self {
            inner,
            meter,
            left: most,
            untold: 0,
            trouble: None,
        }
    }

    /// Ends the reading: why it failed, if it did.
    pub(crate) fn finish(self) -> Option<Trouble> {
        self.meter.add(self.untold);
        self.trouble
    }

    fn fail(&mut self, trouble: Trouble) -> io::Error {
        let error = io::Error::new(io::ErrorKind::InvalidData, trouble.what.clone());
        self.trouble.get_or_insert(trouble);
        error
    }

    fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut probe = [0];
        let most = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK).min(buffer.len());
        let target = if self.left == 0 {
            &mut probe[..]
        } else {
            buffer.get_mut(..most).unwrap_or_default()
        };
        loop {
            match self.inner.read(target) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

impl<R: Read> Read for Guard<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        if let Some(trouble) = &self.trouble {
            return Err(io::Error::new(io::ErrorKind::InvalidData, trouble.what.clone()));
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.read_some(buffer) {
            Ok(0) => Ok(0),
            Ok(_) if self.left == 0 => Err(self.fail(Trouble::over_limit("it is longer than its declared size"))),
            Ok(count) => {
                self.left = self.left.saturating_sub(count as u64);
                self.untold = self.untold.saturating_add(count as u64);
                if self.untold >= PROGRESS_STEP {
                    self.meter.add(std::mem::take(&mut self.untold));
                }
                Ok(count)
            }
            Err(_) if self.meter.is_cancelled() => Err(io::Error::other("cancelled")),
            Err(error) => Err(self.fail(trouble_of(&error))),
        }
    }
}

/// A file that was unpacked at once, for whoever looks through it until the visit is cancelled.
pub(crate) struct Whole<'a> {
    pub(crate) left: &'a [u8],
    pub(crate) meter: &'a Meter<'a>,
}

impl BufRead for Whole<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.meter.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        Ok(self.left)
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.get(count..).unwrap_or_default();
    }
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// What a failed read says about an entry. A [`Trouble`] that travelled inside of the error is taken as it is.
pub(crate) fn trouble_of(error: &io::Error) -> Trouble {
    if let Some(carried) = error.get_ref().and_then(|inner| inner.downcast_ref::<Carried>()) {
        return carried.0.clone();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Trouble::unreadable("it is cut off"),
        _ => Trouble::unreadable(error.to_string()),
    }
}

/// Takes a [`Trouble`] through layers that only know `io::Error`.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.what)]
pub(crate) struct Carried(pub(crate) Trouble);
