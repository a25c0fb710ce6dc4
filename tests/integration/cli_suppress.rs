//! Suppressions from outside: counted, listed, never gone, and never better than the bundle is.

use crate::cli::{Run, bundle, run};
use crate::shared::{folder, write};
use serde_json::Value;
use tempfile::TempDir;

const RULE: &str = "single-replica-volume-active";

fn desk(file: &str, text: &str) -> TempDir {
    let folder = folder();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    write(&folder.path().join(file), text);
    folder
}

fn analyze(folder: &TempDir, flags: &[&str]) -> Run {
    let sample = bundle("single-replica");
    run(folder.path(), &[&["analyze", &sample], flags].concat(), &[])
}

fn json(folder: &TempDir, flags: &[&str]) -> Value {
    serde_json::from_str(&analyze(folder, &[&["-f", "json"], flags].concat()).out).unwrap()
}

fn table(until: &str) -> String {
    format!(
        "[[suppress]]\nrule = \"{RULE}\"\nobject = \"volume/longhorn-system/pvc-*\"\nreason = \"test <b>volume</b>\"\nuntil = {until}\ncase = \"#42\"\n"
    )
}

#[test]
fn a_suppressed_finding_is_counted_and_listed_and_does_not_fail_the_run() {
    let folder = desk("gleaner-ignore.toml", &table("2025-12-31"));
    let (plain, report) = (json(&folder, &["--no-suppress"]), json(&folder, &[]));
    let suppressed = report["suppressed"].as_array().unwrap();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["finding"]["rule"], RULE);
    assert_eq!(suppressed[0]["case"], "#42");
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["rule"] != RULE)
    );
    for same in ["coverage", "rules", "officialChecks"] {
        assert_eq!(report[same], plain[same], "{same}");
    }
    assert_eq!(report["upgrade"]["verdict"], plain["upgrade"]["verdict"]);
    assert_eq!(report["upgrade"]["blockedBy"], plain["upgrade"]["blockedBy"]);
    let reason = report["upgrade"]["reason"].as_str().unwrap();
    assert!(
        reason.ends_with("is suppressed here, but not for the cluster"),
        "{reason}"
    );
    let only = ["--rule", RULE, "--fail-on", "info"];
    assert_eq!(analyze(&folder, &only).code, 0);
    assert_eq!(analyze(&folder, &[&only[..], &["--no-suppress"]].concat()).code, 1);
}

#[test]
fn every_format_says_what_is_suppressed() {
    let folder = desk("gleaner.toml", &table("\"2025-12-31\""));
    let out = |format: &str| analyze(&folder, &["-f", format]).out;
    assert!(out("text").contains("; 1 suppressed\n"));
    assert!(out("md").contains("1 suppressed."));
    let page = out("html");
    assert!(page.contains("<h3>Suppressed") && page.contains("test &lt;b&gt;volume&lt;/b&gt; (#42)"));
    let sarif: Value = serde_json::from_str(&out("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == RULE).unwrap();
    let suppression = &result["suppressions"][0];
    assert_eq!(
        (&suppression["kind"], &suppression["status"]),
        (&"external".into(), &"accepted".into())
    );
    assert!(
        suppression["justification"]
            .as_str()
            .unwrap()
            .starts_with("test &lt;b>volume"),
        "{suppression}"
    );
    let junit = out("junit");
    let (_, case) = junit.split_once(&format!("name=\"{RULE} ")).unwrap();
    let (case, _) = case.split_once("</testcase>").unwrap();
    assert!(case.contains("<skipped message=\"suppressed: test"), "{case}");
    assert!(!out("gitlab").contains(RULE) && !out("jsonl").contains(RULE));
}

#[test]
fn a_run_without_findings_left_never_says_that_nothing_was_found() {
    let folder = folder();
    let all = json(&folder, &[]);
    let rules = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap());
    let flags: Vec<&str> = rules.flat_map(|rule| ["--suppress", rule]).collect();
    for format in ["text", "md", "html"] {
        let out = analyze(&folder, &[&["-f", format], &flags[..]].concat())
            .out
            .to_lowercase();
        assert!(!out.contains("no known problem"), "{format}");
        assert!(out.contains("left to show"), "{format}");
    }
}

#[test]
fn the_command_line_suppresses_for_one_run() {
    let folder = folder();
    let one = format!("{RULE}=volume/longhorn-system/pvc-*");
    assert_eq!(
        json(&folder, &["--suppress", &one])["suppressed"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let other = format!("{RULE}=volume/default/*");
    let run = analyze(&folder, &["--suppress", &other]);
    assert!(
        run.err.starts_with("note: --suppress: ") && run.err.contains("covers nothing"),
        "{}",
        run.err
    );
    assert_eq!(analyze(&folder, &["--suppress", &other, "-q"]).err, "");
    let unknown = analyze(&folder, &["--suppress", "single-replica-volume-activ", "-q"]);
    assert_eq!(unknown.code, 0);
    assert!(
        unknown.err.contains("warning: ") && unknown.err.contains(&format!("did you mean `{RULE}`?")),
        "{}",
        unknown.err
    );
}

#[test]
fn an_expired_suppression_gives_the_finding_back_by_the_bundles_time() {
    // The samples were collected on 2025-06-12.
    for (until, suppressed) in [("2025-06-12", true), ("2025-06-11", false)] {
        let folder = desk("accepted.toml", &table(until));
        let run = analyze(&folder, &["--suppress-file", "accepted.toml", "-f", "json"]);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(report.get("suppressed").is_some(), suppressed, "{until}");
        assert_eq!(
            run.err.contains("ended on 2025-06-11: the finding is back"),
            !suppressed,
            "{}",
            run.err
        );
    }
}
