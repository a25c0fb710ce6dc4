//! The HTML report: one file that needs no network and can be read with scripts off.
//!
//! Each section of the page has a module, which turns the report into a view, and a template of the same name, which places
//! it. All data passes one escaper, which also shows hidden characters. Style and script are constants, named by hash in the
//! page's content security policy, so nothing from a bundle can ever run or style anything.

mod about;
mod affected;
mod alerts;
mod causes;
mod coverage;
mod head;
mod inventory;
mod links;
mod passed;
mod reasons;
mod status;
mod step;
mod timeline;
mod title;
mod tone;
mod upgrade;
mod when;

use crate::error::RenderError;
use crate::json::Json;
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
const SECTIONS: [Section; 11] = [
    Section {
        name: "head",
        template: include_str!("html/templates/head.hbs"),
        write: |to| to.fill("head", &head::view(to.report)),
    },
    Section {
        name: "status",
        template: include_str!("html/templates/status.hbs"),
        write: |to| to.fill("status", &status::view(to.report)),
    },
    Section {
        name: "causes",
        template: include_str!("html/templates/causes.hbs"),
        write: |to| to.fill("causes", &causes::view(to.report, to.options)),
    },
    Section {
        name: "timeline",
        template: include_str!("html/templates/timeline.hbs"),
        write: |to| to.fill("timeline", &timeline::view(to.report)),
    },
    Section {
        name: "alerts",
        template: include_str!("html/templates/alerts.hbs"),
        write: |to| to.fill("alerts", &alerts::view(to.report)),
    },
    Section {
        name: "affected",
        template: include_str!("html/templates/affected.hbs"),
        write: |to| to.fill("affected", &affected::view(to.report)),
    },
    Section {
        name: "upgrade",
        template: include_str!("html/templates/upgrade.hbs"),
        write: |to| to.fill("upgrade", &upgrade::view(to.report)),
    },
    Section {
        name: "inventory",
        template: include_str!("html/templates/inventory.hbs"),
        write: |to| to.fill("inventory", &inventory::view(to.report)),
    },
    Section {
        name: "coverage",
        template: include_str!("html/templates/coverage.hbs"),
        write: |to| to.fill("coverage", &coverage::view(to.report)),
    },
    Section {
        name: "passed",
        template: include_str!("html/templates/passed.hbs"),
        write: |to| to.fill("passed", &passed::view(to.report)),
    },
    Section {
        name: "about",
        template: include_str!("html/templates/about.hbs"),
        write: |to| to.fill("about", &about::view(to.report, to.json)?),
    },
];

/// Parts that several places of the page share.
const PARTS: [(&str, &str); 6] = [
    ("finding", include_str!("html/templates/finding.hbs")),
    ("quote", include_str!("html/templates/quote.hbs")),
    ("moments", include_str!("html/templates/moments.hbs")),
    ("reasons", include_str!("html/templates/reasons.hbs")),
    ("chain", include_str!("html/templates/chain.hbs")),
    ("checks", include_str!("html/templates/checks.hbs")),
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
    for (name, template) in PARTS {
        page.register_template_string(name, template)?;
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
    json: &'r Json<'r>,
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
    causes: usize,
    affected: usize,
    unchecked: usize,
    /// Alerts, those of one rule as one.
    alerts: usize,
    /// Whether paper has all sections.
    appendix: bool,
    /// Written as they are, for they are escaped already. No other template writes anything as it is.
    sections: String,
}

/// Writes the page.
pub(crate) fn render(report: &Report, json: &Json<'_>, options: &RenderOptions) -> Result<String, RenderError> {
    let page = PAGE.as_ref().map_err(|error| RenderError::Template(error))?;
    let writer = Writer {
        page,
        report,
        json,
        options,
    };
    let sections = SECTIONS.par_iter().map(|section| (section.write)(&writer));
    let sections: Vec<String> = sections.collect::<Result<_, _>>()?;
    let frame = Frame {
        title: title::title(report),
        causes: crate::causes::listed(report).len(),
        affected: report.diagnosis.down.len() + report.diagnosis.at_risk.len(),
        unchecked: wording::unchecked(report),
        alerts: report.alerts.list.len().saturating_add(report.alerts.cut),
        appendix: options.appendix,
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
        let sections = SECTIONS.map(|section| (section.name, section.template));
        for (name, template) in sections.into_iter().chain(PARTS) {
            assert!(!template.contains("{{{") && !template.contains("{{&"), "{name}");
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
