//! Field paths inside an object: what evidence points at and what the object graph joins on.
//!
//! `spec.volumes[*].name` · `metadata.annotations["harvesterhci.io/imageId"]` · `status.conditions[type=Ready].message` ·
//! `spec.diskFileSpecMap{}` (the keys of a map). Condition lists and the older maps keyed by type read the same.

use crate::shape::Hint;
use crate::value::{Node, Value};
use std::borrow::Cow;
use std::fmt;

/// A compiled field path.
#[derive(Debug, Clone)]
pub struct FieldPath {
    steps: Vec<Step>,
    /// By step: where its key stood last.
    hints: Vec<Hint>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `.name` or `["name"]`
    Key(String),
    /// `[*]`: every element of a list, or every value of a map.
    Each,
    /// `{}`: every key of a map.
    Keys,
    /// `[field=value]`: the elements whose field has the value, compared without case.
    Where(String, String),
}

/// A value reached by a path: the node it stands at, and the key where the path ends in `{}`.
#[derive(Debug, Clone, Copy)]
pub struct Reached<'a> {
    /// The node, for its offset and value.
    pub node: &'a Node<'a>,
    /// The key, where the path asked for keys.
    pub key: Option<&'a str>,
}

impl<'a> Reached<'a> {
    /// The value as text; maps and lists give their size.
    pub fn text(&self) -> Cow<'a, str> {
        match (self.key, &self.node.value) {
            (Some(key), _) => Cow::Borrowed(key),
            (None, Value::Str(text)) => Cow::Borrowed(text),
            (None, _) => Cow::Owned(display(self.node)),
        }
    }
}

/// A short text for any value: scalars as they are, collections by their size.
pub fn display(node: &Node<'_>) -> String {
    match &node.value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::BigInt(digits) => digits.to_string(),
        Value::Str(text) => text.to_string(),
        Value::Seq(items) if items.iter().all(|item| !is_collection(item)) => {
            items.iter().map(display).collect::<Vec<_>>().join(", ")
        }
        Value::Seq(items) => format!("{} entries", items.len()),
        Value::Map(_) | Value::Fields(_) => format!("{} entries", node.entries().len()),
    }
}

fn is_collection(node: &Node<'_>) -> bool {
    node.is_map() || matches!(node.value, Value::Seq(_))
}

impl FieldPath {
    /// Parses a path. The error is a lowercase fragment with the byte where it stands.
    pub fn parse(text: &str) -> Result<FieldPath, (usize, String)> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let (step, next) = if let Some(inner) = rest.strip_prefix('[') {
                bracket(inner, at)?
            } else if let Some(next) = rest.strip_prefix("{}") {
                (Step::Keys, next)
            } else {
                let body = if at == 0 {
                    rest
                } else {
                    rest.strip_prefix('.').ok_or_else(|| (at, "expected `.`".to_owned()))?
                };
                let end = body.find(['.', '[', '{']).unwrap_or(body.len());
                let name = body.get(..end).unwrap_or_default();
                if name.is_empty() {
                    return Err((at, "expected a field name".to_owned()));
                }
                (Step::Key(name.to_owned()), body.get(end..).unwrap_or_default())
            };
            steps.push(step);
            rest = next;
        }
        if steps.is_empty() {
            return Err((0, "an empty path".to_owned()));
        }
        let hints = steps.iter().map(|_| Hint::default()).collect();
        Ok(FieldPath { steps, hints })
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Every value the path reaches from `root`, in the file's order; none where something on the way is unset.
    pub fn reach<'a>(&self, root: &'a Node<'a>) -> Vec<Reached<'a>> {
        let mut found = Vec::new();
        self.visit(root, |reached| found.push(reached));
        found
    }

    /// Gives every value the path reaches, as [`FieldPath::reach`] does.
    pub fn visit<'a>(&self, root: &'a Node<'a>, mut visit: impl FnMut(Reached<'a>)) {
        let (mut node, mut rest, mut hints) = (root, self.steps.as_slice(), self.hints.iter());
        while let ([Step::Key(name), after @ ..], Some(hint)) = (rest, hints.next()) {
            let Some(next) = node.get_near(name, hint) else {
                return;
            };
            (node, rest) = (next, after);
        }
        let start = Reached { node, key: None };
        if rest.is_empty() {
            return visit(start);
        }
        let mut found = vec![start];
        for step in rest {
            found = found.into_iter().flat_map(|reached| step.apply(reached.node)).collect();
        }
        found.into_iter().for_each(visit);
    }

    /// The deepest node on the way that is there, to point at where a missing value would stand.
    pub fn nearest<'a>(&self, root: &'a Node<'a>) -> &'a Node<'a> {
        let mut node = root;
        for step in &self.steps {
            match step.apply(node).first() {
                Some(next) => node = next.node,
                None => break,
            }
        }
        node
    }
}

fn bracket(inner: &str, at: usize) -> Result<(Step, &str), (usize, String)> {
    let unclosed = || (at, "unclosed `[`".to_owned());
    if let Some(quoted) = inner.strip_prefix('"') {
        let (name, next) = quoted.split_once("\"]").ok_or_else(unclosed)?;
        return Ok((Step::Key(name.to_owned()), next));
    }
    let (body, next) = inner.split_once(']').ok_or_else(unclosed)?;
    if body == "*" {
        return Ok((Step::Each, next));
    }
    match body.split_once('=') {
        Some((field, value)) if !field.is_empty() => Ok((Step::Where(field.to_owned(), value.to_owned()), next)),
        _ => Err((
            at,
            "expected `*`, `\"name\"` or `field=value` between the brackets".to_owned(),
        )),
    }
}

impl Step {
    fn apply<'a>(&self, node: &'a Node<'a>) -> Vec<Reached<'a>> {
        let plain = |node: &'a Node<'a>| Reached { node, key: None };
        match self {
            Step::Key(name) => node.get(name).map(plain).into_iter().collect(),
            Step::Each => {
                let values = node.entries().map(|(_, value)| value);
                values.chain(node.items()).map(plain).collect()
            }
            Step::Keys => {
                let keys = node.entries();
                keys.map(|(key, node)| Reached { node, key: Some(key) }).collect()
            }
            Step::Where(field, wanted) => matching(node, field, wanted).map(plain).collect(),
        }
    }
}

/// The elements of a list whose `field` reads `wanted`; in a map keyed by that field, the value under the key.
pub fn matching<'a>(node: &'a Node<'a>, field: &str, wanted: &str) -> impl Iterator<Item = &'a Node<'a>> {
    let by_key = node
        .entries()
        .filter(|(key, _)| key.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value);
    let by_field = node.items().iter().filter(|item| {
        item.get(field)
            .and_then(Node::as_str)
            .is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    });
    by_key.chain(by_field).collect::<Vec<_>>().into_iter()
}

/// Finds conditions: in `status.conditions` of an object, in `conditions` of a part of it, or in the list or map itself.
#[derive(Debug, Default)]
pub struct Conditions {
    status: Hint,
    list: Hint,
    own: Hint,
    kind: Hint,
}

impl Conditions {
    /// The condition of a type, whatever the case of its letters.
    pub fn find<'a>(&self, node: &'a Node<'a>, wanted: &str) -> Option<&'a Node<'a>> {
        let status = node.get_near("status", &self.status);
        let conditions = status
            .and_then(|status| status.get_near("conditions", &self.list))
            .or_else(|| node.get_near("conditions", &self.own))
            .unwrap_or(node);
        let mut by_key = conditions.entries();
        if let Some((_, found)) = by_key.find(|(key, _)| key.eq_ignore_ascii_case(wanted)) {
            return Some(found);
        }
        conditions.items().iter().find(|item| {
            let kind = item.get_near("type", &self.kind).and_then(Node::as_str);
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
        })
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(name) if name.contains(['.', '/', '[', '{']) => write!(out, "[\"{name}\"]")?,
                Step::Key(name) if index == 0 => out.write_str(name)?,
                Step::Key(name) => write!(out, ".{name}")?,
                Step::Each => out.write_str("[*]")?,
                Step::Keys => out.write_str("{}")?,
                Step::Where(field, value) => write!(out, "[{field}={value}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_back_as_it_was_written() {
        for text in [
            "spec.numberOfReplicas",
            "metadata.annotations[\"harvesterhci.io/imageId\"]",
            "status.conditions[type=Ready].message",
            "spec.diskFileSpecMap{}",
            "spec.volumes[*].persistentVolumeClaim.claimName",
        ] {
            assert_eq!(FieldPath::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_broken_path_says_where() {
        assert_eq!(FieldPath::parse("spec..x").unwrap_err().0, 4);
        assert_eq!(FieldPath::parse("spec[").unwrap_err().0, 4);
        assert!(FieldPath::parse("").is_err());
    }
}
