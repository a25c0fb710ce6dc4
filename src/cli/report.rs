//! `gleaner report`: a saved report in other formats.

use super::exit::Exit;
use super::output::OutputArgs;
use anyhow::Context;
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

#[expect(clippy::disallowed_methods, reason = "a saved report is an input like a bundle")]
pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let outputs = args.output.outputs()?;
    let path = args.report.display();
    let text = std::fs::read_to_string(&args.report).with_context(|| format!("cannot read {path}"))?;
    let mut report = gleaner_report::from_json(&text).with_context(|| format!("{path} is not a report of Gleaner"))?;
    // Reports of older versions have no tree, and one that was edited may have another.
    report.causes = gleaner_insight::cause_tree(&report.findings);
    outputs.write(&report)?;
    Ok(Exit::Success)
}
