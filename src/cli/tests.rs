use super::*;

/// Every command below the root, by its words.
fn verbs(command: &clap::Command, words: &str, all: &mut Vec<(String, String)>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    all.push((words.to_owned(), help));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        verbs(sub, &format!("{words} {}", sub.get_name()), all);
    }
}

fn all_verbs() -> Vec<(String, String)> {
    let mut all = Vec::new();
    verbs(&Cli::command(), "gleaner", &mut all);
    all
}

#[test]
fn the_definition_of_the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_verb_has_two_examples_and_all_of_them_parse() {
    for (verb, help) in all_verbs() {
        let examples: Vec<&str> = help.lines().filter(|line| line.starts_with("  gleaner ")).collect();
        assert!(examples.len() >= 2, "{verb}: {help}");
        for example in examples {
            let words = example
                .split_whitespace()
                .take_while(|word| !matches!(*word, "|" | ">" | "#"));
            if let Err(error) = Cli::try_parse_from(with_verb(words.map(OsString::from).collect())) {
                panic!("{example}: {error}");
            }
        }
    }
}

#[test]
fn examples_explain_rules_that_exist() {
    let catalog = gleaner_rules::Catalog::load(None).unwrap();
    for (verb, help) in all_verbs() {
        let words: Vec<&str> = help.split_whitespace().collect();
        for pair in words.windows(2) {
            if let ["explain" | "show", id] = pair
                && id.contains('-')
                && !id.starts_with('-')
            {
                assert!(catalog.rule(id).is_some(), "{verb}: {id}");
            }
        }
    }
}

#[test]
fn completions_and_manual_pages_name_every_verb() {
    let mut script = Vec::new();
    clap_complete::generate(clap_complete::Shell::Bash, &mut Cli::command(), "gleaner", &mut script);
    let script = String::from_utf8(script).unwrap();
    let folder = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(Cli::command(), folder.path()).unwrap();
    for (verb, _) in all_verbs() {
        let last = verb.split(' ').next_back().unwrap();
        assert!(script.contains(last), "{verb}");
        let page = folder.path().join(format!("{}.1", verb.replace(' ', "-")));
        assert!(page.is_file(), "{}", page.display());
    }
}
