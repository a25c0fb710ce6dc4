//! What a loop runs over, one element after the other and without a copy of the list.

use super::Value;
use gleaner_yaml::{Entries, Node};
use std::collections::btree_map;
use std::slice::Iter;

/// The elements of a list, or the keys of a map whose values are set.
#[derive(Debug)]
pub enum Elements<'v, 'a> {
    /// Of a list that a function made, or of none.
    List(Iter<'v, Value<'a>>),
    /// Of a list of the bundle.
    Seq(Iter<'a, Node<'a>>),
    /// Of a map of the bundle.
    Keys(Entries<'a, 'a>),
    /// Of a map that a function made.
    MadeKeys(btree_map::Iter<'v, String, Value<'a>>),
}

impl<'v, 'a> Elements<'v, 'a> {
    pub(super) fn of(value: &'v Value<'a>) -> Option<Elements<'v, 'a>> {
        match value {
            Value::Unset(_) | Value::NoElements => Some(Elements::List([].iter())),
            Value::List(items) => Some(Elements::List(items.iter())),
            Value::Map(entries) => Some(Elements::MadeKeys(entries.iter())),
            Value::Node(node) if node.is_map() => Some(Elements::Keys(node.entries())),
            Value::Node(node) => Some(Elements::Seq(node.items().iter())),
            _ => None,
        }
    }
}

impl<'a> Iterator for Elements<'_, 'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        match self {
            Elements::List(items) => items.next().cloned(),
            Elements::Seq(items) => items.next().map(Value::of),
            Elements::Keys(entries) => {
                let (key, _) = entries.find(|(_, value)| !value.is_null())?;
                Some(Value::borrowed(key))
            }
            Elements::MadeKeys(entries) => {
                let (key, _) = entries.find(|(_, value)| !value.is_unset())?;
                Some(Value::text(key.as_str()))
            }
        }
    }

    fn nth(&mut self, position: usize) -> Option<Value<'a>> {
        match self {
            Elements::List(items) => items.nth(position).cloned(),
            Elements::Seq(items) => items.nth(position).map(Value::of),
            _ => (0..position)
                .try_for_each(|_| self.next().map(drop))
                .and_then(|()| self.next()),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Elements::List(items) => items.size_hint(),
            Elements::Seq(items) => items.size_hint(),
            Elements::Keys(entries) => (0, Some(entries.len())),
            Elements::MadeKeys(entries) => (0, Some(entries.len())),
        }
    }
}
