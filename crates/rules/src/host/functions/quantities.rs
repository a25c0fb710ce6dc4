//! Functions on numbers and Kubernetes quantities.

use super::Result;
use gleaner_cel::Value;
use gleaner_cluster::parse_quantity;

pub(super) fn int<'a>(args: &[Value<'a>]) -> Result<'a> {
    match &args[0] {
        Value::Unset(_) => Ok(Value::UNSET),
        Value::Int(number) | Value::Duration(number) | Value::Time(number) => Ok(Value::Int(*number)),
        Value::Bool(flag) => Ok(Value::Int(i64::from(*flag))),
        Value::Double(number) => Ok(truncate(*number)),
        Value::Text(text) => match text.as_str().parse::<i64>() {
            Ok(number) => Ok(Value::Int(number)),
            Err(_) => parse_quantity(text.as_str())
                .map(truncate)
                .ok_or_else(|| format!("`{}` is not a number", text.as_str())),
        },
        other => Err(format!("{} is not a number", other.type_of())),
    }
}

pub(super) fn quantity<'a>(args: &[Value<'a>]) -> Result<'a> {
    match &args[0] {
        Value::Int(number) => Ok(Value::Int(*number)),
        Value::Double(number) => Ok(Value::Double(*number)),
        other => Ok(match parse_quantity(other.text_or_empty()?) {
            Some(number) if number.fract() == 0.0 => truncate(number),
            Some(number) => Value::Double(number),
            None => Value::UNSET,
        }),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "float casts saturate, which is what a byte count needs"
)]
fn truncate<'a>(number: f64) -> Value<'a> {
    if number.is_nan() {
        Value::UNSET
    } else {
        Value::Int(number as i64)
    }
}
