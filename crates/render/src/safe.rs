//! Makes text from a bundle harmless to look at, for every renderer.
//!
//! Takes any string; gives one in which nothing is invisible and nothing steers a terminal, a browser or a reader's
//! eye: control, bidirectional, zero-width and unassigned characters become marks such as `<U+202E>`. It shows, it
//! never drops. Escaping for a format (HTML, Markdown, XML) is up to the renderer and comes after this.

use gleaner_text::is_hidden;
use std::borrow::Cow;

/// The longest a one-line text may get in a report, in characters.
pub(crate) const LINE_MAX: usize = 1_000;

/// Writes the visible mark of a character.
fn push_mark(out: &mut String, c: char) {
    out.push_str(&format!("<U+{:04X}>", u32::from(c)));
}

/// The text with every hidden character as a mark. Keeps newlines; a tab becomes four blanks.
pub(crate) fn show(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c != '\t' && !is_hidden(c);
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            _ if is_hidden(c) => push_mark(&mut out, c),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The text on one line: blanks and line breaks in a row become one blank, the ends are trimmed, and what is longer
/// than [`LINE_MAX`] is cut with a word about it.
pub(crate) fn line(text: &str) -> String {
    line_within(text, LINE_MAX)
}

/// As [`line`], with at most `max` characters of the original text.
pub(crate) fn line_within(text: &str, max: usize) -> String {
    let mut words = String::new();
    for word in text
        .split([' ', '\n', '\t'])
        .filter(|word| !word.is_empty() && *word != "\r")
    {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word.strip_suffix('\r').unwrap_or(word));
    }
    show(&clip(&words, max)).into_owned()
}

/// Several lines, each made printable, at most `lines` of them and `max` characters a line.
pub(crate) fn block(text: &str, lines: usize, max: usize) -> String {
    let all: Vec<&str> = text.trim_end().split('\n').map(str::trim_end).collect();
    let mut out: Vec<String> = all
        .iter()
        .take(lines)
        .map(|line| show(&clip(line, max)).into_owned())
        .collect();
    if all.len() > lines {
        out.push(format!("… ({} more lines)", all.len() - lines));
    }
    out.join("\n")
}

/// Cuts a text after `max` characters and says how many are left out.
pub(crate) fn clip(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let (shown, rest) = text.split_at(end);
            Cow::Owned(format!("{shown}… ({} more characters)", rest.chars().count()))
        }
    }
}

/// A web address that may become a link: `https`, printable ASCII without quotes, brackets or blanks, with a host.
pub(crate) fn link(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_ok = host.contains('.')
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let rest_ok = rest
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._~/?#=&%+:,;!".contains(&b))
        && url.len() <= 500;
    (host_ok && rest_ok).then_some(url)
}

/// A command fit to be copied: printable ASCII and newlines only, as far as hidden characters go.
pub(crate) fn copyable(command: &str) -> bool {
    !command.chars().any(|c| is_hidden(c) || c == '\t')
}

/// The pieces of a sentence: plain words, and names between backticks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Plain words.
    Words(&'a str),
    /// What is between two backticks.
    Code(&'a str),
}

/// Splits a sentence at its backticks. A backtick without a partner stays in the words.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, tail)) = after.split_once('`') else {
            break;
        };
        if code.trim().is_empty() {
            break;
        }
        if !before.is_empty() {
            out.push(Piece::Words(before));
        }
        out.push(Piece::Code(code));
        rest = tail;
    }
    if !rest.is_empty() {
        out.push(Piece::Words(rest));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_become_marks_and_nothing_is_dropped() {
        assert_eq!(
            show("a\u{202e}b\u{1b}[31mc\u{200b}\u{feff}"),
            "a<U+202E>b<U+001B>[31mc<U+200B><U+FEFF>"
        );
        assert_eq!(show("x\u{9b}\u{7f}\0\u{fffd}"), "x<U+009B><U+007F><U+0000><U+FFFD>");
        assert_eq!(show("two\nlines\tand é 中"), "two\nlines    and é 中");
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(show("pvc-2e394c2d is faulted"), Cow::Borrowed(_)));
    }

    #[test]
    fn marks_that_paint_over_letters_are_shown() {
        assert_eq!(show("e\u{301}\u{302}"), "e<U+0301><U+0302>");
        assert_eq!(show("é"), "é");
    }

    #[test]
    fn a_line_has_no_breaks_and_says_what_was_cut() {
        assert_eq!(line(" a\r\nb\n\n c\rd "), "a b c<U+000D>d");
        assert_eq!(line_within("abcdef", 3), "abc… (3 more characters)");
        assert_eq!(block("a\nb\nc\n", 2, 9), "a\nb\n… (1 more lines)");
    }

    #[test]
    fn only_plain_https_addresses_become_links() {
        assert!(link("https://docs.harvesterhci.io/v1.5/upgrade#x").is_some());
        for bad in [
            "http://a.b/",
            "javascript:alert(1)",
            "https://a.b/\"x",
            "https://a.b/ c",
            "https://u@a.b/",
            "https://localhost/",
            "https://a.b/<x>",
            "https://a.b/\u{202e}",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }

    #[test]
    fn sentences_split_at_paired_backticks() {
        assert_eq!(
            pieces("a `b` c"),
            [Piece::Words("a "), Piece::Code("b"), Piece::Words(" c")]
        );
        assert_eq!(pieces("a ` b"), [Piece::Words("a ` b")]);
        assert_eq!(pieces("``x"), [Piece::Words("``x")]);
    }
}
