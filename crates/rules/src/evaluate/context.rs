//! What rules are evaluated over.

use super::log_matches::LogMatches;
use super::targets::Targets;
use crate::catalog::Catalog;
use crate::host::RuleHost;
use gleaner_cluster::Snapshot;
use gleaner_logs::LogMatch;

/// A catalogue held against a snapshot.
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
}

impl<'w> Context<'w> {
    /// Puts the parts together. `target` is the version to upgrade to, if the user named one.
    pub fn new(catalog: &'w Catalog, snapshot: &'w Snapshot<'w>, target: Option<&str>) -> Context<'w> {
        Context {
            catalog,
            snapshot,
            targets: Targets::of(&snapshot.facts, target),
            logs: LogMatches::read(catalog, snapshot.sources, snapshot.facts.now),
        }
    }

    /// What expressions see, for the target of this index or for none.
    pub(super) fn env(&self, target: Option<usize>) -> RuleHost<'_> {
        RuleHost {
            cluster: &self.snapshot.cluster,
            graph: self.snapshot.graph,
            index: self.snapshot.index(),
            facts: &self.snapshot.facts,
            target: target.map(|index| self.targets.versions[index].as_str()),
        }
    }

    /// What log signatures matched: the rule's id and the match, sorted.
    pub fn log_matches(&self) -> impl Iterator<Item = (&str, &LogMatch)> {
        self.logs.all()
    }
}
