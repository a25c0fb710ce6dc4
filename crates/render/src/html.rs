//! The HTML report: one file that needs no network and can be read with scripts off.
//!
//! Each section of the page has a module, which turns the report into a view, and a template of the same name, which places
//! it. All data passes one escaper, which also shows hidden characters. Style and script are constants, named by hash in the
//! page's content security policy, so nothing from a bundle can ever run or style anything.

mod about;
mod coverage;
mod findings;
mod head;
mod hosts;
mod links;
mod passed;
mod runbook;
mod start;
mod step;
mod storage;
mod summary;
mod timeline;
mod title;
mod tone;
mod upgrade;
mod vms;
mod when;

use crate::error::RenderError;
use crate::options::RenderOptions;
use crate::{safe, wording};
use base64::Engine as _;
use gleaner_report::Report;
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, TemplateError};
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The constant parts of the page.
const STYLE: &str = include_str!("html/templates/report.css");
const SCRIPT: &str = include_str!("html/templates/report.js");

/// The template of the page around its sections.
const FRAME: &str = include_str!("html/templates/report.hbs");

/// The template of the page about one object.
const WHY: &str = include_str!("html/templates/why.hbs");

/// A section of the page: its name, its template, and how to write it.
struct Section {
    name: &'static str,
    template: &'static str,
    write: fn(&Writer<'_>) -> Result<String, RenderError>,
}

/// The sections, in their order.
const SECTIONS: [Section; 13] = [
    Section {
        name: "head",
        template: include_str!("html/templates/head.hbs"),
        write: |to| to.fill("head", &head::view(to.report)),
    },
    Section {
        name: "start",
        template: include_str!("html/templates/start.hbs"),
        write: |to| to.fill("start", &start::view(to.report)),
    },
    Section {
        name: "runbook",
        template: include_str!("html/templates/runbook.hbs"),
        write: |to| to.fill("runbook", &runbook::view(to.report)?),
    },
    Section {
        name: "summary",
        template: include_str!("html/templates/summary.hbs"),
        write: |to| to.fill("summary", &summary::view(to.report)),
    },
    Section {
        name: "coverage",
        template: include_str!("html/templates/coverage.hbs"),
        write: |to| to.fill("coverage", &coverage::view(to.report)),
    },
    Section {
        name: "hosts",
        template: include_str!("html/templates/hosts.hbs"),
        write: |to| to.fill("hosts", &hosts::view(to.report)),
    },
    Section {
        name: "storage",
        template: include_str!("html/templates/storage.hbs"),
        write: |to| to.fill("storage", &storage::view(to.report)),
    },
    Section {
        name: "vms",
        template: include_str!("html/templates/vms.hbs"),
        write: |to| to.fill("vms", &vms::view(to.report)),
    },
    Section {
        name: "upgrade",
        template: include_str!("html/templates/upgrade.hbs"),
        write: |to| to.fill("upgrade", &upgrade::view(to.report)),
    },
    Section {
        name: "timeline",
        template: include_str!("html/templates/timeline.hbs"),
        write: |to| to.fill("timeline", &timeline::view(to.report)),
    },
    Section {
        name: "findings",
        template: include_str!("html/templates/findings.hbs"),
        write: |to| to.fill("findings", &findings::view(to.report, to.options)),
    },
    Section {
        name: "passed",
        template: include_str!("html/templates/passed.hbs"),
        write: |to| to.fill("passed", &passed::view(to.report)),
    },
    Section {
        name: "about",
        template: include_str!("html/templates/about.hbs"),
        write: |to| to.fill("about", &about::view(to.report)?),
    },
];

/// The templates, ready to be filled in.
static PAGE: LazyLock<Result<Handlebars<'static>, Box<TemplateError>>> = LazyLock::new(|| {
    let mut page = Handlebars::new();
    page.set_strict_mode(true);
    page.register_escape_fn(escape);
    page.register_helper("asset", Box::new(asset));
    page.register_helper("prose", Box::new(prose));
    page.register_template_string("report", FRAME)?;
    page.register_template_string("why", WHY)?;
    for section in SECTIONS {
        page.register_template_string(section.name, section.template)?;
    }
    Ok(page)
});

/// Parses the templates, unless that was done already.
pub(crate) fn prepare() {
    LazyLock::force(&PAGE);
}

/// What the sections are written from.
struct Writer<'r> {
    page: &'static Handlebars<'static>,
    report: &'r Report,
    options: &'r RenderOptions,
}

impl Writer<'_> {
    /// Fills in a template.
    fn fill(&self, template: &str, view: &impl Serialize) -> Result<String, RenderError> {
        Ok(self.page.render(template, view).map_err(Box::new)?)
    }
}

/// The page around its sections.
#[derive(Serialize)]
struct Frame {
    title: String,
    unchecked: usize,
    findings: usize,
    /// Whether there is a runbook.
    runbook: bool,
    /// Written as they are, for they are escaped already. No other template writes anything as it is.
    sections: String,
}

/// Writes the page.
pub(crate) fn render(report: &Report, options: &RenderOptions) -> Result<String, RenderError> {
    let page = PAGE.as_ref().map_err(|error| RenderError::Template(error))?;
    let writer = Writer { page, report, options };
    let sections = SECTIONS.par_iter().map(|section| (section.write)(&writer));
    let sections: Vec<String> = sections.collect::<Result<_, _>>()?;
    let frame = Frame {
        title: title::title(report),
        unchecked: wording::unchecked(report),
        findings: report.findings.len(),
        runbook: !report.diagnosis.runbook.is_empty(),
        sections: sections.concat(),
    };
    writer.fill("report", &frame)
}

/// Writes the page about one object.
pub(crate) fn why(view: &impl Serialize) -> Result<String, RenderError> {
    let page = PAGE.as_ref().map_err(|error| RenderError::Template(error))?;
    Ok(page.render("why", view).map_err(Box::new)?)
}

/// Escapes text for HTML, in text and in double-quoted attributes, and shows hidden characters as marks.
fn escape(text: &str) -> String {
    let shown: Cow<'_, str> = safe::show(text);
    let mut out = String::with_capacity(shown.len() + 8);
    for c in shown.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// `{{asset "style"}}`: one of our own constants, as it is. Takes no data.
fn asset(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    match helper.param(0).and_then(|name| name.value().as_str()) {
        Some("style") => out.write(STYLE)?,
        Some("script") => out.write(SCRIPT)?,
        Some("policy") => out.write(&policy())?,
        _ => {}
    }
    Ok(())
}

/// `{{prose text}}`: a sentence, escaped, with what is between backticks as `<code>`.
fn prose(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let text = helper
        .param(0)
        .and_then(|text| text.value().as_str())
        .unwrap_or_default();
    for piece in safe::pieces(&safe::line(text)) {
        match piece {
            safe::Piece::Words(words) => out.write(&escape(words))?,
            safe::Piece::Code(code) => {
                out.write("<code>")?;
                out.write(&escape(code))?;
                out.write("</code>")?;
            }
        }
    }
    Ok(())
}

/// The content security policy: nothing is loaded, and only our own style and script count.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        source_hash(STYLE),
        source_hash(SCRIPT)
    )
}

/// The hash by which a policy names an inline style or script.
fn source_hash(text: &str) -> String {
    format!(
        "sha256-{}",
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_covers_markup_quotes_and_hidden_characters() {
        assert_eq!(
            escape("<a b=\"c\" d='e'>&\u{202e}"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;&lt;U+202E&gt;"
        );
    }

    #[test]
    fn no_section_writes_anything_as_it_is() {
        for section in SECTIONS {
            assert!(
                !section.template.contains("{{{") && !section.template.contains("{{&"),
                "{}",
                section.name
            );
        }
        assert_eq!(FRAME.matches("{{{").count(), 1);
        assert!(!WHY.contains("{{{") && !WHY.contains("{{&"));
    }

    #[test]
    fn style_and_script_cannot_end_their_element_early() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
        assert!(STYLE.len() + SCRIPT.len() <= 40_000, "{}", STYLE.len() + SCRIPT.len());
    }
}
