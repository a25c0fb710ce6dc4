//! Values of expressions: views of the trees of a bundle without copying them, and what functions make from them.

mod compare;
mod elements;
mod text;

pub use elements::Elements;
pub use text::Text;

use crate::ids::KindId;
use crate::types::ValueType;
use gleaner_yaml::{FieldMemo, Node};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A value.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// Nothing; see [`Unset`].
    Unset(Unset),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Double(f64),
    /// Text, never empty.
    Text(Text<'a>),
    /// A map or list of the bundle.
    Node(&'a Node<'a>),
    /// An object of the host.
    Object(Object<'a>),
    /// A list that a function made.
    List(Arc<[Value<'a>]>),
    /// A list without elements: most lists are, and need no memory.
    NoElements,
    /// A map that a function made.
    Map(Arc<BTreeMap<String, Value<'a>>>),
    /// A point in time: seconds since 1970, UTC.
    Time(i64),
    /// A duration in seconds.
    Duration(i64),
}

/// Values are copied at every step.
const _: () = assert!(size_of::<Value<'_>>() <= 24);

/// The one way in which a value is not there. Absent fields, nulls, empty texts and the collector's `"null"` are all unset: equal to
/// each other and to nothing else, false as a condition, without fields and elements, in no order with anything (every `<` with one
/// is false), and calculating with one gives nothing. Why it is unset matters only where texts are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// It is not there: a text put together with it is unset as well.
    Missing,
    /// The rule says `''`: a text that it is added to stays as it is.
    Empty,
}

/// An object of the host: its place there, and its content.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// Its kind.
    pub kind: KindId,
    /// Its place among the objects of its kind, which are sorted by namespace and name.
    pub position: u32,
    /// Its content.
    pub root: &'a Node<'a>,
}

impl Object<'_> {
    /// `metadata.name`, or `""`.
    pub fn name(&self) -> &str {
        self.root.text(&["metadata", "name"])
    }
}

/// A field that is read, and where in a map it was found last.
#[derive(Debug)]
pub(crate) struct Field {
    name: String,
    memo: FieldMemo,
}

impl Field {
    pub(crate) fn new(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            memo: FieldMemo::default(),
        }
    }
}

impl<'a> Value<'a> {
    /// What is not there.
    pub const UNSET: Value<'static> = Value::Unset(Unset::Missing);

    /// A view of a node: scalars as values, collections by reference.
    pub fn of(node: &'a Node<'a>) -> Value<'a> {
        use gleaner_yaml::Value as Yaml;
        match node.value() {
            Yaml::Null => Value::UNSET,
            Yaml::Bool(flag) => Value::Bool(flag),
            Yaml::Int(number) => Value::Int(number),
            Yaml::Float(number) => Value::Double(number),
            Yaml::BigInt(digits) => Value::borrowed(digits),
            Yaml::Str(text) => Value::borrowed(text),
            Yaml::Seq(_) | Yaml::Map(_) => Value::Node(node),
        }
    }

    /// A view of a node that an optional look-up gave.
    pub fn maybe(node: Option<&'a Node<'a>>) -> Value<'a> {
        node.map_or(Value::UNSET, Value::of)
    }

    /// Borrowed text; the empty one is unset.
    pub fn borrowed(text: &'a str) -> Value<'a> {
        Text::borrowed(text).map_or(Value::UNSET, Value::Text)
    }

    /// Owned text; the empty one is unset.
    pub fn text(text: impl Into<Arc<str>>) -> Value<'a> {
        Text::shared(text).map_or(Value::UNSET, Value::Text)
    }

    /// A list.
    pub fn list(items: Vec<Value<'a>>) -> Value<'a> {
        if items.is_empty() {
            Value::NoElements
        } else {
            Value::List(items.into())
        }
    }

    /// A value that owns what it holds, for documents that were parsed during the evaluation.
    pub fn owned(node: &Node<'_>) -> Value<'a> {
        match Value::of(node) {
            Value::Text(text) => Value::text(text.as_str()),
            Value::Node(node) if node.is_map() => {
                let entries = node.entries();
                let entries = entries.map(|(key, value)| (key.to_owned(), Value::owned(value)));
                Value::Map(Arc::new(entries.collect()))
            }
            Value::Node(node) => Value::list(node.items().iter().map(Value::owned).collect()),
            Value::Bool(flag) => Value::Bool(flag),
            Value::Int(number) => Value::Int(number),
            Value::Double(number) => Value::Double(number),
            _ => Value::UNSET,
        }
    }

    /// The same value, borrowing the text of this one.
    pub(crate) fn view(&'a self) -> Value<'a> {
        match self {
            Value::Text(text) => Value::Text(text.view()),
            other => other.clone(),
        }
    }

    /// Whether it is not there.
    pub fn is_unset(&self) -> bool {
        matches!(self, Value::Unset(_))
    }

    /// Its text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The node behind a map or list of the bundle, or behind an object.
    pub fn as_node(&self) -> Option<&'a Node<'a>> {
        match self {
            Value::Node(node) => Some(node),
            Value::Object(object) => Some(object.root),
            _ => None,
        }
    }

    /// The value as a number, for arithmetic across ints and doubles.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "comparison across types is approximate beyond 2^53, as in CEL"
            )]
            Value::Int(number) => Some(*number as f64),
            Value::Double(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether nothing is there: unset, or a list or map without elements.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Unset(_) | Value::NoElements => true,
            Value::List(items) => items.is_empty(),
            Value::Map(entries) => entries.values().all(Value::is_unset),
            Value::Node(node) => node.items().is_empty() && node.entries().len() == 0,
            _ => false,
        }
    }

    /// The field of a map or object; unset for anything else.
    pub fn field(&self, name: &str) -> Value<'a> {
        match self {
            Value::Map(entries) => entries.get(name).cloned().unwrap_or(Value::UNSET),
            _ => Value::maybe(self.as_node().and_then(|node| node.get(name))),
        }
    }

    /// Whether a map or object has a key, even one whose value is unset: labels may be empty.
    pub fn has_key(&self, key: &str) -> bool {
        match self {
            Value::Map(entries) => entries.contains_key(key),
            _ => self.as_node().is_some_and(|node| node.contains_key(key)),
        }
    }

    /// The value at a path of fields; unset where one of them is.
    pub(crate) fn path(&self, fields: &[Field]) -> Value<'a> {
        let Some((first, rest)) = fields.split_first() else {
            return self.clone();
        };
        match self {
            Value::Map(entries) => entries.get(&first.name).map_or(Value::UNSET, |value| value.path(rest)),
            _ => Value::maybe(self.as_node().and_then(|root| {
                let mut fields = fields.iter();
                fields.try_fold(root, |node, field| node.get_memoized(&field.name, &field.memo))
            })),
        }
    }

    /// The elements that a loop runs over: those of a list, the keys of a map whose values are set; none for unset.
    /// `None` for other values.
    pub fn elements(&self) -> Option<Elements<'_, 'a>> {
        Elements::of(self)
    }

    /// How many elements a list or map has, or characters a text; `None` for other values.
    pub fn size(&self) -> Option<usize> {
        match self {
            Value::Text(text) => Some(text.as_str().chars().count()),
            Value::List(items) => Some(items.len()),
            Value::Node(node) if !node.is_map() => Some(node.items().len()),
            _ => self.elements().map(Iterator::count),
        }
    }

    /// How many elements it has for whoever goes through all of them: 0 for what is no list, as going through a map counts its elements.
    pub(crate) fn length(&self) -> usize {
        match self {
            Value::List(items) => items.len(),
            Value::Node(node) if !node.is_map() => node.items().len(),
            _ => 0,
        }
    }

    /// What it is.
    pub fn type_of(&self) -> ValueType {
        match self {
            Value::Unset(_) => ValueType::Unset,
            Value::Bool(_) => ValueType::Bool,
            Value::Int(_) => ValueType::Int,
            Value::Double(_) => ValueType::Double,
            Value::Text(_) => ValueType::String,
            Value::Node(node) if !node.is_map() => ValueType::List,
            Value::List(_) | Value::NoElements => ValueType::List,
            Value::Node(_) | Value::Map(_) => ValueType::Map,
            Value::Object(_) => ValueType::Object,
            Value::Time(_) => ValueType::Time,
            Value::Duration(_) => ValueType::Duration,
        }
    }

    /// Its text, and `""` where it is unset.
    ///
    /// # Errors
    /// When it is neither a text nor unset.
    pub fn text_or_empty(&self) -> Result<&str, String> {
        match self {
            Value::Text(text) => Ok(text.as_str()),
            Value::Unset(_) => Ok(""),
            other => Err(format!("expected a string, got {}", other.type_of())),
        }
    }

    /// The elements of a list or the keys of a map, as [`Value::elements`] has them.
    ///
    /// # Errors
    /// When it is neither a list, nor a map, nor unset.
    pub fn to_list(&self) -> Result<Vec<Value<'a>>, String> {
        let elements = self.elements();
        let elements = elements.ok_or_else(|| format!("expected a list, got {}", self.type_of()))?;
        Ok(elements.collect())
    }

    /// The point in time, which may be an RFC 3339 text; `None` where it is unset, or another text.
    ///
    /// # Errors
    /// When it is neither a time, nor a text, nor unset.
    pub fn to_time(&self) -> Result<Option<i64>, String> {
        match self {
            Value::Time(seconds) => Ok(Some(*seconds)),
            other => Ok(gleaner_text::parse_time(other.text_or_empty()?)),
        }
    }

    /// The value as a condition: unset is false.
    ///
    /// # Errors
    /// When it is neither a bool nor unset.
    pub fn truth(&self) -> Result<bool, String> {
        match self {
            Value::Bool(flag) => Ok(*flag),
            Value::Unset(_) => Ok(false),
            other => Err(format!("expected a bool, got {}", other.type_of())),
        }
    }
}

/// What a message shows for the value.
impl fmt::Display for Value<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unset(_) => Ok(()),
            Value::Bool(flag) => write!(out, "{flag}"),
            Value::Int(number) => write!(out, "{number}"),
            Value::Double(number) => write!(out, "{number}"),
            Value::Text(text) => out.write_str(text.as_str()),
            Value::Object(object) => out.write_str(object.name()),
            Value::Time(seconds) => out.write_str(&gleaner_text::format_time(*seconds)),
            Value::Duration(seconds) => out.write_str(&gleaner_text::format_duration(*seconds)),
            Value::Node(_) | Value::NoElements | Value::List(_) | Value::Map(_) => {
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
