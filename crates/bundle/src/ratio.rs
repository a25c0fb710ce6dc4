//! Limits how much comes out of a decoder to a ratio of how much goes in.

use crate::cancel::Cancel;
use crate::limits::Limits;
use crate::problem::EntryError;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A member over the ratio is skipped by unpacking it, but only so many bytes of it.
const SKIP_MOST: u64 = 2 << 30;
/// How much a decoder's input is read at a time, in bytes.
pub(crate) const INPUT_BUFFER: usize = 128 << 10;

/// Counts of one compressed stream, and where its current member began.
#[derive(Default)]
pub(crate) struct RatioLimit {
    packed: AtomicU64,
    unpacked: AtomicU64,
    packed_mark: AtomicU64,
    unpacked_mark: AtomicU64,
    ratio: u64,
    floor: u64,
    cancel: Cancel,
}

impl RatioLimit {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            ratio: limits.ratio,
            floor: limits.ratio_floor,
            cancel: limits.cancel.clone(),
            ..Self::default()
        })
    }

    /// A new member begins: the ratio is counted from here.
    pub(crate) fn begin_member(&self) {
        self.packed_mark
            .store(self.packed.load(Ordering::Relaxed), Ordering::Relaxed);
        self.unpacked_mark
            .store(self.unpacked.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Fails once the current member is over the ratio by `slack` bytes.
    fn check(&self, slack: u64) -> io::Result<()> {
        let unpacked = self.unpacked.load(Ordering::Relaxed) - self.unpacked_mark.load(Ordering::Relaxed);
        // Input is counted when it is buffered, so a member may live on what was read for the one before it.
        let packed =
            self.packed.load(Ordering::Relaxed) - self.packed_mark.load(Ordering::Relaxed) + INPUT_BUFFER as u64;
        if unpacked > self.floor.saturating_add(slack) && unpacked / self.ratio.max(1) > packed {
            let what = format!("it unpacks to more than {} times its packed size", self.ratio);
            return Err(EntryError::over_limit(what).into());
        }
        Ok(())
    }
}

/// A member's reader, which fails once the member is over the ratio.
pub(crate) struct MemberReader<'a> {
    pub(crate) inner: &'a mut dyn Read,
    pub(crate) limit: &'a RatioLimit,
}

impl Read for MemberReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.limit.check(0)?;
        self.inner.read(buffer)
    }
}

/// What goes into a decoder.
pub(crate) struct CountedInput<R> {
    pub(crate) inner: R,
    pub(crate) limit: Arc<RatioLimit>,
}

impl<R: Read> Read for CountedInput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.limit.packed.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What comes out of a decoder.
pub(crate) struct CountedOutput<R> {
    pub(crate) inner: R,
    pub(crate) limit: Arc<RatioLimit>,
}

impl<R: Read> Read for CountedOutput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.limit.cancel.is_raised() {
            return Err(io::Error::other("cancelled"));
        }
        self.limit.check(SKIP_MOST)?;
        let count = self.inner.read(buffer)?;
        self.limit.unpacked.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_over_the_ratio_fails_and_the_next_one_is_counted_anew() {
        let limits = Limits {
            ratio: 2,
            ratio_floor: 10,
            ..Limits::default()
        };
        let limit = RatioLimit::new(&limits);
        let much = vec![0; 2 * INPUT_BUFFER + 2];
        let mut output = CountedOutput {
            inner: much.as_slice(),
            limit: Arc::clone(&limit),
        };
        io::copy(&mut output, &mut io::sink()).unwrap();
        let mut rest = io::empty();
        let mut member = MemberReader {
            inner: &mut rest,
            limit: &limit,
        };
        let error = member.read(&mut [0]).unwrap_err();
        assert_eq!(error.to_string(), "it unpacks to more than 2 times its packed size");
        limit.begin_member();
        assert_eq!(member.read(&mut [0]).unwrap(), 0);
    }
}
