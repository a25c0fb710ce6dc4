//! Kubernetes quantities, such as `10Gi`, `500m` or `1e3`, as exact numbers.
//!
//! Takes the text of a quantity and gives thousandths of its unit in 128 bits: every byte count and every CPU share that
//! Kubernetes can hold fits. What is finer than a thousandth is rounded up, as Kubernetes does.

/// How many thousandths make one.
const MILLI: i128 = 1000;

/// More digits than any sensible quantity has; it keeps all arithmetic within 128 bits.
const MAX_DIGITS: usize = 24;

/// An amount of bytes, cores or other things, exact to a thousandth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    milli: i128,
}

impl Quantity {
    /// Reads a quantity; `None` when the text is not one or its value is beyond 128 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = unsigned
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at_checked(end)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let length = whole.len() + fraction.len();
        if length == 0 || length > MAX_DIGITS || fraction.contains('.') {
            return None;
        }
        let digits: i128 = match fraction {
            "" => whole.parse().ok()?,
            _ => format!("{whole}{fraction}").parse().ok()?,
        };
        let places = u32::try_from(fraction.len()).ok()?;
        let (factor, divisor) = scale(suffix)?;
        let dividend = digits.checked_mul(MILLI)?.checked_mul(factor)?;
        let divisor = divisor.checked_mul(10_i128.checked_pow(places)?)?;
        let rounded = dividend / divisor + i128::from(dividend % divisor != 0);
        let milli = if negative { -rounded } else { rounded };
        Some(Self { milli })
    }

    /// Thousandths of the unit.
    pub fn milli(self) -> i128 {
        self.milli
    }

    /// Whole units, a part of one counting as one: the bytes of a size.
    pub fn units(self) -> i128 {
        self.milli.div_euclid(MILLI) + i128::from(self.milli.rem_euclid(MILLI) != 0)
    }

    /// The nearest float; exact for whole numbers up to 2^53.
    #[expect(clippy::cast_precision_loss, reason = "the exact value has its own accessors")]
    pub fn as_f64(self) -> f64 {
        if self.milli % MILLI == 0 {
            (self.milli / MILLI) as f64
        } else {
            self.milli as f64 / 1000.0
        }
    }
}

/// The value of a quantity in its unit, as the nearest float; `None` when the text is not a quantity.
pub fn parse_quantity(text: &str) -> Option<f64> {
    Quantity::parse(text).map(Quantity::as_f64)
}

/// What a suffix multiplies and divides by.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let kibi = |power: u32| Some((1_i128 << (10 * power), 1));
    let ten = |power: u32| Some((10_i128.checked_pow(power)?, 1));
    let part = |power: u32| Some((1, 10_i128.checked_pow(power)?));
    match suffix {
        "" => Some((1, 1)),
        "Ki" => kibi(1),
        "Mi" => kibi(2),
        "Gi" => kibi(3),
        "Ti" => kibi(4),
        "Pi" => kibi(5),
        "Ei" => kibi(6),
        "n" => part(9),
        "u" => part(6),
        "m" => part(3),
        "k" => ten(3),
        "M" => ten(6),
        "G" => ten(9),
        "T" => ten(12),
        "P" => ten(15),
        "E" => ten(18),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            match exponent.parse::<i32>().ok()? {
                power @ 0..=30 => ten(power.unsigned_abs()),
                power @ -30..=-1 => part(power.unsigned_abs()),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milli(text: &str) -> Option<i128> {
        Quantity::parse(text).map(Quantity::milli)
    }

    #[test]
    fn suffixes_of_both_families_are_exact() {
        assert_eq!(milli("10Gi"), Some(10 * (1 << 30) * 1000));
        assert_eq!(milli("1.5Gi"), Some(3 * (1 << 29) * 1000));
        assert_eq!(milli("500m"), Some(500));
        assert_eq!(milli("1e3"), Some(1_000_000));
        assert_eq!(milli("1E"), Some(10_i128.pow(21)));
        assert_eq!(milli("1E3"), Some(1_000_000));
        assert_eq!(milli("12e-1"), Some(1200));
        assert_eq!(milli("-2k"), Some(-2_000_000));
        assert_eq!(milli("10737418240"), Some(10_737_418_240_000));
        assert_eq!(milli(".5"), Some(500));
        assert_eq!(milli("9223372036854775807"), Some(i128::from(i64::MAX) * 1000));
    }

    #[test]
    fn what_is_finer_than_a_thousandth_is_rounded_up() {
        assert_eq!(milli("1n"), Some(1));
        assert_eq!(milli("1500u"), Some(2));
        assert_eq!(Quantity::parse("1m").map(Quantity::units), Some(1));
    }

    #[test]
    fn other_texts_are_no_quantities() {
        for text in [
            "", ".", "Gi", "1.2.3", "1gi", "1 Gi", "1e", "0x10", "1e400", "--1", "null",
        ] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
        assert_eq!(Quantity::parse(&"9".repeat(1000)), None);
        assert_eq!(milli("999999999999999999999999Ei"), None);
    }

    #[test]
    fn floats_are_the_nearest() {
        assert_eq!(parse_quantity("10Gi"), Some(10_737_418_240.0));
        assert_eq!(parse_quantity("250m"), Some(0.25));
    }
}
