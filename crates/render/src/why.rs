//! The page about one object, for a terminal, as Markdown, HTML and JSON.

use crate::error::RenderError;
use crate::{html, safe, units, wording};
use gleaner_report::{Dependency, Moment, Why, WhyFinding};
use serde::Serialize;

/// How to write the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyFormat {
    /// For a terminal.
    Text,
    /// For an issue or ticket.
    Markdown,
    /// One self-contained page.
    Html,
    /// The data.
    Json,
}

/// How many dependents and moments text and Markdown show.
const DEPENDENTS: usize = 12;
const MOMENTS: usize = 30;
/// How many characters of a line of text are shown.
const LINE: usize = 300;

/// Writes the page. The result ends with a newline.
///
/// # Errors
/// Only if a part of the program itself is broken, such as an embedded template.
pub fn render_why(why: &Why, format: WhyFormat) -> Result<String, RenderError> {
    match format {
        WhyFormat::Text => Ok(text(why, Marks::TEXT)),
        WhyFormat::Markdown => Ok(text(why, Marks::MARKDOWN)),
        WhyFormat::Html => html::why(&View::of(why)),
        WhyFormat::Json => Ok(serde_json::to_string_pretty(why).map_err(RenderError::from)? + "\n"),
    }
}

/// What text and Markdown write differently.
#[derive(Clone, Copy)]
struct Marks {
    heading: &'static str,
    fence: &'static str,
    bullet: &'static str,
    escape: fn(&str) -> String,
}

impl Marks {
    const TEXT: Marks = Marks {
        heading: "",
        fence: "",
        bullet: "  ",
        escape: |text| safe::line_within(text, LINE),
    };
    const MARKDOWN: Marks = Marks {
        heading: "## ",
        fence: "```text\n",
        bullet: "- ",
        escape: |text| crate::md::sentence(text, LINE),
    };
}

/// The part of the page that all formats share, as text.
#[derive(Serialize)]
struct View {
    title: String,
    state: String,
    broken: bool,
    collected: String,
    chain: Vec<LinkRow>,
    findings: Vec<FindingRow>,
    nothing: String,
    moments: Vec<MomentRow>,
    dependents: Vec<DependentRow>,
    dependent_count: usize,
    more_dependents: usize,
    unchecked: Vec<String>,
}

/// A link of the chain.
#[derive(Serialize)]
struct LinkRow {
    /// The lines that show its place in the tree.
    branch: String,
    object: String,
    state: String,
    broken: bool,
}

/// A finding on a link.
#[derive(Serialize)]
struct FindingRow {
    severity: &'static str,
    harm: &'static str,
    rule: String,
    message: String,
    since: String,
    on: String,
}

/// A row of the timeline.
#[derive(Serialize)]
struct MomentRow {
    time: String,
    source: &'static str,
    object: String,
    text: String,
    often: String,
    place: String,
}

/// An object that depends on the one asked about.
#[derive(Serialize)]
struct DependentRow {
    object: String,
    state: String,
    broken: bool,
}

impl View {
    fn of(why: &Why) -> View {
        let mut chain = Vec::new();
        links(&why.chain, "", &mut chain);
        let checked = if why.unchecked.is_empty() {
            ""
        } else {
            "; some checks could not be made, see below"
        };
        let nothing = if why.findings.is_empty() {
            format!("No finding is on it or on what it depends on{checked}")
        } else {
            String::new()
        };
        let state = state(&why.chain);
        View {
            title: wording::object(&why.chain.object),
            state: if state.is_empty() {
                "no state is known".to_owned()
            } else {
                state
            },
            broken: why.chain.broken,
            collected: units::utc(&why.created_at).unwrap_or_else(|| "an unknown time".to_owned()),
            chain,
            findings: why.findings.iter().map(finding).collect(),
            nothing,
            moments: why.timeline.iter().map(moment).collect(),
            dependents: why
                .dependents
                .iter()
                .map(|dependent| DependentRow {
                    object: wording::object(&dependent.object),
                    state: dependent.state.clone(),
                    broken: dependent.broken,
                })
                .collect(),
            dependent_count: why.dependent_count,
            more_dependents: why.dependent_count.saturating_sub(why.dependents.len()),
            unchecked: why.unchecked.clone(),
        }
    }
}

/// State and time of a link.
fn state(link: &Dependency) -> String {
    let state = if link.known {
        link.state.as_str()
    } else {
        "not in the bundle"
    };
    match &link.since {
        Some(since) => format!("{state} since {since}"),
        None => state.to_owned(),
    }
}

fn links(link: &Dependency, branch: &str, rows: &mut Vec<LinkRow>) {
    rows.push(LinkRow {
        branch: branch.to_owned(),
        object: wording::object(&link.object),
        state: state(link),
        broken: link.broken,
    });
    // The branch of what is below a link continues its line only where another one follows.
    let stem = branch.replace("├── ", "│   ").replace("└── ", "    ");
    for (index, below) in link.on.iter().enumerate() {
        let corner = if index + 1 == link.on.len() {
            "└── "
        } else {
            "├── "
        };
        links(below, &format!("{stem}{corner}"), rows);
    }
}

fn finding(finding: &WhyFinding) -> FindingRow {
    FindingRow {
        severity: finding.severity.as_str(),
        harm: finding.harm.as_str(),
        rule: finding.rule.clone(),
        message: finding.message.clone(),
        since: finding.since.clone().unwrap_or_else(|| "unknown".to_owned()),
        on: wording::object(&finding.on),
    }
}

fn moment(moment: &Moment) -> MomentRow {
    MomentRow {
        time: moment.time.clone(),
        source: moment.source.as_str(),
        object: wording::object(&moment.object),
        text: moment.text.clone(),
        often: wording::often(moment),
        place: format!("{}:{}", moment.path, moment.line),
    }
}

fn text(why: &Why, marks: Marks) -> String {
    let view = View::of(why);
    let line = |text: &str| safe::line_within(text, LINE);
    let escape = marks.escape;
    let mut out = format!("{}{}: {}\n", marks.heading, escape(&view.title), escape(&view.state));
    out.push_str(&format!(
        "bundle {}, collected {}\n\n",
        escape(&why.bundle),
        view.collected
    ));
    out.push_str(marks.fence);
    for link in &view.chain {
        let mark = if link.broken { "  <-- broken" } else { "" };
        let state = if link.state.is_empty() {
            String::new()
        } else {
            format!(": {}", line(&link.state))
        };
        out.push_str(&format!("{}{}{state}{mark}\n", link.branch, line(&link.object)));
    }
    out.push_str(marks.fence.trim_end_matches("text\n"));
    out.push_str(if marks.fence.is_empty() { "\n" } else { "\n\n" });
    let mut section = |title: &str, rows: Vec<String>| {
        if !rows.is_empty() {
            out.push_str(&format!("{}{title}\n", marks.heading));
            out.push_str(if marks.heading.is_empty() { "" } else { "\n" });
            for row in rows {
                out.push_str(&format!("{}{row}\n", marks.bullet));
            }
            out.push('\n');
        }
    };
    let findings = view.findings.iter().map(|finding| {
        let since = escape(&finding.since);
        let (message, on, rule) = (escape(&finding.message), escape(&finding.on), escape(&finding.rule));
        format!(
            "{} ({}, since {since}) on {on}: {message} [{}]",
            finding.severity, finding.harm, rule
        )
    });
    section("Findings", findings.collect());
    section(
        "Findings",
        if view.nothing.is_empty() {
            Vec::new()
        } else {
            vec![view.nothing.clone()]
        },
    );
    let early = view.moments.len().saturating_sub(MOMENTS);
    let moments = view.moments.iter().skip(early).map(|moment| {
        let often = if moment.often.is_empty() {
            String::new()
        } else {
            format!(" ({})", moment.often)
        };
        let said = escape(&format!("{}: {}{often}", moment.object, moment.text));
        format!("{} {:<7} {said}", moment.time, moment.source)
    });
    section("What happened", moments.collect());
    let shown = view.dependents.iter().take(DEPENDENTS).map(|dependent| {
        let mark = if dependent.broken { "  <-- broken" } else { "" };
        format!("{}: {}{mark}", escape(&dependent.object), escape(&dependent.state))
    });
    let mut shown: Vec<String> = shown.collect();
    let more = view.dependent_count - shown.len().min(view.dependent_count);
    shown.extend((more > 0).then(|| format!("and {more} more")));
    section("What depends on it", shown);
    section(
        "Could not be checked",
        view.unchecked.iter().map(|what| escape(what)).collect(),
    );
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
