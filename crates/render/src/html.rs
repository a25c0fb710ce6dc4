//! The HTML report: one file that needs no network and can be read with scripts off.
//!
//! The view modules turn the report into plain JSON values; the templates under `templates` place them. All
//! data passes one escaper, which also shows hidden characters. Style and script are constants, named by hash in the
//! page's content security policy, so nothing from a bundle can ever run or style anything.

mod chains;
mod findings;
mod hosts;
mod overview;
mod storage;
mod timeline;

use super::{RenderError, RenderOptions, safe};
use base64::Engine as _;
use gleaner_report::Report;
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, TemplateError};
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The constant parts of the page.
const STYLE: &str = include_str!("html/templates/report.css");
const SCRIPT: &str = include_str!("html/templates/report.js");

/// The template of the page around its sections.
const FRAME: &str = include_str!("html/templates/report.hbs");

/// The templates of the sections, in their order.
const SECTIONS: [(&str, &str); 10] = [
    ("head", include_str!("html/templates/head.hbs")),
    ("summary", include_str!("html/templates/summary.hbs")),
    ("coverage", include_str!("html/templates/coverage.hbs")),
    ("hosts", include_str!("html/templates/hosts.hbs")),
    ("storage", include_str!("html/templates/storage.hbs")),
    ("vms", include_str!("html/templates/vms.hbs")),
    ("upgrade", include_str!("html/templates/upgrade.hbs")),
    ("timeline", include_str!("html/templates/timeline.hbs")),
    ("findings", include_str!("html/templates/findings.hbs")),
    ("about", include_str!("html/templates/about.hbs")),
];

/// The templates, ready to be filled in.
static PAGE: LazyLock<Result<Handlebars<'static>, Box<TemplateError>>> = LazyLock::new(|| {
    let mut page = Handlebars::new();
    page.set_strict_mode(true);
    page.register_escape_fn(escape);
    page.register_helper("asset", Box::new(asset));
    page.register_helper("prose", Box::new(prose));
    page.register_helper("sections", Box::new(sections));
    page.register_template_string("report", FRAME)?;
    for (name, template) in SECTIONS {
        page.register_template_string(name, template)?;
    }
    Ok(page)
});

/// Reads the templates, if nobody has yet.
pub(crate) fn prepare() {
    LazyLock::force(&PAGE);
}

/// Writes the page.
pub(crate) fn render(report: &Report, options: &RenderOptions) -> Result<String, RenderError> {
    let page = PAGE.as_ref().map_err(|error| RenderError::Template(error))?;
    let mut context = Context::from(overview::view(report, options)?);
    // Each on its own, rather than as parts of the page: for a part the whole view would be copied.
    let render = |(name, _): &(&str, &str)| page.render_with_context(name, &context).map_err(Box::new);
    let sections: Vec<String> = SECTIONS.par_iter().map(render).collect::<Result<_, _>>()?;
    if let Some(view) = context.data_mut().as_object_mut() {
        view.insert(RENDERED.to_owned(), sections.concat().into());
    }
    Ok(page.render_with_context("report", &context).map_err(Box::new)?)
}

/// Where the view of the page holds its sections, which are escaped already.
const RENDERED: &str = "rendered sections";

/// `{{sections}}`: the sections as they are. Takes no data of a bundle, as no field of a view has this name.
fn sections(
    _: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(context.data().get(RENDERED).and_then(Value::as_str).unwrap_or_default())?;
    Ok(())
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

/// `{{prose text}}`: a sentence, escaped, with what stands between backticks as `<code>`.
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

/// A time for the page: what to show, the machine-readable form if it is a time, and its age at collection.
fn when(text: &str, report: &Report) -> serde_json::Value {
    use super::units;
    let shown = units::utc(text);
    serde_json::json!({
        "datetime": if shown.is_some() { text } else { "" },
        "shown": shown.unwrap_or_else(|| safe::line_within(text, 60)),
        "age": units::age(text, &report.bundle.created_at).unwrap_or_default(),
    })
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
    fn style_and_script_cannot_end_their_element_early() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
        assert!(STYLE.len() + SCRIPT.len() <= 40_000, "{}", STYLE.len() + SCRIPT.len());
    }
}
