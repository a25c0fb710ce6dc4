//! What holds for every built-in rule: its cases show each outcome it can have, and what it tells a reader can be acted upon.

use crate::samples::root;
use gleaner_cluster::KindId;
use gleaner_report::Outcome;
use gleaner_rules::schema::{CaseFile, CaseSpec};
use gleaner_rules::{Catalog, READS};
use gleaner_rules::{Reads, Rule};
use std::collections::BTreeSet;

/// Rules that cannot be quiet, and why: their near misses are cases that do not apply.
const NEVER_QUIET: [(&str, &str); 1] = [(
    "image-cleanup-missing-list",
    "the path of the upgrade is its whole condition",
)];

/// Areas whose findings always hurt somebody: their rules say whom.
const AREAS_WITH_IMPACT: [&str; 5] = ["storage", "node", "network", "image", "vm"];

/// The most words of an id. Versions such as `1-12` count as one.
const MOST_WORDS: usize = 6;

/// Fails with all that `complain` says of all rules.
fn for_all_rules(complain: impl Fn(&Catalog, &Rule) -> Vec<String>) {
    let catalog = Catalog::load(None).unwrap();
    let complaints: Vec<String> = catalog
        .rules
        .iter()
        .flat_map(|rule| {
            let place = format!("{}/{}", rule.area, rule.id());
            complain(&catalog, rule)
                .into_iter()
                .map(move |what| format!("{place}: {what}"))
        })
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

fn cases(catalog: &Catalog, rule: &Rule) -> Vec<CaseSpec> {
    let (_, text) = catalog.cases(rule).unwrap();
    serde_yaml::from_str::<CaseFile>(text).unwrap().cases
}

#[test]
fn every_outcome_of_every_rule_has_a_case() {
    for_all_rules(|catalog, rule| {
        let cases = cases(catalog, rule);
        let never_quiet = NEVER_QUIET.iter().any(|(id, _)| *id == rule.id());
        let applies = &rule.file.applies;
        let gated = applies.running.is_some() || applies.target.is_some() || applies.longhorn.is_some();
        let mut wanted = vec![Outcome::Fired, Outcome::NotEvaluated];
        wanted.extend((!never_quiet).then_some(Outcome::Quiet));
        wanted.extend(gated.then_some(Outcome::NotApplicable));
        let missing = wanted
            .into_iter()
            .filter(|outcome| cases.iter().all(|case| case.expect != *outcome));
        missing.map(|outcome| format!("no case is {outcome:?}")).collect()
    });
}

#[test]
fn every_log_rule_has_a_near_miss_with_the_log_at_hand() {
    for_all_rules(|catalog, rule| {
        let near_miss = |case: &CaseSpec| case.expect == Outcome::Quiet && !case.files.is_empty();
        let lacks = rule.log.is_some() && !cases(catalog, rule).iter().any(near_miss);
        lacks
            .then(|| "no quiet case has a log".to_owned())
            .into_iter()
            .collect()
    });
}

#[test]
fn every_rule_offers_commands_that_are_one_simple_command_each() {
    for_all_rules(|_, rule| {
        let commands: Vec<&String> = rule
            .file
            .remediation
            .iter()
            .filter_map(|step| step.command.as_ref())
            .collect();
        let mut complaints = Vec::new();
        if commands.is_empty() {
            complaints.push("no step has a command".to_owned());
        }
        for command in commands {
            if let Err(what) = words(&without_expressions(command)) {
                complaints.push(format!("{what} in `{command}`"));
            }
        }
        complaints
    });
}

#[test]
fn every_rule_has_a_short_kebab_case_id_references_and_impact() {
    for_all_rules(|_, rule| {
        let mut complaints = Vec::new();
        if !is_kebab_case(rule.id()) || count_words(rule.id()) > MOST_WORDS {
            complaints.push("the id is not a few words in kebab-case".to_owned());
        }
        if !rule
            .file
            .references
            .iter()
            .any(|reference| reference.url.starts_with("https://"))
        {
            complaints.push("no reference".to_owned());
        }
        if AREAS_WITH_IMPACT.contains(&rule.area.as_str()) && rule.file.impact.trim().is_empty() {
            complaints.push("nothing says whom it hurts".to_owned());
        }
        complaints
    });
}

fn is_kebab_case(id: &str) -> bool {
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    id.split('-').all(plain)
}

fn count_words(id: &str) -> usize {
    let words: Vec<&str> = id.split('-').collect();
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let joined = words.windows(2).filter(|pair| pair.iter().all(|word| is_number(word)));
    words.len() - joined.count()
}

/// The command with a name in place of each `{{ expression }}`.
fn without_expressions(command: &str) -> String {
    let mut plain = String::new();
    let mut rest = command;
    while let Some((before, after)) = rest.split_once("{{") {
        plain.push_str(before);
        plain.push_str("name");
        rest = after.split_once("}}").map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// The words of a simple command as a POSIX shell reads them, or why it is none.
fn words(command: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut chars = command.trim().chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\r' => return Err("a second line".to_owned()),
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => {
                let quoted = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        None => return Err(format!("an open {c}")),
                        Some(end) if end == c => break,
                        Some(active @ ('$' | '`' | '\\')) if c == '"' => return Err(format!("an active {active}")),
                        Some(other) => quoted.push(other),
                    }
                }
            }
            ';' | '&' | '|' | '<' | '>' | '(' | ')' | '$' | '`' | '\\' | '*' | '?' | '#' => {
                return Err(format!("an unquoted {c}"));
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    if words.first().is_none_or(|name| name.contains('=')) {
        return Err("no name of a command".to_owned());
    }
    Ok(words)
}

#[test]
fn the_lexer_of_commands_takes_simple_commands_only() {
    assert_eq!(
        words("kubectl get -p '{\"a\": 1}' x").unwrap(),
        ["kubectl", "get", "-p", "{\"a\": 1}", "x"]
    );
    assert_eq!(words("find / -exec ls {} ';'").unwrap().last().unwrap(), ";");
    for bad in [
        "", "a; b", "a | b", "a > b", "a <name>", "a $(b)", "a \"$b\"", "a `b`", "a 'b", "A=1 b", "a\nb", "a & b",
    ] {
        assert!(words(bad).is_err(), "{bad}");
    }
}

#[test]
fn versions_are_one_word_of_an_id() {
    assert_eq!(count_words("volume-degraded"), 2);
    assert_eq!(count_words("lhv2-volumes-1-4-to-1-5"), 5);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the wish to write the table comes from whoever runs the tests"
)]
fn what_rules_read_is_known_before_they_are_compiled() {
    let catalog = Catalog::load(None).unwrap();
    let names = |kinds: &BTreeSet<KindId>| {
        let mut names: Vec<&str> = kinds
            .iter()
            .map(|kind| catalog.kinds.info(*kind).name.as_str())
            .collect();
        names.sort_unstable();
        names.join(", ")
    };
    let mut table = String::from(
        "# Kinds that each rule cannot do without, so that it need not be compiled to know them; written by the tests:\n\
         # BLESS=1 cargo test what_rules_read\n",
    );
    let mut rules: Vec<&Rule> = catalog.rules.iter().collect();
    rules.sort_by_key(|rule| rule.id());
    for rule in rules {
        let reads = &rule.logic().unwrap().reads;
        if *reads == Reads::default() {
            continue;
        }
        let (requires, partial) = (names(&reads.requires), names(&reads.partial));
        table.push_str(&format!(
            "{}: {{requires: [{requires}], partial: [{partial}]}}\n",
            rule.id()
        ));
    }
    let path = root("rules").join(READS);
    if std::env::var("BLESS").is_ok() {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == table,
        "write {READS} anew with `BLESS=1 cargo test what_rules_read`"
    );
}
