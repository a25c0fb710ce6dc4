//! Finds the literals of signatures in logs with automata.

use crate::stamp;
use aho_corasick::{AhoCorasick, Input, Match, MatchKind};
use std::collections::BTreeSet;

/// An automaton stays fast up to about this many literals.
const MOST_LITERALS: usize = 60;

/// The signature that a literal belongs to, and whether it is the literal of its `clears`.
pub(super) type Owner = (usize, bool);

/// Some literals, and an automaton that finds the next place where one may be. It searches for the literals from their rarest bytes
/// on, because common beginnings such as `failed to` are in every other line.
#[derive(Debug)]
pub(super) struct Shard {
    any: AhoCorasick,
    literals: Vec<Literal>,
    /// Whether a literal may match within the stamp of a line, so that lines which differ in their stamps only can match differently.
    pub(super) sees_stamps: bool,
}

#[derive(Debug)]
struct Literal {
    text: String,
    /// Where the part begins that the automaton searches for; a character boundary.
    from: usize,
    owner: Owner,
    /// Indexes of the literals whose part is a prefix of this one's or the other way round, itself included: the automaton reports
    /// only one of them at a place.
    alike: Vec<usize>,
}

impl Literal {
    fn new(text: &str, owner: Owner) -> Literal {
        Literal {
            text: text.to_owned(),
            from: rarest(text),
            owner,
            alike: Vec::new(),
        }
    }

    fn part(&self) -> &str {
        &self.text[self.from..]
    }

    /// Whether the whole literal is in a line that has its part at `place`.
    fn is_at(&self, line: &[u8], place: usize) -> bool {
        let start = place.checked_sub(self.from);
        let here = start.and_then(|start| line.get(start..));
        here.is_some_and(|here| here.starts_with(self.text.as_bytes()))
    }
}

impl Shard {
    /// Splits literals into shards whose automata stay fast.
    pub(super) fn of(literals: &[(&str, Owner)]) -> Vec<Shard> {
        literals.chunks(MOST_LITERALS).filter_map(Shard::new).collect()
    }

    /// `None` if the literals are too large for an automaton, which those of one shard never are.
    fn new(literals: &[(&str, Owner)]) -> Option<Shard> {
        let sees_stamps = literals.iter().any(|(text, _)| may_be_in_stamp(text));
        let mut literals: Vec<Literal> = literals
            .iter()
            .map(|(text, owner)| Literal::new(text, *owner))
            .collect();
        let mut any = AhoCorasick::builder();
        let any = any
            .match_kind(MatchKind::LeftmostFirst)
            .build(literals.iter().map(Literal::part));
        for index in 0..literals.len() {
            let part = literals[index].part();
            let is_alike = |other: &Literal| other.part().starts_with(part) || part.starts_with(other.part());
            let alike = literals.iter().enumerate().filter(|(_, other)| is_alike(other));
            literals[index].alike = alike.map(|(index, _)| index).collect();
        }
        Some(Shard {
            any: any.ok()?,
            literals,
            sees_stamps,
        })
    }

    /// The first place in the input where a literal may be.
    pub(super) fn find(&self, input: Input<'_>) -> Option<Match> {
        self.any.find(input)
    }

    /// The owners of all literals in a line, in order, one for each literal. `found` is the first place where one may be.
    pub(super) fn owners(&self, line: &[u8], found: Match) -> Vec<Owner> {
        let mut present = BTreeSet::new();
        let mut next = Some(found);
        while let Some(found) = next {
            let alike = self.literals[found.pattern().as_usize()].alike.iter().copied();
            present.extend(alike.filter(|other| self.literals[*other].is_at(line, found.start())));
            next = self
                .any
                .find(Input::new(line).range((found.start() + 1).min(line.len())..));
        }
        present.into_iter().map(|index| self.literals[index].owner).collect()
    }
}

/// Where the four bytes of a literal begin that are rarest in logs and have enough text after them to be selective; 0 for a short
/// literal.
fn rarest(text: &str) -> usize {
    const WINDOW: usize = 4;
    const ENOUGH: usize = 8;
    let rank = |window: &[u8]| window.iter().map(|byte| rarity(*byte)).sum::<u32>();
    let windows = text.as_bytes().windows(WINDOW).enumerate();
    let windows = windows.filter(|(at, _)| text.is_char_boundary(*at) && (*at == 0 || text.len() - at >= ENOUGH));
    let best = windows.max_by_key(|(at, window)| (rank(window), std::cmp::Reverse(*at)));
    best.map_or(0, |(at, _)| at)
}

/// How rare a byte is in logs of English words, names and numbers.
fn rarity(byte: u8) -> u32 {
    match byte {
        b' ' | b'0'..=b'9' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 0,
        b'l' | b'd' | b'h' | b'c' | b'u' | b'm' | b'p' | b'f' | b'g' => 2,
        b'-' | b'/' | b':' | b'=' | b'.' | b',' | b'"' | b'_' => 2,
        b'b' | b'v' | b'w' | b'y' | b'k' => 3,
        _ => 4,
    }
}

/// Whether a literal may match a digit of a stamp: its text before the first digit occurs in the shape of one.
fn may_be_in_stamp(text: &str) -> bool {
    let Some(first) = text.find(|c: char| c.is_ascii_digit()) else {
        return false;
    };
    let beginning = format!("{}0", &text[..first]);
    stamp::SHAPES.iter().any(|shape| shape.contains(&beginning))
}

#[cfg(test)]
mod tests {
    use super::{may_be_in_stamp, rarest};

    #[test]
    fn literals_are_searched_for_from_their_rarest_bytes_on() {
        let part = |text: &'static str| &text[rarest(text)..];
        assert_eq!(part("failed to expand the volume"), " expand the volume");
        assert!(part("failed to take snapshot of the volume").len() > "volume".len());
        assert_eq!(part("no"), "no");
        assert_eq!(part("é: x509: certificate"), "é: x509: certificate");
    }

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
