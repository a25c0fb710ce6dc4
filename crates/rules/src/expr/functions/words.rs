//! Functions that put values into words.

use super::argument;
use crate::expr::eval::Env;
use crate::expr::val::Val;

pub(super) fn times<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<Val<'a>, String> {
    match argument(args, 0) {
        Val::Unset => Ok(Val::Unset),
        Val::Int(1) => Ok(Val::text("once")),
        Val::Int(count) => Ok(Val::text(format!("{count} times"))),
        other => Err(format!("expected a count, got a {}", other.type_name())),
    }
}
