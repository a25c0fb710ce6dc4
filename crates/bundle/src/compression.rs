//! Compression around a tar: gzip and xz.

use crate::limits::Limits;
use crate::problem::EntryError;
use crate::ratio::{CountedInput, CountedOutput, INPUT_BUFFER, RatioLimit};
use std::io::{BufReader, Read};
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
            Self::Gzip => {
                let inner = flate2::bufread::MultiGzDecoder::new(input);
                Box::new(CountedOutput { inner, limit })
            }
            Self::Xz => {
                const CONCATENATED: u32 = 0x08;
                // The archive chooses the size of the dictionary.
                let stream = liblzma::stream::Stream::new_stream_decoder(limits.buffer_memory(), CONCATENATED)
                    .map_err(|error| EntryError::unreadable(error.to_string()))?;
                let inner = liblzma::bufread::XzDecoder::new_stream(input, stream);
                Box::new(CountedOutput { inner, limit })
            }
        })
    }
}
