//! The report for a terminal, in the manner of rustc: the worst finding last, right above the total. What a finding explains is
//! listed below it, a line each.
//!
//! Sentences wrap at the width asked for; paths and commands never do. Every string is made printable first, so a
//! bundle cannot send a terminal any control sequence; the only escape bytes are our own colours, and only if asked
//! for.

use crate::options::RenderOptions;
use crate::{causes, narrowed, safe, units, wording};
use anstyle::{AnsiColor, Style};
use gleaner_report::{Evidence, Finding, Report, Severity, Verdict};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Most affected objects and next steps listed under a finding.
const OBJECTS: usize = 3;
const STEPS: usize = 3;
/// Symptoms listed under their cause, unless more findings are asked for.
const SYMPTOMS: usize = 12;

/// Writes the report.
pub(crate) fn render(report: &Report, options: &RenderOptions) -> String {
    let screen = Screen {
        color: options.color,
        width: options.width.clamp(40, 200),
        symptoms: options.max_findings.max(SYMPTOMS),
    };
    let mut out = head(report, screen);
    let groups = grouped(report);
    let shown = options.max_findings.min(groups.len());
    let left: usize = groups.iter().skip(shown).map(|group| 1 + group.symptoms.len()).sum();
    if left > 0 {
        out.push_str(&format!(
            "{} not shown; -o report.html has all\n\n",
            units::count(left, "finding")
        ));
    }
    for group in groups.iter().take(shown).rev() {
        one(report, group, screen, &mut out);
    }
    out.push_str(&closing(report, screen));
    out
}

/// A finding that is not a symptom, with its symptoms.
struct Group<'r> {
    finding: &'r Finding,
    symptoms: Vec<&'r Finding>,
}

/// The findings that are not symptoms, each with its symptoms. What was asked for has a group of its own.
fn grouped(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for placed in causes::ordered(report) {
        match groups.last_mut() {
            Some(group) if placed.symptom && !narrowed::in_focus(report, placed.finding) => {
                group.symptoms.push(placed.finding);
            }
            _ => groups.push(Group {
                finding: placed.finding,
                symptoms: Vec::new(),
            }),
        }
    }
    groups
}

/// What the report is written for.
#[derive(Clone, Copy)]
struct Screen {
    /// Whether our own colours are used.
    color: bool,
    /// Columns.
    width: usize,
    /// Most symptoms listed under their cause.
    symptoms: usize,
}

const BOLD: Style = Style::new().bold();
const FRAME: Style = AnsiColor::Blue.on_default().bold();
const CARETS: Style = AnsiColor::Red.on_default().bold();

impl Screen {
    fn paint(self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.paint(BOLD, text)
    }

    fn frame(self, text: &str) -> String {
        self.paint(FRAME, text)
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        let color = match severity {
            Severity::Blocker => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::Cyan,
        };
        self.paint(color.on_default().bold(), text)
    }

    /// A line of the closing, wrapped, its label painted.
    fn labelled(self, color: AnsiColor, label: &str, text: &str) -> String {
        let wrapped = wrap(&format!("{label} {text}"), self.width, "  ");
        let painted = self.paint(color.on_default(), label);
        repaint(&wrapped, label, &painted, str::to_owned) + "\n"
    }
}

/// What was read, in two lines.
fn head(report: &Report, screen: Screen) -> String {
    let name = wording::or_missing(&report.bundle.name);
    let when = units::utc(&report.bundle.created_at).unwrap_or_else(|| "an unknown time".to_owned());
    let cluster = &report.cluster;
    format!(
        "Gleaner: {} collected {when}\nHarvester {}, Longhorn {}, Kubernetes {}, {}\n\n",
        screen.bold(&name),
        wording::or_missing(&cluster.harvester_version),
        wording::or_missing(&cluster.longhorn_version),
        wording::or_missing(&cluster.kubernetes_version),
        units::count(cluster.nodes.len().max(cluster.node_count), "host"),
    ) + &diagnosis(report, screen)
}

/// The diagnosis in a few sentences, and when the trouble began.
fn diagnosis(report: &Report, screen: Screen) -> String {
    let sentence = safe::line(&report.diagnosis.sentence);
    if sentence.is_empty() {
        return String::new();
    }
    let began = match &report.diagnosis.first_bad {
        Some(first) => format!(
            " The trouble began at {}.",
            units::utc(first).unwrap_or_else(|| safe::line(first))
        ),
        None => String::new(),
    };
    format!(
        "{}\n\n",
        screen.bold(&wrap(&format!("{sentence}{began}"), screen.width, ""))
    )
}

/// One finding, and a line for each of its symptoms.
fn one(report: &Report, Group { finding, symptoms }: &Group<'_>, screen: Screen, out: &mut String) {
    let name = label(finding);
    let head = wrap(
        &format!("{name}: {}", wording::message(finding, 400)),
        screen.width,
        "  ",
    );
    let painted = screen.severity(finding.severity, &name);
    out.push_str(&repaint(&head, &name, &painted, |rest| screen.bold(rest)));
    out.push('\n');
    let first = finding.evidence.first();
    let lines = first
        .into_iter()
        .flat_map(|evidence| evidence.snippet.iter().map(|line| line.line).chain([evidence.line]));
    let pad = " ".repeat(lines.max().unwrap_or(0).to_string().len());
    if let Some(evidence) = first {
        place(evidence, screen, &pad, out);
    }
    let mut notes = Notes { screen, pad, out };
    affected(finding, &mut notes);
    let harm = wording::harm(finding.harm);
    notes.sentence("harm", &format!("{harm}; since {}", wording::since(finding)));
    for unset in &finding.unset {
        notes.sentence("not set", unset);
    }
    notes.sentence("impact", &finding.impact.text);
    notes.sentence("affected", &wording::affected(finding));
    if !finding.cause.trim().is_empty() {
        let confidence = finding.confidence.as_str();
        notes.sentence("cause", &format!("{} (confidence: {confidence})", finding.cause.trim()));
    }
    notes.sentence("explains", &wording::symptoms(report, finding));
    for symptom in symptoms.iter().take(screen.symptoms) {
        let says = wording::message(symptom, 160);
        notes.sentence("follows", &format!("{}: {says}", label(symptom)));
    }
    if symptoms.len() > screen.symptoms {
        let more = units::grouped(symptoms.len() - screen.symptoms);
        notes.sentence("follows", &format!("{more} more in report.html"));
    }
    for reason in &finding.stands_alone {
        notes.sentence("stands alone", reason);
    }
    notes.sentence("also", &wording::absorbed(finding));
    notes.sentence("avoid", &finding.avoid);
    let causes = finding.explained_by.iter();
    let causes = causes.filter_map(|id| report.findings.iter().find(|other| other.id == *id));
    for cause in causes.take(2) {
        notes.sentence("symptom of", &format!("{} ({})", wording::title(cause), cause.rule));
    }
    for step in finding.remediation.iter().take(STEPS) {
        let label = format!("next ({})", step.effect.as_str());
        notes.sentence(&label, &step.text);
        for command in step.command.iter().flat_map(|command| command.lines()) {
            notes.command(&label, command);
        }
    }
    notes.sentence("workaround", &finding.workaround);
    notes.command("explain", &format!("gleaner explain {}", finding.rule));
    out.push('\n');
}

/// How a finding is named: `blocker[rule-id]`.
fn label(finding: &Finding) -> String {
    format!(
        "{}[{}]",
        finding.severity.as_str(),
        safe::line_within(&finding.rule, 80)
    )
}

/// The first objects of a finding that has several.
fn affected(finding: &Finding, notes: &mut Notes<'_>) {
    if finding.objects.len() < 2 {
        return;
    }
    for row in finding.rows.iter().take(OBJECTS) {
        notes.sentence("object", &format!("{} {}", wording::object(&row.object), row.message));
    }
    if finding.objects.len() > OBJECTS {
        let more = units::grouped(finding.objects.len() - OBJECTS);
        notes.sentence("objects", &format!("{more} more in report.json"));
    }
}

/// The lines under a finding that begin with `=`.
struct Notes<'a> {
    screen: Screen,
    pad: String,
    out: &'a mut String,
}

impl Notes<'_> {
    /// A sentence, wrapped; nothing if it is empty.
    fn sentence(&mut self, label: &str, text: &str) {
        let text = safe::line(text);
        if !text.is_empty() {
            let line = format!("{} = {label}: {text}", self.pad);
            let indent = format!("{}   ", self.pad);
            self.push(label, &wrap(&line, self.screen.width, &indent));
        }
    }

    /// A command, on one line however long it is.
    fn command(&mut self, label: &str, text: &str) {
        let text = safe::line(text);
        if !text.is_empty() {
            let line = format!("{} = {label}: {text}", self.pad);
            self.push(label, &line);
        }
    }

    /// Paints the label of a line and appends it.
    fn push(&mut self, label: &str, line: &str) {
        let plain = format!("{} = {label}:", self.pad);
        let (frame, label) = (self.screen.frame("="), self.screen.bold(&format!("{label}:")));
        let painted = format!("{} {frame} {label}", self.pad);
        self.out.push_str(&repaint(line, &plain, &painted, str::to_owned));
        self.out.push('\n');
    }
}

/// Where the first evidence is, with its lines and carets under the value.
fn place(evidence: &Evidence, screen: Screen, pad: &str, out: &mut String) {
    let line = if evidence.line > 0 {
        format!(":{}", evidence.line)
    } else {
        String::new()
    };
    out.push_str(&format!(
        "{pad}{} {}{line}\n",
        screen.frame("-->"),
        safe::line(&evidence.path)
    ));
    let bar = screen.frame("|");
    out.push_str(&format!("{pad} {bar}\n"));
    if evidence.snippet.is_empty() {
        let field = if evidence.field.is_empty() {
            String::new()
        } else {
            format!("{}: ", safe::line_within(&evidence.field, 200))
        };
        out.push_str(&format!(
            "{pad} {bar} {field}{}\n",
            safe::line_within(&evidence.value, 300)
        ));
    }
    for quoted in evidence.snippet.iter().take(6) {
        let text = safe::show(&safe::clip(quoted.text.trim_end_matches(['\r', '\n']), 300)).replace('\n', "<U+000A>");
        let number = format!("{:>width$}", quoted.line, width = pad.len());
        out.push_str(&format!("{} {bar} {text}\n", screen.frame(&number)));
        let value = safe::line_within(&evidence.value, 300);
        if quoted.line == evidence.line
            && let Some((before, _)) = text.rsplit_once(&value).filter(|_| !value.is_empty())
        {
            let carets = "^".repeat(value.chars().count());
            let blank = " ".repeat(before.chars().count());
            out.push_str(&format!("{pad} {bar} {blank}{}\n", screen.paint(CARETS, &carets)));
        }
    }
    out.push_str(&format!("{pad} {bar}\n"));
}

/// The upgrade verdict, the gaps, and the total.
fn closing(report: &Report, screen: Screen) -> String {
    let mut out = String::new();
    if let Some(line) = wording::upgrade_line(report) {
        let color = match report.upgrade.verdict {
            Verdict::Ready => AnsiColor::Green,
            Verdict::Unknown => AnsiColor::Yellow,
            Verdict::Blocked => AnsiColor::Red,
        };
        let reason = safe::line(&report.upgrade.reason);
        let reason = if reason.is_empty() {
            reason
        } else {
            format!(": {reason}")
        };
        out.push_str(&screen.labelled(color, "upgrade:", &format!("{line}{reason}")));
    }
    let gaps = wording::gaps(report);
    if !gaps.is_empty() {
        let gaps = format!("the bundle is not complete: {}", gaps.join("; "));
        out.push_str(&screen.labelled(AnsiColor::Yellow, "coverage:", &gaps));
    }
    for note in narrowed::notes(report) {
        out.push_str(&screen.labelled(AnsiColor::Cyan, "note:", &note));
    }
    out.push_str(&screen.bold(&wording::total(report)));
    out.push('\n');
    out
}

/// A wrapped text with its label painted, and what follows it. A label that was itself wrapped stays unpainted.
fn repaint(wrapped: &str, label: &str, painted: &str, paint: impl Fn(&str) -> String) -> String {
    match wrapped.strip_prefix(label) {
        Some(rest) => painted.to_owned() + &paint(rest),
        None => wrapped.to_owned(),
    }
}

/// Breaks a text at blanks so that lines keep to the width where they can; later lines begin with `indent`. Words are never
/// broken: paths and commands stay fit to be copied.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let options = Options::new(width)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::fill(text, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_wrap_and_long_words_do_not() {
        assert_eq!(wrap("aaa bbb ccc", 7, "  "), "aaa bbb\n  ccc");
        assert_eq!(wrap("a bbbbbbbbbbbb", 5, "  "), "a\n  bbbbbbbbbbbb");
    }

    #[test]
    fn a_label_that_wraps_costs_its_paint_and_no_text() {
        let painted = |width| repaint(&wrap("a label: text", width, " "), "a label:", "LABEL", str::to_owned);
        assert_eq!(painted(40), "LABEL text");
        assert_eq!(painted(5), "a\n label:\n text");
    }
}
