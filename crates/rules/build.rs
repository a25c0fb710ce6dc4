//! Embeds the folder `rules`: the text of every file, and beside it what stands in it as JSON, which is read some ten times as
//! fast as YAML. A file that is no YAML is embedded as text alone: whoever loads it is told what is wrong with it, and where.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, reason = "what is built is made of files")]
fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../rules");
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
