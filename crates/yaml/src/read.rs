//! YAML as bundles hold it: the text of a file in, the objects of its List out, each as a tree borrowed from the text.
//!
//! A List is split at its items, which are read one by one and in parallel: first by the reader for the collector's own
//! dialect (`dialect`), and where an item leaves that dialect by a full parser (`full`). What neither can read costs
//! that item alone and is told with its line. The collector's quirks are undone while reading ([`Quirks`]).

mod dialect;
mod embedded;
mod full;
mod quirks;
mod split;

use std::collections::BTreeSet;
use std::ops::Range;

use memchr::memchr_iter;
use rayon::prelude::*;

pub use self::embedded::{embedded_json, embedded_yaml};
pub use self::quirks::Quirks;
use self::split::List;
use crate::shape::Shapes;
use crate::value::{Entry, Node, Value};
use gleaner_text::line_of;

/// The full parser takes no item or document larger than this: its own tree is some twenty times the text.
const MAX_TEXT: usize = 32 << 20;

/// Which reader comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The reader for the collector's dialect, and the full parser for what leaves the dialect.
    #[default]
    Dialect,
    /// The full parser for everything: slow, and a check on the other.
    Full,
}

/// The objects of a file.
#[derive(Debug, Default)]
pub struct Items<'t> {
    /// What could be read, in the file's order.
    pub items: Vec<Item<'t>>,
    /// How many of them the full parser had to read although the dialect's reader was asked first.
    pub fallback: usize,
    /// What could not be read.
    pub bad: Vec<BadItem>,
}

/// One object.
#[derive(Debug)]
pub struct Item<'t> {
    /// Where the item begins, in bytes from the start of the file's text.
    pub offset: u32,
    /// The object; offsets inside count from the start of the file's text too.
    pub root: Node<'t>,
}

/// A part of a file that no reader understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadItem {
    /// Where it is, in bytes from the start of the file's text.
    pub offset: u32,
    /// The line of that place, from 1.
    pub line: u64,
    /// What is wrong with it, as a lower-case fragment.
    pub what: String,
}

/// Why a text could not be read, before its line is known.
#[derive(Debug)]
struct Unread {
    at: usize,
    what: String,
}

/// A part of a file to be read on its own.
enum Part {
    Item(Range<usize>),
    Document(Range<usize>),
    /// The keys around a List's items, or a mark that the list has no end.
    Rest(Range<usize>),
    Cut(usize),
}

/// A part that was read.
struct Done<'t> {
    items: Vec<Item<'t>>,
    fallback: bool,
}

/// Reads the objects of a resource file: a List, a single object, or several documents of either kind.
///
/// Never fails as a whole: what cannot be read is in [`Items::bad`], also the end of a List that was cut off.
pub fn read_list(text: &str, mode: Mode) -> Items<'_> {
    read_list_with(text, mode, Quirks::Undo)
}

/// The same, with a choice of what becomes of the collector's quirks.
pub fn read_list_with(text: &str, mode: Mode, quirks: Quirks) -> Items<'_> {
    read_parts(text, mode, quirks, &|| false)
}

/// The same as [`read_list`], but once `stop` says so the rest is left out, quietly: for runs whose result nobody waits for.
pub fn read_list_until<'t>(text: &'t str, mode: Mode, stop: &(dyn Fn() -> bool + Sync)) -> Items<'t> {
    read_parts(text, mode, Quirks::Undo, stop)
}

fn read_parts<'t>(text: &'t str, mode: Mode, quirks: Quirks, stop: &(dyn Fn() -> bool + Sync)) -> Items<'t> {
    let mut read = Items::default();
    if u32::try_from(text.len()).is_err() {
        read.bad.push(too_large());
        return read;
    }
    let parts: Vec<Part> = split::documents(text)
        .into_iter()
        .flat_map(|span| match split::list(text, &span) {
            Some(list) => parts_of_list(text, list),
            None => vec![Part::Document(span)],
        })
        .collect();
    let done: Vec<Result<Done<'_>, Unread>> = parts
        .par_iter()
        .with_min_len(32)
        .filter(|_| !stop())
        .map_init(Shapes::default, |shapes, part| {
            read_part(text, part, mode, quirks, shapes)
        })
        .collect();
    let mut unread = Vec::new();
    for part in done {
        match part {
            Ok(part) => {
                read.fallback += usize::from(part.fallback);
                read.items.extend(part.items);
            }
            Err(part) => unread.push(part),
        }
    }
    read.bad = with_lines(text, unread);
    read
}

/// Reads a file that is one document: `metadata.yaml`, a node's configuration.
///
/// Fails when the text is no YAML, holds more than one document, or is too large.
pub fn read_document(text: &str, mode: Mode) -> Result<Node<'_>, BadItem> {
    if u32::try_from(text.len()).is_err() {
        return Err(too_large());
    }
    let spans = split::documents(text);
    let read = match spans.as_slice() {
        [] => Ok(Node::new(0, Value::Null)),
        [span] => read_span(text, span, mode, Quirks::Undo, &mut Shapes::default()).map(|(root, _)| root),
        [_, second, ..] => Err(Unread {
            at: second.start,
            what: "more than one document".to_owned(),
        }),
    };
    read.map_err(|unread| BadItem {
        offset: offset(unread.at),
        line: line_of(text, offset(unread.at)),
        what: unread.what,
    })
}

fn too_large() -> BadItem {
    BadItem {
        offset: 0,
        line: 1,
        what: "larger than 4 GiB".to_owned(),
    }
}

/// Offsets fit because longer texts are refused before.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Adds the lines in one pass, however many there are.
fn with_lines(text: &str, mut unread: Vec<Unread>) -> Vec<BadItem> {
    unread.sort_by_key(|unread| unread.at);
    let mut line = 1;
    let mut counted = 0;
    let mut bad = Vec::with_capacity(unread.len());
    for Unread { at, what } in unread {
        let at = at.min(text.len());
        let between = text.as_bytes().get(counted..at).unwrap_or_default();
        line += memchr_iter(b'\n', between).count() as u64;
        counted = at;
        bad.push(BadItem {
            offset: offset(at),
            line,
            what,
        });
    }
    bad
}

fn parts_of_list(text: &str, list: List) -> Vec<Part> {
    let mut parts: Vec<Part> = list.items.into_iter().map(Part::Item).collect();
    let [before, after] = list.rest;
    let has_kind = [&before, &after].into_iter().any(|range| {
        let keys = text.get(range.clone()).unwrap_or_default();
        keys.lines().any(|line| line.starts_with("kind:"))
    });
    if !has_kind {
        parts.push(Part::Cut(after.end));
    }
    for range in [before, after] {
        if !range.is_empty() {
            parts.push(Part::Rest(range));
        }
    }
    parts
}

fn read_part<'t>(
    text: &'t str,
    part: &Part,
    mode: Mode,
    quirks: Quirks,
    shapes: &mut Shapes,
) -> Result<Done<'t>, Unread> {
    let (items, fallback) = match part {
        Part::Item(span) => {
            let (root, fallback) = read_item(text, span, mode, quirks, shapes)?;
            let offset = offset(span.start);
            (vec![Item { offset, root }], fallback)
        }
        Part::Document(span) => {
            let (root, fallback) = read_span(text, span, mode, quirks, shapes)?;
            (objects(root), fallback)
        }
        Part::Rest(span) => {
            read_span(text, span, mode, quirks, shapes)?;
            (Vec::new(), false)
        }
        Part::Cut(end) => {
            return Err(Unread {
                at: *end,
                what: "the list ends without its kind: the file seems to be cut off".to_owned(),
            });
        }
    };
    Ok(Done { items, fallback })
}

fn read_item<'t>(
    text: &'t str,
    span: &Range<usize>,
    mode: Mode,
    quirks: Quirks,
    shapes: &mut Shapes,
) -> Result<(Node<'t>, bool), Unread> {
    if span.len() <= MAX_TEXT
        && mode == Mode::Dialect
        && let Ok(root) = dialect::read_item(text, span, quirks, shapes)
    {
        return Ok((root, false));
    }
    let root = full::read_item(text, span, quirks)?;
    Ok((without_managed_fields(root), mode == Mode::Dialect))
}

fn read_span<'t>(
    text: &'t str,
    span: &Range<usize>,
    mode: Mode,
    quirks: Quirks,
    shapes: &mut Shapes,
) -> Result<(Node<'t>, bool), Unread> {
    if span.len() <= MAX_TEXT
        && mode == Mode::Dialect
        && let Ok(root) = dialect::read_document(text, span, quirks, shapes)
    {
        return Ok((root, false));
    }
    let root = full::read(text, span, quirks)?;
    Ok((without_managed_fields(root), mode == Mode::Dialect))
}

/// The objects in a document that could not be split: the items of a List in another style, or the document itself.
fn objects(root: Node<'_>) -> Vec<Item<'_>> {
    let is_list = root.text(&["kind"]).ends_with("List");
    match root.value {
        Value::Null => Vec::new(),
        _ if is_list && root.is_map() => {
            let items = root.into_entries().into_iter().filter(|(key, _)| key == "items");
            let items = items.flat_map(|(_, node)| match node.value {
                Value::Seq(items) => items.into_vec(),
                _ => Vec::new(),
            });
            items.map(|node| item(without_managed_fields(node))).collect()
        }
        _ => vec![item(root)],
    }
}

fn item(root: Node<'_>) -> Item<'_> {
    Item {
        offset: root.offset,
        root,
    }
}

/// Drops `metadata.managedFields`, as the dialect's reader does without reading them.
fn without_managed_fields(root: Node<'_>) -> Node<'_> {
    let metadata = root.get("metadata");
    if metadata.is_none_or(|metadata| metadata.position("managedFields").is_none()) {
        return root;
    }
    let offset = root.offset;
    let mut entries = root.into_entries();
    for (_, metadata) in entries.iter_mut().filter(|(key, _)| key == "metadata") {
        let offset = metadata.offset;
        let kept = std::mem::replace(metadata, Node::new(offset, Value::Null)).into_entries();
        let kept = kept.into_iter().filter(|(key, _)| key != "managedFields");
        *metadata = Node::new(offset, Value::Map(kept.collect()));
    }
    Node::new(offset, Value::Map(entries.into()))
}

/// Of keys that stand twice the last counts, as for the decoder of the encoder's own package. Bundles edited by hand
/// hold such maps. Keys mostly come sorted, and then one comparison for each shows that there are none.
fn keys_are_unique<'k>(keys: impl Iterator<Item = &'k str> + Clone) -> bool {
    if keys.clone().is_sorted_by(|left, right| left < right) {
        return true;
    }
    let mut keys: Vec<&str> = keys.collect();
    keys.sort_unstable();
    keys.is_sorted_by(|left, right| left < right)
}

/// Drops all but the last of the entries with the same key.
fn keep_last<'t>(entries: impl DoubleEndedIterator<Item = Entry<'t>>) -> Box<[Entry<'t>]> {
    let mut seen = BTreeSet::new();
    let mut kept: Vec<Entry<'t>> = entries.rev().filter(|(key, _)| seen.insert(key.clone())).collect();
    kept.reverse();
    kept.into()
}

/// A map of these entries.
fn map_of(entries: Vec<Entry<'_>>) -> Value<'_> {
    if keys_are_unique(entries.iter().map(|(key, _)| key.as_ref())) {
        Value::Map(entries.into())
    } else {
        Value::Map(keep_last(entries.into_iter()))
    }
}
