//! Time stamps at the beginning of log lines, in the forms that occur in a bundle.
//!
//! The collector and containerd put RFC 3339 first; logrus writes `time="…"`, zap `"ts":…`, KubeVirt `"timestamp":"…"`, Go's own
//! logger `2006/01/02 15:04:05`; journald and klog leave out the year, which is taken from the time of the bundle.

/// When a line was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// Seconds since 1970, UTC.
    At(i64),
    /// Month, day and second of the day; the line has no year.
    NoYear(i8, i8, i32),
}

/// The stamps at both ends of a log; of one that is written newest first, the first is the newest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// The first one.
    pub first: Option<Stamp>,
    /// The last one.
    pub last: Option<Stamp>,
}

/// How many lines at each end of a block are searched for a stamp, and how many bytes of each.
const SEARCHED_LINES: usize = 10;
const SEARCHED_BYTES: usize = 200;

impl Window {
    /// Adds whole lines that follow those so far.
    pub(super) fn add(&mut self, lines: &[u8]) {
        let stamp = |line: &[u8]| {
            let line = line.get(..SEARCHED_BYTES).unwrap_or(line);
            Stamp::of(&String::from_utf8_lossy(line))
        };
        let is_end = |byte: &u8| *byte == b'\n';
        if self.first.is_none() {
            self.first = lines.split(is_end).take(SEARCHED_LINES).find_map(stamp);
        }
        let last = lines.rsplit(is_end).take(SEARCHED_LINES).find_map(stamp);
        self.last = last.or(self.last);
    }
}

/// The forms of stamps at the beginning of lines, every digit a zero.
pub(super) const SHAPES: [&str; 19] = [
    "0000-00-00T00:00:00.000000000Z ",
    "0000-00-00T00:00:00+00:00 ",
    "time=\"0000-00-00T00:00:00-00:00\" ",
    "I0000 00:00:00.000000 ",
    "W0000 00:00:00.000000 ",
    "E0000 00:00:00.000000 ",
    "F0000 00:00:00.000000 ",
    "Jan 00 00:00:00.000000 ",
    "Feb 00",
    "Mar 00",
    "Apr 00",
    "May 00",
    "Jun 00",
    "Jul 00",
    "Aug 00",
    "Sep 00",
    "Oct 00",
    "Nov 00",
    "Dec 00",
];

/// The length of the stamps at the beginning of a line, including the space after them.
pub(super) fn length(line: &[u8]) -> usize {
    let mut length = 0;
    // The collector puts its stamp before that of the program.
    for _ in 0..2 {
        length += one_stamp(&line[length..]);
    }
    length
}

/// The length of one stamp, at most that of the line.
fn one_stamp(line: &[u8]) -> usize {
    let words = match line {
        [b't', b'i', b'm', b'e', b'=', b'"', ..] => 1,
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T', ..] => 1,
        [b'I' | b'W' | b'E' | b'F', b'0' | b'1', _, _, _, b' ', ..] => 2,
        [_, _, _, b' ', _, _, b' ', _, _, b':', ..] => 3,
        _ => return 0,
    };
    let mut ends = memchr::memchr_iter(b' ', line);
    ends.nth(words - 1).map_or(0, |end| end + 1)
}

/// Seconds of a leap year, which every stamp without a year has a place in.
pub(super) const YEAR: i64 = 366 * DAY;
const DAY: i64 = 86_400;
/// Days of a leap year before each month.
const DAYS_BEFORE: [i64; 12] = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335];

/// A stamp as a number that can be compared with others of the same log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Seconds since 1970.
    Unix(i64),
    /// Seconds since the beginning of a leap year.
    Yearly(i64),
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Stamp {
    /// The stamp as a number.
    pub(super) fn clock(self) -> Clock {
        match self {
            Stamp::At(seconds) => Clock::Unix(seconds),
            Stamp::NoYear(month, day, second) => {
                let before = usize::try_from(month - 1).ok().and_then(|month| DAYS_BEFORE.get(month));
                let days = before.copied().unwrap_or(0) + i64::from(day - 1);
                Clock::Yearly(days * DAY + i64::from(second))
            }
        }
    }

    /// Seconds on the stamp's own clock: those of one log compare.
    pub(super) fn seconds(self) -> i64 {
        match self.clock() {
            Clock::Unix(seconds) | Clock::Yearly(seconds) => seconds,
        }
    }

    /// The stamp at a second of a leap year.
    pub(super) fn of_year(second: i64) -> Option<Stamp> {
        let (days, second) = (second.div_euclid(DAY), second.rem_euclid(DAY));
        let (month, before) = (1i8..)
            .zip(DAYS_BEFORE)
            .take_while(|(_, before)| *before <= days)
            .last()?;
        let (day, second) = (i8::try_from(days - before + 1).ok()?, i32::try_from(second).ok()?);
        Some(Stamp::NoYear(month, day, second))
    }

    /// The stamp of a line, if it has one.
    pub fn of(line: &str) -> Option<Stamp> {
        let first = line.find([' ', '\t']).map_or(line, |end| &line[..end]);
        if first.len() >= 20 && first.as_bytes().get(4) == Some(&b'-') {
            return gleaner_text::parse_time(first).map(Stamp::At);
        }
        journald(line)
            .or_else(|| klog(line))
            .or_else(|| slashed(line))
            .or_else(|| tagged(line))
    }

    /// Seconds since 1970. A missing year is the latest one in which the line is not after the bundle.
    pub fn resolve(self, now: Option<i64>) -> Option<i64> {
        match self {
            Stamp::At(seconds) => Some(seconds),
            Stamp::NoYear(month, day, second) => {
                let now = now?;
                let year = i64::from(1970 + i32::try_from(now / 31_556_952).ok()?);
                // A day of tolerance: clocks differ, and collecting takes a while.
                let candidates = [year + 1, year, year - 1].into_iter();
                candidates
                    .filter_map(|year| date(year, month, day, second))
                    .find(|seconds| *seconds <= now + 86_400)
            }
        }
    }
}

fn date(year: i64, month: i8, day: i8, second: i32) -> Option<i64> {
    let date = jiff::civil::Date::new(i16::try_from(year).ok()?, month, day).ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second() + i64::from(second))
}

/// `22:51:36` or `22:51:36.098403`.
fn clock(text: &str) -> Option<i32> {
    let mut parts = text.get(..8)?.split(':').map(|part| part.parse::<i32>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && hours < 24 && minutes < 60 && seconds < 61)
        .then_some(hours * 3600 + minutes * 60 + seconds)
}

/// `Mar 06 22:45:10 host unit[1]: …`
fn journald(line: &str) -> Option<Stamp> {
    let mut words = line.split_ascii_whitespace();
    let month = words.next()?;
    let month = (1i8..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let day = words.next()?.parse::<i8>().ok().filter(|day| (1..=31).contains(day))?;
    Some(Stamp::NoYear(month, day, clock(words.next()?)?))
}

/// `I0306 22:51:36.098403       1 controller.go:127] …`
fn klog(line: &str) -> Option<Stamp> {
    let (level, rest) = (line.get(..1)?, line.get(1..)?);
    if !matches!(level, "I" | "W" | "E" | "F") {
        return None;
    }
    let month = rest
        .get(..2)?
        .parse::<i8>()
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    let day = rest
        .get(2..4)?
        .parse::<i8>()
        .ok()
        .filter(|day| (1..=31).contains(day))?;
    Some(Stamp::NoYear(month, day, clock(rest.get(5..)?)?))
}

/// `2023/03/28 17:10:52 …`, as Go's own logger writes.
fn slashed(line: &str) -> Option<Stamp> {
    let (date, rest) = line.split_at_checked(10)?;
    let clock = rest.strip_prefix(' ')?.get(..8)?;
    let shaped = date.as_bytes().get(4) == Some(&b'/') && date.as_bytes().get(7) == Some(&b'/');
    let stamp = format!("{}T{clock}Z", date.replace('/', "-"));
    shaped
        .then(|| gleaner_text::parse_time(&stamp).map(Stamp::At))
        .flatten()
}

/// `time="2022-03-06T22:46:28Z"`, `"ts":"2022-03-17T18:03:36.795Z"` and `"ts":1647540216.795`.
fn tagged(line: &str) -> Option<Stamp> {
    let quoted = ["time=\"", "\"ts\":\"", "\"time\":\"", "\"timestamp\":\""];
    let text = quoted.into_iter().find_map(|tag| {
        let (_, rest) = line.split_once(tag)?;
        gleaner_text::parse_time(rest.split('"').next()?).map(Stamp::At)
    });
    text.or_else(|| {
        let (_, rest) = line.split_once("\"ts\":")?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        // Ten digits of seconds: the years 2001 to 2286.
        (end == 10)
            .then(|| rest.get(..end)?.parse().ok().map(Stamp::At))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_stamp_is_read() {
        let at = |text: &str| gleaner_text::parse_time(text).map(Stamp::At);
        assert_eq!(
            Stamp::of("2022-03-06T22:51:36.099171947Z I0306 x"),
            at("2022-03-06T22:51:36Z")
        );
        assert_eq!(
            Stamp::of("time=\"2022-03-06T22:46:28Z\" level=error"),
            at("2022-03-06T22:46:28Z")
        );
        assert_eq!(
            Stamp::of("{\"level\":\"warn\",\"ts\":\"2022-03-17T18:03:36.795Z\"}"),
            at("2022-03-17T18:03:36Z")
        );
        let at_18 = at("2022-03-17T18:03:36Z");
        assert_eq!(Stamp::of("2022-03-17T18:03:36.795Z\tINFO\tx"), at_18);
        assert_eq!(Stamp::of("2022/03/17 18:03:36 http: TLS handshake error"), at_18);
        assert_eq!(
            Stamp::of("{\"level\":\"info\",\"timestamp\":\"2022-03-17T18:03:36.795Z\"}"),
            at_18
        );
        assert_eq!(
            Stamp::of("{\"level\":\"warn\",\"ts\":1647540216.795,\"msg\":\"x\"}"),
            at_18
        );
        assert_eq!(Stamp::of("{\"ts\":17}"), None);
        let second = 22 * 3600 + 45 * 60 + 10;
        assert_eq!(
            Stamp::of("Mar 06 22:45:10 localhost kernel: x"),
            Some(Stamp::NoYear(3, 6, second))
        );
        assert_eq!(
            Stamp::of("E0306 22:45:10.098403 1 a.go:1] x"),
            Some(Stamp::NoYear(3, 6, second))
        );
        assert_eq!(Stamp::of("no stamp at all"), None);
        assert_eq!(Stamp::of(""), None);
    }

    #[test]
    fn a_missing_year_is_the_latest_possible_one() {
        let now = gleaner_text::parse_time("2022-01-02T00:00:00Z");
        let resolve = |month, day| Stamp::NoYear(month, day, 0).resolve(now);
        assert_eq!(resolve(12, 31), gleaner_text::parse_time("2021-12-31T00:00:00Z"));
        assert_eq!(resolve(1, 1), gleaner_text::parse_time("2022-01-01T00:00:00Z"));
        assert_eq!(resolve(1, 3), gleaner_text::parse_time("2022-01-03T00:00:00Z"));
        assert_eq!(Stamp::NoYear(1, 1, 0).resolve(None), None);
    }
}
