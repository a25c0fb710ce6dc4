//! Which problems of a bundle the report names.

use gleaner_report::{Problem, ProblemKind};
use gleaner_text::grouped;
use std::collections::BTreeMap;

/// How many are named.
const MOST: usize = 2_000;

/// The problems, sorted: those that cost whole files first if there are too many, and one for each kind of which there are more.
/// `bundle` is the name of the bundle.
pub(crate) fn named(mut problems: Vec<Problem>, bundle: &str) -> Vec<Problem> {
    problems.sort_by(|a, b| (rank(a.kind), a).cmp(&(rank(b.kind), b)));
    let others = problems.split_off(problems.len().min(MOST));
    let mut counts: BTreeMap<ProblemKind, usize> = BTreeMap::new();
    for problem in others {
        *counts.entry(problem.kind).or_default() += 1;
    }
    problems.extend(counts.into_iter().map(|(kind, count)| Problem {
        path: bundle.to_owned(),
        kind,
        what: format!(
            "{} more {} of this kind",
            grouped(count),
            if count == 1 { "problem" } else { "problems" }
        ),
    }));
    problems.sort();
    problems
}

fn rank(kind: ProblemKind) -> u8 {
    match kind {
        ProblemKind::Unreadable | ProblemKind::OverLimit => 0,
        ProblemKind::BadItem => 1,
        ProblemKind::Refused | ProblemKind::Duplicate => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_files_is_named_and_all_are_counted() {
        let problem = |kind, number: usize| Problem {
            path: format!("{number:05}"),
            kind,
            what: "x".to_owned(),
        };
        let mut all: Vec<Problem> = (0..5_000).map(|number| problem(ProblemKind::BadItem, number)).collect();
        all.extend((5_000..5_500).map(|number| problem(ProblemKind::Unreadable, number)));
        let told = named(all.clone(), "x");
        assert_eq!(told.len(), MOST + 1);
        assert_eq!(
            told.iter().filter(|told| told.kind == ProblemKind::Unreadable).count(),
            500
        );
        let more = told.iter().find(|told| told.path == "x").unwrap();
        assert_eq!(more.what, "3,500 more problems of this kind");
        assert!(told.is_sorted());
        all.truncate(MOST);
        assert_eq!(named(all.clone(), "x"), all);
    }
}
