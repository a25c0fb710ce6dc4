//! `gleaner rules …` and `gleaner explain`: the catalogue, for readers and for authors.

use super::output;
use clap::Subcommand;
use gleaner::rule::Rule;
use gleaner::rule::case;
use gleaner::rule::catalog::{Catalog, CatalogError};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Command {
    /// List all rules: area, id, severity, title.
    List,
    /// Show a rule as it is written.
    Show {
        /// The rule's id.
        id: String,
    },
    /// Run the cases of the built-in rules, or of those in a folder.
    Test {
        /// A folder of rules, `AREA/ID/rule.yaml` and `AREA/ID/cases.yaml`.
        dir: Option<PathBuf>,
    },
    /// Check rules for mistakes without running them.
    Check {
        /// A folder of rules.
        dir: Option<PathBuf>,
    },
    /// Print the JSON Schema of rule.yaml, or of cases.yaml.
    Schema {
        /// `rule` or `cases`.
        #[arg(default_value = "rule", value_parser = ["rule", "cases"])]
        file: String,
    },
    /// List the functions that expressions may call.
    Functions,
}

pub(super) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::List => list(),
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

fn list() -> anyhow::Result<u8> {
    let catalog = match load(None)? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let width = catalog.rules.iter().map(|rule| rule.id().len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in &catalog.rules {
        writeln!(
            text,
            "{:<8} {:<width$} {:<16} {}",
            rule.area,
            rule.id(),
            severities(rule),
            rule.file.title
        )?;
    }
    output::answer(&text)?;
    Ok(super::DONE)
}

/// All severities a rule may give, worst first.
fn severities(rule: &Rule) -> String {
    let mut all: Vec<_> = rule.severity.iter().map(|(_, severity)| *severity).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.dedup();
    all.iter()
        .map(|severity| severity.as_str())
        .collect::<Vec<_>>()
        .join("/")
}

fn find<'c>(catalog: &'c Catalog, id: &str) -> anyhow::Result<&'c Rule> {
    catalog.rule(id).ok_or_else(|| {
        let help = gleaner::rule::expr::did_you_mean(id, catalog.rules.iter().map(Rule::id));
        anyhow::anyhow!(
            "no rule has the id `{id}`; {}",
            if help.is_empty() {
                "see `gleaner rules list`"
            } else {
                &help
            }
        )
    })
}

fn show(id: &str) -> anyhow::Result<u8> {
    let catalog = match load(None)? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let rule = find(&catalog, id)?;
    let path = format!("{}/{}/rule.yaml", rule.area, rule.id());
    output::answer(catalog.files.get(&path).map_or("", String::as_str))?;
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
    match only(dir)? {
        Ok(catalog) => {
            output::answer(&format!("{} rules, no mistakes\n", catalog.rules.len()))?;
            Ok(super::DONE)
        }
        Err(_) => Ok(super::FOUND),
    }
}

fn functions() -> anyhow::Result<u8> {
    let mut text = String::new();
    for (name, help) in gleaner::rule::expr::documentation() {
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
