//! A position in the text, and what is there.

use memchr::memchr;

use super::{Outside, Parse};

/// By byte: whether plain text may end there.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b'\n' as usize] = true;
    stops[b'\t' as usize] = true;
    stops[b':' as usize] = true;
    stops[b'#' as usize] = true;
    stops
};

/// The text and a position in it. Reading beyond the end finds line breaks and nothing else.
pub(super) struct Cursor<'t> {
    /// The text up to the end of what is parsed; positions count from its start.
    text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    /// A cursor at `start` of the text, if everything from there on is what the encoder writes as it is.
    pub(super) fn new(text: &'t str, start: usize) -> Parse<Self> {
        let bytes = text.as_bytes();
        let body = &bytes[start..];
        if body.is_empty() || !holds_only_ordinary_characters(body) {
            return Err(Outside);
        }
        Ok(Self { text, bytes, at: start })
    }

    /// The byte at `index`; a line break beyond the end, so that the last line needs none.
    #[inline]
    pub(super) fn byte(&self, index: usize) -> u8 {
        self.bytes.get(index).copied().unwrap_or(b'\n')
    }

    /// The bytes from `index` on; none beyond the end.
    #[inline]
    pub(super) fn rest(&self, index: usize) -> &'t [u8] {
        self.bytes.get(index..).unwrap_or_default()
    }

    /// The text between two positions; outside the dialect where they are not between characters of it.
    #[inline]
    pub(super) fn slice(&self, from: usize, to: usize) -> Parse<&'t str> {
        self.text.get(from..to).ok_or(Outside)
    }

    /// The index of the line break that ends the line of `from`, or the end of the text.
    #[inline]
    pub(super) fn line_end(&self, from: usize) -> usize {
        memchr(b'\n', self.rest(from)).map_or(self.bytes.len(), |length| from + length)
    }

    /// The first byte from `from` on at which plain text may end: its line does, or a key, or a comment begins. Else the end.
    #[inline]
    pub(super) fn stop(&self, from: usize) -> usize {
        let ends = |byte: &u8| STOPS[usize::from(*byte)];
        let length = self.rest(from).iter().position(ends);
        length.map_or(self.bytes.len(), |length| from + length)
    }

    /// The start of the line after the break at `line_end`.
    #[inline]
    pub(super) fn next_line(&self, line_end: usize) -> usize {
        (line_end + 1).min(self.bytes.len())
    }

    /// How many spaces begin the line at `from`.
    #[inline]
    pub(super) fn spaces(&self, from: usize) -> usize {
        let rest = self.rest(from);
        rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len())
    }

    /// The column where the line under the cursor begins; `None` at the end. Blank lines and comments are outside the dialect.
    #[inline]
    pub(super) fn column(&self) -> Parse<Option<usize>> {
        let spaces = self.spaces(self.at);
        match self.bytes.get(self.at + spaces) {
            None if spaces == 0 => Ok(None),
            None | Some(b'\n' | b'\t' | b'#') => Err(Outside),
            Some(_) => Ok(Some(spaces)),
        }
    }

    /// Whether an element of a sequence begins at `index`.
    #[inline]
    pub(super) fn is_dash(&self, index: usize) -> bool {
        self.byte(index) == b'-' && matches!(self.byte(index + 1), b' ' | b'\n')
    }

    /// Whether a `? key` is under the cursor.
    #[inline]
    pub(super) fn is_long_key(&self) -> bool {
        self.byte(self.at) == b'?' && self.byte(self.at + 1) == b' '
    }

    /// Whether the colon after a key is at `index`.
    #[inline]
    pub(super) fn ends_key(&self, index: usize) -> bool {
        self.byte(index) == b':' && matches!(self.byte(index + 1), b' ' | b'\n')
    }

    /// The byte after the colon of `key`, if that is under the cursor as a plain word.
    #[inline]
    pub(super) fn after_key(&self, key: &str) -> Option<usize> {
        let end = self.at + key.len();
        (self.bytes.get(self.at..end)? == key.as_bytes() && self.ends_key(end)).then_some(end + 1)
    }
}

/// Whether the text is free of characters that YAML treats as line breaks or refuses: the encoder escapes them all.
fn holds_only_ordinary_characters(bytes: &[u8]) -> bool {
    // Without branches, so that the compiler can look at many bytes at once.
    let (control, wide) = bytes.iter().fold((false, false), |(control, wide), &byte| {
        let odd = (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | (byte == 0x7f);
        (control | odd, wide | (byte >= 0x80))
    });
    if control {
        return false;
    }
    !wide
        || !bytes.windows(3).any(|window| match window {
            // C1 controls and NEL.
            [0xc2, second, _] => *second < 0xa0,
            // Line and paragraph separators.
            [0xe2, 0x80, third] => matches!(third, 0xa8 | 0xa9),
            // The byte order mark and the two noncharacters.
            [0xef, 0xbb, 0xbf] | [0xef, 0xbf, 0xbe | 0xbf] => true,
            _ => false,
        })
}
