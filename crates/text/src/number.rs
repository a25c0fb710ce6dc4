//! Numbers as readers have them.

/// A number with commas between its thousands.
///
/// ```
/// assert_eq!(gleaner_text::grouped(1_234_567), "1,234,567");
/// ```
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        let numbers = [0, 12, 123, 1234, 12_345, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "12", "123", "1,234", "12,345", "1,234,567"]);
    }
}
