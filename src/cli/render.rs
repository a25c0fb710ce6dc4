//! `gleaner report` and `gleaner schema`: what can be done with a saved report.

use super::output;
use super::shape::Shape;
use anyhow::Context;
use clap::Args as ClapArgs;
use std::path::PathBuf;

#[derive(ClapArgs)]
#[command(after_help = "Examples:
  gleaner report report.json -o report.html
  gleaner report report.json -f md --flavor jira")]
pub(super) struct Args {
    /// A report written with `-o report.json` or `-f json`.
    #[arg(value_name = "REPORT.json")]
    report: PathBuf,
    #[command(flatten)]
    shape: Shape,
}

#[expect(clippy::disallowed_methods, reason = "a saved report is an input like a bundle")]
pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let outputs = args.shape.outputs()?;
    let path = args.report.display();
    let text = std::fs::read_to_string(&args.report).with_context(|| format!("cannot read {path}"))?;
    let report = gleaner_report::from_json(&text).with_context(|| format!("{path} is no report of Gleaner"))?;
    outputs.write(&report)?;
    Ok(super::DONE)
}

pub(super) fn schema() -> anyhow::Result<u8> {
    output::answer(&(serde_json::to_string_pretty(&gleaner_report::json_schema())? + "\n"))?;
    Ok(super::DONE)
}
