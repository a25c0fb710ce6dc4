//! What the collector's text replacement did to values, and how it is undone.
//!
//! The collector replaces `""` by `"null"` in the raw JSON of a list, and some nulls as well. So an empty string reads
//! `"null"`, and every string that ends in a double quote gets `null` appended. Numbers went through float64.

use std::borrow::Cow;

use crate::value::Value;

/// Whole numbers up to here survive float64, so one that came as `1e+06` can be an integer again.
const EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// What becomes of strings that the collector's replacement touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quirks {
    /// Read them as what they were before: unset, or without the appended `null`.
    #[default]
    Undo,
    /// Leave strings as they are written; for comparing readers.
    Keep,
}

/// A string value; `"null"` and the empty string are unset.
#[inline]
pub(crate) fn text(text: Cow<'_, str>, quirks: Quirks) -> Value<'_> {
    match quirks {
        Quirks::Keep => Value::Str(text),
        Quirks::Undo if text.is_empty() || text == "null" => Value::Null,
        Quirks::Undo => Value::Str(without_appended_null(text)),
    }
}

/// A key. One that is `null` altogether stays: whether it was empty is not known.
#[inline]
pub(crate) fn key(key: Cow<'_, str>, quirks: Quirks) -> Cow<'_, str> {
    match quirks {
        Quirks::Keep => key,
        Quirks::Undo => without_appended_null(key),
    }
}

/// A number that was, or may have been, a float64.
pub(crate) fn float(number: f64) -> Value<'static> {
    if number.fract() == 0.0 && number.abs() < EXACT_FLOAT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}

#[inline]
fn without_appended_null(text: Cow<'_, str>) -> Cow<'_, str> {
    // Nearly all texts are told by their last byte.
    if text.as_bytes().last() != Some(&b'l') || !text.ends_with("\"null") {
        return text;
    }
    let kept = text.len() - "null".len();
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..kept).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(kept);
            Cow::Owned(text)
        }
    }
}
