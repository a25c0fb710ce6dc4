//! Quoted scalars of the dialect: single and double quotes, escapes, and lines folded inside them.

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

use super::{Foreign, Read, Reader};

/// A quoted text and the index after its closing quote.
type Quoted<'t> = (Cow<'t, str>, usize);

impl<'t> Reader<'t, '_> {
    /// The text in single quotes at `start`. It may run over lines deeper than `parent`; a key (`None`) may not.
    pub(super) fn single_quoted(&self, start: usize, parent: Option<usize>) -> Read<Quoted<'t>> {
        let mut index = start + 1;
        let mut text = String::new();
        loop {
            let rest = self.bytes.get(index..).ok_or(Foreign)?;
            let stop = index + memchr2(b'\'', b'\n', rest).ok_or(Foreign)?;
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
    pub(super) fn double_quoted(&self, start: usize, parent: Option<usize>) -> Read<Quoted<'t>> {
        let mut index = start + 1;
        let mut text = String::new();
        // Blanks before a folded break fall away, but not those that an escape wrote.
        let mut escaped = 0;
        loop {
            let rest = self.bytes.get(index..).ok_or(Foreign)?;
            let stop = index + memchr3(b'"', b'\\', b'\n', rest).ok_or(Foreign)?;
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
    fn fold(&self, at: usize, parent: Option<usize>, text: &mut String, escaped: usize) -> Read<usize> {
        let parent = parent.ok_or(Foreign)?;
        while text.len() > escaped && text.ends_with(' ') {
            text.pop();
        }
        if text.len() > escaped && text.ends_with('\t') {
            return Err(Foreign);
        }
        let mut index = at;
        let mut breaks = 0;
        while self.bytes.get(index) == Some(&b'\n') {
            let spaces = self.spaces(index + 1);
            index += 1 + spaces;
            breaks += 1;
            if self.byte(index) != b'\n' && spaces <= parent {
                return Err(Foreign);
            }
        }
        if matches!(self.bytes.get(index), None | Some(b'\t')) {
            return Err(Foreign);
        }
        match breaks {
            1 => text.push(' '),
            _ => text.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        Ok(index)
    }

    /// Resolves the escape whose backslash is at `at`, and gives the index after it.
    fn escape(&self, at: usize, parent: Option<usize>, text: &mut String) -> Read<usize> {
        let character = match self.bytes.get(at + 1).ok_or(Foreign)? {
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
            _ => return Err(Foreign),
        };
        text.push(character);
        Ok(at + 2)
    }

    fn code_point(&self, at: usize, digits: usize, text: &mut String) -> Read<usize> {
        let hex = self.slice(at, at + digits)?;
        if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Foreign);
        }
        let number = u32::from_str_radix(hex, 16).map_err(|_| Foreign)?;
        text.push(char::from_u32(number).ok_or(Foreign)?);
        Ok(at + digits)
    }

    /// A backslash before the break at `at`: the text goes on with the next line's first character.
    fn escaped_break(&self, at: usize, parent: Option<usize>) -> Read<usize> {
        let parent = parent.ok_or(Foreign)?;
        let spaces = self.spaces(at + 1);
        let index = at + 1 + spaces;
        if spaces <= parent || matches!(self.bytes.get(index), None | Some(b'\t' | b'\n')) {
            return Err(Foreign);
        }
        Ok(index)
    }
}
