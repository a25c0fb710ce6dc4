//! Compiles the parts of one rule file and collects all mistakes in them, each with its place in the file.

use super::diagnostic::{Diagnostic, locate};
use super::host::RuleSchema;
use super::schema::Bindings;
use super::template::Template;
use gleaner_cel::{CompileError, Expr, Scope, Type, Uses, Variable};
use gleaner_cluster::{Graph, KindId, Kinds};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// How many values `once` or `let` may have. Evaluating one may recurse into all before it, so this bounds the stack.
const MOST_VALUES: usize = 100;

/// How many mistakes of a rule file are listed. Each has a copy of its text.
const MOST_MISTAKES: usize = 100;

/// One rule file, and the mistakes in it so far.
pub(super) struct DiagnosticSink<'l> {
    /// `area/id/rule.yaml`, below the folder of rules.
    pub(super) path: &'l str,
    /// Its text.
    pub(super) text: &'l str,
    pub(super) schema: RuleSchema<'l>,
    pub(super) mistakes: Vec<Diagnostic>,
    /// What the expressions read that were compiled since it was last taken. All are compiled here, so none is missing.
    pub(super) uses: Uses,
}

impl<'l> DiagnosticSink<'l> {
    pub(super) fn new(path: &'l str, text: &'l str, kinds: &'l Kinds, graph: &'l Graph) -> DiagnosticSink<'l> {
        DiagnosticSink {
            path,
            text,
            schema: RuleSchema { kinds, graph },
            mistakes: Vec::new(),
            uses: Uses::default(),
        }
    }

    /// `compiled` if there were no mistakes, also in other parts.
    pub(super) fn finish<T>(self, compiled: Option<T>) -> Result<T, Vec<Diagnostic>> {
        match compiled {
            Some(compiled) if self.mistakes.is_empty() => Ok(compiled),
            _ => Err(self.mistakes),
        }
    }

    /// Adds a mistake; of more than are listed, the last one says so.
    pub(super) fn add(&mut self, span: (usize, usize), what: impl Into<String>, help: impl Into<String>) {
        let (what, help) = match self.mistakes.len().cmp(&MOST_MISTAKES) {
            Ordering::Less => (what.into(), help.into()),
            Ordering::Equal => (
                format!("more than {MOST_MISTAKES} mistakes in this file"),
                "fix the others first; no more are listed".to_owned(),
            ),
            Ordering::Greater => return,
        };
        self.mistakes.push(Diagnostic {
            file: self.path.to_owned(),
            text: self.text.to_owned(),
            span,
            what,
            help,
        });
    }

    /// Adds a mistake at the first occurrence of `key`.
    pub(super) fn at_key(&mut self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        let start = self.text.find(key).unwrap_or(0);
        self.add((start, start + key.len()), what, help);
    }

    /// Adds the mistakes of an expression or template after `key`.
    fn collect<T>(&mut self, key: &str, source: &str, result: Result<T, Vec<CompileError>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(mistakes) => {
                for mistake in mistakes {
                    self.add(
                        locate(self.text, key, source, (mistake.span.start, mistake.span.end)),
                        mistake.message,
                        mistake.help,
                    );
                }
                None
            }
        }
    }

    pub(super) fn expr(&mut self, key: &str, source: &str, scope: &Scope<'_>) -> Option<Expr> {
        let expr = self.collect(key, source, gleaner_cel::compile(source, scope))?;
        self.uses.extend(&expr.uses);
        Some(expr)
    }

    pub(super) fn template(&mut self, key: &str, source: &str, scope: &Scope<'_>) -> Option<Template> {
        let template = self.collect(key, source, Template::compile(source, scope))?;
        self.uses.extend(&template.uses);
        Some(template)
    }

    pub(super) fn kind(&mut self, key: &str, name: &str) -> Option<KindId> {
        let found = self.schema.kinds.by_name(name);
        if found.is_none() {
            let help = gleaner_text::did_you_mean(name, self.schema.kinds.all().map(|(_, info)| info.name.as_str()));
            self.add(
                locate(self.text, key, name, (0, name.len())),
                format!("unknown kind `{name}`"),
                help,
            );
        }
        found
    }

    pub(super) fn kinds(&mut self, key: &str, names: &[String]) -> BTreeSet<KindId> {
        names.iter().filter_map(|name| self.kind(key, name)).collect()
    }

    /// Compiles values in order; each is a variable for those after it.
    pub(super) fn bindings(&mut self, key: &str, bindings: &Bindings, scope: &mut Scope<'_>) -> Vec<Expr> {
        let mut compiled = Vec::new();
        if bindings.len() > MOST_VALUES {
            let what = format!("a rule has at most {MOST_VALUES} values here");
            self.at_key(
                key,
                what,
                "each may depend on the ones before it, so their number is limited",
            );
            return compiled;
        }
        for (name, source) in bindings {
            let named = format!("{name}:");
            let Some(source) = source.as_str() else {
                self.at_key(
                    &named,
                    format!("`{name}` is not an expression"),
                    "write the expression as text",
                );
                continue;
            };
            let result = gleaner_cel::compile(source, scope);
            let key = if result.is_err() && self.text.contains(&named) {
                &named
            } else {
                key
            };
            let expr = self.collect(key, source, result);
            if let Some(expr) = &expr {
                self.uses.extend(&expr.uses);
            }
            let variable = expr.as_ref().map(|expr| Variable::memoized(name, expr));
            scope
                .variables
                .push(variable.unwrap_or_else(|| Variable::new(name, Type::Any)));
            compiled.extend(expr);
        }
        compiled
    }
}
