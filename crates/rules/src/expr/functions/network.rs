//! Arithmetic on IP ranges (CIDR). IPv4 for counting; both families for containment.

use super::{argument, list_argument, text_argument};
use crate::expr::eval::Env;
use crate::expr::val::Val;
use std::net::{IpAddr, Ipv4Addr};

type Result<'a> = std::result::Result<Val<'a>, String>;

/// A range as first and last address, widened to 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    first: u128,
    last: u128,
    bits: u32,
    prefix: u32,
}

/// Reads `192.168.1.10/24`, with host bits or without; a bare address is a range of one.
fn parse(text: &str) -> Option<Range> {
    let text = text.trim();
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let (value, bits) = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let prefix = prefix.map_or(Some(bits), |prefix| prefix.parse::<u32>().ok())?;
    let host = bits.checked_sub(prefix)?;
    let mask = if host == 128 { u128::MAX } else { (1_u128 << host) - 1 };
    Some(Range {
        first: value & !mask,
        last: value | mask,
        bits,
        prefix,
    })
}

/// Addresses between network and broadcast, less the union of the excluded ranges. A /31 or /32 has none for use.
pub(super) fn cidr_usable<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let Some(range) = parse(text_argument(args, 0)?).filter(|range| range.bits == 32) else {
        return Ok(Val::Unset);
    };
    let excluded = list_argument(args, 1)?;
    let excluded = excluded.iter().filter_map(|text| parse(text.as_str()?));
    let usable = i128::try_from(usable(range, excluded.collect())).unwrap_or(0);
    Ok(Val::Int(i64::try_from(usable).unwrap_or(0)))
}

fn usable(range: Range, mut excluded: Vec<Range>) -> u128 {
    if range.last - range.first < 3 {
        return 0;
    }
    excluded.retain(|other| other.bits == range.bits && other.last >= range.first && other.first <= range.last);
    excluded.sort();
    // Network and broadcast are no addresses for use, so excluding them takes nothing off.
    let (mut taken, mut next) = (0_u128, range.first + 1);
    for other in excluded {
        let (from, to) = (other.first.max(next), other.last.min(range.last - 1));
        if to >= from {
            taken += to - from + 1;
            next = to + 1;
        }
    }
    (range.last - range.first - 1).saturating_sub(taken)
}

pub(super) fn cidr_contains<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let ranges = parse(text_argument(args, 0)?).zip(parse(text_argument(args, 1)?));
    Ok(ranges.map_or(Val::Unset, |(outer, inner)| {
        Val::Bool(outer.bits == inner.bits && outer.first <= inner.first && inner.last <= outer.last)
    }))
}

pub(super) fn cidr_overlaps<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let ranges = parse(text_argument(args, 0)?).zip(parse(text_argument(args, 1)?));
    Ok(ranges.map_or(Val::Unset, |(a, b)| {
        Val::Bool(a.bits == b.bits && a.first <= b.last && b.first <= a.last)
    }))
}

pub(super) fn cidr_network<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let Some(range) = parse(text_argument(args, 0)?).filter(|range| range.bits == 32) else {
        return Ok(argument(args, 0).clone());
    };
    let address = u32::try_from(range.first)
        .map(Ipv4Addr::from)
        .map_err(|error| error.to_string())?;
    Ok(Val::text(format!("{address}/{}", range.prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Range {
        parse(text).unwrap()
    }

    #[test]
    fn host_bits_do_not_matter() {
        assert_eq!(parse("192.168.1.10/24"), parse("192.168.1.0/24"));
        assert!(parse("192.168.1.0/33").is_none());
        assert!(parse("nonsense").is_none());
    }

    #[test]
    fn overlapping_exclusions_are_taken_off_once() {
        let excluded = vec![range("10.0.0.0/28"), range("10.0.0.8/29"), range("10.0.1.0/24")];
        assert_eq!(usable(range("10.0.0.0/24"), excluded), 254 - 15);
        assert_eq!(usable(range("10.0.0.0/24"), vec![range("10.0.0.0/16")]), 0);
    }

    #[test]
    fn a_point_to_point_range_has_nothing_for_use() {
        assert_eq!(usable(range("10.0.0.0/31"), Vec::new()), 0);
        assert_eq!(usable(range("10.0.0.0/32"), Vec::new()), 0);
        assert_eq!(usable(range("10.0.0.0/30"), Vec::new()), 2);
    }
}
