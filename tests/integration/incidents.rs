//! Incidents: what happened to a cluster, as a recipe, and what Gleaner must say of it, as data. `tests/incidents/README.md` says how
//! one is written.

#![expect(clippy::disallowed_methods, reason = "tests make and look at files")]

use crate::consistency::complaints;
use crate::make_bundle::grow;
use crate::make_bundle::recipe::{self, Recipe};
use crate::make_bundle::template::Template;
use crate::samples::root;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_report::{Cause, Finding, ObjectRef, Report};
use gleaner_rules::Catalog;
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What must be said of an incident.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// What happened, for readers.
    #[expect(dead_code, reason = "for readers")]
    story: String,
    /// The version to upgrade to.
    #[serde(default)]
    target: Option<String>,
    /// The first causes, in their order.
    causes: Vec<ExpectedCause>,
    /// Harms of which no other root cause may be.
    #[serde(default)]
    no_other: Vec<String>,
    /// When the trouble began, RFC 3339; `unknown` where the report must not say.
    first_bad: String,
    /// The VMs that are down, as `namespace/name`: all of them.
    down: Vec<String>,
    /// VMs at risk: all of them.
    #[serde(default)]
    at_risk: Option<Vec<String>>,
    /// Rules that must not be among the findings.
    #[serde(default)]
    not_found: Vec<String>,
    /// Pairs of rules of which the second must not be below the first.
    #[serde(default)]
    not_below: Vec<(String, String)>,
    /// Words that the diagnosis must hold.
    #[serde(default)]
    says: Vec<String>,
    /// Words that stand nowhere in findings and diagnosis.
    #[serde(default)]
    never: Vec<String>,
}

/// A cause in the tree.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedCause {
    rule: String,
    /// Its objects by name: all of them.
    #[serde(default)]
    objects: Option<Vec<String>>,
    harm: String,
    /// RFC 3339, or `unknown`.
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    down: Option<usize>,
    #[serde(default)]
    at_risk: Option<usize>,
    /// Rules somewhere below it: at least these.
    #[serde(default)]
    symptoms: Vec<String>,
}

fn folders() -> Vec<PathBuf> {
    let folder = std::env::var("INCIDENTS").map_or_else(|_| root("tests/incidents"), PathBuf::from);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Makes the bundle of an incident, as a folder.
pub(crate) fn bake(incident: &Path, catalog: &Catalog, to: &Path) {
    let text = std::fs::read_to_string(incident.join("recipe.yaml")).unwrap();
    let recipe: Recipe = serde_yaml::from_str(&text).unwrap();
    let mut tree = Template::read(&root("sample-bundles/healthy/bundle")).unwrap();
    let hosts = grow::nodes(&mut tree, recipe.nodes).unwrap();
    grow::machines(&mut tree, &hosts, recipe.vms, 1).unwrap();
    recipe::apply(&mut tree, &recipe, &catalog.kinds).unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = to.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    tree.files
        .iter()
        .for_each(|(path, file)| write(path, file.text().as_bytes()));
    tree.others.iter().for_each(|(path, bytes)| write(path, bytes));
}

/// The report of an incident, and what is wrong in it whatever happened.
fn report(incident: &Path, expected: &Expected, catalog: &Catalog) -> (Report, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    bake(incident, catalog, &path);
    let bundle = Bundle::open(std::slice::from_ref(&path), Limits::default()).unwrap();
    let options = Options {
        target: expected.target.clone(),
        ..Options::default()
    };
    let report = analyze(&bundle, catalog, &options, &|_, _| {}).unwrap();
    (report, complaints(catalog, &path, expected.target.clone()))
}

fn name(object: &ObjectRef) -> String {
    match object.namespace.as_str() {
        "" => object.name.clone(),
        namespace => format!("{namespace}/{}", object.name),
    }
}

/// A report and its findings by id.
struct Told<'r> {
    report: &'r Report,
    by_id: BTreeMap<&'r str, &'r Finding>,
}

impl Told<'_> {
    fn finding(&self, cause: &Cause) -> &Finding {
        self.by_id[cause.finding.as_str()]
    }

    /// The rules below a cause.
    fn below(&self, cause: &Cause) -> Vec<&str> {
        let mut rules = Vec::new();
        for symptom in &cause.symptoms {
            rules.push(self.finding(symptom).rule.as_str());
            rules.extend(self.below(symptom));
        }
        rules
    }

    /// The tree, for messages.
    fn drawn(&self) -> String {
        let mut out = format!(
            "first bad {:?}; {}\n",
            self.report.diagnosis.first_bad, self.report.diagnosis.sentence
        );
        let mut open: Vec<(usize, &Cause)> = self.report.causes.iter().rev().map(|cause| (0, cause)).collect();
        while let Some((depth, cause)) = open.pop() {
            let finding = self.finding(cause);
            out.push_str(&format!(
                "{}{} [{}] since {} down {} risk {}: {}{}\n",
                "  ".repeat(depth + 1),
                finding.rule,
                cause.harm.as_str(),
                finding.since.as_deref().unwrap_or("unknown"),
                cause.vms_down,
                cause.vms_at_risk,
                finding.message,
                finding
                    .stands_alone
                    .iter()
                    .map(|why| format!(" | alone: {why}"))
                    .collect::<String>()
            ));
            open.extend(cause.symptoms.iter().rev().map(|symptom| (depth + 1, symptom)));
        }
        out
    }

    fn differences(&self, expected: &Expected) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut same = |what: String, wanted: &str, got: &str| {
            if wanted != got {
                wrong.push(format!("{what}: expected {wanted}, got {got}"));
            }
        };
        for (index, wanted) in expected.causes.iter().enumerate() {
            let Some(cause) = self.report.causes.get(index) else {
                same(format!("cause {index}"), &wanted.rule, "none");
                continue;
            };
            let finding = self.finding(cause);
            let what = |field: &str| format!("cause {index} ({}), {field}", wanted.rule);
            same(what("rule"), &wanted.rule, &finding.rule);
            same(what("harm"), &wanted.harm, cause.harm.as_str());
            if let Some(objects) = &wanted.objects {
                let got: Vec<String> = finding.objects.iter().map(|object| object.name.clone()).collect();
                same(what("objects"), &objects.join(", "), &got.join(", "));
            }
            if let Some(since) = &wanted.since {
                same(what("since"), since, finding.since.as_deref().unwrap_or("unknown"));
            }
            for (field, wanted, got) in [
                ("down", wanted.down, cause.vms_down),
                ("at risk", wanted.at_risk, cause.vms_at_risk),
            ] {
                if let Some(wanted) = wanted {
                    same(what(field), &wanted.to_string(), &got.to_string());
                }
            }
            let below = self.below(cause);
            for symptom in wanted
                .symptoms
                .iter()
                .filter(|symptom| !below.contains(&symptom.as_str()))
            {
                same(what("symptoms"), symptom, "not below it");
            }
        }
        let others = self.report.causes.iter().skip(expected.causes.len());
        for other in others.filter(|other| expected.no_other.iter().any(|harm| harm == other.harm.as_str())) {
            same("other causes".to_owned(), "none", &self.finding(other).rule);
        }
        let diagnosis = &self.report.diagnosis;
        same(
            "first bad".to_owned(),
            &expected.first_bad,
            diagnosis.first_bad.as_deref().unwrap_or("unknown"),
        );
        let names =
            |vms: &[gleaner_report::AffectedVm]| vms.iter().map(|vm| name(&vm.vm)).collect::<Vec<_>>().join(", ");
        same(
            "VMs down".to_owned(),
            &expected.down.join(", "),
            &names(&diagnosis.down),
        );
        if let Some(at_risk) = &expected.at_risk {
            same(
                "VMs at risk".to_owned(),
                &at_risk.join(", "),
                &names(&diagnosis.at_risk),
            );
        }
        for finding in &self.report.findings {
            if expected.not_found.contains(&finding.rule) {
                same("findings".to_owned(), &format!("no {}", finding.rule), &finding.message);
            }
        }
        let mut open: Vec<&Cause> = self.report.causes.iter().collect();
        while let Some(cause) = open.pop() {
            let below = self.below(cause);
            for (above, symptom) in &expected.not_below {
                if self.finding(cause).rule == *above && below.contains(&symptom.as_str()) {
                    same("tree".to_owned(), &format!("{symptom} not below {above}"), "below it");
                }
            }
            open.extend(&cause.symptoms);
        }
        let texts: Vec<&str> = self
            .report
            .findings
            .iter()
            .flat_map(|finding| [finding.message.as_str(), &finding.impact.text])
            .collect();
        for words in &expected.says {
            if !diagnosis.sentence.contains(words.as_str()) {
                same("the diagnosis says".to_owned(), words, &diagnosis.sentence);
            }
        }
        for words in &expected.never {
            if let Some(text) = texts
                .iter()
                .chain([&diagnosis.sentence.as_str()])
                .find(|text| text.contains(words.as_str()))
            {
                same("never said".to_owned(), words, text);
            }
        }
        wrong
    }
}

#[test]
fn every_incident_is_diagnosed_as_an_expert_would() {
    // For those who write an incident and its rules together.
    let rules = std::env::var("INCIDENT_RULES").ok();
    let catalog = Catalog::load(rules.as_deref().map(Path::new)).unwrap();
    let only = std::env::var("INCIDENT").ok();
    let folders = folders().into_iter().filter(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy();
        only.as_deref().is_none_or(|only| name.contains(only))
    });
    let folders: Vec<PathBuf> = folders.collect();
    assert!(only.is_some() || folders.len() >= 24, "{} incidents", folders.len());
    let wrong: Vec<String> = folders
        .par_iter()
        .flat_map_iter(|folder| {
            let text = std::fs::read_to_string(folder.join("expected.yaml")).unwrap();
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let expected: Expected = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let (report, complaints) = report(folder, &expected, &catalog);
            let by_id = report
                .findings
                .iter()
                .map(|finding| (finding.id.as_str(), finding))
                .collect();
            let told = Told { report: &report, by_id };
            let mut wrong = told.differences(&expected);
            wrong.extend(complaints);
            let drawn = if wrong.is_empty() { None } else { Some(told.drawn()) };
            let lines = wrong.into_iter().chain(drawn).map(|line| format!("{name}: {line}"));
            lines.collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
