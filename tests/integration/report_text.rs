//! The report for a terminal: what it holds in which order, and that it keeps to the screen.

use crate::report_fixture::{PAYLOADS, empty, hostile, hostile_from, large, plain, with_causes};
use gleaner_render::{Format, RenderOptions, render, render_summary};
use gleaner_report::{Confidence, Finding, Harm, Report, Severity};
use textwrap::core::display_width;

fn written(report: &Report, options: &RenderOptions) -> String {
    render(report, Format::Text, options).unwrap()
}

fn text(report: &Report, width: usize) -> String {
    let options = RenderOptions {
        width,
        ..RenderOptions::default()
    };
    written(report, &options)
}

fn full(report: &Report) -> String {
    let options = RenderOptions {
        full: true,
        ..RenderOptions::default()
    };
    written(report, &options)
}

/// The plain report without links between its findings, in the order of the harm that they do.
fn unlinked() -> Report {
    let mut report = plain();
    for finding in &mut report.findings {
        finding.explains.clear();
        finding.explained_by.clear();
        finding.harm = match finding.severity {
            Severity::Blocker => Harm::Outage,
            Severity::Warning => Harm::Degraded,
            Severity::Info => Harm::Hygiene,
        };
    }
    let mut report = with_causes(report);
    let causes = &report.causes;
    let place = |finding: &Finding| causes.iter().position(|cause| cause.finding == finding.id);
    report.findings.sort_by_key(place);
    report
}

/// The place of a text, which must be there.
fn at(out: &str, needle: &str) -> usize {
    out.find(needle).unwrap_or_else(|| panic!("{needle}\n{out}"))
}

#[test]
fn all_causes_have_a_line_by_harm_and_the_worst_come_first() {
    let report = unlinked();
    for width in [60, 80, 100, 200] {
        let out = text(&report, width);
        let list = &out[..at(&out, "\n1. ")];
        for (number, finding) in (1..).zip(&report.findings).filter(|(_, one)| one.harm != Harm::Hygiene) {
            let row = list.lines().find(|line| line.starts_with(&format!("{number:>2}  ")));
            let row = row.unwrap_or_else(|| panic!("{number}\n{list}"));
            assert!(width < 100 || row.ends_with(&finding.rule), "{row}");
            assert!(list.contains(&finding.rule), "{list}");
        }
        let hygiene = report.findings.iter().filter(|one| one.harm == Harm::Hygiene).count();
        assert!(
            list.contains(&format!("Hygiene: {hygiene} more, listed with --full")),
            "{list}"
        );
        let details: Vec<usize> = (1..=3).map(|number| at(&out, &format!("\n{number}. "))).collect();
        assert!(details.is_sorted() && !out.contains("\n4. "), "{out}");
    }
}

#[test]
fn hygiene_is_listed_where_there_is_nothing_worse() {
    let mut report = unlinked();
    report.findings.retain(|finding| finding.harm == Harm::Hygiene);
    assert!(!report.findings.is_empty());
    let out = text(&with_causes(report), 80);
    assert!(out.contains("\nHygiene\n 1  ") && out.contains("\n1. info["), "{out}");
}

#[test]
fn a_cause_in_detail_shows_its_evidence_and_its_steps() {
    let out = text(&unlinked(), 80);
    let expected = "
   evidence    yamls/namespaced/longhorn-system/longhorn.io/v1beta2/volumes.yaml:96
               94 |     restoreInitiated: false
               95 |     restoreRequired: false
               96 |     robustness: faulted
                  |                 ^^^^^^^
               97 |     shareEndpoint: \"null\"
";
    assert!(out.contains(expected), "{out}");
    let report = unlinked();
    for step in report.findings[..3].iter().flat_map(|finding| &finding.remediation) {
        let effect = format!("[{}]", step.effect.as_str());
        assert!(out.contains(&effect), "{out}");
        for command in step.command.iter().flat_map(|command| command.lines()) {
            let line = out.lines().find(|line| line.trim_start() == command);
            assert_eq!(line, Some(format!("{:18}{command}", "").as_str()), "{out}");
        }
    }
    assert_eq!(out.matches("explain     gleaner explain ").count(), 3);
}

#[test]
fn only_what_is_not_sure_says_how_sure_it_is() {
    let mut report = unlinked();
    for (finding, confidence) in report.findings.iter_mut().zip([Confidence::High, Confidence::Low]) {
        finding.confidence = confidence;
        finding.cause = "a disk".to_owned();
    }
    let out = text(&with_causes(report), 80);
    assert!(!out.contains("(confidence: high)"), "{out}");
    assert_eq!(out.matches("a disk (confidence: low)").count(), 1, "{out}");
}

#[test]
fn symptoms_say_why_and_when_they_are_worse_than_their_cause() {
    let mut report = unlinked();
    let (cause, symptom) = (report.findings[1].id.clone(), report.findings[0].id.clone());
    report.findings.truncate(2);
    report.findings[0].harm = Harm::Outage;
    report.findings[1].harm = Harm::Degraded;
    report.findings[0].explained_by = vec![cause];
    report.findings[1].explains = vec![symptom];
    let report = with_causes(report);
    let out = text(&report, 200);
    let why = &report.causes[0].why;
    assert!(!why.is_empty() && out.contains("   symptoms    "), "{out}");
    assert!(out.contains("(worse: outage)"), "{out}");
    assert!(out.contains("Down now\n 1  "), "{out}");
}

#[test]
fn in_full_nothing_is_left_out() {
    let report = plain();
    let out = full(&report);
    for finding in &report.findings {
        assert!(
            out.contains(&format!("explain     gleaner explain {}\n", finding.rule)),
            "{out}"
        );
    }
    assert!(!out.contains("--full") && !out.contains("report.html"), "{out}");
}

#[test]
fn the_end_says_what_was_not_checked_and_what_to_ask_next() {
    let out = text(&plain(), 100);
    let end: Vec<&str> = out.lines().rev().take(4).collect();
    assert!(end[3].starts_with("found:    8 findings from "), "{out}");
    assert!(end[3].ends_with(": 3 blockers, 3 warnings and 2 info"), "{out}");
    assert_eq!(
        end[2],
        "checked:  46 rules: 8 matched, 34 did not, 1 not applicable, 3 could not be checked"
    );
    let file = "supportbundle_9b6b22de-6e5d-4905-aec8-1f226e413986_2026-08-14T02-20-31Z.zip";
    assert!(end[1].starts_with(&format!("next:     gleaner why {file} ")), "{out}");
    assert_eq!(end[0], format!("          gleaner analyze {file} -o report.html"));
    let mut report = empty();
    report.diagnosis.sentence.clear();
    let out = text(&report, 80);
    assert!(
        out.contains("No known problem found in what the bundle holds."),
        "{out}"
    );
}

#[test]
fn names_of_a_bundle_become_part_of_a_command_only_if_they_are_plain() {
    for name in ["a b.zip", "$(reboot).zip", "-rf", "a;b", "é.zip", ""] {
        let mut report = plain();
        report.bundle.inputs[0].name = name.to_owned();
        let out = text(&report, 80);
        assert!(out.contains("gleaner analyze BUNDLE -o report.html"), "{out}");
        for finding in &mut report.findings {
            let objects = finding.objects.iter_mut();
            let impact = &mut finding.impact;
            let vms = impact.down.iter_mut().chain(&mut impact.at_risk);
            objects.chain(vms).for_each(|object| object.name = name.to_owned());
        }
        assert!(!text(&report, 80).contains("gleaner why"), "{name}");
    }
}

/// Lines that may be wider than the screen: commands, paths, and those with a single long word.
fn may_be_wide(line: &str, commands: &[String], width: usize) -> bool {
    let bare = line.trim_start();
    let command = commands.iter().any(|command| command == bare) || line.contains("gleaner ");
    command || bare.starts_with("evidence ") || bare.split(' ').any(|word| display_width(word) + 24 > width)
}

#[test]
fn no_line_is_wider_than_the_screen_but_commands_paths_and_long_words() {
    let mut reports: Vec<Report> = (0..PAYLOADS.len()).map(hostile_from).collect();
    reports.extend([plain(), unlinked(), empty(), large(30, 100)]);
    let mut wide = plain();
    for finding in &mut wide.findings {
        finding.message = "中文 字符 宽度 测试 \u{301}e ﷽ 👩 ".repeat(12);
    }
    reports.push(wide);
    for report in &reports {
        let steps = report.findings.iter().flat_map(|finding| &finding.remediation);
        let commands = steps.flat_map(|step| step.command.iter().flat_map(|command| command.lines()));
        let commands: Vec<String> = commands.map(shown).collect();
        for width in [60, 80, 100, 200] {
            for whole in [false, true] {
                let options = RenderOptions {
                    width,
                    full: whole,
                    ..RenderOptions::default()
                };
                for line in written(report, &options).lines() {
                    let ok = display_width(line) <= width || may_be_wide(line, &commands, width);
                    assert!(ok, "{width}: {} columns: {line}", display_width(line));
                }
            }
        }
    }
}

/// A line as every renderer shows it.
fn shown(line: &str) -> String {
    let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
    let mut out = String::new();
    for c in words.join(" ").chars().take(1_000) {
        if gleaner_text::is_hidden(c) {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[test]
fn colours_are_the_only_escapes_and_only_if_asked_for() {
    let colored = RenderOptions {
        color: true,
        ..RenderOptions::default()
    };
    for report in [hostile(), plain()] {
        assert!(!text(&report, 80).contains('\u{1b}'));
        let out = written(&report, &colored);
        assert!(out.contains('\u{1b}'));
        for part in out.split('\u{1b}').skip(1) {
            let code = part.split_once('m').map(|(code, _)| code).unwrap_or_default();
            assert!(
                code.starts_with('[') && code[1..].bytes().all(|b| b.is_ascii_digit() || b == b';'),
                "{part:?}"
            );
        }
    }
}

#[test]
fn symbols_are_ascii_where_the_terminal_has_no_others() {
    let mut report = unlinked();
    report.findings[0].message = "versions v1.5–v1.8 → “new”… ".repeat(9);
    let options = RenderOptions {
        ascii: true,
        width: 100,
        full: true,
        ..RenderOptions::default()
    };
    let out = written(&with_causes(report), &options);
    assert!(out.contains("v1.5-v1.8 -> \"new\"..."), "{out}");
    assert_eq!(out.chars().find(|c| !c.is_ascii()), None);
}

#[test]
fn a_summary_has_the_diagnosis_and_five_causes() {
    let mut report = large(30, 100);
    report.diagnosis.sentence = "Node harv8 is down.".to_owned();
    for finding in &mut report.findings {
        finding.severity = Severity::Blocker;
        finding.harm = Harm::Outage;
    }
    let report = with_causes(report);
    let out = render_summary(&report, &RenderOptions::default());
    assert!(
        out.starts_with("Gleaner: supportbundle_") && out.contains("\nNode harv8 is down.\n"),
        "{out}"
    );
    assert!(out.contains("\n 5  ") && !out.contains("\n 6  "), "{out}");
    assert!(out.ends_with("\nand 25 more causes\n"), "{out}");
}

#[test]
fn the_beginning_names_a_moment_of_that_second_only() {
    let mut report = plain();
    let moment = report.timeline.iter().find(|moment| moment.first_bad).unwrap().clone();
    report.diagnosis.first_bad = Some(moment.time.clone());
    let said = format!("UTC: Node {}: ", moment.object.name);
    assert!(text(&report, 200).contains(&said), "{}", text(&report, 200));
    report.diagnosis.first_bad = Some("2026-08-14T02:00:00Z".to_owned());
    let out = text(&report, 200);
    assert!(
        out.contains("The worst of it first shows at 2026-08-14 02:00:00 UTC.\n"),
        "{out}"
    );
}
