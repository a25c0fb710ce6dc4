//! How the document is laid out: a line for each thing.
//!
//! Pretty-printed field by field, indentation would be a third of the document, and one volume would take 30 lines; on a single line no
//! diff could show what changed. So what is short enough to be read as a line is one: a rule, a volume, a row of a finding. Lines are not
//! indented, which would still be a twentieth of the document and helps no diff.

use serde_json::Value;
use std::fmt::{self, Write as _};

/// The most bytes of a line that has more than one value. Lists of numbers are not broken: they are no reading matter.
const LINE: usize = 400;

/// The text of a value, with a newline at its end.
pub(crate) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out.push('\n');
    out
}

fn write(value: &Value, out: &mut String) {
    let may_break = match value {
        Value::Object(_) => true,
        Value::Array(items) => !items.iter().all(Value::is_number),
        _ => false,
    };
    let (start, room) = (out.len(), if may_break { LINE } else { usize::MAX });
    if write!(Line { out, room }, "{value}").is_ok() {
        return;
    }
    out.truncate(start);
    match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(key, field)| (format!("{}:", Value::from(key.as_str())), field));
            write_lines(['{', '}'], fields, out);
        }
        Value::Array(items) => write_lines(['[', ']'], items.iter().map(|item| (String::new(), item)), out),
        _ => {}
    }
}

/// A line that is given up once it is too long.
struct Line<'o> {
    out: &'o mut String,
    /// How many more bytes it may have.
    room: usize,
}

impl fmt::Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.room = self.room.checked_sub(text.len()).ok_or(fmt::Error)?;
        self.out.push_str(text);
        Ok(())
    }
}

/// Writes values between brackets, each on a line of its own after what stands before it.
fn write_lines<'v>([open, close]: [char; 2], values: impl Iterator<Item = (String, &'v Value)>, out: &mut String) {
    let mut before = open;
    for (key, value) in values {
        out.push(before);
        out.push('\n');
        out.push_str(&key);
        write(value, out);
        before = ',';
    }
    out.push('\n');
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_values_and_lists_of_numbers_take_a_line_and_others_one_for_each_element() {
        let numbers: Vec<u32> = (0..200).collect();
        let long = "x".repeat(300);
        let value = json!({"a": {"b": 1, "c": [true, null]}, "n": numbers, "l": [long, long]});
        let text = text(&value);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 8, "{text}");
        assert_eq!(lines[..2], ["{", "\"a\":{\"b\":1,\"c\":[true,null]},"]);
        assert_eq!(lines[5..], [format!("\"{long}\""), "]".to_owned(), "}".to_owned()]);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
