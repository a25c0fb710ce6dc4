//! Printing: stdout for what was asked, stderr for everything else, and nothing that could control a terminal.

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;
use clap::ValueEnum;
use gleaner_rules::CatalogError;
use std::io::{IsTerminal, Write};

/// Writes to stdout.
///
/// # Errors
/// If stdout cannot be written to; see [`is_broken_pipe`].
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    write_all(&mut std::io::stdout().lock(), text)
}

/// Writes text with ANSI styles to stdout, in the way that the console understands.
///
/// # Errors
/// As [`print`].
pub(super) fn print_styled(text: &str) -> anyhow::Result<()> {
    write_all(&mut AutoStream::always(std::io::stdout().lock()), text)
}

fn write_all(out: &mut impl Write, text: &str) -> anyhow::Result<()> {
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("cannot write to stdout")
}

/// Writes lines to stderr, with control characters escaped: they may quote a bundle. A failure is ignored, because there is nowhere
/// left to report it.
pub(super) fn eprint_safe(text: &str) {
    let mut out = escape_hidden(text);
    out.push('\n');
    let _ = std::io::stderr().write_all(out.as_bytes());
}

/// Writes an error to stderr. Mistakes in rules are printed one by one, each with the lines it is in.
pub(super) fn print_error(error: &anyhow::Error) {
    if let Some(CatalogError::Mistakes(mistakes)) = error.downcast_ref() {
        for mistake in mistakes {
            eprint_safe(&mistake.render(false));
        }
    }
    eprint_safe(&format!("error: {}", chain(error)));
}

/// An error and its causes, without those that the one before already tells.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Escapes characters that are invisible or control a terminal, except newlines and tabs.
pub(super) fn escape_hidden(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if gleaner_text::is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A word of the command line, quoted where a shell needs it.
pub(super) fn shell_quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/+:=,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Whether an error is that the reader of stdout closed it.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Whether stdout is a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Columns for the terminal report: 80 where there is no terminal.
pub(super) fn width() -> usize {
    screen().map_or(80, |(columns, _)| columns)
}

/// The columns and lines of the terminal; `None` where stdout is none.
pub(super) fn screen() -> Option<(usize, usize)> {
    let size = is_terminal().then(terminal_size::terminal_size).flatten();
    size.map(|(width, height)| (usize::from(width.0), usize::from(height.0)))
}

/// Whether the user's locale is UTF-8. Where none is set, as in most containers and on Windows, it is taken to be.
pub(super) fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// A variable of the environment that is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the terminal, the pager and colours follow the conventions of the user's environment"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Columns of the terminal that stdout is, `None` if it is none.
pub(super) fn terminal_width() -> Option<usize> {
    is_terminal().then(|| screen().map_or(80, |(columns, _)| columns))
}

/// When to use colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorWhen {
    /// Whether stdout gets colours. The option wins over the environment, the environment over the terminal.
    pub(super) fn on_stdout(self) -> bool {
        match self {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => forced() || AutoStream::choice(&std::io::stdout()) != ColorChoice::Never,
        }
    }
}

/// FORCE_COLOR, which the crates behind [`AutoStream`] do not know.
fn forced() -> bool {
    variable("FORCE_COLOR").is_some() && variable("NO_COLOR").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_lines_stay() {
        assert_eq!(
            escape_hidden("a\u{1b}[31m\tb\n\u{202e}c"),
            "a\\u{1b}[31m\tb\n\\u{202e}c"
        );
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("no such file")
            .context("x.zip: no such file")
            .context("open the bundle");
        assert_eq!(chain(&error), "open the bundle: x.zip: no such file");
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(shell_quote("a/b.zip"), "a/b.zip");
        assert_eq!(shell_quote(""), "''");
        assert_eq!(shell_quote("it's"), "'it'\\''s'");
    }
}
