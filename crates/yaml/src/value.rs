//! The value tree of one object: borrowed from the file's text, with the byte offset of every value.
//!
//! The collector's quirks are already undone here: an unset value (`"null"`, the empty string, null) is [`Value::Null`],
//! spliced `null` endings are gone, and numbers that went through float64 are integers again where they were.

use crate::shape::{Hint, Shape};
use std::borrow::Cow;
use std::iter::Zip;
use std::slice::Iter;

/// A value and where it stands.
#[derive(Clone)]
pub struct Node<'t> {
    /// Byte offset of the value from the start of the text its document was read from.
    pub offset: u32,
    /// The keys of [`Value::Fields`].
    shape: Shape,
    /// The value.
    pub value: Value<'t>,
}

/// A bundle has millions of values: two fit into what a processor fetches from memory at once.
const _: () = assert!(size_of::<Node<'_>>() <= 32);

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
    BigInt(Box<str>),
    /// Text, never empty.
    Str(Cow<'t, str>),
    /// A sequence.
    Seq(Box<[Node<'t>]>),
    /// A mapping with keys of its own.
    Map(Box<[Entry<'t>]>),
    /// A mapping whose keys are those of its node's shape: the values, in the order of the keys.
    Fields(Fields<'t>),
}

/// A key and its value.
pub type Entry<'t> = (Cow<'t, str>, Node<'t>);

/// The values of a mapping whose keys are known elsewhere.
#[derive(Debug, Clone)]
pub struct Fields<'t>(Box<[Node<'t>]>);

/// Maps look alike wherever their keys are.
impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_map() {
            out.debug_map().entries(self.entries()).finish()?;
        } else {
            write!(out, "{:?}", self.value)?;
        }
        write!(out, " at {}", self.offset)
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

    /// A map that stands at `offset`, with the keys of the shape and these values.
    pub(crate) fn shaped(offset: u32, shape: Shape, values: Box<[Node<'t>]>) -> Node<'t> {
        Node {
            offset,
            shape,
            value: Value::Fields(Fields(values)),
        }
    }

    /// The shape of a map that has one.
    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_) | Value::Fields(_))
    }

    /// Keys and values of a map, in the file's order; none for other values.
    pub fn entries(&self) -> Entries<'_, 't> {
        match &self.value {
            Value::Map(entries) => Entries::Own(entries.iter()),
            Value::Fields(Fields(values)) => Entries::Shared(self.shape.keys().iter().zip(values)),
            _ => Entries::Own([].iter()),
        }
    }

    /// Keys and values of a map, as [`Node::entries`] gives them.
    pub fn into_entries(self) -> Vec<Entry<'t>> {
        match self.value {
            Value::Map(entries) => entries.into_vec(),
            Value::Fields(Fields(values)) => {
                let keys = self.shape.keys().iter();
                keys.map(|key| Cow::Borrowed(key.as_ref())).zip(values).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Where among its entries a map has a key.
    pub fn position(&self, key: &str) -> Option<usize> {
        match &self.value {
            Value::Map(entries) => position(entries, |(name, _)| name, key),
            Value::Fields(_) => self.shape.position(key),
            _ => None,
        }
    }

    /// The value of the entry at this place of a map, be it null.
    #[inline]
    pub fn nth(&self, place: usize) -> Option<&Node<'t>> {
        match &self.value {
            Value::Map(entries) => entries.get(place).map(|(_, node)| node),
            Value::Fields(Fields(values)) => values.get(place),
            _ => None,
        }
    }

    /// The same as [`Node::get`], quicker where many alike maps are asked for the same key.
    #[inline]
    pub fn get_near(&self, key: &str, hint: &Hint) -> Option<&Node<'t>> {
        let node = match &self.value {
            Value::Fields(Fields(values)) => values.get(hint.position(self.shape, key)?),
            _ => self.nth(self.position(key)?),
        };
        node.filter(|node| !matches!(node.value, Value::Null))
    }

    /// The value under `key` of a map; `None` for other values and missing keys. A null counts as missing.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        let node = self.nth(self.position(key)?);
        node.filter(|node| !matches!(node.value, Value::Null))
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

    /// The text under a path of keys, or `""`.
    pub fn text(&self, path: &[&str]) -> &str {
        self.at(path).and_then(Node::as_str).unwrap_or("")
    }

    /// The same tree with all text owned, so that it outlives the file's text. Trees are at most 128 deep.
    pub fn into_owned(self) -> Node<'static> {
        let all = |nodes: Box<[Node<'t>]>| nodes.into_iter().map(Node::into_owned).collect();
        let own = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        let value = match self.value {
            Value::Null => Value::Null,
            Value::Bool(flag) => Value::Bool(flag),
            Value::Int(number) => Value::Int(number),
            Value::Float(number) => Value::Float(number),
            Value::BigInt(digits) => Value::BigInt(digits),
            Value::Str(text) => Value::Str(own(text)),
            Value::Seq(items) => Value::Seq(all(items)),
            Value::Fields(Fields(values)) => Value::Fields(Fields(all(values))),
            Value::Map(entries) => {
                let entries = entries.into_iter();
                Value::Map(entries.map(|(key, node)| (own(key), node.into_owned())).collect())
            }
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
            Value::Seq(nodes) | Value::Fields(Fields(nodes)) => nodes.iter_mut().for_each(|node| node.move_to(offset)),
            Value::Map(entries) => entries.iter_mut().for_each(|(_, node)| node.move_to(offset)),
            _ => {}
        }
    }
}

/// The entries of a map: key and value.
#[derive(Debug, Clone)]
pub enum Entries<'n, 't> {
    /// Of one with keys of its own.
    Own(Iter<'n, Entry<'t>>),
    /// Of one that shares its keys with others.
    Shared(Zip<Iter<'static, Box<str>>, Iter<'n, Node<'t>>>),
}

impl<'n, 't> Iterator for Entries<'n, 't> {
    type Item = (&'n str, &'n Node<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Entries::Own(entries) => entries.next().map(|(key, node)| (key.as_ref(), node)),
            Entries::Shared(entries) => entries.next().map(|(key, node)| (key.as_ref(), node)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Entries::Own(entries) => entries.size_hint(),
            Entries::Shared(entries) => entries.size_hint(),
        }
    }
}

impl ExactSizeIterator for Entries<'_, '_> {}

/// Where a key stands. The encoder sorts maps, though by its own order of digits: a binary search may miss, and then every key is
/// looked at. In maps of usual size that is quicker anyway, because keys of other lengths are passed over without looking at their
/// text.
pub(super) fn position<T>(entries: &[T], name: impl Fn(&T) -> &str, key: &str) -> Option<usize> {
    if entries.len() > 128
        && let Ok(at) = entries.binary_search_by(|entry| name(entry).cmp(key))
    {
        return Some(at);
    }
    // Keys of one length mostly differ in their last byte, which is quicker to see than to call for a comparison of all bytes.
    let last = key.as_bytes().last();
    let maybe = |name: &str| name.len() == key.len() && name.as_bytes().last() == last;
    entries.iter().position(|entry| {
        let name = name(entry);
        maybe(name) && name == key
    })
}
