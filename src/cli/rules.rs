//! `gleaner rules …`: the catalogue, for readers and for authors.

mod coverage;
mod list;

use coverage::{CoverageArgs, coverage};
use list::{ListArgs, list};

use super::choices;
use super::exit::Exit;
use super::print::{print, print_error};
use clap::{Subcommand, ValueEnum};
use gleaner::select::find_rule;
use gleaner_rules::{Catalog, CatalogError, case};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List rules: area, id, severity, title.
    List(ListArgs),
    /// List documented failures: the rules that name each, or why none does.
    Coverage(CoverageArgs),
    /// Show the source of a rule.
    #[command(after_help = "Examples:
  gleaner rules show single-replica-volume-active
  gleaner rules show machine-count-mismatch > rule.yaml")]
    Show {
        /// The id of the rule.
        #[arg(value_parser = choices::rules(), hide_possible_values = true)]
        id: String,
    },
    /// Run the cases of the built-in rules, or of those in a folder.
    #[command(after_help = "Examples:
  gleaner rules test
  gleaner rules test my-rules/")]
    Test {
        /// A folder with `AREA/ID/rule.yaml` and `AREA/ID/cases.yaml` for each rule, or one such rule.yaml.
        #[arg(value_hint = clap::ValueHint::AnyPath)]
        dir: Option<PathBuf>,
    },
    /// Check rules for mistakes without running them.
    #[command(after_help = "Examples:
  gleaner rules check
  gleaner rules check my-rules/")]
    Check {
        /// A folder with `AREA/ID/rule.yaml` for each rule, or one such file.
        #[arg(value_hint = clap::ValueHint::AnyPath)]
        dir: Option<PathBuf>,
    },
    /// Print the JSON Schema of rule.yaml, or of cases.yaml.
    #[command(after_help = "Examples:
  gleaner rules schema > rule.schema.json
  gleaner rules schema cases > cases.schema.json")]
    Schema {
        /// Which file.
        #[arg(value_enum, default_value_t = SchemaFile::Rule)]
        file: SchemaFile,
    },
    /// List the functions that expressions may call.
    #[command(after_help = "Examples:
  gleaner rules functions
  gleaner rules functions | grep version")]
    Functions,
}

/// The files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaFile {
    /// rule.yaml
    Rule,
    /// cases.yaml
    Cases,
}

pub(super) fn run(command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::List(args) => list(args),
        Command::Coverage(args) => coverage(args),
        Command::Show { id } => show(id),
        Command::Test { dir } => test(dir.as_deref()),
        Command::Check { dir } => check(dir.as_deref()),
        Command::Schema { file } => schema(*file),
        Command::Functions => functions(),
    }
}

/// The rules of a folder alone, or the built-in ones.
fn load(dir: Option<&Path>) -> Result<Catalog, CatalogError> {
    dir.map_or_else(|| Catalog::load(None), Catalog::load_only)
}

fn show(id: &str) -> anyhow::Result<Exit> {
    let catalog = Catalog::load(None)?;
    let rule = find_rule(&catalog, id)?;
    print(&gleaner_rules::explain::source(rule))?;
    Ok(Exit::Success)
}

fn test(dir: Option<&Path>) -> anyhow::Result<Exit> {
    let catalog = load(dir)?;
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
    print(&text)?;
    Ok(if failed == 0 { Exit::Success } else { Exit::Findings })
}

fn check(dir: Option<&Path>) -> anyhow::Result<Exit> {
    match load(dir).and_then(|catalog| catalog.check().map(|()| catalog)) {
        Ok(catalog) => {
            print(&format!("{} rules, no mistakes\n", catalog.rules.len()))?;
            Ok(Exit::Success)
        }
        Err(error @ CatalogError::Mistakes(_)) => {
            print_error(&error.into());
            Ok(Exit::Findings)
        }
        Err(error) => Err(error.into()),
    }
}

fn schema(file: SchemaFile) -> anyhow::Result<Exit> {
    let schema = gleaner_rules::schema::json_schema(file == SchemaFile::Cases);
    print(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
    Ok(Exit::Success)
}

fn functions() -> anyhow::Result<Exit> {
    let mut text = String::new();
    for (name, help) in gleaner_rules::documentation() {
        writeln!(text, "{name:<18} {help}")?;
    }
    print(&text)?;
    Ok(Exit::Success)
}
