//! The YAML parser on the real collector's output, the full parser, and a corpus of hostile scalars.

use std::io::{Cursor, Read as _};

use gleaner_yaml::{Interner, List, Mode, Node, Quirks, ReadOptions, Value, read_list, read_list_with};
use rayon::prelude::*;
use serde_json::{Value as Json, json};

/// A file among the bundles of the shared material.
#[expect(clippy::disallowed_methods, reason = "tests read their own material")]
fn shared(name: &str) -> Vec<u8> {
    std::fs::read(crate::shared::shared("bundles").join(name)).unwrap()
}

/// The texts in a zip whose names end in `ending`.
fn unzip(bytes: &[u8], ending: &str) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        if name.ends_with(ending) {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            if let Ok(text) = String::from_utf8(bytes) {
                files.push((name, text));
            }
        }
    }
    files
}

fn to_json(node: &Node<'_>) -> Json {
    match node.value() {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::BigInt(digits) => json!({ "digits": digits }),
        Value::Str(text) => json!(text),
        Value::Seq(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => entries.map(|(key, node)| (key.to_owned(), to_json(node))).collect(),
    }
}

/// Integers and floats of the same number are the same.
fn alike(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| alike(l, r))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_some_and(|other| alike(value, other)))
        }
        _ => left == right,
    }
}

fn options(mode: Mode, quirks: Quirks) -> ReadOptions<'static> {
    ReadOptions {
        mode,
        quirks,
        ..ReadOptions::default()
    }
}

fn roots(list: &List<'_>) -> Vec<Json> {
    list.items.iter().map(|item| to_json(&item.root)).collect()
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn no_adversarial_document_is_misread() {
    let bytes = shared("yaml-differential.zip");
    let (_, documents) = unzip(&bytes, ".yaml").remove(0);
    let (_, values) = unzip(&bytes, ".json").remove(0);
    let documents: Vec<&str> = documents.split('\u{1e}').collect();
    let values: Vec<&str> = values.split('\n').collect();
    assert_eq!(documents.len(), values.len());
    let results: Vec<(usize, Option<String>)> = documents
        .par_iter()
        .zip(&values)
        .filter(|(document, _)| !document.is_empty())
        .map(|(document, line)| {
            let (_, value) = line.split_once(' ').unwrap();
            let value: Json = serde_json::from_str(value).unwrap();
            let text = format!("kind: List\nitems:\n{document}");
            let keys = Interner::default();
            let read = read_list_with(&text, &keys, options(Mode::Dialect, Quirks::Keep));
            // Plain hexadecimal text beyond 64 bits is a number to the full parser, and no object holds such text. Two
            // documents need that parser for something else; in all others the dialect's reader has it right.
            let known = read.fallbacks == 1 && line.contains("\"0x1F9223372036854775808\"");
            let right = read.errors.is_empty() && matches!(roots(&read).as_slice(), [root] if alike(root, &value));
            let right = right || known;
            let wrong = (!right).then(|| format!("{line}\n{text}{read:?}"));
            (read.fallbacks, wrong)
        })
        .collect();
    let fallbacks: usize = results.iter().map(|(fallback, _)| fallback).sum();
    let wrong: Vec<&String> = results.iter().filter_map(|(_, wrong)| wrong.as_ref()).collect();
    println!("{} documents, {fallbacks} by the full parser", results.len());
    assert!(
        wrong.is_empty(),
        "{} misread, such as\n{:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(6)]
    );
    assert!(fallbacks * 10 < results.len(), "{fallbacks} left the dialect");
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn real_bundles_read_the_same_with_both_readers_and_never_leave_the_dialect() {
    for name in [
        "supportbundle_9b6b22de-6e5d-4905-aec8-1f226e413986_2022-03-22T23-49-32Z.zip",
        "real-format-bundle.zip",
        "real-format-quirks.zip",
    ] {
        let bytes = shared(name);
        unzip(&bytes, ".yaml").par_iter().for_each(|(path, text)| {
            for quirks in [Quirks::Keep, Quirks::Undo] {
                let keys = Interner::default();
                let ours = read_list_with(text, &keys, options(Mode::Dialect, quirks));
                let full = read_list_with(text, &keys, options(Mode::Full, quirks));
                // The bundle's own metadata is one document.
                let is_list = path.contains("/yamls/");
                assert!(ours.errors.is_empty() == is_list, "{path}: {:?}", ours.errors);
                assert_eq!(ours.fallbacks, 0, "{path}");
                assert_eq!(ours.errors, full.errors, "{path}");
                assert!(roots(&ours) == roots(&full), "{path}");
            }
        });
    }
}

/// What the API server answered, less what the collector lost for good: whether an unset value was null, `""` or a
/// genuine `"null"`, whether the key `null` was empty, and the digits of integers beyond 2^53.
fn as_collected(value: &Json) -> Json {
    match value {
        Json::String(text) if text.is_empty() || text == "null" => Json::Null,
        Json::Array(items) => items.iter().map(as_collected).collect(),
        Json::Object(entries) => entries
            .iter()
            .map(|(key, value)| match key.as_str() {
                "" => ("null".to_owned(), as_collected(value)),
                // JSON inside a string has its own reader; compact null became a string in there.
                "a/json-compact" => (key.clone(), json!(r#"{"x":"null","y":"","z-z":null,"w":null}"#)),
                _ => (key.clone(), as_collected(value)),
            })
            .collect(),
        value => value.clone(),
    }
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn the_odd_objects_read_as_the_api_server_answered_them() {
    let bytes = shared("real-format-quirks.zip");
    let (_, text) = unzip(&bytes, "oracle.test/v1/quirks.yaml").remove(0);
    let keys = Interner::default();
    let read = read_list(&text, &keys, Mode::Dialect);
    assert_eq!((read.items.len(), read.fallbacks), (2, 0));
    for (item, name) in read.items.iter().zip(["quirks-1.json", "quirks-2.json"]) {
        let answer = shared(name);
        let answer = as_collected(&serde_json::from_slice(&answer).unwrap());
        let mut root = to_json(&item.root);
        // The server filled these in after the objects were written down.
        for key in ["generation", "resourceVersion", "uid"] {
            root["metadata"].as_object_mut().unwrap().remove(key);
        }
        assert!(alike(&root, &answer), "{root:#}\n{answer:#}");
    }
}
