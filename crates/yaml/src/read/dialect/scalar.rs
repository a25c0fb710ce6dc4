//! Scalars of the dialect and keys, which are scalars on one line: plain text and its value, single and double quotes
//! with escapes and folded lines, and `|` blocks with their indentation and chomping indicators.

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

use super::cursor::Cursor;
use super::{Outside, Parse};

/// A simple key is at most this long in YAML; the encoder turns to `? key` already at 128.
const MAX_KEY: usize = 1024;

/// A scalar with its string as it is written.
pub(super) enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is not written as a whole one, or is beyond 128 bits.
    Float(f64),
    /// A whole number beyond 64 bits.
    BigInt(&'t str),
    Str(Cow<'t, str>),
    /// `{}`
    EmptyMap,
    /// `[]`
    EmptySeq,
}

/// A quoted text and the index after its closing quote.
type QuotedScalar<'t> = (Cow<'t, str>, usize);

/// What becomes of the line breaks at the end of a block scalar.
#[derive(Clone, Copy)]
enum Chomp {
    /// `|`: one stays.
    Clip,
    /// `|-`: none stays.
    Strip,
    /// `|+`: all stay.
    Keep,
}

/// The parent of a scalar is the column of the collection it is in: lines that go on with the scalar are indented more.
impl<'t> Cursor<'t> {
    /// The scalar under the cursor; leaves the cursor on the next line.
    pub(super) fn scalar(&mut self, parent: usize) -> Parse<Scalar<'t>> {
        let start = self.at;
        let (value, end) = match (self.byte(start), self.byte(start + 1)) {
            (b'"', _) => {
                let (text, end) = self.double_quoted(start, Some(parent))?;
                (Scalar::Str(text), end)
            }
            (b'\'', _) => {
                let (text, end) = self.single_quoted(start, Some(parent))?;
                (Scalar::Str(text), end)
            }
            (b'{', b'}') => (Scalar::EmptyMap, start + 2),
            (b'[', b']') => (Scalar::EmptySeq, start + 2),
            (b'|', _) => return self.block_text(parent).map(Scalar::Str),
            _ => return self.plain(parent),
        };
        if self.byte(end) != b'\n' {
            return Err(Outside);
        }
        self.at = self.next_line(end);
        Ok(value)
    }

    /// The key under the cursor, left on the byte after its colon.
    pub(super) fn key(&mut self) -> Parse<Cow<'t, str>> {
        let start = self.at;
        let end = self.key_end(start).ok_or(Outside)?;
        let key = match self.byte(start) {
            b'"' => self.double_quoted(start, None)?.0,
            b'\'' => self.single_quoted(start, None)?.0,
            _ if !self.starts_plain(start) || self.byte(end - 1) == b' ' => return Err(Outside),
            _ => Cow::Borrowed(self.slice(start, end)?),
        };
        self.at = end + 1;
        Ok(key)
    }

    /// The colon that ends a simple key beginning at `start`; `None` when the line holds no such key.
    pub(super) fn key_end(&self, start: usize) -> Option<usize> {
        let end = match self.byte(start) {
            quote @ (b'"' | b'\'') => self.closing_quote(start, quote)? + 1,
            _ => self.plain_key_end(start)?,
        };
        (end > start && end - start <= MAX_KEY && self.ends_key(end)).then_some(end)
    }

    fn plain_key_end(&self, start: usize) -> Option<usize> {
        let mut index = start;
        loop {
            index = self.stop(index);
            match self.byte(index) {
                b':' if self.ends_key(index) => return Some(index),
                b'\n' | b'\t' => return None,
                b'#' if index > start && self.byte(index - 1) == b' ' => return None,
                _ => index += 1,
            }
        }
    }

    /// The index of the quote that closes, on the same line, the one at `start`.
    fn closing_quote(&self, start: usize, quote: u8) -> Option<usize> {
        let mut index = start + 1;
        loop {
            match self.byte(index) {
                b'\n' => return None,
                b'\\' if quote == b'"' => index += 2,
                byte if byte == quote && quote == b'\'' && self.byte(index + 1) == quote => {
                    index += 2;
                }
                byte if byte == quote => return Some(index),
                _ => index += 1,
            }
        }
    }

    /// Whether plain text may begin at `index`.
    fn starts_plain(&self, index: usize) -> bool {
        match self.byte(index) {
            b'-' | b'?' | b':' => !matches!(self.byte(index + 1), b' ' | b'\n'),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' | b'\t' | b' ' | b'\n' => false,
            _ => true,
        }
    }

    fn plain(&mut self, parent: usize) -> Parse<Scalar<'t>> {
        if !self.starts_plain(self.at) {
            return Err(Outside);
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
        Ok(Scalar::Str(Cow::Owned(text)))
    }

    /// A line of plain text from `start`, and where the next line begins. Keys and comments in it are outside the dialect.
    fn plain_line(&self, start: usize) -> Parse<(&'t str, usize)> {
        let stop = self.stop(start);
        let ends = self.byte(stop) == b'\n';
        let end = if ends { stop } else { self.line_end(stop) };
        let line = self.slice(start, end)?;
        let bytes = line.as_bytes();
        if bytes.last().is_none_or(|&last| last == b' ') || bytes.first() == Some(&b'#') {
            return Err(Outside);
        }
        if !ends && holds_key_comment_or_tab(bytes) {
            return Err(Outside);
        }
        Ok((line, self.next_line(end)))
    }

    /// Where the line at `from` goes on with the plain text before it: deeper than `parent`. Blank lines are outside the dialect.
    fn continuation(&self, from: usize, parent: usize) -> Parse<Option<usize>> {
        let spaces = self.spaces(from);
        match self.bytes.get(from + spaces) {
            None => Ok(None),
            Some(b'\n') => Err(Outside),
            Some(_) => Ok((spaces > parent).then_some(from + spaces)),
        }
    }

    /// The text in single quotes at `start`. It may run over lines deeper than `parent`; a key (`None`) may not.
    fn single_quoted(&self, start: usize, parent: Option<usize>) -> Parse<QuotedScalar<'t>> {
        let mut index = start + 1;
        let mut text = String::new();
        loop {
            let rest = self.bytes.get(index..).ok_or(Outside)?;
            let stop = index + memchr2(b'\'', b'\n', rest).ok_or(Outside)?;
            let run = self.slice(index, stop)?;
            match (self.byte(stop), self.byte(stop + 1)) {
                (b'\'', b'\'') => {
                    text.push_str(run);
                    text.push('\'');
                    index = stop + 2;
                }
                (b'\'', _) if index == start + 1 => return Ok((Cow::Borrowed(run), stop + 1)),
                (b'\'', _) => {
                    text.push_str(run);
                    return Ok((Cow::Owned(text), stop + 1));
                }
                _ => {
                    text.push_str(run);
                    index = self.fold(stop, parent, &mut text, 0)?;
                }
            }
        }
    }

    /// The text in double quotes at `start`, its escapes resolved; `parent` as for single quotes.
    fn double_quoted(&self, start: usize, parent: Option<usize>) -> Parse<QuotedScalar<'t>> {
        let mut index = start + 1;
        let mut text = String::new();
        // Blanks before a folded break fall away, but not those that an escape wrote.
        let mut escaped = 0;
        loop {
            let rest = self.bytes.get(index..).ok_or(Outside)?;
            let stop = index + memchr3(b'"', b'\\', b'\n', rest).ok_or(Outside)?;
            let run = self.slice(index, stop)?;
            match self.byte(stop) {
                b'"' if index == start + 1 => return Ok((Cow::Borrowed(run), stop + 1)),
                b'"' => {
                    text.push_str(run);
                    return Ok((Cow::Owned(text), stop + 1));
                }
                b'\n' => {
                    text.push_str(run);
                    index = self.fold(stop, parent, &mut text, escaped)?;
                }
                _ => {
                    text.push_str(run);
                    index = self.escape(stop, parent, &mut text)?;
                    escaped = text.len();
                }
            }
        }
    }

    /// Goes over the line breaks at `at` inside quotes: one is a space, more are one break less.
    fn fold(&self, at: usize, parent: Option<usize>, text: &mut String, escaped: usize) -> Parse<usize> {
        let parent = parent.ok_or(Outside)?;
        while text.len() > escaped && text.ends_with(' ') {
            text.pop();
        }
        if text.len() > escaped && text.ends_with('\t') {
            return Err(Outside);
        }
        let mut index = at;
        let mut breaks = 0;
        while self.bytes.get(index) == Some(&b'\n') {
            let spaces = self.spaces(index + 1);
            index += 1 + spaces;
            breaks += 1;
            if self.byte(index) != b'\n' && spaces <= parent {
                return Err(Outside);
            }
        }
        if matches!(self.bytes.get(index), None | Some(b'\t')) {
            return Err(Outside);
        }
        match breaks {
            1 => text.push(' '),
            _ => text.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        Ok(index)
    }

    /// Resolves the escape whose backslash is at `at`, and gives the index after it.
    fn escape(&self, at: usize, parent: Option<usize>, text: &mut String) -> Parse<usize> {
        let character = match self.bytes.get(at + 1).ok_or(Outside)? {
            b'n' => '\n',
            b't' => '\t',
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b' ' => ' ',
            b'r' => '\r',
            b'0' => '\0',
            b'a' => '\x07',
            b'b' => '\x08',
            b'v' => '\x0b',
            b'f' => '\x0c',
            b'e' => '\x1b',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => return self.code_point(at + 2, 2, text),
            b'u' => return self.code_point(at + 2, 4, text),
            b'U' => return self.code_point(at + 2, 8, text),
            b'\n' => return self.escaped_break(at + 1, parent),
            _ => return Err(Outside),
        };
        text.push(character);
        Ok(at + 2)
    }

    fn code_point(&self, at: usize, digits: usize, text: &mut String) -> Parse<usize> {
        let hex = self.slice(at, at + digits)?;
        if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Outside);
        }
        let number = u32::from_str_radix(hex, 16).map_err(|_| Outside)?;
        text.push(char::from_u32(number).ok_or(Outside)?);
        Ok(at + digits)
    }

    /// A backslash before the break at `at`: the text goes on with the next line's first character.
    fn escaped_break(&self, at: usize, parent: Option<usize>) -> Parse<usize> {
        let parent = parent.ok_or(Outside)?;
        let spaces = self.spaces(at + 1);
        let index = at + 1 + spaces;
        if spaces <= parent || matches!(self.bytes.get(index), None | Some(b'\t' | b'\n')) {
            return Err(Outside);
        }
        Ok(index)
    }

    /// The text after the `|` under the cursor; its parent is at column `parent`.
    fn block_text(&mut self, parent: usize) -> Parse<Cow<'t, str>> {
        let (indicator, chomp, body) = self.block_header()?;
        let indent = match indicator {
            Some(columns) => parent + columns,
            None => self.block_indent(body)?,
        };
        if indent <= parent {
            return Err(Outside);
        }
        let mut text = String::new();
        let mut breaks = 0;
        let mut line = body;
        while line < self.bytes.len() {
            let end = self.line_end(line);
            let spaces = self.spaces(line).min(indent);
            if line + spaces == end {
                breaks += 1;
            } else if spaces < indent {
                break;
            } else {
                text.extend(std::iter::repeat_n('\n', breaks));
                text.push_str(self.slice(line + indent, end)?);
                breaks = 1;
            }
            // Without its last break the text may be cut, and what the break would mean is open.
            if end == self.bytes.len() {
                return Err(Outside);
            }
            line = end + 1;
        }
        self.at = line;
        let kept = match chomp {
            Chomp::Strip => 0,
            Chomp::Clip => usize::from(!text.is_empty()),
            Chomp::Keep => breaks,
        };
        text.extend(std::iter::repeat_n('\n', kept));
        Ok(Cow::Owned(text))
    }

    /// The indentation and chomping indicators, and where the first line of the text begins.
    fn block_header(&self) -> Parse<(Option<usize>, Chomp, usize)> {
        let mut indicator = None;
        let mut chomp = Chomp::Clip;
        let mut index = self.at + 1;
        loop {
            match self.byte(index) {
                b'\n' => return Ok((indicator, chomp, self.next_line(index))),
                digit @ b'1'..=b'9' if indicator.is_none() => indicator = Some(usize::from(digit - b'0')),
                b'-' if matches!(chomp, Chomp::Clip) => chomp = Chomp::Strip,
                b'+' if matches!(chomp, Chomp::Clip) => chomp = Chomp::Keep,
                _ => return Err(Outside),
            }
            index += 1;
        }
    }

    /// The column of the first line that is not empty. Spaces or tabs before it make the column doubtful.
    fn block_indent(&self, body: usize) -> Parse<usize> {
        let mut line = body;
        while self.bytes.get(line) == Some(&b'\n') {
            line += 1;
        }
        let spaces = self.spaces(line);
        match self.bytes.get(line + spaces) {
            None | Some(b'\n' | b'\t') => Err(Outside),
            Some(_) => Ok(spaces),
        }
    }
}

/// Whether a line of plain text holds a key, a comment or a tab.
fn holds_key_comment_or_tab(line: &[u8]) -> bool {
    line.iter().enumerate().any(|(index, byte)| match byte {
        b':' => matches!(line.get(index + 1), None | Some(b' ')),
        b'#' => index > 0 && line.get(index - 1) == Some(&b' '),
        b'\t' => true,
        _ => false,
    })
}

/// The value of plain text on one line.
fn resolve(text: &str) -> Parse<Scalar<'_>> {
    let value = match text.as_bytes().first() {
        Some(b'n' | b'N' | b'~') if matches!(text, "null" | "Null" | "NULL" | "~") => Scalar::Null,
        Some(b't' | b'T') if matches!(text, "true" | "True" | "TRUE") => Scalar::Bool(true),
        Some(b'f' | b'F') if matches!(text, "false" | "False" | "FALSE") => Scalar::Bool(false),
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => return number(text),
        _ => Scalar::Str(Cow::Borrowed(text)),
    };
    Ok(value)
}

/// A number, or text that only begins like one. Bases other than ten, infinities and the like are outside the dialect.
fn number(text: &str) -> Parse<Scalar<'_>> {
    let string = Ok(Scalar::Str(Cow::Borrowed(text)));
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let bytes = digits.as_bytes();
    if is_based(digits) || is_no_finite_number(digits) {
        return Err(Outside);
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
        Ok(number) if number.is_finite() => Ok(Scalar::Float(number)),
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
fn whole_number(text: &str) -> Scalar<'_> {
    if let Ok(number) = text.parse::<i64>() {
        return Scalar::Int(number);
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if unsigned.parse::<u128>().is_ok() || unsigned.parse::<i128>().is_ok() {
        return Scalar::BigInt(unsigned);
    }
    text.parse().map_or(Scalar::Str(Cow::Borrowed(text)), Scalar::Float)
}
