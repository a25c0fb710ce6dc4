//! A loaded rule: what its author wrote, and its expressions, compiled when they are first needed.

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
    pub(super) source: RuleSource,
}

/// What a rule is compiled from, and what came of it.
#[derive(Debug)]
pub(super) struct RuleSource {
    path: String,
    pub(super) text: RuleText,
    kinds: Arc<Kinds>,
    graph: Arc<Graph>,
    logic: OnceLock<Result<Box<Program>, Vec<Diagnostic>>>,
    words: OnceLock<Result<Box<Messages>, Vec<Diagnostic>>>,
    /// What is known of a built-in rule before it is compiled.
    pub(super) reads: Option<RequiredKinds>,
    /// Whether an expression of a built-in rule names `target`.
    pub(super) names_target: Option<bool>,
}

impl RuleSource {
    pub(super) fn new(path: &str, text: &RuleText, kinds: &Arc<Kinds>, graph: &Arc<Graph>) -> RuleSource {
        RuleSource {
            path: path.to_owned(),
            text: text.clone(),
            kinds: Arc::clone(kinds),
            graph: Arc::clone(graph),
            logic: OnceLock::new(),
            words: OnceLock::new(),
            reads: None,
            names_target: None,
        }
    }

    fn sink(&self) -> DiagnosticSink<'_> {
        DiagnosticSink::new(&self.path, self.text.as_str(), &self.kinds, &self.graph)
    }

    fn compile<T>(&self, part: impl FnOnce(&mut DiagnosticSink<'_>) -> Option<T>) -> Result<Box<T>, Vec<Diagnostic>> {
        let mut sink = self.sink();
        let compiled = part(&mut sink);
        sink.finish(compiled.map(Box::new))
    }
}

impl Rule {
    /// The rule's id.
    pub fn id(&self) -> &str {
        &self.file.id
    }

    /// Whether it came with Gleaner.
    pub(super) fn is_built_in(&self) -> bool {
        self.source.text.is_built_in()
    }

    /// What decides its outcome.
    ///
    /// # Errors
    /// All mistakes in these expressions. Rules that are not built in were checked when they were loaded.
    pub fn program(&self) -> Result<&Program, &[Diagnostic]> {
        let compile = |sink: &mut DiagnosticSink<'_>| Program::compile(sink, &self.file, self.for_each).ok();
        let logic = self.source.logic.get_or_init(|| self.source.compile(compile));
        logic.as_deref().map_err(Vec::as_slice)
    }

    /// The kinds it cannot do without. Those of built-in rules are known before anything is compiled.
    ///
    /// # Errors
    /// As [`Rule::logic`].
    pub fn required_kinds(&self) -> Result<&RequiredKinds, &[Diagnostic]> {
        match &self.source.reads {
            Some(reads) => Ok(reads),
            None => self.program().map(|logic| &logic.reads),
        }
    }

    /// What it says where it has fired.
    ///
    /// # Errors
    /// All mistakes in these expressions, or in [`Rule::logic`].
    pub fn messages(&self) -> Result<&Messages, &[Diagnostic]> {
        let logic = self.program()?;
        let compile = |sink: &mut DiagnosticSink<'_>| Messages::compile(sink, &self.file, &logic.variables);
        let words = self.source.words.get_or_init(|| self.source.compile(compile));
        words.as_deref().map_err(Vec::as_slice)
    }

    /// Compiles everything, and gives all mistakes.
    pub(super) fn check(&self) -> Vec<Diagnostic> {
        let mut sink = self.source.sink();
        let variables = match Program::compile(&mut sink, &self.file, self.for_each) {
            Ok(logic) => logic.variables,
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

    /// Whether findings depend on the version to upgrade to: the rule is about some of them, or an expression names `target`. Of
    /// built-in rules that is known before anything is compiled.
    pub fn depends_on_target(&self) -> bool {
        let names_target = self.source.names_target;
        self.target.is_some() || names_target.unwrap_or_else(|| self.names_target())
    }

    /// Whether any of its expressions names `target`. Compiles all of them.
    pub fn names_target(&self) -> bool {
        self.uses().any(|uses| uses.globals.contains(&TARGET))
    }

    /// What its expressions read; of a rule with mistakes, those that have none.
    pub(super) fn uses(&self) -> impl Iterator<Item = &Uses> {
        let program = self.program().ok().map(|program| &program.uses);
        program
            .into_iter()
            .chain(self.messages().ok().map(|messages| &messages.uses))
    }
}
