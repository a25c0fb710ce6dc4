//! The value tree of one object: borrowed from the file's text, with the byte offset of every value.
//!
//! The collector's quirks are already undone here: an unset value (`"null"`, the empty string, null) is [`Value::Null`],
//! spliced `null` endings are gone, and numbers that went through float64 are integers again where they were.

use super::shape::{Hint, Shape};
use std::borrow::Cow;

/// A value and where it stands.
#[derive(Clone)]
pub struct Node<'t> {
    /// Byte offset of the value from the start of the text its document was read from.
    pub offset: u32,
    /// Which keys the value has, if it is a map whose like was seen before.
    shape: Shape,
    /// The value.
    pub value: Value<'t>,
}

/// A YAML value. Keys of a map keep the file's order; lookups go by name.
#[derive(Debug, Clone)]
pub enum Value<'t> {
    /// Null, `""` or the collector's `"null"`: unset.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number, also one that the collector wrote as `1e+06`.
    Int(i64),
    /// A number with a fraction, or beyond 64 bits when it came through float64.
    Float(f64),
    /// A whole number beyond 64 bits with a sign, as its digits (disk WWNs are such).
    BigInt(Cow<'t, str>),
    /// Text, never empty.
    Str(Cow<'t, str>),
    /// A sequence.
    Seq(Box<[Node<'t>]>),
    /// A mapping.
    Map(Box<[(Cow<'t, str>, Node<'t>)]>),
}

/// Without the shape, which is no part of the value.
impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:?} at {}", self.value, self.offset)
    }
}

impl<'t> Node<'t> {
    /// A value that stands at `offset`.
    pub fn new(offset: u32, value: Value<'t>) -> Node<'t> {
        Node {
            offset,
            shape: Shape::default(),
            value,
        }
    }

    /// A map that stands at `offset`, and whose keys are those of the shape.
    pub(crate) fn shaped(offset: u32, shape: Shape, entries: Box<[(Cow<'t, str>, Node<'t>)]>) -> Node<'t> {
        Node {
            offset,
            shape,
            value: Value::Map(entries),
        }
    }

    /// The same as [`Node::get`], quicker where many alike maps are asked for the same key.
    pub fn get_near(&self, key: &str, hint: &Hint) -> Option<&Node<'t>> {
        let Value::Map(entries) = &self.value else { return None };
        let (_, node) = entries.get(hint.position(self.shape, entries, key)?)?;
        Some(node).filter(|node| !matches!(node.value, Value::Null))
    }

    /// The value under `key` of a map; `None` for other values and missing keys. A null counts as missing.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        match &self.value {
            Value::Map(entries) => find(entries, key).filter(|node| !matches!(node.value, Value::Null)),
            _ => None,
        }
    }

    /// The value at a path of map keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, also one written as a string of digits: Longhorn declares byte counts as strings.
    pub fn as_int(&self) -> Option<i64> {
        match &self.value {
            Value::Int(number) => Some(*number),
            Value::Str(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// True or false.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// The elements of a sequence; empty for other values.
    pub fn items(&self) -> &[Node<'t>] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; empty for other values.
    pub fn entries(&self) -> &[(Cow<'t, str>, Node<'t>)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text under a path of keys, or `""`.
    pub fn text(&self, path: &[&str]) -> &str {
        self.at(path).and_then(Node::as_str).unwrap_or("")
    }

    /// The same tree with all text owned, so that it outlives the file's text. Trees are at most 128 deep.
    pub fn into_owned(self) -> Node<'static> {
        let own = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        let value = match self.value {
            Value::Null => Value::Null,
            Value::Bool(flag) => Value::Bool(flag),
            Value::Int(number) => Value::Int(number),
            Value::Float(number) => Value::Float(number),
            Value::BigInt(digits) => Value::BigInt(own(digits)),
            Value::Str(text) => Value::Str(own(text)),
            Value::Seq(items) => Value::Seq(items.into_iter().map(Node::into_owned).collect()),
            Value::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, node)| (own(key), node.into_owned()))
                    .collect(),
            ),
        };
        Node {
            offset: self.offset,
            shape: self.shape,
            value,
        }
    }

    /// Puts every value of the tree at `offset`: for trees read from inside a value that stands there.
    pub fn move_to(&mut self, offset: u32) {
        self.offset = offset;
        match &mut self.value {
            Value::Seq(items) => items.iter_mut().for_each(|node| node.move_to(offset)),
            Value::Map(entries) => entries.iter_mut().for_each(|(_, node)| node.move_to(offset)),
            _ => {}
        }
    }
}

fn find<'n, 't>(entries: &'n [(Cow<'t, str>, Node<'t>)], key: &str) -> Option<&'n Node<'t>> {
    entries.get(position(entries, key)?).map(|(_, node)| node)
}

/// The encoder sorts maps, though by its own order of digits: a binary search may miss, and then every key is looked at. In maps
/// of usual size that is quicker anyway, because keys of other lengths are passed over without looking at their text.
pub(super) fn position(entries: &[(Cow<'_, str>, Node<'_>)], key: &str) -> Option<usize> {
    if entries.len() > 128
        && let Ok(at) = entries.binary_search_by(|(name, _)| name.as_ref().cmp(key))
    {
        return Some(at);
    }
    // Keys of one length mostly differ in their last byte, which is quicker to see than to call for a comparison of all bytes.
    let last = key.as_bytes().last();
    let maybe = |name: &str| name.len() == key.len() && name.as_bytes().last() == last;
    entries.iter().position(|(name, _)| maybe(name) && name == key)
}
