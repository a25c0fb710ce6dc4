//! `gleaner config show`: the settings in force, and where each comes from.

use super::exit::Exit;
use super::print::print;
use super::settings::{SettingValue, Settings};
use clap::Subcommand;
use std::fmt::Write as _;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print every setting, its value and where it comes from.
    #[command(after_help = "Examples:
  gleaner config show
  gleaner config show --no-config")]
    Show,
}

pub(super) fn run(command: &Command, settings: &Settings) -> anyhow::Result<Exit> {
    match command {
        Command::Show => print(&page(settings)?)?,
    }
    Ok(Exit::Success)
}

/// How far the origins are moved to the right, at most.
const MAX_COLUMN: usize = 40;

/// The page: valid TOML, with the origin of each value behind it.
fn page(settings: &Settings) -> anyhow::Result<String> {
    let mut text = String::new();
    for file in &settings.files {
        let word = if file.exists { "read" } else { "not there" };
        writeln!(text, "# {}: {word}", file.path.display().to_string().escape_debug())?;
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    for setting in settings.in_force()? {
        let key = &setting.key;
        let line = match &setting.value {
            SettingValue::Unset => format!("# {key} is not set"),
            SettingValue::Flag(value) => format!("{key} = {value}"),
            SettingValue::One(value) if value.parse::<u64>().is_ok() => format!("{key} = {value}"),
            SettingValue::One(value) => format!("{key} = {}", quoted(value)),
            SettingValue::List(values) => format!("{key} = {}", list(values)),
        };
        lines.push((line, setting.origin));
    }
    let width = lines.iter().map(|(line, _)| line.chars().count()).max();
    let width = width.unwrap_or(0).min(MAX_COLUMN);
    for (line, origin) in lines {
        writeln!(text, "{line:<width$}  # {origin}")?;
    }
    for suppression in &settings.suppressions {
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
