//! The parser of last resort: a full YAML parser behind a bound on what one text may become.
//!
//! Takes one item or document that leaves the dialect and gives the same tree, with the offset of the whole text at every
//! value, because the parser gives no positions. Says in words why a text cannot be parsed.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::quirks::{self, Quirks};
use super::unique::keep_last;
use super::{Failure, MAX_TEXT};
use crate::node::Node;

/// The YAML parser needs some 70 times its text, so it takes less than the parser of JSON: etcd takes no object over 1.5 MiB, so that one
/// that was dumped is smaller than this.
const MAX_YAML: usize = 4 << 20;
/// Directives that one text may have: the parser compares each `%TAG` with all before it.
const MAX_DIRECTIVES: usize = 16;
/// Texts over this are parsed one at a time, whatever the number of threads.
const LARGE: usize = 256 << 10;
static ONE_LARGE: Mutex<()> = Mutex::new(());

/// Brackets that one text may open in all, and without closing them.
const MAX_BRACKETS: usize = 10_000;
const MAX_OPEN_BRACKETS: usize = 1_000;

/// Parses the text at `span` as one YAML document.
pub(super) fn parse<'t>(text: &'t str, span: &Range<usize>, quirks: Quirks) -> Result<Node<'t>, Failure> {
    let body = &text[span.clone()];
    if body.len() > MAX_TEXT {
        return Err(Failure::new(span.start, format!("larger than {} MiB", MAX_TEXT >> 20)));
    }
    if let Some(root) = parse_json(body, span.start, quirks) {
        return Ok(root);
    }
    if nests_too_deeply(body) {
        return Err(Failure::new(span.start, "too many or too deep brackets"));
    }
    if body.len() > MAX_YAML {
        let what = format!(
            "larger than {} MiB and not of the form that the collector writes",
            MAX_YAML >> 20
        );
        return Err(Failure::new(span.start, what));
    }
    if body
        .lines()
        .filter(|line| line.starts_with('%'))
        .nth(MAX_DIRECTIVES)
        .is_some()
    {
        return Err(Failure::new(span.start, "too many directives"));
    }
    let _one_large = (body.len() > LARGE).then(|| ONE_LARGE.lock().unwrap_or_else(PoisonError::into_inner));
    let budget = budget(body);
    let seed = NodeSeed::new(span.start, quirks, &budget);
    let root = seed.deserialize(serde_yaml::Deserializer::from_str(body));
    root.map_err(|error| {
        let at = error.location().map_or(0, |place| place.index());
        Failure::new(span.start + at.min(body.len()), describe(&error))
    })
}

/// Parses the text at `span` as the one item of a block sequence.
pub(super) fn parse_item<'t>(text: &'t str, span: &Range<usize>, quirks: Quirks) -> Result<Node<'t>, Failure> {
    let mut items = parse(text, span, quirks)?.into_items();
    match (items.pop(), items.is_empty()) {
        (Some(item), true) => Ok(item),
        _ => Err(Failure::new(span.start, "not one item of a list")),
    }
}

/// JSON is YAML, and has a parser that takes any number of brackets in its stride.
fn parse_json<'t>(body: &'t str, start: usize, quirks: Quirks) -> Option<Node<'t>> {
    if !body.trim_start().starts_with('{') {
        return None;
    }
    let budget = budget(body);
    let mut source = serde_json::Deserializer::from_str(body);
    let root = NodeSeed::new(start, quirks, &budget).deserialize(&mut source).ok()?;
    source.end().ok()?;
    Some(root)
}

/// Whether brackets could make the YAML parser slow: it looks at every open one for every word, so that a megabyte of
/// `[` would keep it busy for an hour. Brackets in quotes count too, so that none can hide.
fn nests_too_deeply(body: &str) -> bool {
    let (mut opened, mut open, mut deepest) = (0_usize, 0_usize, 0);
    for byte in body.bytes() {
        match byte {
            b'[' | b'{' => {
                opened += 1;
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    opened > MAX_BRACKETS || deepest > MAX_OPEN_BRACKETS
}

/// How much a text may become: every value and every byte of a string counts. Without aliases no text reaches this.
pub(super) fn budget(body: &str) -> Cell<usize> {
    Cell::new(body.len().saturating_mul(2).saturating_add(256))
}

/// The parser's words without its own line numbers, which count from the start of the item.
fn describe(error: &serde_yaml::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    words.chars().take(200).collect()
}

/// Builds a tree from any serde format.
#[derive(Clone, Copy)]
pub(super) struct NodeSeed<'b> {
    offset: usize,
    quirks: Quirks,
    budget: &'b Cell<usize>,
}

impl<'b> NodeSeed<'b> {
    pub(super) fn new(offset: usize, quirks: Quirks, budget: &'b Cell<usize>) -> Self {
        Self { offset, quirks, budget }
    }

    fn spend<E: Error>(self, cost: usize) -> Result<(), E> {
        let left = self.budget.get().checked_sub(cost);
        self.budget
            .set(left.ok_or_else(|| E::custom("its aliases repeat more than the text holds"))?);
        Ok(())
    }

    fn text<'t, E: Error>(self, text: Cow<'t, str>) -> Result<Node<'t>, E> {
        self.spend(text.len())?;
        Ok(quirks::text(self.offset, text, self.quirks))
    }

    fn big<'t>(self, digits: String) -> Node<'t> {
        Node::big_int(self.offset, &digits)
    }
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, source: D) -> Result<Node<'de>, D::Error> {
        self.spend(1)?;
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Node<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node<'de>, E> {
        Ok(Node::null(self.offset))
    }

    fn visit_none<E: Error>(self) -> Result<Node<'de>, E> {
        self.visit_unit()
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Node<'de>, E> {
        Ok(Node::bool(self.offset, flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node<'de>, E> {
        Ok(Node::int(self.offset, number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node<'de>, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Ok(self.big(number.to_string())),
        }
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Node<'de>, E> {
        Ok(self.big(number.to_string()))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Node<'de>, E> {
        Ok(self.big(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node<'de>, E> {
        Ok(quirks::float(self.offset, number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node<'de>, E> {
        self.text(Cow::Owned(text.to_owned()))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Node<'de>, E> {
        self.text(Cow::Borrowed(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node<'de>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Node::seq(self.offset, elements.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key_seed(KeySeed(self))? {
            entries.push((key, access.next_value_seed(self)?));
        }
        Ok(Node::map(self.offset, keep_last(entries).into()))
    }

    /// A value with a tag of its own is the value; what the tag means is its program's affair.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Node<'de>, A::Error> {
        let (_tag, value) = access.variant_seed(KeySeed(self))?;
        value.newtype_variant_seed(self)
    }
}

/// Reads a key as the text it is written with, also where it looks like a number.
struct KeySeed<'b>(NodeSeed<'b>);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = Cow<'de, str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key that is text")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        self.0.spend(key.len())?;
        Ok(quirks::key(Cow::Owned(key.to_owned()), self.0.quirks))
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Self::Value, E> {
        self.0.spend(key.len())?;
        Ok(quirks::key(Cow::Borrowed(key), self.0.quirks))
    }
}
