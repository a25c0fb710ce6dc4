//! The pipeline: from a bundle's bytes to the report, in one screen.

mod drain;
mod focus;
mod summary;
mod timeline;

use crate::engine::{self, Evaluation, World};
use crate::model::cluster::{Cluster, Object, TextFile};
use crate::model::coverage::{self, Availability};
use crate::model::facts::{Facts, Metadata};
use crate::model::kind::Kinds;
use crate::model::layout;
use crate::model::load::{self, Sources};
use crate::rule::catalog::Catalog;
use crate::select::ObjectPattern;
use gleaner_bundle::{Bundle, ReadError};
use gleaner_report::{
    BundleInfo, Count, Coverage, Input, Problem, ProblemKind, Report, RuleOutcome, SCHEMA, Tool, YamlCounts,
};
use gleaner_yaml::{Items, Mode};
use gleaner_yaml::{Node, Value};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What the user chose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The version to upgrade to.
    pub target: Option<String>,
    /// The version whose webhook is asked, or `newest`; by default that of the running version.
    pub webhook_version: Option<String>,
    /// Keep every moment of the timeline, however old and many.
    pub whole_timeline: bool,
    /// Read all YAML with the full parser.
    pub full_yaml: bool,
    /// What the report is about: findings that touch it come first, and its chain is drawn.
    pub object: Option<ObjectPattern>,
    /// The process ends after this report: giving the memory of all objects back would only take time.
    pub keep_memory: bool,
}

/// Reads a bundle and says what is wrong in it.
///
/// # Errors
/// When the bundle cannot be read any further as a whole, or the run was cancelled.
pub fn analyze(
    bundle: &Bundle,
    catalog: &Catalog,
    options: &Options,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, ReadError> {
    let sources = load::read(bundle, &catalog.kinds, catalog.wanted(), catalog.signatures(), progress)?;
    let report = report(&sources, bundle.name(), bundle.inputs(), catalog, options);
    if sources.is_cancelled() {
        return Err(ReadError::Cancelled);
    }
    Ok(report)
}

fn input(input: &gleaner_bundle::Input) -> Input {
    Input {
        name: input.name.clone(),
        size: input.size,
        sha256: input.sha256.clone(),
    }
}

/// Evaluates the rules over what was read.
pub fn report(
    sources: &Sources,
    name: &str,
    inputs: &[gleaner_bundle::Input],
    catalog: &Catalog,
    options: &Options,
) -> Report {
    let metadata = Metadata::read(sources);
    let (world, read) = world(sources, name, catalog, options.target.as_deref(), options.full_yaml);
    let mut evaluation = engine::evaluate(&world, options.webhook_version.as_deref());
    let asked = options.object.as_ref();
    let asked = asked.map(|pattern| focus::ask(&world, pattern, |ns, name| summary::chain(&world, ns, name)));
    let machines = asked.as_ref().map(|asked| asked.machines.clone()).unwrap_or_default();
    let focus = asked.map(|asked| asked.sort(&mut evaluation.findings));
    let (timeline, cluster) = rayon::join(
        || timeline::read(&world, options.whole_timeline),
        || summary::cluster(&world, &evaluation.findings, &machines),
    );
    let report = Report {
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: "gleaner".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: catalog.rules.len(),
        },
        bundle: bundle_info(&world.facts, metadata, name, inputs),
        cluster,
        coverage: coverage(&world, sources, &read, &evaluation),
        upgrade: evaluation.upgrade,
        findings: evaluation.findings,
        rules: evaluation.outcomes,
        official_checks: evaluation.official,
        suppressed: Vec::new(),
        selection: None,
        focus,
        timeline: timeline.moments,
        timeline_cut: timeline.cut,
    };
    if options.keep_memory {
        std::mem::forget((world, read));
    }
    report
}

/// Builds the world that rules are evaluated over from what was read, and says how the reading went.
pub(crate) fn world<'w>(
    sources: &'w Sources,
    name: &str,
    catalog: &'w Catalog,
    target: Option<&str>,
    full_yaml: bool,
) -> (World<'w>, Read) {
    let mode = if full_yaml { Mode::Full } else { Mode::Dialect };
    let (objects, read) = objects(sources, &catalog.kinds, mode);
    let cluster = Cluster::new(&catalog.kinds, &sources.files, objects);
    let metadata = Metadata::read(sources);
    let facts = Facts::read(&cluster, sources, &metadata, name, catalog.matrix.clone());
    let availability = Availability::read(&cluster, sources, &facts, &read.bad, &catalog.wanted());
    let world = World::new(catalog, cluster, facts, availability, sources, target);
    (world, read)
}

/// Builds the world from what was read, without evaluating any rule: benchmarks evaluate them one by one.
pub fn over_world<'w>(sources: &'w Sources, catalog: &'w Catalog) -> World<'w> {
    world(sources, "", catalog, None, false).0
}

/// How the reading of the objects went.
#[derive(Debug, Default)]
pub(crate) struct Read {
    yaml: YamlCounts,
    /// Items that nobody could read.
    pub(crate) bad: Vec<Problem>,
}

/// The objects of all resource files, of the kinds in the table.
fn objects<'t>(sources: &'t Sources, kinds: &Kinds, mode: Mode) -> (Vec<Object<'t>>, Read) {
    let read: Vec<_> = sources
        .files
        .par_iter()
        .enumerate()
        .filter(|(_, file)| file.path.starts_with("yamls/"))
        .map(|(index, file)| {
            let items = gleaner_yaml::read_list_until(&file.text, mode, &|| sources.is_cancelled());
            of_file(index, file, items, kinds)
        })
        .collect();
    let (mut objects, mut all) = (Vec::new(), Read::default());
    for (of_file, read) in read {
        objects.extend(of_file);
        all.yaml.items += read.yaml.items;
        all.yaml.fallback_items += read.yaml.fallback_items;
        all.yaml.bad_items += read.yaml.bad_items;
        all.bad.extend(read.bad);
    }
    objects.extend(node_archives(sources, kinds));
    (objects, all)
}

/// The objects of one file of the kinds in the table, and how its reading went.
fn of_file<'t>(index: usize, file: &TextFile, items: Items<'t>, kinds: &Kinds) -> (Vec<Object<'t>>, Read) {
    let bad = items.bad.into_iter().map(|bad| Problem {
        path: file.path.clone(),
        kind: ProblemKind::BadItem,
        what: format!("line {}: {}", bad.line, bad.what),
    });
    let bad: Vec<Problem> = bad.collect();
    let yaml = YamlCounts {
        items: items.items.len(),
        fallback_items: items.fallback,
        bad_items: bad.len(),
    };
    let file = u32::try_from(index).unwrap_or(u32::MAX);
    let objects = items.items.into_iter().filter_map(|item| {
        let kind = kinds.of(item.root.text(&["apiVersion"]), item.root.text(&["kind"]))?;
        Some(Object::new(kind, file, item.root))
    });
    (objects.collect(), Read { yaml, bad })
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
            let text = Node::new(0, Value::Str(Cow::Borrowed(&file.text)));
            archives.entry(node).or_default().push((Cow::Borrowed(inner), text));
        }
    }
    let text = |text: &'t str| Node::new(0, Value::Str(Cow::Borrowed(text)));
    let map = |entries: Vec<(Cow<'t, str>, Node<'t>)>| Node::new(0, Value::Map(entries.into()));
    archives
        .into_iter()
        .map(|(node, files)| {
            let metadata = map(vec![(Cow::Borrowed("name"), text(node))]);
            let root = map(vec![
                (Cow::Borrowed("apiVersion"), text("gleaner.io/v1")),
                (Cow::Borrowed("kind"), text("NodeArchive")),
                (Cow::Borrowed("metadata"), metadata),
                (Cow::Borrowed("files"), map(files)),
            ]);
            Object::new(kind, u32::MAX, root)
        })
        .collect()
}

fn bundle_info(facts: &Facts, metadata: Metadata, name: &str, inputs: &[gleaner_bundle::Input]) -> BundleInfo {
    // A folder that a user named tells less than the bundle itself.
    let own = !name.starts_with("supportbundle") && !metadata.name.is_empty();
    let name = if own { metadata.name } else { name.to_owned() };
    BundleInfo {
        name,
        inputs: inputs.iter().map(input).collect(),
        created_at: facts.now.map(gleaner_text::format_time).unwrap_or_default(),
        created_at_source: facts.now_source.clone(),
        kubernetes_version: metadata.kubernetes,
        issue_url: metadata.issue_url,
        issue_description: metadata.issue_description,
    }
}

fn coverage(world: &World<'_>, sources: &Sources, read: &Read, evaluation: &Evaluation) -> Coverage {
    let mut problems = [sources.problems.as_slice(), &read.bad].concat();
    problems.sort();
    let wanted = world.catalog.wanted();
    let missing: BTreeSet<String> = wanted
        .iter()
        .filter(|kind| world.cluster.all(**kind).is_empty() && world.catalog.kinds.info(**kind).always)
        .map(|kind| world.catalog.kinds.info(*kind).name.clone())
        .collect();
    Coverage {
        files: sources.paths.len(),
        bytes: sources.bytes,
        objects: world.cluster.len(),
        yaml: read.yaml,
        problems,
        missing: missing.into_iter().collect(),
        namespaces: world.facts.namespaces.iter().cloned().collect(),
        namespaces_missing: world.availability.namespaces_missing.iter().cloned().collect(),
        nodes_without_archive: coverage::nodes_without_archive(&world.cluster, &world.facts),
        collection_errors: world.availability.collection_errors.clone(),
        harmless_collection_errors: world.availability.harmless_errors,
        outcomes: outcomes(&evaluation.outcomes),
    }
}

/// How many rules ended in each outcome.
pub(crate) fn outcomes(rules: &[RuleOutcome]) -> Vec<Count> {
    summary::outcome_counts(rules)
}
