//! Functions over texts.

use super::{list_argument, text_argument};
use crate::expr::eval::Env;
use crate::expr::val::Val;
use gleaner_text::Pattern;

type Result<'a> = std::result::Result<Val<'a>, String>;

pub(super) fn contains<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let (text, part) = (text_argument(args, 0)?, text_argument(args, 1)?);
    Ok(Val::Bool(text.contains(part) && !text.is_empty()))
}

pub(super) fn starts_with<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(Val::Bool(text_argument(args, 0)?.starts_with(text_argument(args, 1)?)))
}

pub(super) fn ends_with<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(Val::Bool(text_argument(args, 0)?.ends_with(text_argument(args, 1)?)))
}

pub(super) fn lower<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(Val::text(text_argument(args, 0)?.to_lowercase()))
}

pub(super) fn split<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let (text, separator) = (text_argument(args, 0)?, text_argument(args, 1)?);
    if text.is_empty() {
        return Ok(Val::list(Vec::new()));
    }
    Ok(Val::list(text.split(separator).map(Val::text).collect()))
}

pub(super) fn join<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let parts: Vec<String> = list_argument(args, 0)?.iter().map(ToString::to_string).collect();
    Ok(Val::text(parts.join(text_argument(args, 1)?)))
}

pub(super) fn replace<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(Val::text(
        text_argument(args, 0)?.replace(text_argument(args, 1)?, text_argument(args, 2)?),
    ))
}

pub(super) fn trim<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(Val::text(text_argument(args, 0)?.trim()))
}

pub(super) fn extract<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    first_group(&Pattern::new(text_argument(args, 1)?)?, args)
}

pub(super) fn first_group<'a>(pattern: &Pattern, args: &[Val<'a>]) -> Result<'a> {
    let found = pattern
        .regex()?
        .captures(text_argument(args, 0)?.as_bytes())
        .and_then(|groups| groups.get(1));
    Ok(found.map_or(Val::Unset, |group| Val::text(String::from_utf8_lossy(group.as_bytes()))))
}
