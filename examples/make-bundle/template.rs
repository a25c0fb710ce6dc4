//! The sample bundle, split: every resource file as its items, everything else as bytes.

use anyhow::Context;
use std::collections::BTreeMap;
use std::path::Path;

/// A bundle's tree.
#[derive(Default)]
pub(crate) struct Template {
    /// Resource files by path.
    pub(crate) files: BTreeMap<String, Resources>,
    /// All other files by path.
    pub(crate) others: BTreeMap<String, Vec<u8>>,
}

/// A resource file.
#[derive(Default)]
pub(crate) struct Resources {
    /// The items, each from its `- ` to the line break at its end.
    pub(crate) items: Vec<String>,
}

impl Resources {
    /// The file as the collector writes it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from("apiVersion: v1\nitems:\n");
        self.items.iter().for_each(|item| text.push_str(item));
        text.push_str("kind: List\nmetadata:\n  continue: \"null\"\n  resourceVersion: \"9604800\"\n");
        text
    }
}

impl Template {
    /// Reads a tree.
    #[expect(clippy::disallowed_methods, reason = "it makes bundles, and reads the sample for it")]
    pub(crate) fn read(root: &Path) -> anyhow::Result<Template> {
        let mut tree = Template::default();
        for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
            let entry = entry?;
            if !entry.file_type().is_file() {
                continue;
            }
            let path = entry.path().strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            let bytes = std::fs::read(entry.path()).with_context(|| path.clone())?;
            if path.starts_with("yamls/") {
                let items = items(&String::from_utf8(bytes)?);
                tree.files.insert(path, Resources { items });
            } else {
                tree.others.insert(path, bytes);
            }
        }
        Ok(tree)
    }
}

fn items(text: &str) -> Vec<String> {
    let body = text.split_once("items:\n").map_or("", |(_, body)| body);
    let body = body.split_once("\nkind: ").map_or(body, |(items, _)| items);
    let lines = body.split('\n');
    let mut items: Vec<String> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        match items.last_mut() {
            Some(item) if !line.starts_with("- ") => {
                item.push_str(line);
                item.push('\n');
            }
            _ => items.push(format!("{line}\n")),
        }
    }
    items
}
