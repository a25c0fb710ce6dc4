//! Sizes on the command line and in settings: plain bytes, or with a unit such as `512M`, `4Gi` or `4GiB`.

use gleaner_cluster::Quantity;
use std::fmt;

/// The powers of 1024, largest first.
const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// A number of bytes, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

/// Reads a size. Case does not matter: `m`, a thousandth elsewhere, makes no sense for bytes.
///
/// # Errors
/// What is expected.
pub(super) fn parse(text: &str) -> Result<Size, String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = plain.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = plain[digits.len()..].to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    // Kubernetes writes a thousand as `k`, and all other units in upper case.
    let unit = match unit.split_at_checked(1) {
        Some((letter, rest)) if unit != "k" => letter.to_ascii_uppercase() + rest,
        _ => unit.to_owned(),
    };
    let bytes = Quantity::parse(&(digits.to_owned() + &unit)).and_then(|bytes| u64::try_from(bytes.units()).ok());
    let size = bytes.filter(|bytes| *bytes > 0).map(Size);
    size.ok_or_else(|| "expected a size such as 512MiB or 4GiB, or a number of bytes".to_owned())
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 512000000 is no round number of KiB for a reader, although it is 500000 of them.
        let round = |bytes: u64| self.0.is_multiple_of(bytes) && self.0 / bytes < 10_000;
        match UNITS.iter().find(|(_, bytes)| round(*bytes)) {
            Some((unit, bytes)) => write!(f, "{}{unit}", self.0 / bytes),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units_and_written_for_people() {
        for (text, bytes, shown) in [
            ("536870912", 512 << 20, "512MiB"),
            ("512M", 512_000_000, "512000000"),
            ("512MB", 512_000_000, "512000000"),
            ("512m", 512_000_000, "512000000"),
            ("4Gi", 4 << 30, "4GiB"),
            ("4GiB", 4 << 30, "4GiB"),
            ("4 gib", 4 << 30, "4GiB"),
            ("0.5GiB", 512 << 20, "512MiB"),
            ("40k", 40_000, "40000"),
            ("40KiB", 40 << 10, "40KiB"),
            ("2TiB", 2 << 40, "2TiB"),
            ("100B", 100, "100"),
        ] {
            let size = parse(text).unwrap();
            assert_eq!((size.0, size.to_string().as_str()), (bytes, shown), "{text}");
            assert_eq!(parse(shown), Ok(size));
        }
        for wrong in [
            "",
            "0",
            "much",
            "4Zi",
            "-1",
            "GiB",
            "4GiBB",
            "4.4.4",
            "99999999TiB",
            "\u{661}GiB",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
