//! Compression around a tar: gzip and xz, with a watch on how much comes out for how much goes in.

use crate::Limits;
use crate::error::Trouble;
use crate::guard::Carried;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A member over the ratio is skipped by unpacking it, but only so many bytes of it.
const SKIP_MOST: u64 = 2 << 30;
const BUFFER: usize = 128 << 10;

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all.
    None,
    /// gzip, any number of members.
    Gzip,
    /// xz, any number of streams.
    Xz,
}

/// Counts of one stream, and where its current member began.
#[derive(Default)]
pub(crate) struct Flow {
    packed: AtomicU64,
    unpacked: AtomicU64,
    packed_mark: AtomicU64,
    unpacked_mark: AtomicU64,
    ratio: u64,
    floor: u64,
    /// What an xz decoder may use: its dictionary, whose size the archive chooses.
    memory: u64,
    cancel: Option<Arc<AtomicBool>>,
}

impl Flow {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        let (ratio, floor, cancel) = (limits.ratio, limits.ratio_floor, limits.cancel.clone());
        Arc::new(Self {
            ratio,
            floor,
            memory: limits.buffer(),
            cancel,
            ..Self::default()
        })
    }

    /// A new member begins: the ratio is counted from here.
    pub(crate) fn begin(&self) {
        self.packed_mark
            .store(self.packed.load(Ordering::Relaxed), Ordering::Relaxed);
        self.unpacked_mark
            .store(self.unpacked.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Fails once the current member is over the ratio by `slack` bytes.
    fn check(&self, slack: u64) -> io::Result<()> {
        let unpacked = self.unpacked.load(Ordering::Relaxed) - self.unpacked_mark.load(Ordering::Relaxed);
        // Input is counted when it is buffered, so a member may live on what was read for the one before it.
        let packed = self.packed.load(Ordering::Relaxed) - self.packed_mark.load(Ordering::Relaxed) + BUFFER as u64;
        if unpacked > self.floor.saturating_add(slack) && unpacked / self.ratio.max(1) > packed {
            let what = format!("it unpacks to more than {} times its packed size", self.ratio);
            return Err(io::Error::other(Carried(Trouble::over_limit(what))));
        }
        Ok(())
    }
}

impl Packing {
    /// A reader of what is packed in `reader`, counted in `flow`.
    pub(crate) fn unpack<'a>(self, reader: impl Read + 'a, flow: &Arc<Flow>) -> Result<Box<dyn Read + 'a>, Trouble> {
        let input = BufReader::with_capacity(
            BUFFER,
            Input {
                inner: reader,
                flow: Arc::clone(flow),
            },
        );
        let flow = Arc::clone(flow);
        Ok(match self {
            Self::None => Box::new(input),
            Self::Gzip => Box::new(Output {
                inner: flate2::bufread::MultiGzDecoder::new(input),
                flow,
            }),
            Self::Xz => {
                const CONCATENATED: u32 = 0x08;
                let stream = liblzma::stream::Stream::new_stream_decoder(flow.memory, CONCATENATED)
                    .map_err(|error| Trouble::unreadable(error.to_string()))?;
                Box::new(Output {
                    inner: liblzma::bufread::XzDecoder::new_stream(input, stream),
                    flow,
                })
            }
        })
    }
}

/// A member's reader that fails once the member is over the ratio.
pub(crate) struct Rationed<'a> {
    pub(crate) inner: &'a mut dyn Read,
    pub(crate) flow: &'a Flow,
}

impl Read for Rationed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.flow.check(0)?;
        self.inner.read(buffer)
    }
}

struct Input<R> {
    inner: R,
    flow: Arc<Flow>,
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.flow.packed.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

struct Output<R> {
    inner: R,
    flow: Arc<Flow>,
}

impl<R: Read> Read for Output<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self
            .flow
            .cancel
            .as_ref()
            .is_some_and(|flag| flag.load(Ordering::Relaxed))
        {
            return Err(io::Error::other("cancelled"));
        }
        self.flow.check(SKIP_MOST)?;
        let count = self.inner.read(buffer)?;
        self.flow.unpacked.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
