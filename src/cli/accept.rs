//! Suppressions on the command line: where they are read from, and what is told about them.

use super::config::Layers;
use super::output;
use anyhow::Context;
use clap::Args;
use gleaner::suppress::{self, Suppression};
use gleaner_report::Report;
use gleaner_rules::Catalog;
use std::path::{Path, PathBuf};

/// Options about findings that somebody accepted.
#[derive(Args)]
pub(super) struct Accept {
    /// Suppress the findings of a rule for this run, on some objects only or on all. May be repeated.
    #[arg(long, value_name = "RULE=KIND/NS/NAME", value_parser = suppress::parse_argument)]
    suppress: Vec<Suppression>,
    /// Read `[[suppress]]` tables from this file instead of ./gleaner-ignore.toml.
    #[arg(long, value_name = "FILE")]
    suppress_file: Option<PathBuf>,
    /// Show all findings, whatever is suppressed.
    #[arg(long)]
    no_suppress: bool,
}

/// The file beside the settings that holds nothing but suppressions.
pub(super) const FILE: &str = "gleaner-ignore.toml";

impl Accept {
    /// All suppressions in force.
    ///
    /// # Errors
    /// A file that cannot be read or is wrong.
    pub(super) fn list(&self, layers: &Layers) -> anyhow::Result<Vec<Suppression>> {
        if self.no_suppress {
            return Ok(Vec::new());
        }
        let mut all = self.suppress.clone();
        match (&self.suppress_file, layers.file_here(FILE)) {
            (Some(file), _) => all.extend(read(file)?),
            (None, Some(file)) => all.extend(read(&file)?),
            (None, None) => {}
        }
        all.extend(layers.suppressions.iter().cloned());
        Ok(all)
    }
}

#[expect(clippy::disallowed_methods, reason = "suppressions are settings of the user")]
fn read(path: &Path) -> anyhow::Result<Vec<Suppression>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let table: toml::Table = text.parse().with_context(|| format!("{shown} is no TOML"))?;
    if let Some(key) = table.keys().find(|key| *key != "suppress") {
        anyhow::bail!("{shown} has the unknown key `{key}`: it may only hold `[[suppress]]` tables");
    }
    let Some(tables) = table.get("suppress") else {
        return Ok(Vec::new());
    };
    suppress::parse_tables(tables, &output::quoted(&shown.to_string())).with_context(|| format!("{shown} is wrong"))
}

/// Applies suppressions and tells what did not fit: mistakes always, news unless `quiet`.
pub(super) fn apply(report: &mut Report, list: &[Suppression], catalog: &Catalog, quiet: bool) {
    for note in suppress::apply(report, list, catalog) {
        if note.warning {
            output::complain(&format!("warning: {}", note.text));
        } else if !quiet {
            output::complain(&format!("note: {}", note.text));
        }
    }
}
