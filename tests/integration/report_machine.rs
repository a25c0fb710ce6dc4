//! The formats that programs read: SARIF, JUnit, GitLab code quality.

use crate::report_fixture::{hostile, plain};
use gleaner_render::{Format, RenderOptions, render};

#[test]
fn sarif_has_a_place_and_a_fingerprint_for_every_result() {
    for report in [plain(), hostile()] {
        let out = render(&report, Format::Sarif, &RenderOptions::default()).expect("SARIF");
        let sarif: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let run = &sarif["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.len(), report.findings.len());
        for result in results {
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert!(
                region["startLine"].as_u64() >= Some(1)
                    && region["endColumn"].as_u64() > region["startColumn"].as_u64()
            );
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(result["partialFingerprints"]["gleaner/v1"].is_string());
        }
        assert_eq!(run["invocations"][0]["executionSuccessful"], false, "a rule broke");
        assert_eq!(
            run["invocations"][0]["toolExecutionNotifications"]
                .as_array()
                .map(Vec::len),
            Some(3)
        );
        assert!(!out.contains("security-severity"));
    }
}

#[test]
fn junit_counts_one_case_a_rule_and_tells_skipped_from_passed() {
    let out = render(&plain(), Format::Junit, &RenderOptions::default()).expect("JUnit");
    let (_, all) = out.split_once("<testsuites ").expect("the suites");
    let (all, _) = all.split_once('>').expect("their end");
    for count in ["tests=\"46\"", "failures=\"6\"", "errors=\"1\"", "skipped=\"3\""] {
        assert!(all.contains(count), "{count}: {all}");
    }
    assert!(out.contains("<skipped message=\"not in bundle: nodes/harvester-2.zip\"/>"));
    assert!(out.contains("<skipped message=\"not applicable: applies to v1.1.x, this is v1.4.2\"/>"));
    assert_eq!(out.matches(" type=\"blocker\">").count(), 3);
}

#[test]
fn gitlab_entries_have_unique_fingerprints_and_relative_paths() {
    for report in [plain(), hostile()] {
        let out = render(&report, Format::Gitlab, &RenderOptions::default()).expect("code quality");
        let entries: Vec<serde_json::Value> = serde_json::from_str(&out).expect("JSON");
        let mut seen = std::collections::BTreeSet::new();
        for entry in &entries {
            assert!(seen.insert(entry["fingerprint"].to_string()));
            let path = entry["location"]["path"].as_str().expect("a path");
            assert!(!path.starts_with(['/', '.']) && !path.contains("../"), "{path}");
        }
        assert_eq!(entries.len(), report.findings.len());
    }
}
