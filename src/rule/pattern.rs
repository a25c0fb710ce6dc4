//! Patterns of rules: checked when a rule is loaded, compiled when a line or value is first held against them.
//!
//! A catalogue has hundreds of patterns and a bundle needs few of them; compiling all would be half of the time of a start.

use regex::{Captures, Regex, RegexBuilder};
use std::sync::OnceLock;

/// A regular expression in the syntax of the crate `regex`.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    groups: Vec<String>,
    compiled: OnceLock<Option<Regex>>,
}

/// Bytes that a compiled pattern may take.
const MOST_MEMORY: usize = 1 << 20;

impl Pattern {
    /// Checks the syntax of a pattern.
    ///
    /// # Errors
    /// What is wrong with it, on one line.
    pub fn new(source: &str) -> Result<Pattern, String> {
        let ast = regex_syntax::parse(source).map_err(|error| error.to_string().replace('\n', " "))?;
        let mut groups = Vec::new();
        gather(&ast, &mut groups);
        Ok(Pattern {
            source: source.to_owned(),
            groups,
            compiled: OnceLock::new(),
        })
    }

    /// The names of its groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(String::as_str)
    }

    /// A pattern too large to compile matches nothing; rules are tested, so that shows.
    fn regex(&self) -> Option<&Regex> {
        let build = || RegexBuilder::new(&self.source).size_limit(MOST_MEMORY).build().ok();
        self.compiled.get_or_init(build).as_ref()
    }

    /// Whether a text matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The groups of the first match.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.regex()?.captures(text)
    }
}

fn gather(hir: &regex_syntax::hir::Hir, groups: &mut Vec<String>) {
    use regex_syntax::hir::HirKind;
    match hir.kind() {
        HirKind::Capture(capture) => {
            groups.extend(capture.name.as_deref().map(str::to_owned));
            gather(&capture.sub, groups);
        }
        HirKind::Repetition(repetition) => gather(&repetition.sub, groups),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| gather(part, groups)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_tells_its_groups_and_its_mistakes() {
        let pattern = Pattern::new(r"volume (?P<volume>\S+)( on (?P<node>\S+))?").unwrap();
        assert_eq!(pattern.groups().collect::<Vec<_>>(), ["volume", "node"]);
        assert!(pattern.is_match("volume a on b"));
        assert_eq!(&pattern.captures("volume a on b").unwrap()["node"], "b");
        assert!(Pattern::new("(").is_err());
    }
}
