//! The renderers: text of a bundle in every field never becomes markup or control characters of a report.
#![no_main]

use gleaner_render::{Format, RenderOptions, render};
use gleaner_report::Report;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// No report of ours holds a tag of this name.
const TAG: &str = "<fuzz";

fuzz_target!(|text: &str| {
    let Ok(mut value) = serde_json::from_str::<Value>(include_str!("../../tests/fixtures/report-plain.json")) else {
        return;
    };
    poison(&mut value, &format!("{text}{TAG}>{text}"));
    // Fields that only take words of ours refuse the text: their parts of the report stay as they were.
    let Ok(report) = serde_json::from_value::<Report>(value) else {
        return;
    };
    for format in [
        Format::Html,
        Format::Markdown,
        Format::Text,
        Format::Junit,
        Format::Sarif,
        Format::Gitlab,
    ] {
        let Ok(out) = render(&report, format, &RenderOptions::default()) else {
            continue;
        };
        assert!(
            !matches!(format, Format::Html | Format::Junit) || !out.contains(TAG),
            "{format:?}"
        );
        assert!(
            !out.chars().any(|c| c.is_control() && c != '\n' && c != '\t'),
            "{format:?}"
        );
        assert!(!out.contains('\u{202e}'), "{format:?}");
    }
});

/// Puts the text into the fields whose content comes from bundles.
fn poison(value: &mut Value, text: &str) {
    const FIELDS: [&str; 12] = [
        "name",
        "namespace",
        "message",
        "title",
        "value",
        "path",
        "cause",
        "workaround",
        "missing",
        "reason",
        "osImage",
        "label",
    ];
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, text)),
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                match field {
                    Value::String(old) if FIELDS.contains(&key.as_str()) => text.clone_into(old),
                    _ => poison(field, text),
                }
            }
        }
        _ => {}
    }
}
