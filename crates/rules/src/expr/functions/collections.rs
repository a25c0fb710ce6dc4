//! Functions over lists and maps, and over what is unset.

use super::{argument, list_argument};
use crate::expr::eval::Env;
use crate::expr::val::Val;
use gleaner_yaml::Node;
use std::cmp::Ordering;

type Result<'a> = std::result::Result<Val<'a>, String>;

pub(super) fn empty<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(Val::Bool(argument(args, 0).is_empty()))
}

pub(super) fn size<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let value = argument(args, 0);
    let size = value
        .size()
        .ok_or_else(|| format!("a {} has no size", value.type_name()))?;
    Ok(Val::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

pub(super) fn or<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let value = argument(args, 0);
    Ok(if value.is_unset() {
        argument(args, 1).clone()
    } else {
        value.clone()
    })
}

pub(super) fn keys<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    match argument(args, 0).type_name() {
        "map" | "unset" => list_argument(args, 0).map(Val::list),
        other => Err(format!("expected a map, got a {other}")),
    }
}

pub(super) fn all_keys<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    match argument(args, 0) {
        Val::Map(entries) => Ok(Val::list(entries.keys().map(|key| Val::text(key.as_str())).collect())),
        other => {
            let entries = other.as_node().into_iter().flat_map(Node::entries);
            Ok(Val::list(entries.map(|(key, _)| Val::Str(key)).collect()))
        }
    }
}

pub(super) fn values<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let map = argument(args, 0);
    match map.type_name() {
        "map" | "unset" => {
            let keys = list_argument(args, 0)?;
            Ok(Val::list(
                keys.iter()
                    .map(|key| map.field(key.as_str().unwrap_or_default()))
                    .collect(),
            ))
        }
        other => Err(format!("expected a map, got a {other}")),
    }
}

pub(super) fn first<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let list = argument(args, 0);
    let mut elements = list
        .elements()
        .ok_or_else(|| format!("expected a list, got a {}", list.type_name()))?;
    Ok(elements.next().unwrap_or(Val::Unset))
}

/// So many elements are compared with each other sooner than they are sorted.
const FEW: usize = 8;

pub(super) fn distinct<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let mut elements = list_argument(args, 0)?;
    if elements.len() <= FEW {
        let mut kept = 0;
        for index in 0..elements.len() {
            if !elements[..kept].iter().any(|other| elements[index].equals(other)) {
                elements.swap(kept, index);
                kept += 1;
            }
        }
        elements.truncate(kept);
        return Ok(Val::list(elements));
    }
    // Sorting first keeps this from comparing each element with each; the first of equal ones stays.
    let mut order: Vec<usize> = (0..elements.len()).collect();
    order.sort_by(|a, b| compare(&elements[*a], &elements[*b]).then(a.cmp(b)));
    order.dedup_by(|later, kept| elements[*later].equals(&elements[*kept]));
    order.sort_unstable();
    Ok(Val::list(
        order
            .into_iter()
            .map(|index| std::mem::replace(&mut elements[index], Val::Unset))
            .collect(),
    ))
}

pub(super) fn sort<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let mut elements = list_argument(args, 0)?;
    elements.sort_by(compare);
    Ok(Val::list(elements))
}

/// A total order, as sorting demands: numbers, times and spans before texts, each by value; anything else by what a message shows.
fn compare(a: &Val<'_>, b: &Val<'_>) -> Ordering {
    rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
        (Val::Object(a), Val::Object(b)) => (a.kind, a.namespace(), a.name()).cmp(&(b.kind, b.namespace(), b.name())),
        _ => match (a.number().zip(b.number()), a.as_str().zip(b.as_str())) {
            (Some((left, right)), _) => left.total_cmp(&right).then_with(|| whole(a).cmp(&whole(b))),
            (None, Some((left, right))) => left.cmp(right),
            (None, None) => a.order(b).unwrap_or_else(|| a.to_string().cmp(&b.to_string())),
        },
    })
}

/// Values of different ranks never compare by value: what is left within a rank has an order.
fn rank(value: &Val<'_>) -> u8 {
    match value {
        Val::Unset | Val::Later(_) => 0,
        Val::Bool(_) => 1,
        Val::Int(_) | Val::Float(_) => 2,
        Val::Time(_) => 3,
        Val::Duration(_) => 4,
        Val::Str(_) | Val::Text(_) => 5,
        Val::Object(_) => 6,
        Val::Node(_) | Val::NoElements | Val::List(_) | Val::Map(_) => 7,
    }
}

/// Tells whole numbers apart that are the same as floats.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only breaks ties between numbers beyond 2^53"
)]
fn whole(value: &Val<'_>) -> i64 {
    match value {
        Val::Int(number) => *number,
        Val::Float(number) => *number as i64,
        _ => 0,
    }
}

pub(super) fn has_key<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let key = argument(args, 1);
    Ok(Val::Bool(holds_key(
        argument(args, 0),
        key.as_str().unwrap_or_default(),
    )))
}

/// Whether a map has a key. An empty label reads as unset, but its key is there.
pub(super) fn holds_key(map: &Val<'_>, key: &str) -> bool {
    match map.as_node() {
        Some(node) => node.contains_key(key),
        None => matches!(map, Val::Map(entries) if entries.contains_key(key)),
    }
}

pub(super) fn flatten<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let mut flat = Vec::new();
    for element in list_argument(args, 0)? {
        match element.elements() {
            Some(elements) => flat.extend(elements),
            None => flat.push(element),
        }
    }
    Ok(Val::list(flat))
}

pub(super) fn sum<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let elements = list_argument(args, 0)?;
    let whole = elements.iter().try_fold(0_i64, |sum, element| match element {
        Val::Int(number) | Val::Duration(number) => sum.checked_add(*number),
        Val::Unset => Some(sum),
        _ => None,
    });
    Ok(whole.map_or_else(|| Val::Float(elements.iter().filter_map(Val::number).sum()), Val::Int))
}

pub(super) fn min<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(set_elements(args)?.min_by(|a, b| compare(a, b)).unwrap_or(Val::Unset))
}

pub(super) fn max<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(set_elements(args)?.max_by(|a, b| compare(a, b)).unwrap_or(Val::Unset))
}

fn set_elements<'a>(args: &[Val<'a>]) -> std::result::Result<impl Iterator<Item = Val<'a>>, String> {
    Ok(list_argument(args, 0)?
        .into_iter()
        .filter(|element| !matches!(element, Val::Unset)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_mixed_values_is_total() {
        let mut values: Vec<Val<'_>> = vec![Val::Unset, Val::Bool(true), Val::Float(f64::NAN), Val::Float(-0.0)];
        values.extend((0..40).map(Val::Int));
        values.extend(["5", "10", "1x", "NaN", "true"].map(Val::Str));
        values.extend([
            Val::Int(i64::MAX),
            Val::Int(i64::MAX - 1),
            Val::Float(9.223_372_036_854_776e18),
        ]);
        for a in &values {
            for b in &values {
                assert_eq!(compare(a, b), compare(b, a).reverse(), "{a:?} {b:?}");
                for c in &values {
                    let cycle = compare(a, b).is_lt() && compare(b, c).is_lt() && !compare(a, c).is_lt();
                    assert!(!cycle, "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}
