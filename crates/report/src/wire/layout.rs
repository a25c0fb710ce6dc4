//! How the document is laid out: a line for each thing.
//!
//! Pretty-printed field by field, indentation would be a third of the document, and one volume would take 30 lines; on a single line no
//! diff could show what changed. So what is short enough to be read as a line is one: a rule, a volume, a row of a finding. Lines are not
//! indented, which would still be a twentieth of the document and helps no diff.

use serde_json::Value;

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
    let flat = value.to_string();
    match value {
        Value::Object(fields) if flat.len() > LINE => {
            let fields = fields.iter();
            let fields = fields.map(|(key, field)| (format!("{}:", Value::from(key.as_str())), field));
            write_lines(['{', '}'], fields, out);
        }
        Value::Array(items) if flat.len() > LINE && !items.iter().all(Value::is_number) => {
            write_lines(['[', ']'], items.iter().map(|item| (String::new(), item)), out);
        }
        _ => out.push_str(&flat),
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
