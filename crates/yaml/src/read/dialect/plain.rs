//! Scalars of the dialect: what kind one is, and plain text with the value it stands for.

use std::borrow::Cow;

use super::{Foreign, Read, Reader};
use crate::read::quirks;
use crate::value::{Node, Value};

impl<'t> Reader<'t, '_> {
    /// The scalar under the cursor, whose parent stands at column `parent`; leaves the cursor on the next line.
    pub(super) fn scalar(&mut self, parent: usize) -> Read<Node<'t>> {
        let start = self.at;
        let value = match self.raw_scalar(parent)? {
            Value::Str(text) => quirks::text(text, self.quirks),
            value => value,
        };
        self.node(start, value)
    }

    /// The same with strings as they are written.
    pub(super) fn raw_scalar(&mut self, parent: usize) -> Read<Value<'t>> {
        let start = self.at;
        let (value, end) = match (self.byte(start), self.byte(start + 1)) {
            (b'"', _) => {
                let (text, end) = self.double_quoted(start, Some(parent))?;
                (Value::Str(text), end)
            }
            (b'\'', _) => {
                let (text, end) = self.single_quoted(start, Some(parent))?;
                (Value::Str(text), end)
            }
            (b'{', b'}') => (Value::Map(Box::default()), start + 2),
            (b'[', b']') => (Value::Seq(Box::default()), start + 2),
            (b'|', _) => return self.block_text(parent).map(Value::Str),
            _ => return self.plain(parent),
        };
        if self.byte(end) != b'\n' {
            return Err(Foreign);
        }
        self.at = self.next_line(end);
        Ok(value)
    }

    /// Whether plain text may begin at `index`.
    pub(super) fn starts_plain(&self, index: usize) -> bool {
        match self.byte(index) {
            b'-' | b'?' | b':' => !matches!(self.byte(index + 1), b' ' | b'\n'),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' | b'\t' | b' ' | b'\n' => false,
            _ => true,
        }
    }

    fn plain(&mut self, parent: usize) -> Read<Value<'t>> {
        if !self.starts_plain(self.at) {
            return Err(Foreign);
        }
        let (first, mut next) = self.plain_line(self.at)?;
        let Some(mut start) = self.continuation(next, parent)? else {
            self.at = next;
            return resolve(first);
        };
        // Lines folded at 80 columns: each break was a space. Text with a space in it is always a string.
        let mut text = String::from(first);
        loop {
            let (line, after) = self.plain_line(start)?;
            text.push(' ');
            text.push_str(line);
            next = after;
            match self.continuation(next, parent)? {
                Some(index) => start = index,
                None => break,
            }
        }
        self.at = next;
        Ok(Value::Str(Cow::Owned(text)))
    }

    /// A line of plain text from `start`, and where the next line begins. Keys and comments in it are foreign.
    fn plain_line(&self, start: usize) -> Read<(&'t str, usize)> {
        let stop = self.stop(start);
        let ends = self.byte(stop) == b'\n';
        let end = if ends { stop } else { self.line_end(stop) };
        let line = self.slice(start, end)?;
        let bytes = line.as_bytes();
        if bytes.last().is_none_or(|&last| last == b' ') || bytes.first() == Some(&b'#') {
            return Err(Foreign);
        }
        if !ends && is_foreign(bytes) {
            return Err(Foreign);
        }
        Ok((line, self.next_line(end)))
    }

    /// Where the line at `from` goes on with the plain text before it: deeper than `parent`. Blank lines are foreign.
    fn continuation(&self, from: usize, parent: usize) -> Read<Option<usize>> {
        let spaces = self.spaces(from);
        match self.bytes.get(from + spaces) {
            None => Ok(None),
            Some(b'\n') => Err(Foreign),
            Some(_) => Ok((spaces > parent).then_some(from + spaces)),
        }
    }
}

/// Whether a line of plain text holds a key, a comment or a tab.
fn is_foreign(line: &[u8]) -> bool {
    line.iter().enumerate().any(|(index, byte)| match byte {
        b':' => matches!(line.get(index + 1), None | Some(b' ')),
        b'#' => index > 0 && line.get(index - 1) == Some(&b' '),
        b'\t' => true,
        _ => false,
    })
}

/// The value that plain text on one line stands for.
fn resolve(text: &str) -> Read<Value<'_>> {
    let value = match text.as_bytes().first() {
        Some(b'n' | b'N' | b'~') if matches!(text, "null" | "Null" | "NULL" | "~") => Value::Null,
        Some(b't' | b'T') if matches!(text, "true" | "True" | "TRUE") => Value::Bool(true),
        Some(b'f' | b'F') if matches!(text, "false" | "False" | "FALSE") => Value::Bool(false),
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => return number(text),
        _ => Value::Str(Cow::Borrowed(text)),
    };
    Ok(value)
}

/// A number, or text that only begins like one. Bases other than ten, infinities and the like are foreign.
fn number(text: &str) -> Read<Value<'_>> {
    let string = Ok(Value::Str(Cow::Borrowed(text)));
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let bytes = digits.as_bytes();
    if is_based(digits) || is_no_finite_number(digits) {
        return Err(Foreign);
    }
    if bytes.iter().all(u8::is_ascii_digit) && !bytes.is_empty() {
        // The encoder quotes strings of digits unless they begin with a zero, which makes them no decimal number.
        if bytes.len() > 1 && bytes.first() == Some(&b'0') {
            return string;
        }
        return Ok(whole_number(text));
    }
    let numeric = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    if !bytes.iter().all(numeric) {
        return string;
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(quirks::float(number)),
        _ => string,
    }
}

/// Whether this is a number of base 16, 8 or 2. Beyond 64 bits the encoder takes it for text and leaves it plain.
fn is_based(digits: &str) -> bool {
    [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .filter_map(|(prefix, base)| Some((digits.strip_prefix(prefix)?, base)))
        .any(|(digits, base)| u64::from_str_radix(digits, base).is_ok())
}

fn is_no_finite_number(digits: &str) -> bool {
    matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

/// A decimal number without a fraction; beyond 128 bits the full parser too knows it only as a float.
fn whole_number(text: &str) -> Value<'_> {
    if let Ok(number) = text.parse::<i64>() {
        return Value::Int(number);
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if unsigned.parse::<u128>().is_ok() || unsigned.parse::<i128>().is_ok() {
        return Value::BigInt(unsigned.into());
    }
    text.parse().map_or(Value::Str(Cow::Borrowed(text)), Value::Float)
}
