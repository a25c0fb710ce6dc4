//! Functions that turn one type into another: numbers, times, documents inside texts.

use super::{argument, text_argument};
use crate::expr::eval::Env;
use crate::expr::val::Val;
use gleaner_cluster as quantities;
use gleaner_yaml::{Node, Value};
use std::sync::Arc;

type Result<'a> = std::result::Result<Val<'a>, String>;

pub(super) fn int<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    match argument(args, 0) {
        Val::Unset => Ok(Val::Unset),
        Val::Int(number) | Val::Duration(number) | Val::Time(number) => Ok(Val::Int(*number)),
        Val::Bool(flag) => Ok(Val::Int(i64::from(*flag))),
        Val::Float(number) => Ok(truncate(*number)),
        other => {
            let text = other
                .as_str()
                .ok_or_else(|| format!("a {} is no number", other.type_name()))?;
            match text.parse::<i64>() {
                Ok(number) => Ok(Val::Int(number)),
                Err(_) => quantities::parse_quantity(text)
                    .map(truncate)
                    .ok_or_else(|| format!("`{text}` is no number")),
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "float casts saturate, which is what a byte count needs"
)]
fn truncate<'a>(number: f64) -> Val<'a> {
    if number.is_nan() {
        Val::Unset
    } else {
        Val::Int(number as i64)
    }
}

pub(super) fn string<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let value = argument(args, 0);
    Ok(if value.as_str().is_some() {
        value.clone()
    } else {
        Val::text(value.to_string())
    })
}

pub(super) fn boolean<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    match argument(args, 0) {
        Val::Unset => Ok(Val::Bool(false)),
        Val::Bool(flag) => Ok(Val::Bool(*flag)),
        other => match other.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "t" | "1") => Ok(Val::Bool(true)),
            Some("false" | "f" | "0") => Ok(Val::Bool(false)),
            _ => Err(format!("`{other}` is neither true nor false")),
        },
    }
}

pub(super) fn time<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    match argument(args, 0) {
        Val::Time(seconds) => Ok(Val::Time(*seconds)),
        _ => Ok(gleaner_text::parse_time(text_argument(args, 0)?).map_or(Val::Unset, Val::Time)),
    }
}

pub(super) fn age<'a>(args: &[Val<'a>], env: &Env<'a>) -> Result<'a> {
    match (time(args, env)?, env.facts.now) {
        (Val::Time(then), Some(now)) => Ok(Val::Duration(now.saturating_sub(then))),
        _ => Ok(Val::Unset),
    }
}

pub(super) fn duration<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let text = text_argument(args, 0)?;
    gleaner_text::parse_duration(text)
        .map(Val::Duration)
        .ok_or_else(|| format!("`{text}` is no span of time such as `1h30m`"))
}

pub(super) fn quantity<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    match argument(args, 0) {
        Val::Unset => Ok(Val::Unset),
        Val::Int(number) => Ok(Val::Int(*number)),
        Val::Float(number) => Ok(Val::Float(*number)),
        _ => Ok(quantities::parse_quantity(text_argument(args, 0)?).map_or(Val::Unset, whole_or_float)),
    }
}

fn whole_or_float<'a>(number: f64) -> Val<'a> {
    if number.fract() == 0.0 {
        truncate(number)
    } else {
        Val::Float(number)
    }
}

pub(super) fn json<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(gleaner_yaml::embedded_json(text_argument(args, 0)?).map_or(Val::Unset, |node| owned(&node)))
}

pub(super) fn yaml<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    Ok(gleaner_yaml::embedded_yaml(text_argument(args, 0)?).map_or(Val::Unset, |node| owned(&node)))
}

/// A value that owns what it holds, for documents that were parsed during the evaluation.
fn owned<'a>(node: &Node<'_>) -> Val<'a> {
    match node.value() {
        Value::Null => Val::Unset,
        Value::Bool(flag) => Val::Bool(flag),
        Value::Int(number) => Val::Int(number),
        Value::Float(number) => Val::Float(number),
        Value::BigInt(digits) => Val::text(digits),
        Value::Str(text) => Val::text(text),
        Value::Seq(items) => Val::list(items.iter().map(owned).collect()),
        Value::Map(entries) => Val::Map(Arc::new(
            entries.map(|(key, value)| (key.to_owned(), owned(value))).collect(),
        )),
    }
}

/// Secrets hold at most a few hundred kilobytes; more is no machine plan.
const MOST_DECODED: u64 = 4 << 20;

pub(super) fn decoded<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    use base64::Engine as _;
    let text = text_argument(args, 0)?;
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(text.trim()) else {
        return Ok(Val::Unset);
    };
    let unpacked = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        let reader = flate2::read::GzDecoder::new(bytes.as_slice());
        let read = std::io::Read::read_to_end(&mut std::io::Read::take(reader, MOST_DECODED), &mut unpacked);
        if read.is_err() {
            return Ok(Val::Unset);
        }
        unpacked
    } else {
        bytes
    };
    Ok(Val::text(String::from_utf8_lossy(&unpacked).into_owned()))
}
