//! The command line: what can be asked, where answers go, and the exit codes.
//!
//! 0 finished · 1 a finding at or above `--fail-on` · 2 wrong usage, unreadable input, nothing analysed, output not written ·
//! 3 not complete and `--strict` · 101 a bug · 130 interrupted. Reports go to stdout, everything else to stderr.

mod analyze;
mod output;
mod render;
mod rules;
mod shape;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Finds what is wrong in a Harvester support bundle, offline.
#[derive(Parser)]
#[command(name = "gleaner", version, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Analyze a bundle: a zip, tar or folder, or all parts of one.
    Analyze(analyze::Args),
    /// Write a saved JSON report in other formats.
    Report(render::Args),
    /// Print the JSON Schema of the JSON report.
    Schema,
    /// Explain a rule: versions, symptoms, reason, solution, links.
    Explain {
        /// The rule's id, for example `single-replica-volume-active`.
        id: String,
    },
    /// List, show, test and check rules.
    #[command(subcommand)]
    Rules(rules::Command),
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
    let result = match Cli::parse().command {
        Command::Analyze(args) => analyze::run(&args),
        Command::Report(args) => render::run(&args),
        Command::Schema => render::schema(),
        Command::Explain { id } => rules::explain(&id),
        Command::Rules(command) => rules::run(&command),
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
