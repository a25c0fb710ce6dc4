//! The cases of rules: small bundles, read like any other, with the outcome and all findings that a rule must have on them.

use super::Rule;
use super::catalog::Catalog;
use super::schema::{CaseFile, CaseSpec, ExpectedFinding};
use crate::evaluate::{Context, evaluate_rule};
use gleaner_cluster::{Sources, TextFile, layout};
use gleaner_logs::Scanner;
use gleaner_report::RuleOutcome;
use gleaner_report::{Finding, Harm, ObjectRef};
use gleaner_yaml::Mode;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod positive;

/// A case that failed or could not be run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    /// The rule.
    pub rule: String,
    /// The case's name; empty where the file itself is broken.
    pub case: String,
    /// The differences between what was expected and what came, a line each.
    pub what: Vec<String>,
}

/// How many cases ran, and which failed.
#[derive(Debug, Clone, Default)]
pub struct CaseReport {
    /// Cases that ran.
    pub run: usize,
    /// Those that failed, by rule and name.
    pub wrong: Vec<Wrong>,
}

/// When the bundle of a case was made, unless the case sets `now`.
const NOW: &str = "2025-06-12T08:30:00Z";

/// Runs all cases of all rules of a catalogue. A rule without cases fails.
pub fn test(catalog: &Catalog) -> CaseReport {
    let fixtures: Result<BTreeMap<String, Vec<Value>>, String> = catalog.files.get("fixtures.yaml").map_or_else(
        || Ok(BTreeMap::new()),
        |text| text.read().map_err(|error| error.to_string()),
    );
    let fixtures = match fixtures {
        Ok(fixtures) => fixtures,
        Err(what) => {
            let wrong = Wrong {
                rule: "fixtures.yaml".to_owned(),
                case: String::new(),
                what: vec![what],
            };
            return CaseReport {
                run: 0,
                wrong: vec![wrong],
            };
        }
    };
    let reports: Vec<CaseReport> = catalog
        .rules
        .par_iter()
        .map(|rule| rule_cases(catalog, rule, &fixtures))
        .collect();
    let mut all = CaseReport::default();
    for report in reports {
        all.run += report.run;
        all.wrong.extend(report.wrong);
    }
    all.wrong.sort();
    all
}

fn rule_cases(catalog: &Catalog, rule: &Rule, fixtures: &BTreeMap<String, Vec<Value>>) -> CaseReport {
    let broken = |what: String| {
        let wrong = Wrong {
            rule: rule.id().to_owned(),
            case: String::new(),
            what: vec![what],
        };
        CaseReport {
            run: 0,
            wrong: vec![wrong],
        }
    };
    let Some((path, text)) = catalog.cases(rule) else {
        return broken("the rule has no cases.yaml".to_owned());
    };
    let file: CaseFile = match serde_yaml::from_str(text) {
        Ok(file) => file,
        Err(error) => return broken(format!("{path}: {error}")),
    };
    let mut report = CaseReport {
        run: file.cases.len(),
        wrong: Vec::new(),
    };
    for case in &file.cases {
        let what = match objects(case, &file, fixtures) {
            Ok(objects) => run(catalog, rule, case, objects),
            Err(what) => vec![what],
        };
        if !what.is_empty() {
            report.wrong.push(Wrong {
                rule: rule.id().to_owned(),
                case: case.name.clone(),
                what,
            });
        }
    }
    report
}

/// The objects of a case: those of its fixtures and its own.
fn objects(case: &CaseSpec, file: &CaseFile, fixtures: &BTreeMap<String, Vec<Value>>) -> Result<Vec<Value>, String> {
    let mut objects = Vec::new();
    for name in &case.fixtures {
        let fixture = file.fixtures.get(name).or_else(|| fixtures.get(name));
        let fixture = fixture.ok_or_else(|| format!("no fixture is named `{name}`"))?;
        objects.extend(fixture.iter().cloned());
    }
    objects.extend(case.objects.iter().cloned());
    if let Some(version) = &case.running {
        objects.push(setting("harvesterhci.io/v1beta1", "", "server-version", version));
    }
    if let Some(version) = &case.longhorn {
        let namespace = "longhorn-system";
        objects.push(setting(
            "longhorn.io/v1beta2",
            namespace,
            "current-longhorn-version",
            version,
        ));
    }
    Ok(objects)
}

fn run(catalog: &Catalog, rule: &Rule, case: &CaseSpec, objects: Vec<Value>) -> Vec<String> {
    let sources = match sources(catalog, case, &objects) {
        Ok(sources) => sources,
        Err(what) => return vec![what],
    };
    let snapshot = catalog.snapshot(&sources, "", Mode::Dialect);
    let context = Context::new(catalog, &snapshot, case.target.as_deref());
    let bad = snapshot
        .parsed
        .bad
        .iter()
        .map(|bad| format!("{}: {}", bad.path, bad.what));
    let mut wrong: Vec<String> = bad.collect();
    let (outcome, findings) = evaluate_rule(&context, rule);
    wrong.extend(compare(case, &outcome, &findings));
    wrong
}

fn setting(api_version: &str, namespace: &str, name: &str, value: &str) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": "Setting", "metadata": {"name": name}, "value": value});
    if let (false, Some(metadata)) = (
        namespace.is_empty(),
        object.get_mut("metadata").and_then(Value::as_object_mut),
    ) {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    object
}

/// The files that a collector would have written for these objects.
fn sources(catalog: &Catalog, case: &CaseSpec, objects: &[Value]) -> Result<Sources, String> {
    let mut lists: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for object in objects {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind, namespace) = (text("/apiVersion"), text("/kind"), text("/metadata/namespace"));
        let id = catalog.kinds.of(api_version, kind);
        let id = id.ok_or_else(|| format!("rules/kinds.yaml has no kind `{kind}` of `{api_version}`"))?;
        let place = if namespace.is_empty() {
            "cluster".to_owned()
        } else {
            format!("namespaced/{namespace}")
        };
        let path = format!("yamls/{place}/{api_version}/{}.yaml", catalog.kinds.info(id).plural);
        if !case.not_collected.iter().any(|missing| missing == namespace) {
            lists.entry(path).or_default().push(object);
        }
    }
    let mut files: Vec<TextFile> = Vec::new();
    for (path, items) in lists {
        let list = json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": "1"}});
        let text = serde_yaml::to_string(&list).map_err(|error| error.to_string())?;
        files.push(TextFile { path, text });
    }
    let mut add = |path: &str, text: String| {
        files.push(TextFile {
            path: path.to_owned(),
            text,
        })
    };
    let now = case.now.as_deref().unwrap_or(NOW);
    add(
        "metadata.yaml",
        format!("bundlename: case\nbundlecreatedat: \"{now}\"\n"),
    );
    add("bundleGenerationError.log", case.errors.join("\n"));
    let empty = if case.old_collector {
        "apiVersion: v1\nitems: []\nkind: List\n"
    } else {
        "apiVersion: v1\nkind: List\n"
    };
    add("yamls/cluster/v1/marker.yaml", empty.to_owned());
    for namespace in catalog
        .kinds
        .system_namespaces
        .iter()
        .filter(|name| !case.not_collected.contains(name))
    {
        add(
            &format!("yamls/namespaced/{namespace}/v1/marker.yaml"),
            empty.to_owned(),
        );
    }
    for (path, text) in &case.files {
        add(path, text.clone());
    }
    files.sort();
    let scanner = Scanner::new(catalog.signatures());
    let logs = files
        .iter()
        .filter_map(|file| Some((file, layout::log_origin(&file.path)?)));
    let matches = logs
        .map(|(file, origin)| scanner.scan(&file.path, origin, &mut file.text.as_bytes()))
        .collect();
    let paths: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    let empty = files
        .iter()
        .filter(|file| file.text.is_empty() && layout::node_of(&file.path).is_some());
    Ok(Sources {
        empty: empty.map(|file| file.path.clone()).collect(),
        paths: paths.into_iter().collect(),
        files,
        matches,
        ..Sources::default()
    })
}

/// The differences between what was expected and what came.
fn compare(case: &CaseSpec, outcome: &RuleOutcome, findings: &[Finding]) -> Vec<String> {
    let mut wrong = Vec::new();
    if outcome.outcome != case.expect {
        let reason = outcome
            .missing
            .iter()
            .chain([&outcome.error])
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        wrong.push(
            format!(
                "expected {}, got {} {reason}",
                case.expect.as_str(),
                outcome.outcome.as_str()
            )
            .trim_end()
            .to_owned(),
        );
    }
    if let Some(part) = &case.missing
        && !outcome.missing.iter().any(|missing| missing.contains(part.as_str()))
    {
        wrong.push(format!(
            "expected `{part}` among what is missing, got {:?}",
            outcome.missing
        ));
    }
    let mut left: Vec<&Finding> = findings.iter().collect();
    for expected in &case.findings {
        match left
            .iter()
            .position(|finding| differences(expected, finding).is_empty())
        {
            Some(index) => {
                left.remove(index);
            }
            None => {
                wrong.push(format!(
                    "missing: a {} finding on {}",
                    expected.severity.as_str(),
                    expected.objects.join(", ")
                ));
                wrong.extend(left.first().iter().flat_map(|finding| differences(expected, finding)));
            }
        }
    }
    for finding in left {
        let objects: Vec<String> = finding.objects.iter().map(name).collect();
        wrong.push(format!(
            "noisy: a {} finding on {}: {}",
            finding.severity.as_str(),
            objects.join(", "),
            finding.message
        ));
    }
    wrong
}

fn name(object: &ObjectRef) -> String {
    if object.namespace.is_empty() {
        object.name.clone()
    } else {
        format!("{}/{}", object.namespace, object.name)
    }
}

fn differences(expected: &ExpectedFinding, finding: &Finding) -> Vec<String> {
    let mut wrong = Vec::new();
    if expected.severity != finding.severity {
        wrong.push(format!("  its severity is {}", finding.severity.as_str()));
    }
    let named = |object: &ObjectRef| {
        expected
            .objects
            .iter()
            .any(|wanted| *wanted == name(object) || *wanted == object.name)
    };
    if !finding.objects.iter().all(named) || finding.objects.len() != expected.objects.len() {
        wrong.push(format!(
            "  its objects are {}",
            finding.objects.iter().map(name).collect::<Vec<_>>().join(", ")
        ));
    }
    if expected
        .message
        .as_ref()
        .is_some_and(|message| *message != finding.message)
    {
        wrong.push(format!("  its message is: {}", finding.message));
    }
    for part in &expected.says {
        let steps = finding
            .remediation
            .iter()
            .flat_map(|step| std::iter::once(&step.text).chain(&step.command));
        let says = std::iter::once(&finding.message)
            .chain(finding.rows.iter().map(|row| &row.message))
            .chain(steps);
        if !says.clone().any(|message| message.contains(part.as_str())) {
            wrong.push(format!(
                "  nothing says `{part}`: {}",
                says.cloned().collect::<Vec<_>>().join(" | ")
            ));
        }
    }
    wrong.extend(differs("harm", expected.harm.map(Harm::as_str), finding.harm.as_str()));
    let since = finding.since.as_deref().unwrap_or("unknown");
    wrong.extend(differs("since", expected.since.as_deref(), since));
    let impact = &finding.impact;
    for (what, expected, vms) in [
        ("affected VMs", &expected.virtual_machines, &impact.virtual_machines),
        ("VMs that are down", &expected.down, &impact.down),
    ] {
        let vms: Vec<String> = vms.iter().map(name).collect();
        wrong.extend(differs(
            what,
            expected.as_ref().map(|vms| vms.join(", ")).as_deref(),
            &vms.join(", "),
        ));
    }
    wrong
}

fn differs(what: &str, expected: Option<&str>, got: &str) -> Option<String> {
    let expected = expected?;
    (expected != got).then(|| format!("  its {what}: {got}"))
}
