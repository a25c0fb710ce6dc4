//! What holds in every report: quotes stand where they say, sections agree with each other, and causes come before their symptoms.

use crate::samples::{SAMPLES, root};
use gleaner::analyze::{Options, report, snapshot};
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::{Sources, ingest};
use gleaner_report::{Cause, Evidence, Finding, Harm, ObjectRef, Report, from_json, to_json};
use gleaner_rules::Catalog;
use gleaner_text::parse_time;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Clocks may be apart by so many seconds.
const SKEW: i64 = 120;

/// The bundles of the repository, with the version that each is asked about.
fn bundles() -> Vec<(PathBuf, Option<String>)> {
    let samples = SAMPLES.iter().map(|(name, target)| {
        let path = root(&format!("sample-bundles/{name}/bundle"));
        (path, target.map(str::to_owned))
    });
    let mut bundles: Vec<_> = samples.collect();
    for folder in ["tests/fixtures/oracle", "tests/fixtures/defaults"] {
        for entry in walkdir::WalkDir::new(root(folder)).sort_by_file_name() {
            let path = entry.unwrap().into_path();
            if path.extension().is_some_and(|ending| ending == "zip") {
                bundles.push((path, None));
            }
        }
    }
    bundles
}

/// What is wrong in the report of a bundle, a line each.
pub(crate) fn complaints(catalog: &Catalog, path: &Path, target: Option<String>) -> Vec<String> {
    let bundle = Bundle::open(&[path.to_owned()], Limits::default()).unwrap();
    let options = Options {
        target,
        ..Options::default()
    };
    let sources = ingest(
        &bundle,
        &catalog.kinds,
        catalog.wanted(),
        catalog.signatures(),
        &|_, _| {},
    )
    .unwrap();
    let snapshot = snapshot(&sources, bundle.name(), catalog, &options);
    let report = report(&snapshot, bundle.inputs(), catalog, &options);
    let mut wrong = quotes(&report, &sources);
    wrong.extend(order(&report));
    wrong.extend(agreement(&report));
    if from_json(&to_json(&report).unwrap()).ok().as_ref() != Some(&report) {
        wrong.push("its JSON reads back as another report".to_owned());
    }
    let name = path.strip_prefix(root("")).unwrap_or(path).display().to_string();
    wrong.into_iter().map(|what| format!("{name}: {what}")).collect()
}

/// Each quote is of a line that holds the field's key or its value, and a finding has five at most.
fn quotes(report: &Report, sources: &Sources) -> Vec<String> {
    let texts: BTreeMap<&str, &str> = sources
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let mut wrong = Vec::new();
    for finding in &report.findings {
        if finding.evidence.len() > 5 {
            wrong.push(format!("{} has {} quotes", finding.rule, finding.evidence.len()));
        }
        for quote in finding.evidence.iter().filter(|quote| quote.object.is_some()) {
            let line = texts.get(quote.path.as_str()).and_then(|text| {
                let number = usize::try_from(quote.line).ok()?.checked_sub(1)?;
                text.lines().nth(number)
            });
            if !line.is_some_and(|line| says(line, quote)) {
                let place = format!("{}:{}", quote.path, quote.line);
                wrong.push(format!(
                    "{}: {place} does not say {}: {line:?}",
                    finding.rule, quote.field
                ));
            }
        }
    }
    wrong
}

fn says(line: &str, quote: &Evidence) -> bool {
    let key = quote
        .field
        .rsplit(['.', ']', '"'])
        .find(|part| !part.is_empty())
        .unwrap_or(&quote.field);
    let key = key.split('[').next().unwrap_or(key).trim_matches(['"', '{', '}']);
    let value: String = quote.value.chars().take(20).collect();
    line.contains(&format!("{key}:"))
        || line.contains(&format!("{key}\":"))
        || (!value.is_empty() && line.contains(value.trim_end_matches('…')))
}

/// Findings and causes are in their order, each finding is in the tree once, and no symptom begins before its cause.
fn order(report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let by_id: BTreeMap<&str, &Finding> = report.findings.iter().map(|found| (found.id.as_str(), found)).collect();
    let key = |finding: &Finding| (finding.harm, usize::MAX - finding.impact.down.len());
    if !report.findings.is_sorted_by(|a, b| key(a) <= key(b)) {
        wrong.push("the findings are not in their order".to_owned());
    }
    if !report.causes.is_sorted_by(|a, b| a.harm <= b.harm) {
        wrong.push("the causes are not in their order".to_owned());
    }
    let mut seen = BTreeSet::new();
    let mut open: Vec<(&Cause, Option<&Finding>)> = report.causes.iter().map(|cause| (cause, None)).collect();
    while let Some((cause, above)) = open.pop() {
        let finding = by_id[cause.finding.as_str()];
        if !seen.insert(&finding.id) {
            wrong.push(format!("{} is in the tree twice", finding.rule));
        }
        if let Some(above) = above
            && finding.harm == Harm::DataLoss
            && above.harm != Harm::DataLoss
        {
            wrong.push(format!("lost data of {} is below {}", finding.rule, above.rule));
        }
        open.extend(cause.symptoms.iter().map(|below| (below, Some(finding))));
    }
    if seen.len() != report.findings.len() {
        wrong.push(format!(
            "{} of {} findings are in the tree",
            seen.len(),
            report.findings.len()
        ));
    }
    let time = |finding: &Finding| finding.since.as_deref().and_then(parse_time);
    for symptom in &report.findings {
        for cause in symptom.explained_by.iter().filter_map(|id| by_id.get(id.as_str())) {
            if let (Some(began), Some(before)) = (time(symptom), time(cause))
                && began + SKEW < before
            {
                wrong.push(format!("{} began before its cause {}", symptom.rule, cause.rule));
            }
        }
    }
    wrong
}

/// Findings, inventory and diagnosis say the same of the same VMs and volumes.
fn agreement(report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let down: BTreeSet<&ObjectRef> = report.diagnosis.down.iter().map(|vm| &vm.vm).collect();
    let now = parse_time(&report.bundle.created_at).unwrap_or(i64::MAX);
    for finding in &report.findings {
        if let Some(vm) = finding.impact.down.iter().find(|vm| !down.contains(vm)) {
            wrong.push(format!(
                "{} says that {} is down, the diagnosis does not",
                finding.rule, vm.name
            ));
        }
        if let Some(vm) = finding.impact.at_risk.iter().find(|vm| down.contains(vm)) {
            wrong.push(format!(
                "{} says that {} is at risk, and it is down",
                finding.rule, vm.name
            ));
        }
        if finding
            .since
            .as_deref()
            .and_then(parse_time)
            .is_some_and(|since| since > now.saturating_add(SKEW))
        {
            wrong.push(format!("{} began after the collection", finding.rule));
        }
    }
    let on_dead = |label: &str| label.ends_with("on a node that is not Ready");
    let counted: u64 = report
        .cluster
        .virtual_machines
        .iter()
        .filter(|count| on_dead(&count.label))
        .map(|count| count.count)
        .sum();
    // A VM there may have been down for another reason before.
    let told = report.diagnosis.down.len();
    if counted > told as u64 {
        wrong.push(format!(
            "the inventory counts {counted} VMs on nodes that are not Ready, the diagnosis {told} that are down"
        ));
    }
    let dead: BTreeSet<&str> = report
        .cluster
        .nodes
        .iter()
        .filter(|node| matches!(node.ready.as_str(), "NotReady" | "Unknown"))
        .map(|node| node.name.as_str())
        .collect();
    for volume in &report.cluster.volume_list {
        let healthy = volume.replicas.iter().filter(|replica| replica.state == "healthy");
        if let Some(replica) = healthy.into_iter().find(|replica| dead.contains(replica.node.as_str())) {
            wrong.push(format!(
                "replica {} is healthy on {}, which is not Ready",
                replica.name, replica.node
            ));
        }
    }
    wrong
}

#[test]
fn every_report_agrees_with_itself_and_with_the_bundle() {
    let catalog = Catalog::load(None).unwrap();
    let bundles = bundles();
    assert!(bundles.len() > 60, "{} bundles", bundles.len());
    let wrong: Vec<String> = bundles
        .par_iter()
        .flat_map_iter(|(path, target)| complaints(&catalog, path, target.clone()))
        .collect();
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn the_reports_of_real_bundles_agree_with_themselves() {
    let catalog = Catalog::load(None).unwrap();
    let real = "supportbundle_9b6b22de-6e5d-4905-aec8-1f226e413986_2022-03-22T23-49-32Z.zip";
    let names = ["real-format-bundle.zip", "real-format-quirks.zip", real];
    let paths = names.map(|name| crate::shared::shared(&format!("bundles/{name}")));
    let wrong: Vec<String> = paths.iter().flat_map(|path| complaints(&catalog, path, None)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
