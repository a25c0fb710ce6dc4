//! The known fields of each kind, as data (`rules/fields.yaml`), so that a mistyped field is found when a rule is loaded.
//!
//! A kind without an entry takes any field. `any` opens a subtree; `"*"` matches every key or element.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The known fields below one point.
#[derive(Debug, Clone, Default)]
pub struct FieldTable {
    root: Option<Tree>,
}

#[derive(Debug, Clone)]
enum Tree {
    /// Anything goes below.
    Any,
    /// A scalar: `int`, `string` or `bool`.
    Scalar(&'static str),
    /// Exactly these names, or all where `*` is among them.
    Names(BTreeMap<String, Tree>),
}

/// What every Kubernetes object has.
fn metadata() -> Value {
    json!({
        "name": "string", "namespace": "string", "uid": "string", "generation": "int", "resourceVersion": "any",
        "selfLink": "any", "generateName": "string", "creationTimestamp": "string", "deletionTimestamp": "string",
        "deletionGracePeriodSeconds": "int", "labels": {"*": "string"}, "annotations": {"*": "string"},
        "finalizers": {"*": "string"},
        "ownerReferences": {"*": {
            "apiVersion": "string", "kind": "string", "name": "string", "uid": "string", "controller": "bool",
            "blockOwnerDeletion": "bool",
        }},
    })
}

impl FieldTable {
    /// Builds a table from the content of the file.
    ///
    /// # Errors
    /// A word that is not a type, with its path.
    pub fn parse(value: &Value) -> Result<FieldTable, String> {
        let mut root = tree(value, "")?;
        if let Tree::Names(names) = &mut root {
            names.insert("metadata".to_owned(), tree(&metadata(), "metadata")?);
            names.insert("apiVersion".to_owned(), Tree::Scalar("string"));
            names.insert("kind".to_owned(), Tree::Scalar("string"));
        }
        Ok(FieldTable { root: Some(root) })
    }

    /// The scalar type at a path, `None` where it is open or a collection.
    ///
    /// # Errors
    /// Where the last name is not known: the names that are, for a suggestion.
    pub fn look_up(&self, path: &[String]) -> Result<Option<&'static str>, Vec<String>> {
        let Some(mut tree) = self.root.as_ref() else {
            return Ok(None);
        };
        for name in path {
            match tree {
                Tree::Any => return Ok(None),
                Tree::Scalar(_) => return Err(Vec::new()),
                Tree::Names(names) => {
                    let any_key = name == "*" && !names.contains_key("*");
                    if any_key {
                        return Ok(None);
                    }
                    let next = names.get(name).or_else(|| names.get("*"));
                    tree = next.ok_or_else(|| names.keys().cloned().collect::<Vec<_>>())?;
                }
            }
        }
        match tree {
            Tree::Scalar(word) => Ok(Some(word)),
            _ => Ok(None),
        }
    }
}

fn tree(value: &Value, path: &str) -> Result<Tree, String> {
    match value {
        Value::String(word) => match word.as_str() {
            "any" => Ok(Tree::Any),
            "int" => Ok(Tree::Scalar("int")),
            "string" => Ok(Tree::Scalar("string")),
            "bool" => Ok(Tree::Scalar("bool")),
            other => Err(format!(
                "`{other}` at `{path}` is not a type: expected any, int, string or bool"
            )),
        },
        Value::Object(entries) => {
            let mut names = BTreeMap::new();
            for (key, value) in entries {
                names.insert(key.clone(), tree(value, &format!("{path}.{key}"))?);
            }
            Ok(Tree::Names(names))
        }
        _ => Err(format!("expected names or a type at `{path}`")),
    }
}
