//! The section of one finding.

use super::super::links::{self, Link};
use super::super::step::Step;
use super::area_class;
use crate::{safe, units, wording};
use gleaner_report::{Absorbed, Confidence, Evidence, Finding, Harm, ObjectRef, Reference, Report, SnippetLine};
use serde::Serialize;

/// Most evidence of a root cause; the first excerpt is in view, the others are folded away. A symptom has one.
const EVIDENCE: usize = 5;
/// Most objects of a symptom.
const OBJECTS_BELOW: usize = 20;
/// Rows of a table that are in view.
const ROWS: usize = 5;
/// Most characters of a sentence in the line of a finding.
const SENTENCE: usize = 220;
/// Most quoted lines of the first evidence, and of the others.
const SNIPPET: usize = 12;
const SNIPPET_FOLDED: usize = 5;
/// Most links to symptoms or causes.
const LINKS: usize = 20;

/// Where a finding stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// It is a root cause.
    Root { open: bool },
    /// It is below a root cause, so many links away.
    Symptom { depth: usize },
}

/// One finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Section<'r> {
    anchor: String,
    severity: &'static str,
    area_class: &'static str,
    area: String,
    open: bool,
    /// Whether it is not a direct symptom, but one of a symptom.
    deep: bool,
    rule: String,
    title: String,
    sentence: String,
    /// All that the finding says, where the sentence is cut.
    message: String,
    confidence: &'static str,
    confidence_why: &'static str,
    path: String,
    count: String,
    table: Table,
    impact: &'r str,
    harm: &'static str,
    since: String,
    /// Whether it harms, and the bundle does not say since when.
    undated: bool,
    /// Whether there is anything to say in the line of facts.
    facts: bool,
    affected: String,
    avoid: &'r str,
    stands_alone: &'r [String],
    absorbed: Vec<General>,
    unset: &'r [String],
    cause: &'r str,
    evidence: Vec<Quote>,
    more_evidence: Vec<Quote>,
    steps: Vec<Step<'r>>,
    workaround: &'r str,
    fixed_in: String,
    /// Causes beside the one it is below.
    also_explained_by: FindingLinks,
    references: Vec<Page<'r>>,
}

/// What a more general rule says of the same objects.
#[derive(Serialize)]
struct General {
    message: String,
    rule: String,
}

/// The objects of a finding, without the kind where all share it.
#[derive(Serialize)]
struct Table {
    /// Whether the objects have messages of their own.
    messages: bool,
    /// The object, where there is only one.
    single: Option<String>,
    heading: String,
    more: String,
    cut: bool,
    rows: Vec<TableRow>,
    /// Whether there are so many that they are folded away.
    folded: bool,
}

/// One object.
#[derive(Serialize)]
struct TableRow {
    object: String,
    message: String,
}

/// Links to causes or symptoms.
#[derive(Serialize)]
struct FindingLinks {
    n: usize,
    list: Vec<Link>,
    more: usize,
}

/// An evidence with the lines around it.
#[derive(Serialize)]
struct Quote {
    path: String,
    place: String,
    object: Option<String>,
    field: String,
    value: String,
    lines: Vec<MarkedLine>,
}

/// A line of the excerpt, split around the value to mark in it.
#[derive(Serialize)]
struct MarkedLine {
    n: u64,
    before: String,
    mark: String,
    after: String,
}

/// A page to read more on.
#[derive(Serialize)]
struct Page<'r> {
    title: String,
    /// The address, if it may become a link.
    href: &'r str,
    url: String,
}

impl<'r> Section<'r> {
    /// Of a finding; at most `cap` objects are listed.
    pub(super) fn of(report: &'r Report, finding: &'r Finding, place: Place, cap: usize) -> Section<'r> {
        let (most, cap, is_root) = match place {
            Place::Root { .. } => (EVIDENCE, cap, true),
            Place::Symptom { .. } => (1, cap.min(OBJECTS_BELOW), false),
        };
        let table = table(finding, cap);
        let undated = finding.since.is_none() && finding.harm != Harm::Hygiene;
        let unsure = finding.confidence != Confidence::High;
        let facts = undated || unsure || finding.path.is_some() || table.single.is_some();
        let mut quotes = quotes(finding, most);
        let more_evidence = quotes.split_off(quotes.len().min(1));
        let message = wording::brief(&wording::message(finding, 600));
        let sentence = wording::brief(&wording::message(finding, SENTENCE));
        Section {
            anchor: links::anchor(&finding.id),
            severity: finding.severity.as_str(),
            area_class: area_class(&finding.area),
            area: safe::line_within(&finding.area, 40),
            open: matches!(place, Place::Root { open: true }),
            deep: matches!(place, Place::Symptom { depth } if depth > 1),
            rule: wording::or_missing(&finding.rule),
            title: wording::title(finding),
            message: if message == sentence { String::new() } else { message },
            sentence,
            confidence: finding.confidence.as_str(),
            confidence_why: match finding.confidence {
                Confidence::High => "",
                Confidence::Medium => "the signs agree, but the bundle cannot prove it",
                Confidence::Low => "a heuristic: check before you act",
            },
            path: safe::line_within(finding.path.as_deref().unwrap_or_default(), 80),
            count: units::grouped(finding.objects.len()),
            table,
            impact: &finding.impact.text,
            harm: wording::harm_word(finding.harm),
            since: finding
                .since
                .as_ref()
                .map(|_| wording::since(finding))
                .unwrap_or_default(),
            undated,
            facts,
            affected: wording::affected(finding),
            avoid: &finding.avoid,
            stands_alone: &finding.stands_alone,
            absorbed: finding.absorbs.iter().map(general).collect(),
            unset: &finding.unset,
            // The cause of a symptom is what it stands below.
            cause: if is_root { &finding.cause } else { "" },
            evidence: quotes,
            more_evidence,
            steps: finding.remediation.iter().take(20).map(Step::from).collect(),
            workaround: &finding.workaround,
            fixed_in: safe::line_within(&finding.fixed_in, 120),
            also_explained_by: links_to(report, finding.explained_by.get(1..).unwrap_or_default()),
            references: finding
                .references
                .iter()
                .take(if is_root { 10 } else { 0 })
                .map(page)
                .collect(),
        }
    }
}

fn general(absorbed: &Absorbed) -> General {
    General {
        message: wording::brief(&safe::line_within(&absorbed.message, 400)),
        rule: safe::line_within(&absorbed.rule, 80),
    }
}

fn links_to(report: &Report, ids: &[String]) -> FindingLinks {
    let list: Vec<Link> = ids.iter().take(LINKS).filter_map(|id| links::to(report, id)).collect();
    FindingLinks {
        n: list.len(),
        more: ids.len().saturating_sub(LINKS),
        list,
    }
}

fn table(finding: &Finding, cap: usize) -> Table {
    let first = finding.objects.first();
    let kind = first.map(|object| object.kind.as_str()).unwrap_or_default();
    let same = finding.objects.iter().all(|object| object.kind == kind);
    let row = |object: &ObjectRef, message: &str| TableRow {
        object: if same {
            wording::object_name(object)
        } else {
            wording::object(object)
        },
        message: safe::line_within(message, 400),
    };
    let total = finding.objects.len().max(finding.rows.len());
    let shown = cap.min(if finding.rows.is_empty() {
        finding.objects.len()
    } else {
        finding.rows.len()
    });
    let single = finding.objects.len() <= 1;
    let rows = if single {
        Vec::new()
    } else if finding.rows.is_empty() {
        let objects = finding.objects.iter().take(cap);
        objects.map(|object| row(object, "")).collect()
    } else {
        let rows = finding.rows.iter().take(cap);
        rows.map(|listed| row(&listed.object, &listed.message)).collect()
    };
    Table {
        messages: !single && finding.rows.iter().any(|row| !row.message.is_empty()),
        single: first.filter(|_| single).map(wording::object),
        heading: if same && !kind.is_empty() {
            safe::line_within(kind, 80)
        } else {
            "Object".to_owned()
        },
        more: units::grouped(total - shown),
        cut: total > shown,
        folded: rows.len() > ROWS,
        rows,
    }
}

/// The quotes of a finding. Lines that are in an excerpt already are marked there and not quoted again.
fn quotes(finding: &Finding, most: usize) -> Vec<Quote> {
    let mut quotes: Vec<Quote> = Vec::new();
    for (at, evidence) in finding.evidence.iter().enumerate() {
        if quotes.len() == most {
            break;
        }
        let earlier = finding.evidence.iter().take(at);
        let mut earlier = earlier.filter(|other| other.path == evidence.path);
        let quoted =
            evidence.line > 0 && earlier.any(|other| other.snippet.iter().any(|line| line.line == evidence.line));
        if !quoted {
            let lines = if quotes.is_empty() { SNIPPET } else { SNIPPET_FOLDED };
            quotes.push(quote(evidence, finding, lines));
        }
    }
    quotes
}

fn quote(evidence: &Evidence, finding: &Finding, most: usize) -> Quote {
    let lines = excerpt(evidence, most);
    let marked = |line: &SnippetLine| {
        let mut here = finding
            .evidence
            .iter()
            .filter(|other| other.path == evidence.path && other.line == line.line);
        marked_line(line, here.next())
    };
    Quote {
        path: safe::line_within(&evidence.path, 400),
        place: if evidence.line > 0 {
            format!(":{}", evidence.line)
        } else {
            String::new()
        },
        // The only object of a finding is named above its excerpts.
        object: evidence
            .object
            .as_ref()
            .filter(|object| finding.objects.as_slice() != std::slice::from_ref(*object))
            .map(wording::object),
        field: safe::line_within(&evidence.field, 200),
        value: safe::line_within(&evidence.value, 400),
        lines: lines.iter().map(marked).collect(),
    }
}

/// At most so many lines of an excerpt, around the line of the evidence.
fn excerpt(evidence: &Evidence, most: usize) -> &[SnippetLine] {
    let lines = evidence.snippet.as_slice();
    let at = lines.iter().position(|line| line.line == evidence.line).unwrap_or(0);
    let from = at.saturating_sub(most / 2).min(lines.len().saturating_sub(most));
    &lines[from..lines.len().min(from + most)]
}

/// A line with the value of an evidence in it marked, or else all of it but its indentation.
fn marked_line(line: &SnippetLine, evidence: Option<&Evidence>) -> MarkedLine {
    let text = safe::clip(line.text.trim_end(), 400).replace('\n', "<U+000A>");
    let (before, mark, after) = match evidence {
        None => (text.as_str(), "", ""),
        Some(evidence) => {
            let value = evidence.value.as_str();
            match text.rsplit_once(value).filter(|_| !value.is_empty()) {
                Some((before, after)) => (before, value, after),
                None => {
                    let start = text.len() - text.trim_start().len();
                    let (indent, rest) = text.split_at(start);
                    (indent, rest, "")
                }
            }
        }
    };
    MarkedLine {
        n: line.line,
        before: before.to_owned(),
        mark: mark.to_owned(),
        after: after.to_owned(),
    }
}

fn page(reference: &Reference) -> Page<'_> {
    Page {
        title: safe::line_within(&reference.title, 160),
        href: safe::link(&reference.url).unwrap_or_default(),
        url: safe::line_within(reference.url.trim_start_matches("https://"), 500),
    }
}
