//! Documents inside strings: annotations and settings that hold JSON or YAML, with the collector's quirks undone.
//!
//! Offsets in the trees are 0: the place of what is found in them is that of the string.

use serde::de::DeserializeSeed as _;

use super::full::{NodeSeed, budget};
use super::quirks::Quirks;
use super::{Mode, parse_document};
use crate::node::Node;

/// The JSON value in `text`; `None` when it is not JSON. Nulls that became `"null"` are unset again.
///
/// The collector may have appended `null` to a text that ends in a double quote: such an end is left out.
pub fn embedded_json(text: &str) -> Option<Node<'static>> {
    let text = text.trim();
    read_json(text).or_else(|| read_json(text.strip_suffix("null")?))
}

/// The YAML value in `text`; `None` when it is not YAML, or only a bare word.
pub fn embedded_yaml(text: &str) -> Option<Node<'static>> {
    read_yaml(text).or_else(|| read_yaml(text.strip_suffix("null")?))
}

fn read_yaml(text: &str) -> Option<Node<'static>> {
    let node = parse_document(text, Mode::Dialect).ok()?;
    (node.is_map() || node.is_seq()).then(|| node.into_embedded())
}

fn read_json(text: &str) -> Option<Node<'static>> {
    let budget = budget(text);
    let mut source = serde_json::Deserializer::from_str(text);
    let node = NodeSeed::new(0, Quirks::Undo, &budget).deserialize(&mut source).ok()?;
    source.end().ok()?;
    Some(node.into_embedded())
}
