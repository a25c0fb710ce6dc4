//! The binary from outside: what is on stdout, what on stderr, and what it makes of files.

use crate::samples::root;
use crate::shared::{folder, read, write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Formats of `--format`, and an ending by which `--output` knows each.
pub(crate) const FORMATS: [(&str, &str); 9] = [
    ("text", "txt"),
    ("json", "json"),
    ("json-v1", "json"),
    ("jsonl", "jsonl"),
    ("md", "md"),
    ("html", "html"),
    ("sarif", "sarif.json"),
    ("junit", "junit.xml"),
    ("gitlab", "gitlab.json"),
];

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A run with an empty environment, in a folder, without settings files.
pub(crate) fn gleaner(args: &[&str]) -> Run {
    run(Path::new("."), args, &[("GLEANER_NO_CONFIG", "1")])
}

/// A run in a folder with nothing but these variables.
pub(crate) fn run(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The folder of a sample bundle.
pub(crate) fn bundle(name: &str) -> String {
    root(&format!("sample-bundles/{name}/bundle")).display().to_string()
}

#[test]
fn a_bundle_without_a_verb_is_analyzed() {
    let sample = bundle("single-replica");
    let asked = gleaner(&["analyze", &sample, "-f", "json"]);
    for args in [&[&sample, "-f", "json"][..], &["--no-config", &sample, "-f", "json"]] {
        let run = gleaner(args);
        assert_eq!((run.code, run.out), (0, asked.out.clone()), "{}", run.err);
    }
    let none = gleaner(&["supportbundle_x.zip"]);
    assert_eq!((none.code, none.out.as_str()), (2, ""));
    assert!(
        none.err.starts_with("error: supportbundle_x.zip: cannot be read: "),
        "{}",
        none.err
    );
    assert_eq!(none.err.matches("os error").count(), 1, "{}", none.err);
    assert!(gleaner(&["analyse"]).err.contains("'analyze'"));
}

#[test]
fn what_the_operating_system_says_is_told_once() {
    let (bundle, folder) = (bundle("healthy"), tempfile::tempdir().unwrap());
    let none = folder.path().join("none").display().to_string();
    let below = format!("{none}/x.html");
    for args in [
        &["analyze", &none][..],
        &["analyze", &bundle, "--rules", &none],
        &["analyze", &bundle, "--config", &none],
        &["analyze", &bundle, "-q", "-o", &below],
        &["rules", "check", &none],
        &["rules", "test", &none],
        &["report", &none],
        &["explain", "volume-degraded", "--in", &none],
        &["timeline", &none],
        &["why", &none, "vm/a/b"],
    ] {
        let run = gleaner(args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.err);
        for once in ["(os error 2)", none.as_str()] {
            assert_eq!(run.err.matches(once).count(), 1, "{args:?}: {}", run.err);
        }
    }
}

#[test]
fn bundles_and_reports_that_are_taken_for_each_other_are_told_their_verbs() {
    let (sample, folder) = (bundle("single-replica"), folder());
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (report, zip, text) = (place("report.json"), place("my bundle.zip"), place("note.txt"));
    assert_eq!(gleaner(&["analyze", &sample, "-q", "-o", &report]).code, 0);
    std::fs::write(&zip, b"PK\x03\x04\xff\xff").unwrap();
    std::fs::write(&text, "a note").unwrap();
    for bundle in [&zip, &sample, &text] {
        let run = gleaner(&["report", bundle]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{bundle}");
        assert!(
            run.err
                .contains("is not a JSON report; if it is a bundle, use `gleaner analyze "),
            "{}",
            run.err
        );
    }
    assert!(
        gleaner(&["report", &zip])
            .err
            .contains(&format!("`gleaner analyze '{zip}'`"))
    );
    for args in [
        &["analyze", &report][..],
        &[&report],
        &["timeline", &report],
        &["why", &report, "vm/a/b"],
    ] {
        let run = gleaner(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(
            run.err
                .contains(&format!("is a report, not a bundle: use `gleaner report {report}`")),
            "{}",
            run.err
        );
    }
}

#[test]
fn reports_of_the_version_before_are_written_and_read() {
    let (sample, folder) = (bundle("several-problems"), folder());
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (old, new) = (place("old"), place("new.json"));
    assert_eq!(
        gleaner(&["analyze", &sample, "-f", "json-v1", "-q", "-o", &old]).code,
        0
    );
    assert_eq!(gleaner(&["analyze", &sample, "-q", "-o", &new]).code, 0);
    assert!(
        read(Path::new(&old)).contains("\"gleaner.report/v1\"")
            && read(Path::new(&new)).contains("\"gleaner.report/v2\"")
    );
    for (format, _) in FORMATS {
        let [one, other] = [&old, &new].map(|saved| gleaner(&["report", saved, "-f", format]).out);
        assert!(!one.is_empty() && one == other, "{format}");
    }
    let schemas = [gleaner(&["schema"]).out, gleaner(&["schema", "--v1"]).out];
    assert!(schemas[0].contains("gleaner.report/v2") && schemas[0] != schemas[1]);
}

#[test]
fn a_report_that_explains_in_circles_is_read() {
    let folder = folder();
    let saved = folder.path().join("report.json");
    let sample = bundle("several-problems");
    assert_eq!(
        gleaner(&["analyze", &sample, "-q", "-o", &saved.display().to_string()]).code,
        0
    );
    let mut report: serde_json::Value = serde_json::from_str(&read(&saved)).unwrap();
    let ids: Vec<String> = (0..2)
        .map(|at| report["findings"][at]["id"].as_str().unwrap().to_owned())
        .collect();
    for (at, other) in [(0, 1), (1, 0)] {
        report["findings"][at]["explains"] = serde_json::json!([ids[other], ids[at], "000000000000"]);
        report["findings"][at]["explainedBy"] = serde_json::json!([ids[other], ids[at]]);
    }
    write(&saved, &report.to_string());
    for (format, _) in FORMATS {
        let run = gleaner(&["report", &saved.display().to_string(), "-f", format]);
        assert_eq!(run.code, 0, "{format}: {}", run.err);
    }
}

#[test]
fn a_finding_is_explained_with_the_values_of_its_report() {
    let (sample, folder) = (bundle("several-problems"), folder());
    let saved = folder.path().join("report.json").display().to_string();
    assert_eq!(gleaner(&["analyze", &sample, "-q", "-o", &saved]).code, 0);
    let report: serde_json::Value = serde_json::from_str(&read(Path::new(&saved))).unwrap();
    let finding = &report["findings"][0];
    let [id, rule, message] = ["id", "rule", "message"].map(|field| finding[field].as_str().unwrap());
    for word in [id, rule] {
        let run = gleaner(&["explain", word, "--in", &saved]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(
            run.out.contains(message) && run.out.contains(". Since 2") && run.out.contains("\n## Solution\n"),
            "{}",
            run.out
        );
        assert!(!run.out.contains("{{"), "{}", run.out);
    }
    for (args, part) in [
        (&["explain", id][..], "--in report.json"),
        (
            &["explain", "000000000000", "--in", &saved],
            "has no finding `000000000000`",
        ),
        (
            &["explain", "vm-schedule-not-suspended", "--in", &saved],
            "has no finding `vm-schedule-not-suspended`",
        ),
        (&["explain", "single-replica"], "`single-replica-volume-active`"),
        (&["explain", "Pod-Status"], "`pod-not-ready`"),
    ] {
        let run = gleaner(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.contains(part), "{args:?}: {}", run.err);
    }
}

#[test]
fn two_runs_give_the_same_bytes_whatever_the_threads_do() {
    let sample = bundle("several-problems");
    for (format, _) in FORMATS {
        let one = gleaner(&["analyze", &sample, "-f", format, "--jobs", "1"]);
        let many = gleaner(&["analyze", &sample, "-f", format, "--jobs", "4"]);
        assert_eq!(one.code, 0, "{}", one.err);
        assert_eq!(one.out, many.out, "{format}");
    }
}

#[test]
fn stdout_holds_nothing_but_the_report_and_no_escape() {
    let sample = bundle("several-problems");
    for (format, _) in FORMATS {
        for more in [&["-vv"][..], &["--progress", "auto"]] {
            let run = gleaner(&[&["analyze", &sample, "-f", format], more].concat());
            assert!(!run.out.contains('\u{1b}'), "{format}");
            assert_eq!(run.err.is_empty(), more != ["-vv"], "{}", run.err);
            match format {
                "json" | "json-v1" | "sarif" | "gitlab" => {
                    serde_json::from_str::<serde_json::Value>(&run.out).unwrap();
                }
                "jsonl" => {
                    let lines = run.out.lines();
                    let lines = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
                    assert!(
                        lines
                            .map(|line| line["schema"].clone())
                            .all(|schema| schema == "gleaner.finding/v1")
                    );
                }
                "junit" => assert!(run.out.starts_with("<?xml")),
                "html" => assert!(run.out.starts_with("<!DOCTYPE html>") && run.out.ends_with("</html>\n")),
                "md" => assert!(run.out.starts_with("# Gleaner: ")),
                _ => assert!(run.out.starts_with("Gleaner: ")),
            }
        }
    }
}

#[test]
fn colours_follow_the_flag_then_the_environment() {
    let sample = bundle("single-replica");
    let colored = |flags: &[&str], variables: &[(&str, &str)]| {
        let args = [&["analyze", &sample, "--no-config"], flags].concat();
        run(Path::new("."), &args, variables).out.contains('\u{1b}')
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("FORCE_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]));
    assert!(!colored(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[("FORCE_COLOR", "1")]));
}

#[test]
fn only_files_of_ours_are_overwritten_unless_forced() {
    let (sample, folder) = (bundle("single-replica"), folder());
    let none = bundle("healthy");
    for (format, ending) in FORMATS {
        let path = folder.path().join(format!("{format}.{ending}"));
        let file = path.display().to_string();
        for sample in [&none, &sample] {
            let run = gleaner(&["analyze", sample, "-o", &file]);
            assert_eq!((run.code, run.out.as_str()), (0, ""), "{format}: {}", run.err);
            let wrote = format!("wrote {file}");
            assert!(
                run.err.starts_with("Gleaner: ") && run.err.ends_with(&format!("\n{wrote}\n")),
                "{}",
                run.err
            );
        }
        for foreign in ["a cleaner gleaner note\n", "{\"mine\": true}\n"] {
            write(&path, foreign);
            let refused = gleaner(&["analyze", &sample, "-o", &file]);
            assert_eq!(refused.code, 2, "{format}");
            assert!(refused.err.contains("--force"), "{}", refused.err);
            assert_eq!(read(&path), foreign);
        }
        let quiet = gleaner(&["analyze", &sample, "-o", &file, "--force", "-q"]);
        assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
        assert!(!read(&path).starts_with("{\"mine\""));
    }
    let left = std::path::Path::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, FORMATS.len(), "no partial file stays");
}

#[cfg(unix)]
#[test]
fn links_and_devices_stay_what_they_are() {
    let (sample, folder) = (bundle("single-replica"), folder());
    let (target, link) = (folder.path().join("target.json"), folder.path().join("report.json"));
    write(&target, "");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let run = gleaner(&["analyze", &sample, "-q", "-o", &link.display().to_string()]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(link.is_symlink() && read(&target).contains("gleaner.report/v2"));
    let run = gleaner(&["analyze", &sample, "-q", "-f", "json", "-o", "/dev/stdout"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with('{'), "{}", run.out);
}

#[test]
fn a_saved_report_gives_the_same_reports_as_the_bundle() {
    let (sample, folder) = (bundle("several-problems"), folder());
    let saved = folder.path().join("report.json").display().to_string();
    assert_eq!(gleaner(&["analyze", &sample, "-q", "-o", &saved]).code, 0);
    for (format, _) in FORMATS {
        let again = gleaner(&["report", &saved, "-f", format]);
        let fresh = gleaner(&["analyze", &sample, "-f", format]);
        assert_eq!(again.code, 0, "{}", again.err);
        assert_eq!(again.out, fresh.out, "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    for args in [
        &["rules", "list"][..],
        &["analyze", &bundle("single-replica")],
        &["man"],
        &["--help"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .args(args)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn a_view_shows_a_part_and_says_so_in_every_format_for_people() {
    let sample = bundle("several-problems");
    let all: serde_json::Value = serde_json::from_str(&gleaner(&["analyze", &sample, "-f", "json"]).out).unwrap();
    let view = [
        "--area",
        "storage",
        "--skip",
        "volume-degraded",
        "--min-severity",
        "warning",
    ];
    let narrow = |format: &str| gleaner(&[&["analyze", &sample, "-f", format], &view[..]].concat()).out;
    let part: serde_json::Value = serde_json::from_str(&narrow("json")).unwrap();
    let findings = part["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(finding["area"], "storage");
        assert_ne!(finding["rule"], "volume-degraded");
        assert_ne!(finding["severity"], "info");
    }
    let hidden = all["findings"].as_array().unwrap().len() - findings.len();
    assert_eq!(part["selection"]["hiddenFindings"], hidden);
    assert_eq!(part["upgrade"], all["upgrade"], "the verdict is about everything");
    assert_eq!(part["coverage"]["problems"], all["coverage"]["problems"]);
    for format in ["text", "md", "html"] {
        let out = narrow(format).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(out.contains("Shows only a part"), "{format}");
    }
    let empty = gleaner(&["analyze", &sample, "--rule", "vm-schedule-not-suspended"]).out;
    assert!(!empty.to_lowercase().contains("no known problem found"), "{empty}");
    assert!(empty.contains("left to show"), "{empty}");
}

#[test]
fn unknown_rules_and_areas_are_usage_errors_that_help() {
    let sample = bundle("healthy");
    let cases = [
        (["--skip", "volume-degrade"], "did you mean `volume-degraded`?"),
        (["--rule", "volume-degrade"], "did you mean `volume-degraded`?"),
        (["--area", "storge"], "did you mean `storage`?"),
        (["--object", "db-1"], "KIND/NAMESPACE/NAME"),
        (["--fail-on", "severe"], "[possible values: blocker, warning, info]"),
    ];
    for (flags, part) in cases {
        let run = gleaner(&[&["analyze", &sample], &flags[..]].concat());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{flags:?}");
        assert!(run.err.contains(part), "{flags:?}: {}", run.err);
    }
}

/// The name of an object by its number in a JSON report.
fn object_name(report: &serde_json::Value, number: u64) -> &str {
    let groups = report["objects"].as_array().unwrap().iter();
    let mut names = groups.flat_map(|group| group["names"].as_array().unwrap());
    names.nth(usize::try_from(number).unwrap()).unwrap().as_str().unwrap()
}

#[test]
fn an_object_brings_its_chain_to_the_front() {
    let sample = bundle("several-problems");
    let report = |flags: &[&str]| -> serde_json::Value {
        serde_json::from_str(&gleaner(&[&["analyze", &sample, "-f", "json"], flags].concat()).out).unwrap()
    };
    let plain = report(&[]);
    let volumes = plain["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "volume-degraded");
    let volume = volumes
        .flat_map(|finding| finding["rows"].as_array().unwrap())
        .next()
        .unwrap()["object"]
        .as_u64()
        .unwrap();
    let volume = object_name(&plain, volume);
    let asked = report(&["--object", &format!("volume/longhorn-system/{volume}")]);
    let touching = asked["focus"]["findings"].as_array().unwrap();
    assert!(!touching.is_empty());
    let ids: Vec<_> = asked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["id"].clone())
        .collect();
    assert_eq!(
        ids.get(..touching.len()).unwrap(),
        touching.as_slice(),
        "they come first"
    );
    assert_eq!(ids.len(), plain["findings"].as_array().unwrap().len(), "none is lost");
    let chains = asked["cluster"]["chains"].as_array().unwrap();
    let first = chains.first().unwrap()["volumes"].as_array().unwrap();
    assert!(first.iter().any(|disk| disk["volume"] == volume), "{first:?}");
    let machine = chains.first().unwrap()["vm"].as_str().unwrap().to_owned();
    let by_machine = report(&["--object", &format!("vm/{machine}")]);
    assert_eq!(by_machine["cluster"]["chains"][0]["vm"], machine);
    assert!(!by_machine["focus"]["findings"].as_array().unwrap().is_empty());
    let nobody = gleaner(&["analyze", &sample, "--object", "vm/prod/nobody"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (2, ""));
    assert!(
        nobody.err.contains("the bundle has no object vm/prod/nobody"),
        "{}",
        nobody.err
    );
}

#[test]
fn verbose_tells_a_line_a_phase_and_very_verbose_tells_why() {
    let sample = bundle("several-problems");
    let phases = gleaner(&["analyze", &sample, "-v", "-f", "json"]).err;
    let words: Vec<&str> = phases
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    assert_eq!(words, ["open", "read", "check", "write"], "{phases}");
    let more = gleaner(&["analyze", &sample, "-vv", "-f", "json"]).err;
    assert!(more.contains("  not read  ") && more.contains("  no data   "), "{more}");
    assert_eq!(gleaner(&["analyze", &sample, "-v", "-q"]).code, 2);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the wish to write the page comes from whoever runs the tests"
)]
fn the_catalogue_page_is_what_the_list_prints() {
    let page = gleaner(&["rules", "list", "--format", "md"]).out;
    let path = root("rules/README.md");
    if std::env::var("BLESS").is_ok() {
        write(&path, &page);
    }
    assert!(
        path.exists() && read(&path) == page,
        "rules/README.md is not what is printed: write it with `BLESS=1 cargo test catalogue_page`"
    );
}

#[test]
fn the_list_of_rules_can_be_narrowed_and_read_by_programs() {
    let list = gleaner(&["rules", "list", "--format", "json", "--area", "storage"]);
    let rules: serde_json::Value = serde_json::from_str(&list.out).unwrap();
    let rules = rules.as_array().unwrap();
    assert!(rules.len() > 3 && rules.iter().all(|rule| rule["area"] == "storage"));
    let text = gleaner(&["rules", "list", "--area", "storage"]).out;
    assert!(
        text.starts_with("AREA ") && text.lines().count() == rules.len() + 1,
        "{text}"
    );
    assert_eq!(gleaner(&["rules", "list", "--area", "storge"]).code, 2);
    let official = gleaner(&["rules", "list", "--official"]).out;
    assert!(
        official
            .lines()
            .any(|line| line.contains("pod-not-ready") && line.contains("check.sh/Pod-Status"))
    );
    assert_eq!(gleaner(&["checks"]).code, 2);
}

#[test]
fn a_group_of_commands_lists_them() {
    for (group, command) in [("rules", "list"), ("config", "show")] {
        let run = gleaner(&[group]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{group}");
        assert!(
            run.out.contains("Commands:") && run.out.contains(command),
            "{}",
            run.out
        );
    }
}

#[test]
fn short_help_is_for_every_day_and_long_help_has_headings() {
    let (short, long) = (gleaner(&["analyze", "-h"]).out, gleaner(&["analyze", "--help"]).out);
    assert!(short.lines().count() < 60 && short.contains("--target"), "{short}");
    for rare in ["--max-entries", "--yaml", "--webhook-version", "GLEANER_"] {
        assert!(!short.contains(rare) && long.contains(rare), "{rare}");
    }
    for heading in [
        "Output:",
        "Selection:",
        "Rules:",
        "Exit code:",
        "Progress:",
        "Limits:",
        "Settings:",
    ] {
        assert!(long.contains(&format!("\n{heading}\n")), "{heading}");
    }
    assert!(long.contains("[default: 64GiB]") && !long.contains("68719476736"));
}

#[test]
fn the_timeline_marks_what_went_wrong_in_color() {
    let sample = bundle("several-problems");
    let plain = gleaner(&["timeline", &sample]).out;
    let colored = gleaner(&["timeline", &sample, "--color", "always"]).out;
    let bad = plain
        .lines()
        .filter(|line| line.contains(" bad   ") || line.contains(" first "))
        .count();
    let red = colored.lines().filter(|line| line.starts_with("\u{1b}[")).count();
    assert!(bad > 0 && red == bad, "{red} of {bad}");
    assert!(!plain.contains('\u{1b}'));
}

#[test]
fn completions_offer_the_values_of_options() {
    let options = [
        ("format", &["text", "jsonl", "sarif", "gitlab"][..]),
        ("flavor", &["github", "jira"]),
        ("color", &["auto", "always", "never"]),
        ("fail-on", &["blocker", "warning", "info"]),
        ("min-severity", &["blocker", "warning", "info"]),
        ("yaml", &["fast", "full"]),
        ("area", &["storage", "vm", "log"]),
    ];
    let script = |shell: &str| gleaner(&["completions", shell]).out;
    let (bash, zsh, fish) = (script("bash"), script("zsh"), script("fish"));
    let analyze = after(&bash, "        gleaner__subcmd__analyze)\n");
    for (option, values) in options {
        let offered = [
            until(after(analyze, &format!("--{option})\n")), ";;"),
            until(after(&zsh, &format!("--{option}=[")), "))'"),
            until(after(&fish, &format!(" -l {option} ")), "'\"\n"),
        ];
        for (shell, offered) in ["bash", "zsh", "fish"].into_iter().zip(offered) {
            let words: Vec<&str> = offered.split(|c: char| !c.is_alphanumeric()).collect();
            for value in values {
                assert!(words.contains(value), "{shell} --{option} {value}: {offered}");
            }
            assert!(!offered.contains("compgen -f"), "{shell} --{option}: {offered}");
        }
    }
}

fn after<'t>(text: &'t str, mark: &str) -> &'t str {
    text.split_once(mark).unwrap_or_else(|| panic!("no {mark}")).1
}

fn until<'t>(text: &'t str, mark: &str) -> &'t str {
    text.split_once(mark).unwrap_or_else(|| panic!("no {mark}")).0
}

#[test]
fn completions_and_manual_pages_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = gleaner(&["completions", shell]);
        assert!(run.code == 0 && run.out.contains("analyze"), "{shell}");
    }
    let folder = folder();
    let place = folder.path().join("man1");
    let out = |place: &Path| gleaner(&["man", "--out", &place.display().to_string()]).code;
    assert_eq!(
        [out(&place), out(&place), out(&folder.path().join("no/man1"))],
        [0, 0, 2]
    );
    assert!(read(&place.join("gleaner-analyze.1")).contains("fail\\-on"));
    assert!(gleaner(&["man"]).out.contains(".TH gleaner 1"));
}
