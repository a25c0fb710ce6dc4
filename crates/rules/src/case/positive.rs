//! Positive evidence fires: where one alternative of a condition (`a || b`) decides, no kind that only others read is missed.

use super::{objects, sources};
use crate::catalog::{Catalog, built_in};
use crate::evaluate::{Context, evaluate_rule};
use crate::rule_text::{RuleFiles, RuleText};
use crate::schema::{CaseFile, CaseSpec};
use crate::{RequiredKinds, Rule};
use gleaner_cluster::KindId;
use gleaner_report::Outcome;
use gleaner_yaml::Mode;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The alternatives of a condition: its parts between `||` that are in no bracket and no text.
fn alternatives(condition: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start, mut found) = (0, None, 0, Vec::new());
    let mut previous = ' ';
    for (at, letter) in condition.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open && previous != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            // The branches of a conditional are no alternatives of the whole.
            (None, '?') if depth == 0 => return vec![condition],
            (None, '|') if depth == 0 && previous == '|' => {
                found.push(&condition[start..at - 1]);
                start = at + 1;
            }
            _ => {}
        }
        previous = letter;
    }
    found.push(&condition[start..]);
    found
}

/// Whether an expression names a variable.
fn names(expression: &str, variable: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    expression
        .split(|letter| !is_letter(letter))
        .any(|word| word == variable)
}

/// The bindings that an expression needs, with those that they need in turn.
fn needed(bindings: &Value, of: &[&str]) -> Value {
    let empty = Map::new();
    let bindings = bindings.as_object().unwrap_or(&empty);
    let mut sources: Vec<String> = of.iter().map(|source| (*source).to_owned()).collect();
    let mut kept = BTreeSet::new();
    for (name, source) in bindings.iter().rev() {
        if sources.iter().any(|source| names(source, name)) {
            kept.insert(name);
            sources.push(source.as_str().map_or_else(|| source.to_string(), str::to_owned));
        }
    }
    let kept = bindings.iter().filter(|(name, _)| kept.contains(name));
    Value::Object(kept.map(|(name, source)| (name.clone(), source.clone())).collect())
}

/// The rule with one alternative as its whole condition, and nothing that only its messages need.
fn reduced(text: &RuleText, alternative: &str) -> RuleText {
    let mut rule: Value = text.read().unwrap();
    let fields = rule.as_object_mut().unwrap();
    for key in ["severity", "message", "remediation", "impact", "cause"] {
        fields.remove(key);
    }
    for key in [
        "group_by",
        "summary",
        "evidence",
        "harm",
        "since",
        "affects",
        "covers",
        "avoid",
        "caused_by",
        "symptoms",
        "workaround",
        "explains",
        "aliases",
    ] {
        fields.remove(key);
    }
    let field = |key: &str| fields.get(key).cloned().unwrap_or(Value::Null);
    let needs = field("needs");
    let needs = needs.as_array().into_iter().flatten();
    let needs: Vec<String> = needs
        .filter_map(|need| need["have"].as_str().map(str::to_owned))
        .collect();
    let (each, objects) = (field("each")["in"].clone(), field("objects"));
    let mut used: Vec<&str> = needs.iter().map(String::as_str).collect();
    used.extend([
        alternative,
        each.as_str().unwrap_or_default(),
        objects.as_str().unwrap_or_default(),
    ]);
    let bindings = needed(&field("let"), &used);
    let own: Vec<String> = bindings.as_object().unwrap().values().map(Value::to_string).collect();
    used.extend(own.iter().map(String::as_str));
    let once = needed(&field("once"), &used);
    fields.insert("let".to_owned(), bindings);
    fields.insert("once".to_owned(), once);
    fields.insert("when".to_owned(), json!(alternative));
    fields.insert("severity".to_owned(), json!("warning"));
    fields.insert("message".to_owned(), json!("it fired"));
    fields.insert("cause".to_owned(), json!("nothing else"));
    fields.insert(
        "remediation".to_owned(),
        json!([{"text": "Look.", "effect": "read-only"}]),
    );
    RuleText::from(serde_yaml::to_string(&rule).unwrap())
}

/// Whether a rule fires on a case, with the objects of a kind not collected.
fn fires(catalog: &Catalog, rule: &Rule, case: &CaseSpec, objects: &[Value], without: Option<KindId>) -> bool {
    let mut case = case.clone();
    let mut objects = objects.to_vec();
    if let Some(kind) = without {
        let info = catalog.kinds.info(kind);
        let of_kind = |object: &Value| {
            let text = |key: &str| object[key].as_str().unwrap_or_default();
            catalog.kinds.of(text("apiVersion"), text("kind")) == Some(kind)
        };
        // Without its versions no rule is known to apply.
        let is_version = |object: &Value| {
            let name = object.pointer("/metadata/name").and_then(Value::as_str);
            matches!(name, Some("server-version" | "current-longhorn-version"))
        };
        objects.retain(|object| !of_kind(object) || is_version(object));
        let place = match info.groups.first().map_or("", String::as_str) {
            "" => "/api/v1".to_owned(),
            group => format!("/apis/{group}/v1"),
        };
        case.errors
            .push(format!("Failed to get {place}/{}: timeout", info.plural));
    }
    let sources = sources(catalog, &case, &objects).unwrap();
    let snapshot = catalog.snapshot(&sources, "", Mode::Dialect);
    let context = Context::new(catalog, &snapshot, case.target.as_deref());
    evaluate_rule(&context, rule).0.outcome == Outcome::Fired
}

/// Catalogues in which each rule has one of its alternatives as its condition: the first has all first ones, and so on.
fn by_alternative(whole: &Catalog) -> Vec<Catalog> {
    let mut files: Vec<RuleFiles> = Vec::new();
    for (path, text) in &whole.files {
        let Some(rule) = path.strip_suffix("/rule.yaml") else {
            continue;
        };
        let id = rule.rsplit('/').next().unwrap();
        let condition = whole.rule(id).unwrap().file.condition();
        for (number, alternative) in alternatives(condition).into_iter().enumerate() {
            if files.len() <= number {
                files.push(built_in().into_iter().filter(|(path, _)| !path.contains('/')).collect());
            }
            files[number].insert(path.clone(), reduced(text, alternative));
        }
    }
    files
        .into_iter()
        .map(|files| Catalog::from_files(files).unwrap())
        .collect()
}

#[test]
fn a_rule_fires_without_the_kinds_that_its_deciding_alternative_does_not_read() {
    let whole = Catalog::load(None).unwrap();
    let fixtures: BTreeMap<String, Vec<Value>> = whole.files["fixtures.yaml"].read().unwrap();
    let reduced = by_alternative(&whole);
    let checked = |rule: &Rule| -> Vec<String> {
        let (_, text) = whole.cases(rule).unwrap();
        let file: CaseFile = serde_yaml::from_str(text).unwrap();
        let requires = &rule.required_kinds().unwrap().requires;
        let mut missed = Vec::new();
        for case in file.cases.iter().filter(|case| case.expect == Outcome::Fired) {
            let objects = objects(case, &file, &fixtures).unwrap();
            let deciding = reduced
                .iter()
                .filter_map(|catalog| Some((catalog, catalog.rule(rule.id())?)));
            for (catalog, deciding) in deciding.filter(|(catalog, rule)| fires(catalog, rule, case, &objects, None)) {
                let RequiredKinds {
                    requires: read,
                    partial,
                } = deciding.required_kinds().unwrap();
                let unread = requires
                    .iter()
                    .filter(|kind| !read.contains(kind) && !partial.contains(kind));
                for kind in unread.filter(|kind| !fires(&whole, rule, case, &objects, Some(**kind))) {
                    let name = &catalog.kinds.info(*kind).name;
                    missed.push(format!("{}: {}: not without {name}", rule.id(), case.name));
                }
            }
        }
        missed
    };
    let missed: Vec<String> = whole.rules.par_iter().flat_map_iter(checked).collect();
    assert_eq!(missed, Vec::<String>::new());
}
