//! Functions that format values as text.

use super::Result;
use gleaner_cel::Value;

pub(super) fn times<'a>(args: &[Value<'a>]) -> Result<'a> {
    match &args[0] {
        Value::Unset(_) => Ok(Value::UNSET),
        Value::Int(1) => Ok(Value::text("once")),
        Value::Int(count) => Ok(Value::text(format!("{count} times"))),
        other => Err(format!("expected a count, got {}", other.type_of())),
    }
}

/// `at T` for a moment, `from T to U` for a period.
pub(super) fn period<'a>(args: &[Value<'a>]) -> Result<'a> {
    match (args[0].to_time()?, args[1].to_time()?) {
        (Some(first), Some(last)) if first == last => {
            Ok(Value::text(format!("at {}", gleaner_text::format_time(last))))
        }
        (Some(first), Some(last)) => {
            let (first, last) = (gleaner_text::format_time(first), gleaner_text::format_time(last));
            Ok(Value::text(format!("from {first} to {last}")))
        }
        _ => Ok(Value::UNSET),
    }
}
