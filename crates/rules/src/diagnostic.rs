//! Mistakes in rule files, rendered with file, line and underlined source.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use gleaner_text::LineIndex;
use std::ops::Range;

/// One mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The path of the file below the folder of rules.
    pub file: String,
    /// Its text; empty where the file could not be read.
    pub text: String,
    /// The bytes of the text that are wrong.
    pub span: (usize, usize),
    /// What is wrong, as a lowercase fragment.
    pub what: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl Diagnostic {
    /// The first of several in one line. Only built-in rules need it, and a test compiles all of them.
    pub(crate) fn first(mistakes: &[Diagnostic]) -> String {
        let first = mistakes.first();
        first.map_or_else(String::new, |mistake| {
            format!("line {}: {}", mistake.line(), mistake.what)
        })
    }

    /// The 1-based line of the mistake.
    pub fn line(&self) -> u64 {
        LineIndex::new(&self.text).line_of(self.span.0)
    }

    fn range(&self) -> Range<usize> {
        let floor = |at: usize| self.text.floor_char_boundary(at);
        floor(self.span.0)..floor(self.span.1.max(self.span.0))
    }

    /// The mistake with its line of the file, underlined.
    pub fn render(&self, color: bool) -> String {
        let snippet = Snippet::source(self.text.as_str())
            .line_start(1)
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(self.range()));
        let mut group: Group<'_> = Level::ERROR.primary_title(self.what.as_str()).element(snippet);
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(self.help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// The bytes of a part of an expression in its file. The YAML parser keeps no positions, so the line of the part is searched for after
/// its key.
pub(crate) fn locate(file: &str, key: &str, expression: &str, span: (usize, usize)) -> (usize, usize) {
    let start = span.0.min(expression.len());
    let line_start = expression
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let line_end = expression
        .get(start..)
        .and_then(|after| after.find('\n'))
        .map_or(expression.len(), |at| start + at);
    let line = &expression[line_start..line_end];
    let trimmed = line.trim_start();
    let column = start.saturating_sub(line_start + line.len() - trimmed.len());
    let from = file.find(key).unwrap_or(0);
    let found = file[from..].find(trimmed.trim_end()).map(|at| from + at);
    let found = found.filter(|_| !trimmed.trim().is_empty());
    match found.or_else(|| file.find(trimmed.trim_end()).filter(|_| !trimmed.trim().is_empty())) {
        Some(at) => {
            let length = span.1.min(line_end).saturating_sub(start).max(1);
            (at + column, at + column + length)
        }
        None => (from, from + key.len()),
    }
}
