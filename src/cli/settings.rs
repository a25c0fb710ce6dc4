//! Settings: a flag wins over `GLEANER_…`, that over `--config` or ./gleaner.toml, the user's config.toml, and /etc's.
//!
//! The environment is read by clap; values from TOML files become default values of the options of the command line, so that there
//! is one definition and one check of each. Files inside the bundle that is analysed are never read: a bundle must not hide its own
//! findings.

use super::Cli;
use super::print::{eprint_safe, shell_quote};
use anyhow::{Context, anyhow, bail};
use clap::builder::{BoolishValueParser, Resettable};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use gleaner::suppress::{self, Suppression};
use gleaner_text::did_you_mean;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use toml::Value;

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

/// Settings that are paths: relative to the file they are in.
const PATHS: [&str; 2] = ["rules", "suppress_file"];

/// The file beside gleaner.toml that holds nothing but suppressions.
pub(super) const SUPPRESS_FILE: &str = "gleaner-ignore.toml";

/// A value from a file, and which file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    values: Vec<String>,
    origin: String,
}

/// A file that settings are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SettingsFile {
    pub(super) path: PathBuf,
    pub(super) exists: bool,
}

/// The settings of all files together.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// By option, the value of the first file that has one.
    values: BTreeMap<String, Setting>,
    /// The suppressions of all files.
    pub(super) suppressions: Vec<Suppression>,
    /// The files that were looked for.
    pub(super) files: Vec<SettingsFile>,
    /// Whether files in the current folder may be read.
    local_files: bool,
}

/// A setting in force.
#[derive(Debug)]
pub(super) struct InForce {
    pub(super) key: String,
    pub(super) value: SettingValue,
    /// The file or the variable it comes from.
    pub(super) origin: String,
}

/// The value of a setting in force.
#[derive(Debug)]
pub(super) enum SettingValue {
    Unset,
    Flag(bool),
    One(String),
    List(Vec<String>),
}

/// The options of `gleaner analyze` that are settings, sorted.
fn options() -> Vec<Arg> {
    let command = Cli::command();
    let analyze = command.find_subcommand("analyze");
    let args = analyze.into_iter().flat_map(Command::get_arguments);
    let mut all: Vec<Arg> = args.filter(|arg| is_setting(arg)).cloned().collect();
    all.sort_by(|a, b| a.get_id().cmp(b.get_id()));
    all
}

fn is_setting(arg: &Arg) -> bool {
    !arg.is_positional() && !NO_SETTINGS.contains(&arg.get_id().as_str())
}

/// The name of a setting in files: that of its option.
fn key(id: &str) -> String {
    id.replace('_', "-")
}

/// The name of a setting in the environment.
fn variable(id: &str) -> String {
    format!("GLEANER_{}", id.to_uppercase())
}

/// The value of a variable; an empty one counts as unset.
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The command line with the variables that set its options.
pub(super) fn with_variables(command: Command) -> Command {
    let global = |arg: &Arg| matches!(arg.get_id().as_str(), "config" | "no_config");
    command
        .mut_args(|arg| if global(&arg) { with_variable(arg) } else { arg })
        .mut_subcommands(|sub| match sub.get_name() {
            "analyze" | "report" => sub.mut_args(|arg| if is_setting(&arg) { with_variable(arg) } else { arg }),
            _ => sub,
        })
}

fn with_variable(arg: Arg) -> Arg {
    let name = variable(arg.get_id().as_str());
    if std::env::var_os(&name).as_deref() == Some(OsStr::new("")) {
        return arg;
    }
    let flag = matches!(arg.get_action(), ArgAction::SetTrue);
    let arg = arg.env(name).hide_env_values(true);
    if flag {
        arg.value_parser(BoolishValueParser::new())
    } else {
        arg
    }
}

/// The command line without conflicts between options: only flags that are given together conflict, not a flag and a setting.
fn without_conflicts() -> Command {
    let clear = |arg: Arg| arg.conflicts_with(Resettable::Reset);
    Cli::command().mut_args(clear).mut_subcommands(|sub| {
        if sub.get_name() == "analyze" {
            sub.mut_args(clear)
        } else {
            sub
        }
    })
}

impl Settings {
    /// Reads the files that the flags and the environment name, or the usual ones.
    ///
    /// # Errors
    /// A file that was named and does not exist, one that is wrong, or a variable that is.
    pub(super) fn read(args: &[OsString], flags: &Cli, bundle: &[PathBuf]) -> anyhow::Result<Settings> {
        let mut settings = Settings::default();
        let matches = settings.apply().try_get_matches_from(args);
        let merged = matches
            .and_then(|matches| Cli::from_arg_matches(&matches))
            .map_err(|error| settings.attribute_error(args, &error))?;
        if flags.no_config || flags.config.is_none() && merged.no_config {
            return Ok(settings);
        }
        settings.local_files = may_read_local_files(bundle);
        let options = options();
        let named = merged.config;
        let own = named.clone().or_else(|| settings.local_file("gleaner.toml"));
        let home = environment("XDG_CONFIG_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(Path::new(&environment("HOME")?).join(".config")));
        let paths = own
            .into_iter()
            .chain(home.map(|home| home.join("gleaner/config.toml")))
            .chain([PathBuf::from("/etc/gleaner/config.toml")]);
        for path in paths {
            let exists = named.as_ref() == Some(&path) || path.is_file();
            if exists {
                settings
                    .read_file(&path, &options)
                    .with_context(|| format!("settings in {}", path.display()))?;
            }
            settings.files.push(SettingsFile { path, exists });
        }
        Ok(settings)
    }

    /// A file of the current folder, if it exists and may be read.
    pub(super) fn local_file(&self, name: &str) -> Option<PathBuf> {
        Some(PathBuf::from(name)).filter(|path| self.local_files && path.is_file())
    }

    #[expect(clippy::disallowed_methods, reason = "settings are the user's own files")]
    fn read_file(&mut self, path: &Path, options: &[Arg]) -> anyhow::Result<()> {
        let origin = shell_quote(&path.display().to_string());
        let table: toml::Table = std::fs::read_to_string(path)?.parse()?;
        for (name, value) in &table {
            if name == "suppress" {
                self.suppressions.extend(suppress::parse_tables(value, &origin)?);
                continue;
            }
            let option = options.iter().find(|option| key(option.get_id().as_str()) == *name);
            let option = option.ok_or_else(|| unknown_key(name, options))?;
            let id = option.get_id().as_str();
            let mut values = from_toml(option, name, value)?;
            if PATHS.contains(&id) {
                let folder = path.parent().unwrap_or(Path::new(""));
                for value in &mut values {
                    *value = folder.join(&*value).to_string_lossy().into_owned();
                }
            }
            self.values.entry(id.to_owned()).or_insert_with(|| Setting {
                values,
                origin: origin.clone(),
            });
        }
        Ok(())
    }

    /// The command line with the settings of files as defaults, and the variables above them.
    pub(super) fn apply(&self) -> Command {
        let command = with_variables(without_conflicts());
        self.values.iter().fold(command, |command, (id, setting)| {
            with_default(command, id, &setting.values)
        })
    }

    /// Every setting with its value and origin, sorted.
    ///
    /// # Errors
    /// A setting that the command line does not accept.
    pub(super) fn in_force(&self) -> anyhow::Result<Vec<InForce>> {
        let args = ["gleaner", "analyze", "BUNDLE"].map(OsString::from);
        let matches = self.apply().try_get_matches_from(&args);
        let matches = matches.map_err(|error| self.attribute_error(&args, &error))?;
        let (_, matches) = matches.subcommand().context("the verb analyze is missing")?;
        let one = |option: &Arg| {
            let id = option.get_id().as_str();
            let origin = match (matches.value_source(id), self.values.get(id)) {
                (Some(ValueSource::EnvVariable), _) => variable(id),
                (_, Some(setting)) => setting.origin.clone(),
                (_, None) => format!("default; {}", variable(id)),
            };
            InForce {
                key: key(id),
                value: SettingValue::of(option, matches),
                origin,
            }
        };
        Ok(options().iter().map(one).collect())
    }

    /// An error of the parser with the setting that causes it, for errors that flags alone do not cause.
    pub(super) fn attribute_error(&self, args: &[OsString], error: &clap::Error) -> anyhow::Error {
        let refused = |command: Command| command.try_get_matches_from(args).is_err();
        let files = self.values.iter().find(|(id, setting)| {
            let command = with_default(without_conflicts(), id, &setting.values);
            refused(command)
        });
        let cause = files.map(|(id, setting)| (key(id), setting.origin.clone()));
        let cause = cause.or_else(|| {
            let ids = options().into_iter().map(|option| option.get_id().to_string());
            let mut ids = ids.chain(["no_config".to_owned(), "config".to_owned()]);
            let wrong = ids.find(|id| environment(&variable(id)).is_some() && refused(with_only_variable(id)));
            wrong.map(|id| (key(&id), variable(&id)))
        });
        // The first paragraph: what is wrong, and which values are possible.
        let text = error.to_string();
        let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
        let what = lines.collect::<Vec<_>>().join(" ");
        let what = what.strip_prefix("error: ").unwrap_or(&what);
        match cause {
            Some((key, origin)) => anyhow!("{origin}: {key}: {what}"),
            None => anyhow!("settings: {what}"),
        }
    }
}

impl SettingValue {
    fn of(option: &Arg, matches: &ArgMatches) -> SettingValue {
        let id = option.get_id().as_str();
        let raw = matches.get_raw(id).into_iter().flatten();
        let mut raw = raw.map(|value| value.to_string_lossy().trim().to_owned());
        match option.get_action() {
            ArgAction::SetTrue => SettingValue::Flag(matches.get_flag(id)),
            ArgAction::Append => SettingValue::List(raw.collect()),
            _ => raw.next().map_or(SettingValue::Unset, SettingValue::One),
        }
    }
}

fn with_default(command: Command, id: &str, values: &[String]) -> Command {
    let set = |arg: Arg| {
        if arg.get_id() == id {
            arg.default_values(values.to_vec())
        } else {
            arg
        }
    };
    command.mut_subcommands(|sub| match sub.get_name() {
        "analyze" | "report" => sub.mut_args(set),
        _ => sub,
    })
}

/// The command line with the variable of one option.
fn with_only_variable(id: &str) -> Command {
    let set = |arg: Arg| if arg.get_id() == id { with_variable(arg) } else { arg };
    without_conflicts()
        .mut_args(set)
        .mut_subcommands(|sub| match sub.get_name() {
            "analyze" | "report" => sub.mut_args(set),
            _ => sub,
        })
}

fn unknown_key(name: &str, options: &[Arg]) -> anyhow::Error {
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

/// The value of a key as the words that the option would get on the command line.
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

/// Whether settings of the current folder are the user's own: it is in a repository, and neither inside a bundle that is analysed nor where
/// one was unpacked or downloaded.
fn may_read_local_files(bundle: &[PathBuf]) -> bool {
    let Ok(here) = Path::new(".").canonicalize() else {
        return false;
    };
    let inputs: Vec<PathBuf> = bundle.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_inside = inputs.iter().any(|input| here.starts_with(input));
    let is_beside = inputs.iter().any(|input| input.parent() == Some(here.as_path()));
    let is_repository = here.ancestors().any(|folder| folder.join(".git").exists());
    let may = is_repository && !is_inside && !is_beside;
    let found = ["gleaner.toml", SUPPRESS_FILE]
        .into_iter()
        .find(|name| Path::new(name).exists());
    if let (false, Some(name)) = (may, found) {
        let why = if is_inside {
            "it is inside the bundle"
        } else if is_beside {
            "it is beside the bundle"
        } else {
            "this folder is in no repository"
        };
        eprint_safe(&format!(
            "warning: {name} is not read: {why}; name it with --config or --suppress-file"
        ));
    }
    may
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeatable_settings_are_lists_in_the_environment() {
        for option in options() {
            let repeatable = matches!(option.get_action(), ArgAction::Append);
            assert_eq!(repeatable, option.get_value_delimiter() == Some(','), "{option:?}");
        }
    }

    #[test]
    fn help_names_the_variable_of_every_setting() {
        let mut command = with_variables(Cli::command());
        let analyze = command.find_subcommand_mut("analyze").unwrap();
        let help = analyze.render_long_help().to_string();
        for option in options() {
            let name = variable(option.get_id().as_str());
            assert!(help.contains(&format!("[env: {name}")), "{name}");
        }
    }
}
