//! `gleaner explain`: the page of a rule, or of a finding of a saved report.

use super::choices;
use super::exit::Exit;
use super::print::{escape_hidden, print};
use super::saved;
use anyhow::bail;
use gleaner::select::find_rule;
use gleaner_report::Finding;
use gleaner_rules::{Catalog, explain};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner explain single-replica-volume-active
  gleaner explain machine-count-mismatch --in report.json
  gleaner explain 6c547df31021 --in report.json")]
pub(super) struct Args {
    /// The id of a rule; with --in also that of a finding, which has 12 hexadecimal digits.
    #[arg(value_parser = choices::rules(), hide_possible_values = true)]
    id: String,
    /// Explain what was found in this saved report, with its real values.
    #[arg(long = "in", value_name = "REPORT.json", value_hint = clap::ValueHint::FilePath)]
    report: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let catalog = Catalog::load(None)?;
    let Some(path) = &args.report else {
        if is_finding_id(&args.id) {
            bail!(
                "`{0}` is the id of a finding: name the report that it is in, as in `gleaner explain {0} --in report.json`",
                args.id
            );
        }
        print(&explain::rule_page(&catalog, find_rule(&catalog, &args.id)?))?;
        return Ok(Exit::Success);
    };
    let report = saved::read(path)?;
    // A report may hold findings of rules that the catalogue does not have.
    let id = catalog.rule(&args.id).map_or(args.id.as_str(), |rule| rule.id());
    let all = report
        .findings
        .iter()
        .chain(report.suppressed.iter().map(|suppressed| &suppressed.finding));
    let found: Vec<&Finding> = all.filter(|finding| finding.id == id || finding.rule == id).collect();
    if found.is_empty() && !is_finding_id(id) {
        find_rule(&catalog, id)?;
    }
    if found.is_empty() {
        bail!("{} has no finding `{id}`", path.display());
    }
    let pages = found
        .iter()
        .map(|finding| explain::finding_page(finding, catalog.rule(&finding.rule)));
    print(&escape_hidden(&pages.collect::<Vec<_>>().join("\n")))?;
    Ok(Exit::Success)
}

fn is_finding_id(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
