//! The commands of README.md: each is run as it is written there, in a folder that holds what it names.

use crate::cli::{gleaner, run};
use crate::samples::root;
use crate::shared::{folder, read};
use std::path::{Path, PathBuf};

/// Commands that are not run, and why. What follows is not looked at.
const NOT_RUN: [(&str, &str); 2] = [
    ("tests/run", "runs this test"),
    (
        "cargo install --locked --path .",
        "builds what is tested here and writes outside the build folder",
    ),
];

/// By what the binary is run from the sources.
const CARGO_RUN: &str = "cargo run --release -- ";

/// The commands in blocks of the language `console`, without their comments.
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            let command = command.split(" #").next().unwrap();
            commands.push(command.trim().to_owned());
        }
    }
    commands
}

/// What the commands name: a sample by its path, a bundle whole and in parts, a saved report, and somebody's rules.
fn desk() -> tempfile::TempDir {
    let desk = folder();
    let place = |path: &str| desk.path().join(path);
    for sample in ["healthy", "several-problems"] {
        let path = format!("sample-bundles/{sample}/bundle");
        copy(&root(&path), &place(&path));
    }
    let bundle = zipped(&root("sample-bundles/healthy/bundle"));
    std::fs::write(place("supportbundle_….zip"), &bundle).unwrap();
    let (first, second) = bundle.split_at(bundle.len() / 2);
    std::fs::write(place("x.zip.001"), first).unwrap();
    std::fs::write(place("x.zip.002"), second).unwrap();
    let sample = place("sample-bundles/several-problems/bundle").display().to_string();
    let saved = place("report.json").display().to_string();
    assert_eq!(gleaner(&["analyze", &sample, "-q", "-o", &saved]).code, 0);
    let rule = "storage/volume-degraded";
    copy(&root(&format!("rules/{rule}")), &place(&format!("my-rules/{rule}")));
    desk
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = entries.map(|entry| entry.unwrap().into_path());
    paths.filter(|path| path.is_file()).collect()
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let copy = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(&path, copy).unwrap();
    }
}

fn zipped(bundle: &Path) -> Vec<u8> {
    let entries = files(bundle).into_iter().map(|path| {
        let name = path.strip_prefix(bundle).unwrap().to_string_lossy().replace('\\', "/");
        crate::bundle_fixture::file(format!("supportbundle_x/{name}"), read(&path))
    });
    crate::bundle_fixture::zip(&entries.collect::<Vec<_>>())
}

#[test]
fn every_command_of_the_readme_runs() {
    let desk = desk();
    let commands = commands(&read(&root("README.md")));
    assert!(commands.len() > NOT_RUN.len(), "{commands:?}");
    for command in &commands {
        if let Some((_, reason)) = NOT_RUN.iter().find(|(known, _)| known == command) {
            println!("not run: {command}: {reason}");
            continue;
        }
        let args = command
            .strip_prefix(CARGO_RUN)
            .or_else(|| command.strip_prefix("gleaner "));
        let args = args.unwrap_or_else(|| panic!("`{command}` is neither known here nor a command of gleaner"));
        let args: Vec<&str> = args.split_whitespace().collect();
        let run = run(desk.path(), &args, &[("GLEANER_NO_CONFIG", "1")]);
        assert_eq!(run.code, 0, "{command}: {}", run.err);
        for output in args.windows(2).filter(|pair| pair[0] == "-o") {
            assert!(
                desk.path().join(output[1]).exists(),
                "{command} did not write {}",
                output[1]
            );
        }
    }
    for (known, _) in NOT_RUN {
        assert!(
            commands.iter().any(|command| command == known),
            "`{known}` is not in README.md"
        );
    }
}
