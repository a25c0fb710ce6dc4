//! What the collector's text replacement did to values, and how it is undone.
//!
//! The collector replaces `""` by `"null"` in the raw JSON of a list, and some nulls as well. So an empty string reads
//! `"null"`, and every string that ends in a double quote gets `null` appended. Numbers went through float64.

use std::borrow::Cow;

use crate::node::Node;

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
pub(super) fn text(offset: usize, text: Cow<'_, str>, quirks: Quirks) -> Node<'_> {
    // For nearly all texts their last byte says that nothing was replaced.
    match (quirks, text.as_bytes().last()) {
        (Quirks::Undo, None) => Node::null(offset),
        (Quirks::Undo, Some(b'l')) if text == "null" => Node::null(offset),
        (Quirks::Undo, Some(b'l')) => Node::str(offset, without_appended_null(text)),
        _ => Node::str(offset, text),
    }
}

/// A key. One that is `null` altogether stays: whether it was empty is not known.
#[inline]
pub(super) fn key(key: Cow<'_, str>, quirks: Quirks) -> Cow<'_, str> {
    match quirks {
        Quirks::Keep => key,
        Quirks::Undo => without_appended_null(key),
    }
}

/// A number that was, or may have been, a float64.
pub(super) fn float<'t>(offset: usize, number: f64) -> Node<'t> {
    if number.fract() == 0.0 && number.abs() < EXACT_FLOAT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        Node::int(offset, number as i64)
    } else {
        Node::float(offset, number)
    }
}

fn without_appended_null(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.ends_with("\"null") {
        return text;
    }
    let kept = text.len() - "null".len();
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..kept]),
        Cow::Owned(mut text) => {
            text.truncate(kept);
            Cow::Owned(text)
        }
    }
}
