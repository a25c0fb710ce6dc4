//! The command line: what can be asked, where answers go, and the exit codes.
//!
//! 0 finished · 1 a finding at or above `--fail-on` · 2 wrong usage, unreadable input, nothing analysed, output not written ·
//! 3 not complete and `--strict` · 101 a bug · 130 interrupted. Reports go to stdout, everything else to stderr.

mod accept;
mod analyze;
mod bug;
mod config;
mod generate;
mod output;
mod render;
mod rules;
mod shape;
mod timeline;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use config::Layers;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Finds what is wrong in a Harvester support bundle, offline.
#[derive(Parser)]
#[command(
    name = "gleaner",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:
  gleaner analyze supportbundle.zip -o report.html
  gleaner explain single-replica-volume-active

Exit codes: 0 finished, 1 a finding at or above --fail-on, 2 wrong usage or unreadable input or output not written,
3 not complete and --strict, 101 a bug, 130 interrupted. Every option of analyze can be set in gleaner.toml and as GLEANER_OPTION."
)]
struct Cli {
    /// Read settings from this file instead of ./gleaner.toml.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Read no settings from files.
    #[arg(long, global = true, conflicts_with = "config")]
    no_config: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Analyze a bundle: a zip, tar or folder, or all parts of one.
    Analyze(Box<analyze::Args>),
    /// Show what happened when: events, transitions, restarts, upgrade steps, log hits.
    Timeline(timeline::Args),
    /// Write a saved JSON report in other formats.
    Report(render::Args),
    /// Print the JSON Schema of the JSON report.
    #[command(after_help = "Examples:
  gleaner schema
  gleaner schema > report.schema.json")]
    Schema,
    /// Explain a rule: versions, symptoms, reason, solution, links.
    #[command(after_help = "Examples:
  gleaner explain single-replica-volume-active
  gleaner explain machine-count-mismatch")]
    Explain {
        /// The rule's id, for example `single-replica-volume-active`.
        id: String,
    },
    /// List, show, test and check rules.
    #[command(
        subcommand,
        after_help = "Examples:
  gleaner rules list --area storage
  gleaner rules test my-rules/"
    )]
    Rules(rules::Command),
    /// List all rules: the same as `gleaner rules list`.
    Checks(rules::ListArgs),
    /// Show the settings that are in force.
    #[command(
        subcommand,
        after_help = "Examples:
  gleaner config show
  gleaner config show --config team.toml"
    )]
    Config(config::Command),
    /// Print a completion script for a shell.
    Completions(generate::Completions),
    /// Print the manual page, or write all of them into a folder.
    Man(generate::Man),
}

/// Everything went as asked.
const DONE: u8 = 0;
/// A finding is at or above `--fail-on`, or rules have mistakes.
const FOUND: u8 = 1;
/// The user, the input or the output is at fault.
const WRONG: u8 = 2;
/// The analysis is not complete, and `--strict` was given.
const INCOMPLETE: u8 = 3;
/// Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    bug::watch();
    let result = match parse(std::env::args_os().collect()) {
        Ok((cli, layers)) => obey(&cli.command, &layers),
        Err(Stop::Usage(error)) => {
            // Whoever does not read our help has closed it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { WRONG } else { DONE });
        }
        Err(Stop::Wrong(error)) => Err(error),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        // Whoever reads our output has closed it: that is their right.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::from(DONE),
        Err(error) => {
            output::complain(&format!("error: {error:#}"));
            ExitCode::from(WRONG)
        }
    }
}

fn obey(command: &Command, layers: &Layers) -> anyhow::Result<u8> {
    match command {
        Command::Analyze(args) => analyze::run(args, layers),
        Command::Timeline(args) => timeline::run(args),
        Command::Report(args) => render::run(args),
        Command::Schema => render::schema(),
        Command::Explain { id } => rules::explain(id),
        Command::Rules(command) => rules::run(command),
        Command::Checks(args) => rules::list(args),
        Command::Config(command) => config::run(command, layers),
        Command::Completions(args) => generate::completions(args),
        Command::Man(args) => generate::man(args),
    }
}

/// Why there is nothing to obey.
enum Stop {
    /// Clap has something to say: a mistake in usage, or the help.
    Usage(clap::Error),
    /// The settings are wrong.
    Wrong(anyhow::Error),
}

/// Parses the arguments twice: once to know which settings to read, once with these as defaults, so that flags win over them and
/// the same parsers check them.
fn parse(args: Vec<OsString>) -> Result<(Cli, Layers), Stop> {
    let first = Cli::try_parse_from(&args).map_err(suggest)?;
    let bundle: &[PathBuf] = match &first.command {
        Command::Analyze(args) => args.bundle(),
        Command::Report(_) | Command::Config(_) => &[],
        _ => return Ok((first, Layers::default())),
    };
    let layers = Layers::read(first.config.as_deref(), first.no_config, bundle).map_err(Stop::Wrong)?;
    let again = layers.defaults(Cli::command()).try_get_matches_from(&args);
    match again.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => Ok((cli, layers)),
        Err(error) => Err(Stop::Wrong(layers.blame(&args, &error))),
    }
}

/// A bundle where a command belongs: `gleaner BUNDLE`.
fn suggest(error: clap::Error) -> Stop {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return Stop::Usage(error);
    };
    let endings = [".zip", ".tar", ".tgz", ".gz", ".xz", ".001"];
    let bundle = endings.iter().any(|ending| word.to_lowercase().ends_with(ending)) || Path::new(word).exists();
    if error.kind() == ErrorKind::InvalidSubcommand && bundle {
        let word = output::quoted(word);
        Stop::Wrong(anyhow::anyhow!(
            "{word} is no command: did you mean `gleaner analyze {word}`?"
        ))
    } else {
        Stop::Usage(error)
    }
}

#[cfg(test)]
mod tests;
