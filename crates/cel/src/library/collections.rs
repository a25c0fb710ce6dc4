//! Functions over lists and maps.

use crate::types::ValueType;
use crate::value::Value;
use gleaner_yaml::Node;

type Result<'a> = std::result::Result<Value<'a>, String>;

pub(super) fn size<'a>(args: &[Value<'a>]) -> Result<'a> {
    let size = args[0].size();
    let size = size.ok_or_else(|| format!("{} has no size", args[0].type_of()))?;
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

/// The keys of a map whose values are set.
fn set_keys<'a>(map: &Value<'a>) -> std::result::Result<Vec<Value<'a>>, String> {
    match map.type_of() {
        ValueType::Map | ValueType::Unset => map.to_list(),
        other => Err(format!("expected a map, got {other}")),
    }
}

pub(super) fn keys<'a>(args: &[Value<'a>]) -> Result<'a> {
    set_keys(&args[0]).map(Value::list)
}

pub(super) fn all_keys<'a>(args: &[Value<'a>]) -> Result<'a> {
    Ok(Value::list(match &args[0] {
        Value::Map(entries) => entries.keys().map(|key| Value::text(key.as_str())).collect(),
        other => {
            let entries = other.as_node().into_iter().flat_map(Node::entries);
            entries.map(|(key, _)| Value::borrowed(key)).collect()
        }
    }))
}

pub(super) fn values<'a>(args: &[Value<'a>]) -> Result<'a> {
    let keys = set_keys(&args[0])?;
    // The empty key reads as unset.
    let values = keys.iter().map(|key| args[0].field(key.as_str().unwrap_or("")));
    Ok(Value::list(values.collect()))
}

/// An empty label reads as unset, but its key is there.
pub(super) fn has_key<'a>(args: &[Value<'a>]) -> Result<'a> {
    let key = args[1].as_str().unwrap_or("");
    Ok(Value::Bool(args[0].has_key(key)))
}

pub(super) fn first<'a>(args: &[Value<'a>]) -> Result<'a> {
    let elements = args[0].elements();
    let mut elements = elements.ok_or_else(|| format!("expected a list, got {}", args[0].type_of()))?;
    Ok(elements.next().unwrap_or(Value::UNSET))
}

/// So many elements are compared with each other sooner than they are sorted.
const FEW: usize = 8;

pub(super) fn distinct<'a>(args: &[Value<'a>]) -> Result<'a> {
    let mut elements = args[0].to_list()?;
    if elements.len() <= FEW {
        let mut kept = 0;
        for index in 0..elements.len() {
            if !elements[..kept].iter().any(|other| elements[index].equals(other)) {
                elements.swap(kept, index);
                kept += 1;
            }
        }
        elements.truncate(kept);
        return Ok(Value::list(elements));
    }
    // Sorting first keeps this from comparing each element with each; the first of equal ones stays.
    let mut order: Vec<usize> = (0..elements.len()).collect();
    order.sort_by(|a, b| elements[*a].total_order(&elements[*b]).then(a.cmp(b)));
    order.dedup_by(|later, kept| elements[*later].equals(&elements[*kept]));
    order.sort_unstable();
    let kept = order.into_iter();
    let kept = kept.map(|index| std::mem::replace(&mut elements[index], Value::UNSET));
    Ok(Value::list(kept.collect()))
}

pub(super) fn sort<'a>(args: &[Value<'a>]) -> Result<'a> {
    let mut elements = args[0].to_list()?;
    elements.sort_by(Value::total_order);
    Ok(Value::list(elements))
}

pub(super) fn flatten<'a>(args: &[Value<'a>]) -> Result<'a> {
    let mut flat = Vec::new();
    for element in args[0].to_list()? {
        match element.elements() {
            Some(elements) => flat.extend(elements),
            None => flat.push(element),
        }
    }
    Ok(Value::list(flat))
}

pub(super) fn sum<'a>(args: &[Value<'a>]) -> Result<'a> {
    let elements = args[0].to_list()?;
    let whole = elements.iter().try_fold(0_i64, |sum, element| match element {
        Value::Int(number) | Value::Duration(number) => sum.checked_add(*number),
        Value::Unset(_) => Some(sum),
        _ => None,
    });
    let double = || Value::Double(elements.iter().filter_map(Value::number).sum());
    Ok(whole.map_or_else(double, Value::Int))
}

pub(super) fn min<'a>(args: &[Value<'a>]) -> Result<'a> {
    let least = set_elements(&args[0])?.min_by(Value::total_order);
    Ok(least.unwrap_or(Value::UNSET))
}

pub(super) fn max<'a>(args: &[Value<'a>]) -> Result<'a> {
    let greatest = set_elements(&args[0])?.max_by(Value::total_order);
    Ok(greatest.unwrap_or(Value::UNSET))
}

fn set_elements<'a>(list: &Value<'a>) -> std::result::Result<impl Iterator<Item = Value<'a>>, String> {
    Ok(list.to_list()?.into_iter().filter(|element| !element.is_unset()))
}
