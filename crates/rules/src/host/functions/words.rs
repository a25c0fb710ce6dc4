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
