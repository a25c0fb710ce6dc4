//! The parser for the narrow YAML that the collector's encoder (gopkg.in/yaml.v2) writes.
//!
//! Takes one item of a List, or one document, and gives its tree, borrowed from the text, with absolute byte offsets.
//! Whatever that encoder never writes (comments, anchors, tags, flow collections that hold something, tabs, unusual
//! line breaks) is [`Outside`] the dialect: this parser never guesses, the full one decides. It cannot fail otherwise.

mod block;
mod cursor;
mod predictor;
mod scalar;

use std::ops::Range;

use self::block::{BlockParser, MapRole, Prediction};
use self::cursor::Cursor;
pub(super) use self::predictor::Predictor;
use super::quirks::Quirks;
use crate::node::Node;

/// The text leaves the dialect: let the full parser parse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outside;

type Parse<T> = Result<T, Outside>;

/// Parses the item of a List that is at `span` of `text` and begins with `- `.
pub(super) fn parse_item<'t>(
    text: &'t str,
    span: &Range<usize>,
    quirks: Quirks,
    predictor: &mut Predictor<'t>,
) -> Parse<Node<'t>> {
    let mut cursor = Cursor::new(&text[..span.end], span.start)?;
    if !cursor.is_dash(cursor.at) || cursor.byte(cursor.at + 1) != b' ' {
        return Err(Outside);
    }
    cursor.at += 2;
    let prediction = Prediction {
        role: MapRole::Object,
        keys: predictor.item,
    };
    let mut parser = BlockParser::new(cursor, quirks, predictor);
    let root = parser.inline(0, 2, prediction)?;
    if parser.mispredictions > 0 {
        parser.predictor.item = predictor::keys_of(&root);
    }
    parser.finish(root)
}

/// Parses the document at `span` of `text`: a block map or sequence without document markers.
pub(super) fn parse_document<'t>(
    text: &'t str,
    span: &Range<usize>,
    quirks: Quirks,
    predictor: &mut Predictor<'t>,
) -> Parse<Node<'t>> {
    let body = &text[span.clone()];
    if body.starts_with("---") || body.starts_with("...") || body.contains("\n...") {
        return Err(Outside);
    }
    let cursor = Cursor::new(&text[..span.end], span.start)?;
    let is_flow = matches!(cursor.byte(cursor.at), b'{' | b'[');
    let prediction = Prediction {
        role: MapRole::Object,
        keys: None,
    };
    let mut parser = BlockParser::new(cursor, quirks, predictor);
    let root = if is_flow {
        parser.scalar(0)?
    } else {
        parser.block(0, prediction)?
    };
    parser.finish(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Interner, Keys};

    const ITEM: &str = "- apiVersion: v1\n  kind: Pod\n  metadata:\n    labels:\n      app: x\n      true: y\n    managedFields:\n    - a: b\n    name: p\n    namespace: default\n  spec:\n    containers:\n    - image: i:1\n      name: c\n    - image: j\n      name: d\n      ports:\n      - 80\n    metadata:\n      managedFields: kept\n";

    fn parse<'t>(text: &'t str, predictor: &mut Predictor<'t>) -> String {
        let item = parse_item(text, &(0..text.len()), Quirks::Undo, predictor);
        let keys = item.as_ref().ok().and_then(Node::shared_keys);
        format!("{:?} {item:?}", keys.map(Keys::serial))
    }

    #[test]
    fn what_is_predicted_never_changes_what_is_parsed() {
        const PIECES: [&str; 22] = [
            "",
            "a",
            "name",
            ":",
            ": ",
            " ",
            "  ",
            "\n",
            "#",
            " #",
            "\"",
            "'",
            "- ",
            "? ",
            "{}",
            "null",
            "managedFields:",
            "metadata:",
            "    name: q\n",
            "      name: e\n",
            "  spec:\n",
            "\t",
        ];
        let mut texts = Vec::new();
        for (end, _) in ITEM.match_indices('\n') {
            texts.push(ITEM[..=end].to_owned());
        }
        for piece in PIECES {
            for at in 0..ITEM.len() {
                for until in [at, at + 1, at + 5] {
                    let end = ITEM.get(until..).unwrap_or_default();
                    texts.push(format!("{}{piece}{end}", &ITEM[..at]));
                }
            }
        }
        let interner = Interner::default();
        let mut predictor = Predictor::new(Some(&interner));
        let whole = parse(ITEM, &mut predictor);
        assert_eq!(parse(ITEM, &mut predictor), whole);
        assert!(
            !whole.contains("Outside") && whole.contains("kept") && !whole.contains("\"b\""),
            "{whole}"
        );
        for text in &texts {
            let fresh = parse(text, &mut Predictor::new(Some(&interner)));
            assert_eq!(parse(text, &mut predictor), fresh, "{text}");
            assert_eq!(parse(ITEM, &mut predictor), whole, "after {text}");
        }
    }
}
