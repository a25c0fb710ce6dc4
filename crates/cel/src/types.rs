//! What is known of values: their static type before they are there, and what they are then.

use crate::ids::KindId;
use std::fmt;

/// What is known about a value before it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Anything.
    Any,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    String,
    /// A list of this.
    List(Box<Type>),
    /// An object of this kind.
    Object(KindId),
    /// A field of an object, by its path from the object's root.
    Field(KindId, Vec<String>),
}

/// With its article, as messages name it.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Type::Any => "a value",
            Type::Bool => "a bool",
            Type::Int => "an int",
            Type::String => "a string",
            Type::List(_) => "a list",
            Type::Object(_) => "an object",
            Type::Field(..) => "a field",
        })
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Nothing.
    Unset,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Double,
    /// Text.
    String,
    /// A list.
    List,
    /// A map.
    Map,
    /// An object.
    Object,
    /// A point in time.
    Time,
    /// A duration.
    Duration,
}

/// With its article, as messages name it.
impl fmt::Display for ValueType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            ValueType::Unset => "nothing",
            ValueType::Bool => "a bool",
            ValueType::Int => "an int",
            ValueType::Double => "a double",
            ValueType::String => "a string",
            ValueType::List => "a list",
            ValueType::Map => "a map",
            ValueType::Object => "an object",
            ValueType::Time => "a time",
            ValueType::Duration => "a duration",
        })
    }
}
