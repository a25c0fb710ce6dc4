//! `gleaner explain`: the page of a rule.

use super::exit::Exit;
use super::print::print;
use gleaner::select::find_rule;
use gleaner_rules::Catalog;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner explain single-replica-volume-active
  gleaner explain machine-count-mismatch")]
pub(super) struct Args {
    /// The rule's id, for example `single-replica-volume-active`.
    id: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let catalog = Catalog::load(None)?;
    print(&gleaner_rules::explain::page(find_rule(&catalog, &args.id)?))?;
    Ok(Exit::Success)
}
