//! Renamed keys of rule files: the old name is refused with a message that suggests the new one.

use super::diagnostic::Diagnostic;
use serde_yaml::Value;

/// Old and new name of each renamed key of one kind of file.
type Renamed = &'static [(&'static str, &'static str)];

/// Keys of `rule.yaml`.
pub(super) const RULE: Renamed = &[
    ("hits", "affects"),
    ("impact_when", "affects"),
    ("due_to", "caused_by"),
    ("may_lack", "partial"),
];

/// Keys of `official-checks.yaml`.
pub(super) const OFFICIAL: Renamed = &[("may_lack", "partial")];

/// Keys of `graph.yaml`.
pub(super) const GRAPH: Renamed = &[("covers", "contains")];

/// A mistake for each old key of the file's mapping, or of the mappings in its list. Empty if the file is not valid YAML.
pub(super) fn old_keys(file: &str, text: &str, renamed: Renamed) -> Vec<Diagnostic> {
    let rows = match serde_yaml::from_str(text) {
        Ok(Value::Sequence(rows)) => rows,
        Ok(other) => vec![other],
        Err(_) => Vec::new(),
    };
    let mut mistakes = Vec::new();
    for (old, new) in renamed {
        let count = rows.iter().filter(|row| row.get(*old).is_some()).count();
        mistakes.extend(places(text, old, count).into_iter().map(|start| Diagnostic {
            file: file.to_owned(),
            text: text.to_owned(),
            span: (start, start + old.len()),
            what: format!("`{old}` is now `{new}`"),
            help: format!("rename the key to `{new}`"),
        }));
    }
    mistakes
}

/// The places of a key that a file has `count` times. The YAML parser keeps no positions, but text inside values that looks like the
/// key is indented further.
fn places(text: &str, key: &str, count: usize) -> Vec<usize> {
    let is_key = |start: &usize| {
        let before = text[..*start].chars().next_back();
        let after = &text[start + key.len()..];
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.')
            && after.trim_start_matches(['"', '\'', ' ']).starts_with(':')
    };
    let column = |start: &usize| start - text[..*start].rfind('\n').map_or(0, |at| at + 1);
    let mut places: Vec<usize> = text.match_indices(key).map(|(start, _)| start).filter(is_key).collect();
    places.sort_by_key(column);
    places.truncate(count);
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, renamed: Renamed) -> Vec<(u64, String)> {
        let mistakes = old_keys("x.yaml", text, renamed);
        mistakes
            .iter()
            .map(|mistake| (mistake.line(), mistake.what.clone()))
            .collect()
    }

    #[test]
    fn each_old_key_is_reported_at_its_line() {
        let text = "message: >-\n  it hits: now\nhits: next\nlet:\n  due_to: 1\n'due_to': x\n# may_lack: []\n";
        let expected = [
            (3, "`hits` is now `affects`".to_owned()),
            (6, "`due_to` is now `caused_by`".to_owned()),
        ];
        assert_eq!(lines(text, RULE), expected);
    }

    #[test]
    fn old_keys_are_found_in_the_rows_of_a_list() {
        let text = "- check: a\n  may_lack: [Pod]\n- may_lack: [Node]\n  check: b\n- check: c\n  note: 'may_lack: x'\n";
        let expected = [2, 3].map(|line| (line, "`may_lack` is now `partial`".to_owned()));
        assert_eq!(lines(text, OFFICIAL), expected);
    }

    #[test]
    fn an_invalid_yaml_file_has_no_old_keys() {
        assert_eq!(lines("hits: [", RULE), []);
    }
}
