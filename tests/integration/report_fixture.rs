//! Reports made by hand: a plausible one, an empty one, a hostile one, and large ones, for the tests of the renderers.

use gleaner_report::{Coverage, ObjectRef, ObjectRow, Outcome, Report, Severity, UpgradeVerdict, from_json};

/// A report about a small cluster with an upgrade that cannot start.
pub(crate) fn plain() -> Report {
    let report = from_json(include_str!("../fixtures/report-plain.json"));
    with_causes(report.expect("the fixture is a report"))
}

/// A report with the tree of causes of its findings, as every report has one.
pub(crate) fn with_causes(mut report: Report) -> Report {
    report.causes = gleaner_insight::cause_tree(&report.findings);
    report
}

/// A report in which there is nothing to report.
pub(crate) fn empty() -> Report {
    let mut report = plain();
    report.findings.clear();
    report.causes.clear();
    report.upgrade = UpgradeVerdict::default();
    report.coverage = Coverage {
        files: 10,
        ..Coverage::default()
    };
    report.rules.retain(|rule| rule.outcome == Outcome::Quiet);
    report
}

/// What a bundle might try, in one string each.
pub(crate) const PAYLOADS: [&str; 34] = [
    "<script>document.title='pwned'</script>",
    "</script><script>alert(1)</script>",
    "</details></section><h1>gone</h1>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<svg onload=alert(1)>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "javascript:alert(1)",
    "<!-- comment --> ]]> <![CDATA[ x",
    "{{constructor}} {{{raw}}} {{> head}} ${7*7}",
    "&lt;b&gt; &amp; &#x3c;",
    "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<base href=https://evil.example/>",
    "</title><title>x",
    "</pre></code></table><table>",
    "<a href=\"https://evil.example\">click</a>",
    "$(rm -rf ~); `reboot`; ; rm -rf / #",
    "a | b || c\n| --- |\n| x |",
    "@admin @org/team #123 GH-1 org/repo#4 deadbeef1",
    "![x](https://evil.example/x.png) [y](javascript:alert(1))",
    "https://evil.example www.evil.example mail@evil.example",
    "``` \n```\n</details>\n# heading\n- [ ] task\n> quote",
    "````` tick ` tick `` tick",
    "$\\sqrt{x}$ :tada: ~~gone~~ *bold* __bold__ [^1] \\",
    "{noformat} {code} h1. [~admin] {html}<b>{html} !x.png!",
    "[code]<img src=x>[/code]",
    "=cmd|'/C calc'!A0 +1 -1 \t@SUM(1)",
    "\u{202e}txt.exe\u{202c} \u{2066}x\u{2069} \u{200b}\u{feff}\u{ad}",
    "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{1b}]8;;https://evil.example\u{1b}\\x\u{9b}31m",
    "nul\u{0}bell\u{7}del\u{7f}cr\rline\u{2028}sep\u{85}",
    "\u{301}e\u{301}\u{302}\u{303}\u{304} \u{e000} \u{fdd0} \u{fffe} \u{10ffff} \u{fffd}",
    "مرحبا שלום 你好 👩\u{200d}🚀 ﷽",
    "",
];

/// The plain report with a payload in every string, each in its turn, and some of them very long.
pub(crate) fn hostile() -> Report {
    hostile_from(0)
}

/// As [`hostile`], beginning with another payload, so that in [`PAYLOADS`] turns every field has held each of them.
pub(crate) fn hostile_from(first: usize) -> Report {
    let mut value = serde_json::to_value(plain()).expect("a report is JSON");
    let mut turn = first;
    poison(&mut value, &mut turn);
    let mut report: Report = serde_json::from_value(value).expect("enumerations were left alone");
    // However the payloads fall, no two findings have one id.
    for (number, finding) in report.findings.iter_mut().enumerate() {
        finding.id.push_str(&number.to_string());
    }
    with_causes(report)
}

/// Replaces strings, except those that only our own code writes: enumerations.
fn poison(value: &mut serde_json::Value, turn: &mut usize) {
    const ENUMS: [&str; 11] = [
        "answer",
        "archive",
        "supportconfig",
        "harm",
        "severity",
        "confidence",
        "effect",
        "outcome",
        "verdict",
        "schema",
        "hits",
    ];
    match value {
        serde_json::Value::String(text) => {
            let payload = PAYLOADS[*turn % PAYLOADS.len()];
            *text = match *turn % 41 {
                7 => format!("{payload}{}", "A".repeat(20_000)),
                13 => format!("{payload} `{text}` {payload}"),
                _ => payload.to_owned(),
            };
            *turn += 1;
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| poison(item, turn)),
        serde_json::Value::Object(fields) => {
            let is_problem = fields.contains_key("what");
            let is_moment = fields.contains_key("firstBad");
            for (key, field) in fields.iter_mut() {
                let ours =
                    ENUMS.contains(&key.as_str()) || (is_problem && key == "kind") || (is_moment && key == "source");
                if !ours {
                    poison(field, turn);
                }
            }
        }
        _ => {}
    }
}

/// A report with about `objects` affected objects under `rules` rules.
pub(crate) fn large(rules: usize, objects: usize) -> Report {
    let mut report = plain();
    let templates = report.findings.clone();
    report.findings = (0..rules)
        .map(|n| {
            let mut f = templates[n % templates.len()].clone();
            f.id = format!("{n:012x}");
            f.rule = format!("{}-{n}", f.rule);
            f.severity = [Severity::Blocker, Severity::Warning, Severity::Info][n * 3 / rules];
            f.explains.clear();
            f.explained_by.clear();
            f.stands_alone.clear();
            f.absorbs.clear();
            f.unset.clear();
            f.avoid.clear();
            let share = objects / rules + usize::from(n < objects % rules);
            f.objects = (0..share).map(|m| volume(n, m)).collect();
            let row = |object: &ObjectRef| ObjectRow {
                object: object.clone(),
                message: "the only replica is on `harvester-1`".to_owned(),
            };
            f.rows = f.objects.iter().map(row).collect();
            f
        })
        .collect();
    with_causes(report)
}

/// A volume by two numbers.
fn volume(rule: usize, number: usize) -> ObjectRef {
    ObjectRef {
        api_version: "longhorn.io/v1beta2".to_owned(),
        kind: "Volume".to_owned(),
        namespace: "longhorn-system".to_owned(),
        name: format!("pvc-{rule:04x}{number:04x}-7f31-4b0e-9a53-1d6d2f0b8a77"),
    }
}
