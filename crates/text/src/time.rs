//! Times and durations as bundles write them, in seconds.
//!
//! Reads RFC 3339 timestamps, the time in a bundle's name and durations in Go's style, and formats them for people. Never reads a
//! clock: "now" is when the bundle was made, which the caller knows.

use jiff::Timestamp;

/// The seconds since 1970 of an RFC 3339 timestamp, fractions cut off; `None` for other text and for Go's zero time.
pub fn parse_time(text: &str) -> Option<i64> {
    let time: Timestamp = text.trim().parse().ok()?;
    // Go writes a time that was never set as the year 1.
    let never = text.trim().starts_with("0001-01-01T00:00:00");
    (!never)
        .then(|| time.as_nanosecond().div_euclid(1_000_000_000))
        .and_then(|seconds| i64::try_from(seconds).ok())
}

/// The nanoseconds since 1970 of an RFC 3339 timestamp.
pub fn parse_time_nanos(text: &str) -> Option<i128> {
    parse_time(text)?;
    let time: Timestamp = text.trim().parse().ok()?;
    Some(time.as_nanosecond())
}

/// The time in a bundle's name, `supportbundle_<id>_2025-06-12T08-30-00Z`, whatever folder or ending it has.
pub fn time_in_name(name: &str) -> Option<i64> {
    // The time has a fixed shape, and what follows it (`.zip`, `.1.zip`, a copy's number) varies: look for the shape.
    const LENGTH: usize = "2025-06-12T08-30-00Z".len();
    name.rmatch_indices('_')
        .filter_map(|(at, _)| name.get(at + 1..at + 1 + LENGTH))
        .find_map(|stamp| {
            let (date, clock) = stamp.split_once('T')?;
            parse_time(&format!("{date}T{}", clock.replace('-', ":")))
        })
}

/// The seconds of a duration in Go's style, such as `72h`, `1h30m` or `1.5s`, fractions cut off.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (sign, unsigned) = match text.trim() {
        text if text.starts_with('-') => (-1, text.strip_prefix('-')?),
        text => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if unsigned == "0" {
        return Some(0);
    }
    let mut rest = unsigned;
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        nanos = nanos.checked_add(span(number, unit)?)?;
        rest = after;
    }
    if unsigned.is_empty() {
        return None;
    }
    i64::try_from(sign * nanos / 1_000_000_000).ok()
}

/// The nanoseconds of one number with its unit.
fn span(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        // Not Go's, but Prometheus and Longhorn write days.
        "d" => 86_400_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let length = whole.len() + fraction.len();
    if length == 0 || length > 18 || fraction.contains('.') {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let places = u32::try_from(fraction.len()).ok()?;
    Some(digits.checked_mul(unit)? / 10_i128.checked_pow(places)?)
}

/// The time in UTC, such as `2025-06-12T08:30:00Z`; the bare seconds where no calendar reaches.
pub fn format_time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| format!("{seconds} s"), |time| time.to_string())
}

/// A duration in its two largest units, such as `3 d 4 h`, `5 min` or `0 s`, smaller ones cut off.
pub fn format_duration(seconds: i64) -> String {
    let mut rest = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (size, unit) in [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")] {
        let count = rest / size;
        rest %= size;
        match (count, parts.len()) {
            (0, 0) => {}
            // A gap ends the words: after days come hours or nothing.
            (0, _) | (_, 2..) => break,
            _ => parts.push(format!("{count} {unit}")),
        }
    }
    let sign = if seconds < 0 { "-" } else { "" };
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    format!("{sign}{}", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_with_and_without_fractions_and_offsets() {
        assert_eq!(parse_time("1970-01-01T00:01:00Z"), Some(60));
        assert_eq!(parse_time("1970-01-01T01:00:00.999999+01:00"), Some(0));
        assert_eq!(parse_time_nanos("1970-01-01T00:00:01.5Z"), Some(1_500_000_000));
        assert_eq!(parse_time("0001-01-01T00:00:00Z"), None);
        assert_eq!(parse_time("yesterday"), None);
        assert_eq!(parse_time("2025-06-12"), None);
    }

    #[test]
    fn a_bundle_tells_its_time_in_its_name() {
        let at = parse_time("2025-06-12T08:30:00Z");
        assert_eq!(time_in_name("supportbundle_a-b_2025-06-12T08-30-00Z.zip"), at);
        assert_eq!(time_in_name("/x_y/supportbundle_my_id_2025-06-12T08-30-00Z.1.zip"), at);
        assert_eq!(time_in_name("supportbundle_a-b.zip"), None);
        assert_eq!(time_in_name("_ünïcödé_2025-06-12Tünïcödé"), None);
    }

    #[test]
    fn spans_are_read_as_go_writes_them() {
        assert_eq!(parse_duration("72h"), Some(72 * 3600));
        assert_eq!(parse_duration("1h30m"), Some(5400));
        assert_eq!(parse_duration("1.5m"), Some(90));
        assert_eq!(parse_duration("-2m0.5s"), Some(-120));
        assert_eq!(parse_duration("168h0m0s"), Some(7 * 86_400));
        assert_eq!(parse_duration("0"), Some(0));
        for text in ["", "5", "h", "1x", "1h 30m", "1..5s", "99999999999999999999h"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn spans_are_worded_in_two_units() {
        assert_eq!(format_duration(3 * 86_400 + 4 * 3600 + 59), "3 d 4 h");
        assert_eq!(format_duration(86_400 + 59), "1 d");
        assert_eq!(format_duration(300), "5 min");
        assert_eq!(format_duration(-90), "-1 min 30 s");
        assert_eq!(format_duration(0), "0 s");
    }

    #[test]
    fn times_are_worded_in_utc() {
        assert_eq!(format_time(60), "1970-01-01T00:01:00Z");
        assert_eq!(format_time(i64::MAX), format!("{} s", i64::MAX));
    }
}
