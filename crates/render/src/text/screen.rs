//! The terminal that a report is written for: its width, whether it has colours, and which symbols it can show.
//!
//! Widths are columns: a CJK character takes two. Only commands, paths and single long words may be wider than the screen.

use crate::safe;
use anstyle::{AnsiColor, Style};
use gleaner_report::{Effect, Harm, Severity};
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// The widest that prose is: longer lines are hard to read.
const PROSE: usize = 100;
/// The columns before the text of a field, its label among them.
const FIELD: usize = 15;
/// The columns before its label.
const MARGIN: usize = 3;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default().bold();
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();

/// What the report is written for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    /// Whether our own colours are used.
    pub(super) color: bool,
    /// Columns.
    pub(super) width: usize,
    /// Whether our own symbols are ASCII.
    pub(super) ascii: bool,
}

impl Screen {
    /// A text in a style, if there are colours.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// A text of the report on one line, printable, in symbols that the terminal has.
    pub(super) fn line(self, text: &str) -> String {
        self.symbols(&safe::line(text))
    }

    /// A text with typographic symbols as ASCII where the terminal has no others.
    pub(super) fn symbols(self, text: &str) -> String {
        if !self.ascii || text.is_ascii() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '…' => out.push_str("..."),
                '–' | '—' => out.push('-'),
                '→' => out.push_str("->"),
                '“' | '”' => out.push('"'),
                '‘' | '’' => out.push('\''),
                '×' => out.push('x'),
                '≥' => out.push_str(">="),
                '≤' => out.push_str("<="),
                _ => out.push(c),
            }
        }
        out
    }

    /// What stands for a value that is not known.
    pub(super) fn dash(self) -> &'static str {
        if self.ascii { "-" } else { "–" }
    }

    /// A text of at most so many columns; one that is longer ends with an ellipsis.
    pub(super) fn cut(self, text: &str, columns: usize) -> String {
        if display_width(text) <= columns {
            return text.to_owned();
        }
        let ellipsis = self.symbols("…");
        let room = columns.saturating_sub(ellipsis.chars().count());
        let end = fitting(text, room);
        text.get(..end).unwrap_or_default().trim_end().to_owned() + &ellipsis
    }

    /// A text cut or filled up to exactly so many columns.
    pub(super) fn cell(self, text: &str, columns: usize) -> String {
        let cut = self.cut(text, columns);
        let blanks = columns.saturating_sub(display_width(&cut));
        cut + &" ".repeat(blanks)
    }

    /// Prose, broken at blanks; lines after the first begin with `indent` blanks.
    pub(super) fn prose(self, text: &str, indent: usize) -> String {
        fill(text, self.width.min(PROSE), 0, indent)
    }

    /// Prose behind a mark, which stays with its first word; lines after the first begin with `indent` blanks.
    pub(super) fn behind(self, mark: &str, text: &str, indent: usize) -> String {
        let wrapped = fill(text, self.width.min(PROSE), mark.len(), indent);
        format!("{mark}{}", wrapped.get(mark.len()..).unwrap_or_default())
    }

    /// A label and its text, in two columns; nothing where the text is empty.
    pub(super) fn field(self, label: &str, text: &str) -> String {
        self.entry(label, "", text, 0)
    }

    /// An item below a field: a mark, and a text that is broken at blanks behind it.
    pub(super) fn item(self, mark: &str, text: &str, depth: usize) -> String {
        self.entry("", &format!("{mark} "), text, depth)
    }

    /// A label, a mark in the column of the texts, and a text behind it; nothing where the text is empty.
    pub(super) fn entry(self, label: &str, mark: &str, text: &str, depth: usize) -> String {
        let text = self.line(text);
        if text.is_empty() {
            return String::new();
        }
        let start = FIELD + depth * 2;
        let indent = start + mark.len();
        let wrapped = fill(&text, self.width.min(PROSE), indent, indent);
        let rest = wrapped.get(indent..).unwrap_or_default();
        let blanks = " ".repeat(start.saturating_sub(MARGIN + label.len()));
        format!("{:MARGIN$}{}{blanks}{mark}{rest}\n", "", self.paint(DIM, label))
    }

    /// A line below a field, as it is.
    pub(super) fn verbatim(self, text: &str) -> String {
        format!("{:FIELD$}{text}\n", "")
    }

    /// How many columns a line below a field has.
    pub(super) fn room(self) -> usize {
        self.width.min(PROSE).saturating_sub(FIELD)
    }

    /// The colour of a severity.
    pub(super) fn of_severity(severity: Severity) -> Style {
        match severity {
            Severity::Blocker => RED,
            Severity::Warning => YELLOW,
            Severity::Info => CYAN,
        }
    }

    /// The colour of a harm: red only for what is lost or down.
    pub(super) fn of_harm(harm: Harm) -> Style {
        match harm {
            Harm::DataLoss | Harm::Outage => RED,
            Harm::Redundancy | Harm::UpgradeBlocked | Harm::UpgradeRisk | Harm::Degraded => YELLOW,
            Harm::Hygiene => CYAN,
        }
    }

    /// The colour of what a step does.
    pub(super) fn of_effect(effect: Effect) -> Style {
        match effect {
            Effect::ReadOnly => GREEN,
            Effect::ChangesState => YELLOW,
            Effect::CanLoseData => RED,
        }
    }
}

/// Where a text ends that takes at most so many columns, in bytes.
pub(super) fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0;
    let mut buffer = [0; 4];
    for (at, c) in text.char_indices() {
        used += display_width(c.encode_utf8(&mut buffer));
        if used > columns {
            return at;
        }
    }
    text.len()
}

/// Breaks a text at blanks so that lines keep to the width where they can. Words are never broken: paths and commands stay fit to be
/// copied.
fn fill(text: &str, width: usize, first: usize, rest: usize) -> String {
    let (first, rest) = (" ".repeat(first), " ".repeat(rest));
    let options = Options::new(width)
        .initial_indent(&first)
        .subsequent_indent(&rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::fill(text, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = Screen {
        color: false,
        width: 40,
        ascii: false,
    };

    #[test]
    fn long_sentences_wrap_and_long_words_do_not() {
        assert_eq!(fill("aaa bbb ccc", 7, 0, 2), "aaa bbb\n  ccc");
        assert_eq!(fill("a bbbbbbbbbbbb", 5, 0, 2), "a\n  bbbbbbbbbbbb");
        assert_eq!(SCREEN.field("since", "a b"), "   since       a b\n");
        assert_eq!(SCREEN.field("since", " "), "");
    }

    #[test]
    fn texts_are_cut_by_columns_and_not_by_characters() {
        assert_eq!(SCREEN.cut("中文字符", 8), "中文字符");
        assert_eq!(SCREEN.cut("中文字符", 7), "中文字…");
        assert_eq!(SCREEN.cell("中文", 6), "中文  ");
        assert_eq!(SCREEN.cut("abc def", 5), "abc…");
        let ascii = Screen { ascii: true, ..SCREEN };
        assert_eq!(ascii.cut("abcdefgh", 6), "abc...");
        assert_eq!(ascii.line("v1.5–v1.8 → x…"), "v1.5-v1.8 -> x...");
    }
}
