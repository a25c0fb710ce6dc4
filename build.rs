//! Embeds the folder `rules`: the text of every file, and beside it what stands in it as JSON, which is read some ten times as
//! fast as YAML. A file that is no YAML is embedded as text alone: whoever loads it is told what is wrong with it, and where.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, reason = "what is built is made of files")]
fn main() -> io::Result<()> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    tell_tests_what_is_here(&package);
    let root = package.join("rules");
    let mut files = Vec::new();
    gather(&root, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for path in &files {
        let below = path
            .strip_prefix(&root)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        let text = fs::read_to_string(path)?;
        // Cases are only read when they are run, and then each once.
        let json = if below.ends_with("cases.yaml") {
            None
        } else {
            json(&text)
        };
        let _ = writeln!(table, "    ({below:?}, include_str!({path:?}), {json:?}),");
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("rules.in"), table)
}

/// All YAML files below a folder. Cargo builds anew when a folder or file that was looked at changes.
#[expect(clippy::disallowed_methods, reason = "what is built is made of files")]
fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}

fn json(yaml: &str) -> Option<String> {
    let value: serde_json::Value = serde_yaml::from_str(yaml).ok()?;
    serde_json::to_string(&value).ok()
}

/// Sets a flag for each thing that some tests need and a fresh clone may lack, so that those tests are ignored there. Cargo would run
/// this script in every build if it had to watch a path that is absent: whoever adds the thing touches `build.rs`.
fn tell_tests_what_is_here(package: &Path) {
    println!("cargo::rustc-check-cfg=cfg(shared_material)");
    let shared = ["../shared/cases/README.md", "../shared/bundles/README.md"].map(|path| package.join(path));
    if shared.iter().all(|path| path.exists()) {
        println!("cargo::rustc-cfg=shared_material");
        for path in shared {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    println!("cargo::rustc-check-cfg=cfg(info_zip)");
    let folders = env::var_os("PATH").unwrap_or_default();
    let names = ["zip", "zip.exe"];
    let mut places = env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name)));
    if let Some(place) = places.find(|place| place.is_file()) {
        println!("cargo::rustc-cfg=info_zip");
        println!("cargo::rerun-if-changed={}", place.display());
    }
}
