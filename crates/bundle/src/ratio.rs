//! Limits how much comes out of a decoder to a ratio of how much goes in.

use crate::cancel::Cancel;
use crate::limits::Limits;
use crate::problem::EntryError;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// What all of the stream may unpack to, with what is skipped.
    most: u64,
    cancel: Cancel,
}

impl RatioLimit {
    /// `most` is what the stream may unpack to, with what is skipped.
    pub(crate) fn new(limits: &Limits, most: u64) -> Arc<Self> {
        Arc::new(Self {
            most,
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

    /// Fails once the stream has unpacked to more than it may.
    fn check_all(&self) -> io::Result<()> {
        let most = self.most;
        if self.unpacked.load(Ordering::Relaxed) > most {
            let what =
                format!("the limit on bytes is reached: at most {most} are unpacked of it; the rest was left out");
            return Err(EntryError::over_limit(what).into());
        }
        Ok(())
    }

    /// Fails once the current member is over the ratio.
    fn check(&self) -> io::Result<()> {
        let unpacked = self.unpacked.load(Ordering::Relaxed) - self.unpacked_mark.load(Ordering::Relaxed);
        // Input is counted when it is buffered, so a member may live on what was read for the one before it.
        let packed =
            self.packed.load(Ordering::Relaxed) - self.packed_mark.load(Ordering::Relaxed) + INPUT_BUFFER as u64;
        if unpacked > self.floor && unpacked / self.ratio.max(1) > packed {
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
        self.limit.check()?;
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
        self.limit.check_all()?;
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
        let most = 2 * INPUT_BUFFER as u64 + 10;
        let limit = RatioLimit::new(&limits, most);
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
        // That of the whole stream is not.
        let mut output = CountedOutput {
            inner: [0; 100].as_slice(),
            limit: Arc::clone(&limit),
        };
        assert_eq!(output.read(&mut [0; 100]).unwrap(), 100);
        let error = output.read(&mut [0; 100]).unwrap_err();
        assert!(
            error.to_string().starts_with("the limit on bytes is reached"),
            "{error}"
        );
    }
}
