//! What `gleaner rules check` refuses beyond mistakes: words, commands and references that a reader of a report cannot use.

use super::diagnostic::Diagnostic;
use super::docs::DocPages;
use super::rule::Rule;
use super::schema::{RuleFile, StepSpec};
use gleaner_report::Effect;
use std::collections::BTreeMap;

/// The table of words, among the files of rules.
pub(super) const WORDS: &str = "words.yaml";

/// Words to avoid, and what to write instead.
pub(super) type Words = BTreeMap<String, String>;

/// Verbs with which a step begins that changes something.
const CHANGING: [&str; 33] = [
    "Add", "Annotate", "Apply", "Attach", "Change", "Cordon", "Create", "Delete", "Detach", "Disable", "Drain", "Edit",
    "Enable", "Evict", "Free", "Install", "Label", "Migrate", "Move", "Patch", "Recreate", "Remove", "Replace",
    "Restart", "Restore", "Resume", "Scale", "Set", "Start", "Stop", "Take", "Uncordon", "Upgrade",
];

/// Words in capitals that are no placeholders: verbs of SQL and HTTP, states, types.
const CAPITALS: [&str; 21] = [
    "API", "CRD", "CSI", "DNS", "GET", "HA", "ID", "IP", "ISO", "JSON", "NFS", "OK", "OS", "PATH", "PVC", "RWO", "RWX",
    "URL", "VM", "XFS", "YAML",
];

/// Checks the texts of a rule.
pub(super) fn check(rule: &Rule, words: &Words, pages: &DocPages) -> Vec<Diagnostic> {
    let mut sink = rule.source.sink();
    for text in texts(&rule.file) {
        let lower = text.to_lowercase();
        for (word, instead) in words {
            if let Some(at) = whole_word(&lower, word) {
                let written = text.get(at..at + word.len()).unwrap_or(word);
                sink.at_key(
                    written,
                    format!("`{word}` is not a term of the field"),
                    format!("write: {instead}"),
                );
            }
        }
    }
    for step in &rule.file.remediation {
        for (key, what, help) in step_problems(step) {
            sink.at_key(&key, what, help);
        }
    }
    for reference in &rule.file.references {
        if is_bare(&reference.title) {
            let help = "write `owner/name#number: title of the issue`";
            sink.at_key(
                &reference.title,
                "the title of a reference does not say what it is about",
                help,
            );
        }
        if let Err((what, help)) = pages.check(&reference.url) {
            sink.at_key(&reference.url, what, help);
        }
    }
    sink.mistakes
}

/// Everything that a reader sees as it is written. Expressions in braces are left out.
fn texts(file: &RuleFile) -> Vec<String> {
    let mut all: Vec<&str> = vec![
        &file.title,
        &file.message,
        &file.impact,
        &file.cause,
        &file.symptoms,
        &file.workaround,
        &file.avoid,
    ];
    all.extend(file.summary.as_deref());
    all.extend(file.needs.iter().map(|need| need.missing.as_str()));
    all.extend(file.remediation.iter().map(|step| step.text.as_str()));
    all.into_iter()
        .map(|text| without_quotes(&without_expressions(text)))
        .collect()
}

/// A text without what it quotes, in backticks or double quotes: programs say what they say.
fn without_quotes(text: &str) -> String {
    let unticked: Vec<&str> = text.split('`').step_by(2).collect();
    let unquoted: Vec<String> = unticked.join(" ").split('"').step_by(2).map(str::to_owned).collect();
    unquoted.join(" ")
}

fn without_expressions(text: &str) -> String {
    let mut parts = text.split("{{");
    let first = parts.next().unwrap_or(text).to_owned();
    parts.fold(first, |text, part| {
        let after = part.split_once("}}").map_or("", |(_, after)| after);
        text + " " + after
    })
}

/// Where a phrase stands with no letter before or after it.
fn whole_word(text: &str, phrase: &str) -> Option<usize> {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut places = text.match_indices(phrase).map(|(at, _)| at);
    places
        .find(|at| !is_letter(text[..*at].chars().next_back()) && !is_letter(text[at + phrase.len()..].chars().next()))
}

/// The place, what is wrong and what to write instead, for each problem of a step.
fn step_problems(step: &StepSpec) -> Vec<(String, String, String)> {
    let mut problems = Vec::new();
    let first = step.text.split_whitespace().next().unwrap_or_default();
    if step.effect == Effect::ReadOnly && CHANGING.contains(&first) {
        let what = format!("a step that begins with `{first}` is not read-only");
        problems.push((
            step.text.clone(),
            what,
            "write `changes-state` or `can-lose-data`".to_owned(),
        ));
    }
    let Some(command) = &step.command else { return problems };
    let written = without_expressions(command);
    if let Some(name) = placeholder(&written) {
        let what = format!("`{name}` in a command is left to the reader");
        problems.push((
            name.to_owned(),
            what,
            "use the value of the object, `{{ … }}`".to_owned(),
        ));
    }
    if written.contains("patch") && sets_number(&written) {
        let what = "a patch sets a fixed number".to_owned();
        problems.push((command.clone(), what, "compute it from the object".to_owned()));
    }
    problems
}

/// A placeholder in capitals, such as `NODE` or `OLDER-UPGRADE`; not a column of a table, a variable, or a part
/// of a quoted text.
fn placeholder(command: &str) -> Option<&str> {
    let unquoted = command.split('\'').step_by(2);
    let words = unquoted.flat_map(|part| part.split([' ', '/', '<', '>', '=']));
    let is_loud = |word: &&str| {
        let capitals = word.chars().filter(char::is_ascii_uppercase).count();
        capitals > 1
            && word
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || "-_".contains(letter))
    };
    let mut loud = words.filter(is_loud);
    loud.find(|word| !word.starts_with('-') && !CAPITALS.contains(word) && !command.contains(&format!("{word}=")))
}

/// Whether JSON in a command sets a bare number other than 0 and 1. Quantities with a unit are documented values.
fn sets_number(command: &str) -> bool {
    let values = command.split("\":").skip(1);
    let mut numbers = values.filter_map(|value| value.split([',', '}', ' ']).find(|part| !part.is_empty()));
    numbers.any(|number| {
        number
            .trim_matches(['"', '\\'])
            .parse::<u64>()
            .is_ok_and(|number| number > 1)
    })
}

/// Whether a title only repeats the number of an issue: `Harvester issue 6266`, `longhorn/longhorn #10590`.
fn is_bare(title: &str) -> bool {
    let words = title.split([' ', '#']).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_lowercase).collect();
    let numbered = words
        .pop_if(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
        .is_some();
    let says_nothing = |word: &String| {
        word.contains('/') || ["harvester", "longhorn", "issue", "pr", "pull", "request"].contains(&word.as_str())
    };
    numbered && words.iter().all(says_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(text: &str, command: &str, effect: Effect) -> StepSpec {
        StepSpec {
            when: None,
            text: text.to_owned(),
            command: Some(command.to_owned()),
            effect,
        }
    }

    fn problems(step: &StepSpec) -> usize {
        step_problems(step).len()
    }

    #[test]
    fn a_step_that_changes_something_is_not_read_only() {
        assert_eq!(
            problems(&step("Delete the pod.", "kubectl get pods", Effect::ReadOnly)),
            1
        );
        assert_eq!(
            problems(&step("Delete the pod.", "kubectl get pods", Effect::ChangesState)),
            0
        );
        assert_eq!(
            problems(&step("Look at the pod.", "kubectl get pods", Effect::ReadOnly)),
            0
        );
    }

    #[test]
    fn names_in_capitals_are_left_to_the_reader() {
        for (command, expected) in [
            ("kubectl drain NODE", Some("NODE")),
            ("kubectl get upgrades OLDER-UPGRADE -o yaml", Some("OLDER-UPGRADE")),
            ("kubectl drain {{ node.metadata.name }}", None),
            ("KUBECONFIG=/etc/rancher/rke2/rke2.yaml kubectl get nodes", None),
            ("echo $NODE", None),
            (
                "kubectl get nodes -o custom-columns=NODE:.metadata.name,VERSION:.spec.version",
                None,
            ),
            ("lsblk -o NAME,SIZE | grep 'XFS'", None),
            ("kubectl -n <NAMESPACE> get pods", Some("NAMESPACE")),
            ("kubectl patch pvc x -p '{\"accessModes\": [\"ReadWriteOnce\"]}'", None),
        ] {
            assert_eq!(placeholder(&without_expressions(command)), expected, "{command}");
        }
    }

    #[test]
    fn numbers_in_patches_are_computed() {
        assert!(sets_number(
            r#"kubectl patch volume x -p '{"spec":{"numberOfReplicas":2}}'"#
        ));
        assert!(sets_number(
            r#"kubectl patch volume x -p '{"spec":{"numberOfReplicas": "3"}}'"#
        ));
        let computed =
            without_expressions(r#"kubectl patch volume x -p '{"spec":{"numberOfReplicas":{{ size(fit) }}}}'"#);
        assert!(!sets_number(&computed));
        assert!(!sets_number(
            r#"kubectl patch chart x -p '{"spec":{"paused":false,"replicas":1}}'"#
        ));
    }

    #[test]
    fn a_title_says_what_an_issue_is_about() {
        for bare in [
            "Harvester issue 6266",
            "longhorn/longhorn #10590",
            "harvester/harvester#6266",
            "Longhorn issue #1",
        ] {
            assert!(is_bare(bare), "{bare}");
        }
        for full in [
            "harvester/harvester#6266: Single-replica volume may break maintenance mode",
            "Longhorn 1.8.1",
            "etcd: tuning",
        ] {
            assert!(!is_bare(full), "{full}");
        }
    }

    #[test]
    fn words_are_found_whole() {
        assert_eq!(whole_word("the claim is lost", "claim"), Some(4));
        assert_eq!(whole_word("persistentvolumeclaim", "claim"), None);
        assert_eq!(whole_word("claims", "claim"), None);
    }
}
