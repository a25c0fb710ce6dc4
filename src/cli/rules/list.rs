//! `gleaner rules list`: the catalogue for a terminal, for programs, and as the page rules/README.md.

use crate::cli::choices;
use crate::cli::exit::Exit;
use crate::cli::print;
use clap::{Args, ValueEnum};
use gleaner::select::Filter;
use gleaner_rules::Catalog;
use gleaner_rules::Rule;
use serde_json::{Value, json};
use std::fmt::Write as _;

#[derive(Args)]
#[command(after_help = "Examples:
  gleaner rules list
  gleaner rules list --area storage --area vm
  gleaner rules list --official
  gleaner rules list --format json")]
pub(in crate::cli) struct ListArgs {
    /// List only the rules of an area. May be repeated.
    #[arg(long, value_name = "AREA", value_delimiter = ',', value_parser = choices::areas())]
    area: Vec<String>,
    /// List only the rules for official upgrade checks, with the names of the checks.
    #[arg(long)]
    official: bool,
    /// The format.
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// A table with a line for each rule
    Text,
    /// A list of objects
    Json,
    /// Markdown: a page with a table for each area
    Md,
}

pub(super) fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    let catalog = Catalog::load(None)?;
    let mut filter = Filter {
        areas: args.area.clone(),
        ..Filter::default()
    };
    filter.resolve(&catalog)?;
    let rules = catalog.rules.iter();
    let rules: Vec<&Rule> = rules
        .filter(|rule| filter.areas.is_empty() || filter.areas.contains(&rule.area))
        .filter(|rule| !args.official || !rule.file.mirrors.is_empty())
        .collect();
    print::print(&match args.format {
        ListFormat::Text => table(&rules, args.official),
        ListFormat::Json => {
            let all: Vec<Value> = rules.iter().map(|rule| json_row(&catalog, rule)).collect();
            serde_json::to_string_pretty(&all)? + "\n"
        }
        ListFormat::Md => page(&catalog, &rules)?,
    })?;
    Ok(Exit::Success)
}

/// The list as a table. On a terminal the last column is cut where the line would wrap; elsewhere everything is written.
fn table(rules: &[&Rule], official: bool) -> String {
    let last = if official { "OFFICIAL CHECK" } else { "TITLE" };
    let mut rows = vec![["AREA", "ID", "SEVERITY", last].map(str::to_owned)];
    rows.extend(rules.iter().map(|rule| {
        let last = if official {
            rule.file.mirrors.join(", ")
        } else {
            rule.file.title.clone()
        };
        [
            rule.area.clone(),
            rule.id().to_owned(),
            severities(rule).join("/"),
            last,
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [area_width, id_width, severity_width] = [0, 1, 2].map(width);
    let line = |[area, id, severity, last]: &[String; 4]| {
        let line = format!("{area:<area_width$}  {id:<id_width$}  {severity:<severity_width$}  {last}");
        print::terminal_width().map_or(line.clone(), |columns| cut(&line, columns)) + "\n"
    };
    rows.iter().map(line).collect()
}

/// A line of at most so many characters.
fn cut(line: &str, columns: usize) -> String {
    if line.chars().count() <= columns {
        return line.to_owned();
    }
    let kept: String = line.chars().take(columns.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// All severities a rule may give, worst first.
fn severities(rule: &Rule) -> Vec<&'static str> {
    rule.file
        .severities()
        .iter()
        .map(|severity| severity.as_str())
        .collect()
}

/// The kinds that a rule cannot do without, by name, sorted.
fn kinds(catalog: &Catalog, rule: &Rule) -> Vec<String> {
    let all = rule.required_kinds().map(|reads| reads.requires.union(&reads.partial));
    let mut names: Vec<String> = all
        .into_iter()
        .flatten()
        .map(|kind| catalog.kinds.info(*kind).name.clone())
        .collect();
    names.sort();
    names
}

/// The logs that a rule reads: pods and units.
fn logs(rule: &Rule) -> Vec<String> {
    let logs = rule.file.log.iter();
    let mut all: Vec<String> = logs
        .flat_map(|log| log.pods.iter().chain(&log.units))
        .cloned()
        .collect();
    if rule.log.is_some() && all.is_empty() {
        all.push("all pods".to_owned());
    }
    all
}

fn json_row(catalog: &Catalog, rule: &Rule) -> Value {
    let file = &rule.file;
    let applies = &file.applies;
    json!({
        "id": file.id,
        "area": rule.area,
        "title": file.title,
        "severities": severities(rule),
        "confidence": file.confidence,
        "applies": {"running": applies.running, "target": applies.target, "longhorn": applies.longhorn},
        "reads": kinds(catalog, rule),
        "logs": logs(rule),
        "mirrors": file.mirrors,
        "aliases": file.aliases,
        "fixedIn": file.fixed_in,
    })
}

/// The catalogue page.
fn page(catalog: &Catalog, rules: &[&Rule]) -> anyhow::Result<String> {
    let mut areas: Vec<(&str, Vec<&Rule>)> = Vec::new();
    for rule in rules {
        match areas.last_mut() {
            Some((area, of)) if *area == rule.area => of.push(rule),
            _ => areas.push((&rule.area, vec![rule])),
        }
    }
    let mut text = format!(
        "# Rules\n\n{} rules in {} areas. `gleaner explain ID` says what each means and what to do.\n\
         This page is what `gleaner rules list --format md` prints, and a test keeps it so.\n",
        rules.len(),
        areas.len()
    );
    for (area, rules) in areas {
        writeln!(text, "\n## {area}\n\n{} rules.\n", rules.len())?;
        text.push_str("| Rule | Severity | Versions | Reads | Official check |\n| --- | --- | --- | --- | --- |\n");
        for rule in rules {
            text.push_str(&markdown_row(catalog, rule));
        }
    }
    Ok(text)
}

fn markdown_row(catalog: &Catalog, rule: &Rule) -> String {
    let id = rule.id();
    let code = |items: Vec<String>| -> Vec<String> { items.iter().map(|item| format!("`{}`", cell(item))).collect() };
    let mut reads = code(kinds(catalog, rule));
    let logs = code(logs(rule));
    if !logs.is_empty() {
        reads.push(format!("logs of {}", logs.join(", ")));
    }
    let checks = code(rule.file.mirrors.clone());
    let or_dash = |items: Vec<String>| {
        if items.is_empty() {
            "–".to_owned()
        } else {
            items.join(", ")
        }
    };
    format!(
        "| [`{id}`]({}/{id}/rule.yaml) {} | {} | {} | {} | {} |\n",
        rule.area,
        cell(&rule.file.title),
        severities(rule).join(", "),
        versions(rule),
        or_dash(reads),
        or_dash(checks)
    )
}

/// The versions that a rule is about.
fn versions(rule: &Rule) -> String {
    let applies = &rule.file.applies;
    let parts = [
        ("Harvester", &applies.running),
        ("upgrade to", &applies.target),
        ("Longhorn", &applies.longhorn),
    ];
    let named: Vec<String> = parts
        .iter()
        .filter_map(|(what, range)| range.as_ref().map(|range| format!("{what} `{}`", cell(range))))
        .collect();
    if named.is_empty() {
        "all".to_owned()
    } else {
        named.join(", ")
    }
}

/// Text that cannot end a cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_it_would_wrap() {
        assert_eq!(cut("vm  id  title", 13), "vm  id  title");
        assert_eq!(cut("vm  id  title", 10), "vm  id  t…");
        assert_eq!(cut("vm  id  title", 9), "vm  id…");
    }
}
