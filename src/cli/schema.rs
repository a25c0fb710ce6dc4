//! `gleaner schema`: the JSON Schema of the JSON report.

use super::exit::Exit;
use super::print::print;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner schema > report.schema.json
  gleaner schema --v1")]
pub(super) struct Args {
    /// Print the schema of `--format json-v1` instead.
    #[arg(long)]
    v1: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let schema = if args.v1 {
        gleaner_report::json_schema_v1()
    } else {
        gleaner_report::json_schema()
    };
    print(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
    Ok(Exit::Success)
}
