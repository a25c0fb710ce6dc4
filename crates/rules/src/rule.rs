//! A loaded rule: its file, and its expressions, compiled when they are first needed.

use super::diagnostic::Diagnostic;
use super::diagnostic_sink::DiagnosticSink;
use super::host::TARGET;
use super::messages::Messages;
use super::program::{Program, RequiredKinds};
use super::rule_text::RuleText;
use super::schema::RuleFile;
use gleaner_cel::Uses;
use gleaner_cluster::Graph;
use gleaner_cluster::VersionRange;
use gleaner_cluster::{KindId, Kinds};
use gleaner_logs::Signature;
use std::sync::{Arc, OnceLock};

/// A rule that can be evaluated.
#[derive(Debug)]
pub struct Rule {
    /// The content of `rule.yaml`.
    pub file: RuleFile,
    /// The folder that contains the rule's folder, e.g. `storage`.
    pub area: String,
    /// Range of the running version.
    pub running: Option<VersionRange>,
    /// Range of the target version.
    pub target: Option<VersionRange>,
    /// Range of the Longhorn version.
    pub longhorn: Option<VersionRange>,
    /// The kind whose objects the rule is evaluated for.
    pub for_each: Option<KindId>,
    /// The log lines that the rule is evaluated for.
    pub log: Option<Signature>,
    pub(super) source: RuleSource,
}

/// What a rule is compiled from, and the results.
#[derive(Debug)]
pub(super) struct RuleSource {
    pub(super) path: String,
    pub(super) text: RuleText,
    kinds: Arc<Kinds>,
    graph: Arc<Graph>,
    program: OnceLock<Result<Box<Program>, Vec<Diagnostic>>>,
    messages: OnceLock<Result<Box<Messages>, Vec<Diagnostic>>>,
    /// The kinds of a built-in rule, known before it is compiled.
    pub(super) reads: Option<RequiredKinds>,
    /// Whether an expression of a built-in rule names `target`, known before it is compiled.
    pub(super) names_target: Option<bool>,
}

impl RuleSource {
    pub(super) fn new(path: &str, text: &RuleText, kinds: &Arc<Kinds>, graph: &Arc<Graph>) -> RuleSource {
        RuleSource {
            path: path.to_owned(),
            text: text.clone(),
            kinds: Arc::clone(kinds),
            graph: Arc::clone(graph),
            program: OnceLock::new(),
            messages: OnceLock::new(),
            reads: None,
            names_target: None,
        }
    }

    pub(super) fn sink(&self) -> DiagnosticSink<'_> {
        DiagnosticSink::new(&self.path, self.text.as_str(), &self.kinds, &self.graph)
    }

    fn compile<T>(
        &self,
        compile: impl FnOnce(&mut DiagnosticSink<'_>) -> Option<T>,
    ) -> Result<Box<T>, Vec<Diagnostic>> {
        let mut sink = self.sink();
        let compiled = compile(&mut sink);
        sink.finish(compiled.map(Box::new))
    }
}

impl Rule {
    /// The rule's id.
    pub fn id(&self) -> &str {
        &self.file.id
    }

    pub(super) fn is_built_in(&self) -> bool {
        self.source.text.is_built_in()
    }

    /// The expressions that decide its outcome.
    ///
    /// # Errors
    /// All mistakes in them. Rules that are not built in were checked when they were loaded.
    pub fn program(&self) -> Result<&Program, &[Diagnostic]> {
        let compile = |sink: &mut DiagnosticSink<'_>| Program::compile(sink, &self.file, self.for_each).ok();
        let program = self.source.program.get_or_init(|| self.source.compile(compile));
        program.as_deref().map_err(Vec::as_slice)
    }

    /// The kinds it requires. Those of built-in rules are known before anything is compiled.
    ///
    /// # Errors
    /// As [`Rule::program`].
    pub fn required_kinds(&self) -> Result<&RequiredKinds, &[Diagnostic]> {
        match &self.source.reads {
            Some(reads) => Ok(reads),
            None => self.program().map(|program| &program.reads),
        }
    }

    /// Its messages, evidence and next steps, for where it has fired.
    ///
    /// # Errors
    /// All mistakes in these expressions, or in those of [`Rule::program`].
    pub fn messages(&self) -> Result<&Messages, &[Diagnostic]> {
        let program = self.program()?;
        let compile = |sink: &mut DiagnosticSink<'_>| Messages::compile(sink, &self.file, &program.variables);
        let messages = self.source.messages.get_or_init(|| self.source.compile(compile));
        messages.as_deref().map_err(Vec::as_slice)
    }

    /// Compiles everything, and returns all mistakes.
    pub(super) fn check(&self) -> Vec<Diagnostic> {
        let mut sink = self.source.sink();
        let variables = match Program::compile(&mut sink, &self.file, self.for_each) {
            Ok(program) => program.variables,
            Err(variables) => variables,
        };
        let _ = Messages::compile(&mut sink, &self.file, &variables);
        let lines = self
            .log
            .iter()
            .flat_map(|log| std::iter::once(&log.line).chain(&log.clears));
        for pattern in lines.filter_map(|line| line.pattern.as_ref()) {
            if let Err(what) = pattern.regex() {
                sink.at_key("regex:", format!("bad pattern: {what}"), "");
            }
        }
        sink.mistakes
    }

    /// Whether findings depend on the version to upgrade to: the rule has a range of them, or an expression names `target`. For
    /// built-in rules this is known before anything is compiled.
    pub fn depends_on_target(&self) -> bool {
        let names_target = self.source.names_target;
        self.target.is_some() || names_target.unwrap_or_else(|| self.names_target())
    }

    /// Whether any of its expressions names `target`. Compiles all of them.
    pub fn names_target(&self) -> bool {
        self.uses().any(|uses| uses.globals.contains(&TARGET))
    }

    /// What its expressions read. Expressions that do not compile are left out.
    pub(super) fn uses(&self) -> impl Iterator<Item = &Uses> {
        let program = self.program().ok().map(|program| &program.uses);
        program
            .into_iter()
            .chain(self.messages().ok().map(|messages| &messages.uses))
    }
}
