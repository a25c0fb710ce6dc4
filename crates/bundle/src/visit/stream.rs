//! Reads a compressed tar from front to back, handing its files over on the way.
//!
//! Unpacking is one thread's work; small files go to other threads as soon as they are read.

use super::job::{look_through, read_whole};
use super::{Gathered, Run, Tree, duplicate, lock};
use crate::error::Trouble;
use crate::guard::Guard;
use crate::nested::{Content, HEAD};
use crate::packing::{Flow, Packing, Rationed};
use crate::tar::{self, Member};
use crate::{Want, name};
use rayon::Scope;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::sync::atomic::Ordering::Relaxed;

/// How many archives a stream is taken to hold when it is not known: each gets this part of what is left of the budget.
const SHARES: usize = 16;

/// A tar that can only be read from front to back.
pub(crate) struct Stream {
    pub(crate) packing: Packing,
    /// Its top folder; `None` for a nested archive: whatever folder its first file is in.
    pub(crate) top: Option<String>,
}

impl Run<'_> {
    /// Reads a compressed tar to its end. An error says why that was not possible; what came before it was handed over.
    pub(crate) fn read_stream<'s>(
        &'s self,
        scope: &Scope<'s>,
        reader: &mut dyn Read,
        stream: &Stream,
        tree: &mut Tree,
    ) -> Result<(), Trouble> {
        let flow = Flow::new(self.limits);
        let unpacked = stream.packing.unpack(reader, &flow)?;
        let mut top = stream.top.clone();
        tar::stream(unpacked, &mut |member, reader| {
            let mut reader = Rationed {
                inner: reader,
                flow: &flow,
            };
            let next = self.take_member(scope, member, &mut reader, &mut top, tree);
            flow.begin();
            if self.meter.visitor.has_enough(&tree.own) {
                return ControlFlow::Break(());
            }
            next
        })
    }

    fn take_member<'s>(
        &'s self,
        scope: &Scope<'s>,
        member: Member,
        reader: &mut dyn Read,
        top: &mut Option<String>,
        tree: &mut Tree,
    ) -> ControlFlow<()> {
        if self.meter.is_cancelled() {
            return ControlFlow::Break(());
        }
        if let Err(trouble) = tree.budget.take_entry() {
            self.report(&tree.own, trouble);
            return ControlFlow::Break(());
        }
        let inner = match member.path {
            Ok(path) => path,
            Err(problem) => {
                let problem = tree.place(&problem, top.as_deref().unwrap_or_default());
                self.gather(Gathered {
                    problems: vec![problem],
                    ..Gathered::default()
                });
                return ControlFlow::Continue(());
            }
        };
        let top = top.get_or_insert_with(|| name::leading_folder(&inner).to_owned());
        let path = format!("{}{}", tree.prefix, name::strip_top(&inner, top));
        if !tree.known.insert(path.clone()) {
            lock(&self.gathered).problems.push(duplicate(path));
            return ControlFlow::Continue(());
        }
        self.gather(Gathered {
            bytes: member.size,
            paths: vec![path.clone()],
            problems: Vec::new(),
        });
        // What is skipped has to be unpacked too, so all of a stream counts.
        if member.size > tree.budget.bytes {
            self.report(
                &tree.own,
                Trouble::over_limit("the budget of bytes is used up; the rest was left out"),
            );
            return ControlFlow::Break(());
        }
        // The stream as a whole is held against the ratio while it is unpacked.
        let planned = self.plan(&path, member.size, member.size, tree);
        let done = planned.and_then(|want| self.read_member(scope, &path, want, member.size, reader, tree));
        if let Err(trouble) = done {
            self.report(&path, trouble);
        }
        ControlFlow::Continue(())
    }

    fn read_member<'s>(
        &'s self,
        scope: &Scope<'s>,
        path: &str,
        want: Want,
        size: u64,
        reader: &mut dyn Read,
        tree: &mut Tree,
    ) -> Result<(), Trouble> {
        match want {
            Want::Skip => tree.budget.take_bytes(size),
            Want::Stream => {
                let guard = Guard::new(reader, size, &self.meter);
                look_through(guard, size, |reader| self.meter.visitor.stream(path, reader)).map_or(Ok(()), Err)
            }
            Want::Bytes => {
                let data = read_exactly(Guard::new(reader, size, &self.meter), size)?;
                self.send(scope, path, data);
                Ok(())
            }
            Want::Enter => self.enter_member(scope, path, size, reader, tree),
        }
    }

    /// Lets another thread take a file, unless too many are on their way already: then the reading thread does the work.
    fn send<'s>(&'s self, scope: &Scope<'s>, path: &str, data: Vec<u8>) {
        let len = data.len() as u64;
        if self.held.load(Relaxed).saturating_add(len) > self.limits.buffer() {
            self.meter.visitor.bytes(path, data);
            return;
        }
        self.held.fetch_add(len, Relaxed);
        let path = path.to_owned();
        scope.spawn(move |_| {
            if !self.meter.is_cancelled() {
                self.meter.visitor.bytes(&path, data);
            }
            self.held.fetch_sub(len, Relaxed);
        });
    }

    fn enter_member<'s>(
        &'s self,
        scope: &Scope<'s>,
        path: &str,
        size: u64,
        reader: &mut dyn Read,
        tree: &mut Tree,
    ) -> Result<(), Trouble> {
        let share = tree.budget.share(SHARES);
        tree.budget.bytes -= share.bytes;
        tree.budget.entries -= share.entries;
        tree.budget.texts -= share.texts;
        let mut inside = Tree::inside(path, tree.depth + 1, share);
        let head = read_whole(Guard::new(reader.take(HEAD), HEAD, &self.meter), HEAD)?;
        let content = Content::of(&head);
        let mut whole = Cursor::new(head).chain(reader);
        match content {
            Content::Zip => {
                let (source, hold) = self.hold(&mut whole, size)?;
                self.add_zip(scope, &source, &mut inside, Some(hold))
            }
            Content::Tar(packing) => self.read_stream(scope, &mut whole, &Stream { packing, top: None }, &mut inside),
            Content::Other => Err(Trouble::unreadable("it is no archive that can be read")),
        }
    }
}

/// A member's bytes; an error if the tar ends before them.
fn read_exactly(guard: Guard<'_, impl Read>, size: u64) -> Result<Vec<u8>, Trouble> {
    let data = read_whole(guard, size.min(1 << 20))?;
    let missing = size.saturating_sub(data.len() as u64);
    if missing > 0 {
        return Err(Trouble::unreadable(format!("its last {missing} bytes are missing")));
    }
    Ok(data)
}
