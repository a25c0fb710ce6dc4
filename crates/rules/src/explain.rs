//! A rule or a finding as a knowledge-base page: applicable versions, symptoms, reason, solution, related information.

use super::schema::{Applies, RuleFile};
use super::{Catalog, Rule};
use gleaner_cel::in_words;
use gleaner_cluster::Facts;
use gleaner_report::{Finding, Reference, RemediationStep};
use std::fmt::Write as _;

/// The most objects and quotes of a finding that its page shows.
const SHOWN: usize = 20;

/// A page in Markdown.
struct Page(String);

impl Page {
    fn new(title: &str, facts: &str) -> Page {
        Page(format!("# {title}\n\n{facts}\n"))
    }

    fn section(&mut self, heading: &str, paragraphs: &[String]) {
        let paragraphs = paragraphs.iter().map(|paragraph| paragraph.trim_end());
        let paragraphs: Vec<&str> = paragraphs.filter(|paragraph| !paragraph.is_empty()).collect();
        let body = match paragraphs.as_slice() {
            [] => "Not known.".to_owned(),
            some => some.join("\n\n"),
        };
        // Writing to a string cannot fail.
        let _ = write!(self.0, "\n## {heading}\n\n{body}\n");
    }
}

/// The page of a rule in Markdown: what differs from cluster to cluster is told by names such as `<volume>`.
pub fn rule_page(catalog: &Catalog, rule: &Rule) -> String {
    let file = &rule.file;
    let severities: Vec<&str> = file.severities().iter().map(|severity| severity.as_str()).collect();
    let stale = file.stale_after();
    let stale = stale.map(|after| format!(" (info once the last line is older than {after})"));
    let mut page = Page::new(
        &file.title,
        &format!(
            "Rule `{}` in area {}. Severity: {}{}.",
            file.id,
            rule.area,
            severities.join(", "),
            stale.unwrap_or_default()
        ),
    );
    let symptoms = if file.symptoms.is_empty() {
        &file.title
    } else {
        &file.symptoms
    };
    page.section("Applicable versions", &[versions(&file.applies)]);
    page.section("Symptoms", &[sentence(symptoms), in_general(&file.impact)]);
    page.section("Reason", &[in_general(&file.cause)]);
    page.section("Solution", &rule_solution(file));
    page.section("Related information", &[related(catalog, file)]);
    page.0
}

/// The page of a finding in Markdown, with the values of its bundle; `rule` is the rule that found it, if the catalogue has it.
pub fn finding_page(finding: &Finding, rule: Option<&Rule>) -> String {
    let since = finding
        .since
        .as_ref()
        .map(|since| format!(" Since {}.", one_line(since)));
    let mut page = Page::new(
        &one_line(&finding.title),
        &format!(
            "Finding `{}` of rule `{}` in area {}. Severity: {}, confidence: {}, harm: {}.{}",
            one_line(&finding.id),
            one_line(&finding.rule),
            one_line(&finding.area),
            finding.severity.as_str(),
            finding.confidence.as_str(),
            finding.harm.as_str(),
            since.unwrap_or_default()
        ),
    );
    if let Some(rule) = rule {
        page.section("Applicable versions", &[versions(&rule.file.applies)]);
    }
    let rows = finding.rows.iter().map(|row| row.message.as_str());
    let rows = list(rows.filter(|message| *message != finding.message));
    let quotes = finding.evidence.iter().map(|fact| {
        let field = if fact.field.is_empty() { "" } else { ": " };
        format!("{}:{}{field}{} = {}", fact.path, fact.line, fact.field, fact.value)
    });
    let quotes: Vec<String> = quotes.collect();
    let symptoms = [
        sentence(&one_line(&finding.message)),
        rows,
        one_line(&finding.impact.text),
        list(quotes.iter().map(String::as_str)),
    ];
    page.section("Symptoms", &symptoms);
    page.section("Reason", &[one_line(&finding.cause)]);
    let mut solution = steps(&finding.remediation);
    if !finding.avoid.is_empty() {
        solution.insert(0, one_line(&finding.avoid));
    }
    solution.extend(afterwards(&finding.workaround, &finding.fixed_in));
    page.section("Solution", &solution);
    page.section("Related information", &[references(&finding.references)]);
    page.0
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
        ("Upgrades to", &applies.target),
        ("Longhorn", &applies.longhorn),
    ];
    let named = parts
        .iter()
        .filter_map(|(what, range)| range.as_ref().map(|range| format!("- {what} {range}")));
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        "All.".to_owned()
    } else {
        named.join("\n")
    }
}

/// A text as it is without an object. Where it is nothing but a choice of sentences, these are listed.
fn in_general(text: &str) -> String {
    let choices = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    if let Some(expression) = choices.filter(|expression| !expression.contains("{{")) {
        let mut choices = in_words(expression);
        choices.retain(|choice| !choice.trim().is_empty());
        return match choices.as_slice() {
            [only] => sentence(only),
            several => list(several.iter().map(String::as_str)),
        };
    }
    let mut parts = text.split("{{");
    let mut general = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once("}}").unwrap_or((part, ""));
        general.push_str(&inline(in_words(expression)));
        general.push_str(rest);
    }
    general
}

/// What an expression may be, inside a sentence.
fn inline(mut choices: Vec<String>) -> String {
    choices.retain(|choice| !choice.trim().is_empty());
    match choices.as_slice() {
        // A noun that is counted.
        [one, many]
            if many
                .strip_prefix(one.as_str())
                .is_some_and(|end| matches!(end, "s" | "es")) =>
        {
            many.clone()
        }
        _ => choices.join(" / "),
    }
}

fn rule_solution(file: &RuleFile) -> Vec<String> {
    let general = file.remediation.iter().map(|step| RemediationStep {
        text: in_general(&step.text),
        command: step.command.as_deref().map(in_general),
        effect: step.effect,
    });
    let mut solution = steps(&general.collect::<Vec<_>>());
    if !file.avoid.is_empty() {
        solution.insert(0, in_general(&file.avoid));
    }
    solution.extend(afterwards(&in_general(&file.workaround), &file.fixed_in));
    solution
}

/// The steps with their numbers, each with its command.
fn steps(steps: &[RemediationStep]) -> Vec<String> {
    let mut texts = Vec::new();
    for (number, step) in (1..).zip(steps) {
        let mut text = format!("{number}. ({}) {}", step.effect.as_str(), one_line(&step.text));
        if let Some(command) = &step.command {
            let _ = write!(text, "\n\n       {}", one_line(command));
        }
        texts.push(text);
    }
    texts
}

fn afterwards(workaround: &str, fixed_in: &str) -> Vec<String> {
    let labelled =
        |label: &str, text: &str| (!text.is_empty()).then(|| sentence(&format!("{label} {}", one_line(text))));
    [labelled("Until then:", workaround), labelled("Fixed in", fixed_in)]
        .into_iter()
        .flatten()
        .collect()
}

fn related(catalog: &Catalog, file: &RuleFile) -> String {
    // Without a bundle the pages of the newest release are meant.
    let newest = Facts::default();
    let pages = file.references.iter().map(|reference| Reference {
        title: reference.title.clone(),
        url: catalog.pages.resolve(&reference.url, &newest),
    });
    let mut text = references(&pages.collect::<Vec<_>>());
    let mut line = |label: &str, items: Vec<String>| {
        if !items.is_empty() {
            let _ = write!(text, "\n- {label}: {}", items.join(", "));
        }
    };
    line("Source", file.sources.iter().map(|source| source.url()).collect());
    line("Official check", file.mirrors.clone());
    line("Explains the findings of", file.explains.clone());
    text.trim_start().to_owned()
}

fn references(references: &[Reference]) -> String {
    let lines = references
        .iter()
        .map(|reference| format!("{}: {}", reference.title, reference.url));
    list(lines.collect::<Vec<_>>().iter().map(String::as_str))
}

/// A list of lines, the first [`SHOWN`] of them.
fn list<'t>(items: impl Iterator<Item = &'t str>) -> String {
    let items: Vec<&str> = items.collect();
    let mut lines: Vec<String> = items
        .iter()
        .take(SHOWN)
        .map(|item| format!("- {}", one_line(item)))
        .collect();
    if let Some(more) = items.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("- and {more} more"));
    }
    lines.join("\n")
}

/// A text that begins no line of its own: it may come from a bundle.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text with a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', ':', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_shows_an_expression_and_each_has_all_headings() {
        let catalog = Catalog::load(None).unwrap();
        for rule in &catalog.rules {
            let page = rule_page(&catalog, rule);
            for heading in [
                "Applicable versions",
                "Symptoms",
                "Reason",
                "Solution",
                "Related information",
            ] {
                assert!(
                    page.contains(&format!("\n## {heading}\n\n")),
                    "{}: {heading}",
                    rule.id()
                );
            }
            // Commands have paths of their own.
            let prose: String = page.lines().filter(|line| !line.starts_with("    ")).collect();
            assert!(!page.contains("{{"), "{}: {page}", rule.id());
            for code in [".metadata.", "{version}", "{longhorn}"] {
                assert!(!prose.contains(code), "{}: {code} in\n{page}", rule.id());
            }
        }
    }

    #[test]
    fn what_is_chosen_by_an_object_is_told_in_words() {
        let cases = [
            ("{{ a ? 'It hangs.' : 'It fails.' }}", "- It hangs.\n- It fails."),
            (
                "on node {{ node.metadata.name }}{{ empty(b) ? '' : ', VLAN ' + b }}",
                "on node <node>, VLAN <b>",
            ),
            ("{{ count }} {{ count == 1 ? 'pod' : 'pods' }}", "<count> pods"),
            ("no expression", "no expression"),
        ];
        for (text, words) in cases {
            assert_eq!(in_general(text), words);
        }
    }
}
