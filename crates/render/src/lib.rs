//! Writes a report as HTML, Markdown, text, SARIF, JUnit, GitLab code quality and JSON.
//!
//! Renderers see nothing but the [`Report`]. They read no file, no clock and no environment, so the same report gives the
//! same bytes; all text of a bundle is made harmless for the format it is written into.
//!
//! ```
//! use gleaner_render::{Format, RenderOptions, render};
//! # let report = include_str!("../../../tests/fixtures/report-plain.json");
//! let report = gleaner_report::from_json(report)?;
//! let page = render(&report, Format::Html, &RenderOptions::default())?;
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod affected;
mod causes;
mod error;
mod first;
mod format;
mod gitlab;
mod html;
mod issue;
mod json;
mod jsonl;
mod junit;
mod md;
mod narrowed;
mod options;
mod safe;
mod sarif;
mod text;
mod ticket;
mod units;
mod why;
mod wording;

pub use error::RenderError;
pub use format::{Audience, Flavor, Format};
pub use options::RenderOptions;
pub use why::{WhyFormat, render_why};

use gleaner_report::Report;
use json::Json;

/// Does early, on a thread that has nothing else to do, what writing a report in this format needs of any report.
pub fn prepare(format: Format) {
    if format == Format::Html {
        html::prepare();
    }
}

/// Writes the diagnosis and the first causes of a report in a few lines, for a terminal: what to say beside the names of the files that
/// were written. The result ends with a newline.
pub fn render_summary(report: &Report, options: &RenderOptions) -> String {
    text::summary(report, options)
}

/// Writes a report in a format. The result ends with a newline, or is empty where JSON lines have no line.
///
/// # Errors
/// Only if a part of the program itself is broken, such as an embedded template; no content of a report makes it fail.
pub fn render(report: &Report, format: Format, options: &RenderOptions) -> Result<String, RenderError> {
    Renderer::new(report).render(format, options)
}

/// Writes one report in several formats, and does only once what they share.
pub struct Renderer<'r> {
    report: &'r Report,
    json: Json<'r>,
}

impl<'r> Renderer<'r> {
    /// A renderer of this report.
    pub fn new(report: &'r Report) -> Renderer<'r> {
        Renderer {
            report,
            json: Json::new(report),
        }
    }

    /// Writes the report in a format, as [`render`] does.
    ///
    /// # Errors
    /// As [`render`].
    pub fn render(&self, format: Format, options: &RenderOptions) -> Result<String, RenderError> {
        let Renderer { report, json } = self;
        match format {
            Format::Json => Ok(json.text()?.to_owned()),
            Format::JsonV1 => json::render_v1(report),
            Format::Html => html::render(report, json, options),
            Format::Markdown => Ok(md::render(report, options, json.digest()?)),
            Format::Text => Ok(text::render(report, options)),
            Format::Sarif => sarif::render(report),
            Format::Junit => junit::render(report),
            Format::Gitlab => gitlab::render(report),
            Format::JsonLines => jsonl::render(report),
            Format::Ticket(audience) => Ok(ticket::render(report, audience)),
        }
    }
}
