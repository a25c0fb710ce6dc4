//! Conditions of objects and of parts of them, by type.

use gleaner_yaml::{Conditions, Node};

/// The condition of a type, whatever the case of its letters: in `status.conditions` of an object, in `conditions` of a part of one.
/// Longhorn wrote maps by type once, and lists since.
pub fn condition<'n>(root: &'n Node<'n>, kind: &str) -> Option<&'n Node<'n>> {
    Conditions::default().find(root, kind)
}

/// The `status` of a condition: `True`, `False`, `Unknown`; `""` where there is no such condition.
pub fn condition_status<'n>(root: &'n Node<'n>, kind: &str) -> &'n str {
    condition(root, kind).map_or("", |condition| condition.text(&["status"]))
}
