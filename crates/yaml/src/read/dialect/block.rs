//! Block sequences and maps of the dialect, parsed with the prediction that a map has the keys of the one that was in its place in
//! the object before.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::predictor::Predictor;
use super::scalar::Scalar;
use super::{Outside, Parse};
use crate::keys::Keys;
use crate::node::Node;
use crate::read::quirks::{self, Quirks};
use crate::read::unique::keep_last;

/// Deeper trees go to the full parser, which knows the same bound; it also bounds this parser's stack.
const MAX_DEPTH: u32 = 120;

/// What a map is to its object: `managedFields` is left out of the object's own metadata only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MapRole {
    Object,
    Metadata,
    Other,
}

/// What is known of a value before it is parsed.
#[derive(Clone, Copy)]
pub(super) struct Prediction<'t> {
    pub(super) role: MapRole,
    /// The keys that it most likely has, if it is a map, or that the first element has, if it is a sequence.
    pub(super) keys: Option<&'t Keys>,
}

impl<'t> Prediction<'t> {
    /// The keys that are compared with the text.
    fn names(self) -> &'t [Box<str>] {
        self.keys.map_or(&[], Keys::plain_names)
    }
}

/// A map under construction.
struct OpenMap<'t> {
    role: MapRole,
    predicted: Option<&'t Keys>,
    /// Where its keys and values begin among those of all open maps.
    first_key: usize,
    first_value: usize,
    /// The predicted keys, and how many of them it has, from the first on.
    names: &'t [Box<str>],
    matched: usize,
    /// Whether a key was another one: from then on keys are collected.
    diverged: bool,
    /// How many maps had other keys than predicted before its values were parsed.
    mispredictions: usize,
}

/// The cursor and the collections under construction.
pub(super) struct BlockParser<'t, 'p> {
    pub(super) cursor: Cursor<'t>,
    depth: u32,
    quirks: Quirks,
    /// Elements and values of all sequences and maps still open, innermost last: each is then allocated once, at its size.
    nodes: Vec<Node<'t>>,
    /// Keys of all maps still open that diverged from the prediction.
    keys: Vec<Cow<'t, str>>,
    pub(super) predictor: &'p mut Predictor<'t>,
    /// How many maps had other keys than predicted.
    pub(super) mispredictions: usize,
}

impl<'t, 'p> BlockParser<'t, 'p> {
    pub(super) fn new(cursor: Cursor<'t>, quirks: Quirks, predictor: &'p mut Predictor<'t>) -> Self {
        BlockParser {
            cursor,
            depth: 0,
            quirks,
            nodes: Vec::new(),
            keys: Vec::new(),
            predictor,
            mispredictions: 0,
        }
    }

    /// The tree, if nothing is left of the text.
    pub(super) fn finish(self, root: Node<'t>) -> Parse<Node<'t>> {
        match self.cursor.at == self.cursor.bytes.len() {
            true => Ok(root),
            false => Err(Outside),
        }
    }

    fn descend(&mut self) -> Parse<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Outside);
        }
        Ok(())
    }

    /// A collection whose first line is under the cursor and begins at `column`.
    pub(super) fn block(&mut self, column: usize, prediction: Prediction<'t>) -> Parse<Node<'t>> {
        self.cursor.at += column;
        if self.cursor.is_dash(self.cursor.at) {
            self.sequence(column, prediction.keys)
        } else {
            self.map(column, prediction)
        }
    }

    /// The value under a key that ends its line: a deeper collection, a sequence at the key's own column, or nothing.
    fn nested(&mut self, column: usize, prediction: Prediction<'t>) -> Parse<Node<'t>> {
        match self.cursor.column()? {
            Some(deeper) if deeper > column => self.block(deeper, prediction),
            Some(same) if same == column && self.cursor.is_dash(self.cursor.at + same) => self.block(same, prediction),
            _ => Ok(Node::null(self.cursor.at)),
        }
    }

    /// What follows `- ` or `: ` on the same line, at `column`; its parent is at `parent`.
    pub(super) fn inline(&mut self, parent: usize, column: usize, prediction: Prediction<'t>) -> Parse<Node<'t>> {
        let cursor = &self.cursor;
        if cursor.is_dash(cursor.at) {
            return self.sequence(column, prediction.keys);
        }
        let predicted = prediction.names().first();
        let is_map = cursor.is_long_key()
            || predicted.is_some_and(|name| cursor.after_key(name).is_some())
            || cursor.key_end(cursor.at).is_some();
        if is_map {
            return self.map(column, prediction);
        }
        self.scalar(parent)
    }

    /// The scalar under the cursor, or an empty collection in flow style.
    #[inline]
    pub(super) fn scalar(&mut self, parent: usize) -> Parse<Node<'t>> {
        let start = self.cursor.at;
        Ok(match self.cursor.scalar(parent)? {
            Scalar::Null => Node::null(start),
            Scalar::Bool(flag) => Node::bool(start, flag),
            Scalar::Int(number) => Node::int(start, number),
            Scalar::Float(number) => quirks::float(start, number),
            Scalar::BigInt(digits) => Node::big_int(start, digits),
            Scalar::Str(text) => quirks::text(start, text, self.quirks),
            Scalar::EmptyMap => Node::map(start, Box::default()),
            Scalar::EmptySeq => Node::seq(start, Box::default()),
        })
    }

    /// A sequence whose first dash, at `column`, is under the cursor, and whose first element most likely has these keys.
    fn sequence(&mut self, column: usize, keys: Option<&'t Keys>) -> Parse<Node<'t>> {
        self.descend()?;
        let start = self.cursor.at;
        let base = self.nodes.len();
        let mut prediction = Prediction {
            role: MapRole::Other,
            keys,
        };
        loop {
            // The cursor is on a dash; one that ends its line has no place in the dialect.
            if self.cursor.byte(self.cursor.at + 1) != b' ' {
                return Err(Outside);
            }
            self.cursor.at += 2;
            let element = self.inline(column, column + 2, prediction)?;
            prediction.keys = element.shared_keys();
            self.nodes.push(element);
            match self.cursor.column()? {
                Some(deeper) if deeper > column => return Err(Outside),
                Some(same) if same == column && self.cursor.is_dash(self.cursor.at + same) => self.cursor.at += same,
                _ => break,
            }
        }
        self.depth -= 1;
        Ok(Node::seq(start, self.nodes.drain(base..).collect()))
    }

    /// A map whose first key, at `column`, is under the cursor.
    fn map(&mut self, column: usize, prediction: Prediction<'t>) -> Parse<Node<'t>> {
        self.descend()?;
        let start = self.cursor.at;
        let mut open = OpenMap {
            role: prediction.role,
            predicted: prediction.keys,
            first_key: self.keys.len(),
            first_value: self.nodes.len(),
            names: prediction.names(),
            matched: 0,
            diverged: false,
            mispredictions: self.mispredictions,
        };
        loop {
            self.entry(column, &mut open)?;
            match self.cursor.column()? {
                Some(deeper) if deeper > column => return Err(Outside),
                Some(same) if same == column => self.cursor.at += same,
                _ => break,
            }
            // A sequence cannot go on where the keys of a map are.
            if self.cursor.is_dash(self.cursor.at) {
                return Err(Outside);
            }
        }
        self.depth -= 1;
        match open.predicted {
            Some(keys) if !open.diverged && open.matched > 0 && open.matched == open.names.len() => {
                if self.mispredictions > open.mispredictions {
                    self.predictor.learn(keys, &self.nodes[open.first_value..]);
                }
                Ok(Node::with_shared_keys(
                    start,
                    keys,
                    self.nodes.drain(open.first_value..).collect(),
                ))
            }
            _ => Ok(self.close(start, &open)),
        }
    }

    /// A map with other keys than predicted. It shares them if others may be like it.
    fn close(&mut self, start: usize, open: &OpenMap<'t>) -> Node<'t> {
        self.mispredictions += 1;
        self.collect_matched(open);
        let names = &self.keys[open.first_key..];
        let shared = self.predictor.shared(names);
        if let Some(keys) = shared {
            self.predictor.learn(keys, &self.nodes[open.first_value..]);
        }
        let (names, values) = (self.keys.drain(open.first_key..), self.nodes.drain(open.first_value..));
        match shared {
            Some(keys) => Node::with_shared_keys(start, keys, values.collect()),
            None => Node::map(start, keep_last(names.zip(values).collect()).into()),
        }
    }

    /// Collects the keys that were as predicted, for a map that diverges after all.
    fn collect_matched(&mut self, open: &OpenMap<'t>) {
        if !open.diverged {
            let matched = open.names.iter().take(open.matched);
            self.keys.extend(matched.map(|name| Cow::Borrowed(name.as_ref())));
        }
    }

    /// A key and its value.
    fn entry(&mut self, column: usize, open: &mut OpenMap<'t>) -> Parse<()> {
        if self.cursor.is_long_key() {
            return self.long_key_entry(column, open);
        }
        let mut inner = Prediction {
            role: MapRole::Other,
            keys: None,
        };
        let predicted = open.names.get(open.matched).filter(|_| !open.diverged);
        let is_metadata;
        if let Some(name) = predicted
            && let Some(after) = self.cursor.after_key(name)
        {
            self.cursor.at = after;
            inner.keys = self.predictor.predict(open.predicted, open.matched);
            is_metadata = name.as_ref() == "metadata";
            open.matched += 1;
        } else {
            let key = self.cursor.key()?;
            if open.role == MapRole::Metadata && key == "managedFields" {
                self.skip_value(column);
                return Ok(());
            }
            is_metadata = key == "metadata";
            self.push_key(key, open);
        }
        if open.role == MapRole::Object && is_metadata {
            inner.role = MapRole::Metadata;
        }
        let value = if self.cursor.byte(self.cursor.at) == b'\n' {
            self.cursor.at = self.cursor.next_line(self.cursor.at);
            self.nested(column, inner)?
        } else {
            self.cursor.at += 1;
            self.scalar(column)?
        };
        self.nodes.push(value);
        Ok(())
    }

    /// `? key` on one or more lines, then `: value`: how the encoder writes keys over 128 characters.
    fn long_key_entry(&mut self, column: usize, open: &mut OpenMap<'t>) -> Parse<()> {
        self.cursor.at += 2;
        let Scalar::Str(key) = self.cursor.scalar(column)? else {
            return Err(Outside);
        };
        if self.cursor.column()? != Some(column) || !self.cursor.ends_key(self.cursor.at + column) {
            return Err(Outside);
        }
        self.cursor.at += column + 1;
        self.push_key(key, open);
        let inner = Prediction {
            role: MapRole::Other,
            keys: None,
        };
        let value = if self.cursor.byte(self.cursor.at) == b'\n' {
            self.cursor.at = self.cursor.next_line(self.cursor.at);
            self.nested(column, inner)?
        } else {
            self.cursor.at += 1;
            self.inline(column, column + 2, inner)?
        };
        self.nodes.push(value);
        Ok(())
    }

    fn push_key(&mut self, key: Cow<'t, str>, open: &mut OpenMap<'t>) {
        self.collect_matched(open);
        open.diverged = true;
        self.keys.push(quirks::key(key, self.quirks));
    }

    /// Passes over a value: every line deeper than its key at `column`, and a sequence at the key's own column.
    fn skip_value(&mut self, column: usize) {
        self.cursor.at = self.cursor.next_line(self.cursor.line_end(self.cursor.at));
        while self.cursor.at < self.cursor.bytes.len() {
            let spaces = self.cursor.spaces(self.cursor.at);
            let first = self.cursor.at + spaces;
            let inside = spaces > column || (spaces == column && self.cursor.is_dash(first));
            if !inside && self.cursor.byte(first) != b'\n' {
                break;
            }
            self.cursor.at = self.cursor.next_line(self.cursor.line_end(first));
        }
    }
}
