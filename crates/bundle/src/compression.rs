//! Compression around a tar: gzip and xz.

use crate::limits::Limits;
use crate::problem::EntryError;
use crate::ratio::{CountedInput, CountedOutput, INPUT_BUFFER, RatioLimit};
use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Not compressed.
    None,
    /// gzip, any number of members.
    Gzip,
    /// xz, any number of streams.
    Xz,
}

impl Compression {
    /// A reader of what is compressed in `reader`, counted in `limit`.
    pub(crate) fn decoder<'a>(
        self,
        reader: impl Read + 'a,
        limits: &Limits,
        limit: &Arc<RatioLimit>,
    ) -> Result<Box<dyn Read + 'a>, EntryError> {
        let input = CountedInput {
            inner: reader,
            limit: Arc::clone(limit),
        };
        let input = BufReader::with_capacity(INPUT_BUFFER, input);
        let limit = Arc::clone(limit);
        Ok(match self {
            Self::None => Box::new(input),
            Self::Gzip | Self::Xz => {
                let inner = Members {
                    packed: self,
                    state: State::Between(input),
                    count: 0,
                    unpacked: 0,
                    buffer_memory: limits.buffer_memory(),
                };
                Box::new(CountedOutput { inner, limit })
            }
        })
    }
}

/// Reads what is compressed in pieces that follow each other, with nothing but zeros between and behind them.
///
/// The decoders can do so themselves, but end with an error at zeros, as downloads and tapes leave them behind a file.
struct Members<R> {
    packed: Compression,
    state: State<R>,
    count: u64,
    /// Bytes that came out.
    unpacked: u64,
    buffer_memory: u64,
}

enum State<R> {
    /// In front of a piece.
    Between(R),
    Gzip(GzDecoder<R>),
    Xz(XzDecoder<R>),
    /// Behind the last one.
    Done,
}

impl<R: BufRead> Members<R> {
    /// Begins with the next piece; `None` if there is none.
    fn next(&self, mut input: R) -> io::Result<Option<State<R>>> {
        if self.count > 0 {
            loop {
                let bytes = input.fill_buf()?;
                match bytes.iter().position(|byte| *byte != 0) {
                    Some(zeros) => {
                        input.consume(zeros);
                        break;
                    }
                    None if bytes.is_empty() => return Ok(None),
                    None => {
                        let all = bytes.len();
                        input.consume(all);
                    }
                }
            }
            let begins = if self.packed == Compression::Gzip { 0x1f } else { 0xfd };
            if input.fill_buf()?.first() != Some(&begins) {
                return Err(EntryError::unreadable("what follows the compressed data is something else").into());
            }
        }
        Ok(Some(match self.packed {
            Compression::Xz => {
                // The archive chooses the size of the dictionary.
                let stream = Stream::new_stream_decoder(self.buffer_memory, 0).map_err(io::Error::from)?;
                State::Xz(XzDecoder::new_stream(input, stream))
            }
            Compression::Gzip | Compression::None => State::Gzip(GzDecoder::new(input)),
        }))
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let count = match &mut self.state {
                State::Gzip(decoder) => decoder.read(buffer)?,
                State::Xz(decoder) => decoder.read(buffer)?,
                State::Between(_) => 0,
                State::Done => return Ok(0),
            };
            if count > 0 {
                self.unpacked = self.unpacked.saturating_add(count as u64);
                return Ok(count);
            }
            let input = match std::mem::replace(&mut self.state, State::Done) {
                State::Between(input) => input,
                State::Gzip(decoder) => decoder.into_inner(),
                State::Xz(decoder) => decoder.into_inner(),
                State::Done => return Ok(0),
            };
            if let Some(next) = self.next(input)? {
                // To begin with a piece costs much more than its bytes: those of programs hold much.
                const MOST_TINY: u64 = 1000;
                const TINY: u64 = 512;
                if self.count > MOST_TINY + self.unpacked / TINY {
                    return Err(EntryError::over_limit("it has too many tiny pieces").into());
                }
                self.state = next;
                self.count += 1;
            }
        }
    }
}
