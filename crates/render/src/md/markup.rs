//! Markup for the Markdown report: how a heading, a name, a sentence, a table row and a quoted block look in each
//! flavor.
//!
//! Whatever comes from a report is taken for hostile: names and unusual words go into code spans (or entities, in
//! Jira), so that they can neither mention a person, nor link, nor load a picture, nor end a block.

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
            Flavor::Github | Flavor::Plain => code_span(&line),
            Flavor::Jira => entities(&line),
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

    /// As [`Markup::sentence`], for a cell of a table. A `|` can only be in a code span there.
    pub(super) fn cell_sentence(self, text: &str, max: usize) -> String {
        let sentence = self.sentence(text, max);
        if self.flavor == Flavor::Github {
            sentence.replace('|', "\\|")
        } else {
            sentence
        }
    }

    /// A sentence: ordinary words stay, everything else becomes a name.
    pub(super) fn sentence(self, text: &str, max: usize) -> String {
        let line = safe::line_within(text, max);
        match self.flavor {
            _ if line.is_empty() => "-".to_owned(),
            Flavor::Jira => entities(&line.replace('`', "")),
            Flavor::Text => plain(&line.replace('`', "")),
            Flavor::Github | Flavor::Plain => {
                let mut out = String::new();
                for piece in safe::pieces(&line) {
                    match piece {
                        safe::Piece::Code(code) => push_span(&mut out, code),
                        safe::Piece::Words(words) => push_words(&mut out, words),
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
                let fence = "`".repeat(longest_run(&text).max(2) + 1);
                format!("{fence}text\n{text}\n{fence}\n\n")
            }
            Flavor::Jira => format!("{{noformat}}\n{}\n{{noformat}}\n\n", text.replace('{', "{ ")),
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

/// A code span that no content can end.
fn code_span(text: &str) -> String {
    let text = text.trim();
    let ticks = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0_usize, 0_usize);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Appends a code span; two of them never touch, for their backticks would run together.
fn push_span(out: &mut String, text: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code_span(text));
}

/// Appends words, those that Markdown or its hosts could act on as code spans; such words in a row share one.
fn push_words(out: &mut String, words: &str) {
    let mut open = String::new();
    let close = |out: &mut String, open: &mut String| {
        if !open.is_empty() {
            push_span(out, open);
            open.clear();
        }
    };
    for (at, word) in words.split(' ').enumerate() {
        // A sentence's own punctuation stays outside the span.
        let core = word.trim_end_matches([',', '.', ';', ':', '!', '?']);
        let protected = !core.is_empty() && !is_ordinary(core);
        if protected && !open.is_empty() {
            open.push(' ');
            open.push_str(core);
        } else {
            close(out, &mut open);
            out.push_str(if at > 0 { " " } else { "" });
            let target = if protected { &mut open } else { &mut *out };
            target.push_str(if protected { core } else { word });
        }
        if protected && core.len() < word.len() {
            close(out, &mut open);
            out.push_str(&word[core.len()..]);
        }
    }
    close(out, &mut open);
}

/// Whether a word needs no protection: letters, digits and a little punctuation, and nothing that a host turns into a
/// link, a mention, an issue, a commit or a picture.
fn is_ordinary(word: &str) -> bool {
    // A parenthesis that a code span follows or ends.
    if matches!(word, "(" | ")") {
        return true;
    }
    let lower = word.to_ascii_lowercase();
    let quiet = |c: char| {
        c.is_alphanumeric()
            || matches!(
                c,
                '.' | ',' | ';' | '(' | ')' | '\'' | '"' | '/' | '-' | '–' | '—' | '→' | '…' | '%'
            )
    };
    let looks_like_commit =
        word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit()) && word.bytes().any(|b| b.is_ascii_digit());
    let looks_like_issue = word.split_once('-').is_some_and(|(key, n)| {
        key.bytes().all(|b| b.is_ascii_uppercase()) && n.starts_with(|c: char| c.is_ascii_digit())
    });
    word.chars().all(quiet)
        && !lower.starts_with("www.")
        && !lower.starts_with("gh-")
        && !looks_like_commit
        && !looks_like_issue
        && !word
            .chars()
            .all(|c| matches!(c, '-' | '.' | '(' | ')') || c.is_ascii_digit())
        || (!word.is_empty() && word.chars().all(|c| c.is_ascii_digit()) && word.len() < 7)
}

/// Text for Jira: everything that its markup could act on as a numeric entity.
fn entities(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let inert = match c {
            ' ' | ',' | ';' | '/' | '%' | '=' | '\'' | '"' => true,
            // Inside a word or a time these are letters like any other; at an edge they strike through or smile.
            '-' => before.is_alphanumeric() && after.is_alphanumeric(),
            ':' => before.is_alphanumeric() && (after == ' ' || (before.is_ascii_digit() && after.is_ascii_digit())),
            '.' => !out.to_ascii_lowercase().ends_with("www"),
            _ => c.is_alphanumeric(),
        };
        if inert {
            out.push(c);
        } else {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
        before = c;
    }
    out
}

/// Text for HTML inside `<summary>`: unusual characters as numeric entities.
pub(super) fn summary_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | ',') {
            out.push(c);
        } else {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
    }
    out
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
    fn sentences_keep_words_and_protect_the_rest() {
        let out = GITHUB.sentence("Ask @admin about #12, see https://x.y/ (v1.5) in `pvc-1`.", 999);
        assert_eq!(GITHUB.sentence("`a`<b>", 99), "`a` `<b>`");
        assert_eq!(GITHUB.sentence("run (`a` or `b`)", 99), "run (`a` or `b`)");
        assert_eq!(
            GITHUB.sentence("by [a b/c], [d] and <e>", 99),
            "by `[a b/c]`, `[d]` and `<e>`"
        );
        assert_eq!(out, "Ask `@admin` about `#12`, see `https://x.y/` (v1.5) in `pvc-1`.");
        for word in [
            "<b>",
            "www.x.y",
            "GH-1",
            "ABC-12",
            ":tada:",
            "a*b*",
            "deadbeef1",
            "![x](y)",
            "$x$",
            "-",
            "~~x~~",
            "[x]",
        ] {
            assert!(GITHUB.sentence(word, 99).contains('`'), "{word}");
        }
    }

    #[test]
    fn blocks_cannot_be_ended_from_inside() {
        assert!(GITHUB.block("```\n</details>", 9).starts_with("````text\n"));
        assert!(
            !Markup { flavor: Flavor::Jira }
                .block("{noformat}", 9)
                .contains("\n{noformat}\n{noformat}\n")
        );
        assert_eq!(
            Markup { flavor: Flavor::Jira }.name("[x|y] @z", 99),
            "&#91;x&#124;y&#93; &#64;z"
        );
    }
}
