//! Lines of a text.

/// The line, from 1, in which the byte at `offset` is; that of the last byte where the text is shorter.
pub fn line_of(text: &str, offset: u32) -> u64 {
    let end = usize::try_from(offset).map_or(text.len(), |end| end.min(text.len()));
    let before = text.as_bytes().get(..end).unwrap_or_default();
    1 + memchr::memchr_iter(b'\n', before).count() as u64
}
