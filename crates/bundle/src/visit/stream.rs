//! Reads a compressed tar from front to back, handing its files over on the way.
//!
//! Unpacking is one thread's work; small files go to other threads as soon as they are read. How an archive in the tar is entered
//! is up to the caller.

use super::context::{Context, duplicate};
use super::plan::admit;
use super::reader::LimitedReader;
use super::subtree::Subtree;
use crate::compression::Compression;
use crate::layout;
use crate::problem::EntryError;
use crate::ratio::{MemberReader, RatioLimit};
use crate::tar::{self, Member, Step};
use crate::visitor::Want;
use rayon::Scope;
use std::io::Read;
use std::ops::ControlFlow;

/// A tar that can only be read from front to back.
pub(crate) struct Stream {
    pub(crate) compression: Compression,
    /// Its top folder; `None` for a nested archive: whatever folder its first file is in.
    pub(crate) top: Option<String>,
}

/// An archive in a tar.
pub(super) struct NestedArchive<'a> {
    pub(super) path: &'a str,
    pub(super) size: u64,
    pub(super) reader: &'a mut dyn Read,
}

/// Visits what is in an archive in a tar.
pub(super) type Enter<'a> = dyn FnMut(NestedArchive<'_>, &mut Subtree) -> Result<(), EntryError> + 'a;

/// Reads a compressed tar to its end. An error says why that was not possible; what came before it was handed over.
pub(super) fn read<'s>(
    context: &'s Context<'s>,
    scope: &Scope<'s>,
    reader: &mut dyn Read,
    stream: Stream,
    subtree: &mut Subtree,
    enter: &mut Enter<'_>,
) -> Result<(), EntryError> {
    let limit = RatioLimit::new(context.limits, subtree.budget.bytes);
    let unpacked = stream.compression.decoder(reader, context.limits, &limit)?;
    let mut members = Members {
        context,
        scope,
        top: stream.top,
        subtree,
        enter,
    };
    let most = members.subtree.budget.entries();
    tar::stream(unpacked, most, &mut |step| {
        let (member, reader) = match step {
            Step::Member(member, reader) => (member, reader),
            Step::Damage(error) => {
                context.record_error(&members.subtree.container, error);
                return ControlFlow::Continue(());
            }
        };
        let mut reader = MemberReader {
            inner: reader,
            limit: &limit,
        };
        let next = members.take(member, &mut reader);
        limit.begin_member();
        if context.visitor.has_enough(&members.subtree.container) {
            return ControlFlow::Break(());
        }
        next
    })
}

/// The members of one tar, as they come.
struct Members<'a, 's, 'e> {
    context: &'s Context<'s>,
    scope: &'a Scope<'s>,
    top: Option<String>,
    subtree: &'a mut Subtree,
    enter: &'a mut Enter<'e>,
}

impl Members<'_, '_, '_> {
    fn take(&mut self, member: Member, reader: &mut dyn Read) -> ControlFlow<()> {
        let context = self.context;
        if context.is_cancelled() {
            return ControlFlow::Break(());
        }
        if let Err(error) = self.subtree.budget.take_entry() {
            context.record_error(&self.subtree.container, error);
            return ControlFlow::Break(());
        }
        let inner = match member.path {
            Ok(path) => path,
            Err(problem) => {
                let top = self.top.as_deref().unwrap_or_default();
                context.record_problem(self.subtree.problem(&problem, top));
                return ControlFlow::Continue(());
            }
        };
        let top = self
            .top
            .get_or_insert_with(|| layout::leading_folder(&inner).to_owned());
        let path = self.subtree.path(&inner, top);
        if !self.subtree.add(&path) {
            context.record_problem(duplicate(path));
            return ControlFlow::Continue(());
        }
        context.record(member.size, vec![path.clone()]);
        // What is skipped has to be unpacked too, so all of a stream counts.
        if member.packed > self.subtree.budget.bytes {
            let error = self.subtree.budget.over_bytes();
            let what = format!("{}; the rest was left out", error.what());
            context.record_error(&self.subtree.container, EntryError::over_limit(what));
            return ControlFlow::Break(());
        }
        if let Err(error) = self.read(&path, member.size, member.packed, reader) {
            context.record_error(&path, error);
        }
        ControlFlow::Continue(())
    }

    fn read(&mut self, path: &str, size: u64, packed: u64, reader: &mut dyn Read) -> Result<(), EntryError> {
        let context = self.context;
        // The ratio is checked for the stream as a whole while it is unpacked; only holes are measured here.
        match admit(context, path, size, packed, self.subtree)? {
            Want::Skip => self.subtree.budget.take_bytes(packed),
            Want::Stream => {
                let reader = LimitedReader::new(reader, size, context);
                reader.stream(|reader| context.visitor.stream(path, reader))
            }
            Want::Bytes => {
                let data = LimitedReader::new(reader, size, context).read_exactly(size)?;
                self.send(path, data);
                Ok(())
            }
            Want::Enter => (self.enter)(NestedArchive { path, size, reader }, self.subtree),
        }
    }

    /// Lets another thread take a file, unless too many are on their way already: then the reading thread does the work.
    fn send(&self, path: &str, data: Vec<u8>) {
        let (context, len) = (self.context, data.len() as u64);
        if context.memory.held().saturating_add(len) > context.limits.buffer_memory() {
            context.visitor.bytes(path, data);
            return;
        }
        let permit = context.memory.hold(len);
        let path = path.to_owned();
        self.scope.spawn(move |_| {
            if !context.is_cancelled() {
                context.visitor.bytes(&path, data);
            }
            drop(permit);
        });
    }
}
