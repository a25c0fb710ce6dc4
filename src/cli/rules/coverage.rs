//! `gleaner rules coverage`: which documented failures the rules name, for a terminal, for programs, and as the page docs/coverage.md.

use crate::cli::exit::Exit;
use crate::cli::print;
use clap::{Args, ValueEnum};
use gleaner_rules::{DocumentedCount, DocumentedFailure, documented};
use serde_json::{Value, json};
use std::fmt::Write as _;

#[derive(Args)]
#[command(after_help = "Examples:
  gleaner rules coverage
  gleaner rules coverage --unnamed
  gleaner rules coverage --format json")]
pub(in crate::cli) struct CoverageArgs {
    /// List only the failures that a report does not name.
    #[arg(long)]
    unnamed: bool,
    /// The format.
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = CoverageFormat::Text)]
    format: CoverageFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CoverageFormat {
    /// A paragraph for each failure
    Text,
    /// A list of objects
    Json,
    /// Markdown: a page with a table
    Md,
}

pub(super) fn coverage(args: &CoverageArgs) -> anyhow::Result<Exit> {
    let all = documented()?;
    let count = DocumentedCount::of(&all);
    let shown: Vec<&DocumentedFailure> = all
        .iter()
        .filter(|failure| !args.unnamed || !failure.is_named())
        .collect();
    print::print(&match args.format {
        CoverageFormat::Text => text(count, &shown)?,
        CoverageFormat::Json => {
            let rows: Vec<Value> = shown.iter().map(|failure| json_row(failure)).collect();
            serde_json::to_string_pretty(&rows)? + "\n"
        }
        CoverageFormat::Md => page(count, &shown)?,
    })?;
    Ok(Exit::Success)
}

fn sentence(count: DocumentedCount) -> String {
    let DocumentedCount {
        documented,
        seen,
        named,
    } = count;
    format!("{documented} documented failures. A support bundle can show {seen} of them; a report names {named}.")
}

/// What becomes of a failure: the rules that name it, or why none does.
fn answer(failure: &DocumentedFailure, rule: impl Fn(&str) -> String) -> String {
    let rules: Vec<String> = failure.named_by.keys().map(|id| rule(id)).collect();
    let reasons = [
        ("", &failure.told),
        ("not in a bundle: ", &failure.unseen),
        ("not named: ", &failure.unnamed),
    ];
    let given = reasons.iter().filter(|(_, reason)| !reason.is_empty());
    let given = given.map(|(what, reason)| format!("{what}{reason}"));
    [rules.join(", ")]
        .into_iter()
        .chain(given)
        .find(|answer| !answer.is_empty())
        .unwrap_or_default()
}

fn text(count: DocumentedCount, failures: &[&DocumentedFailure]) -> anyhow::Result<String> {
    let mut text = sentence(count) + "\n";
    for failure in failures {
        let number = failure.number;
        writeln!(text, "\n{number:>3}  {}", failure.failure)?;
        writeln!(text, "     {}", answer(failure, str::to_owned))?;
        writeln!(text, "     {}", failure.source)?;
    }
    Ok(text)
}

fn json_row(failure: &DocumentedFailure) -> Value {
    json!({
        "number": failure.number,
        "failure": failure.failure,
        "source": failure.source,
        "rules": failure.named_by.keys().collect::<Vec<_>>(),
        "told": failure.told,
        "unseen": failure.unseen,
        "unnamed": failure.unnamed,
    })
}

/// The page.
fn page(count: DocumentedCount, failures: &[&DocumentedFailure]) -> anyhow::Result<String> {
    let mut text = format!(
        "# Documented failures\n\n{} Each rule that is named here has a case that shows the failure.\n\n\
         This page is what `gleaner rules coverage --format md` prints, and a test keeps it so.\n\n\
         | No. | Failure | Named by |\n| --- | --- | --- |\n",
        sentence(count)
    );
    for failure in failures {
        let what = super::list::cell(&failure.failure);
        let what = match failure.source.starts_with("https://") {
            true => format!("[{what}]({})", failure.source),
            false => format!("{what} ({})", super::list::cell(&failure.source)),
        };
        let named = super::list::cell(&answer(failure, |id| format!("`{id}`")));
        writeln!(text, "| {} | {what} | {named} |", failure.number)?;
    }
    Ok(text)
}
