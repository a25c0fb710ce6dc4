//! The house as ARCHITECTURE.md draws it: which crate uses which, and that no files of a crate lie in a circle.

mod modules;
mod names;

use crate::samples::root;
use crate::shared::{folder, read, write};
use modules::{Crate, Edge};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// The most lines of the files of a component: what can only be understood together has to fit the head.
const MOST_LINES: usize = 600;

/// What cargo says of the workspace.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().unwrap().iter()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

/// The crates of the workspace and those of them that each uses: in what is built, or in its tests.
fn edges(metadata: &Value, in_tests: bool) -> BTreeMap<&str, BTreeSet<&str>> {
    let members: BTreeSet<&str> = list(metadata, "packages")
        .map(|package| text(package, "name"))
        .collect();
    let of = |package| {
        let uses = list(package, "dependencies").filter(|edge| (edge["kind"] == "dev") == in_tests);
        uses.map(|edge| text(edge, "name"))
            .filter(|name| members.contains(name))
            .collect()
    };
    let packages = list(metadata, "packages");
    packages.map(|package| (text(package, "name"), of(package))).collect()
}

/// The texts between backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The rows of the table "Crates and edges": a crate, and the crates it uses.
fn table(page: &str) -> Vec<(&str, BTreeSet<&str>)> {
    let (_, section) = page
        .split_once("\n## Crates and edges\n")
        .expect("ARCHITECTURE.md has the section");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let name = quoted(cells[0]).next().unwrap();
        (name, quoted(cells[cells.len() - 1]).collect())
    })
    .collect()
}

#[test]
fn crates_use_each_other_as_the_table_says_and_only_downwards() {
    let (metadata, page) = (metadata(), read(&root("ARCHITECTURE.md")));
    let (rows, of_tests) = (table(&page), edges(&metadata, true));
    for (at, (name, uses)) in rows.iter().enumerate() {
        let below: BTreeSet<&str> = rows[at + 1..].iter().map(|(name, _)| *name).collect();
        let uses = uses.iter().chain(of_tests.get(name).into_iter().flatten());
        let upwards: Vec<_> = uses.filter(|used| !below.contains(*used)).collect();
        assert!(
            upwards.is_empty(),
            "`{name}` uses {upwards:?}, which is no row below it"
        );
    }
    let table: BTreeMap<&str, BTreeSet<&str>> = rows.into_iter().collect();
    assert_eq!(
        table,
        edges(&metadata, false),
        "left: \"Crates and edges\" in ARCHITECTURE.md, right: the manifests"
    );
}

#[test]
fn a_plain_build_builds_the_binary_and_nothing_else() {
    let metadata = metadata();
    let defaults: Vec<&str> = list(&metadata, "workspace_default_members")
        .map(|id| id.as_str().unwrap())
        .collect();
    let package = list(&metadata, "packages").find(|package| text(package, "name") == "gleaner");
    assert_eq!(defaults, [text(package.unwrap(), "id")]);
}

/// The libraries and binaries of all crates, each as a tree of modules.
fn crates() -> Vec<Crate> {
    let (metadata, root) = (metadata(), root(""));
    let mut crates = Vec::new();
    for package in list(&metadata, "packages") {
        for target in list(package, "targets") {
            let kinds: Vec<&str> = list(target, "kind").map(|kind| kind.as_str().unwrap()).collect();
            if kinds.iter().any(|kind| matches!(*kind, "lib" | "bin" | "proc-macro")) {
                let path = Path::new(text(target, "src_path"));
                let path = path.strip_prefix(&root).unwrap();
                crates.push(Crate::read(&root, path, text(package, "name")));
            }
        }
    }
    crates
}

/// Sets of nodes that reach each other, of two and more.
fn circles<'n>(edges: &BTreeSet<(&'n str, &'n str)>) -> BTreeSet<BTreeSet<&'n str>> {
    let nodes: BTreeSet<&str> = edges.iter().map(|(from, _)| *from).collect();
    let reach: BTreeMap<&str, BTreeSet<&str>> = nodes.iter().map(|node| (*node, reached(edges, node))).collect();
    let of = |node: &&'n str| -> BTreeSet<&'n str> {
        let others = reach[*node].iter();
        let back = |other: &&&str| reach.get(**other).is_some_and(|seen| seen.contains(*node));
        others.filter(back).copied().collect()
    };
    nodes.iter().map(of).filter(|circle| circle.len() > 1).collect()
}

/// The nodes that edges lead to from one.
fn reached<'n>(edges: &BTreeSet<(&'n str, &'n str)>, start: &'n str) -> BTreeSet<&'n str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(at) = open.pop() {
        let next = edges.range((at, "")..).take_while(|(from, _)| *from == at);
        open.extend(next.filter(|(_, to)| seen.insert(*to)).map(|(_, to)| *to));
    }
    seen
}

fn joined(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(" ")
}

/// Modules beside each other, each with all that is below it, that use each other. Neither what a module uses of those below it nor what
/// they use of it counts.
#[test]
fn no_modules_beside_each_other_lie_in_a_circle() {
    let mut message = String::new();
    for one in crates() {
        let between = one.edges.iter().filter_map(|edge| Some((edge, one.siblings(edge)?)));
        let between: Vec<(&Edge, (&str, &str))> = between.collect();
        for circle in circles(&between.iter().map(|(_, pair)| *pair).collect()) {
            message.push_str(&format!("{}: {}\n", one.name, joined(&circle)));
            let inside = between
                .iter()
                .filter(|(_, (from, to))| circle.contains(from) && circle.contains(to));
            message.extend(inside.map(|(edge, _)| format!("  {} uses `{}` of {}\n", edge.from, edge.path, edge.to)));
        }
    }
    assert!(message.is_empty(), "circles:\n{message}");
}

#[test]
fn circles_through_imports_globs_and_macros_are_seen() {
    let place = folder();
    for (path, text) in [
        ("lib.rs", "mod a; mod b; mod c; pub use b::Far; pub(crate) struct Top;"),
        // Through a re-export to what a child of `b` defines; what is used of the topmost module makes no circle.
        ("a.rs", "use crate::{Far, Top}; pub(crate) fn near(_: Far, _: Top) {}"),
        (
            "b.rs",
            "mod far; pub use far::Far; use super::c::*; fn deep() { seen(); }",
        ),
        (
            "b/far.rs",
            "use super::super::a; pub struct Far; fn call() { println!(\"{:?}\", a::near(Far)); }",
        ),
        // A cycle of a test does not count.
        (
            "c.rs",
            "pub(crate) fn seen() {} #[cfg(test)] mod tests { use crate::b::deep; }",
        ),
    ] {
        write(&place.path().join("src").join(path), text);
    }
    let one = Crate::read(place.path(), Path::new("src/lib.rs"), "x");
    let siblings: BTreeSet<(&str, &str)> = one.edges.iter().filter_map(|edge| one.siblings(edge)).collect();
    let expected = [
        ("src/a.rs", "src/b.rs"),
        ("src/b.rs", "src/a.rs"),
        ("src/b.rs", "src/c.rs"),
    ];
    assert_eq!(siblings, BTreeSet::from(expected));
    assert_eq!(
        circles(&siblings),
        BTreeSet::from([BTreeSet::from(["src/a.rs", "src/b.rs"])])
    );
}

/// A component is a file, or files that lie in a circle, where edges between a module and those below it do not count.
#[test]
fn no_component_of_files_is_larger_than_what_fits_the_head() {
    let mut large = Vec::new();
    for one in crates() {
        let edges = one.edges.iter().filter(|edge| one.siblings(edge).is_some());
        let mut components = circles(&edges.map(|edge| (edge.from.as_str(), edge.to.as_str())).collect());
        let files = one.lines.keys().map(String::as_str);
        let alone: Vec<&str> = files
            .filter(|file| !components.iter().any(|circle| circle.contains(file)))
            .collect();
        components.extend(alone.into_iter().map(|file| BTreeSet::from([file])));
        let lines = |component: &BTreeSet<&str>| -> usize { component.iter().map(|file| one.lines[*file]).sum() };
        let mut sizes: Vec<(usize, String)> = components
            .iter()
            .map(|component| (lines(component), joined(component)))
            .collect();
        sizes.sort();
        let (most, largest) = sizes.last().unwrap();
        println!(
            "{}: {} files, {} components, the largest has {most} lines: {largest}",
            one.root,
            one.lines.len(),
            sizes.len()
        );
        large.extend(sizes.into_iter().filter(|(lines, _)| *lines > MOST_LINES));
    }
    assert!(large.is_empty(), "larger than {MOST_LINES} lines: {large:#?}");
}
