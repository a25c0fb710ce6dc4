//! What holds for every built-in rule: its cases show each outcome it can have, and what it says can be acted upon.

use crate::samples::root;
use crate::shared::write;
use gleaner_cluster::{KindId, split};
use gleaner_report::Outcome;
use gleaner_rules::schema::{CaseFile, CaseSpec};
use gleaner_rules::{Catalog, CatalogError, READS, RequiredKinds, Rule, built_in};
use std::collections::BTreeSet;
use std::path::Path;

/// Rules that cannot be quiet, and why: their near misses are cases that do not apply.
const NEVER_QUIET: [(&str, &str); 1] = [(
    "image-cleanup-missing-list",
    "the path of the upgrade is its whole condition",
)];

/// Areas whose findings always affect someone: their rules say who.
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
fn every_rule_says_what_it_does_to_whom_and_since_when() {
    for_all_rules(|catalog, rule| {
        let path = root(&format!("rules/{}/{}/rule.yaml", rule.area, rule.id()));
        let text = crate::shared::read(&path);
        let says = |key: &str| text.contains(&format!("\n{key}:"));
        let mut missing: Vec<String> = Vec::new();
        missing.extend(
            ["harm", "affects"]
                .iter()
                .filter(|key| !says(key))
                .map(|key| format!("no `{key}`")),
        );
        if rule.log.is_none() && !says("since") {
            missing.push("no `since`".to_owned());
        }
        let other = rule.file.explains.iter().chain(&rule.file.supersedes);
        let unknown = other.filter(|id| catalog.rule(id).is_none());
        missing.extend(unknown.map(|id| format!("`{id}` is no rule")));
        let fired = cases(catalog, rule)
            .into_iter()
            .filter(|case| case.expect == Outcome::Fired);
        if !fired
            .flat_map(|case| case.findings)
            .any(|finding| finding.harm.is_some())
        {
            missing.push("no case says its harm".to_owned());
        }
        missing
    });
}

#[test]
fn every_log_rule_has_a_real_line_and_the_releases_that_write_it() {
    for_all_rules(|catalog, rule| {
        if rule.log.is_none() {
            return Vec::new();
        }
        let is_real = |case: &CaseSpec| case.expect == Outcome::Fired && case.line_from.is_some();
        let mut missing = Vec::new();
        if !cases(catalog, rule).iter().any(is_real) {
            missing.push("no case that fires has `line_from`".to_owned());
        }
        if rule.file.sources.iter().all(|source| source.from.is_none()) {
            missing.push("no source has `from`".to_owned());
        }
        missing
    });
}

#[test]
fn no_rule_repeats_what_the_engine_does_by_default() {
    for_all_rules(|catalog, rule| {
        let text = catalog.files[&format!("{}/{}/rule.yaml", rule.area, rule.id())].as_str();
        let mut repeated = vec!["\nconfidence: high\n", "\nimpact_when: now\n", "== 1 ? \"once\""];
        if rule.log.is_some() {
            repeated.extend(["\nwhen: 'true'\n", "  stale_after: 24h\n"]);
        }
        let own = rule.file.for_each.as_deref().map(|kind| split(kind).0.to_lowercase());
        let own = own.map(|own| format!("\nas: {own}\n"));
        let repeated = repeated.into_iter().chain(own.as_deref());
        let repeated = repeated.filter(|part| text.contains(part));
        repeated.map(|part| format!("repeats `{}`", part.trim())).collect()
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
            complaints.push("nothing says who is affected".to_owned());
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

/// The words of a simple command as a POSIX shell reads them, or why it is not one.
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
        let reads = &rule.program().unwrap().reads;
        let target = if rule.names_target() { ", target: true" } else { "" };
        if *reads == RequiredKinds::default() && target.is_empty() {
            continue;
        }
        let (requires, partial) = (names(&reads.requires), names(&reads.partial));
        table.push_str(&format!(
            "{}: {{requires: [{requires}], partial: [{partial}]{target}}}\n",
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
        "update {READS} with `BLESS=1 cargo test what_rules_read`"
    );
}

/// A rule of a user that has no mistakes.
const OWN_RULE: &str = "id: own-rule
title: A pod is odd
severity: warning
for_each: Pod
when: pod.status.phase == 'Failed'
message: 'pod {{ pod.metadata.name }} is odd'
cause: It is.
remediation: [{text: Look at it., command: kubectl get pods -A, effect: read-only}]
references: [{title: Nothing, url: 'https://example.com/'}]
";

/// What is said of the file of a user's folder that holds this text.
fn mistakes(path: &str, text: &str) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(path);
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(""))).unwrap();
    std::fs::write(&file, text).unwrap();
    let error = Catalog::load(Some(folder.path())).unwrap_err();
    let said = error.to_string();
    let CatalogError::Mistakes(mistakes) = error else {
        panic!("{said}")
    };
    (said, mistakes.iter().map(|mistake| mistake.render(false)).collect())
}

#[test]
fn an_old_key_is_refused_with_its_new_name_and_its_place() {
    let rule = format!("{OWN_RULE}hits: next\nmay_lack: [Pod]\ndue_to: pod\n");
    let (said, rendered) = mistakes("node/own-rule/rule.yaml", &rule);
    assert_eq!(said, "3 mistakes in rules");
    let renamed = [("hits", "affects"), ("may_lack", "partial"), ("due_to", "caused_by")];
    for ((line, (old, new)), rendered) in (10..).zip(renamed).zip(&rendered) {
        let heading = format!("error: `{old}` is now `{new}`\n");
        assert!(rendered.starts_with(&heading), "{rendered}");
        assert!(
            rendered.contains(&format!("--> node/own-rule/rule.yaml:{line}:1\n")),
            "{rendered}"
        );
        assert!(rendered.contains(&"^".repeat(old.len())), "{rendered}");
    }

    let tables = [
        ("graph.yaml", "contains:", "covers:", "`covers` is now `contains`", 1),
        (
            "official-checks.yaml",
            "  partial:",
            "  may_lack:",
            "`may_lack` is now `partial`",
            3,
        ),
    ];
    for (file, new, old, what, column) in tables {
        let now = built_in()[file].as_str().to_owned();
        let line = now.lines().position(|line| line.starts_with(new)).unwrap() + 1;
        let (said, rendered) = mistakes(file, &now.replacen(&format!("\n{new}"), &format!("\n{old}"), 1));
        assert_eq!(said, "1 mistake in rules");
        assert!(rendered[0].starts_with(&format!("error: {what}\n")), "{}", rendered[0]);
        assert!(
            rendered[0].contains(&format!("--> {file}:{line}:{column}\n")),
            "{}",
            rendered[0]
        );
    }
}

#[test]
fn at_most_a_hundred_mistakes_of_a_file_are_listed() {
    let evidence: Vec<String> = (0..20_000).map(|number| format!("a..b{number}")).collect();
    let rule = format!("{OWN_RULE}evidence: [{}]\n", evidence.join(", "));
    let (said, rendered) = mistakes("node/own-rule/rule.yaml", &rule);
    assert_eq!(said, "101 mistakes in rules");
    let more = rendered
        .iter()
        .filter(|text| text.contains("more than 100 mistakes in this file"));
    assert_eq!(more.count(), 1);

    let unknown: Vec<String> = (0..1_000).map(|number| format!("own-rul-{number}")).collect();
    let rule = format!("{OWN_RULE}explains: [{}]\n", unknown.join(", "));
    let (said, _) = mistakes("node/own-rule/rule.yaml", &rule);
    assert_eq!(said, "101 mistakes in rules");
}

#[test]
fn an_unknown_key_is_refused_with_those_there_are() {
    let (_, rendered) = mistakes("node/own-rule/rule.yaml", &format!("{OWN_RULE}impacts: next\n"));
    assert!(
        rendered[0].contains("unknown field `impacts`, expected one of `id`"),
        "{}",
        rendered[0]
    );
}

#[test]
fn only_a_log_rule_may_leave_out_its_condition() {
    let without = OWN_RULE.replace("when: pod.status.phase == 'Failed'\n", "");
    let (_, rendered) = mistakes("node/own-rule/rule.yaml", &without);
    assert!(
        rendered[0].starts_with("error: missing field `when`\n"),
        "{}",
        rendered[0]
    );
}

#[test]
fn a_log_rule_says_after_what_time_it_is_stale_or_never() {
    let log = "log:\n  units: [kernel]\n  literal: is odd\n  stale_after: a day\n";
    let rule = OWN_RULE.replace("for_each: Pod\nwhen: pod.status.phase == 'Failed'\n", log);
    let rule = rule.replace("pod {{ pod.metadata.name }}", "a pod");
    let (_, rendered) = mistakes("log/own-rule/rule.yaml", &rule);
    assert!(
        rendered[0].starts_with("error: `a day` is not a duration\n"),
        "{}",
        rendered[0]
    );
    assert!(
        rendered[0].contains("--> log/own-rule/rule.yaml:7:3\n"),
        "{}",
        rendered[0]
    );
}

#[test]
fn the_file_of_one_rule_is_loaded_and_any_other_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let rule = folder.path().join("node/own-rule/rule.yaml");
    write(&rule, OWN_RULE);
    let stray = folder.path().join("own-rule.yaml");
    write(&stray, OWN_RULE);
    let empty = tempfile::tempdir().unwrap();

    assert_eq!(
        Catalog::load(Some(&rule)).unwrap().rule("own-rule").unwrap().area,
        "node"
    );
    assert_eq!(Catalog::load_only(&rule).unwrap().rules.len(), 1);
    for path in [stray.as_path(), empty.path(), rule.parent().unwrap()] {
        let error = Catalog::load(Some(path)).unwrap_err();
        let expected = "expected a folder with `AREA/ID/rule.yaml` for each rule, or such a file";
        assert_eq!(error.to_string(), format!("no rules in {}: {expected}", path.display()));
    }
}

/// A rule about Nodes with one more line, in a folder of its own.
fn user_rule(line: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "id: probe\ntitle: Probe\nseverity: info\nfor_each: Node\nwhen: 'true'\nmessage: probe\ncause: A probe.\n\
         references: [{{title: Probe, url: 'https://example.com/'}}]\n{line}\n"
    );
    write(&folder.path().join("node/probe/rule.yaml"), &text);
    folder
}

#[test]
fn every_expression_of_a_rule_counts_for_what_it_reads() {
    let step = |when: &str| format!("remediation:\n- text: Wait.\n  effect: read-only\n  when: {when:?}");
    let plain = "remediation:\n- text: Wait.\n  effect: read-only\n";
    for (line, names_target) in [
        (step("target == 'v1.5.1'"), true),
        (format!("{plain}caused_by: \"target == 'v1.5.1' ? [node] : []\""), true),
        (step("running == 'v1.5.1'"), false),
    ] {
        let catalog = Catalog::load(Some(user_rule(&line).path())).unwrap();
        let rule = catalog.rule("probe").unwrap();
        assert_eq!(rule.depends_on_target(), names_target, "{line}");
    }
    // Of the kinds, one that no built-in rule reads is only read if the step's condition counts.
    let built_in = Catalog::load(None).unwrap();
    let (idle, info) = built_in.kinds.all().find(|(_, info)| info.idle).unwrap();
    assert!(!built_in.wanted().contains(&idle));
    let folder = user_rule(&step(&format!("!empty(get('{}', '', 'x'))", info.name)));
    assert!(Catalog::load(Some(folder.path())).unwrap().wanted().contains(&idle));
}
