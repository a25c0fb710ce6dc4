//! Documents inside strings: annotations and settings that hold JSON or YAML, with the collector's quirks undone.
//!
//! Offsets in the trees are 0: what is found in them stands where the string stands.

use serde::de::DeserializeSeed as _;

use super::full::{Builder, budget};
use super::quirks::Quirks;
use super::{Mode, read_document};
use crate::value::{Node, Value};

/// The JSON value in `text`; `None` when it is no JSON. Nulls that became `"null"` are unset again.
///
/// The collector may have appended `null` to a text that ends in a double quote: such an end is left out.
pub fn embedded_json(text: &str) -> Option<Node<'static>> {
    let text = text.trim();
    read_json(text).or_else(|| read_json(text.strip_suffix("null")?))
}

/// The YAML value in `text`; `None` when it is no YAML, or only a bare word.
pub fn embedded_yaml(text: &str) -> Option<Node<'static>> {
    let read = |text| read_document(text, Mode::Dialect).ok();
    let holds_something = |node: &Node<'_>| node.is_map() || matches!(node.value, Value::Seq(_));
    let mut node = read(text)
        .filter(holds_something)
        .or_else(|| read(text.strip_suffix("null")?).filter(holds_something))?;
    node.move_to(0);
    Some(node.into_owned())
}

fn read_json(text: &str) -> Option<Node<'static>> {
    let budget = budget(text);
    let mut source = serde_json::Deserializer::from_str(text);
    let node = Builder::new(0, Quirks::Undo, &budget).deserialize(&mut source).ok()?;
    source.end().ok()?;
    Some(node.into_owned())
}
