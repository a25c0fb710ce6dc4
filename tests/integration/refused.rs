//! Wrong input gets no answer: what is refused, and what the message suggests.

use crate::cli::{bundle, gleaner};
use crate::samples::root;

fn refused(args: &[&str], says: &[&str]) {
    let run = gleaner(args);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}: {}", run.err);
    for part in says {
        assert!(run.err.contains(part), "{args:?}: {}", run.err);
    }
}

#[test]
fn a_target_that_is_no_known_newer_release_is_refused() {
    let sample = bundle("several-problems");
    let target = |version, says: &[&str]| refused(&["analyze", &sample, "--target", version], says);
    for word in ["foo", "latest", "1.5.x"] {
        target(
            word,
            &[&format!("`{word}` is not a release of Harvester: write it as v1.5.1")],
        );
    }
    target("v1.5", &["did you mean `v1.5.0`?"]);
    target(
        "v9.9.9",
        &["v9.9.9 is not a release that Gleaner knows", "did you mean"],
    );
    target("v1.5.0", &["the cluster runs v1.5.0, and v1.5.0 is the same"]);
    target("1.4.3", &["the cluster runs v1.5.0, and v1.4.3 is older"]);
    assert_eq!(gleaner(&["analyze", &sample, "--target", "v1.5.1-rc2"]).code, 0);
}

#[test]
fn an_object_that_is_not_there_is_refused_with_similar_names() {
    let sample = root("tests/fixtures/oracle/c1.zip").display().to_string();
    let run = gleaner(&["analyze", &sample, "-f", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let node = report["cluster"]["nodes"][0]["name"].as_str().unwrap();
    let near = format!("node/{node}x");
    refused(
        &["analyze", &sample, "--object", &near],
        &[
            &format!("the bundle has no object {near}"),
            &format!("similar: node/{node}"),
        ],
    );
    assert_eq!(
        gleaner(&["analyze", &sample, "--object", &format!("node/{node}")]).code,
        0
    );
}
