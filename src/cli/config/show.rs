//! `gleaner config show`: what is in force and why.

use super::{Layers, key, options, variable};
use clap::ArgAction;
use std::fmt::Write as _;

/// The page: valid TOML, with the origin of each value behind it.
pub(super) fn page(layers: &Layers) -> anyhow::Result<String> {
    let mut text = String::new();
    for (file, there) in &layers.files {
        let word = if *there { "read" } else { "not there" };
        writeln!(text, "# {}: {word}", file.display().to_string().escape_debug())?;
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    for option in options() {
        let id = option.get_id().as_str();
        let defaults = option.get_default_values().iter();
        let defaults: Vec<String> = defaults.map(|value| value.to_string_lossy().into_owned()).collect();
        let (values, origin) = match layers.settings.get(id) {
            Some(setting) => (setting.values.clone(), setting.origin.clone()),
            None => (defaults, format!("default; {}", variable(id))),
        };
        let flag = matches!(option.get_action(), ArgAction::SetTrue);
        let line = match (option.get_action(), values.as_slice()) {
            (ArgAction::Append, values) => format!("{} = {}", key(id), list(values)),
            (_, []) if flag => format!("{} = false", key(id)),
            (_, []) => format!("# {} is not set", key(id)),
            (_, [value, ..]) if flag || value.parse::<u64>().is_ok() => format!("{} = {value}", key(id)),
            (_, [value, ..]) => format!("{} = {}", key(id), quoted(value)),
        };
        lines.push((line, origin));
    }
    let width = lines
        .iter()
        .map(|(line, _)| line.chars().count())
        .max()
        .unwrap_or(0)
        .min(40);
    for (line, origin) in lines {
        writeln!(text, "{line:<width$}  # {origin}")?;
    }
    for suppression in &layers.suppressions {
        let object = suppression.object.as_ref().map_or("*", |object| object.as_str());
        let rule = format!("{} on {object}", suppression.rule);
        writeln!(text, "# suppressed: {}  # {}", rule.escape_debug(), suppression.origin)?;
    }
    Ok(text)
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}
