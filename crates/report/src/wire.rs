//! The JSON document `gleaner.report/v2`: the [`Report`], with every object written once and referred to by its number.
//!
//! A report of a large cluster names the same VMs in many findings, forecasts and lists. Written out each time they are most of the
//! document, so the document has types of its own, which say the same in less: numbers instead of objects, and no fields that are empty.
//! Both ways are exact: what is read is what was written. A new field of the report needs a line in the record of its type, in `new` and in
//! `read`.

mod alerts;
mod budget;
mod cluster;
mod common;
mod document;
mod finding;
mod layout;
mod objects;
mod section;

use crate::error::ReadError;
use crate::report::Report;
use document::Document;
use objects::Numbers;

/// The report as text, in lines that a diff can tell apart.
pub(crate) fn write(report: &Report) -> Result<String, serde_json::Error> {
    let mut numbers = Numbers::default();
    // The first pass meets the objects; only then is their order known, and with it their numbers.
    Document::new(report, Vec::new(), &mut numbers);
    let objects = numbers.sort();
    let document = Document::new(report, objects, &mut numbers);
    Ok(layout::text(&serde_json::to_value(document)?))
}

/// The report that a text says.
pub(crate) fn read(text: &str) -> Result<Report, ReadError> {
    let document: Document = serde_json::from_str(text)?;
    document.into_report().map_err(|broken| ReadError::Broken {
        path: broken.path,
        what: broken.what,
    })
}

/// The JSON Schema of the document.
pub(crate) fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::default();
    settings.into_generator().into_root_schema_for::<Document>().to_value()
}
