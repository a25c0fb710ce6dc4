//! The scanner of logs compared to a plain one, line by line: both count the same, however the log comes in pieces.
#![no_main]

use gleaner_logs::{LinePattern, LogRouting, Scanner, Signature, Signatures, merge, pod_pattern};
use gleaner_text::Pattern;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::io::BufReader;
use std::sync::OnceLock;

const PATH: &str = "logs/n/p-1/c.log";
/// Literals that overlap, and patterns that match fewer lines, by what they capture and at any place.
const SIGNATURES: [(&str, Option<&str>, &[&str]); 6] = [
    ("dead", None, &[]),
    ("dead volume", Some(r"dead volume (?P<v>[a-z]+)"), &["v"]),
    ("volume", Some(r"^\S+ .*volume"), &[]),
    ("deadlock", Some("deadlock (?P<n>[0-9]+)"), &["n"]),
    ("lock", Some("lock"), &[]),
    ("2025-06", Some(r"^(?P<d>2025-06-\d\d)"), &["d"]),
];

fn signatures() -> Vec<Signature> {
    let one = |(literal, pattern, by): &(&str, Option<&str>, &[&str])| Signature {
        pods: pod_pattern("n/p-*").into_iter().collect(),
        containers: Vec::new(),
        units: Vec::new(),
        line: LinePattern {
            literal: (*literal).to_owned(),
            pattern: pattern.and_then(|pattern| Pattern::new(pattern).ok()),
        },
        clears: None,
        by: by.iter().map(|name| (*name).to_owned()).collect(),
        gap: 60,
    };
    SIGNATURES.iter().map(one).collect()
}

/// Counts by signature and captured values, one line after the other.
fn plainly(signatures: &[Signature], data: &[u8]) -> BTreeMap<(usize, Vec<String>), u64> {
    let mut counts = BTreeMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        for (index, signature) in signatures.iter().enumerate() {
            let literal = signature.line.literal.as_bytes();
            if !line.windows(literal.len()).any(|part| part == literal) {
                continue;
            }
            let mut values = vec![String::new(); signature.by.len()];
            if let Some(regex) = signature.line.pattern.as_ref().and_then(|pattern| pattern.regex().ok()) {
                let Some(found) = regex.captures(line) else { continue };
                for (value, name) in values.iter_mut().zip(&signature.by) {
                    let bytes = found.name(name).map_or(&b""[..], |group| group.as_bytes());
                    *value = String::from_utf8_lossy(bytes).into_owned();
                }
            }
            *counts.entry((index, values)).or_default() += 1;
        }
    }
    counts
}

fuzz_target!(|input: (u16, &[u8])| {
    static ALL: OnceLock<Vec<Signature>> = OnceLock::new();
    let all = ALL.get_or_init(signatures);
    let (piece, data) = (usize::from(input.0) + 1, input.1);
    let expected = plainly(all, data);
    // What a script traces (`+ echo 'text'`) is not counted.
    if data.windows(7).any(|part| part == b"+ echo ") {
        return;
    }
    // Beyond these the scanner stops distinguishing values, or keeping them whole.
    if expected.len() > 150 || data.split(|byte| *byte == b'\n').any(|line| line.len() > 300) {
        return;
    }
    let list: Vec<&Signature> = all.iter().collect();
    let routing = &LogRouting::new(&list);
    let scanner = Scanner::new(Signatures { all: list, routing });
    let Some(origin) = gleaner_cluster::layout::log_origin(PATH) else {
        return;
    };
    let found = scanner.scan(PATH, origin, &mut BufReader::with_capacity(piece, data));
    let counts: BTreeMap<_, _> = found.hits.iter().map(|(key, hit)| (key.clone(), hit.count)).collect();
    assert_eq!(counts, expected);
    for hit in merge(&[found], &[60; SIGNATURES.len()], Some(1_750_000_000))
        .values()
        .flatten()
    {
        assert!(hit.runs.iter().map(|run| run.count).sum::<u64>() <= hit.count);
        assert!(hit.runs.iter().all(|run| run.first <= run.last));
        assert!(hit.runs.windows(2).all(|pair| pair[0].last + 60 < pair[1].first));
    }
});
