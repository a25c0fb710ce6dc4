//! What the operators of expressions do with values: indexes, comparisons, arithmetic.

use super::Binary;
use super::val::Val;
use std::cmp::Ordering;

type Result<T> = std::result::Result<T, String>;

/// The element at a position of a list, or under a key of a map.
pub(super) fn index<'a>(base: &Val<'a>, key: &Val<'a>) -> Result<Val<'a>> {
    match (base, key) {
        (Val::Unset, _) | (_, Val::Unset) => Ok(Val::Unset),
        (_, Val::Int(position)) => {
            let mut elements = base
                .elements()
                .ok_or_else(|| format!("a {} has no elements", base.type_name()))?;
            Ok(usize::try_from(*position)
                .ok()
                .and_then(|position| elements.nth(position))
                .unwrap_or(Val::Unset))
        }
        (_, key) => {
            let name = key.as_str().ok_or_else(|| format!("a {} is no key", key.type_name()))?;
            Ok(base.field(name))
        }
    }
}

/// A binary operator on two values.
pub(super) fn apply<'a>(binary: Binary, left: &Val<'a>, right: &Val<'a>) -> Result<Val<'a>> {
    match binary {
        Binary::Equal | Binary::NotEqual => Ok(Val::Bool(left.equals(right) == (binary == Binary::Equal))),
        Binary::In => contains(left, right).map(Val::Bool),
        Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
            ordered(binary, left, right).map(Val::Bool)
        }
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => {
            arithmetic(binary, left, right)
        }
    }
}

/// Whether one of the elements of a list, or of the keys of a map, is the item.
pub(super) fn contains(item: &Val<'_>, range: &Val<'_>) -> Result<bool> {
    let mut elements = range
        .elements()
        .ok_or_else(|| format!("cannot look into a {}", range.type_name()))?;
    Ok(elements.any(|element| element.equals(item)))
}

fn ordered(binary: Binary, left: &Val<'_>, right: &Val<'_>) -> Result<bool> {
    if matches!(left, Val::Unset) || matches!(right, Val::Unset) {
        return Ok(false);
    }
    let order = left
        .order(right)
        .ok_or_else(|| format!("cannot compare a {} with a {}", left.type_name(), right.type_name()))?;
    Ok(match binary {
        Binary::Less => order == Ordering::Less,
        Binary::LessEqual => order != Ordering::Greater,
        Binary::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

fn arithmetic<'a>(binary: Binary, left: &Val<'a>, right: &Val<'a>) -> Result<Val<'a>> {
    let wrong = || {
        format!(
            "cannot calculate with a {} and a {}",
            left.type_name(),
            right.type_name()
        )
    };
    match (left, right) {
        (Val::Unset, _) | (_, Val::Unset) => Ok(Val::Unset),
        (Val::Int(a), Val::Int(b)) => match binary {
            Binary::Add => a.checked_add(*b),
            Binary::Subtract => a.checked_sub(*b),
            Binary::Multiply => a.checked_mul(*b),
            Binary::Divide => a.checked_div(*b),
            _ => a.checked_rem(*b),
        }
        .map(Val::Int)
        .ok_or_else(|| "the number is too large, or a division by zero".to_owned()),
        (Val::Time(a), Val::Time(b)) if binary == Binary::Subtract => Ok(Val::Duration(a.saturating_sub(*b))),
        (Val::Time(a), Val::Duration(b)) if binary == Binary::Subtract => Ok(Val::Time(a.saturating_sub(*b))),
        (Val::Time(a), Val::Duration(b)) if binary == Binary::Add => Ok(Val::Time(a.saturating_add(*b))),
        (Val::Duration(a), Val::Duration(b)) if binary == Binary::Add => Ok(Val::Duration(a.saturating_add(*b))),
        _ if binary == Binary::Add && (left.as_str().is_some() || matches!(left.type_name(), "list")) => {
            concatenate(left, right).ok_or_else(wrong)
        }
        _ => match (left.number(), right.number()) {
            (Some(a), Some(b)) => Ok(Val::Float(match binary {
                Binary::Add => a + b,
                Binary::Subtract => a - b,
                Binary::Multiply => a * b,
                Binary::Divide => a / b,
                _ => a % b,
            })),
            _ => Err(wrong()),
        },
    }
}

fn concatenate<'a>(left: &Val<'a>, right: &Val<'a>) -> Option<Val<'a>> {
    if let (Some(a), Some(b)) = (left.as_str(), right.as_str()) {
        return Some(Val::text(format!("{a}{b}")));
    }
    if left.type_name() != "list" || right.type_name() != "list" {
        return None;
    }
    Some(Val::list(left.elements()?.chain(right.elements()?).collect()))
}
