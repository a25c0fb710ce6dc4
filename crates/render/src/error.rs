//! Why a report could not be written.

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
    /// The report could not be turned into XML.
    #[error("write the report as JUnit XML: {0}")]
    Junit(#[from] quick_junit::SerializeError),
}
