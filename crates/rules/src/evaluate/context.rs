//! What rules are evaluated on.

use super::log_matches::LogMatches;
use super::targets::Targets;
use crate::catalog::Catalog;
use crate::host::RuleHost;
use gleaner_cluster::{Snapshot, TextFile};
use gleaner_logs::LogMatch;
use gleaner_report::Problem;
use gleaner_text::{LineIndex, LineMap};
use std::sync::OnceLock;

/// A catalogue and the snapshot that its rules are evaluated on.
#[derive(Debug)]
pub struct Context<'w> {
    /// The rules and their tables.
    pub catalog: &'w Catalog,
    /// The cluster.
    pub snapshot: &'w Snapshot<'w>,
    /// The versions to upgrade to.
    pub targets: Targets,
    /// What log signatures matched, by rule.
    pub(crate) logs: LogMatches,
    /// By file of the cluster: where its lines are, worked out when it is first quoted.
    lines: Box<[OnceLock<LineMap>]>,
}

impl<'w> Context<'w> {
    /// Determines the targets and merges the log matches. `target` is the version to upgrade to, if the user named one.
    pub fn new(catalog: &'w Catalog, snapshot: &'w Snapshot<'w>, target: Option<&str>) -> Context<'w> {
        Context {
            catalog,
            snapshot,
            targets: Targets::of(&snapshot.facts, target),
            logs: LogMatches::read(catalog, snapshot),
            lines: snapshot.cluster.files.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The lines of a file of the cluster, counted up to shortly before an offset.
    pub(super) fn lines_near<'f>(&self, file: &'f TextFile, offset: usize) -> LineIndex<'f> {
        let files = self.snapshot.cluster.files;
        let found = files.binary_search_by(|other| other.path.cmp(&file.path)).ok();
        let known = found.and_then(|index| self.lines.get(index));
        known.map_or_else(
            || LineIndex::new(&file.text),
            |lines| lines.get_or_init(|| LineMap::new(&file.text)).near(&file.text, offset),
        )
    }

    /// What expressions see, for the target of this index or for none.
    pub(super) fn env(&self, target: Option<usize>) -> RuleHost<'_> {
        RuleHost {
            cluster: &self.snapshot.cluster,
            graph: self.snapshot.graph,
            index: self.snapshot.index(),
            facts: &self.snapshot.facts,
            target: target.map(|index| self.targets.versions[index].as_str()),
            target_named: self.targets.is_named(),
            strict: None,
        }
    }

    /// Lines of logs that were left out because one signature matched too many different ones, as problems for the report.
    pub fn left_out(&self) -> impl Iterator<Item = Problem> {
        self.logs.left_out()
    }

    /// What log signatures matched: the rule's id and the match, sorted.
    pub fn log_matches(&self) -> impl Iterator<Item = (&str, &LogMatch)> {
        self.logs.all()
    }
}
