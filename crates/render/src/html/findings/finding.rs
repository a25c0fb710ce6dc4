//! The section of one finding.

use super::super::links::{self, Link};
use super::super::step::Step;
use super::area_class;
use crate::causes::Placed;
use crate::{safe, units, wording};
use gleaner_report::{Confidence, Evidence, Finding, ObjectRef, Reference, Report, Severity, SnippetLine};
use serde::Serialize;

/// Most evidence.
const EVIDENCE: usize = 3;
/// Most quoted lines of an evidence.
const SNIPPET: usize = 12;
/// Most links to symptoms or causes.
const LINKS: usize = 20;

/// One finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Section<'r> {
    anchor: String,
    severity: &'static str,
    area_class: &'static str,
    area: String,
    symptom: bool,
    open: bool,
    rule: String,
    title: String,
    message: String,
    confidence: &'static str,
    confidence_why: &'static str,
    path: String,
    count: String,
    table: Table,
    impact: &'r str,
    harm: &'static str,
    since: String,
    affected: String,
    avoid: &'r str,
    stands_alone: &'r [String],
    absorbed: String,
    unset: &'r [String],
    cause: &'r str,
    evidence: Vec<Quote>,
    evidence_more: usize,
    steps: Vec<Step<'r>>,
    workaround: &'r str,
    fixed_in: String,
    explains: FindingLinks,
    explained_by: FindingLinks,
    references: Vec<Page<'r>>,
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
    pub(super) fn of(report: &'r Report, placed: Placed<'r>, cap: usize) -> Section<'r> {
        let Placed { finding, symptom } = placed;
        Section {
            anchor: links::anchor(&finding.id),
            severity: finding.severity.as_str(),
            area_class: area_class(&finding.area),
            area: safe::line_within(&finding.area, 40),
            symptom,
            open: finding.severity > if symptom { Severity::Warning } else { Severity::Info },
            rule: safe::line_within(&finding.rule, 80),
            title: wording::title(finding),
            message: safe::line_within(&finding.message, 600),
            confidence: finding.confidence.as_str(),
            confidence_why: match finding.confidence {
                Confidence::High => "",
                Confidence::Medium => "the signs agree, but the bundle cannot prove it",
                Confidence::Low => "a heuristic: check before you act",
            },
            path: safe::line_within(finding.path.as_deref().unwrap_or_default(), 80),
            count: units::grouped(finding.objects.len()),
            table: table(finding, cap),
            impact: &finding.impact.text,
            harm: wording::harm_word(finding.harm),
            since: finding
                .since
                .as_ref()
                .map(|_| wording::since(finding))
                .unwrap_or_default(),
            affected: wording::affected(finding),
            avoid: &finding.avoid,
            stands_alone: &finding.stands_alone,
            absorbed: wording::absorbed(finding),
            unset: &finding.unset,
            cause: &finding.cause,
            evidence: finding.evidence.iter().take(EVIDENCE).map(quote).collect(),
            evidence_more: finding.evidence.len().saturating_sub(EVIDENCE),
            steps: finding.remediation.iter().take(20).map(Step::from).collect(),
            workaround: &finding.workaround,
            fixed_in: safe::line_within(&finding.fixed_in, 120),
            explains: links_to(report, &finding.explains),
            explained_by: links_to(report, &finding.explained_by),
            references: finding.references.iter().take(10).map(page).collect(),
        }
    }
}

fn links_to(report: &Report, ids: &[String]) -> FindingLinks {
    let mut list: Vec<Link> = ids.iter().filter_map(|id| links::to(report, id)).collect();
    let n = list.len();
    list.truncate(LINKS);
    FindingLinks {
        n,
        more: n - list.len(),
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
        rows,
    }
}

fn quote(evidence: &Evidence) -> Quote {
    let lines = evidence.snippet.iter().take(SNIPPET);
    Quote {
        path: safe::line_within(&evidence.path, 400),
        place: if evidence.line > 0 {
            format!(":{}", evidence.line)
        } else {
            String::new()
        },
        object: evidence.object.as_ref().map(wording::object),
        field: safe::line_within(&evidence.field, 200),
        value: safe::line_within(&evidence.value, 400),
        lines: lines.map(|line| marked_line(line, evidence)).collect(),
    }
}

fn marked_line(line: &SnippetLine, evidence: &Evidence) -> MarkedLine {
    let text = safe::clip(line.text.trim_end(), 400).replace('\n', "<U+000A>");
    let value = evidence.value.as_str();
    let (before, mark, after) = if line.line != evidence.line {
        (text.as_str(), "", "")
    } else if let Some((before, after)) = text.rsplit_once(value).filter(|_| !value.is_empty()) {
        (before, value, after)
    } else {
        let start = text.len() - text.trim_start().len();
        let (indent, rest) = text.split_at(start);
        (indent, rest, "")
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
        url: safe::line_within(&reference.url, 500),
    }
}
