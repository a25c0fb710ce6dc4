//! The options about suppressions, and what is printed about them.

use super::print::{eprint_safe, shell_quote};
use super::settings::{SUPPRESS_FILE, Settings};
use anyhow::Context;
use clap::Args;
use gleaner::suppress::{self, Suppression};
use gleaner_report::Report;
use gleaner_rules::Catalog;
use std::path::{Path, PathBuf};

/// Options for accepted findings.
#[derive(Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct SuppressArgs {
    /// Suppress the findings of a rule for this run, on some objects only or on all. May be repeated.
    #[arg(long, value_name = "RULE=KIND/NS/NAME", value_parser = suppress::parse_argument, hide_short_help = true)]
    suppress: Vec<Suppression>,
    /// Read `[[suppress]]` tables from this file instead of ./gleaner-ignore.toml.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, hide_short_help = true)]
    suppress_file: Option<PathBuf>,
    /// Show all findings, whatever is suppressed.
    #[arg(long, hide_short_help = true)]
    no_suppress: bool,
}

impl SuppressArgs {
    /// All suppressions in force.
    ///
    /// # Errors
    /// A file that is not readable or not valid.
    pub(super) fn list(&self, settings: &Settings) -> anyhow::Result<Vec<Suppression>> {
        if self.no_suppress {
            return Ok(Vec::new());
        }
        let mut all = self.suppress.clone();
        let file = self.suppress_file.clone();
        if let Some(file) = file.or_else(|| settings.local_file(SUPPRESS_FILE)) {
            all.extend(read(&file)?);
        }
        all.extend(settings.suppressions.iter().cloned());
        Ok(all)
    }
}

#[expect(clippy::disallowed_methods, reason = "suppressions are settings of the user")]
fn read(path: &Path) -> anyhow::Result<Vec<Suppression>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let table: toml::Table = text.parse().with_context(|| format!("{shown} is not valid TOML"))?;
    if let Some(key) = table.keys().find(|key| *key != "suppress") {
        anyhow::bail!("{shown} has the unknown key `{key}`: it may only hold `[[suppress]]` tables");
    }
    let Some(tables) = table.get("suppress") else {
        return Ok(Vec::new());
    };
    suppress::parse_tables(tables, &shell_quote(&shown.to_string())).with_context(|| format!("{shown} is not valid"))
}

/// Applies suppressions to a report and prints warnings about those that are wrong, and, unless `quiet`, notes on those that are
/// expired or unused.
pub(super) fn apply(report: &mut Report, list: &[Suppression], catalog: &Catalog, quiet: bool) {
    for note in suppress::apply(report, list, catalog) {
        if note.warning {
            eprint_safe(&format!("warning: {}", note.text));
        } else if !quiet {
            eprint_safe(&format!("note: {}", note.text));
        }
    }
}
