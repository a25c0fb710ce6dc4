//! `gleaner why`, `timeline` and `analyze --for` on a cluster with a node that is down.

use crate::cli::gleaner;
use crate::incidents::bake;
use crate::samples::root;
use gleaner_rules::Catalog;

/// The bundle of the incident with a node that is down.
fn node_down() -> (tempfile::TempDir, String) {
    let place = crate::shared::folder();
    let path = place.path().join("bundle");
    bake(
        &root("tests/incidents/01-node-down"),
        &Catalog::load(None).unwrap(),
        &path,
    );
    let path = path.display().to_string();
    (place, path)
}

fn out(args: &[&str]) -> String {
    let run = gleaner(args);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    run.out
}

fn json(args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&out(args)).unwrap()
}

/// The names of a chain, and whether each is broken.
fn links(link: &serde_json::Value, found: &mut Vec<(String, bool)>) {
    let object = &link["object"];
    let name = format!(
        "{}/{}",
        object["kind"].as_str().unwrap(),
        object["name"].as_str().unwrap()
    );
    found.push((name, link["broken"].as_bool().unwrap()));
    for below in link["on"].as_array().into_iter().flatten() {
        links(below, found);
    }
}

#[test]
fn the_chain_of_a_vm_shows_the_broken_node() {
    let (_place, bundle) = node_down();
    let why = json(&["why", &bundle, "vm/prod/app-01", "-f", "json"]);
    let mut chain = Vec::new();
    links(&why["chain"], &mut chain);
    assert!(chain.contains(&("VirtualMachine/app-01".to_owned(), true)), "{chain:?}");
    assert!(chain.contains(&("Node/host-3".to_owned(), true)), "{chain:?}");
    for kind in ["PersistentVolumeClaim/", "PersistentVolume/", "Volume/", "Replica/"] {
        assert!(
            chain.iter().any(|(name, _)| name.starts_with(kind)),
            "{kind} is not in {chain:?}"
        );
    }
    let rules: Vec<&str> = why["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|found| found["rule"].as_str())
        .collect();
    assert!(rules.contains(&"node-not-ready"), "{rules:?}");
    assert_eq!(why["findings"][0]["since"], "2025-06-12T07:40:11Z");
    let moments = why["timeline"].as_array().unwrap();
    assert!(
        moments.iter().any(|moment| moment["object"]["name"] == "host-3"),
        "{moments:?}"
    );
}

#[test]
fn a_node_names_the_vms_that_depend_on_it() {
    let (_place, bundle) = node_down();
    let why = json(&["why", &bundle, "node/host-3", "-f", "json"]);
    let dependents = why["dependents"].as_array().unwrap();
    let vm = |name: &str| dependents.iter().find(|other| other["object"]["name"] == name);
    assert_eq!(vm("app-01").unwrap()["broken"], true, "{dependents:?}");
    assert_eq!(dependents[0]["object"]["kind"], "VirtualMachine");
}

#[test]
fn every_format_says_what_is_broken_and_a_healthy_object_says_so() {
    let (_place, bundle) = node_down();
    let text = out(&["why", &bundle, "vm/prod/app-01"]);
    assert!(text.starts_with("VirtualMachine prod/app-01: "), "{text}");
    assert!(
        text.contains("Node host-3: not Ready since 2025-06-12T07:40:11Z  <-- broken"),
        "{text}"
    );
    let md = out(&["why", &bundle, "vm/prod/app-01", "-f", "md"]);
    assert!(md.starts_with("## ") && md.contains("```text"), "{md}");
    let page = out(&["why", &bundle, "vm/prod/app-01", "-f", "html"]);
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("<strong class=\"bad\">broken</strong>"),
        "{page}"
    );
    let healthy = root("sample-bundles/healthy/bundle").display().to_string();
    let quiet = out(&["why", &healthy, "vm/prod/app-01"]);
    assert!(
        quiet.contains("No finding is on it or on what it depends on"),
        "{quiet}"
    );
    let unknown = gleaner(&["why", &healthy, "vm/prod/app-99"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.err.contains("similar: virtualmachine/prod/app-01"),
        "{}",
        unknown.err
    );
}

#[test]
fn the_timeline_of_a_vm_reaches_its_host() {
    let (_place, bundle) = node_down();
    let moments = json(&["timeline", &bundle, "--object", "vm/prod/app-01", "--bad", "-f", "json"]);
    let moments = moments.as_array().unwrap();
    assert!(moments.iter().all(|moment| moment["bad"] == true));
    let host = moments.iter().find(|moment| moment["source"] == "host").unwrap();
    assert_eq!(host["object"]["name"], "host-3");
    let hosts = json(&["timeline", &bundle, "--source", "host", "-f", "json"]);
    assert!(
        hosts
            .as_array()
            .unwrap()
            .iter()
            .all(|moment| moment["source"] == "host")
    );
    let [folded, whole] = [false, true].map(|unfolded| {
        let mut args = vec!["timeline", bundle.as_str(), "-f", "json"];
        args.extend(unfolded.then_some("--unfolded"));
        json(&args).as_array().unwrap().len()
    });
    assert!(folded < whole, "{folded} of {whole}");
}

#[test]
fn a_ticket_says_to_each_reader_what_concerns_them() {
    let (_place, bundle) = node_down();
    let customer = out(&["analyze", &bundle, "--for", "customer"]);
    let engineering = out(&["analyze", &bundle, "--for", "engineering"]);
    for text in [&customer, &engineering] {
        assert!(text.contains("The worst of it first shows at 2025-06-12 07:"), "{text}");
        assert!(
            text.contains("(on node host-3, which is not Ready): prod/app-01"),
            "{text}"
        );
    }
    assert!(
        customer.contains("Please send us the output of these commands, which change nothing:"),
        "{customer}"
    );
    assert!(!customer.contains("[node-not-ready"), "{customer}");
    assert!(engineering.contains("[node-not-ready, blocker]"), "{engineering}");
    assert!(engineering.contains("yamls/cluster/v1/nodes.yaml:"), "{engineering}");
}

#[test]
fn names_of_a_hostile_bundle_stay_names_in_every_format() {
    use gleaner_render::{WhyFormat, render_why};
    let evil = "</pre><script>alert(1)</script>\u{1b}[2J\n## x\n```\n| y | \u{202e}z";
    let object = gleaner_report::ObjectRef {
        api_version: "v1".to_owned(),
        kind: evil.to_owned(),
        namespace: evil.to_owned(),
        name: evil.to_owned(),
    };
    let link = gleaner_report::Dependency {
        object: object.clone(),
        known: true,
        state: evil.to_owned(),
        since: Some(evil.to_owned()),
        broken: true,
        on: Vec::new(),
    };
    let why = gleaner_report::Why {
        schema: gleaner_report::WHY_SCHEMA.to_owned(),
        bundle: evil.to_owned(),
        created_at: evil.to_owned(),
        chain: gleaner_report::Dependency {
            on: vec![link.clone()],
            ..link
        },
        findings: vec![gleaner_report::WhyFinding {
            id: evil.to_owned(),
            rule: evil.to_owned(),
            severity: gleaner_report::Severity::Blocker,
            harm: gleaner_report::Harm::Outage,
            since: Some(evil.to_owned()),
            message: evil.to_owned(),
            on: object.clone(),
            root: true,
        }],
        timeline: Vec::new(),
        dependents: vec![gleaner_report::Dependent {
            object,
            state: evil.to_owned(),
            broken: false,
        }],
        dependent_count: 1,
        unchecked: vec![evil.to_owned()],
    };
    for format in [WhyFormat::Text, WhyFormat::Markdown, WhyFormat::Html] {
        let page = render_why(&why, format).unwrap();
        assert!(
            !page.contains('\u{1b}') && !page.contains('\u{202e}'),
            "{format:?}: {page}"
        );
        if format == WhyFormat::Html {
            assert!(!page.contains("<script>alert") && !page.contains("</pre><"), "{page}");
        } else {
            assert!(
                page.lines()
                    .all(|line| !line.starts_with("## x") && !line.starts_with('|')),
                "{page}"
            );
        }
    }
    let page = render_why(&why, WhyFormat::Markdown).unwrap();
    assert_eq!(page.lines().filter(|line| line.starts_with("```")).count(), 2, "{page}");
}
