//! Texts that are deep, long, wide, or no texts at all.

use super::{Case, case, with};
use std::fmt::Write;

const PODS: &str = "yamls/namespaced/default/v1/pods.yaml";

/// All of them.
pub(super) fn cases() -> Vec<Case> {
    let pods = |body: &str| {
        with(
            PODS,
            format!("apiVersion: v1\nitems:\n{body}kind: List\nmetadata: {{}}\n"),
        )
    };
    let item = "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n    namespace: default\n";
    let long = "x".repeat(30 << 20);
    let wide: String = (0..200_000).fold(String::from(item), |mut text, number| {
        let _ = writeln!(text, "    k{number}: v");
        text
    });
    let repeated = format!("{item}    name: b\n");
    vec![
        case("billion aliases", pods(&aliases()), "pods.yaml"),
        case("billion aliases, quoted", pods(&quoted_aliases()), "pods.yaml"),
        case("deep maps", pods(&deep_maps()), "pods.yaml"),
        case(
            "deep flow lists",
            pods(&format!("- a: {}\n", "[".repeat(100_000))),
            "pods.yaml",
        ),
        case(
            "deep flow maps",
            pods(&format!("- {}\n", "{a: ".repeat(100_000))),
            "pods.yaml",
        ),
        case(
            "a line of thirty megabytes",
            pods(&format!("{item}    long: {long}\n")),
            "",
        ),
        case(
            "a quoted line of thirty megabytes",
            pods(&format!("{item}    long: \"{long}\"\n")),
            "",
        ),
        case(
            "a quote that never ends",
            pods(&format!("{item}    long: \"{long}\n")),
            "pods.yaml",
        ),
        case(
            "a key of thirty megabytes",
            pods(&format!("{item}    {long}: a\n")),
            "pods.yaml",
        ),
        case("a map of two hundred thousand keys", pods(&wide), ""),
        case("a key twice", pods(&repeated), ""),
        case(
            "tags that make objects",
            pods("- !!python/object/apply:os.system [id]\n"),
            "pods.yaml",
        ),
        case("not UTF-8", with(PODS, b"\xff\xfe\x00\x01".repeat(1000)), "not UTF-8"),
        case("nothing but NUL", with(PODS, vec![0; 1 << 20]), "pods.yaml"),
        case("nothing but line breaks", with(PODS, "\n".repeat(1 << 20)), "pods.yaml"),
        case("nothing but dashes", with(PODS, "- ".repeat(1 << 19)), "pods.yaml"),
        case(
            "nothing but documents",
            with(PODS, "---\n".repeat(1 << 18)),
            "pods.yaml",
        ),
        case(
            "a log of one endless line",
            with("logs/longhorn-system/a/b.log", &long),
            "",
        ),
        case(
            "errors of the collector without end",
            with(
                "bundleGenerationError.log",
                "Failed to get /api/v1/pods: no\n".repeat(20_000),
            ),
            "",
        ),
        case(
            "alerts that are no JSON",
            with("prometheus-alerts.json", "[".repeat(1 << 20)),
            "prometheus-alerts.json: line 1: EOF while parsing a list",
        ),
        case(
            "a number beyond all",
            pods(&format!("{item}    big: 1{}\n", "0".repeat(1 << 20))),
            "",
        ),
    ]
}

fn aliases() -> String {
    let mut text = String::from("- a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let previous = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(text, "  a{level}: &a{level} [{previous}]");
    }
    text
}

fn quoted_aliases() -> String {
    let mut text = String::from("- \"a0\": &a0 \"lol\"\n");
    for level in 1..12 {
        let _ = writeln!(
            text,
            "  \"a{level}\": &a{level}\n  - *a{0}\n  - *a{0}\n  - *a{0}\n  - *a{0}\n  - *a{0}\n  - *a{0}\n  - *a{0}\n  - *a{0}\n  - *a{0}",
            level - 1
        );
    }
    text
}

fn deep_maps() -> String {
    let mut text = String::from("- a:\n");
    for level in 1..3_000 {
        let _ = writeln!(text, "  {}a:", " ".repeat(level));
    }
    text
}
