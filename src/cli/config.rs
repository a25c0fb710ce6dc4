//! Settings: a flag wins over `GLEANER_…`, that over `--config` or ./gleaner.toml, the user's config.toml, and /etc's.
//!
//! Takes TOML files and the environment; gives default values for the options of the command line, so that there is one definition
//! and one check of each. Files inside the bundle that is analysed are never read: a bundle must not hide its own findings.

mod show;

use super::output;
use anyhow::{Context, anyhow, bail};
use clap::{Arg, ArgAction, CommandFactory, Subcommand};
use gleaner::suppress::{self, Suppression};
use gleaner_text::did_you_mean;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::Value;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print every setting, its value and where it comes from.
    #[command(after_help = "Examples:
  gleaner config show
  gleaner config show --no-config")]
    Show,
}

pub(super) fn run(command: &Command, layers: &Layers) -> anyhow::Result<u8> {
    match command {
        Command::Show => output::answer(&show::page(layers)?)?,
    }
    Ok(super::DONE)
}

/// Options that are not settings: they are about one run, or could do harm unseen.
const NO_SETTINGS: [&str; 10] = [
    "bundle",
    "config",
    "force",
    "help",
    "no_config",
    "no_suppress",
    "object",
    "output",
    "suppress",
    "verbose",
];

/// Settings that are paths: relative to the file they stand in.
const PATHS: [&str; 2] = ["rules", "suppress_file"];

/// A setting and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    values: Vec<String>,
    origin: String,
}

/// The settings of all layers together.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// By option, the value of the highest layer that has one.
    settings: BTreeMap<String, Setting>,
    /// The suppressions of all files.
    pub(super) suppressions: Vec<Suppression>,
    /// The files that were looked for, and whether they were there.
    files: Vec<(PathBuf, bool)>,
    /// Whether files in the current folder may be read.
    here: bool,
}

/// The options of `gleaner analyze` that are settings.
fn options() -> Vec<Arg> {
    let command = super::Cli::command();
    let analyze = command.find_subcommand("analyze");
    let args = analyze.into_iter().flat_map(|command| command.get_arguments());
    let mut all: Vec<Arg> = args
        .filter(|arg| !NO_SETTINGS.contains(&arg.get_id().as_str()))
        .cloned()
        .collect();
    all.sort_by(|a, b| a.get_id().cmp(b.get_id()));
    all
}

/// The name of a setting in files: that of its option.
fn key(id: &str) -> String {
    id.replace('_', "-")
}

/// The name of a setting in the environment.
fn variable(id: &str) -> String {
    format!("GLEANER_{}", id.to_uppercase())
}

#[expect(clippy::disallowed_methods, reason = "the environment is a layer of the settings")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Layers {
    /// Reads all layers.
    ///
    /// # Errors
    /// A file that was named and is not there, one that is wrong, or a variable that is.
    pub(super) fn read(config: Option<&Path>, no_config: bool, bundle: &[PathBuf]) -> anyhow::Result<Layers> {
        let options = options();
        let mut layers = Layers::default();
        for option in &options {
            let (id, name) = (option.get_id().as_str(), variable(option.get_id().as_str()));
            if let Some(text) = environment(&name) {
                let values = from_variable(option, &text).with_context(|| name.clone())?;
                layers.add(id, values, &name);
            }
        }
        let wished_away = || environment("GLEANER_NO_CONFIG").is_some_and(|value| boolean(&value) == Some(true));
        if no_config || config.is_none() && wished_away() {
            return Ok(layers);
        }
        layers.here = may_read_here(bundle);
        let named = config
            .map(Path::to_owned)
            .or_else(|| environment("GLEANER_CONFIG").map(PathBuf::from));
        let own = named.clone().or_else(|| layers.file_here("gleaner.toml"));
        let home = environment("XDG_CONFIG_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(Path::new(&environment("HOME")?).join(".config")));
        let files = own
            .into_iter()
            .chain(home.map(|home| home.join("gleaner/config.toml")))
            .chain([PathBuf::from("/etc/gleaner/config.toml")]);
        for file in files {
            let there = named.as_ref() == Some(&file) || file.is_file();
            if there {
                layers
                    .file(&file, &options)
                    .with_context(|| format!("settings in {}", file.display()))?;
            }
            layers.files.push((file, there));
        }
        Ok(layers)
    }

    /// A file of the current folder, if it is there and may be read.
    pub(super) fn file_here(&self, name: &str) -> Option<PathBuf> {
        Some(PathBuf::from(name)).filter(|path| self.here && path.is_file())
    }

    fn add(&mut self, id: &str, values: Vec<String>, origin: &str) {
        self.settings.entry(id.to_owned()).or_insert_with(|| Setting {
            values,
            origin: origin.to_owned(),
        });
    }

    #[expect(clippy::disallowed_methods, reason = "settings are the user's own files")]
    fn file(&mut self, path: &Path, options: &[Arg]) -> anyhow::Result<()> {
        let origin = output::quoted(&path.display().to_string());
        let table: toml::Table = std::fs::read_to_string(path)?.parse()?;
        for (name, value) in &table {
            if name == "suppress" {
                self.suppressions.extend(suppress::parse_tables(value, &origin)?);
                continue;
            }
            let option = options.iter().find(|option| key(option.get_id().as_str()) == *name);
            let option = option.ok_or_else(|| unknown(name, options))?;
            let id = option.get_id().as_str();
            let mut values = from_toml(option, name, value)?;
            if PATHS.contains(&id) {
                let folder = path.parent().unwrap_or(Path::new(""));
                for value in &mut values {
                    *value = folder.join(&*value).to_string_lossy().into_owned();
                }
            }
            self.add(id, values, &origin);
        }
        Ok(())
    }

    /// The command line with the settings as defaults.
    pub(super) fn defaults(&self, command: clap::Command) -> clap::Command {
        self.settings.iter().fold(command, |command, (id, setting)| {
            with_default(command, id, &setting.values)
        })
    }

    /// Which setting the command line does not accept.
    pub(super) fn blame(&self, args: &[OsString], error: &clap::Error) -> anyhow::Error {
        let wrong = self.settings.iter().find(|(id, setting)| {
            let command = with_default(super::Cli::command(), id, &setting.values);
            command.try_get_matches_from(args).is_err()
        });
        let text = error.to_string();
        let what = text.lines().next().unwrap_or_default();
        let what = what.strip_prefix("error: ").unwrap_or(what);
        match wrong {
            Some((id, setting)) => anyhow!("{}: {}: {what}", setting.origin, key(id)),
            None => anyhow!("settings: {what}"),
        }
    }
}

fn with_default(command: clap::Command, id: &str, values: &[String]) -> clap::Command {
    let has = |command: &clap::Command| command.get_arguments().any(|arg| arg.get_id() == id);
    command.mut_subcommands(|sub| {
        if matches!(sub.get_name(), "analyze" | "report") && has(&sub) {
            let values = values.to_vec();
            sub.mut_arg(id, |arg| arg.default_values(values))
        } else {
            sub
        }
    })
}

fn unknown(name: &str, options: &[Arg]) -> anyhow::Error {
    let keys: Vec<String> = options.iter().map(|option| key(option.get_id().as_str())).collect();
    let known = keys.iter().map(String::as_str).chain(["suppress"]);
    let help = did_you_mean(name, known);
    let help = if help.is_empty() {
        "see `gleaner config show`".to_owned()
    } else {
        help
    };
    anyhow!("unknown key `{name}`; {help}")
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn from_variable(option: &Arg, text: &str) -> anyhow::Result<Vec<String>> {
    match option.get_action() {
        ArgAction::SetTrue => {
            let value = boolean(text).with_context(|| format!("`{text}` is neither true nor false"))?;
            Ok(vec![value.to_string()])
        }
        ArgAction::Append => Ok(text.split(',').map(|part| part.trim().to_owned()).collect()),
        _ => Ok(vec![text.to_owned()]),
    }
}

fn from_toml(option: &Arg, name: &str, value: &Value) -> anyhow::Result<Vec<String>> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    let values = match (option.get_action(), value) {
        (ArgAction::SetTrue, Value::Boolean(value)) => Some(vec![value.to_string()]),
        (ArgAction::SetTrue, _) => bail!("`{name}` must be true or false"),
        (ArgAction::Append, Value::Array(list)) => list.iter().map(scalar).collect(),
        (_, value) => scalar(value).map(|value| vec![value]),
    };
    values.with_context(|| {
        format!("`{name}` must be a text or a number, or a list of them where the option may be repeated")
    })
}

/// Whether the current folder is the user's own, and not part of a bundle that is analysed.
fn may_read_here(bundle: &[PathBuf]) -> bool {
    let Ok(here) = Path::new(".").canonicalize() else {
        return false;
    };
    let inside = bundle
        .iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| path.canonicalize().ok())
        .any(|folder| here.starts_with(folder));
    let there = ["gleaner.toml", super::accept::FILE]
        .into_iter()
        .any(|name| Path::new(name).exists());
    if inside && there {
        output::complain(
            "warning: settings inside the bundle are not read: name them with --config or --suppress-file",
        );
    }
    !inside
}
