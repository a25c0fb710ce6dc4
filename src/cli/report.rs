//! `gleaner report`: a saved report in other formats.

use super::exit::Exit;
use super::output::OutputArgs;
use super::saved;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner report report.json -o report.html
  gleaner report report.json -f md --flavor jira")]
pub(super) struct Args {
    /// A report written with `-o report.json` or `-f json`.
    #[arg(value_name = "REPORT.json", value_hint = clap::ValueHint::FilePath)]
    report: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let outputs = args.output.outputs()?;
    outputs.write(&saved::read(&args.report)?)?;
    Ok(Exit::Success)
}
