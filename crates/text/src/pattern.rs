//! Patterns of rules: checked when a rule is loaded, compiled when a line or value is first matched against them.
//!
//! A catalogue has hundreds of patterns and a bundle needs few of them; compiling all would be half of the time of a start.
//! Patterns see bytes, and `\w`, `\d` and `\s` are ASCII only: they compile three times as fast, and logs need not be UTF-8.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ast::{Ast, GroupKind};
use std::sync::OnceLock;

/// A regular expression in the syntax of the crate `regex`, without its Unicode classes.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    groups: Vec<String>,
    compiled: OnceLock<Result<Regex, String>>,
}

/// Bytes that a compiled pattern may take.
const MOST_MEMORY: usize = 1 << 20;

impl Pattern {
    /// Checks the syntax of a pattern.
    ///
    /// # Errors
    /// What is wrong with it, on one line.
    pub fn new(source: &str) -> Result<Pattern, String> {
        let mut parser = regex_syntax::ast::parse::Parser::new();
        let ast = parser
            .parse(source)
            .map_err(|error| error.to_string().replace('\n', " "))?;
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

    /// The compiled pattern.
    ///
    /// # Errors
    /// Why it cannot be compiled, on one line: it names a class that does not exist, or is too large.
    pub fn regex(&self) -> Result<&Regex, &str> {
        let build = || {
            let regex = RegexBuilder::new(&self.source)
                .unicode(false)
                .size_limit(MOST_MEMORY)
                .build();
            regex.map_err(|error| error.to_string().replace('\n', " "))
        };
        self.compiled.get_or_init(build).as_ref().map_err(String::as_str)
    }
}

fn gather(ast: &Ast, groups: &mut Vec<String>) {
    match ast {
        Ast::Group(group) => {
            if let GroupKind::CaptureName { name, .. } = &group.kind {
                groups.push(name.name.clone());
            }
            gather(&group.ast, groups);
        }
        Ast::Repetition(repetition) => gather(&repetition.ast, groups),
        Ast::Concat(concat) => concat.asts.iter().for_each(|part| gather(part, groups)),
        Ast::Alternation(alternation) => alternation.asts.iter().for_each(|part| gather(part, groups)),
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
        let regex = pattern.regex().unwrap();
        assert!(regex.is_match(b"volume a on b"));
        assert_eq!(&regex.captures(b"volume a on b").unwrap()["node"], b"b");
        assert!(Pattern::new("(").is_err());
        let unknown = Pattern::new(r"\p{Nonsense}").unwrap();
        assert!(unknown.regex().is_err());
    }
}
