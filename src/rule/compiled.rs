//! A rule after loading: every expression compiled, every name resolved.

use super::expr::{Expr, Uses};
use super::schema::RuleFile;
use super::template::Template;
use crate::finding::{Effect, Severity};
use crate::log::Signature;
use crate::model::kind::KindId;
use crate::model::path::FieldPath;
use crate::model::version::VersionRange;
use std::collections::BTreeSet;

/// A rule that can be evaluated. Variables live in slots, in this order: `once`, the object, the element of `each`, `let`.
#[derive(Debug)]
pub struct Rule {
    /// What the author wrote.
    pub file: RuleFile,
    /// The folder the rule's folder stands in, e.g. `storage`.
    pub area: String,
    /// Range of the running version.
    pub running: Option<VersionRange>,
    /// Range of the target version.
    pub target: Option<VersionRange>,
    /// Range of the Longhorn version.
    pub longhorn: Option<VersionRange>,
    /// The kind looked at one by one.
    pub for_each: Option<KindId>,
    /// The log lines looked at.
    pub log: Option<Signature>,
    /// Elements inside the object.
    pub each: Option<Each>,
    /// Values computed once.
    pub once: Vec<Expr>,
    /// Facts without which the rule is not evaluated.
    pub needs: Vec<Need>,
    /// Values computed for each object.
    pub bindings: Vec<Expr>,
    /// The condition.
    pub when: Expr,
    /// Cases of the severity, the first that holds.
    pub severity: Vec<(Option<Expr>, Severity)>,
    /// What separates causes.
    pub group_by: Option<Expr>,
    /// The objects to name, without `for_each`.
    pub objects: Option<Expr>,
    /// The message of one object.
    pub message: Template,
    /// The message of several objects; knows `count` in the slot after `once`.
    pub summary: Option<Template>,
    /// What proves it.
    pub evidence: Vec<EvidenceSource>,
    /// Next steps.
    pub remediation: Vec<Step>,
    /// Kinds that must be complete.
    pub requires: BTreeSet<KindId>,
    /// Kinds whose lack keeps the rule from being quiet.
    pub may_lack: BTreeSet<KindId>,
    /// Everything the rule reads.
    pub uses: Uses,
}

/// Elements inside an object.
#[derive(Debug)]
pub struct Each {
    /// The list or map.
    pub list: Expr,
}

/// A fact the rule cannot do without.
#[derive(Debug)]
pub struct Need {
    /// True where it is known.
    pub have: Expr,
    /// What is missing otherwise.
    pub missing: String,
}

/// Fields that prove a finding.
#[derive(Debug)]
pub struct EvidenceSource {
    /// The objects that hold them; the rule's own object without one.
    pub of: Option<Expr>,
    /// The fields.
    pub fields: Vec<FieldPath>,
}

/// One next step.
#[derive(Debug)]
pub struct Step {
    /// When the step is named; always without one.
    pub when: Option<Expr>,
    /// What to do.
    pub text: Template,
    /// The command.
    pub command: Option<Template>,
    /// What it does to the cluster.
    pub effect: Effect,
}

impl Rule {
    /// The rule's id.
    pub fn id(&self) -> &str {
        &self.file.id
    }

    /// Whether findings depend on the version to upgrade to.
    pub fn depends_on_target(&self) -> bool {
        self.target.is_some() || self.uses.globals.contains("target")
    }
}
