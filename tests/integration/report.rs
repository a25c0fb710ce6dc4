//! The renderers, over a plain, an empty, a hostile and large reports.

use crate::cli::run;
use crate::report_fixture::{PAYLOADS, empty, hostile, hostile_from, large, plain};
use crate::shared::write;
use gleaner_render::{Audience, Flavor, Format, RenderOptions, render};
use gleaner_report::{Report, json_schema};

const FORMATS: [Format; 7] = [
    Format::Json,
    Format::Html,
    Format::Markdown,
    Format::Text,
    Format::Sarif,
    Format::Junit,
    Format::Gitlab,
];
/// The same on the command line.
const WORDS: [&str; 7] = ["json", "html", "md", "text", "sarif", "junit", "gitlab"];
const FLAVORS: [Flavor; 4] = [Flavor::Github, Flavor::Plain, Flavor::Jira, Flavor::Text];

fn html(report: &Report) -> String {
    render(report, Format::Html, &RenderOptions::default()).expect("HTML")
}

fn markdown(report: &Report, flavor: Flavor) -> String {
    render(
        report,
        Format::Markdown,
        &RenderOptions {
            flavor,
            ..RenderOptions::default()
        },
    )
    .expect("Markdown")
}

fn text(report: &Report) -> String {
    render(report, Format::Text, &RenderOptions::default()).expect("text")
}

#[test]
fn every_format_ends_with_one_newline() {
    for report in [plain(), empty(), hostile()] {
        for format in FORMATS {
            let out = render(&report, format, &RenderOptions::default()).expect("rendered");
            assert!(out.ends_with('\n') && !out.ends_with("\n\n"), "{format:?}");
        }
    }
}

/// What every run on the same report must give, however many threads it has.
#[test]
fn every_format_is_deterministic_on_any_number_of_threads() {
    for report in [plain(), hostile(), large(50, 400)] {
        for format in FORMATS {
            let with = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                let pool = pool.build().expect("a pool");
                pool.install(|| render(&report, format, &RenderOptions::default()).expect("rendered"))
            };
            let once = with(1);
            for threads in [2, 8] {
                assert_eq!(once, with(threads), "{format:?} on {threads} threads");
            }
        }
    }
}

/// What depends on a process, such as the seed of a hash table, the time zone or the language, must not show.
#[test]
fn every_format_is_deterministic_in_another_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let variables: [&[(&str, &str)]; 2] = [
        &[
            ("TZ", "Pacific/Kiritimati"),
            ("RAYON_NUM_THREADS", "1"),
            ("LANG", "C.UTF-8"),
        ],
        &[
            ("TZ", "America/New_York"),
            ("RAYON_NUM_THREADS", "4"),
            ("LANG", "de_DE.UTF-8"),
            ("NO_COLOR", "1"),
        ],
    ];
    for report in [plain(), hostile()] {
        let saved = folder.path().join("saved.json");
        write(
            &saved,
            &render(&report, Format::Json, &RenderOptions::default()).expect("JSON"),
        );
        for (format, word) in FORMATS.into_iter().zip(WORDS) {
            let here = render(&report, format, &RenderOptions::default()).expect("rendered");
            for variables in variables {
                let args = ["--no-config", "report", "saved.json", "--format", word];
                let there = run(folder.path(), &args, variables);
                assert_eq!(there.code, 0, "{}", there.err);
                assert!(here == there.out, "{format:?} with {variables:?}");
            }
        }
    }
}

#[test]
fn the_page_has_all_sections_in_order() {
    let page = html(&plain());
    let ids = [
        "head",
        "status",
        "causes",
        "timeline",
        "alerts",
        "affected",
        "upgrade",
        "inventory",
        "coverage",
        "passed",
        "about",
    ];
    let places: Vec<usize> = ids
        .iter()
        .map(|id| page.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("{id}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(page.matches("<section class=\"f ").count(), 8);
    assert!(page.contains("id=\"f-a1b2c3d4e5f6\""));
    assert!(page.contains("<mark>faulted</mark>"));
    assert!(page.contains("nodes/harvester-1.zip!logs/kernel.log:88412"));
}

#[test]
fn an_empty_report_never_says_healthy() {
    let report = empty();
    for format in [Format::Html, Format::Markdown, Format::Text] {
        let out = render(&report, format, &RenderOptions::default())
            .expect("rendered")
            .to_lowercase();
        assert!(
            out.contains("no known problem found in what the bundle holds"),
            "{format:?}"
        );
        assert!(
            !out.contains("healthy cluster") && !out.contains("all good"),
            "{format:?}"
        );
    }
}

#[test]
fn the_page_runs_and_loads_nothing_of_the_bundle() {
    let good = html(&plain());
    for target in attribute_values(&without_constants(&good), "href") {
        let catalogue =
            target.starts_with("https://docs.harvesterhci.io/") || target.starts_with("https://longhorn.io/");
        assert!(target.starts_with('#') || target == "data:," || catalogue, "{target}");
    }
    for first in 0..PAYLOADS.len() {
        let bad = html(&hostile_from(first));
        for tag in [
            "<script",
            "<style",
            "<img",
            "<iframe",
            "<base",
            "<meta",
            "<title>",
            "<link",
            "<h1",
            "<main",
            "<section class=\"f ",
        ] {
            assert_eq!(good.matches(tag).count(), bad.matches(tag).count(), "{tag}, {first}");
        }
        let body = without_constants(&bad);
        for attribute in [
            "style",
            "onerror",
            "onload",
            "onclick",
            "onmouseover",
            "src",
            "srcset",
            "action",
            "formaction",
        ] {
            assert!(!in_a_tag(&body, &format!(" {attribute}=")), "{attribute}, {first}");
        }
        for target in attribute_values(&body, "href") {
            assert!(target.starts_with('#') || target == "data:,", "{target}, {first}");
        }
    }
}

#[test]
fn the_policy_names_the_style_and_the_script_by_their_hashes() {
    use base64::Engine as _;
    use sha2::{Digest, Sha256};
    let page = html(&plain());
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let content = page
            .split_once(open)
            .and_then(|(_, rest)| rest.split_once(close))
            .expect(open)
            .0;
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(content));
        assert!(page.contains(&format!("'sha256-{hash}'")), "{open}");
    }
    let charset = page.find("<meta charset=\"utf-8\">").expect("charset");
    assert!(page.find("Content-Security-Policy").expect("policy") > charset);
}

#[test]
fn no_output_holds_a_hidden_character() {
    let hidden = |c: char| {
        (c < ' ' && c != '\n')
            || matches!(c, '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    for first in 0..PAYLOADS.len() {
        let report = hostile_from(first);
        let outputs = FLAVORS.map(|flavor| markdown(&report, flavor));
        let tickets = [Audience::Customer, Audience::Engineering]
            .map(|reader| render(&report, Format::Ticket(reader), &RenderOptions::default()).expect("ticket"));
        let pages = [html(&report), text(&report)];
        for out in outputs.iter().chain(&pages).chain(&tickets) {
            assert_eq!(out.chars().find(|c| hidden(*c)), None, "{first}");
        }
        for (out, flavor) in outputs.iter().zip(FLAVORS) {
            assert!(out.len() <= flavor.budget(), "{flavor:?}, {first}");
        }
    }
    let report = hostile();
    assert!(html(&report).contains("&lt;U+202E&gt;"));
    assert!(text(&report).contains("<U+001B>"));
}

#[test]
fn large_reports_keep_to_the_size_of_a_page() {
    let small = html(&large(100, 400));
    assert!(small.len() <= 300_000, "{}", small.len());
    let middle = html(&large(173, 5_000));
    assert!(middle.len() <= 1_500_000, "{}", middle.len());
    let nodes = middle.matches("</").count() + middle.matches("<rect").count();
    assert!(nodes <= 60_000, "{nodes}");
    let big = html(&large(300, 50_000));
    assert!(big.len() <= 5_000_000, "{}", big.len());
    assert!(big.matches("</").count() <= 150_000, "{}", big.matches("</").count());
    assert!(big.contains("more in report.json"));
}

/// The reports that people read stay so small whatever the bundle holds: objects, findings, long names.
#[test]
fn what_people_read_does_not_grow_with_the_cluster() {
    let mut objects = large(1, 100_000);
    let finding = &mut objects.findings[0];
    finding.impact.down = finding.objects[..50_000].to_vec();
    finding.impact.at_risk = finding.objects[50_000..].to_vec();
    finding.impact.virtual_machines.clone_from(&finding.objects);
    let mut names = large(20, 100);
    let long = "n".repeat(100_000);
    for finding in &mut names.findings {
        for text in [
            &mut finding.message,
            &mut finding.title,
            &mut finding.cause,
            &mut finding.impact.text,
        ] {
            text.push_str(&long);
        }
        for object in finding
            .objects
            .iter_mut()
            .chain(finding.rows.iter_mut().map(|row| &mut row.object))
        {
            object.name.push_str(&long);
            object.namespace.push_str(&long);
        }
    }
    for report in [objects, large(3_000, 3_000), names] {
        assert!(html(&report).len() <= 5_000_000, "{}", html(&report).len());
        for full in [false, true] {
            let options = RenderOptions {
                full,
                ..RenderOptions::default()
            };
            let text = render(&report, Format::Text, &options).unwrap();
            let most = if full { 5_000_000 } else { 250_000 };
            assert!(text.len() <= most, "{full}: {}", text.len());
            let markdown = render(&report, Format::Markdown, &options).unwrap();
            assert!(
                markdown.len() <= options.flavor.full_budget(),
                "{full}: {}",
                markdown.len()
            );
        }
    }
}

/// Writes the fixtures for the tools under `tests/tools`, which look at them with real browsers and validators.
#[test]
#[ignore = "writes files; tests/tools/run asks for it"]
fn writes_the_fixtures_for_the_tools() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    let reports = [
        ("plain", plain()),
        ("empty", empty()),
        ("hostile", hostile()),
        ("100", large(100, 400)),
        ("5000", large(173, 5_000)),
        ("50000", large(300, 50_000)),
    ];
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("schema.json"), json_schema().to_string()).expect("a file");
    for (name, report) in reports {
        let dir = dir.join(name);
        std::fs::create_dir_all(&dir).expect("a folder");
        for (format, file) in [
            (Format::Json, "report.json"),
            (Format::Html, "report.html"),
            (Format::Text, "report.txt"),
            (Format::Sarif, "report.sarif.json"),
            (Format::Junit, "report.junit.xml"),
            (Format::Gitlab, "report.gitlab.json"),
        ] {
            std::fs::write(
                dir.join(file),
                render(&report, format, &RenderOptions::default()).expect("rendered"),
            )
            .expect("a file");
        }
        for (flavor, file) in
            FLAVORS
                .into_iter()
                .zip(["report.md", "report.plain.md", "report.jira.txt", "report.mail.txt"])
        {
            std::fs::write(dir.join(file), markdown(&report, flavor)).expect("a file");
        }
        let full = RenderOptions {
            full: true,
            ..RenderOptions::default()
        };
        let full = render(&report, Format::Markdown, &full).expect("rendered");
        std::fs::write(dir.join("report.full.md"), full).expect("a file");
    }
}

/// The page without its constant style and script.
fn without_constants(page: &str) -> String {
    let cut = |text: &str, open: &str, close: &str| {
        let (before, rest) = text.split_once(open).expect(open);
        let (_, after) = rest.split_once(close).expect(close);
        format!("{before}{after}")
    };
    cut(&cut(page, "<style>", "</style>"), "<script>", "</script>")
}

/// Whether a needle is inside any tag.
fn in_a_tag(page: &str, needle: &str) -> bool {
    page.split('<')
        .skip(1)
        .filter_map(|tag| tag.split_once('>'))
        .any(|(tag, _)| outside_quotes(tag).contains(needle))
}

/// A tag without the content of its quoted values.
fn outside_quotes(tag: &str) -> String {
    tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// All values of an attribute.
fn attribute_values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str())
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(value, _)| value)
        .collect()
}

#[test]
fn volumes_that_are_not_listed_are_told() {
    let mut report = plain();
    let volume = report.cluster.volume_list.first().expect("a volume").clone();
    report.cluster.volume_list = vec![volume; 201];
    report.cluster.volumes.truncate(1);
    report.cluster.volumes[0].count = 10_006;
    let page = html(&report);
    // This volume needs a look, so the worst are in a table and the others are counted.
    assert!(page.contains("<summary>161 more that need a look</summary>"));
    assert!(page.contains("9805 of 10006 volumes are not listed here"), "{page}");
}

#[test]
fn paper_has_the_appendix_if_it_is_asked_for() {
    let report = plain();
    assert!(html(&report).contains("<body>"));
    let options = RenderOptions {
        appendix: true,
        ..RenderOptions::default()
    };
    let page = render(&report, Format::Html, &options).expect("rendered");
    assert!(page.contains("<body class=\"appendix\">"));
}
