//! The JSON report in both versions: nothing of a report is lost in it, and its schema describes it.

use crate::report_fixture::{PAYLOADS, empty, hostile_from, large, plain};
use crate::samples::{SAMPLES, root};
use crate::shared::read;
use gleaner_render::{Format, RenderOptions, render};
use gleaner_report::{Report, SCHEMA, from_json, json_schema, json_schema_v1, to_json, to_json_v1};
use serde_json::{Map, Value, json};

/// How deep types may stand in one another in [`Filled`]: below that, causes have no symptoms.
const DEEPEST: usize = 8;

/// Makes a value of a schema in which every field is there, each with another value, and none with that which it may have by default.
struct Filled {
    schema: Value,
    turn: usize,
}

impl Filled {
    fn value(&mut self, part: &Value, depth: usize) -> Value {
        self.turn += 1;
        if let Some(pointer) = part["$ref"].as_str() {
            let named = self.schema.pointer(pointer.trim_start_matches('#')).unwrap().clone();
            return self.value(&named, depth + 1);
        }
        if let Some(values) = part["enum"].as_array() {
            return values[self.turn % values.len()].clone();
        }
        if let Some(choices) = part["anyOf"].as_array().or_else(|| part["oneOf"].as_array()) {
            let some: Vec<Value> = choices.iter().filter(|one| one["type"] != "null").cloned().collect();
            return self.value(&some[self.turn % some.len()], depth);
        }
        if !part["const"].is_null() {
            return part["const"].clone();
        }
        let kind = part["type"].as_array().map_or(&part["type"], |kinds| &kinds[0]);
        match kind.as_str().unwrap() {
            "string" => json!(format!("text {}", self.turn)),
            "integer" => json!(self.turn),
            "number" => json!(0.5),
            "boolean" => json!(true),
            "array" if depth > DEEPEST => json!([]),
            "array" => json!([self.value(&part["items"], depth), self.value(&part["items"], depth)]),
            "object" => self.object(part, depth),
            other => panic!("a value of the type {other}"),
        }
    }

    fn object(&mut self, part: &Value, depth: usize) -> Value {
        let fields = part["properties"].as_object().into_iter().flatten();
        let mut filled: Map<String, Value> = fields
            .map(|(field, about)| (field.clone(), self.value(about, depth)))
            .filter(|(_, value)| *value != json!([]))
            .collect();
        if part["additionalProperties"].is_object() {
            filled.insert("key".to_owned(), self.value(&part["additionalProperties"], depth));
        }
        Value::Object(filled)
    }
}

#[test]
fn no_field_of_a_report_is_lost() {
    let schema = json_schema_v1();
    let mut filled = Filled {
        schema: schema.clone(),
        turn: 1,
    };
    let mut value = filled.value(&schema, 0);
    value["schema"] = SCHEMA.into();
    let report: Report = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        value,
        "the schema has every field"
    );
    let back = from_json(&to_json(&report).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&back).unwrap(), value);
}

/// Reports of every kind: plausible, empty, large, golden, and with every payload in every field.
fn all_reports() -> impl Iterator<Item = Report> {
    let goldens = SAMPLES.map(|(name, _)| from_json(&read(&root(&format!("reports/{name}/report.json")))).unwrap());
    let hostile = (0..PAYLOADS.len()).map(hostile_from);
    [plain(), empty(), large(20, 3000)]
        .into_iter()
        .chain(goldens)
        .chain(hostile)
}

#[test]
fn both_json_documents_read_back_as_the_same_report() {
    for report in all_reports() {
        for text in [to_json(&report).unwrap(), to_json_v1(&report).unwrap()] {
            assert_eq!(from_json(&text).unwrap(), report);
        }
    }
}

#[test]
fn both_json_documents_match_the_schemas_made_from_the_types() {
    let (v1, v2) = (json_schema_v1(), json_schema());
    for (schema, write, other) in [(v2, to_json as fn(&Report) -> _, "v1"), (v1, to_json_v1, "v2")] {
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        for report in all_reports() {
            let value: Value = serde_json::from_str(&write(&report).unwrap()).unwrap();
            let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new());
        }
        let broken = serde_json::json!({"schema": format!("gleaner.report/{other}"), "findings": 3});
        assert!(!schema.is_valid(&broken));
    }
}

#[test]
fn an_object_is_written_once_and_a_thing_takes_a_line() {
    let report = large(20, 3000);
    let text = to_json(&report).unwrap();
    assert_eq!(text.matches("pvc-00000000-7f31-4b0e-9a53-1d6d2f0b8a77").count(), 1);
    assert!(text.lines().any(|line| line.trim_start().starts_with("{\"object\":")));
    let v1 = to_json_v1(&report).unwrap();
    assert!(text.len() * 3 < v1.len(), "{} and {}", text.len(), v1.len());
}

#[test]
fn the_digest_that_others_name_is_that_of_the_json() {
    use sha2::{Digest, Sha256};
    let report = plain();
    let json = render(&report, Format::Json, &RenderOptions::default()).expect("JSON");
    let digest = base16ct::lower::encode_string(&Sha256::digest(json));
    let page = render(&report, Format::Markdown, &RenderOptions::default()).expect("Markdown");
    assert!(page.contains(&digest), "{digest}");
}
