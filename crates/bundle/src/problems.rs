//! The problems of one container, as many as are told one by one, and how many there are.

use crate::name;
use crate::problem::{EntryError, Problem, ProblemKind};
use gleaner_text::grouped;
use std::collections::BTreeMap;

/// The problems of one container.
///
/// A hostile archive has millions of entries with something wrong: of one kind and cause only the first are kept, the others are
/// counted.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    classes: BTreeMap<(ProblemKind, String), usize>,
}

impl Problems {
    /// How many are kept of one kind and cause.
    pub(crate) const MOST_ALIKE: usize = 100;
    /// How many causes are told apart; numbers in them do not count.
    const MOST_CLASSES: usize = 100;

    /// Takes what is wrong with the entry of this name, which need not be fit to print.
    pub(crate) fn push_raw(&mut self, name: &[u8], error: EntryError) {
        if let Some(error) = self.count(error) {
            self.kept.push(error.at(name::printable(name)));
        }
    }

    /// Takes a problem with a path that is fit to print.
    pub(crate) fn push(&mut self, problem: Problem) {
        let Problem { path, kind, what } = problem;
        if let Some(error) = self.count(EntryError::new(kind, what)) {
            self.kept.push(error.at(path));
        }
    }

    /// Takes what is wrong with the container itself.
    pub(crate) fn push_own(&mut self, error: EntryError) {
        self.kept.push(error.at(""));
    }

    /// How many entries have one.
    pub(crate) fn total(&self) -> usize {
        self.classes.values().sum()
    }

    /// Counts an error, and gives it back if it is one of the first of its kind and cause.
    fn count(&mut self, error: EntryError) -> Option<EntryError> {
        let many = self.classes.len() >= Self::MOST_CLASSES;
        let key = (error.kind(), without_numbers(error.what()));
        let key = if many && !self.classes.contains_key(&key) {
            (key.0, "of another cause".to_owned())
        } else {
            key
        };
        let count = self.classes.entry(key).or_default();
        *count += 1;
        (*count <= Self::MOST_ALIKE).then_some(error)
    }

    /// All that were kept, and how many more there were.
    pub(crate) fn into_vec(self) -> Vec<Problem> {
        let mut problems = self.kept;
        for ((kind, cause), count) in self.classes {
            let more = count.saturating_sub(Self::MOST_ALIKE);
            if more > 0 {
                let what = format!("and {} more entries alike: {cause}", grouped(more));
                problems.push(EntryError::new(kind, what).at(""));
            }
        }
        problems
    }
}

/// A text in which `N` stands for every number.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut in_number = false;
    for character in text.chars() {
        let is_digit = character.is_ascii_digit();
        match (is_digit, in_number) {
            (true, false) => out.push('N'),
            (true, true) => {}
            (false, _) => out.push(character),
        }
        in_number = is_digit;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_one_cause_are_counted_after_the_first() {
        let mut problems = Problems::default();
        for number in 0..100_000 {
            let name = format!("../{number}");
            problems.push_raw(name.as_bytes(), EntryError::refused("its path leaves the bundle (..)"));
            problems.push_raw(b"x", EntryError::refused(format!("its name has {number} bytes")));
        }
        let problems = problems.into_vec();
        assert_eq!(problems.len(), 202);
        assert_eq!(
            problems[200].what,
            "and 99,900 more entries alike: its name has N bytes"
        );
        assert_eq!(
            problems[201].what,
            "and 99,900 more entries alike: its path leaves the bundle (..)"
        );
        assert!(problems[201].path.is_empty());
    }
}
