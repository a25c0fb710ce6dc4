//! From the texts of a bundle to objects.

use crate::alerts;
use crate::cluster::{NO_FILE, Object};
use crate::kind::Kinds;
use crate::layout::{self, ResourcePath};
use crate::sources::{Sources, TextFile};
use gleaner_report::{Problem, ProblemKind, YamlCounts};
use gleaner_text::{LineIndex, grouped};
use gleaner_yaml::{List, Mode, Node, ParseError, ReadOptions};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How many items of one file that could not be read are named.
const NAMED: usize = 20;

/// How the reading of the objects went.
#[derive(Debug, Default)]
pub struct ParseStats {
    /// How many items there were, and how they were read.
    pub yaml: YamlCounts,
    /// Items that could not be read.
    pub bad: Vec<Problem>,
}

/// The objects of all resource files, of the kinds in the table.
pub(crate) fn parse<'t>(sources: &'t Sources, kinds: &Kinds, mode: Mode) -> (Vec<Object<'t>>, ParseStats) {
    let read: Vec<_> = sources
        .files
        .par_iter()
        .enumerate()
        .filter(|(_, file)| file.path.starts_with("yamls/"))
        .map(|(index, file)| {
            let options = ReadOptions {
                mode,
                is_cancelled: Some(&|| sources.is_cancelled()),
                ..ReadOptions::default()
            };
            let list = gleaner_yaml::read_list_with(&file.text, &sources.keys, options);
            of_file(index, file, list, kinds)
        })
        .collect();
    let (mut objects, mut all) = (Vec::new(), ParseStats::default());
    for (of_file, read) in read {
        objects.extend(of_file);
        all.yaml.items += read.yaml.items;
        all.yaml.fallback_items += read.yaml.fallback_items;
        all.yaml.bad_items += read.yaml.bad_items;
        all.bad.extend(read.bad);
    }
    objects.extend(node_archives(sources, kinds));
    let (alerts, bad) = alerts::parse(sources, kinds);
    objects.extend(alerts);
    all.bad.extend(named(layout::ALERTS, bad));
    (objects, all)
}

/// The objects of one file of the kinds in the table, and how its reading went.
fn of_file<'t>(index: usize, file: &TextFile, list: List<'t>, kinds: &Kinds) -> (Vec<Object<'t>>, ParseStats) {
    let mut yaml = YamlCounts {
        items: list.items.len(),
        fallback_items: list.fallbacks,
        bad_items: list.errors.iter().filter(|error| !error.of_file).count(),
    };
    let mut bad: Vec<Problem> = list.errors.into_iter().map(|error| problem(file, error)).collect();
    let is_list = bad.iter().all(|problem| problem.kind != ProblemKind::Unreadable);
    let number = u32::try_from(index).unwrap_or(NO_FILE);
    let mut lines = LineIndex::new(&file.text);
    let mut objects = Vec::new();
    for item in list.items {
        let (api_version, kind) = (item.root.text(&["apiVersion"]), item.root.text(&["kind"]));
        match kinds.of(api_version, kind) {
            Some(kind) => objects.push(Object::new(kind, number, item.root)),
            // Other kinds are nothing odd where the folder does not say which is in it.
            None if is_list && (kind.is_empty() || api_version.is_empty() || is_of_known_kind(&file.path, kinds)) => {
                yaml.bad_items += 1;
                let line = lines.line_of(item.offset);
                bad.push(Problem {
                    path: file.path.clone(),
                    kind: ProblemKind::BadItem,
                    what: format!("line {line}: the apiVersion and kind of an item are not those of the file"),
                });
            }
            None => {}
        }
    }
    let bad = named(&file.path, bad);
    (objects, ParseStats { yaml, bad })
}

/// The first problems of each kind, in their order, and how many more there are.
fn named(path: &str, bad: Vec<Problem>) -> Vec<Problem> {
    let mut counts: BTreeMap<ProblemKind, usize> = BTreeMap::new();
    let mut named: Vec<Problem> = Vec::new();
    for problem in bad {
        let count = counts.entry(problem.kind).or_default();
        *count += 1;
        if *count <= NAMED {
            named.push(problem);
        }
    }
    let more = counts.into_iter().filter(|(_, count)| *count > NAMED);
    named.extend(more.map(|(kind, count)| Problem {
        path: path.to_owned(),
        kind,
        what: format!(
            "{} more {} not be read",
            grouped(count - NAMED),
            if count == NAMED + 1 {
                "item could"
            } else {
                "items could"
            }
        ),
    }));
    named
}

/// Whether a file holds objects of a kind in the table, by its path.
fn is_of_known_kind(path: &str, kinds: &Kinds) -> bool {
    let resource = ResourcePath::parse(path).filter(|resource| resource.group.is_some());
    resource.is_some_and(|resource| kinds.all().any(|(_, info)| resource.holds(info)))
}

/// What is wrong with a part of a file, or with the file as a whole.
fn problem(file: &TextFile, error: ParseError) -> Problem {
    Problem {
        path: file.path.clone(),
        kind: if error.of_file {
            ProblemKind::Unreadable
        } else {
            ProblemKind::BadItem
        },
        what: format!("line {}: {}", error.line, error.what),
    }
}

/// One object for each node archive, so that rules read its files like fields.
fn node_archives<'t>(sources: &'t Sources, kinds: &Kinds) -> Vec<Object<'t>> {
    let Some(kind) = kinds.by_name("NodeArchive.gleaner.io") else {
        return Vec::new();
    };
    let mut archives: BTreeMap<&str, Vec<(Cow<'t, str>, Node<'t>)>> = BTreeMap::new();
    for node in sources.paths.iter().filter_map(|path| layout::node_of(path)) {
        archives.entry(node).or_default();
    }
    for file in &sources.files {
        if let Some((node, inner)) = layout::inside_node_archive(&file.path) {
            let text = Node::from_text(file.text.as_str());
            archives.entry(node).or_default().push((Cow::Borrowed(inner), text));
        }
    }
    archives
        .into_iter()
        .map(|(node, files)| {
            let metadata = Node::from_entries(vec![(Cow::Borrowed("name"), Node::from_text(node))]);
            let root = Node::from_entries(vec![
                (Cow::Borrowed("apiVersion"), Node::from_text("gleaner.io/v1")),
                (Cow::Borrowed("kind"), Node::from_text("NodeArchive")),
                (Cow::Borrowed("metadata"), metadata),
                (Cow::Borrowed("files"), Node::from_entries(files)),
            ]);
            Object::new(kind, NO_FILE, root)
        })
        .collect()
}
