//! What several renderers say in the same words: the verdict, counts, what is missing, names of objects and findings.
//!
//! Takes a [`Report`]; gives plain strings and references into it. Nothing here is escaped for a format.

use crate::{narrowed, safe, units};
use gleaner_report::{
    Finding, Harm, HostCoverage, ImpactTiming, Moment, ObjectRef, Outcome, Presence, Report, Severity, Verdict,
};
use sha2::{Digest, Sha256};

/// What to say where the bundle does not have a value.
pub(crate) const NOT_IN_BUNDLE: &str = "not in the bundle";

/// How many findings there are of one severity.
pub(crate) fn count_of(report: &Report, severity: Severity) -> usize {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
}

/// How many rules ended in an outcome.
pub(crate) fn outcome_count(report: &Report, outcome: Outcome) -> usize {
    report.rules.iter().filter(|rule| rule.outcome == outcome).count()
}

/// A severity with its number: `1 blocker`, `2 warnings`, `3 info`.
pub(crate) fn severity_count(n: usize, severity: Severity) -> String {
    match severity {
        Severity::Info => format!("{} info", units::grouped(n)),
        _ => units::count(n, severity.as_str()),
    }
}

/// The verdict in words: `3 blockers, 2 warnings and 1 info`, or that there is nothing to show.
pub(crate) fn headline(report: &Report) -> String {
    let parts: Vec<String> = [Severity::Blocker, Severity::Warning, Severity::Info]
        .into_iter()
        .map(|severity| (count_of(report, severity), severity))
        .filter(|(n, _)| *n > 0)
        .map(|(n, severity)| severity_count(n, severity))
        .collect();
    if parts.is_empty() {
        narrowed::nothing(report)
    } else {
        units::joined(&parts)
    }
}

/// What the upgrade verdict says, as a sentence without its reason; `None` where there is nothing to say.
pub(crate) fn upgrade_line(report: &Report) -> Option<String> {
    let upgrade = &report.upgrade;
    let to = if upgrade.to.is_empty() {
        String::new()
    } else {
        format!(" to {}", safe::line_within(&upgrade.to, 60))
    };
    if upgrade.from.is_empty() && to.is_empty() && upgrade.reason.is_empty() {
        return None;
    }
    Some(match upgrade.verdict {
        Verdict::Ready => format!("No blocker found for the upgrade{to}"),
        Verdict::Unknown => format!("It cannot be determined whether the upgrade{to} can start"),
        Verdict::Blocked => format!("The upgrade{to} is blocked"),
    })
}

/// The gaps of the bundle that a reader must know before trusting a "nothing found", each as a sentence.
pub(crate) fn gaps(report: &Report) -> Vec<String> {
    let coverage = &report.coverage;
    let mut gaps = Vec::new();
    let mut gap = |n: usize, one: &str, many: &str| {
        if n > 0 {
            gaps.push(format!("{} {}", units::grouped(n), if n == 1 { one } else { many }));
        }
    };
    gap(
        coverage.missing.len(),
        "thing that every Harvester cluster has is not in the bundle",
        "things that every Harvester cluster has are not in the bundle",
    );
    gap(
        coverage.problems.len(),
        "part of the bundle was not readable",
        "parts of the bundle were not readable",
    );
    gap(
        coverage.nodes_without_archive.len(),
        "host has no archive with its logs",
        "hosts have no archive with their logs",
    );
    let hosts = |is_empty: fn(&HostCoverage) -> bool| coverage.hosts.iter().filter(|host| is_empty(host)).count();
    gap(
        hosts(|host| host.archive != Presence::Missing && host.logs == 0),
        "host has an archive without logs",
        "hosts have an archive without logs",
    );
    gap(
        hosts(|host| host.supportconfig == Presence::Empty),
        "host has an empty supportconfig",
        "hosts have an empty supportconfig",
    );
    gap(
        coverage.namespaces_missing.len(),
        "namespace with workloads was not collected",
        "namespaces with workloads were not collected",
    );
    gap(
        coverage.collection_errors.len(),
        "collection error matters",
        "collection errors matter",
    );
    gap(
        coverage.yaml.bad_items,
        "object could not be parsed",
        "objects could not be parsed",
    );
    gap(outcome_count(report, Outcome::Failed), "rule broke", "rules broke");
    gaps
}

/// The hosts without an archive, with the reason where the report knows it: a host that is down cannot be collected from.
pub(crate) fn without_archive(report: &Report) -> Vec<String> {
    let is_down = |name: &String| {
        let mut nodes = report.cluster.nodes.iter();
        nodes.any(|node| node.name == *name && node.ready != "Ready")
    };
    let names = report.coverage.nodes_without_archive.iter();
    let named = names.map(|name| match is_down(name) {
        true => format!("{name}, which is not Ready: nothing could be collected there"),
        false => name.clone(),
    });
    named.collect()
}

/// How many rules could not be checked, because data is missing or the rule failed.
pub(crate) fn unchecked(report: &Report) -> usize {
    outcome_count(report, Outcome::NotEvaluated) + outcome_count(report, Outcome::Failed)
}

/// The id of a finding if it is hexadecimal, as ours are, else a hash of it: safe in an address or an attribute.
pub(crate) fn plain_id(id: &str) -> String {
    let plain = (1..=64).contains(&id.len()) && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if plain {
        id.to_owned()
    } else {
        base16ct::lower::encode_string(&Sha256::digest(id)[..6])
    }
}

/// The title of a finding on one line; the rule's id, or a word about it, where there is none.
pub(crate) fn title(finding: &Finding) -> String {
    let texts = [&finding.title, &finding.rule].map(|text| safe::line_within(text, 160));
    texts
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| "finding without a title".to_owned())
}

/// What a finding says, on one line; its title where the message is empty.
pub(crate) fn message(finding: &Finding, max: usize) -> String {
    let message = safe::line_within(&finding.message, max);
    if message.is_empty() { title(finding) } else { message }
}

/// An object as `Kind namespace/name`, printable and on one line.
pub(crate) fn object(object: &ObjectRef) -> String {
    format!("{} {}", safe::line_within(&object.kind, 80), object_name(object))
        .trim()
        .to_owned()
}

/// An object as `namespace/name`, printable and on one line.
pub(crate) fn object_name(object: &ObjectRef) -> String {
    let name = safe::line_within(&object.name, 260);
    if object.namespace.is_empty() {
        name
    } else {
        format!("{}/{name}", safe::line_within(&object.namespace, 80))
    }
}

/// A text of the bundle, or that it is not in the bundle.
pub(crate) fn or_missing(text: &str) -> String {
    let line = safe::line(text);
    if line.is_empty() {
        NOT_IN_BUNDLE.to_owned()
    } else {
        line
    }
}

/// A state of the bundle in a word or two, or that it is not in the bundle.
pub(crate) fn state(text: &str) -> String {
    let word = safe::line_within(text, 60);
    if word.is_empty() {
        NOT_IN_BUNDLE.to_owned()
    } else {
        word
    }
}

/// How many volumes there are, also those beyond the list of them.
pub(crate) fn volumes(report: &Report) -> u64 {
    let counts = report.cluster.volumes.iter().map(|count| count.count);
    counts.fold(0, u64::saturating_add)
}

/// The virtual machines that are down because of a finding, and those at risk: a clause, empty where there are none.
pub(crate) fn affected(finding: &Finding) -> String {
    let impact = &finding.impact;
    let mut parts = Vec::new();
    if !impact.down.is_empty() {
        parts.push(format!("VMs down now: {}", names(&impact.down)));
    }
    if !impact.at_risk.is_empty() {
        let by = safe::line_within(&impact.at_risk_by, 120);
        parts.push(format!("VMs at risk by {by}: {}", names(&impact.at_risk)));
    }
    if parts.is_empty() && !impact.virtual_machines.is_empty() {
        parts.push(format!("{}: {}", timing(impact.hits), names(&impact.virtual_machines)));
    }
    match (parts.is_empty(), impact.incomplete) {
        (true, true) => parts.push("VMs in namespaces that were not collected may be affected too".to_owned()),
        (false, true) => parts.push("there may be more, because not all namespaces were collected".to_owned()),
        _ => {}
    }
    parts.join("; ")
}

/// The first of these objects by name, and how many more there are.
fn names(objects: &[ObjectRef]) -> String {
    let mut names: Vec<String> = objects.iter().take(6).map(object_name).collect();
    if objects.len() > names.len() {
        names.push(format!("{} more", objects.len() - names.len()));
    }
    names.join(", ")
}

/// What a finding does to the cluster, in words.
pub(crate) fn harm(harm: Harm) -> &'static str {
    match harm {
        Harm::DataLoss => "data is lost or has no usable copy",
        Harm::Outage => "VMs or the control plane are down now",
        Harm::Redundancy => "one more failure loses data, service or quorum",
        Harm::UpgradeBlocked => "an upgrade hangs or failed",
        Harm::UpgradeRisk => "an upgrade would be refused or fail",
        Harm::Degraded => "a service of the platform is impaired",
        Harm::Hygiene => "worth putting in order",
    }
}

/// What a finding does to the cluster, in a word or two.
pub(crate) fn harm_word(harm: Harm) -> &'static str {
    match harm {
        Harm::DataLoss => "lost data",
        Harm::Outage => "outage",
        Harm::Redundancy => "lost redundancy",
        Harm::UpgradeBlocked => "blocked upgrade",
        Harm::UpgradeRisk => "upgrade risk",
        Harm::Degraded => "impaired",
        Harm::Hygiene => "hygiene",
    }
}

/// How often a moment was, to how many objects, and until when; empty for one that was once.
pub(crate) fn often(moment: &Moment) -> String {
    let times = usize::try_from(moment.count).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    parts.extend((times > 1).then(|| format!("{} times", units::grouped(times))));
    parts.extend((moment.objects > 1).then(|| format!("{} objects", units::grouped(moment.objects))));
    let until = moment
        .until
        .as_deref()
        .map(|until| units::utc(until).unwrap_or_else(|| safe::line_within(until, 40)));
    parts.extend(until.map(|until| format!("until {until}")));
    parts.join(", ")
}

/// When a finding began.
pub(crate) fn since(finding: &Finding) -> String {
    let since = finding.since.as_deref().unwrap_or("unknown");
    units::utc(since).unwrap_or_else(|| safe::line_within(since, 40))
}

/// When a finding began, for a list: the day and minute in UTC, without the year in which the bundle was made. `None` where that is
/// not known.
pub(crate) fn since_short(report: &Report, finding: &Finding) -> Option<String> {
    let since = units::utc(finding.since.as_deref()?)?;
    let collected = units::utc(&report.bundle.created_at).unwrap_or_default();
    let minute = since.get(..16)?;
    let same_year = minute.get(..5) == collected.get(..5);
    Some(minute.get(if same_year { 5.. } else { 0.. })?.to_owned())
}

/// A sentence for a list: [`brief`], and without UUIDs that are in parentheses behind a name.
pub(crate) fn short(text: &str) -> String {
    let brief = brief(text);
    let mut parts = brief.split(" (");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let uuid = part.split_once("…)").filter(|(name, _)| {
            let digits = name.len().checked_sub(8).and_then(|at| name.get(at..));
            !name.contains(' ') && digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
        });
        match uuid {
            Some((_, after)) => out.push_str(after),
            None => out.extend([" (", part]),
        }
    }
    out
}

/// A sentence of at most so many characters, cut after a word.
pub(crate) fn clipped(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let shown = &text[..end];
            let word = shown.rsplit_once(' ').map_or(shown, |(words, _)| words);
            format!("{}…", word.trim_end_matches([',', ';', ':']))
        }
    }
}

/// The findings by severity, and the causes they come from; that nothing was found, without findings.
pub(crate) fn total_of_findings(report: &Report, causes: usize) -> String {
    let suppressed = match report.suppressed.len() {
        0 => String::new(),
        n => format!("; {} suppressed", units::grouped(n)),
    };
    let found = report.findings.len();
    if found == 0 {
        return format!("{}{suppressed}", narrowed::nothing(report).replacen('N', "n", 1));
    }
    format!(
        "{} from {}: {}{suppressed}",
        units::count(found, "finding"),
        units::count(causes, "cause"),
        headline(report),
    )
}

/// The rules by outcome.
pub(crate) fn total_of_rules(report: &Report) -> String {
    let count = |outcome| units::grouped(outcome_count(report, outcome));
    format!(
        "{}: {} matched, {} did not, {} not applicable, {} could not be checked",
        units::count(report.rules.len(), "rule"),
        count(Outcome::Fired),
        count(Outcome::Quiet),
        count(Outcome::NotApplicable),
        units::grouped(unchecked(report)),
    )
}

/// What general rules say of the same objects.
pub(crate) fn absorbed(finding: &Finding) -> String {
    let said = finding
        .absorbs
        .iter()
        .map(|other| format!("{} ({})", other.message, other.rule));
    said.collect::<Vec<_>>().join("; ")
}

/// A sentence for a line that is scanned: UUIDs end after eight digits, and times are to the minute.
pub(crate) fn brief(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let bound = out.chars().next_back().is_none_or(|last| !last.is_ascii_alphanumeric());
        if let Some(uuid) = rest.get(..36).filter(|uuid| bound && is_uuid(uuid)) {
            out.push_str(&uuid[..8]);
            out.push('…');
            rest = &rest[36..];
        } else if let Some(time) = rest.get(..20).filter(|time| bound && time.ends_with('Z'))
            && let Some(minute) = units::minute(time)
        {
            out.push_str(&minute);
            out.push_str(" UTC");
            rest = &rest[20..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let digits = |group: &&str| group.bytes().all(|b| b.is_ascii_hexdigit());
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(digits)
}

/// The words before a list of virtual machines, by when those are affected.
pub(crate) fn timing(timing: ImpactTiming) -> &'static str {
    match timing {
        ImpactTiming::Now => "VMs affected now",
        ImpactTiming::Next => "VMs affected by the next drain, restart or node failure",
    }
}

/// The program that made the report, and its version.
pub(crate) fn tool(report: &Report) -> String {
    let tool = &report.tool;
    format!(
        "{} {}",
        safe::line_within(&tool.name, 40),
        safe::line_within(&tool.version, 40)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brief_sentence_has_short_names_and_times() {
        assert_eq!(
            brief("volume a/b (pvc-2c3d208d-f57e-4f32-a643-686d7086400d) since 2025-06-12T06:31:02Z; é"),
            "volume a/b (pvc-2c3d208d…) since 2025-06-12 06:31 UTC; é"
        );
        assert_eq!(
            brief("x2025-06-12T06:31:02Z 2025-99-12T06:31:02Z"),
            "x2025-06-12T06:31:02Z 2025-99-12T06:31:02Z"
        );
        assert_eq!(
            brief("2c3d208d-f57e-4f32-a643-686d708640"),
            "2c3d208d-f57e-4f32-a643-686d708640"
        );
    }

    #[test]
    fn lists_leave_out_uuids_in_parentheses_behind_a_name() {
        let uuid = "2c3d208d-f57e-4f32-a643-686d7086400d";
        assert_eq!(
            short(&format!("volume a/b (pvc-{uuid}) is faulted")),
            "volume a/b is faulted"
        );
        assert_eq!(
            short(&format!("replica pvc-{uuid}-r-1 é")),
            "replica pvc-2c3d208d…-r-1 é"
        );
        assert_eq!(short(&format!("({uuid})")), "(2c3d208d…)");
        assert_eq!(short("no uuid: 2c3d208d-f57e"), "no uuid: 2c3d208d-f57e");
        assert_eq!(clipped("one, two three", 8), "one…");
        assert_eq!(clipped("one", 3), "one");
    }
}
