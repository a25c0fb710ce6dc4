//! Markup for the Markdown report: how a heading, a name, a sentence, a table row and a quoted block look in each
//! flavor.
//!
//! Whatever comes from a report is taken for hostile: names go into code spans and sentences are escaped, so that they can neither
//! mention a person, nor link, nor load a picture, nor end a block.

use super::escape;
use crate::format::Flavor;
use crate::safe;

/// Writes one flavor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Markup {
    /// The flavor.
    pub(super) flavor: Flavor,
}

impl Markup {
    /// A heading; the text must be markup already.
    pub(super) fn heading(self, level: usize, text: &str) -> String {
        match self.flavor {
            Flavor::Github | Flavor::Plain => format!("{} {text}\n\n", "#".repeat(level)),
            Flavor::Jira => format!("h{level}. {text}\n\n"),
            Flavor::Text => format!("{}\n", text.to_uppercase()),
        }
    }

    /// What begins an item of a list.
    pub(super) fn bullet(self) -> &'static str {
        match self.flavor {
            Flavor::Jira => "*",
            _ => "-",
        }
    }

    /// What begins an item that is so deep below another.
    pub(super) fn nested_bullet(self, depth: usize) -> String {
        match self.flavor {
            Flavor::Jira => "*".repeat(depth + 1),
            _ => format!("{}-", "  ".repeat(depth)),
        }
    }

    /// A label in front of a sentence.
    pub(super) fn strong(self, text: &str) -> String {
        match self.flavor {
            Flavor::Github | Flavor::Plain => format!("**{text}**"),
            Flavor::Jira => format!("*{text}*"),
            Flavor::Text => text.to_owned(),
        }
    }

    /// A name or value from the bundle, on one line of at most `max` characters.
    pub(super) fn name(self, text: &str, max: usize) -> String {
        let line = safe::line_within(text, max);
        match self.flavor {
            _ if line.is_empty() => "-".to_owned(),
            Flavor::Github | Flavor::Plain => escape::code_span(&line),
            Flavor::Jira => escape::entities(&line),
            Flavor::Text => plain(&line),
        }
    }

    /// As [`Markup::name`], for a cell of a table.
    pub(super) fn cell(self, text: &str, max: usize) -> String {
        let name = self.name(text, max);
        if self.flavor == Flavor::Github {
            name.replace('|', "\\|")
        } else {
            name
        }
    }

    /// A sentence: what is between backticks becomes a name, and nothing else in it is markup.
    pub(super) fn sentence(self, text: &str, max: usize) -> String {
        let line = safe::line_within(text, max);
        match self.flavor {
            _ if line.is_empty() => "-".to_owned(),
            Flavor::Jira => escape::entities(&line.replace('`', "")),
            Flavor::Text => plain(&line.replace('`', "")),
            Flavor::Github | Flavor::Plain => {
                let mut out = String::new();
                for piece in safe::pieces(&line) {
                    match piece {
                        safe::Piece::Code(code) => escape::push_span(&mut out, code),
                        safe::Piece::Words(words) => escape::push_words(&mut out, words),
                    }
                }
                out
            }
        }
    }

    /// A quoted block.
    pub(super) fn block(self, text: &str, lines: usize) -> String {
        let text = safe::block(text, lines, 400);
        match self.flavor {
            Flavor::Github | Flavor::Plain => {
                let fence = "`".repeat(escape::longest_run(&text).max(2) + 1);
                format!("{fence}text\n{text}\n{fence}\n\n")
            }
            Flavor::Jira => format!(
                "{{noformat}}\n{}\n{{noformat}}\n\n",
                text.replace("{noformat", "{ noformat")
            ),
            Flavor::Text => {
                text.split('\n')
                    .map(|line| format!("    {}\n", plain(line)))
                    .collect::<String>()
                    + "\n"
            }
        }
    }

    /// The head of a table.
    pub(super) fn table_head(self, columns: &[&str]) -> String {
        match self.flavor {
            Flavor::Github => format!("| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len())),
            Flavor::Jira => format!("||{}||\n", columns.join("||")),
            Flavor::Plain | Flavor::Text => String::new(),
        }
    }

    /// A row of a table; the cells must be markup already. Flavors without tables get a list.
    pub(super) fn table_row(self, cells: &[String]) -> String {
        match self.flavor {
            Flavor::Github => format!("| {} |\n", cells.join(" | ")),
            Flavor::Jira => format!("|{}|\n", cells.join("|")),
            Flavor::Plain => format!("- {}\n", cells.join(": ")),
            Flavor::Text => format!("{}\n", cells.join(": ")),
        }
    }

    /// A link to a page of the rule catalogue, shown in full; text if the address is not a plain one.
    pub(super) fn reference(self, title: &str, url: &str) -> String {
        let title = self.sentence(title, 160);
        match (safe::link(url), self.flavor) {
            (Some(url), Flavor::Github | Flavor::Plain) => format!("{title}: <{url}>"),
            (Some(url), Flavor::Jira) => format!("{title}: [{url}]"),
            (Some(url), Flavor::Text) => format!("{title}: {url}"),
            (None, _) => format!("{title}: {}", self.name(url, 300)),
        }
    }
}

/// Unformatted text; ServiceNow would read HTML between `[code]` marks.
fn plain(text: &str) -> String {
    text.replace("[code]", "[ code]").replace("[/code]", "[ /code]")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: Markup = Markup { flavor: Flavor::Github };

    #[test]
    fn names_stay_in_their_span() {
        assert_eq!(GITHUB.name("a`b``c", 99), "```a`b``c```");
        assert_eq!(GITHUB.name("`", 99), "`` ` ``");
        assert_eq!(GITHUB.name(" \n ", 99), "-");
        assert_eq!(GITHUB.cell("a|b", 99), "`a\\|b`");
    }

    #[test]
    fn blocks_cannot_be_ended_from_inside() {
        assert!(GITHUB.block("```\n</details>", 9).starts_with("````text\n"));
        assert!(
            !Markup { flavor: Flavor::Jira }
                .block("{noformat}", 9)
                .contains("\n{noformat}\n{noformat}\n")
        );
        let command = "kubectl -n a get b -o jsonpath='{.items}'";
        assert!(Markup { flavor: Flavor::Jira }.block(command, 9).contains(command));
    }
}
