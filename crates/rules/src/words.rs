//! What a rule says where it has fired: messages, evidence and next steps. Compiled only then; most rules of a run never speak.

use super::checker::Checker;
use super::diagnostic::locate;
use super::logic::Variables;
use super::schema::{EvidenceSpec, RuleFile, StepSpec};
use super::template::Template;
use gleaner_cel::{Expr, Scope, Type, Uses, Variable};
use gleaner_report::Effect;
use gleaner_yaml::FieldPath;

/// The speaking part of a rule. Its variables are those of [`super::Logic`].
#[derive(Debug)]
pub struct Words {
    /// The message of one object.
    pub message: Template,
    /// The message of several objects; knows `count` in the slot after `once`.
    pub summary: Option<Template>,
    /// What proves it.
    pub evidence: Vec<EvidenceSource>,
    /// Next steps.
    pub remediation: Vec<Step>,
    /// The objects that cause it.
    pub caused_by: Option<Expr>,
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

impl Words {
    /// Compiles the speaking part. Mistakes are left with the checker.
    pub(super) fn compile(checker: &mut Checker<'_>, file: &RuleFile, variables: &Variables) -> Option<Words> {
        let schema = checker.schema;
        let mut counted = Scope::new(&schema);
        counted.variables.clone_from(&variables.shared);
        counted.variables.push(Variable::new("count", Type::Int));
        let mut scope = Scope::new(&schema);
        scope.variables.clone_from(&variables.all);
        scope.may_list = variables.may_list;
        let message = checker.template("message:", &file.message, &scope);
        let summary = file.summary.as_ref();
        let summary = summary.and_then(|summary| checker.template("summary:", summary, &counted));
        let evidence = file.evidence.iter();
        let evidence = evidence.map(|spec| evidence_source(checker, spec, file.for_each.is_some(), &scope));
        let evidence = evidence.collect();
        let remediation = file.remediation.iter().filter_map(|spec| step(checker, spec, &scope));
        let remediation = remediation.collect();
        let caused_by = file.caused_by.as_ref();
        let caused_by = caused_by.and_then(|source| checker.expr("caused_by:", source, &scope));
        Some(Words {
            message: message?,
            summary,
            evidence,
            remediation,
            caused_by,
        })
    }

    /// Everything the words read.
    pub fn uses(&self) -> Uses {
        let mut uses = Uses::default();
        let steps = self.remediation.iter();
        let templates = steps.flat_map(|step| std::iter::once(&step.text).chain(&step.command));
        let templates = templates.chain(std::iter::once(&self.message)).chain(&self.summary);
        templates.for_each(|template| uses.extend(&template.uses));
        let sources = self.evidence.iter().filter_map(|source| source.of.as_ref());
        let sources = sources.chain(&self.caused_by);
        sources.for_each(|of| uses.extend(&of.uses));
        uses
    }
}

fn evidence_source(checker: &mut Checker<'_>, spec: &EvidenceSpec, has_own: bool, scope: &Scope<'_>) -> EvidenceSource {
    let (of, fields) = match spec {
        EvidenceSpec::Field(field) => {
            if !has_own {
                checker.at_key(
                    "evidence:",
                    format!("`{field}` belongs to no object"),
                    "write `of:` and `fields:` in a rule without `for_each`",
                );
            }
            (None, std::slice::from_ref(field))
        }
        EvidenceSpec::Of(spec) => (checker.expr("of:", &spec.of, scope), spec.fields.as_slice()),
    };
    let mut paths = Vec::new();
    for field in fields {
        match FieldPath::parse(field) {
            Ok(path) => paths.push(path),
            Err(error) => {
                let place = locate(checker.text, "evidence:", field, (error.at, error.at + 1));
                checker.add(place, error.what, "");
            }
        }
    }
    EvidenceSource { of, fields: paths }
}

fn step(checker: &mut Checker<'_>, spec: &StepSpec, scope: &Scope<'_>) -> Option<Step> {
    let text = checker.template("text:", &spec.text, scope);
    let when = spec.when.as_ref();
    let when = when.and_then(|when| checker.expr("remediation:", when, scope));
    let command = spec.command.as_ref();
    if command.is_some_and(|command| command.trim().contains('\n')) {
        checker.at_key("command:", "a command is one line", "split it into steps");
    }
    let command = match command {
        Some(command) => Some(checker.template("command:", command, scope)?),
        None => None,
    };
    Some(Step {
        when,
        text: text?,
        command,
        effect: spec.effect,
    })
}

/// Whether the words name the version to upgrade to. Told from the text, so that nothing has to be compiled for it.
pub(super) fn mention_target(file: &RuleFile) -> bool {
    let steps = file.remediation.iter();
    let templates = steps.flat_map(|step| std::iter::once(&step.text).chain(&step.command));
    let mut templates = templates.chain([&file.message]).chain(&file.summary);
    let in_template = |text: &String| {
        text.split("{{")
            .skip(1)
            .any(|part| names_target(part.split("}}").next()))
    };
    let in_source = |source: &EvidenceSpec| match source {
        EvidenceSpec::Of(spec) => names_target(Some(&spec.of)),
        EvidenceSpec::Field(_) => false,
    };
    templates.any(in_template) || file.evidence.iter().any(in_source)
}

/// Whether an expression has the variable `target`: the word, and not as a field of something else.
fn names_target(expression: Option<&str>) -> bool {
    let text = expression.unwrap_or_default();
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.match_indices("target").any(|(at, word)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(|c| part_of_name(c) || c == '.') && !after.is_some_and(part_of_name)
    })
}
