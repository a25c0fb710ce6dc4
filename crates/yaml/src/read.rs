//! From the text of a file to the objects of its List, each as a tree borrowed from the text.
//!
//! A List is split at its items, which are parsed one by one and in parallel: first by the parser for the collector's own
//! dialect (`dialect`), and where an item leaves that dialect by a full parser (`full`). What neither can parse costs
//! that item alone and is an error with its line. The collector's quirks are undone on the way ([`Quirks`]).

mod array;
mod dialect;
mod embedded;
mod full;
mod objects;
mod quirks;
mod split;
mod unique;

use std::ops::Range;

use gleaner_text::LineIndex;
use rayon::prelude::*;

pub use self::array::read_json_array;
use self::dialect::Predictor;
pub use self::embedded::{embedded_json, embedded_yaml};
use self::objects::Objects;
pub use self::quirks::Quirks;
use self::split::Piece;
use crate::keys::Interner;
use crate::node::Node;

/// The full parser takes no item or document larger than this: its own tree is some twenty times the text.
const MAX_TEXT: usize = 32 << 20;

/// Which parser comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The parser for the collector's dialect, and the full parser for what leaves the dialect.
    #[default]
    Dialect,
    /// The full parser for everything: slow, and a check on the other.
    Full,
}

/// How a List is read.
#[derive(Clone, Copy, Default)]
pub struct ReadOptions<'o> {
    /// Which parser comes first.
    pub mode: Mode,
    /// What becomes of strings that the collector's text replacement touched.
    pub quirks: Quirks,
    /// Once it returns true, the items not yet parsed are left out without an error: for runs that were cancelled.
    pub is_cancelled: Option<&'o (dyn Fn() -> bool + Sync)>,
}

/// The objects of a file.
#[derive(Debug, Default)]
pub struct List<'t> {
    /// What could be parsed, in the file's order.
    pub items: Vec<Item<'t>>,
    /// How many items the full parser had to parse although the dialect's was asked first.
    pub fallbacks: usize,
    /// What could not be parsed, in the file's order.
    pub errors: Vec<ParseError>,
}

/// One object.
#[derive(Debug)]
pub struct Item<'t> {
    /// Where the item begins, in bytes from the start of the file's text: at its dash in a List.
    pub offset: usize,
    /// The object; offsets inside count from the start of the file's text too.
    pub root: Node<'t>,
}

/// A part of a file that no parser understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Where it is, in bytes from the start of the file's text.
    pub offset: usize,
    /// The line of that byte, from 1.
    pub line: u64,
    /// What is wrong with it, as a lower-case fragment.
    pub what: String,
    /// Whether the file as a whole is not the one List that it should be, so that any number of objects may be missing.
    pub of_file: bool,
}

/// The same before its line is known.
#[derive(Debug)]
struct Failure {
    offset: usize,
    what: String,
    of_file: bool,
}

impl Failure {
    fn new(offset: usize, what: impl Into<String>) -> Failure {
        Failure {
            offset,
            what: what.into(),
            of_file: false,
        }
    }

    /// The file as a whole is no List.
    fn of_file(offset: usize, what: impl Into<String>) -> Failure {
        Failure {
            of_file: true,
            ..Failure::new(offset, what)
        }
    }

    fn with_line(self, lines: &mut LineIndex<'_>) -> ParseError {
        ParseError {
            offset: self.offset,
            line: lines.line_of(self.offset),
            what: self.what,
            of_file: self.of_file,
        }
    }
}

/// Reads the objects of a resource file, which should be one List.
///
/// Alike maps share their keys, which are put into `keys`: one interner for all files of a bundle. Never fails as a whole: what cannot
/// be parsed is in [`List::errors`], also the end of a List that was cut off, whose last item is left out, because
/// what it lacks is unknown. A file that is no List (empty, text, a single object, several documents) is an error [of the file](ParseError::of_file); the
/// objects in it are read all the same.
pub fn read_list<'t>(text: &'t str, keys: &'t Interner, mode: Mode) -> List<'t> {
    let options = ReadOptions {
        mode,
        ..ReadOptions::default()
    };
    read_list_with(text, keys, options)
}

/// The same as [`read_list`], with all options.
pub fn read_list_with<'t>(text: &'t str, keys: &'t Interner, options: ReadOptions<'_>) -> List<'t> {
    let mut list = List::default();
    let mut failures = Vec::new();
    for piece in parse_pieces(text, keys, options) {
        match piece {
            Ok(piece) => {
                list.fallbacks += usize::from(piece.by_fallback);
                list.items.extend(piece.items);
                failures.extend(piece.failures);
            }
            Err(failure) => failures.push(failure),
        }
    }
    failures.sort_by_key(|failure: &Failure| failure.offset);
    let mut lines = LineIndex::new(text);
    list.errors = failures
        .into_iter()
        .map(|failure| failure.with_line(&mut lines))
        .collect();
    list
}

/// Reads a file that is one document: `metadata.yaml`, a node's configuration.
///
/// # Errors
/// When the text is not YAML, holds more than one document, or is too large.
pub fn read_document(text: &str, mode: Mode) -> Result<Node<'_>, ParseError> {
    parse_document(text, mode).map_err(|failure| failure.with_line(&mut LineIndex::new(text)))
}

fn parse_document(text: &str, mode: Mode) -> Result<Node<'_>, Failure> {
    check_size(text)?;
    match split::documents(text).as_slice() {
        [] => Ok(Node::null(0)),
        [span] => {
            // A single document has few alike maps, so each has keys of its own.
            let mut parser = Parser::new(text, None, mode, Quirks::Undo);
            parser.document(span).map(|(root, _)| root)
        }
        [_, second, ..] => Err(Failure::new(second.start, "more than one document")),
    }
}

/// Nodes hold their offsets in 32 bits.
fn check_size(text: &str) -> Result<(), Failure> {
    match u32::try_from(text.len()) {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::new(0, "larger than 4 GiB")),
    }
}

/// A piece of a file that was parsed.
struct ParsedPiece<'t> {
    items: Vec<Item<'t>>,
    by_fallback: bool,
    /// What is wrong with it although it was parsed.
    failures: Vec<Failure>,
}

fn parse_pieces<'t>(
    text: &'t str,
    keys: &'t Interner,
    options: ReadOptions<'_>,
) -> Vec<Result<ParsedPiece<'t>, Failure>> {
    if let Err(failure) = check_size(text) {
        return vec![Err(failure)];
    }
    let parser = || Parser::new(text, Some(keys), options.mode, options.quirks);
    split::pieces(text)
        .par_iter()
        .with_min_len(32)
        .filter(|_| !options.is_cancelled.is_some_and(|is_cancelled| is_cancelled()))
        .map_init(parser, |parser, piece| parser.piece(piece))
        .collect()
}

/// Asks the parser for the dialect first and the full one after it.
struct Parser<'t> {
    text: &'t str,
    mode: Mode,
    quirks: Quirks,
    predictor: Predictor<'t>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, keys: Option<&'t Interner>, mode: Mode, quirks: Quirks) -> Parser<'t> {
        Parser {
            text,
            mode,
            quirks,
            predictor: Predictor::new(keys),
        }
    }

    fn piece(&mut self, piece: &Piece) -> Result<ParsedPiece<'t>, Failure> {
        let (objects, by_fallback) = match piece {
            Piece::Item(span) => {
                let (root, by_fallback) = self.item(span)?;
                (Objects::of_item(span.start, root), by_fallback)
            }
            Piece::Document(span) => {
                let read = self.document(span);
                let (root, by_fallback) = read.map_err(|failure| Failure {
                    of_file: true,
                    ..failure
                })?;
                (Objects::of_document(span.start, root), by_fallback)
            }
            Piece::Surroundings(span) => {
                self.document(span)?;
                (Objects::default(), false)
            }
            Piece::Truncated(end) => {
                let what = "the list ends without its kind: the file seems to be truncated";
                return Err(Failure::new(*end, what));
            }
            Piece::NoList(at, what) => return Err(Failure::of_file(*at, *what)),
        };
        Ok(ParsedPiece {
            items: objects.items,
            by_fallback,
            failures: objects.failures,
        })
    }

    /// The item of a List, and whether the full parser had to parse it.
    fn item(&mut self, span: &Range<usize>) -> Result<(Node<'t>, bool), Failure> {
        if self.in_dialect(span)
            && let Ok(root) = dialect::parse_item(self.text, span, self.quirks, &mut self.predictor)
        {
            return Ok((root, false));
        }
        let root = full::parse_item(self.text, span, self.quirks)?;
        Ok((without_managed_fields(root), self.mode == Mode::Dialect))
    }

    /// A document, and whether the full parser had to parse it.
    fn document(&mut self, span: &Range<usize>) -> Result<(Node<'t>, bool), Failure> {
        if self.in_dialect(span)
            && let Ok(root) = dialect::parse_document(self.text, span, self.quirks, &mut self.predictor)
        {
            return Ok((root, false));
        }
        let root = full::parse(self.text, span, self.quirks)?;
        Ok((without_managed_fields(root), self.mode == Mode::Dialect))
    }

    /// Whether the dialect's parser is asked.
    fn in_dialect(&self, span: &Range<usize>) -> bool {
        span.len() <= MAX_TEXT && self.mode == Mode::Dialect
    }
}

/// Drops `metadata.managedFields`, as the dialect's parser does without parsing them.
fn without_managed_fields(root: Node<'_>) -> Node<'_> {
    let metadata = root.get("metadata");
    if !metadata.is_some_and(|metadata| metadata.contains_key("managedFields")) {
        return root;
    }
    let offset = root.offset();
    let mut entries = root.into_entries();
    for (_, metadata) in entries.iter_mut().filter(|(key, _)| key == "metadata") {
        let offset = metadata.offset();
        let mut fields = std::mem::replace(metadata, Node::null(offset)).into_entries();
        fields.retain(|(key, _)| key != "managedFields");
        *metadata = Node::map(offset, fields.into());
    }
    Node::map(offset, entries.into())
}
