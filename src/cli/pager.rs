//! The pager for reports that are taller than the screen: `$GLEANER_PAGER`, `$PAGER`, or less.

use super::print;
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// Quits if the text fits the screen, ignores case when searching, passes colours through, and leaves the text there.
const DEFAULT: &str = "less -FIRX";

/// Shows a text in the pager; whether it did. It does not where stdout is no terminal, the text fits the screen, the pager is set to
/// nothing or `cat`, or it does not start.
pub(super) fn show(text: &str) -> bool {
    let Some((columns, lines)) = print::screen() else {
        return false;
    };
    let chosen = ["GLEANER_PAGER", "PAGER"].into_iter().find_map(print::variable);
    let chosen = chosen.unwrap_or_else(|| DEFAULT.to_owned());
    is_taller(text, columns, lines) && start(&chosen).is_some_and(|pager| feed(pager, text))
}

/// Whether a text takes more lines than the screen has.
fn is_taller(text: &str, columns: usize, lines: usize) -> bool {
    let rows = text
        .lines()
        .map(|line| line.chars().count().div_ceil(columns.max(1)).max(1));
    rows.sum::<usize>() >= lines
}

/// Starts the pager. Its command line is split at blanks and sees no shell.
fn start(chosen: &str) -> Option<Child> {
    let mut words = chosen.split_whitespace();
    let program = words.next().filter(|program| *program != "cat")?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if print::variable("LESS").is_none() {
        command.env("LESS", "FIRX");
    }
    command.spawn().ok()
}

/// Gives the pager its text and waits for it. Whoever quits early has seen enough; a pager that fails has shown nothing.
fn feed(mut pager: Child, text: &str) -> bool {
    if let Some(mut stdin) = pager.stdin.take() {
        let _ = stdin.write_all(text.as_bytes());
    }
    pager.wait().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_take_several_rows() {
        assert!(!is_taller("a\nb\n", 80, 3));
        assert!(is_taller("a\nb\nc\n", 80, 3));
        assert!(is_taller(&"x".repeat(200), 80, 3));
    }

    #[test]
    fn a_pager_that_does_not_start_shows_nothing() {
        assert!(start("/nowhere/pager -x").is_none());
        assert!(start("cat").is_none());
        assert!(start(" ").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_shows_the_text_or_fails() {
        assert!(feed(start("true").unwrap(), "text"));
        assert!(!feed(start("false").unwrap(), "text"));
    }
}
