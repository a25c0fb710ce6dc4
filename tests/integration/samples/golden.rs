//! The golden reports under `reports/`: `BLESS=1 cargo test golden` updates them, and reviewers read the difference.
//!
//! One sample has them in every format, and the page as a whole. Of the other pages only those sections are kept that differ
//! from that page, without the list of rules that passed: a change of a template shows in one place, one of the findings in
//! the sample it is about.

use super::{SAMPLES, root, sample};
use crate::shared::{read, write};
use gleaner_render::{Flavor, Format, RenderOptions, render};
use gleaner_report::Report;
use gleaner_rules::Catalog;
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet};

/// The sample that has all formats, which README.md links to.
const WHOLE: &str = "several-problems";
/// The sample that shows what formats say of no findings.
const HEALTHY: &str = "healthy";
/// The list of rules that passed, which is long and in report.json too.
const PASSED: &str = "passed";
/// Most lines of a difference that are printed.
const SHOWN: usize = 200;

fn written(report: &Report, format: Format) -> String {
    render(report, format, &RenderOptions::default()).unwrap()
}

fn markdown(report: &Report, flavor: Flavor) -> String {
    let options = RenderOptions {
        flavor,
        ..RenderOptions::default()
    };
    render(report, Format::Markdown, &options).unwrap()
}

/// The sections of a page by id, in their order.
fn sections(page: &str) -> Vec<(&str, String)> {
    let (_, main) = page.split_once("<main>\n").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in main.split_inclusive('\n') {
        let opened = ["<header id=\"", "<section id=\""]
            .iter()
            .find_map(|tag| line.strip_prefix(tag)?.split_once('"'));
        if let Some((id, _)) = opened {
            sections.push((id, String::new()));
        }
        sections.last_mut().unwrap().1.push_str(line);
    }
    sections
}

/// The sections of a page that are not as in the whole page.
fn differing(page: &str, whole: &str) -> String {
    let whole: BTreeMap<&str, String> = sections(whole).into_iter().collect();
    let own = sections(page).into_iter();
    own.filter(|(id, text)| *id != PASSED && whole.get(id) != Some(text))
        .map(|(_, text)| text)
        .collect()
}

/// The files of a sample with their content.
fn goldens(name: &str, report: &Report, whole: &str) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("report.json", written(report, Format::Json)),
        ("report.md", written(report, Format::Markdown)),
    ];
    if name == WHOLE {
        files.extend([
            ("report.html", whole.to_owned()),
            ("report.plain.md", markdown(report, Flavor::Plain)),
            ("report.jira.txt", markdown(report, Flavor::Jira)),
            ("report.mail.txt", markdown(report, Flavor::Text)),
            ("report.junit.xml", written(report, Format::Junit)),
        ]);
    } else {
        let page = written(report, Format::Html);
        files.push(("sections.html", differing(&page, whole)));
    }
    if name == WHOLE || name == HEALTHY {
        files.extend([
            ("report.txt", written(report, Format::Text)),
            ("report.sarif.json", written(report, Format::Sarif)),
            ("report.gitlab.json", written(report, Format::Gitlab)),
        ]);
    }
    files
}

/// What differs between a golden file and what is written now.
fn difference(path: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff
        .unified_diff()
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string();
    let lines = text.lines().count();
    let mut shown: String = text.split_inclusive('\n').take(SHOWN).collect();
    if lines > SHOWN {
        shown.push_str(&format!("… and {} more lines\n", lines - SHOWN));
    }
    shown
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the wish to write golden files comes from whoever runs the tests"
)]
fn golden_reports_of_all_samples_are_as_they_were() {
    let catalog = Catalog::load(None).unwrap();
    let bless = std::env::var("BLESS").is_ok();
    let reports = SAMPLES.map(|(name, target)| (name, sample(&catalog, name, target)));
    let (_, whole) = reports.iter().find(|(name, _)| *name == WHOLE).unwrap();
    let whole = written(whole, Format::Html);
    let mut differences = String::new();
    for (name, report) in &reports {
        for (file, text) in goldens(name, report, &whole) {
            let path = format!("reports/{name}/{file}");
            let golden = root(&path);
            if bless {
                write(&golden, &text);
                continue;
            }
            let old = if golden.exists() { read(&golden) } else { String::new() };
            if old != text {
                differences.push_str(&difference(&path, &old, &text));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "golden reports differ:\n{differences}\nif that is right, write them with `BLESS=1 cargo test golden`"
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "looks at what is beside the golden files")]
fn golden_files_are_all_compared() {
    let report = sample(&Catalog::load(None).unwrap(), HEALTHY, None);
    let page = written(&report, Format::Html);
    for (name, _) in SAMPLES {
        let known = goldens(name, &report, &page);
        let known: BTreeSet<&str> = known.iter().map(|(file, _)| *file).collect();
        for entry in std::fs::read_dir(root(&format!("reports/{name}"))).unwrap() {
            let file = entry.unwrap().file_name();
            assert!(known.contains(file.to_str().unwrap()), "reports/{name}: {file:?}");
        }
    }
}

#[test]
fn a_difference_is_shown_as_a_diff() {
    let shown = difference("x", "a\nb\nc\n", "a\nB\nc\n");
    assert!(shown.contains("--- a/x\n+++ b/x\n"), "{shown}");
    assert!(shown.contains("-b\n+B\n"), "{shown}");
}
