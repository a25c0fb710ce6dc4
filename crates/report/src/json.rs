//! A report as JSON and from it, and the schemas of that JSON: `gleaner.report/v2`, and v1, which earlier versions wrote.

use crate::error::ReadError;
use crate::report::{Report, SCHEMA, SCHEMA_V1};
use crate::wire;
use serde::Deserialize;

/// The report as JSON: the document that [`json_schema`] describes. Ends with a newline.
///
/// # Errors
/// Only if a part of the program itself is broken; no content of a report makes it fail.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    wire::write(report)
}

/// The report as the document of earlier versions, which [`json_schema_v1`] describes. Ends with a newline.
///
/// # Errors
/// As [`to_json`].
pub fn to_json_v1(report: &Report) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(report)?;
    if let Some(schema) = value.get_mut("schema") {
        *schema = SCHEMA_V1.into();
    }
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

/// Reads a report that was written as JSON, of either version.
///
/// # Errors
/// If the text is not JSON, names another schema than [`SCHEMA`] and [`SCHEMA_V1`], lacks a field, or refers to what it does not hold.
pub fn from_json(text: &str) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(default)]
        schema: String,
    }
    let kind: Kind = serde_json::from_str(text)?;
    match kind.schema.as_str() {
        SCHEMA => wire::read(text),
        SCHEMA_V1 => {
            let report: Report = serde_json::from_str(text)?;
            Ok(Report {
                schema: SCHEMA.to_owned(),
                ..report
            })
        }
        other => Err(ReadError::Schema {
            found: other.chars().take(80).collect(),
        }),
    }
}

/// The JSON Schema of the report, made from the types.
pub fn json_schema() -> serde_json::Value {
    wire::schema()
}

/// The JSON Schema of the document of earlier versions.
pub fn json_schema_v1() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = include_str!("../../../tests/fixtures/report-plain.json");

    #[test]
    fn other_documents_are_refused_with_a_reason() {
        let error = from_json("{\"schema\": \"trivy/v2\"}")
            .expect_err("another schema")
            .to_string();
        assert!(error.contains("`trivy/v2`") && error.contains(SCHEMA), "{error}");
        assert!(matches!(from_json("no report"), Err(ReadError::Json(_))));
    }

    #[test]
    fn both_versions_are_read_back_as_the_same_report() {
        let report = from_json(PLAIN).unwrap();
        assert_eq!(from_json(&to_json(&report).unwrap()).unwrap(), report);
        assert_eq!(from_json(&to_json_v1(&report).unwrap()).unwrap(), report);
    }

    /// The plain report with one value replaced, as the message that refuses it.
    fn refused(pointer: &str, value: serde_json::Value) -> String {
        let text = to_json(&from_json(PLAIN).unwrap()).unwrap();
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        *document.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        from_json(&document.to_string()).expect_err(pointer).to_string()
    }

    #[test]
    fn what_refers_to_nothing_is_refused_with_its_place() {
        for (pointer, place) in [
            (
                "/findings/0/rows/0/object",
                "findings[0].rows[0] refers to object 99999",
            ),
            ("/timeline/1/object", "timeline[1] refers to object 99999"),
            (
                "/cluster/volumeList/0/replicas/0/1",
                "cluster.volumeList[0].replicas[0] refers to replica place 99999",
            ),
        ] {
            let error = refused(pointer, 99_999.into());
            assert!(error.contains(place), "{error}");
            let error = refused(pointer, (-1).into());
            assert!(error.contains("at line 1 column"), "{error}");
        }
        let error = refused("/findings/0/severity", "dreadful".into());
        assert!(
            error.contains("unknown variant `dreadful`") && error.contains("column"),
            "{error}"
        );
    }

    #[test]
    fn references_cannot_fill_the_memory() {
        let long = "x".repeat(1 << 20);
        let numbers = vec![0; 1000];
        let text = to_json(&from_json(PLAIN).unwrap()).unwrap();
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        document["objects"][0]["names"][0] = long.into();
        document["findings"][0]["objects"] = numbers.into();
        let error = from_json(&document.to_string()).expect_err("too large").to_string();
        assert!(error.contains("findings[0].objects["), "{error}");
        assert!(error.contains("references stand for more than 512 MiB"), "{error}");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let (open, close) = (
            "{\"finding\":\"a\",\"harm\":\"outage\",\"vmsDown\":0,\"vmsAtRisk\":0,\"symptoms\":[",
            "]}",
        );
        let deep = format!("[{}{}]", open.repeat(500), close.repeat(500));
        let text = to_json(&from_json(PLAIN).unwrap()).unwrap();
        let (start, rest) = text.split_once("\"causes\":").unwrap();
        let (_, end) = rest.split_once("\"rules\":").unwrap();
        let error = from_json(&format!("{start}\"causes\":{deep},\"rules\":{end}")).expect_err("deep");
        assert!(error.to_string().contains("recursion limit"), "{error}");
    }

    #[test]
    fn every_type_and_field_of_the_schemas_says_what_it_is_for() {
        for schema in [json_schema(), json_schema_v1()] {
            let types = schema["$defs"].as_object().unwrap();
            for (name, one) in types.iter().chain([(&"the report".to_owned(), &schema)]) {
                assert!(one["description"].is_string(), "{name}");
                for (field, about) in one["properties"].as_object().into_iter().flatten() {
                    assert!(about["description"].is_string(), "{name}.{field}");
                }
                for variant in one["oneOf"].as_array().into_iter().flatten() {
                    assert!(variant["description"].is_string(), "{name}: {variant}");
                }
            }
        }
    }
}
