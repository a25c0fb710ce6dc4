//! The report as JUnit XML, for the test tabs of CI systems.
//!
//! One suite an area, one case a rule, so that passes count too. A blocker or warning is a failure, an info stays in
//! the output of a passed case, a rule without its data is skipped with the reason, and a rule that broke is an error.

use super::{narrowed, safe, wording};
use gleaner_report::{Finding, Severity};
use gleaner_report::{Outcome, Report, RuleOutcome};
use std::collections::BTreeMap;

/// Most objects named in a failure.
const OBJECTS: usize = 100;

/// Writes the report.
pub(crate) fn render(report: &Report) -> String {
    let mut found: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        found.entry(&finding.rule).or_default().push(finding);
    }
    let mut areas: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for rule in &report.rules {
        let findings = found.remove(rule.id.as_str()).unwrap_or_default();
        areas
            .entry(&rule.area)
            .or_default()
            .push(of_rule(report, rule, &findings));
    }
    // Findings of rules that are missing in the list still count.
    for (id, findings) in found {
        let area = findings
            .first()
            .map(|finding| finding.area.as_str())
            .unwrap_or_default();
        let title = findings
            .first()
            .map(|finding| finding.title.as_str())
            .unwrap_or_default();
        areas
            .entry(area)
            .or_default()
            .push(of_findings(name(id, title), &findings));
    }
    let all = Totals::of(areas.values().flatten());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"gleaner\" {} time=\"0\">\n",
        all.attributes()
    ));
    for (area, cases) in &areas {
        let area = escape(&safe::line_within(area, 80));
        let area = if area.is_empty() { "other".to_owned() } else { area };
        let totals = Totals::of(cases);
        out.push_str(&format!(
            "  <testsuite name=\"{area}\" {} time=\"0\">\n",
            totals.attributes()
        ));
        for case in cases {
            let body = case.body();
            out.push_str(&format!(
                "    <testcase classname=\"{area}\" name=\"{}\" time=\"0\"",
                escape(&case.name)
            ));
            out.push_str(&if body.is_empty() {
                "/>\n".to_owned()
            } else {
                format!(">{body}</testcase>\n")
            });
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// One rule's line in the test tab.
struct Case {
    name: String,
    result: CaseResult,
}

/// How a case ended.
enum CaseResult {
    Passed {
        output: String,
    },
    Failed {
        severity: Severity,
        message: String,
        text: String,
    },
    Skipped {
        why: String,
    },
    Broken {
        why: String,
    },
}

impl Case {
    fn body(&self) -> String {
        match &self.result {
            CaseResult::Passed { output } if output.is_empty() => String::new(),
            CaseResult::Passed { output } => format!("<system-out>{}</system-out>", escape(output)),
            CaseResult::Failed {
                severity,
                message,
                text,
            } => format!(
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                severity.as_str(),
                escape(message),
                escape(text)
            ),
            CaseResult::Skipped { why } => format!("<skipped message=\"{}\"/>", escape(why)),
            CaseResult::Broken { why } => format!("<error type=\"rule\" message=\"{}\"/>", escape(why)),
        }
    }
}

/// How many cases ended in which way.
#[derive(Default)]
struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Totals {
    fn of<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Totals {
        let mut totals = Totals::default();
        for case in cases {
            totals.tests += 1;
            match case.result {
                CaseResult::Passed { .. } => {}
                CaseResult::Failed { .. } => totals.failures += 1,
                CaseResult::Skipped { .. } => totals.skipped += 1,
                CaseResult::Broken { .. } => totals.errors += 1,
            }
        }
        totals
    }

    fn attributes(&self) -> String {
        let Totals {
            tests,
            failures,
            errors,
            skipped,
        } = self;
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
    }
}

/// The case of a rule.
fn of_rule(report: &Report, rule: &RuleOutcome, findings: &[&Finding]) -> Case {
    let name = name(&rule.id, &rule.title);
    let result = match rule.outcome {
        Outcome::Fired if findings.is_empty() => CaseResult::Skipped {
            why: unshown(report, rule),
        },
        Outcome::Fired => return of_findings(name, findings),
        Outcome::Quiet => CaseResult::Passed { output: String::new() },
        Outcome::NotApplicable => CaseResult::Skipped {
            why: format!("not applicable: {}", safe::line(&rule.error)),
        },
        Outcome::NotEvaluated => CaseResult::Skipped {
            why: format!("not in bundle: {}", safe::line(&rule.missing.join(", "))),
        },
        Outcome::Failed => CaseResult::Broken {
            why: safe::line(&rule.error),
        },
    };
    Case { name, result }
}

/// Why the findings of a rule that fired are not there. It did not pass.
fn unshown(report: &Report, rule: &RuleOutcome) -> String {
    let suppressed = report.suppressed.iter().find(|one| one.finding.rule == rule.id);
    match suppressed {
        Some(suppressed) => format!("suppressed: {}", narrowed::reason(suppressed)),
        None => "found something that is not shown here".to_owned(),
    }
}

/// The case of a rule that found something.
fn of_findings(name: String, findings: &[&Finding]) -> Case {
    let worst = findings
        .iter()
        .map(|finding| finding.severity)
        .max()
        .unwrap_or(Severity::Info);
    let text: Vec<String> = findings.iter().map(|finding| told(finding)).collect();
    let text = text.join("\n");
    let result = if worst == Severity::Info {
        CaseResult::Passed { output: text }
    } else {
        let message = findings
            .first()
            .map(|finding| safe::line(&finding.message))
            .unwrap_or_default();
        CaseResult::Failed {
            severity: worst,
            message,
            text,
        }
    };
    Case { name, result }
}

/// A finding in a few lines.
fn told(finding: &Finding) -> String {
    let mut lines = vec![format!(
        "{}: {}",
        finding.severity.as_str(),
        safe::line(&finding.message)
    )];
    for object in finding.objects.iter().take(OBJECTS) {
        lines.push(format!("object: {}", wording::object(object)));
    }
    if finding.objects.len() > OBJECTS {
        lines.push(format!("and {} more in report.json", finding.objects.len() - OBJECTS));
    }
    for evidence in finding.evidence.iter().take(3) {
        lines.push(format!(
            "evidence: {}:{}",
            safe::line_within(&evidence.path, 400),
            evidence.line
        ));
    }
    for step in finding.remediation.iter().take(5) {
        let command = step.command.as_deref().map(safe::line).unwrap_or_default();
        lines.push(
            format!("next ({}): {} {command}", step.effect.as_str(), safe::line(&step.text))
                .trim_end()
                .to_owned(),
        );
    }
    lines.join("\n")
}

/// The name of a case: unique, because the rule's id is.
fn name(id: &str, title: &str) -> String {
    format!("{} {}", safe::line_within(id, 200), safe::line_within(title, 200))
        .trim()
        .to_owned()
}

/// Text for XML, in content and in double-quoted attributes. Characters that XML forbids were made visible before.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in safe::show(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_text_is_escaped_and_holds_no_forbidden_character() {
        assert_eq!(
            escape("a]]>\"<\u{1}\u{fffe}"),
            "a]]&gt;&quot;&lt;&lt;U+0001&gt;&lt;U+FFFE&gt;"
        );
    }
}
