//! The report for a terminal, in the manner of rustc: the worst finding last, right above the total. What a finding explains is
//! told in a line each below it.
//!
//! Sentences wrap at the width asked for; paths and commands never do. Every string is made printable first, so a
//! bundle cannot send a terminal any control sequence; the only escape bytes are our own colours, and only if asked
//! for.

use super::{RenderOptions, causes, narrowed, safe, units, wording};
use gleaner_report::{Confidence, Evidence, Finding, Severity};
use gleaner_report::{Report, Verdict};

/// Most affected objects and next steps listed under a finding.
const OBJECTS: usize = 3;
const STEPS: usize = 3;
/// Symptoms listed under their cause, unless more findings are asked for.
const SYMPTOMS: usize = 12;

/// Writes the report.
pub(crate) fn render(report: &Report, options: &RenderOptions) -> String {
    let paint = Paint { color: options.color };
    let width = options.width.clamp(40, 200);
    let mut out = head(report, paint);
    let groups = grouped(report);
    let shown = options.max_findings.min(groups.len());
    let left: usize = groups.iter().skip(shown).map(|(_, symptoms)| 1 + symptoms.len()).sum();
    if left > 0 {
        out.push_str(&format!(
            "{} not shown; -o report.html has all\n\n",
            units::count(left, "finding")
        ));
    }
    for (finding, symptoms) in groups.iter().take(shown).rev() {
        let listed = options.max_findings.max(SYMPTOMS);
        one(report, (finding, symptoms, listed), (paint, width), &mut out);
    }
    out.push_str(&closing(report, paint, width));
    out
}

/// The findings that stand on their own, each with its symptoms. What was asked for stands on its own.
fn grouped(report: &Report) -> Vec<(&Finding, Vec<&Finding>)> {
    let mut groups: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
    for placed in causes::ordered(report) {
        match groups.last_mut() {
            Some((_, symptoms)) if placed.symptom && !narrowed::in_focus(report, placed.finding) => {
                symptoms.push(placed.finding);
            }
            _ => groups.push((placed.finding, Vec::new())),
        }
    }
    groups
}

/// Our own colours, or none.
#[derive(Clone, Copy)]
struct Paint {
    color: bool,
}

impl Paint {
    fn on(self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.on("1", text)
    }

    fn frame(self, text: &str) -> String {
        self.on("1;34", text)
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Blocker => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "1;36",
        };
        self.on(code, text)
    }
}

/// What was read, in two lines.
fn head(report: &Report, paint: Paint) -> String {
    let name = wording::or_missing(&report.bundle.name);
    let when = units::utc(&report.bundle.created_at).unwrap_or_else(|| "an unknown time".to_owned());
    let cluster = &report.cluster;
    format!(
        "Gleaner: {} collected {when}\nHarvester {}, Longhorn {}, Kubernetes {}, {}\n\n",
        paint.bold(&name),
        wording::or_missing(&cluster.harvester_version),
        wording::or_missing(&cluster.longhorn_version),
        wording::or_missing(&cluster.kubernetes_version),
        units::count(cluster.nodes.len().max(cluster.node_count), "host"),
    )
}

/// One finding, with so many of its symptoms.
fn one(
    report: &Report,
    (finding, symptoms, listed): (&Finding, &[&Finding], usize),
    (paint, width): (Paint, usize),
    out: &mut String,
) {
    let label = format!(
        "{}[{}]",
        finding.severity.as_str(),
        safe::line_within(&finding.rule, 80)
    );
    let head = wrap(&format!("{label}: {}", wording::message(finding, 400)), width, "  ");
    let rest = head.strip_prefix(&label).unwrap_or_default();
    out.push_str(&format!(
        "{}{}\n",
        paint.severity(finding.severity, &label),
        paint.bold(rest)
    ));
    let first = finding.evidence.first();
    let lines = first
        .into_iter()
        .flat_map(|evidence| evidence.snippet.iter().map(|line| line.line).chain([evidence.line]));
    let pad = " ".repeat(lines.max().unwrap_or(0).to_string().len());
    if let Some(evidence) = first {
        place(evidence, paint, &pad, out);
    }
    let mut notes = Notes { paint, width, pad, out };
    affected(finding, &mut notes);
    notes.sentence("impact", &finding.impact.text);
    notes.sentence("whom", &wording::hurt(finding));
    if !finding.cause.trim().is_empty() {
        let confidence = match finding.confidence {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        };
        notes.sentence("cause", &format!("{} (confidence: {confidence})", finding.cause.trim()));
    }
    notes.sentence("explains", &wording::symptoms(report, finding));
    for symptom in symptoms.iter().take(listed) {
        let label = format!(
            "{}[{}]",
            symptom.severity.as_str(),
            safe::line_within(&symptom.rule, 80)
        );
        notes.sentence("follows", &format!("{label}: {}", wording::message(symptom, 160)));
    }
    if symptoms.len() > listed {
        let more = units::grouped(symptoms.len() - listed);
        notes.sentence("follows", &format!("{more} more in report.html"));
    }
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
    paint: Paint,
    width: usize,
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
            self.push(label, &wrap(&line, self.width, &indent));
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
        let rest = line.strip_prefix(&plain).unwrap_or_default();
        let (frame, label) = (self.paint.frame("="), self.paint.bold(&format!("{label}:")));
        self.out.push_str(&format!("{} {frame} {label}{rest}\n", self.pad));
    }
}

/// Where the first evidence stands, with its lines and carets under the value.
fn place(evidence: &Evidence, paint: Paint, pad: &str, out: &mut String) {
    let line = if evidence.line > 0 {
        format!(":{}", evidence.line)
    } else {
        String::new()
    };
    out.push_str(&format!(
        "{pad}{} {}{line}\n",
        paint.frame("-->"),
        safe::line(&evidence.path)
    ));
    let bar = paint.frame("|");
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
        out.push_str(&format!("{} {bar} {text}\n", paint.frame(&number)));
        let value = safe::line_within(&evidence.value, 300);
        if quoted.line == evidence.line
            && let Some((before, _)) = text.rsplit_once(&value).filter(|_| !value.is_empty())
        {
            let carets = "^".repeat(value.chars().count());
            let blank = " ".repeat(before.chars().count());
            out.push_str(&format!("{pad} {bar} {blank}{}\n", paint.on("1;31", &carets)));
        }
    }
    out.push_str(&format!("{pad} {bar}\n"));
}

/// The upgrade verdict, the gaps, and the total.
fn closing(report: &Report, paint: Paint, width: usize) -> String {
    let mut out = String::new();
    if let Some(line) = wording::upgrade_line(report) {
        let code = match report.upgrade.verdict {
            Verdict::Ready => "32",
            Verdict::Unknown => "33",
            Verdict::Blocked => "31",
        };
        let reason = safe::line(&report.upgrade.reason);
        let reason = if reason.is_empty() {
            reason
        } else {
            format!(": {reason}")
        };
        let wrapped = wrap(&format!("upgrade: {line}{reason}"), width, "  ");
        out.push_str(&format!(
            "{}\n",
            wrapped.replacen("upgrade:", &paint.on(code, "upgrade:"), 1)
        ));
    }
    let gaps = wording::gaps(report);
    if !gaps.is_empty() {
        let wrapped = wrap(
            &format!("coverage: the bundle is not complete: {}", gaps.join("; ")),
            width,
            "  ",
        );
        out.push_str(&format!(
            "{}\n",
            wrapped.replacen("coverage:", &paint.on("33", "coverage:"), 1)
        ));
    }
    for note in narrowed::notes(report) {
        let wrapped = wrap(&format!("note: {note}"), width, "  ");
        out.push_str(&format!("{}\n", wrapped.replacen("note:", &paint.on("36", "note:"), 1)));
    }
    out.push_str(&paint.bold(&wording::total(report)));
    out.push('\n');
    out
}

/// Breaks a text at blanks so that lines keep to the width where they can; later lines begin with `indent`.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    let lead: String = text.chars().take_while(|c| *c == ' ').collect();
    out.push_str(&lead);
    column += lead.len();
    let mut first = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let size = word.chars().count();
        if !first && column + 1 + size > width {
            out.push('\n');
            out.push_str(indent);
            column = indent.len();
        } else if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += size;
        first = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_wrap_and_long_words_do_not() {
        assert_eq!(wrap("aaa bbb ccc", 7, "  "), "aaa bbb\n  ccc");
        assert_eq!(wrap("a bbbbbbbbbbbb", 5, "  "), "a\n  bbbbbbbbbbbb");
    }
}
