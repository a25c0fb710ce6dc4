//! One entry for all renderers: a [`Report`], a format and a few wishes in; text out.
//!
//! Renderers see nothing but the report. They read no file, no clock and no environment, so the same report gives the
//! same bytes.
//!
//! ```
//! use gleaner_render::{Format, RenderOptions, render};
//! # let report = include_str!("../../../tests/fixtures/report-plain.json");
//! let report = gleaner_report::from_json(report)?;
//! let page = render(&report, Format::Html, &RenderOptions::default())?;
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod causes;
mod gitlab;
mod html;
mod json;
mod jsonl;
mod junit;
mod md;
mod narrowed;
mod safe;
mod sarif;
mod text;
mod units;
mod wording;

use gleaner_report::Report;

/// What a report can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The report itself: `gleaner.report/v1`, the source of all others.
    Json,
    /// One self-contained page.
    Html,
    /// For an issue, a ticket or a chat; see [`Flavor`].
    Markdown,
    /// For a terminal.
    Text,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for the test tab of a CI system.
    Junit,
    /// GitLab code quality.
    Gitlab,
    /// One finding a line, as JSON.
    JsonLines,
}

/// Dialects of the Markdown report, each with the budget of the place it is pasted into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flavor {
    /// GitHub and GitLab: tables, fences and collapsed details; 60,000 characters.
    #[default]
    Github,
    /// CommonMark without any HTML; 30,000 characters.
    Plain,
    /// Jira wiki markup; 30,000 characters.
    Jira,
    /// Unformatted text for mail and ServiceNow; 3,800 characters.
    Text,
}

impl Flavor {
    /// The default budget in characters.
    pub fn budget(self) -> usize {
        match self {
            Flavor::Github => 60_000,
            Flavor::Plain | Flavor::Jira => 30_000,
            Flavor::Text => 3_800,
        }
    }
}

/// Wishes about how a report is written. They never change what it says, only how much of it.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    /// Most rows a finding shows in HTML; `report.json` has them all.
    pub max_rows: usize,
    /// Dialect of [`Format::Markdown`].
    pub flavor: Flavor,
    /// Most characters of [`Format::Markdown`]; `None` means the flavor's budget.
    pub max_chars: Option<usize>,
    /// Most findings [`Format::Text`] prints; the worst are kept.
    pub max_findings: usize,
    /// Whether [`Format::Text`] uses colours.
    pub color: bool,
    /// Columns of the terminal for [`Format::Text`]; sentences wrap there, paths and commands never do.
    pub width: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions {
            max_rows: 100,
            flavor: Flavor::Github,
            max_chars: None,
            max_findings: 10,
            color: false,
            width: 80,
        }
    }
}

/// Why a report could not be written. Always our fault, not the user's or the bundle's.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The report could not be turned into JSON.
    #[error("write the report as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// An embedded template is broken.
    #[error("read an embedded HTML template: {0}")]
    Template(&'static handlebars::TemplateError),
    /// An embedded template asks for something the view does not have.
    #[error("fill in an embedded HTML template: {0}")]
    Html(#[from] Box<handlebars::RenderError>),
}

/// Does early, on a thread that has nothing else to do, what writing a report in this format needs of any report.
pub fn prepare(format: Format) {
    if format == Format::Html {
        html::prepare();
    }
}

/// Writes a report in a format. The result ends with a newline, or is empty where JSON lines have no line.
///
/// # Errors
/// Only if a part of the program itself is broken, such as an embedded template; no content of a report makes it fail.
pub fn render(report: &Report, format: Format, options: &RenderOptions) -> Result<String, RenderError> {
    match format {
        Format::Json => json::render(report),
        Format::Html => html::render(report, options),
        Format::Markdown => Ok(md::render(report, options, &json::digest(report)?)),
        Format::Text => Ok(text::render(report, options)),
        Format::Sarif => sarif::render(report),
        Format::Junit => Ok(junit::render(report)),
        Format::Gitlab => gitlab::render(report),
        Format::JsonLines => jsonl::render(report),
    }
}
