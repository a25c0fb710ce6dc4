//! The report as JUnit XML, for the test tabs of CI systems.
//!
//! One suite an area, one case a rule, so that passes count too. A blocker or warning is a failure, an info stays in
//! the output of a passed case, a rule without its data is skipped with the reason, and a rule that failed is an error.

use crate::error::RenderError;
use crate::{narrowed, safe, wording};
use gleaner_report::{Finding, Outcome, Report, RuleOutcome, Severity};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::time::Duration;

/// Most objects named in a failure.
const OBJECTS: usize = 100;

/// Writes the report.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    let mut found: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        found.entry(&finding.rule).or_default().push(finding);
    }
    let mut areas: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for rule in &report.rules {
        let findings = found.remove(rule.id.as_str()).unwrap_or_default();
        let cases = areas.entry(&rule.area).or_default();
        cases.push(of_rule(report, rule, &findings));
    }
    // Findings of rules that are missing in the list still count.
    for (id, findings) in found {
        if let Some(first) = findings.first() {
            let cases = areas.entry(&first.area).or_default();
            cases.push(of_findings(&name(id, &first.title), first, &findings));
        }
    }
    let mut document = quick_junit::Report::new("gleaner");
    document.set_time(Duration::ZERO);
    for (area, cases) in areas {
        document.add_test_suite(suite(area, cases));
    }
    Ok(document.to_string()?)
}

/// The suite of an area.
fn suite(area: &str, cases: Vec<TestCase>) -> TestSuite {
    let area = safe::line_within(area, 80);
    let area = if area.is_empty() { "other" } else { &area };
    let mut suite = TestSuite::new(area);
    suite.set_time(Duration::ZERO);
    for mut case in cases {
        case.set_classname(area);
        // It takes no time: a report says what was found, not how long it took, and two runs must not differ.
        case.set_time(Duration::ZERO);
        suite.add_test_case(case);
    }
    suite
}

/// The case of a rule.
fn of_rule(report: &Report, rule: &RuleOutcome, findings: &[&Finding]) -> TestCase {
    let name = name(&rule.id, &rule.title);
    let status = match rule.outcome {
        Outcome::Fired => match findings.first() {
            Some(first) => return of_findings(&name, first, findings),
            None => skipped(&unshown(report, rule)),
        },
        Outcome::Quiet => TestCaseStatus::success(),
        Outcome::NotApplicable => skipped(&format!("not applicable: {}", safe::line(&rule.error))),
        Outcome::NotEvaluated => skipped(&format!("not in bundle: {}", safe::line(&rule.missing.join(", ")))),
        Outcome::Failed => {
            let mut broken = TestCaseStatus::non_success(NonSuccessKind::Error);
            broken.set_type("rule").set_message(safe::line(&rule.error));
            broken
        }
    };
    TestCase::new(name, status)
}

/// Neither passed nor failed, and why.
fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}

/// Why the findings of a rule that fired are not there. It did not pass.
fn unshown(report: &Report, rule: &RuleOutcome) -> String {
    let suppressed = report.suppressed.iter().find(|one| one.finding.rule == rule.id);
    match suppressed {
        Some(suppressed) => format!("suppressed: {}", narrowed::reason(suppressed)),
        None => "found something that is not shown here".to_owned(),
    }
}

/// The case of a rule that found something; `first` is the first of the findings.
fn of_findings(name: &str, first: &Finding, findings: &[&Finding]) -> TestCase {
    let severities = findings.iter().map(|finding| finding.severity);
    let worst = severities.fold(first.severity, Severity::max);
    let text: Vec<String> = findings.iter().map(|finding| described(finding)).collect();
    let text = text.join("\n");
    if worst == Severity::Info {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_system_out(text);
        return case;
    }
    let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
    failure
        .set_type(worst.as_str())
        .set_message(safe::line(&first.message))
        .set_description(text);
    TestCase::new(name, failure)
}

/// A finding in a few lines.
fn described(finding: &Finding) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_text_is_escaped_and_holds_no_forbidden_character() {
        let hostile = safe::line("a]]>\"<\u{1}\u{fffe}\u{1b}[31m");
        let mut case = TestCase::new(hostile.clone(), skipped(&hostile));
        case.set_system_out(hostile);
        let mut document = quick_junit::Report::new("test");
        document.add_test_suite(suite("a", vec![case]));
        let out = document.to_string().expect("XML");
        let escaped = "a]]&gt;&quot;&lt;&lt;U+0001&gt;&lt;U+FFFE&gt;&lt;U+001B&gt;[31m";
        assert_eq!(out.matches(escaped).count(), 3, "{out}");
    }
}
