//! Folds moments that say the same: a probe that fails on 58 pods for an hour is one row.

use gleaner_report::{Moment, MomentSource, ObjectRef};
use std::collections::{BTreeMap, BTreeSet};

/// A pause of this many seconds begins another row.
const PAUSE: i64 = 3_600;

/// What moments of one row have in common.
type Key = (MomentSource, bool, String, String, String);

/// A row that may still grow.
struct Row {
    index: usize,
    until: i64,
    objects: BTreeSet<ObjectRef>,
}

/// Folds moments, oldest first, of the same kind of object, namespace and text but for names and numbers. A row keeps the first moment,
/// counts all of them, and says until when they went on and how many objects they happened to. The first bad moment begins a row.
pub fn fold(moments: Vec<Moment>) -> Vec<Moment> {
    let mut rows: Vec<Moment> = Vec::new();
    let mut open: BTreeMap<Key, Row> = BTreeMap::new();
    for moment in moments {
        let Some(seconds) = gleaner_text::parse_time(&moment.time) else {
            rows.push(moment);
            continue;
        };
        let until = moment
            .until
            .as_deref()
            .and_then(gleaner_text::parse_time)
            .unwrap_or(seconds);
        let key = key(&moment);
        match open.get_mut(&key) {
            Some(row) if !moment.first_bad && seconds.saturating_sub(row.until) <= PAUSE => {
                row.until = row.until.max(until);
                row.objects.insert(moment.object);
                let first = &mut rows[row.index];
                first.count = first.count.saturating_add(moment.count);
                first.objects = row.objects.len();
                first.until = Some(gleaner_text::format_time(row.until)).filter(|until| *until != first.time);
            }
            _ => {
                let row = Row {
                    index: rows.len(),
                    until,
                    objects: BTreeSet::from([moment.object.clone()]),
                };
                open.insert(key, row);
                rows.push(moment);
            }
        }
    }
    rows
}

fn key(moment: &Moment) -> Key {
    let object = &moment.object;
    (
        moment.source,
        moment.bad,
        object.kind.clone(),
        object.namespace.clone(),
        shape(&moment.text, &object.name),
    )
}

/// A text without what differs from object to object: its name, and words with digits but for codes of exits and of HTTP.
fn shape(text: &str, name: &str) -> String {
    let text = if name.is_empty() {
        text.to_owned()
    } else {
        text.replace(name, "#")
    };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
    let mut shape = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut before = "";
    while let Some(start) = rest.find(is_part) {
        shape.push_str(&rest[..start]);
        let end = rest[start..]
            .find(|c| !is_part(c))
            .map_or(rest.len(), |end| start + end);
        let word = &rest[start..end];
        let is_code = before.trim_end_matches(':').ends_with("code");
        let is_varied = word.chars().any(|c| c.is_ascii_digit()) && !is_code;
        before = word;
        shape.push_str(if is_varied { "#" } else { word });
        rest = &rest[end..];
    }
    shape.push_str(rest);
    shape
}
