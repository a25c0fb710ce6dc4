//! Evaluates the rules over the cluster, and decides the outcome of each.
//!
//! The runner, not the rule, says *not applicable*, *not evaluated* and *failed*. Rules are independent and run in parallel;
//! what comes out is sorted.

mod assemble;
mod causes;
mod found;
mod impact;
mod logs;
mod look;
mod official;
mod run;
mod upgrade;
mod versions;

use crate::log::LogHit;
use crate::model::cluster::{Cluster, Object};
use crate::model::coverage::Availability;
use crate::model::facts::Facts;
use crate::model::graph::GraphIndex;
use crate::model::load::Sources;
use crate::rule::Rule;
use crate::rule::catalog::Catalog;
use gleaner_bundle::Cancel;
use gleaner_report::{Finding, ObjectRef};
use gleaner_report::{OfficialCheck, RuleOutcome, UpgradeVerdict};
use logs::Logs;
use std::collections::BTreeSet;

/// Everything that rules are evaluated over.
#[derive(Debug)]
pub struct World<'w> {
    /// The rules and their tables.
    pub catalog: &'w Catalog,
    /// The objects.
    pub cluster: Cluster<'w>,
    /// Versions, time, what was collected.
    pub facts: Facts,
    /// Where objects may be incomplete, and why.
    pub availability: Availability,
    /// The indexes of the graph.
    pub index: GraphIndex,
    /// The versions to upgrade to.
    pub targets: Targets,
    /// What log signatures found, by rule.
    pub(crate) logs: Logs,
    /// Raised when nobody waits for the outcome any more: rules then end at once, with any outcome.
    pub cancel: Cancel,
}

/// The versions an upgrade may go to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    /// The versions, oldest first; empty where nothing is known.
    pub versions: Vec<String>,
    /// Where they come from: `--target`, `Upgrade <name>`, `upgrade matrix` or empty.
    pub source: String,
}

/// What the rules say.
#[derive(Debug)]
pub struct Evaluation {
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// The outcome of every rule, in the catalogue's order.
    pub outcomes: Vec<RuleOutcome>,
    /// May the upgrade start?
    pub upgrade: UpgradeVerdict,
    /// What the official checks would say.
    pub official: Vec<OfficialCheck>,
}

impl<'w> World<'w> {
    /// Whether the run was cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    /// Puts the parts together.
    pub fn new(
        catalog: &'w Catalog,
        cluster: Cluster<'w>,
        facts: Facts,
        availability: Availability,
        sources: &Sources,
        target: Option<&str>,
    ) -> World<'w> {
        let index = GraphIndex::new(&catalog.graph);
        let targets = upgrade::targets(&facts, target);
        let logs = Logs::read(catalog, sources, facts.now);
        World {
            catalog,
            cluster,
            facts,
            availability,
            index,
            targets,
            logs,
            cancel: sources.cancel.clone(),
        }
    }
}

impl World<'_> {
    /// What log signatures found: the rule's id and the hit, sorted.
    pub fn log_hits(&self) -> impl Iterator<Item = (&str, &LogHit)> {
        self.logs.all()
    }
}

/// Evaluates one rule: its outcome and what it found, sorted.
pub fn evaluate_one(world: &World<'_>, rule: &Rule) -> (RuleOutcome, Vec<Finding>) {
    let run = run::one(rule, world);
    let mut found = run.findings;
    found::sort(&mut found);
    (run.outcome, found.into_iter().map(|found| found.finding).collect())
}

/// The virtual machines that depend on these objects, sorted.
pub(crate) fn machines<'a>(world: &'a World<'_>, objects: impl Iterator<Item = &'a Object<'a>>) -> BTreeSet<ObjectRef> {
    impact::virtual_machines(world, objects).virtual_machines
}

/// Evaluates all rules and the official checks. `webhook` is the version whose webhook is asked: a version, `newest`, or `None`
/// for that of the running version.
pub fn evaluate(world: &World<'_>, webhook: Option<&str>) -> Evaluation {
    let webhook = match webhook {
        Some("newest") => official::NEWEST,
        Some(version) => version,
        None => world.facts.running.as_str(),
    };
    let rules = || {
        let runs = run::all(&world.catalog.rules, world);
        let (mut found, mut outcomes) = (Vec::new(), Vec::new());
        for run in runs {
            found.extend(run.findings);
            outcomes.push(run.outcome);
        }
        (causes::explain(world, found), outcomes)
    };
    let ((findings, outcomes), official) = rayon::join(rules, || official::checks(world, webhook));
    let upgrade = upgrade::verdict(world, &findings, &outcomes);
    Evaluation {
        findings,
        outcomes,
        upgrade,
        official,
    }
}
