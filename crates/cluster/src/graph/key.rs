//! Keys of edges: text and field paths, by which objects of two kinds belong together.

use crate::cluster::Object;
use gleaner_yaml::FieldPath;
use std::fmt;

/// A key such as `{metadata.namespace}/{spec.claimName}`: fixed text and paths. A path that reaches several values gives
/// several keys; a path that reaches none gives no key.
#[derive(Debug, Clone)]
pub(super) struct KeyTemplate {
    parts: Vec<KeyPart>,
}

#[derive(Debug, Clone)]
enum KeyPart {
    Text(String),
    Path(FieldPath),
}

impl KeyTemplate {
    pub(super) fn parse(text: &str) -> Result<KeyTemplate, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(KeyPart::Text(before.to_owned()));
            }
            let (path, next) = after.strip_prefix('}').map_or_else(
                || split_path(after).ok_or_else(|| format!("unclosed `{{` in `{text}`")),
                |_| Err(format!("empty path in `{text}`")),
            )?;
            parts.push(KeyPart::Path(
                FieldPath::parse(path).map_err(|error| format!("{} in `{path}`", error.what))?,
            ));
            rest = next;
        }
        if !rest.is_empty() {
            parts.push(KeyPart::Text(rest.to_owned()));
        }
        Ok(KeyTemplate { parts })
    }

    /// Gives the keys of an object.
    pub(super) fn each(&self, object: &Object<'_>, visit: &mut dyn FnMut(&str)) {
        match self.parts.as_slice() {
            [KeyPart::Path(path)] => path.visit(&object.root, |reached| visit(&reached.text())),
            parts => complete(parts, &mut String::new(), object, visit),
        }
    }
}

/// Gives the keys that begin with `key` and go on with these parts.
fn complete(parts: &[KeyPart], key: &mut String, object: &Object<'_>, visit: &mut dyn FnMut(&str)) {
    let Some((part, rest)) = parts.split_first() else {
        return visit(key);
    };
    let length = key.len();
    let mut go_on = |text: &str| {
        key.push_str(text);
        complete(rest, key, object, visit);
        key.truncate(length);
    };
    match part {
        KeyPart::Text(text) => go_on(text),
        KeyPart::Path(path) => path.visit(&object.root, |reached| go_on(&reached.text())),
    }
}

/// As it is written.
impl fmt::Display for KeyTemplate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            KeyPart::Text(text) => out.write_str(text),
            KeyPart::Path(path) => write!(out, "{{{path}}}"),
        })
    }
}

/// Splits `spec.map{}} rest` or `spec.x} rest` at the closing brace of the part.
fn split_path(after: &str) -> Option<(&str, &str)> {
    let end = after.find("{}}").map(|at| at + 2).or_else(|| after.find('}'))?;
    Some((after.get(..end)?, after.get(end + 1..)?))
}
