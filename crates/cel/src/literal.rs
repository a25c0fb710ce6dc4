//! What strings and numbers of an expression mean.

/// The text of a string as the lexer found it: prefix, quotes and all.
///
/// # Errors
/// What is wrong with an escape, and the bytes where, counted from the start of what is written.
pub(crate) fn string(written: &str) -> Result<String, (usize, String)> {
    let raw = written.starts_with(['r', 'R']);
    let start = usize::from(raw);
    let quoted = &written[start..];
    let is_triple = quoted.starts_with("\"\"\"") || quoted.starts_with("'''");
    let width = if is_triple { 3 } else { 1 };
    let inner = &quoted[width..quoted.len() - width];
    // As CEL has it, a line ends the same way whatever the file says.
    if raw || !inner.contains('\\') {
        return Ok(inner.replace("\r\n", "\n").replace('\r', "\n"));
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at].replace("\r\n", "\n").replace('\r', "\n"));
        let escape = &rest[at + 1..];
        let (c, length) = unescape(escape).map_err(|what| (start + width + inner.len() - escape.len() - 1, what))?;
        text.push(c);
        rest = &escape[length..];
    }
    text.push_str(&rest.replace("\r\n", "\n").replace('\r', "\n"));
    Ok(text)
}

/// The character that an escape stands for, and how many bytes follow its backslash.
#[expect(
    clippy::expect_used,
    reason = "the lexer takes a backslash with the character after it"
)]
fn unescape(escape: &str) -> Result<(char, usize), String> {
    let first = escape.chars().next().expect("no string ends with a backslash");
    let plain = match first {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '\'' | '"' | '`' | '?' => first,
        'x' | 'X' => return code(escape, 1..3, 16),
        'u' => return code(escape, 1..5, 16),
        'U' => return code(escape, 1..9, 16),
        '0'..='3' => return code(escape, 0..3, 8),
        _ => return Err(format!("`\\{first}` is not an escape")),
    };
    Ok((plain, 1))
}

fn code(escape: &str, digits: std::ops::Range<usize>, radix: u32) -> Result<(char, usize), String> {
    let end = digits.end;
    let digits = escape
        .get(digits)
        .filter(|digits| digits.chars().all(|c| c.is_digit(radix)));
    let number = digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let found = number.and_then(char::from_u32);
    found
        .map(|c| (c, end))
        .ok_or_else(|| "an escape names no character".to_owned())
}

/// A whole number, with its sign and an `u` at the end where there are; `None` if it needs more than 64 bits.
pub(crate) fn int(written: &str) -> Option<i64> {
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => ("-", digits.trim_start()),
        None => ("", written),
    };
    let digits = digits.trim_end_matches(['u', 'U']);
    match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(&format!("{sign}{digits}"), 16).ok(),
        None => format!("{sign}{digits}").parse().ok(),
    }
}

/// A number with a fraction; `None` if it is too large.
pub(crate) fn double(written: &str) -> Option<f64> {
    let number: Option<f64> = written.replace(char::is_whitespace, "").parse().ok();
    number.filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_mean_what_cel_says() {
        for (written, text) in [
            ("''", ""),
            ("'a'", "a"),
            ("\"it's\"", "it's"),
            (r"'a\'b'", "a'b"),
            (r"'\a\b\f\n\r\t\v\\\?\`'", "\u{7}\u{8}\u{c}\n\r\t\u{b}\\?`"),
            (r"'\x41\X42\103'", "ABC"),
            (r"'\u00e9\U0001F600'", "é😀"),
            ("'''a'b''c'''", "a'b''c"),
            ("\"\"\"a\nb\"\"\"", "a\nb"),
            (r"r'\d+'", r"\d+"),
            ("R\"\"\"\\n\"\"\"", "\\n"),
            ("'a\r\nb\rc'", "a\nb\nc"),
            ("''''''", ""),
        ] {
            assert_eq!(string(written).as_deref(), Ok(text), "{written}");
        }
        assert_eq!(string(r"'ab\q'").unwrap_err().0, 3);
        assert_eq!(string(r"'''\ud800'''").unwrap_err().0, 3);
        for bad in [r"'\x4'", r"'\u12'", r"'\09'", r"'\4'", r"'\U00110000'", r"'\xé'"] {
            assert!(string(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_read_to_their_last_bit() {
        assert_eq!(int("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(int("- 0x8000000000000000"), Some(i64::MIN));
        assert_eq!(int("9223372036854775807u"), Some(i64::MAX));
        assert_eq!(int("9223372036854775808"), None);
        assert_eq!(int("0xfF"), Some(255));
        assert_eq!(double(".5e1"), Some(5.0));
        assert_eq!(double("- 1.5"), Some(-1.5));
        assert_eq!(double("1e999"), None);
    }
}
