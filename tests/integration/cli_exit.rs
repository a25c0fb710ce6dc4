//! The table of exit codes: every row in every format, and which row wins.

use crate::cli::{FORMATS, bundle, gleaner, run};
use crate::shared::{folder, write};
use std::path::Path;
use std::process::{Command, Stdio};

/// The sample that is complete, and the one that is not.
const COMPLETE: &str = "single-replica";
const DAMAGED: &str = "several-problems";

fn code(sample: &str, format: &str, flags: &[&str]) -> i32 {
    let run = gleaner(&[&["analyze", &bundle(sample), "-f", format], flags].concat());
    // Whatever the code, the report is there whole.
    assert!(run.code == 2 || !run.out.is_empty(), "{format}: {}", run.err);
    run.code
}

#[test]
fn zero_is_an_analysis_that_finished_with_findings_or_without() {
    for (format, _) in FORMATS {
        assert_eq!(code(COMPLETE, format, &[]), 0, "{format}");
        assert_eq!(code(COMPLETE, format, &["--strict"]), 0, "{format}");
        assert_eq!(code(DAMAGED, format, &[]), 0, "{format}");
    }
    assert_eq!(code("healthy", "text", &["--fail-on", "info"]), 0);
}

#[test]
fn one_is_a_finding_at_or_above_the_level_asked_for() {
    for (format, _) in FORMATS {
        assert_eq!(code(COMPLETE, format, &["--fail-on", "blocker"]), 1, "{format}");
    }
    assert_eq!(code(COMPLETE, "json", &["--fail-on", "warning"]), 1);
    let flags = ["--fail-on", "blocker", "--rule", "csi-snapshot-support-missing"];
    assert_eq!(code(COMPLETE, "json", &flags), 0, "a warning is below it");
}

#[test]
fn two_is_what_cannot_be_read_or_written_and_nothing_is_printed() {
    let folder = folder();
    let garbage = folder.path().join("bundle.zip");
    write(&garbage, "this is no zip");
    let (garbage, nowhere) = (garbage.display().to_string(), folder.path().join("no/such"));
    for (format, ending) in FORMATS {
        for input in ["/no/such/bundle.zip", &garbage] {
            let run = gleaner(&["analyze", input, "-f", format]);
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{format} {input}");
            assert!(run.err.starts_with("error: "), "{}", run.err);
        }
        let file = nowhere.join(format!("report.{ending}")).display().to_string();
        let run = gleaner(&["analyze", &bundle(COMPLETE), "-o", &file]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{format}");
        assert!(run.err.contains("cannot write"), "{}", run.err);
    }
}

#[test]
fn two_is_wrong_usage() {
    let sample = bundle(COMPLETE);
    for args in [
        &[][..],
        &["analyze"],
        &["analyse", &sample],
        &["analyze", &sample, "--frmat", "json"],
        &["analyze", &sample, "-f", "pdf"],
        &["analyze", &sample, "-o", "report.pdf"],
        &["analyze", &sample, "--jobs", "0"],
        &["analyze", &sample, "--suppress", "=x"],
        &["analyze", &sample, "--config", "/no/such/gleaner.toml"],
        &["report", "/no/such/report.json"],
        &["explain", "no-such-rule"],
        &["completions", "tcsh"],
    ] {
        let run = gleaner(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(!run.err.is_empty(), "{args:?}");
    }
    for args in [&["--help"][..], &["--version"], &["analyze", "--help"]] {
        let run = gleaner(args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn three_is_an_incomplete_analysis_if_that_matters_and_outranks_one() {
    for (format, _) in FORMATS {
        assert_eq!(code(DAMAGED, format, &["--strict"]), 3, "{format}");
        assert_eq!(
            code(DAMAGED, format, &["--strict", "--fail-on", "blocker"]),
            3,
            "{format}"
        );
        assert_eq!(code(DAMAGED, format, &["--fail-on", "blocker"]), 1, "{format}");
    }
}

#[test]
fn two_outranks_three() {
    let folder = folder();
    let flags = ["--strict", "--fail-on", "info"];
    for (_, ending) in FORMATS {
        let file = folder.path().join(format!("no/report.{ending}")).display().to_string();
        let run = gleaner(&[&["analyze", &bundle(DAMAGED), "-o", &file], &flags[..]].concat());
        assert_eq!(run.code, 2, "{}", run.err);
    }
}

#[test]
fn budgets_are_numbers_of_bytes_with_or_without_a_unit_and_what_they_cost_is_named() {
    let sample = bundle("healthy");
    assert_eq!(
        gleaner(&[
            "analyze",
            &sample,
            "--max-size",
            "64Gi",
            "--max-memory",
            "512MB",
            "--max-file",
            "2GiB"
        ])
        .code,
        0
    );
    let settings = [("GLEANER_NO_CONFIG", "1"), ("GLEANER_MAX_MEMORY", "1 GiB")];
    let page = run(Path::new("."), &["config", "show"], &settings).out;
    assert!(
        page.contains("max-memory = \"1 GiB\"") && page.contains("max-size = \"64GiB\""),
        "{page}"
    );
    assert_eq!(gleaner(&["analyze", &sample, "--max-memory", "much"]).code, 2);
    let small = gleaner(&["analyze", &sample, "--max-memory", "40k", "-f", "json", "--strict"]);
    assert_eq!(small.code, 3, "{}", small.err);
    assert!(small.out.contains("the limit on memory is reached"));
}

#[test]
fn a_reader_that_closes_the_output_does_not_change_the_exit_code() {
    let sample = bundle("single-replica");
    for (flags, code) in [
        (&["--fail-on", "blocker"][..], 1),
        (&["--fail-on", "info"], 1),
        (&[], 0),
    ] {
        for format in ["json", "html", "text"] {
            let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
                .args(["analyze", &sample, "--no-config", "-q", "-f", format])
                .args(flags)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            drop(child.stdout.take());
            assert_eq!(child.wait().unwrap().code(), Some(code), "{flags:?} {format}");
        }
    }
}
