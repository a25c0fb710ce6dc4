//! Functions over texts.

use crate::function::Prepared;
use crate::value::Value;
use gleaner_text::Pattern;

type Result<'a> = std::result::Result<Value<'a>, String>;

pub(super) fn contains<'a>(args: &[Value<'a>]) -> Result<'a> {
    let (text, part) = (args[0].text_or_empty()?, args[1].text_or_empty()?);
    Ok(Value::Bool(text.contains(part) && !text.is_empty()))
}

pub(super) fn starts_with<'a>(args: &[Value<'a>]) -> Result<'a> {
    let (text, part) = (args[0].text_or_empty()?, args[1].text_or_empty()?);
    Ok(Value::Bool(text.starts_with(part)))
}

pub(super) fn ends_with<'a>(args: &[Value<'a>]) -> Result<'a> {
    let (text, part) = (args[0].text_or_empty()?, args[1].text_or_empty()?);
    Ok(Value::Bool(text.ends_with(part)))
}

pub(super) fn lower<'a>(args: &[Value<'a>]) -> Result<'a> {
    Ok(Value::text(args[0].text_or_empty()?.to_lowercase()))
}

pub(super) fn split<'a>(args: &[Value<'a>]) -> Result<'a> {
    let (text, separator) = (args[0].text_or_empty()?, args[1].text_or_empty()?);
    if text.is_empty() {
        return Ok(Value::NoElements);
    }
    Ok(Value::list(text.split(separator).map(Value::text).collect()))
}

pub(super) fn join<'a>(args: &[Value<'a>]) -> Result<'a> {
    let parts: Vec<String> = args[0].to_list()?.iter().map(ToString::to_string).collect();
    Ok(Value::text(parts.join(args[1].text_or_empty()?)))
}

pub(super) fn replace<'a>(args: &[Value<'a>]) -> Result<'a> {
    let (text, from, to) = (
        args[0].text_or_empty()?,
        args[1].text_or_empty()?,
        args[2].text_or_empty()?,
    );
    Ok(Value::text(text.replace(from, to)))
}

pub(super) fn trim<'a>(args: &[Value<'a>]) -> Result<'a> {
    Ok(Value::text(args[0].text_or_empty()?.trim()))
}

fn pattern(source: &str) -> std::result::Result<Pattern, String> {
    Pattern::new(source).map_err(|error| format!("bad pattern: {error}"))
}

pub(super) fn matches(source: &str) -> std::result::Result<Prepared, String> {
    let pattern = pattern(source)?;
    Ok(Prepared::call(move |args| {
        let regex = pattern.regex()?;
        let text = args[0].as_str();
        Ok(Value::Bool(text.is_some_and(|text| regex.is_match(text.as_bytes()))))
    }))
}

pub(super) fn extract<'a>(args: &[Value<'a>]) -> Result<'a> {
    first_group(&pattern(args[1].text_or_empty()?)?, &args[0])
}

pub(super) fn extract_known(source: &str) -> std::result::Result<Prepared, String> {
    let pattern = pattern(source)?;
    Ok(Prepared::call(move |args| first_group(&pattern, &args[0])))
}

fn first_group<'a>(pattern: &Pattern, text: &Value<'a>) -> Result<'a> {
    let groups = pattern.regex()?.captures(text.text_or_empty()?.as_bytes());
    let group = groups.and_then(|groups| groups.get(1));
    Ok(group.map_or(Value::UNSET, |group| {
        Value::text(String::from_utf8_lossy(group.as_bytes()))
    }))
}
