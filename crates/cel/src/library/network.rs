//! Functions over ranges of IP addresses (CIDR). IPv4 for counting; both families for containment.

use crate::value::Value;
use ipnet::{IpNet, Ipv4Net};
use std::net::IpAddr;

type Result<'a> = std::result::Result<Value<'a>, String>;

/// Reads `192.168.1.10/24`, with host bits or without; a bare address is a range of one.
fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).ok()
}

fn argument(value: &Value<'_>) -> std::result::Result<Option<IpNet>, String> {
    value.text_or_empty().map(parse)
}

fn v4(range: IpNet) -> Option<Ipv4Net> {
    match range {
        IpNet::V4(range) => Some(range),
        IpNet::V6(_) => None,
    }
}

/// Addresses between network and broadcast, less the union of the excluded ranges. A /31 or /32 has none for use.
pub(super) fn usable<'a>(args: &[Value<'a>]) -> Result<'a> {
    let Some(range) = argument(&args[0])?.and_then(v4) else {
        return Ok(Value::UNSET);
    };
    let excluded = args[1].to_list()?;
    let excluded = excluded.iter().filter_map(|text| v4(parse(text.as_str()?)?));
    Ok(Value::Int(count_usable(range, excluded.collect())))
}

fn count_usable(range: Ipv4Net, excluded: Vec<Ipv4Net>) -> i64 {
    let size = |range: &Ipv4Net| 1_i64 << (32 - range.prefix_len());
    if size(&range) < 4 {
        return 0;
    }
    // Two ranges are apart, or one holds the other; those that are left after this are apart.
    let excluded = Ipv4Net::aggregate(&excluded);
    if excluded.iter().any(|other| other.contains(&range)) {
        return 0;
    }
    let taken = excluded.iter().filter(|other| range.contains(*other)).map(|other| {
        // Network and broadcast are no addresses for use, so excluding them takes nothing off.
        let ends = [range.network(), range.broadcast()];
        let ends = ends.iter().map(|end| i64::from(other.contains(end))).sum::<i64>();
        size(other) - ends
    });
    size(&range) - 2 - taken.sum::<i64>()
}

pub(super) fn contains<'a>(args: &[Value<'a>]) -> Result<'a> {
    let ranges = argument(&args[0])?.zip(argument(&args[1])?);
    Ok(ranges.map_or(Value::UNSET, |(outer, inner)| Value::Bool(outer.contains(&inner))))
}

pub(super) fn overlaps<'a>(args: &[Value<'a>]) -> Result<'a> {
    let ranges = argument(&args[0])?.zip(argument(&args[1])?);
    Ok(ranges.map_or(Value::UNSET, |(a, b)| Value::Bool(a.contains(&b) || b.contains(&a))))
}

pub(super) fn network<'a>(args: &[Value<'a>]) -> Result<'a> {
    let range = argument(&args[0])?.and_then(v4);
    Ok(range.map_or_else(|| args[0].clone(), |range| Value::text(range.trunc().to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Ipv4Net {
        v4(parse(text).unwrap()).unwrap()
    }

    fn usable(text: &str, excluded: &[&str]) -> i64 {
        count_usable(range(text), excluded.iter().map(|text| range(text)).collect())
    }

    #[test]
    fn host_bits_do_not_matter() {
        let text = |text: &str| network(&[Value::text(text)]).unwrap().to_string();
        assert_eq!(text("192.168.1.10/24"), "192.168.1.0/24");
        assert_eq!(text("192.168.1.10"), "192.168.1.10/32");
        assert!(parse("192.168.1.0/33").is_none());
        assert!(parse("nonsense").is_none());
    }

    #[test]
    fn overlapping_exclusions_are_taken_off_once() {
        let excluded = ["10.0.0.0/28", "10.0.0.8/29", "10.0.1.0/24"];
        assert_eq!(usable("10.0.0.0/24", &excluded), 254 - 15);
        assert_eq!(usable("10.0.0.0/24", &["10.0.0.0/16"]), 0);
        assert_eq!(usable("10.0.0.0/24", &["10.0.0.0/25", "10.0.0.128/25"]), 0);
        assert_eq!(usable("10.0.0.0/24", &["10.0.0.255"]), 254);
        assert_eq!(usable("0.0.0.0/0", &["10.0.0.0/8"]), (1 << 32) - 2 - (1 << 24));
    }

    #[test]
    fn a_point_to_point_range_has_nothing_for_use() {
        assert_eq!(usable("10.0.0.0/31", &[]), 0);
        assert_eq!(usable("10.0.0.0/32", &[]), 0);
        assert_eq!(usable("10.0.0.0/30", &[]), 2);
    }

    #[test]
    fn families_are_never_in_each_other() {
        let both = |a: &str, b: &str| contains(&[Value::text(a), Value::text(b)]).unwrap();
        assert!(both("10.0.0.0/8", "10.1.2.3").equals(&Value::Bool(true)));
        assert!(both("::/0", "10.1.2.3").equals(&Value::Bool(false)));
        assert!(both("fd00::1/64", "fd00::2").equals(&Value::Bool(true)));
        assert!(both("10.0.0.0/8", "nonsense").is_unset());
    }
}
