//! Embeds the folder `rules`: the text of every file and its content as JSON, which parses about ten times as fast as YAML. A file
//! that is not valid YAML is embedded as text only, so that loading it reports what is wrong and where.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, reason = "build scripts read files")]
fn main() -> io::Result<()> {
    let root = cargo_folder("CARGO_MANIFEST_DIR")?.join("../../rules");
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
        // Cases are only parsed when they are run, and then once.
        let json = if below.ends_with("cases.yaml") {
            None
        } else {
            json(&text)
        };
        let _ = writeln!(table, "    ({below:?}, include_str!({path:?}), {json:?}),");
    }
    table.push_str("]\n");
    fs::write(cargo_folder("OUT_DIR")?.join("rules.in"), table)
}

fn cargo_folder(variable: &str) -> io::Result<PathBuf> {
    let folder = env::var_os(variable).ok_or_else(|| io::Error::other(format!("{variable} is not set")))?;
    Ok(PathBuf::from(folder))
}

/// All YAML files below a folder. Cargo runs this script again when one of these folders or files changes.
#[expect(clippy::disallowed_methods, reason = "build scripts read files")]
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
