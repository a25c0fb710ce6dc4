//! What a loop runs over, one element after the other and without a copy of the list.

use super::val::Val;
use gleaner_yaml::{Entries, Node, Value};
use std::collections::btree_map;
use std::slice::Iter;

/// The elements of a list, or the keys of a map whose values are set.
#[derive(Debug)]
pub enum Elements<'v, 'a> {
    /// Of a list that a function made, or of none.
    List(Iter<'v, Val<'a>>),
    /// Of a list of the bundle.
    Seq(Iter<'a, Node<'a>>),
    /// Of a map of the bundle.
    Keys(Entries<'a, 'a>),
    /// Of a map that a function made.
    MadeKeys(btree_map::Iter<'v, String, Val<'a>>),
}

impl<'v, 'a> Elements<'v, 'a> {
    /// The elements of a value; nothing for unset, `None` for what is neither list nor map.
    pub(super) fn of(value: &'v Val<'a>) -> Option<Elements<'v, 'a>> {
        match value {
            Val::Unset | Val::NoElements => Some(Elements::List([].iter())),
            Val::List(items) => Some(Elements::List(items.iter())),
            Val::Map(entries) => Some(Elements::MadeKeys(entries.iter())),
            Val::Node(node) => match node.value() {
                Value::Seq(items) => Some(Elements::Seq(items.iter())),
                Value::Map(entries) => Some(Elements::Keys(entries)),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'a> Iterator for Elements<'_, 'a> {
    type Item = Val<'a>;

    fn next(&mut self) -> Option<Val<'a>> {
        match self {
            Elements::List(items) => items.next().cloned(),
            Elements::Seq(items) => items.next().map(Val::of),
            Elements::Keys(entries) => {
                let (key, _) = entries.find(|(_, value)| !value.is_null())?;
                Some(Val::Str(key))
            }
            Elements::MadeKeys(entries) => {
                let (key, _) = entries.find(|(_, value)| !matches!(value, Val::Unset))?;
                Some(Val::text(key.as_str()))
            }
        }
    }

    fn nth(&mut self, position: usize) -> Option<Val<'a>> {
        match self {
            Elements::List(items) => items.nth(position).cloned(),
            Elements::Seq(items) => items.nth(position).map(Val::of),
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
