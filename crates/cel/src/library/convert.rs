//! Functions that turn one type into another: texts, times, documents inside texts.

use crate::function::Prepared;
use crate::value::Value;

type Result<'a> = std::result::Result<Value<'a>, String>;

pub(super) fn string<'a>(args: &[Value<'a>]) -> Result<'a> {
    Ok(match &args[0] {
        text @ (Value::Text(_) | Value::Unset(_)) => text.clone(),
        other => Value::text(other.to_string()),
    })
}

pub(super) fn boolean<'a>(args: &[Value<'a>]) -> Result<'a> {
    match &args[0] {
        Value::Unset(_) => Ok(Value::Bool(false)),
        Value::Bool(flag) => Ok(Value::Bool(*flag)),
        other => match other.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "t" | "1") => Ok(Value::Bool(true)),
            Some("false" | "f" | "0") => Ok(Value::Bool(false)),
            _ => Err(format!("`{other}` is neither true nor false")),
        },
    }
}

pub(super) fn time<'a>(args: &[Value<'a>]) -> Result<'a> {
    args[0].to_time().map(|time| time.map_or(Value::UNSET, Value::Time))
}

pub(super) fn duration<'a>(args: &[Value<'a>]) -> Result<'a> {
    seconds(args[0].text_or_empty()?).map(Value::Duration)
}

pub(super) fn known_duration(text: &str) -> std::result::Result<Prepared, String> {
    seconds(text).map(|seconds| Prepared::Value(Value::Duration(seconds)))
}

fn seconds(text: &str) -> std::result::Result<i64, String> {
    let seconds = gleaner_text::parse_duration(text);
    seconds.ok_or_else(|| format!("`{text}` is not a duration such as `1h30m`"))
}

pub(super) fn json<'a>(args: &[Value<'a>]) -> Result<'a> {
    let node = gleaner_yaml::embedded_json(args[0].text_or_empty()?);
    Ok(node.map_or(Value::UNSET, |node| Value::owned(&node)))
}

pub(super) fn yaml<'a>(args: &[Value<'a>]) -> Result<'a> {
    let node = gleaner_yaml::embedded_yaml(args[0].text_or_empty()?);
    Ok(node.map_or(Value::UNSET, |node| Value::owned(&node)))
}

/// Secrets hold at most a few hundred kilobytes; more is no machine plan.
const MAX_DECODED: u64 = 4 << 20;

pub(super) fn decoded<'a>(args: &[Value<'a>]) -> Result<'a> {
    use base64::Engine as _;
    let text = args[0].text_or_empty()?;
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(text.trim()) else {
        return Ok(Value::UNSET);
    };
    let unpacked = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        let reader = flate2::read::GzDecoder::new(bytes.as_slice());
        let read = std::io::Read::read_to_end(&mut std::io::Read::take(reader, MAX_DECODED), &mut unpacked);
        if read.is_err() {
            return Ok(Value::UNSET);
        }
        unpacked
    } else {
        bytes
    };
    Ok(Value::text(String::from_utf8_lossy(&unpacked).into_owned()))
}
