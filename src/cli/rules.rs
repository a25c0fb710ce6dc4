//! `gleaner rules …` and `gleaner explain`: the catalogue, for readers and for authors.

mod list;

pub(super) use list::{ListArgs, list};

use super::output;
use clap::Subcommand;
use gleaner::rule::catalog::{Catalog, CatalogError};
use gleaner::rule::{RuleText, case};
use gleaner::select::find;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List all rules: area, id, severity, title.
    List(ListArgs),
    /// Show a rule as it is written.
    #[command(after_help = "Examples:
  gleaner rules show single-replica-volume-active
  gleaner rules show machine-count-mismatch > rule.yaml")]
    Show {
        /// The rule's id.
        id: String,
    },
    /// Run the cases of the built-in rules, or of those in a folder.
    #[command(after_help = "Examples:
  gleaner rules test
  gleaner rules test my-rules/")]
    Test {
        /// A folder of rules, `AREA/ID/rule.yaml` and `AREA/ID/cases.yaml`.
        dir: Option<PathBuf>,
    },
    /// Check rules for mistakes without running them.
    #[command(after_help = "Examples:
  gleaner rules check
  gleaner rules check my-rules/")]
    Check {
        /// A folder of rules.
        dir: Option<PathBuf>,
    },
    /// Print the JSON Schema of rule.yaml, or of cases.yaml.
    #[command(after_help = "Examples:
  gleaner rules schema > rule.schema.json
  gleaner rules schema cases > cases.schema.json")]
    Schema {
        /// `rule` or `cases`.
        #[arg(default_value = "rule", value_parser = ["rule", "cases"])]
        file: String,
    },
    /// List the functions that expressions may call.
    #[command(after_help = "Examples:
  gleaner rules functions
  gleaner rules functions | grep version")]
    Functions,
}

pub(super) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::List(args) => list(args),
        Command::Show { id } => show(id),
        Command::Test { dir } => test(dir.as_deref()),
        Command::Check { dir } => check(dir.as_deref()),
        Command::Schema { file } => {
            let schema = gleaner::rule::schema::json_schema(file == "cases");
            output::answer(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
            Ok(super::DONE)
        }
        Command::Functions => functions(),
    }
}

/// Loads the built-in rules and those of a folder. Mistakes in them are told, and give the exit code.
pub(super) fn load(folder: Option<&Path>) -> anyhow::Result<Result<Catalog, u8>> {
    told(Catalog::load(folder))
}

fn told(result: Result<Catalog, CatalogError>) -> anyhow::Result<Result<Catalog, u8>> {
    match result {
        Ok(catalog) => Ok(Ok(catalog)),
        Err(CatalogError::Mistakes(mistakes)) => {
            for mistake in &mistakes {
                output::complain(&mistake.render(false));
            }
            output::complain(&format!("error: {} mistakes in rules", mistakes.len()));
            Ok(Err(super::WRONG))
        }
        Err(error) => Err(error.into()),
    }
}

fn only(dir: Option<&Path>) -> anyhow::Result<Result<Catalog, u8>> {
    told(dir.map_or_else(|| Catalog::load(None), Catalog::load_only))
}

fn show(id: &str) -> anyhow::Result<u8> {
    let catalog = match load(None)? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let rule = find(&catalog, id)?;
    let path = format!("{}/{}/rule.yaml", rule.area, rule.id());
    output::answer(catalog.files.get(&path).map_or("", RuleText::as_str))?;
    Ok(super::DONE)
}

fn test(dir: Option<&Path>) -> anyhow::Result<u8> {
    let catalog = match only(dir)? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let report = case::test(&catalog);
    let mut text = String::new();
    for wrong in &report.wrong {
        writeln!(text, "wrong: {}: {}", wrong.rule, wrong.case)?;
        for line in &wrong.what {
            writeln!(text, "    {line}")?;
        }
    }
    let failed = report.wrong.len();
    writeln!(text, "{} rules, {} cases", catalog.rules.len(), report.run)?;
    writeln!(text, "{} passed, {failed} failed", report.run.saturating_sub(failed))?;
    output::answer(&text)?;
    Ok(if failed == 0 { super::DONE } else { super::FOUND })
}

fn check(dir: Option<&Path>) -> anyhow::Result<u8> {
    let checked = match only(dir)? {
        Ok(catalog) => told(catalog.check().map(|()| catalog))?,
        Err(code) => Err(code),
    };
    match checked {
        Ok(catalog) => {
            output::answer(&format!("{} rules, no mistakes\n", catalog.rules.len()))?;
            Ok(super::DONE)
        }
        Err(_) => Ok(super::FOUND),
    }
}

fn functions() -> anyhow::Result<u8> {
    let mut text = String::new();
    for (name, help) in gleaner::rule::documentation() {
        writeln!(text, "{name:<18} {help}")?;
    }
    output::answer(&text)?;
    Ok(super::DONE)
}

pub(super) fn explain(id: &str) -> anyhow::Result<u8> {
    let catalog = match load(None)? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    output::answer(&gleaner::rule::explain::page(find(&catalog, id)?))?;
    Ok(super::DONE)
}
