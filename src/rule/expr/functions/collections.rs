//! Functions over lists and maps, and over what is unset.

use super::{argument, list_argument};
use crate::rule::expr::eval::Env;
use crate::rule::expr::val::Val;
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
            let entries = other.as_node().map(|node| node.entries()).unwrap_or_default();
            Ok(Val::list(entries.iter().map(|(key, _)| Val::Str(key)).collect()))
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
    Ok(list_argument(args, 0)?.into_iter().next().unwrap_or(Val::Unset))
}

pub(super) fn distinct<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let mut elements = list_argument(args, 0)?;
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

/// A total order: by value where there is one, else by what a message would show.
fn compare(a: &Val<'_>, b: &Val<'_>) -> Ordering {
    a.order(b).unwrap_or_else(|| a.to_string().cmp(&b.to_string()))
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
        Some(node) => node.entries().iter().any(|(name, _)| name == key),
        None => matches!(map, Val::Map(entries) if entries.contains_key(key)),
    }
}

pub(super) fn flatten<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let mut flat = Vec::new();
    for element in list_argument(args, 0)? {
        flat.extend(element.elements().unwrap_or_else(|| vec![element]));
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
