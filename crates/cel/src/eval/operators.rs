//! What operators do with values: indexes, comparisons, arithmetic.

use crate::syntax::{Arithmetic, Comparison};
use crate::types::ValueType;
use crate::value::{Unset, Value};
use std::cmp::Ordering;

/// How many bytes a text, or elements a list, may have that is put together: rules add what they have added.
const MAX_SUM: usize = 16 << 20;

/// The element at a position of a list, or under a key of a map.
pub(super) fn index<'a>(base: &Value<'a>, key: &Value<'a>) -> Result<Value<'a>, String> {
    match (base, key) {
        (Value::Unset(_), _) | (_, Value::Unset(_)) => Ok(Value::UNSET),
        (_, Value::Int(position)) => {
            let elements = base.elements();
            let mut elements = elements.ok_or_else(|| format!("{} has no elements", base.type_of()))?;
            let position = usize::try_from(*position).ok();
            Ok(position
                .and_then(|position| elements.nth(position))
                .unwrap_or(Value::UNSET))
        }
        (_, Value::Text(name)) => Ok(base.field(name.as_str())),
        (_, key) => Err(format!("{} cannot be a key", key.type_of())),
    }
}

pub(super) fn negate<'a>(value: &Value<'a>) -> Result<Value<'a>, String> {
    match value {
        Value::Int(number) => Ok(Value::Int(number.saturating_neg())),
        Value::Double(number) => Ok(Value::Double(-number)),
        Value::Duration(seconds) => Ok(Value::Duration(seconds.saturating_neg())),
        Value::Unset(_) => Ok(Value::UNSET),
        other => Err(format!("cannot negate {}", other.type_of())),
    }
}

/// Whether one of the elements of a list, or of the keys of a map, is the item.
pub(super) fn contains(item: &Value<'_>, range: &Value<'_>) -> Result<bool, String> {
    let elements = range.elements();
    let mut elements = elements.ok_or_else(|| format!("cannot look into {}", range.type_of()))?;
    Ok(elements.any(|element| element.equals(item)))
}

/// Whether one value comes before or after another. Nothing comes before or after what is unset.
pub(super) fn ordered(comparison: Comparison, left: &Value<'_>, right: &Value<'_>) -> Result<bool, String> {
    if left.is_unset() || right.is_unset() {
        return Ok(false);
    }
    let order = left.order(right);
    let order = order.ok_or_else(|| format!("cannot compare {} with {}", left.type_of(), right.type_of()))?;
    Ok(match comparison {
        Comparison::Less => order == Ordering::Less,
        Comparison::LessEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterEqual => order != Ordering::Less,
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
    })
}

pub(super) fn calculate<'a>(arithmetic: Arithmetic, left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, String> {
    let is_sum = arithmetic == Arithmetic::Add;
    match (left, right) {
        (Value::Unset(_), _) | (_, Value::Unset(_)) => Ok(if is_sum { with_unset(left, right) } else { Value::UNSET }),
        (Value::Int(a), Value::Int(b)) => whole(arithmetic, *a, *b),
        (Value::Time(a), Value::Time(b)) if arithmetic == Arithmetic::Subtract => {
            Ok(Value::Duration(a.saturating_sub(*b)))
        }
        (Value::Time(a), Value::Duration(b)) if arithmetic == Arithmetic::Subtract => {
            Ok(Value::Time(a.saturating_sub(*b)))
        }
        (Value::Time(a), Value::Duration(b)) if is_sum => Ok(Value::Time(a.saturating_add(*b))),
        (Value::Duration(a), Value::Duration(b)) if is_sum => Ok(Value::Duration(a.saturating_add(*b))),
        (Value::Text(a), Value::Text(b)) if is_sum => text(a.as_str(), b.as_str()),
        _ if is_sum && left.type_of() == ValueType::List && right.type_of() == ValueType::List => list(left, right),
        _ => match left.number().zip(right.number()) {
            Some((a, b)) => Ok(Value::Double(double(arithmetic, a, b))),
            None => Err(format!(
                "cannot calculate with {} and {}",
                left.type_of(),
                right.type_of()
            )),
        },
    }
}

/// A sum with what is unset: `''` leaves a text as it is, anything else makes it unset.
fn with_unset<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    match (left, right) {
        (Value::Unset(Unset::Empty), text @ (Value::Text(_) | Value::Unset(_)))
        | (text @ Value::Text(_), Value::Unset(Unset::Empty)) => text.clone(),
        _ => Value::UNSET,
    }
}

fn whole<'a>(arithmetic: Arithmetic, a: i64, b: i64) -> Result<Value<'a>, String> {
    let result = match arithmetic {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    };
    let number = result.ok_or_else(|| "the number is too large, or a division by zero".to_owned())?;
    Ok(Value::Int(number))
}

fn double(arithmetic: Arithmetic, a: f64, b: f64) -> f64 {
    match arithmetic {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}

fn text<'a>(a: &str, b: &str) -> Result<Value<'a>, String> {
    if a.len() + b.len() > MAX_SUM {
        return Err("the text is too long".to_owned());
    }
    Ok(Value::text(format!("{a}{b}")))
}

#[expect(clippy::expect_used, reason = "both are lists")]
fn list<'a>(left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, String> {
    let size = |list: &Value<'_>| list.size().expect("a list has a size");
    if size(left) + size(right) > MAX_SUM {
        return Err("the list is too long".to_owned());
    }
    let elements = [left, right].map(|list| list.elements().expect("a list has elements"));
    Ok(Value::list(elements.into_iter().flatten().collect()))
}
