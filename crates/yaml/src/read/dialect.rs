//! The reader for the narrow YAML that the collector's encoder (gopkg.in/yaml.v2) writes: block collections and their keys.
//!
//! Takes one item of a List, or one document, and gives its tree, borrowed from the text, with absolute byte offsets.
//! Whatever that encoder never writes (comments, anchors, tags, flow collections that hold something, tabs, odd
//! line breaks) is [`Foreign`]: this reader never guesses, the full parser decides. It cannot fail otherwise.

mod block_text;
mod characters;
mod map;
mod plain;
mod quoted;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use self::characters::{STOPS, holds_only_ordinary_characters};
use super::quirks::Quirks;
use crate::shape::{Shape, Shapes};
use crate::value::{Node, Value};

/// Deeper trees go to the full parser, which knows the same bound; it also bounds this reader's stack.
const MAX_DEPTH: u32 = 120;

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

/// What is known of a value before it is read.
#[derive(Clone, Copy)]
struct Ahead {
    place: Place,
    /// The shape that maps had here in the object before: most likely this one has it too.
    shape: Shape,
}

impl Ahead {
    fn nothing(place: Place) -> Ahead {
        let shape = Shape::default();
        Ahead { place, shape }
    }
}

/// A cursor over the text and the collections under construction.
pub(crate) struct Reader<'t, 's> {
    /// The text up to the end of what is read; offsets count from its start.
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: u32,
    quirks: Quirks,
    /// Elements and values of all sequences and maps still open, innermost last: each is then allocated once, at its size.
    nodes: Vec<Node<'t>>,
    /// Keys of all maps still open that are not of the expected shape.
    keys: Vec<Cow<'t, str>>,
    /// Shapes of the maps that were read before.
    shapes: &'s mut Shapes,
    /// How many maps were not of the expected shape.
    surprises: usize,
}

/// Reads the item of a List that stands at `span` of `text` and begins with `- `.
pub(crate) fn read_item<'t>(text: &'t str, span: &Range<usize>, quirks: Quirks, shapes: &mut Shapes) -> Read<Node<'t>> {
    let mut reader = Reader::new(text, span, quirks, shapes)?;
    if !reader.is_dash(reader.at) || reader.byte(reader.at + 1) != b' ' {
        return Err(Foreign);
    }
    reader.at += 2;
    // The items of a List are expected to be alike.
    let list = Shape::default();
    let shape = reader.shapes.expected(list, 0);
    let place = Place::Root;
    let root = reader.inline_node(0, 2, Ahead { place, shape })?;
    if reader.surprises > 0 {
        reader.shapes.learn(list, std::slice::from_ref(&root));
    }
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
        _ => reader.block(0, Ahead::nothing(Place::Root))?,
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
            nodes: Vec::new(),
            keys: Vec::new(),
            shapes,
            surprises: 0,
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
    fn block(&mut self, column: usize, ahead: Ahead) -> Read<Node<'t>> {
        self.at += column;
        if self.is_dash(self.at) {
            self.sequence(column, ahead.shape)
        } else {
            self.map(column, ahead)
        }
    }

    /// The value under a key that ends its line: a deeper collection, a sequence at the key's own column, or nothing.
    fn nested(&mut self, column: usize, ahead: Ahead) -> Read<Node<'t>> {
        match self.column()? {
            Some(deeper) if deeper > column => self.block(deeper, ahead),
            Some(same) if same == column && self.is_dash(self.at + same) => self.block(same, ahead),
            _ => self.node(self.at, Value::Null),
        }
    }

    /// What follows `- ` or `: ` on the same line, at `column`; its parent stands at `parent`.
    fn inline_node(&mut self, parent: usize, column: usize, ahead: Ahead) -> Read<Node<'t>> {
        if self.is_dash(self.at) {
            return self.sequence(column, ahead.shape);
        }
        let long_key = self.byte(self.at) == b'?' && self.byte(self.at + 1) == b' ';
        let expected = ahead.shape.plain_keys().first().map(AsRef::as_ref);
        if long_key || self.after(expected).is_some() || self.key_end(self.at).is_some() {
            return self.map(column, ahead);
        }
        self.scalar(parent)
    }

    /// A sequence whose first dash, at `column`, is under the cursor, and whose maps may have the shape.
    fn sequence(&mut self, column: usize, shape: Shape) -> Read<Node<'t>> {
        self.descend()?;
        let start = self.at;
        let base = self.nodes.len();
        let mut ahead = Ahead {
            place: Place::Inside,
            shape,
        };
        loop {
            // The cursor is on a dash; one that ends its line has no place in the dialect.
            if self.byte(self.at + 1) != b' ' {
                return Err(Foreign);
            }
            self.at += 2;
            let element = self.inline_node(column, column + 2, ahead)?;
            ahead.shape = element.shape();
            self.nodes.push(element);
            match self.column()? {
                Some(deeper) if deeper > column => return Err(Foreign),
                Some(same) if same == column && self.is_dash(self.at + same) => self.at += same,
                _ => break,
            }
        }
        self.depth -= 1;
        let elements = self.nodes.drain(base..).collect();
        self.node(start, Value::Seq(elements))
    }
}
