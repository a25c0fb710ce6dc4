//! Field paths inside an object: what evidence points at and what the object graph joins on.
//!
//! `spec.volumes[*].name` · `metadata.annotations["harvesterhci.io/imageId"]` · `status.conditions[type=Ready].message` ·
//! `spec.diskFileSpecMap{}` (the keys of a map). Condition lists and the older maps keyed by type read the same.

use crate::keys::FieldMemo;
use crate::node::{Node, Value};
use std::borrow::Cow;
use std::fmt;

/// A compiled field path.
#[derive(Debug, Clone)]
pub struct FieldPath {
    segments: Vec<Segment>,
    /// By segment.
    memos: Vec<FieldMemo>,
}

/// What is wrong with the text of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The byte of the text where it is wrong.
    pub at: usize,
    /// What is wrong, as a lower-case fragment.
    pub what: &'static str,
}

impl PathError {
    fn new(at: usize, what: &'static str) -> PathError {
        PathError { at, what }
    }
}

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// `.name` or `["name"]`
    Key(String),
    /// `[*]`: every element of a list, or every value of a map.
    Each,
    /// `{}`: every key of a map.
    Keys,
    /// `[field=value]`: the elements whose field has the value, compared without case.
    Matching(String, String),
}

/// A value that a path leads to, and its key where the path ends in `{}`.
#[derive(Debug, Clone, Copy)]
pub struct PathValue<'a> {
    /// The value and its offset.
    pub node: &'a Node<'a>,
    /// The key, where the path asked for keys.
    pub key: Option<&'a str>,
}

impl<'a> PathValue<'a> {
    /// The value as text; maps and lists give their size.
    pub fn text(&self) -> Cow<'a, str> {
        match self.key.or_else(|| self.node.as_str()) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(display(self.node)),
        }
    }
}

/// A short text for any value: scalars as they are, collections by their size.
pub fn display(node: &Node<'_>) -> String {
    match node.value() {
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
        Value::Map(entries) => format!("{} entries", entries.len()),
    }
}

fn is_collection(node: &Node<'_>) -> bool {
    node.is_map() || node.is_seq()
}

impl FieldPath {
    /// Parses a path.
    ///
    /// # Errors
    /// When it is empty, or a segment is not written as [`Segment`] says.
    pub fn parse(text: &str) -> Result<FieldPath, PathError> {
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let (segment, next) = if let Some(inner) = rest.strip_prefix('[') {
                bracket(inner, at)?
            } else if let Some(next) = rest.strip_prefix("{}") {
                (Segment::Keys, next)
            } else {
                let body = if at == 0 {
                    rest
                } else {
                    rest.strip_prefix('.')
                        .ok_or_else(|| PathError::new(at, "expected `.`"))?
                };
                let end = body.find(['.', '[', '{']).unwrap_or(body.len());
                let (name, next) = body.split_at(end);
                if name.is_empty() {
                    return Err(PathError::new(at, "expected a field name"));
                }
                (Segment::Key(name.to_owned()), next)
            };
            segments.push(segment);
            rest = next;
        }
        if segments.is_empty() {
            return Err(PathError::new(0, "an empty path"));
        }
        let memos = segments.iter().map(|_| FieldMemo::default()).collect();
        Ok(FieldPath { segments, memos })
    }

    /// The segments, outermost first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Every value the path reaches from `root`, in the file's order; none where something on the way is unset.
    pub fn values<'a>(&self, root: &'a Node<'a>) -> Vec<PathValue<'a>> {
        let mut found = Vec::new();
        self.visit(root, |value| found.push(value));
        found
    }

    /// Gives every value the path reaches, as [`FieldPath::values`] does.
    pub fn visit<'a>(&self, root: &'a Node<'a>, mut visit: impl FnMut(PathValue<'a>)) {
        let (mut node, mut rest, mut memos) = (root, self.segments.as_slice(), self.memos.iter());
        while let ([Segment::Key(name), after @ ..], Some(memo)) = (rest, memos.next()) {
            let Some(next) = node.get_memoized(name, memo) else {
                return;
            };
            (node, rest) = (next, after);
        }
        let start = PathValue { node, key: None };
        if rest.is_empty() {
            return visit(start);
        }
        let mut found = vec![start];
        for segment in rest {
            found = found.into_iter().flat_map(|value| segment.apply(value.node)).collect();
        }
        found.into_iter().for_each(visit);
    }

    /// The deepest node on the way that is there, to point at where a missing value would be.
    pub fn nearest<'a>(&self, root: &'a Node<'a>) -> &'a Node<'a> {
        let mut node = root;
        for segment in &self.segments {
            match segment.apply(node).first() {
                Some(next) => node = next.node,
                None => break,
            }
        }
        node
    }
}

fn bracket(inner: &str, at: usize) -> Result<(Segment, &str), PathError> {
    let unclosed = || PathError::new(at, "unclosed `[`");
    if let Some(quoted) = inner.strip_prefix('"') {
        let (name, next) = quoted.split_once("\"]").ok_or_else(unclosed)?;
        return Ok((Segment::Key(name.to_owned()), next));
    }
    let (body, next) = inner.split_once(']').ok_or_else(unclosed)?;
    if body == "*" {
        return Ok((Segment::Each, next));
    }
    match body.split_once('=') {
        Some((field, value)) if !field.is_empty() => Ok((Segment::Matching(field.to_owned(), value.to_owned()), next)),
        _ => Err(PathError::new(
            at,
            "expected `*`, `\"name\"` or `field=value` between the brackets",
        )),
    }
}

impl Segment {
    fn apply<'a>(&self, node: &'a Node<'a>) -> Vec<PathValue<'a>> {
        let plain = |node: &'a Node<'a>| PathValue { node, key: None };
        match self {
            Segment::Key(name) => node.get(name).map(plain).into_iter().collect(),
            Segment::Each => {
                let values = node.entries().map(|(_, value)| value);
                values.chain(node.items()).map(plain).collect()
            }
            Segment::Keys => {
                let keys = node.entries();
                keys.map(|(key, node)| PathValue { node, key: Some(key) }).collect()
            }
            Segment::Matching(field, wanted) => elements_with(node, field, wanted).map(plain).collect(),
        }
    }
}

/// The elements of a list whose `field` reads `wanted`; in a map keyed by that field, the value under the key.
pub fn elements_with<'a>(node: &'a Node<'a>, field: &str, wanted: &str) -> impl Iterator<Item = &'a Node<'a>> {
    let by_key = node
        .entries()
        .filter(|(key, _)| key.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value);
    let by_field = node.items().iter().filter(|item| {
        item.get(field)
            .and_then(Node::as_str)
            .is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    });
    by_key.chain(by_field)
}

impl fmt::Display for FieldPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Key(name) if name.contains(['.', '/', '[', '{']) => write!(out, "[\"{name}\"]")?,
                Segment::Key(name) if index == 0 => out.write_str(name)?,
                Segment::Key(name) => write!(out, ".{name}")?,
                Segment::Each => out.write_str("[*]")?,
                Segment::Keys => out.write_str("{}")?,
                Segment::Matching(field, value) => write!(out, "[{field}={value}]")?,
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
        assert_eq!(FieldPath::parse("spec..x").unwrap_err().at, 4);
        assert_eq!(FieldPath::parse("spec[").unwrap_err().at, 4);
        assert!(FieldPath::parse("").is_err());
    }
}
