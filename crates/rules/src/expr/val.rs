//! Values of expressions: a view of the value tree without copying it, and what functions make from it.
//!
//! Missing is a value: [`Val::Unset`] stands for absent fields, nulls and empty strings alike. It has no fields, no elements,
//! equals only itself and null, is false as a condition, and orders before nothing (every `<` with it is false).

use super::elements::Elements;
use super::{Expr, Field};
use gleaner_cluster::Object;
use gleaner_yaml::{Node, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A value during evaluation.
#[derive(Debug, Clone)]
pub enum Val<'a> {
    /// Absent, null or the empty string.
    Unset,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text of the bundle.
    Str(&'a str),
    /// Text that a function made.
    Text(Arc<str>),
    /// A map or list of the bundle.
    Node(&'a Node<'a>),
    /// An object of the cluster.
    Object(&'a Object<'a>),
    /// A list that a function made.
    List(Arc<[Val<'a>]>),
    /// A list without elements: most lists are, and need no memory.
    NoElements,
    /// A map that a function made.
    Map(Arc<BTreeMap<String, Val<'a>>>),
    /// A point in time: seconds since 1970, UTC.
    Time(i64),
    /// A span of time in seconds.
    Duration(i64),
    /// In a variable's slot: the expression that gives its value, for who reads it first. No expression ever gives this itself.
    Later(&'a Expr),
}

impl<'a> Val<'a> {
    /// A view of a node: scalars as values, collections by reference.
    pub fn of(node: &'a Node<'a>) -> Val<'a> {
        match node.value() {
            Value::Null => Val::Unset,
            Value::Bool(flag) => Val::Bool(flag),
            Value::Int(number) => Val::Int(number),
            Value::Float(number) => Val::Float(number),
            Value::BigInt(digits) => Val::Str(digits),
            Value::Str(text) => Val::Str(text),
            Value::Seq(_) | Value::Map(_) => Val::Node(node),
        }
    }

    /// A node that an optional look-up gave.
    pub fn maybe(node: Option<&'a Node<'a>>) -> Val<'a> {
        node.map_or(Val::Unset, Val::of)
    }

    /// Text of somebody else; the empty string is unset.
    pub fn borrowed(text: &'a str) -> Val<'a> {
        if text.is_empty() { Val::Unset } else { Val::Str(text) }
    }

    /// Text; the empty string is unset.
    pub fn text(text: impl Into<Arc<str>>) -> Val<'a> {
        let text = text.into();
        if text.is_empty() { Val::Unset } else { Val::Text(text) }
    }

    /// A list.
    pub fn list(items: Vec<Val<'a>>) -> Val<'a> {
        if items.is_empty() {
            Val::NoElements
        } else {
            Val::List(items.into())
        }
    }

    /// Whether the value reads as unset: it is, or it is the empty text.
    pub fn is_unset(&self) -> bool {
        matches!(self, Val::Unset) || self.as_str() == Some("")
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Val::Str(text) => Some(text),
            Val::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The node behind a map, list or object.
    pub fn as_node(&self) -> Option<&'a Node<'a>> {
        match self {
            Val::Node(node) => Some(node),
            Val::Object(object) => Some(&object.root),
            _ => None,
        }
    }

    /// Whether nothing is there: unset, or a list or map without elements.
    pub fn is_empty(&self) -> bool {
        match self {
            Val::Unset | Val::NoElements => true,
            Val::List(items) => items.is_empty(),
            Val::Map(entries) => entries.values().all(|value| matches!(value, Val::Unset)),
            Val::Node(node) => node.items().is_empty() && node.entries().len() == 0,
            Val::Str(text) => text.is_empty(),
            Val::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The field of a map or object; unset for anything else.
    pub fn field(&self, name: &str) -> Val<'a> {
        match self {
            Val::Map(entries) => entries.get(name).cloned().unwrap_or(Val::Unset),
            _ => Val::maybe(self.as_node().and_then(|node| node.get(name))),
        }
    }

    /// The value at a path of fields; unset where one of them is.
    pub(super) fn path(&self, fields: &[Field]) -> Val<'a> {
        let Some((first, rest)) = fields.split_first() else {
            return self.clone();
        };
        match self {
            Val::Map(entries) => entries.get(&first.name).map_or(Val::Unset, |value| value.path(rest)),
            _ => Val::maybe(self.as_node().and_then(|root| {
                let mut fields = fields.iter();
                fields.try_fold(root, |node, field| node.get_memoized(&field.name, &field.memo))
            })),
        }
    }

    /// The elements a loop runs over: those of a list, the keys of a map; nothing for unset. `None` for other values.
    pub fn elements(&self) -> Option<Elements<'_, 'a>> {
        Elements::of(self)
    }

    /// How many elements a list or map has, or characters a text; `None` for other values.
    pub fn size(&self) -> Option<usize> {
        match self {
            Val::Str(_) | Val::Text(_) => self.as_str().map(|text| text.chars().count()),
            Val::List(items) => Some(items.len()),
            Val::Node(node) if node.is_seq() => Some(node.items().len()),
            _ => self.elements().map(Iterator::count),
        }
    }

    /// The word for the type, as errors name it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Val::Unset | Val::Later(_) => "unset",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Float(_) => "double",
            Val::Str(_) | Val::Text(_) => "string",
            Val::Node(node) if node.is_seq() => "list",
            Val::List(_) | Val::NoElements => "list",
            Val::Node(_) | Val::Map(_) => "map",
            Val::Object(_) => "object",
            Val::Time(_) => "time",
            Val::Duration(_) => "duration",
        }
    }

    /// Equality as CEL has it: numbers by value, objects by identity, different types are never equal.
    pub fn equals(&self, other: &Val<'_>) -> bool {
        // Most comparisons are of texts; an empty one equals unset, which the next lines see to.
        if let (Some(a), Some(b)) = (self.as_str(), other.as_str()) {
            return a == b;
        }
        if self.is_unset() || other.is_unset() {
            return self.is_unset() && other.is_unset();
        }
        match (self, other) {
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Time(a), Val::Time(b)) | (Val::Duration(a), Val::Duration(b)) => a == b,
            (Val::Object(a), Val::Object(b)) => a.kind == b.kind && a.position == b.position,
            _ => self.equal_numbers(other) || self.equal_collections(other),
        }
    }

    fn equal_numbers(&self, other: &Val<'_>) -> bool {
        self.number().is_some() && self.order(other) == Some(Ordering::Equal)
    }

    fn equal_collections(&self, other: &Val<'_>) -> bool {
        if !matches!(self.type_name(), "list" | "map") || self.type_name() != other.type_name() {
            return false;
        }
        let (Some(mut mine), Some(theirs)) = (self.elements(), other.elements()) else {
            return false;
        };
        let is_map = self.type_name() == "map";
        self.size() == other.size()
            && if is_map {
                mine.all(|key| {
                    let key = key.as_str().unwrap_or_default();
                    self.field(key).equals(&other.field(key))
                })
            } else {
                mine.zip(theirs).all(|(a, b)| a.equals(&b))
            }
    }

    /// The value as a number, for arithmetic across ints and doubles.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "comparison across types is approximate beyond 2^53, as in CEL"
            )]
            Val::Int(number) => Some(*number as f64),
            Val::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The order of two values of one type; `None` where there is none.
    pub fn order(&self, other: &Val<'_>) -> Option<Ordering> {
        match (self, other) {
            (Val::Int(a), Val::Int(b)) | (Val::Time(a), Val::Time(b)) | (Val::Duration(a), Val::Duration(b)) => {
                Some(a.cmp(b))
            }
            (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
            _ => match (self.as_str(), other.as_str()) {
                (Some(a), Some(b)) => Some(a.cmp(b)),
                _ => self.number()?.partial_cmp(&other.number()?),
            },
        }
    }
}

/// What a message shows for the value.
impl fmt::Display for Val<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Val::Unset | Val::Later(_) => Ok(()),
            Val::Bool(flag) => write!(out, "{flag}"),
            Val::Int(number) => write!(out, "{number}"),
            Val::Float(number) => write!(out, "{number}"),
            Val::Str(text) => out.write_str(text),
            Val::Text(text) => out.write_str(text),
            Val::Object(object) => out.write_str(object.name()),
            Val::Time(seconds) => out.write_str(&gleaner_text::format_time(*seconds)),
            Val::Duration(seconds) => out.write_str(&gleaner_text::format_duration(*seconds)),
            Val::Node(_) | Val::NoElements | Val::List(_) | Val::Map(_) => {
                for (index, element) in self.elements().into_iter().flatten().enumerate() {
                    if index > 0 {
                        out.write_str(", ")?;
                    }
                    write!(out, "{element}")?;
                }
                Ok(())
            }
        }
    }
}
