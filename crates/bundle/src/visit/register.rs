//! The problems of a whole visit, of which only so many are told one by one.
//!
//! Which ones does not depend on the order in which threads come across them: those of archives first, then what is lost, then by path.

use crate::problem::{Problem, ProblemKind};
use gleaner_text::grouped;
use std::collections::{BTreeMap, BinaryHeap};

/// How many problems are kept.
const MOST: usize = 1000;

/// The problems that are kept, and how many there were of each kind.
#[derive(Default)]
pub(super) struct Register {
    /// The last one is the first to go.
    kept: BinaryHeap<(Rank, Problem)>,
    counts: BTreeMap<ProblemKind, usize>,
}

/// What is kept before what.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It is about an archive, not about one entry of it.
    Archive,
    /// Something is damaged or over a limit, so that what is in it is missing.
    Loss,
    /// Something was not let in.
    Refusal,
}

impl Register {
    /// Takes a problem; `of_archive` says that it is about an archive, or about many entries of one.
    pub(super) fn add(&mut self, problem: Problem, of_archive: bool) {
        *self.counts.entry(problem.kind).or_default() += 1;
        let rank = match problem.kind {
            _ if of_archive => Rank::Archive,
            ProblemKind::Unreadable | ProblemKind::OverLimit => Rank::Loss,
            ProblemKind::Refused | ProblemKind::Duplicate => Rank::Refusal,
        };
        self.kept.push((rank, problem));
        if self.kept.len() > MOST {
            self.kept.pop();
        }
    }

    /// Those that were kept, by path, and one for each kind of which there were more.
    pub(super) fn into_sorted(self, name: &str) -> Vec<Problem> {
        let mut counts = self.counts;
        let mut problems: Vec<Problem> = self.kept.into_iter().map(|(_, problem)| problem).collect();
        for problem in &problems {
            if let Some(count) = counts.get_mut(&problem.kind) {
                *count -= 1;
            }
        }
        problems.extend(
            counts
                .into_iter()
                .filter(|(_, more)| *more > 0)
                .map(|(kind, more)| Problem {
                    path: name.to_owned(),
                    kind,
                    what: format!("and {} more entries are {}", grouped(more), kind.as_str()),
                }),
        );
        problems.sort();
        problems.dedup();
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: ProblemKind, number: usize) -> Problem {
        Problem {
            path: format!("{number:05}"),
            kind,
            what: "x".to_owned(),
        }
    }

    #[test]
    fn the_same_problems_are_kept_in_any_order_and_all_are_counted() {
        let mut all: Vec<Problem> = (0..3000).map(|number| problem(ProblemKind::Refused, number)).collect();
        all.extend((0..20).map(|number| problem(ProblemKind::Unreadable, 90_000 + number)));
        all.push(all[0].clone());
        let register = |problems: &[Problem]| {
            let mut register = Register::default();
            problems
                .iter()
                .cloned()
                .for_each(|problem| register.add(problem, false));
            register.into_sorted("bundle.zip")
        };
        let told = register(&all);
        all.reverse();
        assert_eq!(register(&all), told);
        let more = told.iter().find(|problem| problem.path == "bundle.zip").unwrap();
        assert_eq!(more.what, "and 2,021 more entries are refused");
        assert_eq!(
            told.iter()
                .filter(|problem| problem.kind == ProblemKind::Unreadable)
                .count(),
            20
        );
        assert_eq!(told.len(), 1000);
    }
}
