//! Literals of signatures, found in a log by automata.

use super::stamp;
use aho_corasick::{AhoCorasick, Input, Match, MatchKind};
use std::collections::BTreeSet;

/// An automaton stays fast up to about this many literals.
const MOST: usize = 60;

/// The signature that a literal belongs to, and whether it is the line that says it is over.
pub(super) type Owner = (usize, bool);

/// Some literals, and an automaton that finds the next of them.
#[derive(Debug)]
pub(super) struct Shard {
    any: AhoCorasick,
    literals: Vec<Literal>,
    /// Whether one of them may stand in the stamp of a line, and so tell lines apart that are the same otherwise.
    pub(super) sees_stamps: bool,
}

#[derive(Debug)]
struct Literal {
    text: String,
    owner: Owner,
    /// Literals that begin as this one does, itself among them: the automaton names only one of those at a place.
    alike: Vec<usize>,
}

impl Shard {
    /// As few automata as stay fast, for literals and their owners.
    pub(super) fn of(literals: &[(&str, Owner)]) -> Vec<Shard> {
        literals.chunks(MOST).filter_map(Shard::new).collect()
    }

    /// `None` if the literals were too large for an automaton, which so few never are.
    fn new(literals: &[(&str, Owner)]) -> Option<Shard> {
        let mut any = AhoCorasick::builder();
        let any = any
            .match_kind(MatchKind::LeftmostFirst)
            .build(literals.iter().map(|(text, _)| text));
        let alike = |text: &str| {
            let others = literals.iter().enumerate();
            let alike = others.filter(|(_, (other, _))| other.starts_with(text) || text.starts_with(other));
            alike.map(|(index, _)| index).collect()
        };
        let literal = |(text, owner): &(&str, Owner)| Literal {
            text: (*text).to_owned(),
            owner: *owner,
            alike: alike(text),
        };
        Some(Shard {
            any: any.ok()?,
            literals: literals.iter().map(literal).collect(),
            sees_stamps: literals.iter().any(|(text, _)| may_be_in_stamp(text)),
        })
    }

    /// The first literal in a part of a log.
    pub(super) fn find(&self, input: Input<'_>) -> Option<Match> {
        self.any.find(input)
    }

    /// The owners of all literals in a line, each once, in order. `found` is the first place of one.
    pub(super) fn owners(&self, line: &[u8], found: Match) -> Vec<Owner> {
        let mut held = BTreeSet::new();
        let mut next = Some(found);
        while let Some(found) = next {
            let here = line.get(found.start()..).unwrap_or_default();
            let alike = self.literals.get(found.pattern().as_usize());
            let alike = alike.into_iter().flat_map(|literal| &literal.alike);
            held.extend(alike.copied().filter(|other| {
                let other = self.literals.get(*other);
                other.is_some_and(|other| here.starts_with(other.text.as_bytes()))
            }));
            next = self
                .any
                .find(Input::new(line).range((found.start() + 1).min(line.len())..));
        }
        let literals = held.into_iter().filter_map(|index| self.literals.get(index));
        literals.map(|literal| literal.owner).collect()
    }
}

/// Whether a literal may hold a digit of a stamp: its beginning, up to its first digit, stands in one.
fn may_be_in_stamp(text: &str) -> bool {
    let Some(first) = text.find(|c: char| c.is_ascii_digit()) else {
        return false;
    };
    let beginning = format!("{}0", text.get(..first).unwrap_or_default());
    stamp::SHAPES.iter().any(|shape| shape.contains(&beginning))
}

#[cfg(test)]
mod tests {
    use super::may_be_in_stamp;

    #[test]
    fn only_literals_with_digits_behind_stamp_like_text_may_be_in_a_stamp() {
        for yes in ["2025-06", "T08:", "Mar 17", "I0306 22", ":30Z failed"] {
            assert!(may_be_in_stamp(yes), "{yes}");
        }
        for no in [
            "x509: certificate",
            "EXT4-fs error",
            "Waiting for",
            "blocked for more than 120 seconds",
        ] {
            assert!(!may_be_in_stamp(no), "{no}");
        }
    }
}
