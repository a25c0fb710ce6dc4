//! The reader for the narrow YAML that the collector's encoder (gopkg.in/yaml.v2) writes: block collections and their keys.
//!
//! Takes one item of a List, or one document, and gives its tree, borrowed from the text, with absolute byte offsets.
//! Whatever that encoder never writes (comments, anchors, tags, flow collections that hold something, tabs, odd
//! line breaks) is [`Foreign`]: this reader never guesses, the full parser decides. It cannot fail otherwise.

mod block_text;
mod characters;
mod plain;
mod quoted;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use self::characters::{STOPS, holds_only_ordinary_characters};
use super::quirks::{self, Quirks};
use super::{keep_last, keys_are_unique};
use crate::model::shape::Shapes;
use crate::model::value::{Entry, Node, Value};

/// Deeper trees go to the full parser, which knows the same bound; it also bounds this reader's stack.
const MAX_DEPTH: u32 = 120;

/// A simple key is at most this long in YAML; the encoder turns to `? key` already at 128.
const MAX_KEY: usize = 1024;

/// The text leaves the dialect: let the full parser read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Foreign;

type Read<T> = Result<T, Foreign>;

/// Where in an object a map stands: `managedFields` is left out of the object's own metadata only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Metadata,
    Inside,
}

/// A cursor over the text and the collections under construction.
pub(crate) struct Reader<'t, 's> {
    /// The text up to the end of what is read; offsets count from its start.
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: u32,
    quirks: Quirks,
    /// Entries of all maps still open, innermost last: each map is then allocated once, at its size.
    entries: Vec<Entry<'t>>,
    /// Elements of all sequences still open.
    elements: Vec<Node<'t>>,
    /// Shapes of the maps that were read before.
    shapes: &'s mut Shapes,
}

/// Reads the item of a List that stands at `span` of `text` and begins with `- `.
pub(crate) fn read_item<'t>(text: &'t str, span: &Range<usize>, quirks: Quirks, shapes: &mut Shapes) -> Read<Node<'t>> {
    let mut reader = Reader::new(text, span, quirks, shapes)?;
    if !reader.is_dash(reader.at) || reader.byte(reader.at + 1) != b' ' {
        return Err(Foreign);
    }
    reader.at += 2;
    let root = reader.inline_node(0, 2, Place::Root)?;
    reader.finish(root)
}

/// Reads the document at `span` of `text`: a block map or sequence without document markers.
pub(crate) fn read_document<'t>(
    text: &'t str,
    span: &Range<usize>,
    quirks: Quirks,
    shapes: &mut Shapes,
) -> Read<Node<'t>> {
    let mut reader = Reader::new(text, span, quirks, shapes)?;
    let body = reader.slice(span.start, span.end)?;
    if body.starts_with("---") || body.starts_with("...") || body.contains("\n...") {
        return Err(Foreign);
    }
    let root = match reader.byte(reader.at) {
        b'{' | b'[' => reader.scalar(0)?,
        _ => reader.block(0, Place::Root)?,
    };
    reader.finish(root)
}

impl<'t, 's> Reader<'t, 's> {
    fn new(text: &'t str, span: &Range<usize>, quirks: Quirks, shapes: &'s mut Shapes) -> Read<Self> {
        let text = text.get(..span.end).ok_or(Foreign)?;
        let body = text.get(span.start..).ok_or(Foreign)?;
        if body.is_empty() || !holds_only_ordinary_characters(body.as_bytes()) {
            return Err(Foreign);
        }
        Ok(Self {
            text,
            bytes: text.as_bytes(),
            at: span.start,
            depth: 0,
            quirks,
            entries: Vec::new(),
            elements: Vec::new(),
            shapes,
        })
    }

    fn finish(self, root: Node<'t>) -> Read<Node<'t>> {
        if self.at == self.bytes.len() {
            Ok(root)
        } else {
            Err(Foreign)
        }
    }

    /// The byte at `index`; a line break beyond the end, so that the last line needs none.
    #[inline]
    fn byte(&self, index: usize) -> u8 {
        self.bytes.get(index).copied().unwrap_or(b'\n')
    }

    #[inline]
    fn slice(&self, from: usize, to: usize) -> Read<&'t str> {
        self.text.get(from..to).ok_or(Foreign)
    }

    /// The index of the line break that ends the line of `from`, or the end of the text.
    #[inline]
    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr(b'\n', rest).map_or(self.bytes.len(), |length| from + length)
    }

    /// The first byte from `from` on at which plain text may end: its line does, or a key, or a comment begins. Else the end.
    #[inline]
    fn stop(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let ends = |byte: &u8| STOPS[usize::from(*byte)];
        rest.iter()
            .position(ends)
            .map_or(self.bytes.len(), |length| from + length)
    }

    /// The start of the line after the break at `line_end`.
    #[inline]
    fn next_line(&self, line_end: usize) -> usize {
        (line_end + 1).min(self.bytes.len())
    }

    /// How many spaces begin the line at `from`.
    #[inline]
    fn spaces(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len())
    }

    /// The column where the line under the cursor begins; `None` at the end. Blank lines and comments are foreign.
    #[inline]
    fn column(&self) -> Read<Option<usize>> {
        let spaces = self.spaces(self.at);
        match self.bytes.get(self.at + spaces) {
            None if spaces == 0 => Ok(None),
            None | Some(b'\n' | b'\t' | b'#') => Err(Foreign),
            Some(_) => Ok(Some(spaces)),
        }
    }

    #[inline]
    fn is_dash(&self, index: usize) -> bool {
        self.byte(index) == b'-' && matches!(self.byte(index + 1), b' ' | b'\n')
    }

    #[inline]
    fn ends_key(&self, index: usize) -> bool {
        self.byte(index) == b':' && matches!(self.byte(index + 1), b' ' | b'\n')
    }

    #[inline]
    fn node(&self, at: usize, value: Value<'t>) -> Read<Node<'t>> {
        let offset = u32::try_from(at).map_err(|_| Foreign)?;
        Ok(Node::new(offset, value))
    }

    fn descend(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Foreign);
        }
        Ok(())
    }

    /// A collection whose first line is under the cursor and begins at `column`.
    fn block(&mut self, column: usize, place: Place) -> Read<Node<'t>> {
        self.at += column;
        if self.is_dash(self.at) {
            self.sequence(column)
        } else {
            self.map(column, place)
        }
    }

    /// The value under a key that ends its line: a deeper collection, a sequence at the key's own column, or nothing.
    fn nested(&mut self, column: usize, place: Place) -> Read<Node<'t>> {
        match self.column()? {
            Some(deeper) if deeper > column => self.block(deeper, place),
            Some(same) if same == column && self.is_dash(self.at + same) => self.block(same, place),
            _ => self.node(self.at, Value::Null),
        }
    }

    /// What follows `- ` or `: ` on the same line, at `column`; its parent stands at `parent`.
    fn inline_node(&mut self, parent: usize, column: usize, place: Place) -> Read<Node<'t>> {
        if self.is_dash(self.at) {
            return self.sequence(column);
        }
        let long_key = self.byte(self.at) == b'?' && self.byte(self.at + 1) == b' ';
        if long_key || self.key_end(self.at).is_some() {
            return self.map(column, place);
        }
        self.scalar(parent)
    }

    /// A sequence whose first dash, at `column`, is under the cursor.
    fn sequence(&mut self, column: usize) -> Read<Node<'t>> {
        self.descend()?;
        let start = self.at;
        let base = self.elements.len();
        loop {
            // The cursor is on a dash; one that ends its line has no place in the dialect.
            if self.byte(self.at + 1) != b' ' {
                return Err(Foreign);
            }
            self.at += 2;
            let element = self.inline_node(column, column + 2, Place::Inside)?;
            self.elements.push(element);
            match self.column()? {
                Some(deeper) if deeper > column => return Err(Foreign),
                Some(same) if same == column && self.is_dash(self.at + same) => self.at += same,
                _ => break,
            }
        }
        self.depth -= 1;
        let elements = self.elements.drain(base..).collect();
        self.node(start, Value::Seq(elements))
    }

    /// A map whose first key, at `column`, is under the cursor.
    fn map(&mut self, column: usize, place: Place) -> Read<Node<'t>> {
        self.descend()?;
        let start = self.at;
        let base = self.entries.len();
        loop {
            self.entry(column, place)?;
            match self.column()? {
                Some(deeper) if deeper > column => return Err(Foreign),
                Some(same) if same == column => self.at += same,
                _ => break,
            }
            // A sequence cannot go on where the keys of a map stand.
            if self.is_dash(self.at) {
                return Err(Foreign);
            }
        }
        self.depth -= 1;
        let entries = self.entries.get(base..).unwrap_or_default();
        let known = self.shapes.find(entries);
        let unique = known.is_some() || keys_are_unique(entries);
        let shape = match known {
            None if unique => self.shapes.insert(entries),
            known => known,
        };
        let offset = u32::try_from(start).map_err(|_| Foreign)?;
        let entries = self.entries.drain(base..);
        Ok(match shape {
            Some(shape) => Node::shaped(offset, shape, entries.map(|(_, value)| value).collect()),
            None if unique => Node::new(offset, Value::Map(entries.collect())),
            None => Node::new(offset, Value::Map(keep_last(entries))),
        })
    }

    /// A key and its value.
    fn entry(&mut self, column: usize, place: Place) -> Read<()> {
        if self.byte(self.at) == b'?' && self.byte(self.at + 1) == b' ' {
            return self.long_key_entry(column);
        }
        let key = self.key()?;
        if place == Place::Metadata && key == "managedFields" {
            self.skip_value(column);
            return Ok(());
        }
        let inner = match place {
            Place::Root if key == "metadata" => Place::Metadata,
            _ => Place::Inside,
        };
        let value = if self.byte(self.at) == b'\n' {
            self.at = self.next_line(self.at);
            self.nested(column, inner)?
        } else {
            self.at += 1;
            self.scalar(column)?
        };
        self.push_entry(key, value);
        Ok(())
    }

    /// `? key` on one or more lines, then `: value`: how the encoder writes keys over 128 characters.
    fn long_key_entry(&mut self, column: usize) -> Read<()> {
        self.at += 2;
        let Value::Str(key) = self.raw_scalar(column)? else {
            return Err(Foreign);
        };
        if self.column()? != Some(column) || !self.ends_key(self.at + column) {
            return Err(Foreign);
        }
        self.at += column + 1;
        let value = if self.byte(self.at) == b'\n' {
            self.at = self.next_line(self.at);
            self.nested(column, Place::Inside)?
        } else {
            self.at += 1;
            self.inline_node(column, column + 2, Place::Inside)?
        };
        self.push_entry(key, value);
        Ok(())
    }

    fn push_entry(&mut self, key: Cow<'t, str>, value: Node<'t>) {
        self.entries.push((quirks::key(key, self.quirks), value));
    }

    /// The key under the cursor, left on the byte after its colon.
    fn key(&mut self) -> Read<Cow<'t, str>> {
        let start = self.at;
        let end = self.key_end(start).ok_or(Foreign)?;
        let key = match self.byte(start) {
            b'"' => self.double_quoted(start, None)?.0,
            b'\'' => self.single_quoted(start, None)?.0,
            _ if !self.starts_plain(start) || self.byte(end - 1) == b' ' => return Err(Foreign),
            _ => Cow::Borrowed(self.slice(start, end)?),
        };
        self.at = end + 1;
        Ok(key)
    }

    /// The colon that ends a simple key beginning at `start`; `None` when the line holds no such key.
    fn key_end(&self, start: usize) -> Option<usize> {
        let end = match self.byte(start) {
            quote @ (b'"' | b'\'') => self.closing_quote(start, quote)? + 1,
            _ => self.plain_key_end(start)?,
        };
        (end > start && end - start <= MAX_KEY && self.ends_key(end)).then_some(end)
    }

    fn plain_key_end(&self, start: usize) -> Option<usize> {
        let mut index = start;
        loop {
            index = self.stop(index);
            match self.byte(index) {
                b':' if self.ends_key(index) => return Some(index),
                b'\n' | b'\t' => return None,
                b'#' if index > start && self.byte(index - 1) == b' ' => return None,
                _ => index += 1,
            }
        }
    }

    /// The index of the quote that closes, on the same line, the one at `start`.
    fn closing_quote(&self, start: usize, quote: u8) -> Option<usize> {
        let mut index = start + 1;
        loop {
            match self.byte(index) {
                b'\n' => return None,
                b'\\' if quote == b'"' => index += 2,
                byte if byte == quote && quote == b'\'' && self.byte(index + 1) == quote => {
                    index += 2;
                }
                byte if byte == quote => return Some(index),
                _ => index += 1,
            }
        }
    }

    /// Leaves a value unread: every line deeper than its key at `column`, and a sequence at the key's own column.
    fn skip_value(&mut self, column: usize) {
        self.at = self.next_line(self.line_end(self.at));
        while self.at < self.bytes.len() {
            let spaces = self.spaces(self.at);
            let first = self.at + spaces;
            let inside = spaces > column || (spaces == column && self.is_dash(first));
            if !inside && self.byte(first) != b'\n' {
                break;
            }
            self.at = self.next_line(self.line_end(first));
        }
    }
}
