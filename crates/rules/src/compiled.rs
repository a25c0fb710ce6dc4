//! A loaded rule: what its author wrote, and its expressions, compiled when they are first needed.

use super::checker::Checker;
use super::diagnostic::Diagnostic;
use super::host;
use super::logic::{Logic, Reads};
use super::schema::RuleFile;
use super::text::RuleText;
use super::words::{self, Words};
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
    pub(super) source: Source,
}

/// What a rule is compiled from, and what came of it.
#[derive(Debug)]
pub(super) struct Source {
    path: String,
    pub(super) text: RuleText,
    kinds: Arc<Kinds>,
    graph: Arc<Graph>,
    logic: OnceLock<Result<Box<Logic>, Vec<Diagnostic>>>,
    words: OnceLock<Result<Box<Words>, Vec<Diagnostic>>>,
    /// What is known of a built-in rule before it is compiled.
    pub(super) reads: Option<Reads>,
}

impl Source {
    pub(super) fn new(path: &str, text: &RuleText, kinds: &Arc<Kinds>, graph: &Arc<Graph>) -> Source {
        Source {
            path: path.to_owned(),
            text: text.clone(),
            kinds: Arc::clone(kinds),
            graph: Arc::clone(graph),
            logic: OnceLock::new(),
            words: OnceLock::new(),
            reads: None,
        }
    }

    fn checker(&self) -> Checker<'_> {
        Checker::new(&self.path, self.text.as_str(), &self.kinds, &self.graph)
    }

    fn compile<T>(&self, part: impl FnOnce(&mut Checker<'_>) -> Option<T>) -> Result<Box<T>, Vec<Diagnostic>> {
        let mut checker = self.checker();
        let compiled = part(&mut checker);
        checker.finish(compiled.map(Box::new))
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
    pub fn logic(&self) -> Result<&Logic, &[Diagnostic]> {
        let compile = |checker: &mut Checker<'_>| Logic::compile(checker, &self.file, self.for_each).ok();
        let logic = self.source.logic.get_or_init(|| self.source.compile(compile));
        logic.as_deref().map_err(Vec::as_slice)
    }

    /// The kinds it cannot do without. Those of built-in rules are known before anything is compiled.
    ///
    /// # Errors
    /// As [`Rule::logic`].
    pub fn reads(&self) -> Result<&Reads, &[Diagnostic]> {
        match &self.source.reads {
            Some(reads) => Ok(reads),
            None => self.logic().map(|logic| &logic.reads),
        }
    }

    /// What it says where it has fired.
    ///
    /// # Errors
    /// All mistakes in these expressions, or in [`Rule::logic`].
    pub fn words(&self) -> Result<&Words, &[Diagnostic]> {
        let logic = self.logic()?;
        let compile = |checker: &mut Checker<'_>| Words::compile(checker, &self.file, &logic.variables);
        let words = self.source.words.get_or_init(|| self.source.compile(compile));
        words.as_deref().map_err(Vec::as_slice)
    }

    /// Compiles everything, and gives all mistakes.
    pub(super) fn check(&self) -> Vec<Diagnostic> {
        let mut checker = self.source.checker();
        let variables = match Logic::compile(&mut checker, &self.file, self.for_each) {
            Ok(logic) => logic.variables,
            Err(variables) => variables,
        };
        let _ = Words::compile(&mut checker, &self.file, &variables);
        let lines = self
            .log
            .iter()
            .flat_map(|log| std::iter::once(&log.line).chain(&log.clears));
        for pattern in lines.filter_map(|line| line.pattern.as_ref()) {
            if let Err(what) = pattern.regex() {
                checker.at_key("regex:", format!("bad pattern: {what}"), "");
            }
        }
        checker.mistakes
    }

    /// Whether findings depend on the version to upgrade to.
    pub fn depends_on_target(&self) -> bool {
        // Most rules do not even hold the word, and then need not be compiled to know.
        let may = self.source.text.as_str().contains("target");
        let decides = || {
            may && self
                .logic()
                .is_ok_and(|logic| logic.uses.globals.contains(&host::TARGET))
        };
        self.target.is_some() || words::mention_target(&self.file) || decides()
    }
}
