//! All root causes, a line each, under the harm they do. On a narrow screen the facts have a line of their own.

use super::screen::{BOLD, DIM, Screen};
use crate::causes::{self, Root};
use crate::{narrowed, safe, units, wording};
use gleaner_report::{Harm, Report};
use textwrap::core::display_width;

/// The narrowest screen on which a cause and its facts share a line.
const WIDE: usize = 100;
/// The most columns that the id of a rule takes, and the fewest that a sentence takes.
const RULE: usize = 32;
const SENTENCE: usize = 30;

/// The most causes that are listed, and shown in detail.
pub(super) const MOST: usize = 1_000;

/// A root cause as a row of the table.
struct Row<'r> {
    root: &'r Root<'r>,
    number: usize,
    since: String,
    down: String,
    at_risk: String,
    symptoms: String,
    rule: String,
}

/// The causes that are shown, by number: without `all`, hygiene only where it was asked for or there is nothing worse.
pub(super) fn shown<'r>(
    report: &Report,
    roots: &'r [Root<'r>],
    all: bool,
) -> impl Iterator<Item = (usize, &'r Root<'r>)> {
    let all = all || roots.iter().all(|root| root.harm == Harm::Hygiene);
    let numbered = (1..).zip(roots);
    numbered.filter(move |(_, root)| all || root.harm != Harm::Hygiene || narrowed::in_focus(report, root.finding))
}

/// The list; what is not shown is counted.
pub(super) fn list(report: &Report, roots: &[Root<'_>], all: bool, screen: Screen) -> String {
    if roots.is_empty() {
        return String::new();
    }
    let rows: Vec<Row<'_>> = shown(report, roots, all)
        .take(MOST)
        .map(|(number, root)| Row::new(report, number, root, screen))
        .collect();
    let columns = Columns::of(&rows, screen);
    let mut out = columns.head(screen);
    let mut group = "";
    for row in &rows {
        if causes::group(row.root.harm) != group {
            group = causes::group(row.root.harm);
            out.push_str(&screen.paint(Screen::of_harm(row.root.harm), group));
            out.push('\n');
        }
        out.push_str(&columns.row(row, screen));
    }
    let wanted = shown(report, roots, all).count();
    if wanted > rows.len() {
        let more = units::count(wanted - rows.len(), "more cause");
        out.push_str(&format!("and {more}, listed in the JSON report\n"));
    }
    let left = roots.len() - wanted;
    if left > 0 {
        let title = screen.paint(Screen::of_harm(Harm::Hygiene), causes::group(Harm::Hygiene));
        out.push_str(&format!("{title}: {left} more, listed with --full\n"));
    }
    out + "\n"
}

impl<'r> Row<'r> {
    fn new(report: &Report, number: usize, root: &'r Root<'r>, screen: Screen) -> Row<'r> {
        let some = |n: usize| match n {
            0 => screen.dash().to_owned(),
            n => units::grouped(n),
        };
        Row {
            root,
            number,
            since: wording::since_short(report, root.finding).unwrap_or_else(|| screen.dash().to_owned()),
            down: some(root.vms_down),
            at_risk: some(root.vms_at_risk),
            symptoms: some(root.symptoms.len()),
            rule: screen.cut(&screen.symbols(&safe::line_within(&root.finding.rule, 80)), RULE),
        }
    }

    /// What is in the columns after the sentence.
    fn cells(&self) -> [&str; 5] {
        [&self.since, &self.down, &self.at_risk, &self.symptoms, &self.rule]
    }

    /// What the finding says, in so many columns.
    fn sentence(&self, columns: usize, screen: Screen) -> String {
        let message = wording::short(&wording::message(self.root.finding, safe::LINE_MAX));
        screen.cell(&screen.symbols(&message), columns)
    }

    /// The facts in words.
    fn facts(&self, screen: Screen) -> String {
        let mut facts = vec![match self.since.as_str() {
            dash if dash == screen.dash() => "since unknown".to_owned(),
            since => format!("since {since}"),
        }];
        facts.extend(vms(self.root));
        facts.extend((!self.root.symptoms.is_empty()).then(|| units::count(self.root.symptoms.len(), "symptom")));
        facts.push(self.rule.clone());
        facts.join(", ")
    }
}

/// How many VMs are down and at risk, in words; `None` where none are.
pub(super) fn vms(root: &Root<'_>) -> Option<String> {
    match (root.vms_down, root.vms_at_risk) {
        (0, 0) => None,
        (down, 0) => Some(format!("{} down", units::count(down, "VM"))),
        (0, at_risk) => Some(format!("{} at risk", units::count(at_risk, "VM"))),
        (down, at_risk) => Some(format!(
            "{} down, {} at risk",
            units::count(down, "VM"),
            units::grouped(at_risk)
        )),
    }
}

/// How wide the columns are; none where there is no room for them.
struct Columns(Option<[usize; 5]>);

/// The titles of the columns after the sentence, and where there is room for long ones.
const TITLES: [&str; 5] = ["since (UTC)", "down", "risk", "sympt.", "rule"];
const LONG_TITLES: [&str; 5] = ["since (UTC)", "VMs down", "at risk", "symptoms", "rule"];
const LONG: usize = 120;

fn titles(screen: Screen) -> [&'static str; 5] {
    if screen.width >= LONG { LONG_TITLES } else { TITLES }
}

/// The columns before the sentence, and between columns.
const MARGIN: usize = 4;
const GAP: usize = 2;

impl Columns {
    fn of(rows: &[Row<'_>], screen: Screen) -> Columns {
        let mut widths = titles(screen).map(str::len);
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row.cells()) {
                *width = display_width(cell).max(*width);
            }
        }
        let columns = Columns(Some(widths));
        let fits = screen.width >= WIDE && columns.sentence(screen) >= SENTENCE;
        if fits && !rows.is_empty() {
            columns
        } else {
            Columns(None)
        }
    }

    /// What is left for the sentence.
    fn sentence(&self, screen: Screen) -> usize {
        let others: usize = self.0.iter().flatten().map(|width| width + GAP).sum();
        screen.width.saturating_sub(MARGIN + others)
    }

    /// The titles; nothing without columns.
    fn head(&self, screen: Screen) -> String {
        let line = self.line("", "", titles(screen), screen);
        line.map_or_else(String::new, |line| screen.paint(DIM, line.trim_end()) + "\n")
    }

    fn row(&self, row: &Row<'_>, screen: Screen) -> String {
        let sentence = row.sentence(self.sentence(screen), screen);
        let sentence = if row.root.harm <= Harm::Outage {
            screen.paint(BOLD, &sentence)
        } else {
            sentence
        };
        let number = row.number.to_string();
        let line = self.line(&number, &sentence, row.cells(), screen).unwrap_or_else(|| {
            let facts = screen.cut(&row.facts(screen), self.sentence(screen));
            let facts = screen.paint(DIM, &facts);
            format!("{number:>2}  {}\n    {facts}", sentence.trim_end())
        });
        line.trim_end().to_owned() + "\n"
    }

    /// A line of the table; `None` where there are no columns. Numbers end at the same column.
    fn line(&self, number: &str, sentence: &str, cells: [&str; 5], screen: Screen) -> Option<String> {
        let widths = self.0?;
        let mut out = format!("{number:>2}  {}", screen.cell(sentence, self.sentence(screen)));
        for (at, (cell, width)) in cells.into_iter().zip(widths).enumerate() {
            let numeric = (1..4).contains(&at);
            out.push_str(&" ".repeat(GAP));
            out.push_str(&if numeric {
                format!("{cell:>width$}")
            } else {
                screen.cell(cell, width)
            });
        }
        Some(out)
    }
}
