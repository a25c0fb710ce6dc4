//! The value tree of one object: borrowed from the file's text, with the byte offset of every value.
//!
//! The collector's quirks are already undone here: an unset value (`"null"`, the empty string, null) is [`Value::Null`],
//! spliced `null` endings are gone, and numbers that went through float64 are integers again where they were.

use crate::keys::{self, FieldMemo, Keys};
use std::borrow::Cow;
use std::iter::Zip;
use std::slice::Iter;
use thin_vec::ThinVec;

/// A value and its byte offset in the text that it was read from.
#[derive(Clone)]
pub struct Node<'t>(Repr<'t>);

/// The offset is in every variant rather than beside them, where it shares a word with the tag: a bundle has millions of nodes.
#[derive(Clone)]
enum Repr<'t> {
    Null(u32),
    Bool(u32, bool),
    Int(u32, i64),
    Float(u32, f64),
    BigInt(u32, Box<str>),
    Str(u32, &'t str),
    /// Text that is not in the file as it reads: escaped, folded, or in a block.
    OwnedStr(u32, Box<str>),
    Seq(u32, Box<[Node<'t>]>),
    /// A map with keys of its own.
    Map(u32, Box<[Entry<'t>]>),
    /// A map that shares its keys with others: its values, in the order of the keys.
    SharedKeys(u32, &'t Keys, ThinVec<Node<'t>>),
}

const _: () = assert!(size_of::<Node<'_>>() <= 24);

#[expect(clippy::expect_used, reason = "no parser is given a text whose offsets do not fit")]
#[inline]
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).expect("texts over 4 GiB are refused before they are parsed")
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Value<'n, 't> {
    /// Null, `""` or the collector's `"null"`: unset.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number, also one that the collector wrote as `1e+06`.
    Int(i64),
    /// A number with a fraction, or beyond 64 bits when it came through float64.
    Float(f64),
    /// A whole number beyond 64 bits with a sign, as its digits (disk WWNs are such).
    BigInt(&'n str),
    /// Text; an empty one read with [`Quirks::Undo`](crate::Quirks::Undo) is unset instead.
    Str(&'n str),
    /// A sequence.
    Seq(&'n [Node<'t>]),
    /// A mapping.
    Map(Entries<'n, 't>),
}

/// A key and its value.
pub type Entry<'t> = (Cow<'t, str>, Node<'t>);

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value() {
            Value::Map(entries) => out.debug_map().entries(entries).finish()?,
            value => write!(out, "{value:?}")?,
        }
        write!(out, " at {}", self.offset())
    }
}

impl<'t> Node<'t> {
    /// A text that was not read from YAML, at offset 0.
    pub fn from_text(text: impl Into<Cow<'t, str>>) -> Node<'t> {
        Node::str(0, text.into())
    }

    /// A map that was not read from YAML, at offset 0. Its keys must differ.
    pub fn from_entries(entries: Vec<Entry<'t>>) -> Node<'t> {
        Node::map(0, entries.into())
    }

    pub(crate) fn null(offset: usize) -> Node<'t> {
        Node(Repr::Null(narrow(offset)))
    }

    pub(crate) fn bool(offset: usize, flag: bool) -> Node<'t> {
        Node(Repr::Bool(narrow(offset), flag))
    }

    pub(crate) fn int(offset: usize, number: i64) -> Node<'t> {
        Node(Repr::Int(narrow(offset), number))
    }

    pub(crate) fn float(offset: usize, number: f64) -> Node<'t> {
        Node(Repr::Float(narrow(offset), number))
    }

    pub(crate) fn big_int(offset: usize, digits: &str) -> Node<'t> {
        Node(Repr::BigInt(narrow(offset), digits.into()))
    }

    #[inline]
    pub(crate) fn str(offset: usize, text: Cow<'t, str>) -> Node<'t> {
        let offset = narrow(offset);
        match text {
            Cow::Borrowed(text) => Node(Repr::Str(offset, text)),
            Cow::Owned(text) => Node(Repr::OwnedStr(offset, text.into())),
        }
    }

    pub(crate) fn seq(offset: usize, items: Box<[Node<'t>]>) -> Node<'t> {
        Node(Repr::Seq(narrow(offset), items))
    }

    /// A map with keys of its own, no two of which may be the same.
    pub(crate) fn map(offset: usize, entries: Box<[Entry<'t>]>) -> Node<'t> {
        Node(Repr::Map(narrow(offset), entries))
    }

    /// A map with shared keys and as many values.
    pub(crate) fn with_shared_keys(offset: usize, keys: &'t Keys, values: ThinVec<Node<'t>>) -> Node<'t> {
        Node(Repr::SharedKeys(narrow(offset), keys, values))
    }

    /// The keys of a map that shares them.
    pub(crate) fn shared_keys(&self) -> Option<&'t Keys> {
        match &self.0 {
            Repr::SharedKeys(_, keys, _) => Some(keys),
            _ => None,
        }
    }

    /// Where the value begins, in bytes from the start of the text that its file holds.
    pub fn offset(&self) -> usize {
        match self.0 {
            Repr::Null(offset)
            | Repr::Bool(offset, _)
            | Repr::Int(offset, _)
            | Repr::Float(offset, _)
            | Repr::BigInt(offset, _)
            | Repr::Str(offset, _)
            | Repr::OwnedStr(offset, _)
            | Repr::Seq(offset, _)
            | Repr::Map(offset, _)
            | Repr::SharedKeys(offset, ..) => offset as usize,
        }
    }

    /// The value: scalars by copy, texts and collections by reference.
    #[inline]
    pub fn value(&self) -> Value<'_, 't> {
        match &self.0 {
            Repr::Null(_) => Value::Null,
            Repr::Bool(_, flag) => Value::Bool(*flag),
            Repr::Int(_, number) => Value::Int(*number),
            Repr::Float(_, number) => Value::Float(*number),
            Repr::BigInt(_, digits) => Value::BigInt(digits),
            Repr::Str(_, text) => Value::Str(text),
            Repr::OwnedStr(_, text) => Value::Str(text),
            Repr::Seq(_, items) => Value::Seq(items),
            Repr::Map(..) | Repr::SharedKeys(..) => Value::Map(self.entries()),
        }
    }

    /// Whether it is unset: null, `""` or the collector's `"null"`.
    pub fn is_null(&self) -> bool {
        matches!(self.0, Repr::Null(_))
    }

    /// Whether another value is the same wherever both are: maps have the same keys, in whatever order.
    pub fn equals(&self, other: &Node<'_>) -> bool {
        match (self.value(), other.value()) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::BigInt(a), Value::BigInt(b)) | (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Seq(a), Value::Seq(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b)),
            (Value::Map(a), Value::Map(b)) => {
                let (mut a, mut b): (Vec<_>, Vec<_>) = (a.collect(), b.collect());
                a.sort_by_key(|(key, _)| *key);
                b.sort_by_key(|(key, _)| *key);
                a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.0 == b.0 && a.1.equals(b.1))
            }
            _ => false,
        }
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.0, Repr::Map(..) | Repr::SharedKeys(..))
    }

    /// Whether it is a sequence.
    pub fn is_seq(&self) -> bool {
        matches!(self.0, Repr::Seq(..))
    }

    /// Keys and values of a map, in the file's order; none for other values.
    pub fn entries(&self) -> Entries<'_, 't> {
        Entries(match &self.0 {
            Repr::Map(_, entries) => EntriesRepr::Own(entries.iter()),
            Repr::SharedKeys(_, keys, values) => EntriesRepr::Shared(keys.names().iter().zip(values)),
            _ => EntriesRepr::Own([].iter()),
        })
    }

    /// The same with the values themselves.
    pub(crate) fn into_entries(self) -> Vec<Entry<'t>> {
        match self.0 {
            Repr::Map(_, entries) => entries.into_vec(),
            Repr::SharedKeys(_, keys, values) => {
                let names = keys.names().iter();
                names.map(|name| Cow::Borrowed(name.as_ref())).zip(values).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The elements of a sequence, as they are.
    pub(crate) fn into_items(self) -> Vec<Node<'t>> {
        match self.0 {
            Repr::Seq(_, items) => items.into_vec(),
            _ => Vec::new(),
        }
    }

    /// The value under a key, be it null.
    fn entry(&self, key: &str) -> Option<&Node<'t>> {
        match &self.0 {
            Repr::Map(_, entries) => {
                let (_, node) = entries.get(keys::position(entries, |(name, _)| name, key)?)?;
                Some(node)
            }
            Repr::SharedKeys(_, keys, values) => values.get(keys.position(key)?),
            _ => None,
        }
    }

    /// Whether a map has the key, also where its value is unset.
    pub fn contains_key(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// The value under `key` of a map; `None` for other values and missing keys. A null counts as missing.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.entry(key).filter(|node| !node.is_null())
    }

    /// The same as [`Node::get`], quicker where many alike maps are asked for the same key through the same memo.
    #[inline]
    pub fn get_memoized(&self, key: &str, memo: &FieldMemo) -> Option<&Node<'t>> {
        let node = match &self.0 {
            Repr::SharedKeys(_, keys, values) => values.get(memo.position(keys, key)?),
            _ => self.entry(key),
        };
        node.filter(|node| !node.is_null())
    }

    /// The value at a path of map keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Str(_, text) => Some(text),
            Repr::OwnedStr(_, text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string value, for as long as that of its file where it is there as it reads.
    pub fn to_cow(&self) -> Option<Cow<'t, str>> {
        match &self.0 {
            Repr::Str(_, text) => Some(Cow::Borrowed(text)),
            Repr::OwnedStr(_, text) => Some(Cow::Owned(text.to_string())),
            _ => None,
        }
    }

    /// A whole number, also one written as a string of digits: Longhorn declares byte counts as strings.
    pub fn as_int(&self) -> Option<i64> {
        match self.0 {
            Repr::Int(_, number) => Some(number),
            _ => self.as_str()?.parse().ok(),
        }
    }

    /// True or false.
    pub fn as_bool(&self) -> Option<bool> {
        match self.0 {
            Repr::Bool(_, flag) => Some(flag),
            _ => None,
        }
    }

    /// The elements of a sequence; empty for other values.
    pub fn items(&self) -> &[Node<'t>] {
        match &self.0 {
            Repr::Seq(_, items) => items,
            _ => &[],
        }
    }

    /// The text under a path of keys, or `""`.
    pub fn text(&self, path: &[&str]) -> &str {
        self.at(path).and_then(Node::as_str).unwrap_or("")
    }

    /// The same tree with all text and keys owned and every value at offset 0: for a document inside a value of another. Recursion is
    /// fine, as both parsers bound the depth.
    pub(crate) fn into_embedded(self) -> Node<'static> {
        match self.0 {
            Repr::Null(_) => Node::null(0),
            Repr::Bool(_, flag) => Node::bool(0, flag),
            Repr::Int(_, number) => Node::int(0, number),
            Repr::Float(_, number) => Node::float(0, number),
            Repr::BigInt(_, digits) => Node(Repr::BigInt(0, digits)),
            Repr::Str(_, text) => Node(Repr::OwnedStr(0, text.into())),
            Repr::OwnedStr(_, text) => Node(Repr::OwnedStr(0, text)),
            Repr::Seq(_, items) => Node::seq(0, items.into_iter().map(Node::into_embedded).collect()),
            Repr::Map(..) | Repr::SharedKeys(..) => {
                let own = |(key, node): Entry<'_>| (Cow::Owned(key.into_owned()), node.into_embedded());
                Node::map(0, self.into_entries().into_iter().map(own).collect())
            }
        }
    }
}

/// The entries of a map: key and value.
#[derive(Debug, Clone)]
pub struct Entries<'n, 't>(EntriesRepr<'n, 't>);

#[derive(Debug, Clone)]
enum EntriesRepr<'n, 't> {
    Own(Iter<'n, Entry<'t>>),
    Shared(Zip<Iter<'n, Box<str>>, Iter<'n, Node<'t>>>),
}

impl<'n, 't> Iterator for Entries<'n, 't> {
    type Item = (&'n str, &'n Node<'t>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            EntriesRepr::Own(entries) => entries.next().map(|(key, node)| (key.as_ref(), node)),
            EntriesRepr::Shared(entries) => entries.next().map(|(key, node)| (key.as_ref(), node)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            EntriesRepr::Own(entries) => entries.size_hint(),
            EntriesRepr::Shared(entries) => entries.size_hint(),
        }
    }
}

impl ExactSizeIterator for Entries<'_, '_> {}
