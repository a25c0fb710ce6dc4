//! Conditions of objects and of parts of them: a list of maps with a `type` each, or an older map keyed by type.

use gleaner_yaml::{FieldMemo, Node};

/// Finds conditions: in `status.conditions` of an object, in `conditions` of a part of it, or in the list or map itself.
#[derive(Debug, Default)]
pub struct Conditions {
    status: FieldMemo,
    status_conditions: FieldMemo,
    conditions: FieldMemo,
    type_field: FieldMemo,
}

impl Conditions {
    /// The condition of a type, whatever the case of its letters.
    pub fn find<'a>(&self, node: &'a Node<'a>, wanted: &str) -> Option<&'a Node<'a>> {
        let status = node.get_memoized("status", &self.status);
        let conditions = status
            .and_then(|status| status.get_memoized("conditions", &self.status_conditions))
            .or_else(|| node.get_memoized("conditions", &self.conditions))
            .unwrap_or(node);
        let mut by_key = conditions.entries();
        if let Some((_, found)) = by_key.find(|(key, _)| key.eq_ignore_ascii_case(wanted)) {
            return Some(found);
        }
        conditions.items().iter().find(|item| {
            let kind = item.get_memoized("type", &self.type_field).and_then(Node::as_str);
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
        })
    }
}

/// The condition of a type, as [`Conditions::find`] finds it, for callers that ask few objects.
pub fn condition<'n>(root: &'n Node<'n>, kind: &str) -> Option<&'n Node<'n>> {
    Conditions::default().find(root, kind)
}

/// The `status` of a condition: `True`, `False`, `Unknown`; `""` where there is no such condition.
pub fn condition_status<'n>(root: &'n Node<'n>, kind: &str) -> &'n str {
    condition(root, kind).map_or("", |condition| condition.text(&["status"]))
}
