//! The command line: its definition, and the dispatch to one file for each verb.
//!
//! What was asked for goes to stdout, everything else to stderr. The exit codes are in [`exit`]; 101 is a panic, which is a bug.

mod analyze;
mod choices;
mod completions;
mod config;
mod exit;
mod explain;
mod man;
mod output;
mod pager;
mod panic_hook;
mod print;
mod progress;
mod report;
mod report_file;
mod rules;
mod saved;
mod schema;
mod settings;
mod size;
mod suppress;
mod threads;
mod timeline;
mod why;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use exit::Exit;
use settings::Settings;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Endings of files that are bundles.
const BUNDLE_ENDINGS: [&str; 6] = [".zip", ".tar", ".tgz", ".gz", ".xz", ".001"];

/// Finds what is wrong in a Harvester support bundle, offline.
#[derive(Parser)]
#[command(
    name = "gleaner",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:
  gleaner supportbundle.zip                           # the same as `gleaner analyze`
  gleaner analyze supportbundle.zip -o report.html
  gleaner explain single-replica-volume-active

Exit codes: 0 finished, 1 a finding at or above --fail-on, 2 wrong usage, unreadable input or
output not written, 3 not complete and --strict, 101 a bug in Gleaner, 130 interrupted.
Most options of analyze can be set in gleaner.toml and as GLEANER_OPTION: see `gleaner config show`."
)]
struct Cli {
    /// Read settings from this file instead of ./gleaner.toml.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = clap::ValueHint::FilePath,
        global = true,
        hide_short_help = true,
        help_heading = "Settings"
    )]
    config: Option<PathBuf>,
    /// Read no settings from files.
    #[arg(
        long,
        global = true,
        conflicts_with = "config",
        hide_short_help = true,
        help_heading = "Settings"
    )]
    no_config: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Analyze a bundle: a zip, tar or folder, or all parts of one.
    Analyze(Box<analyze::Args>),
    /// Show what happened when: events, transitions, restarts, upgrade steps, log matches.
    Timeline(Box<timeline::Args>),
    /// Show what is wrong with one object: its state, what it depends on, findings, timeline.
    Why(why::Args),
    /// Write a saved JSON report in other formats.
    Report(report::Args),
    /// Print the JSON Schema of the JSON report.
    Schema(schema::Args),
    /// Explain a rule or a finding: versions, symptoms, reason, solution, links.
    Explain(explain::Args),
    /// List, show, test and check rules.
    #[command(
        subcommand,
        after_help = "Examples:
  gleaner rules list --area storage
  gleaner rules test my-rules/"
    )]
    Rules(rules::Command),
    /// Show the settings in force.
    #[command(
        subcommand,
        after_help = "Examples:
  gleaner config show
  gleaner config show --config team.toml"
    )]
    Config(config::Command),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Print the manual page, or write all of them into a folder.
    Man(man::Args),
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    panic_hook::install();
    let args = with_verb(std::env::args_os().collect());
    let result = match parse(&args) {
        Ok((cli, settings)) => dispatch(&cli.command, &settings),
        Err(ParseError::Usage(error)) => {
            // A reader that closes our help has seen enough.
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::Error } else { Exit::Success };
            return exit.into();
        }
        Err(ParseError::Other(error)) => Err(error),
    };
    let exit = result.unwrap_or_else(|error| {
        // A reader may close our output at any time.
        if print::is_broken_pipe(&error) {
            return Exit::Success;
        }
        print::print_error(&error);
        Exit::Error
    });
    exit.into()
}

fn dispatch(command: &Command, settings: &Settings) -> anyhow::Result<Exit> {
    threads::start(match command {
        Command::Analyze(args) => args.jobs(),
        _ => None,
    })?;
    match command {
        Command::Analyze(args) => analyze::run(args, settings),
        Command::Timeline(args) => timeline::run(args),
        Command::Why(args) => why::run(args),
        Command::Report(args) => report::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Rules(command) => rules::run(command),
        Command::Config(command) => config::run(command, settings),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

/// Why there is no command to run.
enum ParseError {
    /// Wrong usage, or a request for help.
    Usage(clap::Error),
    /// Wrong settings.
    Other(anyhow::Error),
}

/// Parses the flags alone, which say what to read settings from, and then again with the settings below them, so that the same
/// parsers check both.
fn parse(args: &[OsString]) -> Result<(Cli, Settings), ParseError> {
    let flags = Cli::try_parse_from(args).map_err(|error| usage_error(error, args))?;
    let bundle: &[PathBuf] = match &flags.command {
        Command::Analyze(args) => args.bundle(),
        Command::Report(_) | Command::Config(_) => &[],
        _ => return Ok((flags, Settings::default())),
    };
    let settings = Settings::read(args, &flags, bundle).map_err(ParseError::Other)?;
    let matches = settings.apply().try_get_matches_from(args);
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => Ok((cli, settings)),
        Err(error) => Err(ParseError::Other(settings.attribute_error(args, &error))),
    }
}

/// The arguments with the verb `analyze` where a bundle stands in its place.
fn with_verb(mut args: Vec<OsString>) -> Vec<OsString> {
    let word = Cli::try_parse_from(&args).err().and_then(|error| unknown_verb(&error));
    let bundle = word.filter(|word| word == "-" || Path::new(word).exists() || is_named_like_a_bundle(word));
    let at = bundle.and_then(|bundle| args.iter().position(|arg| *arg == *bundle));
    if let Some(at) = at {
        args.insert(at, "analyze".into());
    }
    args
}

fn is_named_like_a_bundle(word: &str) -> bool {
    let word = word.to_lowercase();
    BUNDLE_ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// The word that stands where a verb belongs.
fn unknown_verb(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if error.kind() == ErrorKind::InvalidSubcommand => Some(word.clone()),
        _ => None,
    }
}

fn usage_error(error: clap::Error, args: &[OsString]) -> ParseError {
    // Without a verb below it, `gleaner rules` asks what there is.
    let asks = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && args.len() > 1;
    let short = !asks && args.iter().any(|arg| arg == "-h");
    if !asks && (error.use_stderr() || short) {
        return ParseError::Usage(error);
    }
    // Long help also names the variables, which the flags alone know nothing of.
    let args = args.iter().cloned().chain(asks.then(|| "--help".into()));
    let help = settings::with_variables(Cli::command()).try_get_matches_from(args);
    ParseError::Usage(help.err().unwrap_or(error))
}

#[cfg(test)]
mod tests;
