//! Maps of the dialect: their keys, and the guess that a map has the shape of the one that stood there in the object before.

use std::borrow::Cow;

use super::{Ahead, Foreign, Place, Read, Reader};
use crate::read::{keep_last, keys_are_unique, quirks};
use crate::value::{Node, Value};

/// A simple key is at most this long in YAML; the encoder turns to `? key` already at 128.
const MAX_KEY: usize = 1024;

/// A map under construction.
struct Open {
    /// Where its keys and values begin among those of all open maps.
    keys: usize,
    nodes: usize,
    /// The keys that it is expected to have, and how many of them it has, from the first on.
    expected: &'static [Box<str>],
    met: usize,
    /// Whether a key was another one: from then on keys are kept.
    differs: bool,
    /// How many maps were not as expected before its values were read.
    surprises: usize,
}

impl<'t> Reader<'t, '_> {
    /// A map whose first key, at `column`, is under the cursor.
    pub(super) fn map(&mut self, column: usize, ahead: Ahead) -> Read<Node<'t>> {
        self.descend()?;
        let start = u32::try_from(self.at).map_err(|_| Foreign)?;
        let mut open = Open {
            keys: self.keys.len(),
            nodes: self.nodes.len(),
            expected: ahead.shape.plain_keys(),
            met: 0,
            differs: false,
            surprises: self.surprises,
        };
        loop {
            self.entry(column, ahead, &mut open)?;
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
        if open.differs || open.met < open.expected.len() || open.met == 0 {
            self.surprises += 1;
            self.keep_met(&open);
            Ok(self.close(start, &open))
        } else {
            let values = self.nodes.get(open.nodes..).unwrap_or_default();
            if self.surprises > open.surprises {
                self.shapes.learn(ahead.shape, values);
            }
            let values = self.nodes.drain(open.nodes..).collect();
            Ok(Node::shaped(start, ahead.shape, values))
        }
    }

    /// Keeps the keys that were as expected, for a map that is not as expected after all.
    fn keep_met(&mut self, open: &Open) {
        if !open.differs {
            let met = open.expected.iter().take(open.met);
            self.keys.extend(met.map(|key| Cow::Borrowed(key.as_ref())));
        }
    }

    /// The map with the keys that were kept. It has a shape if others may be like it.
    fn close(&mut self, start: u32, open: &Open) -> Node<'t> {
        let (keys, values) = (
            self.keys.get(open.keys..).unwrap_or_default(),
            self.nodes.get(open.nodes..).unwrap_or_default(),
        );
        let known = self.shapes.find(keys);
        let unique = known.is_some() || keys_are_unique(keys.iter().map(AsRef::as_ref));
        let shape = match known {
            None if unique => self.shapes.insert(keys),
            known => known,
        };
        if let Some(shape) = shape {
            self.shapes.learn(shape, values);
        }
        let (keys, values) = (self.keys.drain(open.keys..), self.nodes.drain(open.nodes..));
        match shape {
            Some(shape) => Node::shaped(start, shape, values.collect()),
            None if unique => Node::new(start, Value::Map(keys.zip(values).collect())),
            None => Node::new(start, Value::Map(keep_last(keys.zip(values)))),
        }
    }

    /// A key and its value.
    fn entry(&mut self, column: usize, ahead: Ahead, open: &mut Open) -> Read<()> {
        if self.byte(self.at) == b'?' && self.byte(self.at + 1) == b' ' {
            return self.long_key_entry(column, open);
        }
        let expected = open.expected.get(open.met).filter(|_| !open.differs);
        let expected = expected.map(AsRef::as_ref);
        let mut inner = Ahead::nothing(Place::Inside);
        let is_metadata;
        if let Some(after) = self.after(expected) {
            self.at = after;
            inner.shape = self.shapes.expected(ahead.shape, open.met);
            is_metadata = expected == Some("metadata");
            open.met += 1;
        } else {
            let key = self.key()?;
            if ahead.place == Place::Metadata && key == "managedFields" {
                self.skip_value(column);
                return Ok(());
            }
            is_metadata = key == "metadata";
            self.push_key(key, open);
        }
        if ahead.place == Place::Root && is_metadata {
            inner.place = Place::Metadata;
        }
        let value = if self.byte(self.at) == b'\n' {
            self.at = self.next_line(self.at);
            self.nested(column, inner)?
        } else {
            self.at += 1;
            self.scalar(column)?
        };
        self.nodes.push(value);
        Ok(())
    }

    /// `? key` on one or more lines, then `: value`: how the encoder writes keys over 128 characters.
    fn long_key_entry(&mut self, column: usize, open: &mut Open) -> Read<()> {
        self.at += 2;
        let Value::Str(key) = self.raw_scalar(column)? else {
            return Err(Foreign);
        };
        if self.column()? != Some(column) || !self.ends_key(self.at + column) {
            return Err(Foreign);
        }
        self.at += column + 1;
        self.push_key(key, open);
        let inner = Ahead::nothing(Place::Inside);
        let value = if self.byte(self.at) == b'\n' {
            self.at = self.next_line(self.at);
            self.nested(column, inner)?
        } else {
            self.at += 1;
            self.inline_node(column, column + 2, inner)?
        };
        self.nodes.push(value);
        Ok(())
    }

    fn push_key(&mut self, key: Cow<'t, str>, open: &mut Open) {
        self.keep_met(open);
        open.differs = true;
        self.keys.push(quirks::key(key, self.quirks));
    }

    /// The byte after the colon of the expected key, if that is under the cursor.
    #[inline]
    pub(super) fn after(&self, expected: Option<&str>) -> Option<usize> {
        let key = expected?.as_bytes();
        let end = self.at + key.len();
        (self.bytes.get(self.at..end)? == key && self.ends_key(end)).then_some(end + 1)
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
    pub(super) fn key_end(&self, start: usize) -> Option<usize> {
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

#[cfg(test)]
mod tests {
    use crate::read::Quirks;
    use crate::read::dialect::read_item;
    use crate::shape::Shapes;
    use crate::value::Node;

    const ITEM: &str = "- apiVersion: v1\n  kind: Pod\n  metadata:\n    labels:\n      app: x\n      true: y\n    managedFields:\n    - a: b\n    name: p\n    namespace: default\n  spec:\n    containers:\n    - image: i:1\n      name: c\n    - image: j\n      name: d\n      ports:\n      - 80\n    metadata:\n      managedFields: kept\n";

    fn read(text: &str, shapes: &mut Shapes) -> String {
        let item = read_item(text, &(0..text.len()), Quirks::Undo, shapes);
        format!("{:?} {item:?}", item.as_ref().map(Node::shape))
    }

    #[test]
    fn what_is_expected_never_changes_what_is_read() {
        const PIECES: [&str; 22] = [
            "",
            "a",
            "name",
            ":",
            ": ",
            " ",
            "  ",
            "\n",
            "#",
            " #",
            "\"",
            "'",
            "- ",
            "? ",
            "{}",
            "null",
            "managedFields:",
            "metadata:",
            "    name: q\n",
            "      name: e\n",
            "  spec:\n",
            "\t",
        ];
        let mut shapes = Shapes::default();
        let whole = read(ITEM, &mut shapes);
        assert_eq!(read(ITEM, &mut shapes), whole);
        assert!(
            !whole.contains("Foreign") && whole.contains("kept") && !whole.contains("\"b\""),
            "{whole}"
        );
        for (end, _) in ITEM.match_indices('\n') {
            let text = &ITEM[..=end];
            assert_eq!(read(text, &mut shapes), read(text, &mut Shapes::default()), "{text}");
            assert_eq!(read(ITEM, &mut shapes), whole, "after {text}");
        }
        for piece in PIECES {
            for at in 0..ITEM.len() {
                for until in [at, at + 1, at + 5] {
                    let end = ITEM.get(until..).unwrap_or_default();
                    let text = format!("{}{piece}{end}", &ITEM[..at]);
                    let fresh = read(&text, &mut Shapes::default());
                    assert_eq!(read(&text, &mut shapes), fresh, "{text}");
                    assert_eq!(read(ITEM, &mut shapes), whole, "after {text}");
                }
            }
        }
    }
}
