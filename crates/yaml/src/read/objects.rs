//! The objects in what was parsed, and why it is not the List that the collector writes.

use super::{Failure, Item, without_managed_fields};
use crate::node::Node;

/// The keys of a List beside its items.
const LIST_KEYS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Objects, and what is wrong with what they were read from.
#[derive(Default)]
pub(super) struct Objects<'t> {
    pub(super) items: Vec<Item<'t>>,
    pub(super) failures: Vec<Failure>,
}

impl<'t> Objects<'t> {
    /// The object that is an item of a List, which begins at `offset`.
    pub(super) fn of_item(offset: usize, root: Node<'t>) -> Objects<'t> {
        let mut objects = Objects::default();
        objects.add(offset, root);
        objects
    }

    /// The objects in a document that could not be split: the items of a List in another style, or the document itself.
    pub(super) fn of_document(start: usize, root: Node<'t>) -> Objects<'t> {
        let mut objects = Objects::default();
        let fails = |what: String| vec![Failure::of_file(start, what)];
        if !root.is_map() {
            let what = if root.is_null() {
                "it is empty and no list"
            } else if root.is_seq() {
                "it is not a List: it has no kind"
            } else {
                "it is text and no list"
            };
            objects.failures = fails(what.to_owned());
            return objects;
        }
        let kind = root.text(&["kind"]);
        if !kind.ends_with("List") {
            objects.failures = fails(match kind {
                "" => "it is not a List: it has no kind".to_owned(),
                kind => format!("it is not a List: its kind is {}", shorten(kind)),
            });
            // A single object is proof of itself, but not that it is the only one.
            if !kind.is_empty() && !root.contains_key("items") {
                objects.items.push(item(root.offset(), root));
            }
            return objects;
        }
        let mut entries = root.entries();
        match entries
            .find(|(key, _)| *key == "items")
            .map(|(_, items)| items.is_seq())
        {
            Some(true) => {}
            Some(false) => objects.failures = fails("the items of the list are no list".to_owned()),
            None => {
                let other = root.entries().map(|(key, _)| key).find(|key| !LIST_KEYS.contains(key));
                let other = other.map(|key| format!("the list has no items, but `{}`", shorten(key)));
                objects.failures = other.into_iter().flat_map(fails).collect();
            }
        }
        let items = root.into_entries().into_iter().filter(|(key, _)| key == "items");
        for node in items.flat_map(|(_, items)| items.into_items()) {
            objects.add(node.offset(), without_managed_fields(node));
        }
        objects
    }

    fn add(&mut self, offset: usize, root: Node<'t>) {
        if root.is_map() {
            self.items.push(item(offset, root));
        } else {
            self.failures
                .push(Failure::new(offset, "an item of the list is no object"));
        }
    }
}

fn item(offset: usize, root: Node<'_>) -> Item<'_> {
    Item { offset, root }
}

/// A name out of a file of unknown origin, at a length that fits a message.
fn shorten(name: &str) -> String {
    name.chars().take(60).collect()
}
