//! The elements of a JSON array, each as a tree of its own: one that cannot be read costs itself alone.

use super::full::{NodeSeed, budget};
use super::{Failure, Item, List, MAX_TEXT, Quirks};
use gleaner_text::LineIndex;
use serde::de::{DeserializeSeed as _, IgnoredAny};

/// Most elements that are read, and most of them whose faults are told.
const ELEMENTS: usize = 100_000;
const FAULTS: usize = 100;

/// Reads a text that is one JSON array. `null` is an empty one. What cannot be parsed is in [`List::errors`], also an array that was
/// cut off. Every value in an element has the offset of the element, because the parser gives no positions.
pub fn read_json_array(text: &str) -> List<'_> {
    let mut list = List::default();
    let mut failures = Vec::new();
    if let Err(failure) = elements(text, &mut list.items, &mut failures) {
        failures.push(failure);
    }
    let mut lines = LineIndex::new(text);
    list.errors = failures
        .into_iter()
        .map(|failure| failure.with_line(&mut lines))
        .collect();
    list
}

/// Reads the elements up to the end of the array; what is wrong with single ones goes into `failures`.
fn elements<'t>(text: &'t str, items: &mut Vec<Item<'t>>, failures: &mut Vec<Failure>) -> Result<(), Failure> {
    if text.len() > MAX_TEXT {
        return Err(Failure::new(0, format!("larger than {} MiB", MAX_TEXT >> 20)));
    }
    let mut at = blank(text, 0);
    if text[at..].trim_end() == "null" {
        return Ok(());
    }
    at = blank(text, skip(text, at, "[")?);
    if text[at..].starts_with(']') {
        return Ok(());
    }
    loop {
        let end = end_of_value(text, at)?;
        if items.len() + failures.len() >= ELEMENTS || failures.len() >= FAULTS {
            return Err(Failure::new(at, "too many elements or faults: the rest is not read"));
        }
        match element(text, at, end) {
            Ok(item) => items.push(item),
            Err(failure) => failures.push(failure),
        }
        at = blank(text, end);
        if text[at..].starts_with(']') {
            return Ok(());
        }
        at = blank(text, skip(text, at, ",")?);
    }
}

/// Where what is not blank begins.
fn blank(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

fn skip(text: &str, at: usize, wanted: &str) -> Result<usize, Failure> {
    if text[at..].starts_with(wanted) {
        return Ok(at + wanted.len());
    }
    let found = if at == text.len() {
        "cut off"
    } else {
        "not a JSON array"
    };
    Err(Failure::new(at, format!("{found}: expected `{wanted}`")))
}

/// Where the JSON value that begins at `at` ends, however deep it nests.
fn end_of_value(text: &str, at: usize) -> Result<usize, Failure> {
    let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => Ok(at + values.byte_offset()),
        Some(Err(error)) => Err(Failure::new(at, describe(&error))),
        None => Err(Failure::new(at, "cut off")),
    }
}

fn element(text: &str, at: usize, end: usize) -> Result<Item<'_>, Failure> {
    let body = &text[at..end];
    let budget = budget(body);
    let seed = NodeSeed::new(at, Quirks::Keep, &budget);
    let root = seed.deserialize(&mut serde_json::Deserializer::from_str(body));
    let root = root.map_err(|error| Failure::new(at, describe(&error)))?;
    Ok(Item { offset: at, root })
}

/// The parser's words without its own line numbers, which count from the start of the element.
fn describe(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    words.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<usize>, Vec<(u64, String)>) {
        let list = read_json_array(text);
        let offsets = list.items.iter().map(|item| item.offset).collect();
        let errors = list.errors.into_iter().map(|error| (error.line, error.what)).collect();
        (offsets, errors)
    }

    #[test]
    fn every_element_has_its_place() {
        let (offsets, errors) = read("[\n\t{\"a\": 1},\n\t{\"b\": [2, {\"c\": \"\"}]}\n]\n");
        assert_eq!((offsets, errors), (vec![3, 14], vec![]));
    }

    #[test]
    fn nothing_is_an_empty_array() {
        for text in ["[]", "null", " [ ] \n", "null\n"] {
            assert_eq!(read(text), (vec![], vec![]), "{text}");
        }
    }

    #[test]
    fn an_element_that_nests_too_deeply_costs_itself_alone() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let (offsets, errors) = read(&format!("[{{}},\n{deep},\n{{}}]"));
        assert_eq!(offsets.len(), 2);
        assert_eq!(errors, [(2, "recursion limit exceeded".to_owned())]);
    }

    #[test]
    fn what_comes_before_the_end_of_a_cut_off_array_is_read() {
        assert_eq!(read("[{\"a\": 1},\n{\"b\":").0, [1]);
        assert_eq!(
            read("[{\"a\": 1}\n"),
            (vec![1], vec![(2, "cut off: expected `,`".to_owned())])
        );
        assert_eq!(read(""), (vec![], vec![(1, "cut off: expected `[`".to_owned())]));
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        let (offsets, errors) = read("{\"alerts\": []}");
        assert_eq!(
            (offsets.len(), errors),
            (0, vec![(1, "not a JSON array: expected `[`".to_owned())])
        );
        assert_eq!(read(&"[".repeat(1 << 20)).1.len(), 1);
    }
}
