//! What the bundle holds of each host, and what that means for rules that read its logs.

use crate::bundle_fixture::{Place, file, node, tar, xz, zip};
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_render::{Flavor, Format, RenderOptions, render};
use gleaner_report::{Outcome, Report};
use gleaner_rules::Catalog;

/// The report on a bundle with these archives of hosts; `host-5` is down.
fn report(archives: &[(&str, Vec<u8>)]) -> Report {
    let place = Place::new();
    place.write("metadata.yaml", "bundlename: x\n");
    let mut nodes = String::from("items:\n");
    for (n, ready) in [(1, "True"), (2, "True"), (5, "Unknown")] {
        nodes.push_str(&format!(
            "- {{apiVersion: v1, kind: Node, metadata: {{name: host-{n}}}, status: {{conditions: [{{type: Ready, status: '{ready}'}}]}}}}\n"
        ));
    }
    place.write("yamls/cluster/v1/nodes.yaml", format!("{nodes}kind: List\n"));
    for (name, data) in archives {
        place.write(&format!("nodes/{name}.zip"), data);
    }
    let bundle = Bundle::open(&[place.0.path().to_path_buf()], Limits::default()).unwrap();
    let catalog = Catalog::load(None).unwrap();
    analyze(&bundle, &catalog, &Options::default(), &|_, _| {}).unwrap()
}

fn lines(report: &Report) -> Vec<String> {
    let hosts = report.coverage.hosts.iter();
    hosts
        .map(|host| {
            let (archive, supportconfig) = (host.archive.as_str(), host.supportconfig.as_str());
            format!("{} {archive} {} {supportconfig} {}", host.name, host.logs, host.reason)
        })
        .collect()
}

fn outcome(report: &Report, rule: &str) -> (Outcome, String) {
    let found = report.rules.iter().find(|found| found.id == rule).unwrap();
    (found.outcome, found.missing.join(", "))
}

#[test]
fn each_host_says_what_is_there_and_why_something_is_not() {
    let silent = zip(&[
        file("c/logs/kernel.log", ""),
        file("c/configs/os-release", "x"),
        file("c/scc/scc_c.txz", ""),
    ]);
    let report = report(&[
        ("host-1", node("host-1")),
        ("host-2", Vec::new()),
        ("host-3", zip(&[file("host-3/", "")])),
        ("host-4", silent),
    ]);
    assert_eq!(
        lines(&report),
        [
            "host-1 present 1 present ",
            "host-2 empty 0 missing the archive has 0 bytes",
            "host-3 empty 0 missing ",
            "host-4 present 0 empty nodes/host-4.zip!scc/scc_c.txz: it is not a supported archive",
            "host-5 missing 0 missing the host was not Ready",
        ]
    );
    assert_eq!(report.coverage.nodes_without_archive, ["host-5"]);
}

#[test]
fn the_time_of_the_logs_is_that_of_their_first_and_last_lines() {
    let log = "2025-06-12T08:00:00Z host-1 kernel: a\n2025-06-12T08:05:00Z host-1 kernel: b\n";
    let report = report(&[("host-1", zip(&[file("a/logs/kernel.log", log)]))]);
    let host = &report.coverage.hosts[0];
    assert_eq!(
        [host.logs_first.as_str(), host.logs_last.as_str()],
        ["2025-06-12T08:00:00Z", "2025-06-12T08:05:00Z"]
    );
}

#[test]
fn rules_that_read_the_logs_of_hosts_are_quiet_only_with_those_of_each_host() {
    let rule = "disk-full-errors";
    let logs = |name: &str| zip(&[file(format!("{name}/logs/kernel.log"), "calm\n")]);
    let whole = report(&[
        ("host-1", logs("host-1")),
        ("host-2", logs("host-2")),
        ("host-5", logs("host-5")),
    ]);
    assert_eq!(outcome(&whole, rule).0, Outcome::Quiet);
    let empty = zip(&[
        file("host-2/logs/kernel.log", ""),
        file("host-2/configs/os-release", "x"),
    ]);
    let some = report(&[("host-1", logs("host-1")), ("host-2", empty)]);
    let (outcome, missing) = outcome(&some, rule);
    assert_eq!(outcome, Outcome::NotEvaluated);
    assert!(
        missing.contains("logs of node host-2") && missing.contains("logs of node host-5"),
        "{missing}"
    );
}

#[test]
fn reports_count_hosts_without_logs_and_show_each() {
    let scc = zip(&[file("a/logs/kernel.log", "x\n"), file("a/scc/scc_a.txz", xz(&tar(&[])))]);
    let report = report(&[("host-1", scc), ("host-2", zip(&[file("host-2/", "")]))]);
    let options = RenderOptions {
        flavor: Flavor::Text,
        ..RenderOptions::default()
    };
    let text = render(&report, Format::Markdown, &options).unwrap();
    assert!(text.contains("1 host has an archive without logs"), "{text}");
    assert!(text.contains("1 host has an empty supportconfig"), "{text}");
    let page = render(&report, Format::Html, &RenderOptions::default()).unwrap();
    let (_, table) = page.split_once("aria-label=\"What is there of each host\"").unwrap();
    let table = table.split_once("</table>").unwrap().0;
    assert_eq!(table.matches("<tr><th scope=\"row\"").count(), 3);
    assert!(table.contains("the host was not Ready"));
}
