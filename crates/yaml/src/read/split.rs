//! Where the documents of a text and the items of a List begin and end, found without parsing.
//!
//! A column-0 `---` always begins a document, and a column-0 `- ` under `items:` always begins an item: neither can stand
//! inside a value of a block map, whose lines are all indented.

use std::ops::Range;

use memchr::{memchr, memmem};

/// A List taken apart.
pub(super) struct List {
    pub(super) items: Vec<Range<usize>>,
    /// The keys before and after the items.
    pub(super) rest: [Range<usize>; 2],
}

/// The documents of a text, without the marker lines that hold nothing else and without blank ones.
pub(super) fn documents(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let later = memmem::find_iter(bytes, b"\n---").map(|at| at + 1);
    let first = bytes.starts_with(b"---").then_some(0);
    let mut spans = Vec::new();
    let mut start = 0;
    for marker in first.into_iter().chain(later) {
        let body = match bytes.get(marker + 3) {
            None => bytes.len(),
            Some(b'\n') => marker + 4,
            Some(b' ' | b'\t' | b'\r') => marker,
            Some(_) => continue,
        };
        spans.push(start..marker);
        start = body;
    }
    spans.push(start..bytes.len());
    spans.retain(|span| {
        let body = bytes.get(span.clone()).unwrap_or_default();
        !body.iter().all(u8::is_ascii_whitespace)
    });
    spans
}

/// Takes the document at `span` apart if it is a List with its items in block style at column 0.
pub(super) fn list(text: &str, span: &Range<usize>) -> Option<List> {
    let bytes = text.as_bytes().get(..span.end)?;
    let body = bytes.get(span.start..)?;
    let key = match body.starts_with(b"items:") {
        true => span.start,
        false => span.start + memmem::find(body, b"\nitems:")? + 1,
    };
    let after = key + "items:".len();
    let (items, end) = match bytes.get(after..)? {
        rest if rest.starts_with(b"\n- ") => items(bytes, after + 1),
        rest if rest == b" []" || rest.starts_with(b" []\n") => (Vec::new(), (after + " []\n".len()).min(bytes.len())),
        _ => return None,
    };
    let rest = [span.start..key, end..span.end];
    let kind = rest.iter().find_map(|range| top_level_kind(text.get(range.clone())?));
    // A file cut off before its `kind` is still the list it began as.
    kind.is_none_or(|kind| kind.ends_with("List"))
        .then_some(List { items, rest })
}

/// The value of the line `kind: …` among the lines at column 0. A line without its break may be cut and says nothing.
fn top_level_kind(text: &str) -> Option<&str> {
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .find_map(|line| line.strip_prefix("kind:"))
        .map(str::trim)
}

/// The items from `start` on, and where the list ends: at the first line at column 0 that is no item.
fn items(bytes: &[u8], start: usize) -> (Vec<Range<usize>>, usize) {
    let rest = bytes.get(start..).unwrap_or_default();
    let mut spans = Vec::new();
    let mut from = start;
    for at in memmem::find_iter(rest, b"\n- ") {
        let next = start + at + 1;
        spans.push(from..next);
        from = next;
    }
    let mut line = from;
    let end = loop {
        let rest = bytes.get(line..).unwrap_or_default();
        line = match memchr(b'\n', rest) {
            Some(length) => line + length + 1,
            None => break bytes.len(),
        };
        // Unicode line breaks inside a block scalar stand at column 0: the encoder indents only after its own breaks.
        if !matches!(bytes.get(line), Some(b' ' | b'\n' | 0x80..)) {
            break line;
        }
    };
    spans.push(from..end);
    (spans, end)
}
