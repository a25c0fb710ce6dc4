//! Times, sizes and counts as people read them.
//!
//! Times are UTC; ages are relative to the moment the bundle was made, never to the clock of the reader.

pub(crate) use gleaner_text::grouped;
use jiff::Timestamp;

const GIB: f64 = 1_073_741_824.0;

/// A time as `2026-08-14 02:20:31 UTC`; `None` if the text is no RFC 3339 time.
pub(crate) fn utc(text: &str) -> Option<String> {
    let time: Timestamp = text.parse().ok()?;
    Some(time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A time to the minute as `2026-08-14 02:20`, in UTC; `None` if the text is no RFC 3339 time.
pub(crate) fn minute(text: &str) -> Option<String> {
    let time: Timestamp = text.parse().ok()?;
    Some(time.strftime("%Y-%m-%d %H:%M").to_string())
}

/// The seconds since 1970 of an RFC 3339 time; `None` for other text.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let time: Timestamp = text.parse().ok()?;
    Some(time.as_second())
}

/// How long before `now` something was: `8 min`, `3 h`, `12 d`; `None` if either is no time, or `then` is later.
pub(crate) fn age(then: &str, now: &str) -> Option<String> {
    let (then, now): (Timestamp, Timestamp) = (then.parse().ok()?, now.parse().ok()?);
    let seconds = now.as_second().checked_sub(then.as_second())?;
    match seconds {
        i64::MIN..0 => None,
        0..120 => Some(format!("{seconds} s")),
        120..7_200 => Some(format!("{} min", seconds / 60)),
        7_200..172_800 => Some(format!("{} h", seconds / 3_600)),
        _ => Some(format!("{} d", seconds / 86_400)),
    }
}

/// Bytes in GiB with one decimal.
pub(crate) fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / GIB)
}

/// Bytes in the unit that fits: B, KiB, MiB or GiB.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1_024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        _ => gib(bytes),
    }
}

/// A part of a whole in percent, rounded; 0 of nothing is 0. May be over 100.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    let rounded = (u128::from(part) * 100 + u128::from(whole) / 2) / u128::from(whole);
    u64::try_from(rounded).unwrap_or(u64::MAX)
}

/// A number with its noun: `1 volume`, `3 volumes`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    let number = grouped(n);
    if n == 1 {
        format!("{number} {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// Words joined as in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_ages_count_from_the_bundle() {
        assert_eq!(
            utc("2026-08-14T04:20:31+02:00").as_deref(),
            Some("2026-08-14 02:20:31 UTC")
        );
        assert_eq!(utc("<script>"), None);
        let now = "2026-08-14T02:20:00Z";
        assert_eq!(age("2026-08-14T02:12:00Z", now).as_deref(), Some("8 min"));
        assert_eq!(age("2026-08-01T02:12:00Z", now).as_deref(), Some("13 d"));
        assert_eq!(age("2026-08-15T02:12:00Z", now), None);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(gib(10_737_418_240), "10.0 GiB");
        assert_eq!(bytes(1_500), "1.5 KiB");
        assert_eq!(percent(3, 0), 0);
        assert_eq!(percent(u64::MAX, 1), u64::MAX);
        assert_eq!(count(50_000, "object"), "50,000 objects");
        assert_eq!(count(1, "object"), "1 object");
        assert_eq!(joined(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }
}
