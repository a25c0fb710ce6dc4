//! The expressions of a rule that are only needed once it has fired: messages, evidence and next steps. Most rules do not fire.

use super::diagnostic::locate;
use super::diagnostic_sink::DiagnosticSink;
use super::program::{self, Variables};
use super::schema::{EvidenceSpec, RuleFile, StepSpec};
use super::template::Template;
use gleaner_cel::{Expr, Scope, Type, Uses, Variable};
use gleaner_report::{Effect, Harm};
use gleaner_yaml::FieldPath;

/// The compiled messages of a rule. Their variables are those of [`super::Program`].
#[derive(Debug)]
pub struct Messages {
    /// The message of one object.
    pub message: Template,
    /// The message of several objects; `count` is in the slot after `once`.
    pub summary: Option<Template>,
    /// Who is affected and how, by the first match.
    pub impact: Template,
    /// The likely cause, by the first match.
    pub cause: Template,
    /// What not to do first, by the first match.
    pub avoid: Template,
    /// The fields that prove it.
    pub evidence: Vec<EvidenceSource>,
    /// Next steps.
    pub remediation: Vec<StepTemplate>,
    /// The objects that cause it.
    pub caused_by: Option<Expr>,
    /// The objects that it accounts for.
    pub covers: Option<Expr>,
    /// Cases of what it does to the cluster, the first that holds.
    pub harm: Vec<(Option<Expr>, Harm)>,
    /// When it began.
    pub since: Option<Expr>,
    /// What VMs are at risk by, by the first match.
    pub at_risk: Option<Template>,
    /// The objects whose VMs are affected.
    pub affects_of: Option<Expr>,
    /// Everything these expressions read.
    pub uses: Uses,
}

/// Fields that prove a finding.
#[derive(Debug)]
pub struct EvidenceSource {
    /// The objects with the fields; `None` for the rule's own object.
    pub of: Option<Expr>,
    /// The fields.
    pub fields: Vec<FieldPath>,
}

/// One next step.
#[derive(Debug)]
pub struct StepTemplate {
    /// The condition of the step; `None` where it is always included.
    pub when: Option<Expr>,
    /// What to do.
    pub text: Template,
    /// The command.
    pub command: Option<Template>,
    /// What it does to the cluster.
    pub effect: Effect,
}

impl Messages {
    /// Compiles the messages. Mistakes are added to the sink.
    pub(super) fn compile(sink: &mut DiagnosticSink<'_>, file: &RuleFile, variables: &Variables) -> Option<Messages> {
        let schema = sink.schema;
        let mut counted = Scope::new(&schema);
        counted.variables.clone_from(&variables.shared);
        counted.variables.push(Variable::new("count", Type::Int));
        let mut scope = Scope::new(&schema);
        scope.variables.clone_from(&variables.all);
        scope.may_list = variables.may_list;
        let message = sink.template("message:", &file.message, &scope);
        let summary = file.summary.as_ref();
        let summary = summary.and_then(|summary| sink.template("summary:", summary, &counted));
        let impact = sink.template("impact:", &file.impact, &scope);
        let cause = sink.template("cause:", &file.cause, &scope);
        let avoid = sink.template("avoid:", &file.avoid, &scope);
        let evidence = file.evidence.iter();
        let evidence = evidence.map(|spec| evidence_source(sink, spec, file.for_each.is_some(), &scope));
        let evidence = evidence.collect();
        let remediation = file.remediation.iter().filter_map(|spec| step(sink, spec, &scope));
        let remediation = remediation.collect();
        let caused_by = file.caused_by.as_ref();
        let caused_by = caused_by.and_then(|source| sink.expr("caused_by:", source, &scope));
        let covers = file.covers.as_ref();
        let covers = covers.and_then(|source| sink.expr("covers:", source, &scope));
        let harm = program::harm(sink, file, &scope);
        let since = file.since().and_then(|source| sink.expr("since:", source, &scope));
        let at_risk = file.affects.at_risk();
        let at_risk = at_risk.and_then(|text| sink.template("at_risk:", text, &scope));
        let affects_of = file.affects.of();
        let affects_of = affects_of.and_then(|source| sink.expr("of:", source, &scope));
        Some(Messages {
            message: message?,
            summary,
            impact: impact?,
            cause: cause?,
            avoid: avoid?,
            evidence,
            remediation,
            caused_by,
            covers,
            harm,
            since,
            at_risk,
            affects_of,
            uses: std::mem::take(&mut sink.uses),
        })
    }
}

fn evidence_source(
    sink: &mut DiagnosticSink<'_>,
    spec: &EvidenceSpec,
    has_own: bool,
    scope: &Scope<'_>,
) -> EvidenceSource {
    let (of, fields) = match spec {
        EvidenceSpec::Field(field) => {
            if !has_own {
                sink.at_key(
                    "evidence:",
                    format!("`{field}` belongs to no object"),
                    "write `of:` and `fields:` in a rule without `for_each`",
                );
            }
            (None, std::slice::from_ref(field))
        }
        EvidenceSpec::Of(spec) => (sink.expr("of:", &spec.of, scope), spec.fields.as_slice()),
    };
    let mut paths = Vec::new();
    for field in fields {
        match FieldPath::parse(field) {
            Ok(path) => paths.push(path),
            Err(error) => {
                let place = locate(sink.text, "evidence:", field, (error.at, error.at + 1));
                sink.add(place, error.what, "");
            }
        }
    }
    EvidenceSource { of, fields: paths }
}

fn step(sink: &mut DiagnosticSink<'_>, spec: &StepSpec, scope: &Scope<'_>) -> Option<StepTemplate> {
    let text = sink.template("text:", &spec.text, scope);
    let when = spec.when.as_ref();
    let when = when.and_then(|when| sink.expr("remediation:", when, scope));
    let command = spec.command.as_ref();
    if command.is_some_and(|command| command.trim().contains('\n')) {
        sink.at_key("command:", "a command is one line", "split it into steps");
    }
    let command = match command {
        Some(command) => Some(sink.template("command:", command, scope)?),
        None => None,
    };
    Some(StepTemplate {
        when,
        text: text?,
        command,
        effect: spec.effect,
    })
}
