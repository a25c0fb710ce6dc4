//! The pipeline: from a bundle's bytes to the report, in one screen.

use crate::problems;
use gleaner_bundle::{Bundle, ReadError};
use gleaner_cluster::{ObjectPattern, Snapshot, Sources, ingest};
use gleaner_insight::{Asked, alerts, cause_tree, diagnosis, hosts, inventory, timeline};
use gleaner_report::{BundleInfo, Coverage, Input, Report, RuleOutcome, SCHEMA, Tool};
use gleaner_rules::count_outcomes;
use gleaner_rules::{Catalog, Context, evaluate};
use gleaner_text::{format_time, parse_time};
use gleaner_yaml::Mode;
use std::collections::BTreeSet;

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
    let sources = ingest(bundle, &catalog.kinds, catalog.wanted(), catalog.signatures(), progress)?;
    let snapshot = snapshot(&sources, bundle.name(), catalog, options);
    let report = report(&snapshot, bundle.inputs(), catalog, options);
    if sources.is_cancelled() {
        return Err(ReadError::Cancelled);
    }
    Ok(report)
}

/// The cluster in what was read of the bundle with this name.
pub fn snapshot<'s>(sources: &'s Sources, name: &str, catalog: &'s Catalog, options: &Options) -> Snapshot<'s> {
    let mode = if options.full_yaml { Mode::Full } else { Mode::Dialect };
    catalog.snapshot(sources, name, mode)
}

/// Evaluates the rules over the cluster of a bundle, and puts the report together. `inputs` are the files of the bundle.
pub fn report(
    snapshot: &Snapshot<'_>,
    inputs: &[gleaner_bundle::Input],
    catalog: &Catalog,
    options: &Options,
) -> Report {
    let context = Context::new(catalog, snapshot, options.target.as_deref());
    let mut evaluation = evaluate(&context, options.webhook_version.as_deref());
    let asked = options.object.as_ref().map(|pattern| Asked::ask(snapshot, pattern));
    let vms = asked.as_ref().map(|asked| asked.vms.clone()).unwrap_or_default();
    let focus = asked.map(|asked| asked.sort(&mut evaluation.findings));
    let causes = cause_tree(&evaluation.findings);
    let diagnosis = diagnosis(snapshot, &evaluation.findings, &causes);
    let first_bad = diagnosis.first_bad.as_deref().and_then(parse_time);
    let (timeline, cluster) = rayon::join(
        || timeline(&context, first_bad, options.whole_timeline),
        || inventory(snapshot, &evaluation.findings, &vms),
    );
    Report {
        diagnosis,
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: "gleaner".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: catalog.rules.len(),
        },
        bundle: bundle_info(snapshot, inputs),
        cluster,
        alerts: alerts(snapshot),
        coverage: coverage(&context, &evaluation.outcomes),
        upgrade: evaluation.upgrade,
        causes,
        findings: evaluation.findings,
        rules: evaluation.outcomes,
        official_checks: evaluation.official,
        suppressed: Vec::new(),
        selection: None,
        focus,
        timeline: timeline.moments,
        timeline_cut: timeline.cut,
    }
}

fn bundle_info(snapshot: &Snapshot<'_>, inputs: &[gleaner_bundle::Input]) -> BundleInfo {
    let name = snapshot.name.as_str();
    let (facts, metadata) = (&snapshot.facts, snapshot.metadata.clone());
    // The bundle itself knows better than the name a user gave its folder.
    let own = !name.starts_with("supportbundle") && !metadata.name.is_empty();
    let name = if own { metadata.name } else { name.to_owned() };
    BundleInfo {
        name,
        inputs: inputs.iter().map(input).collect(),
        created_at: facts.now.map(format_time).unwrap_or_default(),
        created_at_source: facts.now_source.clone(),
        kubernetes_version: metadata.kubernetes,
        issue_url: metadata.issue_url,
        issue_description: metadata.issue_description,
    }
}

fn input(input: &gleaner_bundle::Input) -> Input {
    Input {
        name: input.name.clone(),
        size: input.size,
        sha256: input.sha256.clone(),
    }
}

fn coverage(context: &Context<'_>, outcomes: &[RuleOutcome]) -> Coverage {
    let (snapshot, catalog) = (context.snapshot, context.catalog);
    let (sources, parsed) = (snapshot.sources, &snapshot.parsed);
    let (cluster, availability) = (&snapshot.cluster, &snapshot.availability);
    let mut problems = [sources.problems.as_slice(), &parsed.bad].concat();
    problems.extend(context.left_out());
    let wanted = catalog.wanted();
    let missing: BTreeSet<String> = wanted
        .iter()
        .filter(|kind| cluster.all(**kind).is_empty() && catalog.kinds.info(**kind).always)
        .map(|kind| catalog.kinds.info(*kind).name.clone())
        .collect();
    Coverage {
        files: sources.paths.len(),
        bytes: sources.bytes,
        objects: cluster.len(),
        yaml: parsed.yaml,
        problems: problems::named(problems, &snapshot.name),
        missing: missing.into_iter().collect(),
        namespaces: snapshot.facts.namespaces.iter().cloned().collect(),
        namespaces_missing: availability.namespaces_missing.iter().cloned().collect(),
        nodes_without_archive: snapshot.nodes_without_archive(),
        hosts: hosts(snapshot),
        collection_errors: availability.collection_errors.clone(),
        harmless_collection_errors: availability.harmless_errors,
        outcomes: count_outcomes(outcomes),
    }
}
