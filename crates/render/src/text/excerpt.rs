//! The lines of the bundle that show a fact, with a marker under the value.

use super::screen::{CYAN, RED, Screen, fitting};
use crate::safe;
use gleaner_report::{Evidence, SnippetLine};
use textwrap::core::display_width;

/// Most lines of an excerpt.
const LINES: usize = 10;
/// How many columns of a long line are kept before its value.
const LEAD: usize = 12;

/// The excerpt below its place in the bundle; empty without evidence.
pub(super) fn excerpt(evidence: &Evidence, screen: Screen) -> String {
    let path = screen.line(&evidence.path);
    let place = match evidence.line {
        0 => path,
        line => format!("{path}:{line}"),
    };
    let mut out = screen.field("evidence", &place);
    if evidence.snippet.is_empty() {
        let fact = match (safe::line(&evidence.field), safe::line(&evidence.value)) {
            (field, value) if field.is_empty() => value,
            (field, value) => format!("{field}: {value}"),
        };
        let fact = screen.cut(&screen.symbols(&fact), screen.room());
        out.push_str(&screen.verbatim(&fact));
        return out;
    }
    let lines = &evidence.snippet[around(evidence)];
    let digits = lines.iter().map(|line| line.line.to_string().len()).max().unwrap_or(0);
    for line in lines {
        let number = format!("{:>digits$}", line.line);
        let room = screen.room().saturating_sub(digits + 3);
        let (text, marker) = marked(line, evidence, room, screen);
        out.push_str(&screen.verbatim(&format!("{} | {text}", screen.paint(CYAN, &number))));
        if let Some((blanks, carets)) = marker {
            let carets = screen.paint(RED, &"^".repeat(carets));
            out.push_str(&screen.verbatim(&format!("{:digits$} | {}{carets}", "", " ".repeat(blanks))));
        }
    }
    out
}

/// Which lines of the snippet are shown: the line of the value is among them.
fn around(evidence: &Evidence) -> std::ops::Range<usize> {
    let lines = &evidence.snippet;
    let at = lines.iter().position(|line| line.line == evidence.line).unwrap_or(0);
    let start = if at < LINES { 0 } else { at + 1 - LINES };
    start..lines.len().min(start + LINES)
}

/// A line cut to the room, and where its value is: how many columns are before it, and how many it takes.
fn marked(line: &SnippetLine, evidence: &Evidence, room: usize, screen: Screen) -> (String, Option<(usize, usize)>) {
    let text = safe::show(line.text.trim_end_matches(['\r', '\n'])).replace('\n', "<U+000A>");
    let text = screen.symbols(&text);
    let value = screen.line(&evidence.value);
    let found = (line.line == evidence.line && !value.is_empty())
        .then(|| text.rfind(&value))
        .flatten();
    let Some(start) = found else {
        return (screen.cut(&text, room), None);
    };
    let end = display_width(&text[..start + value.len()]);
    let text = if end > room {
        shifted(&text, start, screen)
    } else {
        text
    };
    let start = text.rfind(&value).unwrap_or(0);
    let cut = screen.cut(&text, room);
    let blanks = display_width(&text[..start]);
    let carets = display_width(&value).min(display_width(&cut).saturating_sub(blanks));
    (cut, (carets > 0).then_some((blanks, carets)))
}

/// A long line from a little before its value on.
fn shifted(text: &str, start: usize, screen: Screen) -> String {
    let before = display_width(&text[..start]);
    let from = fitting(text, before.saturating_sub(LEAD));
    if from == 0 {
        return text.to_owned();
    }
    screen.symbols("…") + &text[from..]
}
