//! Literals of signatures, found in a log by automata.

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
