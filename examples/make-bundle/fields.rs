//! `managedFields` for every object that has none: who set which field, as the API server records it, often a third of the bytes.

use super::template::Template;

/// Adds `managedFields` made of the object's own fields.
pub(crate) fn add(tree: &mut Template) {
    for file in tree.files.values_mut() {
        // The API server answers in the order of names.
        file.items.sort_by_cached_key(|item| name_of(item).to_owned());
        for item in &mut file.items {
            if !item.contains("\n    managedFields:\n") {
                *item = with_fields(item);
            }
        }
    }
}

fn name_of(item: &str) -> &str {
    let name = item.split("\n    name: ").nth(1).and_then(|rest| rest.lines().next());
    name.unwrap_or_default()
}

fn with_fields(item: &str) -> String {
    let Some(at) = item.find("\n    name: ") else {
        return item.to_owned();
    };
    let version = item.strip_prefix("- apiVersion: ").and_then(|rest| rest.lines().next());
    let mut text = String::from("    managedFields:\n");
    for (manager, parts) in [
        ("manager", &["metadata", "spec", "data"][..]),
        ("controller", &["status"]),
    ] {
        let fields: String = parts.iter().map(|part| fields_of(item, part)).collect();
        if fields.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "    - apiVersion: {}\n      fieldsType: FieldsV1\n      fieldsV1:\n{fields}      manager: {manager}\n      operation: Update\n",
            version.unwrap_or("v1"),
        ));
        if manager == "controller" {
            text.push_str("      subresource: status\n");
        }
        text.push_str("      time: \"2025-06-12T08:12:40Z\"\n");
    }
    let (before, after) = item.split_at(at + 1);
    format!("{before}{text}{after}")
}

/// The fields below one top-level key: a key becomes `f:key`, a map gets a `.` for itself, a list is one field.
fn fields_of(item: &str, part: &str) -> String {
    let head = format!("\n  {part}:\n");
    let Some(body) = item.find(&head).and_then(|at| item.get(at + head.len()..)) else {
        return String::new();
    };
    let lines: Vec<&str> = body.lines().take_while(|line| line.starts_with("    ")).collect();
    let mut text = format!("        f:{part}:\n");
    let mut list = None;
    for (index, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let word = line.trim_start();
        if word.starts_with("- ") {
            list.get_or_insert(indent);
        }
        if list.is_some_and(|list| indent > list || word.starts_with("- ")) {
            continue;
        }
        list = None;
        let Some((key, value)) = word.split_once(':') else {
            continue;
        };
        if !key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"./-_".contains(&byte))
        {
            list = Some(indent);
            continue;
        }
        let next = lines.get(index + 1).copied().unwrap_or_default();
        let deeper = next.len() - next.trim_start().len() > indent && value.is_empty();
        let space = " ".repeat(indent + 6);
        if deeper {
            text.push_str(&format!("{space}f:{key}:\n{space}  .: {{}}\n"));
        } else {
            text.push_str(&format!("{space}f:{key}: {{}}\n"));
            // Folded lines of a scalar are no fields.
            if !value.is_empty() {
                list = Some(indent);
            }
        }
    }
    if text.lines().count() > 1 { text } else { String::new() }
}
