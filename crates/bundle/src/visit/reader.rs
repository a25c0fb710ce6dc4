//! The readers between an entry and whoever reads it: bounded, cancellable, counted.

use super::context::Context;
use crate::problem::EntryError;
use std::io::{self, BufRead, BufReader, Read};

/// The most that is read between two checks of the cancel flag.
const CHUNK: usize = 256 << 10;
/// Progress is reported about this often.
const PROGRESS_STEP: u64 = 1 << 20;

/// Reads at most a number of bytes from an entry.
///
/// It remembers why reading failed, so that this is recorded whatever the visitor makes of the error.
pub(super) struct LimitedReader<'a, R> {
    inner: R,
    context: &'a Context<'a>,
    left: u64,
    uncounted: u64,
    error: Option<EntryError>,
}

impl<'a, R: Read> LimitedReader<'a, R> {
    /// `most` is the entry's declared size: an entry that goes on after it is damaged.
    pub(super) fn new(inner: R, most: u64, context: &'a Context<'a>) -> Self {
        Self {
            inner,
            context,
            left: most,
            uncounted: 0,
            error: None,
        }
    }

    /// Lets `look` read the entry piece by piece.
    ///
    /// # Errors
    ///
    /// Why not all could be read, whatever `look` made of it.
    pub(super) fn stream(self, look: impl FnOnce(&mut dyn BufRead)) -> Result<(), EntryError> {
        let piece = usize::try_from(self.left).unwrap_or(CHUNK).clamp(512, CHUNK);
        let mut reader = BufReader::with_capacity(piece, self);
        look(&mut reader);
        reader.into_inner().finish()
    }

    /// Reads the whole entry; `start` is the memory to begin with.
    pub(super) fn read_whole(mut self, start: u64) -> Result<Vec<u8>, EntryError> {
        let mut data = Vec::with_capacity(usize::try_from(start).unwrap_or_default());
        let read = self.read_to_end(&mut data);
        self.finish()?;
        read?;
        Ok(data)
    }

    /// Reads the whole entry, which must have all of its `size` bytes.
    pub(super) fn read_exactly(self, size: u64) -> Result<Vec<u8>, EntryError> {
        let data = self.read_whole(size.min(1 << 20))?;
        let missing = size.saturating_sub(data.len() as u64);
        if missing > 0 {
            return Err(EntryError::unreadable(format!("its last {missing} bytes are missing")));
        }
        Ok(data)
    }

    fn finish(self) -> Result<(), EntryError> {
        self.context.progress.add(self.uncounted);
        self.error.map_or(Ok(()), Err)
    }

    fn fail(&mut self, error: EntryError) -> io::Error {
        self.error.get_or_insert(error).clone().into()
    }

    fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut probe = [0];
        let most = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK).min(buffer.len());
        let target = if self.left == 0 {
            &mut probe[..]
        } else {
            &mut buffer[..most]
        };
        loop {
            match self.inner.read(target) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

impl<R: Read> Read for LimitedReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.context.is_cancelled() {
            return Err(cancelled());
        }
        if let Some(error) = &self.error {
            return Err(error.clone().into());
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.read_some(buffer) {
            Ok(0) => Ok(0),
            Ok(_) if self.left == 0 => Err(self.fail(EntryError::over_limit("it is longer than its declared size"))),
            Ok(count) => {
                self.left -= count as u64;
                self.uncounted += count as u64;
                if self.uncounted >= PROGRESS_STEP {
                    self.context.progress.add(std::mem::take(&mut self.uncounted));
                }
                Ok(count)
            }
            Err(_) if self.context.is_cancelled() => Err(cancelled()),
            Err(error) => Err(self.fail(error.into())),
        }
    }
}

/// Reads a file that is in memory already, until the visit is cancelled.
pub(super) struct SliceReader<'a> {
    pub(super) left: &'a [u8],
    pub(super) context: &'a Context<'a>,
}

impl BufRead for SliceReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.context.is_cancelled() {
            return Err(cancelled());
        }
        Ok(self.left)
    }

    fn consume(&mut self, count: usize) {
        self.left = &self.left[count..];
    }
}

impl Read for SliceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

fn cancelled() -> io::Error {
    io::Error::other("cancelled")
}
