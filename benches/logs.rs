//! How fast logs are scanned: the chatter of healthy components, with few hits, by the signatures that read it and by all at once.
//!
//! `cargo bench --bench logs`; one core.

#[path = "../examples/make-bundle/lines.rs"]
mod lines;
#[path = "../examples/make-bundle/random.rs"]
mod random;

use divan::Bencher;
use divan::counter::BytesCount;
use gleaner_logs::{LinePattern, LogRouting, Scanner, Signature, Signatures, pod_pattern};
use gleaner_rules::Catalog;
use gleaner_text::Pattern;
use std::sync::LazyLock;

fn main() {
    divan::main();
}

static CATALOG: LazyLock<Option<Catalog>> = LazyLock::new(|| Catalog::load(None).ok());

/// Logs by path, and the program whose lines they hold.
const LOGS: [(&str, &str); 4] = [
    (
        "logs/longhorn-system/longhorn-manager-x7k2p/longhorn-manager.log",
        "longhorn-manager",
    ),
    (
        "logs/harvester-system/harvester-6d9f7c9b8-qx2vd/apiserver.log",
        "harvester",
    ),
    ("logs/kube-system/etcd-host-1/etcd.log", "etcd"),
    ("nodes/host-1.zip!logs/kernel.log", "kernel"),
];

/// 64 MB of lines.
fn text(path: &str, program: &str) -> String {
    let mut lines = lines::Lines::new(random::hash(path), "host-1");
    let mut text = String::new();
    while text.len() < 64 << 20 {
        if path.starts_with("nodes/") {
            lines.journal(program, &mut text);
        } else {
            lines.container(program, &mut text);
        }
    }
    text
}

fn scan(bencher: Bencher<'_, '_>, path: &str, text: &str, signatures: Signatures<'_>) {
    let scanner = Scanner::new(signatures);
    let origin = gleaner_cluster::layout::log_origin(path).unwrap_or_default();
    bencher
        .counter(BytesCount::of_str(text))
        .bench_local(|| scanner.scan(path, origin.clone(), &mut text.as_bytes()));
}

#[divan::bench(args = LOGS, sample_count = 5, sample_size = 1)]
fn by_its_signatures(bencher: Bencher<'_, '_>, (path, program): (&str, &str)) {
    if let Some(catalog) = CATALOG.as_ref() {
        scan(bencher, path, &text(path, program), catalog.signatures());
    }
}

/// Every signature of the catalogue, as if all of them read every log.
fn everywhere(catalog: &Catalog) -> Vec<Signature> {
    let line = |literal: &str, pattern: Option<&String>| LinePattern {
        literal: literal.to_owned(),
        pattern: pattern.and_then(|pattern| Pattern::new(pattern).ok()),
    };
    let logs = catalog.rules.iter().filter_map(|rule| rule.file.log.as_ref());
    let all = logs.map(|log| Signature {
        pods: pod_pattern("*/*").into_iter().collect(),
        containers: Vec::new(),
        units: vec!["kernel".to_owned()],
        line: line(&log.literal, log.regex.as_ref()),
        clears: log
            .clear
            .as_ref()
            .map(|clear| line(&clear.literal, clear.regex.as_ref())),
        by: log.by.clone(),
        gap: 1800,
    });
    all.collect()
}

#[divan::bench(args = LOGS, sample_count = 5, sample_size = 1)]
fn by_all_signatures(bencher: Bencher<'_, '_>, (path, program): (&str, &str)) {
    let all = CATALOG.as_ref().map(everywhere).unwrap_or_default();
    let all: Vec<&Signature> = all.iter().collect();
    let routing = &LogRouting::new(&all);
    scan(bencher, path, &text(path, program), Signatures { all, routing });
}
