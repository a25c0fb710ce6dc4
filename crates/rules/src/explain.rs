//! A rule as a knowledge-base page: applicable versions, symptoms, reason, solution, related information.

use super::Rule;
use super::schema::{Applies, RuleFile};
use std::fmt::Write as _;

/// The page in Markdown.
pub fn page(rule: &Rule) -> String {
    let file = &rule.file;
    let mut text = format!("# {}\n\n`{}` in area {}\n", file.title, file.id, rule.area);
    let severities: Vec<&str> = file.severities().iter().map(|severity| severity.as_str()).collect();
    let stale = file
        .stale_after()
        .map(|after| format!(" (info once the last line is older than {after})"));
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\nSeverity: {}{}",
        severities.join(", "),
        stale.unwrap_or_default()
    );
    let mut section = |heading: &str, body: &str| {
        let _ = write!(text, "\n## {heading}\n\n{}\n", body.trim_end());
    };
    section("Applicable versions", &versions(&file.applies));
    section("Symptoms", &symptoms(file));
    section("Reason", &in_general(&file.cause));
    section("Solution", &solution(file));
    section("Related information", &related(file));
    text
}

/// The text of the rule, and the defaults that the engine adds as comments.
pub fn source(rule: &Rule) -> String {
    let mut text = rule.source.text.as_str().to_owned();
    for default in rule.file.defaults() {
        let _ = writeln!(text, "# by default: {default}");
    }
    text
}

fn versions(applies: &Applies) -> String {
    let parts = [
        ("Harvester", &applies.running),
        ("target of the upgrade", &applies.target),
        ("Longhorn", &applies.longhorn),
    ];
    let named: Vec<String> = parts
        .iter()
        .filter_map(|(what, range)| range.as_ref().map(|range| format!("- {what} {range}")))
        .collect();
    if named.is_empty() {
        "All.".to_owned()
    } else {
        named.join("\n")
    }
}

fn symptoms(file: &RuleFile) -> String {
    let own = if file.symptoms.is_empty() {
        &file.title
    } else {
        &file.symptoms
    };
    if file.impact.is_empty() {
        own.clone()
    } else {
        format!("{}\n\n{}", own.trim_end(), in_general(&file.impact))
    }
}

/// A text as it is without an object: instead of each expression the sentences it chooses from, or `…`.
fn in_general(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut general = parts.next().unwrap_or(text).to_owned();
    for part in parts {
        let (expression, rest) = part.split_once("}}").unwrap_or((part, ""));
        let texts = expression.split(['\'', '"']).skip(1).step_by(2);
        let choices: Vec<&str> = texts.map(str::trim).filter(|text| text.contains(' ')).collect();
        general.push_str(if choices.is_empty() { "…" } else { "" });
        general.push_str(&choices.join(" / "));
        general.push_str(rest);
    }
    general
}

fn solution(file: &RuleFile) -> String {
    let mut text = String::new();
    for (number, step) in (1..).zip(&file.remediation) {
        let _ = writeln!(text, "{number}. ({}) {}", step.effect.as_str(), step.text.trim_end());
        if let Some(command) = &step.command {
            let _ = writeln!(text, "\n       {}\n", command.trim());
        }
    }
    if !file.workaround.is_empty() {
        let _ = writeln!(text, "\nUntil then: {}", file.workaround.trim_end());
    }
    if !file.fixed_in.is_empty() {
        let _ = writeln!(text, "\nFixed in {}.", file.fixed_in);
    }
    text
}

fn related(file: &RuleFile) -> String {
    let mut lines: Vec<String> = file
        .references
        .iter()
        .map(|reference| format!("- {}: {}", reference.title, reference.url))
        .collect();
    lines.extend(file.sources.iter().map(|source| format!("- source: {}", source.url())));
    lines.extend(file.mirrors.iter().map(|check| format!("- the official check {check}")));
    lines.extend(
        file.explains
            .iter()
            .map(|id| format!("- its symptoms: `gleaner explain {id}`")),
    );
    lines.join("\n")
}
