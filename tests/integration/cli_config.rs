//! Settings: which layer wins, what is refused, and that a bundle has no say in them.

use crate::bundle_fixture::{file, tar};
use crate::cli::{Run, bundle, run};
use crate::shared::{folder, read, write};
use std::path::Path;
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
    sample: String,
}

impl Desk {
    fn new() -> Desk {
        let folder = folder();
        // Settings of the folder are read in repositories only.
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        Desk {
            folder,
            sample: bundle("single-replica"),
        }
    }

    fn write(&self, file: &str, text: &str) {
        write(&self.folder.path().join(file), text);
    }

    /// An analysis in this folder.
    fn analyze(&self, flags: &[&str], variables: &[(&str, &str)]) -> Run {
        run(
            self.folder.path(),
            &[&["analyze", &self.sample], flags].concat(),
            variables,
        )
    }

    fn show(&self, variables: &[(&str, &str)]) -> String {
        run(self.folder.path(), &["config", "show"], variables).out
    }
}

#[test]
fn a_flag_wins_over_the_environment_over_the_folder_over_the_user() {
    let desk = Desk::new();
    let home = desk.folder.path().join("home").display().to_string();
    let user = [("XDG_CONFIG_HOME", home.as_str())];
    let variable = [user[0], ("GLEANER_FORMAT", "gitlab")];
    desk.write("home/gleaner/config.toml", "format = \"json\"\nmax-rows = 7\n");
    assert!(desk.analyze(&[], &user).out.starts_with('{'));
    desk.write("gleaner.toml", "format = \"md\"\n");
    assert!(desk.analyze(&[], &user).out.starts_with("# Gleaner"));
    assert!(desk.analyze(&[], &variable).out.starts_with('['));
    assert!(desk.analyze(&["-f", "junit"], &variable).out.starts_with("<?xml"));
    desk.write("team.toml", "format = \"html\"\n");
    assert!(
        desk.analyze(&["--config", "team.toml"], &user)
            .out
            .starts_with("<!DOCTYPE")
    );
    assert!(desk.analyze(&["--no-config"], &user).out.starts_with("Gleaner: "));
    let page = desk.show(&variable);
    let origins = [
        ("format = \"gitlab\"", "# GLEANER_FORMAT"),
        ("max-rows = 7", "config.toml"),
        ("yaml = \"fast\"", "# default; GLEANER_YAML"),
    ];
    for (setting, origin) in origins {
        let line = page
            .lines()
            .find(|line| line.starts_with(setting))
            .unwrap_or_else(|| panic!("{page}"));
        assert!(line.ends_with(origin), "{line}");
    }
    page.parse::<toml::Table>().unwrap();
}

#[test]
fn switches_and_lists_can_be_set() {
    let desk = Desk::new();
    desk.write(
        "gleaner.toml",
        "fail-on = \"blocker\"\nstrict = true\narea = [\"vm\", \"storage\"]\njobs = 2\n",
    );
    let run = desk.analyze(&["-f", "json"], &[]);
    assert_eq!(run.code, 1, "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["selection"]["areas"], serde_json::json!(["storage", "vm"]));
    assert_eq!(
        desk.analyze(&[], &[("GLEANER_FAIL_ON", "info"), ("GLEANER_AREA", "addon,backup")])
            .code,
        0
    );
    assert!(desk.show(&[("GLEANER_STRICT", "no")]).contains("strict = false"));
}

#[test]
fn mistakes_in_settings_name_their_place_and_help() {
    let cases = [
        (
            "fail_on = \"blocker\"",
            "unknown key `fail_on`; did you mean `fail-on`?",
        ),
        ("formt = \"md\"", "unknown key `formt`; did you mean `format`?"),
        ("output = \"x.html\"", "unknown key `output`"),
        ("format = \"pdf\"", "gleaner.toml: format: invalid value 'pdf'"),
        ("format = \"pdf\"", "[possible values: text, json, "),
        ("strict = \"yes\"", "`strict` must be true or false"),
        ("jobs = 0.5", "`jobs` must be a text or a number"),
        ("jobs = 0", "gleaner.toml: jobs: invalid value '0'"),
        ("format = ", "settings in gleaner.toml"),
        ("[[suppress]]\nrule = \"x\"", "`reason` is missing"),
    ];
    for (text, part) in cases {
        let desk = Desk::new();
        desk.write("gleaner.toml", text);
        let run = desk.analyze(&[], &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.contains(part), "{text}: {}", run.err);
        assert_eq!(desk.analyze(&["--no-config"], &[]).code, 0, "{text}");
    }
    let desk = Desk::new();
    let run = desk.analyze(&[], &[("GLEANER_STRICT", "perhaps")]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("GLEANER_STRICT"), "{}", run.err);
    let run = desk.analyze(&[], &[("GLEANER_FORMAT", "pdf")]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("GLEANER_FORMAT: format: invalid value 'pdf'"),
        "{}",
        run.err
    );
}

#[test]
fn the_environment_is_forgiving_about_empty_variables_spaces_and_flags_against_it() {
    let desk = Desk::new();
    let empty = [("GLEANER_FORMAT", ""), ("GLEANER_CONFIG", ""), ("GLEANER_STRICT", "")];
    assert!(desk.analyze(&[], &empty).out.starts_with("Gleaner: "));
    let run = desk.analyze(&["-f", "json"], &[("GLEANER_AREA", "storage, vm")]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["selection"]["areas"], serde_json::json!(["storage", "vm"]));
    assert_eq!(desk.analyze(&["-v"], &[("GLEANER_QUIET", "yes")]).code, 0);
    desk.write("gleaner.toml", "format = \"md\"\n");
    desk.write("team.toml", "format = \"html\"\n");
    let variables = [("GLEANER_CONFIG", "team.toml")];
    assert!(desk.analyze(&[], &variables).out.starts_with("<!DOCTYPE"));
    assert!(desk.analyze(&["--no-config"], &variables).out.starts_with("Gleaner: "));
    let off = [("GLEANER_NO_CONFIG", "on")];
    assert!(desk.analyze(&[], &off).out.starts_with("Gleaner: "));
    assert!(
        desk.analyze(&["--config", "team.toml"], &off)
            .out
            .starts_with("<!DOCTYPE")
    );
    assert_eq!(desk.analyze(&["--config", "team.toml", "--no-config"], &[]).code, 2);
    let page = desk.show(&[("GLEANER_AREA", "storage, vm"), ("GLEANER_STRICT", "Yes")]);
    assert!(
        page.contains("area = [\"storage\", \"vm\"]") && page.contains("strict = true"),
        "{page}"
    );
}

#[test]
fn a_bundle_cannot_bring_its_own_settings() {
    let desk = Desk::new();
    copy(Path::new(&desk.sample), &desk.folder.path().join("bundle"));
    desk.write(
        "bundle/gleaner.toml",
        "min-severity = \"blocker\"\nskip = [\"single-replica-volume-active\"]\n",
    );
    desk.write(
        "bundle/gleaner-ignore.toml",
        "[[suppress]]\nrule = \"csi-snapshot-support-missing\"\nreason = \"hidden\"\n",
    );
    let inside = desk.folder.path().join("bundle");
    let run = run(&inside, &["analyze", ".", "-f", "json"], &[]);
    assert!(run.err.contains("it is inside the bundle"), "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert!(report.get("selection").is_none() && report.get("suppressed").is_none());
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let inner = entry.path().strip_prefix(from).unwrap();
            write(&to.join(inner), &read(entry.path()));
        }
    }
}

#[test]
fn settings_beside_a_bundle_or_outside_of_a_repository_are_not_read() {
    let desk = Desk::new();
    let sample = Path::new(&desk.sample);
    let settings = "min-severity = \"blocker\"\n";
    for (folder, is_repository, input, reason) in [
        ("beside", true, "bundle", "it is beside the bundle"),
        ("plain", false, "elsewhere/bundle", "this folder is in no repository"),
        ("own", true, "elsewhere/bundle", ""),
    ] {
        // Not below the folder of the tests, which is in a repository.
        let home = tempfile::tempdir().unwrap();
        let here = home.path().join(folder);
        copy(sample, &here.join(input));
        write(&here.join("gleaner.toml"), settings);
        if is_repository {
            std::fs::create_dir(here.join(".git")).unwrap();
        }
        let run = run(&here, &["analyze", input, "-f", "json-v1"], &[]);
        assert_eq!(
            run.err.contains("gleaner.toml is not read"),
            !reason.is_empty(),
            "{}",
            run.err
        );
        assert!(run.err.contains(reason), "{}", run.err);
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let infos = report["findings"].as_array().unwrap().iter();
        let has_less = infos.filter(|finding| finding["severity"] != "blocker").count();
        assert_eq!(has_less == 0, reason.is_empty(), "{folder}");
    }
}

#[test]
fn a_report_never_replaces_the_bundle() {
    let desk = Desk::new();
    let input = desk.folder.path().join("bundle.tar");
    std::fs::write(&input, tar(&[file("metadata.yaml", "projectName: Harvester\n")])).unwrap();
    let before = read(&input);
    for output in ["bundle.tar", "./bundle.tar", ".git/../bundle.tar"] {
        let run = run(
            desk.folder.path(),
            &["analyze", "bundle.tar", "--force", "-f", "json", "-o", output],
            &[],
        );
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("is the bundle itself"), "{}", run.err);
        assert_eq!(read(&input), before);
    }
}
