//! Where the documents of a text and the items of a List begin and end, found without parsing.
//!
//! A column-0 `---` always begins a document, and a column-0 `- ` under `items:` always begins an item: neither can be
//! inside a value of a block map, whose lines are all indented.

use std::ops::Range;

use memchr::{memchr, memmem};

/// How many items of a List are read: more than any cluster has of a kind. Each costs memory, however short its text is.
const MAX_ITEMS: usize = 1_000_000;

/// A piece of a text that is parsed on its own.
pub(super) enum Piece {
    /// An item of a List, with its dash.
    Item(Range<usize>),
    /// A document that is not a List in the collector's style.
    Document(Range<usize>),
    /// The keys before or after the items of a List.
    Surroundings(Range<usize>),
    /// A List ends here without its kind, as the collector writes that last.
    Truncated(usize),
    /// The file is not one List, which shows here, and why.
    NoList(usize, &'static str),
}

/// The pieces of a text, in its order but for the keys of a List, which come after its items.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let dashes = dashes(text.as_bytes());
    let documents = documents_at(text.as_bytes(), &dashes);
    match documents.as_slice() {
        [] => pieces.push(Piece::NoList(0, "it is empty and no list")),
        [_] => {}
        [_, second, ..] => pieces.push(Piece::NoList(
            second.start,
            "there are several documents instead of one list",
        )),
    }
    for span in documents {
        match list(text, &span, &dashes) {
            Some(list) => list.add_to(&mut pieces),
            None => pieces.push(Piece::Document(span)),
        }
    }
    pieces
}

struct SplitList {
    items: Vec<Range<usize>>,
    before: Range<usize>,
    after: Range<usize>,
    has_kind: bool,
}

impl SplitList {
    fn add_to(mut self, pieces: &mut Vec<Piece>) {
        // The last item of a list that was cut in it may be parsed, but says less than the object: it would be taken for another one.
        if !self.has_kind && self.after.is_empty() {
            self.items.pop();
        }
        if let Some(first) = self.items.get(MAX_ITEMS) {
            pieces.push(Piece::NoList(first.start, "it has more than 1,000,000 items"));
            self.items.truncate(MAX_ITEMS);
        }
        pieces.extend(self.items.into_iter().map(Piece::Item));
        if !self.has_kind {
            pieces.push(Piece::Truncated(self.after.end));
        }
        let surroundings = [self.before, self.after].into_iter().filter(|span| !span.is_empty());
        pieces.extend(surroundings.map(Piece::Surroundings));
    }
}

/// Where lines begin with a dash: one look at the text finds both documents and items.
fn dashes(bytes: &[u8]) -> Vec<u32> {
    let later = memmem::find_iter(bytes, b"\n-").map(|at| at + 1);
    let first = bytes.starts_with(b"-").then_some(0);
    // Texts over 4 GiB are refused before.
    first
        .into_iter()
        .chain(later)
        .map_while(|at| u32::try_from(at).ok())
        .collect()
}

/// The documents of a text, without the marker lines that hold nothing else and without blank ones.
pub(super) fn documents(text: &str) -> Vec<Range<usize>> {
    documents_at(text.as_bytes(), &dashes(text.as_bytes()))
}

fn documents_at(bytes: &[u8], dashes: &[u32]) -> Vec<Range<usize>> {
    let markers = dashes.iter().map(|at| *at as usize);
    let markers = markers.filter(|at| bytes[*at..].starts_with(b"---"));
    let mut spans = Vec::new();
    let mut start = 0;
    for marker in markers {
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
        let body = &bytes[span.clone()];
        !body.iter().all(u8::is_ascii_whitespace)
    });
    spans
}

/// Takes the document at `span` apart if it is a List with its items in block style at column 0.
fn list(text: &str, span: &Range<usize>, dashes: &[u32]) -> Option<SplitList> {
    let bytes = text.as_bytes().get(..span.end)?;
    let body = bytes.get(span.start..)?;
    let key = match body.starts_with(b"items:") {
        true => span.start,
        false => span.start + memmem::find(body, b"\nitems:")? + 1,
    };
    let after = key + "items:".len();
    let (items, end) = match bytes.get(after..)? {
        rest if rest.starts_with(b"\n- ") => items(bytes, after + 1, dashes),
        rest if rest == b" []" || rest.starts_with(b" []\n") => (Vec::new(), (after + " []\n".len()).min(bytes.len())),
        _ => return None,
    };
    let (before, after) = (span.start..key, end..span.end);
    let keys = [text.get(before.clone())?, text.get(after.clone())?];
    let kind = keys.into_iter().find_map(top_level_kind);
    let is_list = |line: &str| line.starts_with("kind:") && line.trim_end().ends_with("List");
    let list = SplitList {
        items,
        before,
        after,
        has_kind: keys.iter().any(|keys| keys.lines().any(is_list)),
    };
    // A file cut off before its `kind` is still the list it began as.
    kind.is_none_or(|kind| kind.ends_with("List")).then_some(list)
}

/// The value of the line `kind: …` among the lines at column 0. A line without its break may be cut and says nothing.
fn top_level_kind(text: &str) -> Option<&str> {
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .find_map(|line| line.strip_prefix("kind:"))
        .map(str::trim)
}

/// The items from `start` on, and where the list ends: at the first line at column 0 that is no item.
fn items(bytes: &[u8], start: usize, dashes: &[u32]) -> (Vec<Range<usize>>, usize) {
    let mut spans = Vec::new();
    let mut from = start;
    let later = dashes.partition_point(|at| *at as usize <= start);
    let later = dashes[later..].iter().map(|at| *at as usize);
    for next in later.take_while(|at| *at < bytes.len()) {
        if !bytes[next..].starts_with(b"- ") {
            continue;
        }
        spans.push(from..next);
        from = next;
    }
    let mut line = from;
    let end = loop {
        line = match memchr(b'\n', &bytes[line..]) {
            Some(length) => line + length + 1,
            None => break bytes.len(),
        };
        // Unicode line breaks inside a block scalar are at column 0: the encoder indents only after its own breaks.
        if !matches!(bytes.get(line), Some(b' ' | b'\n' | 0x80..)) {
            break line;
        }
    };
    spans.push(from..end);
    (spans, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_beyond_the_most_that_are_read_are_told() {
        let text = |count: usize| format!("items:\n{}kind: List\n", "- {}\n".repeat(count));
        let items = |pieces: &[Piece]| pieces.iter().filter(|piece| matches!(piece, Piece::Item(_))).count();
        let told = |pieces: &[Piece]| pieces.iter().any(|piece| matches!(piece, Piece::NoList(..)));
        let most = pieces(&text(MAX_ITEMS));
        assert_eq!((items(&most), told(&most)), (MAX_ITEMS, false));
        let more = pieces(&text(MAX_ITEMS + 1));
        assert_eq!((items(&more), told(&more)), (MAX_ITEMS, true));
    }
}
