//! Lines of a text: which one a byte is in, counted on demand.

use memchr::{memchr_iter, memrchr};

/// Turns byte offsets of a text into lines.
///
/// Making one costs nothing. Each question counts the line breaks between its offset and that of the question before, so questions
/// in ascending order count each byte once.
///
/// ```
/// let mut lines = gleaner_text::LineIndex::new("a\nb\nc");
/// assert_eq!(lines.line_of(2), 2);
/// assert_eq!(lines.from_line_before(4).next(), Some((2, "b")));
/// ```
#[derive(Debug, Clone)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// How many bytes were counted, and the line, from 1, that the byte after them is in.
    counted: usize,
    line: u64,
}

impl<'t> LineIndex<'t> {
    /// The lines of this text, none of them counted yet.
    pub fn new(text: &'t str) -> LineIndex<'t> {
        LineIndex {
            text,
            counted: 0,
            line: 1,
        }
    }

    /// The line, from 1, of the byte at `offset`; the last line for offsets beyond the end.
    pub fn line_of(&mut self, offset: usize) -> u64 {
        let offset = offset.min(self.text.len());
        let bytes = self.text.as_bytes();
        if offset >= self.counted {
            self.line += breaks(&bytes[self.counted..offset]);
        } else if offset > self.counted / 2 {
            self.line -= breaks(&bytes[offset..self.counted]);
        } else {
            self.line = 1 + breaks(&bytes[..offset]);
        }
        self.counted = offset;
        self.line
    }

    /// Lines with their numbers and without their breaks, from the one before that of the byte at `offset` to the last of the text.
    pub fn from_line_before(&mut self, offset: usize) -> impl Iterator<Item = (u64, &'t str)> + use<'t> {
        let line = self.line_of(offset);
        let start = self.line_start(offset.min(self.text.len()));
        let (start, first) = match start.checked_sub(1) {
            Some(end_of_line_before) => (self.line_start(end_of_line_before), line - 1),
            None => (start, line),
        };
        (first..).zip(self.text[start..].lines())
    }

    fn line_start(&self, offset: usize) -> usize {
        memrchr(b'\n', &self.text.as_bytes()[..offset]).map_or(0, |at| at + 1)
    }
}

/// How many bytes there are between two places whose lines a [`LineMap`] knows.
const STEP: usize = 16 << 10;

/// The lines of places in a text, for whoever asks again and again: a question then counts a few kilobytes, wherever it is about.
///
/// ```
/// let text = "a\nb\nc";
/// let map = gleaner_text::LineMap::new(text);
/// assert_eq!(map.near(text, 2).line_of(2), 2);
/// ```
#[derive(Debug, Clone)]
pub struct LineMap(Box<[u64]>);

impl LineMap {
    /// Counts the lines of a text.
    pub fn new(text: &str) -> LineMap {
        let mut line = 1;
        let lines = text.as_bytes().chunks(STEP).map(|chunk| {
            let first = line;
            line += breaks(chunk);
            first
        });
        LineMap(lines.collect())
    }

    /// The lines of the text it was made of, counted up to shortly before an offset.
    pub fn near<'t>(&self, text: &'t str, offset: usize) -> LineIndex<'t> {
        let step = (offset / STEP).min(self.0.len().saturating_sub(1));
        LineIndex {
            text,
            counted: (step * STEP).min(text.len()),
            line: self.0.get(step).copied().unwrap_or(1),
        }
    }
}

fn breaks(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "one\ntwo\r\n\nfour";

    #[test]
    fn lines_are_the_same_in_any_order_of_questions() {
        let slow = |offset: usize| 1 + TEXT.bytes().take(offset).filter(|byte| *byte == b'\n').count() as u64;
        for first in 0..=TEXT.len() + 2 {
            for second in 0..=TEXT.len() + 2 {
                let mut lines = LineIndex::new(TEXT);
                assert_eq!(lines.line_of(first), slow(first));
                assert_eq!(lines.line_of(second), slow(second), "{second} after {first}");
            }
        }
    }

    #[test]
    fn a_map_knows_the_lines_of_a_long_text() {
        let text: String = (0..9_000).map(|number| format!("{number}é\n")).collect();
        let map = LineMap::new(&text);
        for offset in (0..text.len() + 20).step_by(997) {
            let mut slow = LineIndex::new(&text);
            assert_eq!(
                map.near(&text, offset).line_of(offset),
                slow.line_of(offset),
                "{offset}"
            );
            let expected: Vec<_> = LineIndex::new(&text).from_line_before(offset).take(4).collect();
            let found: Vec<_> = map.near(&text, offset).from_line_before(offset).take(4).collect();
            assert_eq!(found, expected, "{offset}");
        }
        assert_eq!(LineMap::new("").near("", 7).line_of(7), 1);
    }

    #[test]
    fn lines_begin_with_the_one_before() {
        let from = |offset: usize| LineIndex::new(TEXT).from_line_before(offset).collect::<Vec<_>>();
        assert_eq!(from(0), [(1, "one"), (2, "two"), (3, ""), (4, "four")]);
        assert_eq!(from(4), from(0), "the first byte of a line");
        assert_eq!(from(8), from(0), "its break");
        assert_eq!(from(9), [(2, "two"), (3, ""), (4, "four")]);
        assert_eq!(from(99), [(3, ""), (4, "four")]);
        assert_eq!(LineIndex::new("").from_line_before(0).next(), None);
    }
}
