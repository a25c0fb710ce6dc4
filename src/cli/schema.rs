//! `gleaner schema`: the JSON Schema of the JSON report.

use super::exit::Exit;
use super::print::print;

pub(super) fn run() -> anyhow::Result<Exit> {
    print(&(serde_json::to_string_pretty(&gleaner_report::json_schema())? + "\n"))?;
    Ok(Exit::Success)
}
