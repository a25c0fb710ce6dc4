//! The report for a terminal: what is wrong in a sentence, all root causes with a line each, the worst in detail, and what is not known.
//!
//! The worst comes first. Sentences wrap at the width asked for; paths and commands never do. Every string is made printable first, so
//! a bundle cannot send a terminal any control sequence; the only escape bytes are our own colours, and only if asked for.

mod detail;
mod excerpt;
mod list;
mod screen;

use crate::causes::{self, Root};
use crate::first;
use crate::options::RenderOptions;
use crate::{narrowed, safe, units, wording};
use anstyle::Style;
use gleaner_report::{ObjectRef, Report, Verdict};
use screen::{BOLD, CYAN, DIM, GREEN, RED, Screen, YELLOW};

/// How many causes are shown in detail, and how many a summary names.
const DETAILS: usize = 3;
const SUMMARY: usize = 5;

/// Writes the report.
pub(crate) fn render(report: &Report, options: &RenderOptions) -> String {
    let screen = Screen::of(options);
    let roots = causes::listed(report);
    let mut out = head(report, screen) + &diagnosis(report, screen);
    out.push_str(&list::list(report, &roots, options.full, screen));
    let detailed: Vec<(usize, &Root<'_>)> = list::shown(report, &roots, options.full).collect();
    let most = if options.full { list::MOST } else { DETAILS };
    for (number, root) in detailed.into_iter().take(most) {
        out.push_str(&detail::cause(number, root, options.full, screen));
    }
    out.push_str(&closing(report, roots.len(), screen));
    out.push_str(&next(report, &roots, options.full, screen));
    out
}

/// Writes what fits beside the names of the files that were written: the diagnosis, and the first causes with a line each.
pub(crate) fn summary(report: &Report, options: &RenderOptions) -> String {
    let screen = Screen::of(options);
    let roots = causes::listed(report);
    let shown = roots.get(..SUMMARY).unwrap_or(&roots);
    let mut out = head(report, screen) + &diagnosis(report, screen);
    out.push_str(&list::list(report, shown, false, screen));
    out.truncate(out.trim_end().len());
    out.push('\n');
    if roots.len() > shown.len() {
        out.push_str(&format!(
            "and {}\n",
            units::count(roots.len() - shown.len(), "more cause")
        ));
    }
    out
}

impl Screen {
    fn of(options: &RenderOptions) -> Screen {
        Screen {
            color: options.color,
            width: options.width.clamp(40, 200),
            ascii: options.ascii,
        }
    }
}

/// What was read.
fn head(report: &Report, screen: Screen) -> String {
    let name = screen.symbols(&wording::or_missing(&report.bundle.name));
    let when = units::utc(&report.bundle.created_at).unwrap_or_else(|| "an unknown time".to_owned());
    let cluster = &report.cluster;
    let version = |of: &str, version: &str| match version {
        "" => format!("{of} version not in the bundle"),
        known => format!("{of} {}", wording::or_missing(known)),
    };
    let facts = format!(
        "collected {when}; {}, {}, {}; {}",
        version("Harvester", &cluster.harvester_version),
        version("Longhorn", &cluster.longhorn_version),
        version("Kubernetes", &cluster.kubernetes_version),
        hosts(report),
    );
    let name = screen.behind("Gleaner: ", &name, 2);
    let facts = screen.prose(&screen.symbols(&facts), 0);
    format!("{}{facts}\n\n", painted(&name, BOLD, screen))
}

/// How many hosts there are, and how many of them are Ready where the bundle says.
fn hosts(report: &Report) -> String {
    let nodes = &report.cluster.nodes;
    if nodes.is_empty() {
        return units::count(report.cluster.node_count, "host");
    }
    let ready = nodes.iter().filter(|node| node.ready == "Ready").count();
    format!("{ready} of {} ready", units::count(nodes.len(), "host"))
}

/// The diagnosis in a few sentences, and when the trouble began.
fn diagnosis(report: &Report, screen: Screen) -> String {
    let sentence = screen.line(&wording::brief(&report.diagnosis.sentence));
    let sentence = if sentence.is_empty() && report.findings.is_empty() {
        format!("{}.", narrowed::nothing(report))
    } else {
        sentence
    };
    let mut out = String::new();
    if !sentence.is_empty() {
        out.push_str(&painted(&screen.prose(&sentence, 0), BOLD, screen));
    }
    if let Some(began) = first::began(report) {
        out.push_str(&screen.prose(&screen.line(&began), 0));
        out.push('\n');
    }
    for (label, text) in first::facts(report) {
        out.push_str(&labelled(label, &text, BOLD, screen));
    }
    if out.is_empty() { out } else { out + "\n" }
}

/// Lines in a style, each with colours of its own, so that a pager can begin at any of them.
fn painted(lines: &str, style: Style, screen: Screen) -> String {
    lines.lines().map(|line| screen.paint(style, line) + "\n").collect()
}

/// The upgrade verdict, the gaps, and the totals.
fn closing(report: &Report, causes: usize, screen: Screen) -> String {
    let mut out = String::new();
    if let Some(line) = wording::upgrade_line(report) {
        let style = match report.upgrade.verdict {
            Verdict::Ready => GREEN,
            Verdict::Unknown => YELLOW,
            Verdict::Blocked => RED,
        };
        let reason = safe::line(&report.upgrade.reason);
        let reason = if reason.is_empty() {
            reason
        } else {
            format!(": {reason}")
        };
        out.push_str(&labelled("upgrade", &format!("{line}{reason}"), style, screen));
    }
    let gaps = wording::gaps(report);
    if !gaps.is_empty() {
        let gaps = format!("the bundle is not complete: {}", gaps.join("; "));
        out.push_str(&labelled("coverage", &gaps, YELLOW, screen));
    }
    for note in narrowed::notes(report) {
        out.push_str(&labelled("note", &note, CYAN, screen));
    }
    out.push_str(&labelled(
        "found",
        &wording::total_of_findings(report, causes),
        BOLD,
        screen,
    ));
    out.push_str(&labelled("checked", &wording::total_of_rules(report), DIM, screen));
    out
}

/// A line of the closing, wrapped, its label painted.
fn labelled(label: &str, text: &str, style: Style, screen: Screen) -> String {
    let label = format!("{label}:");
    let wrapped = screen.behind(&format!("{label:<10}"), &screen.line(text), 10);
    let rest = wrapped.strip_prefix(&label).unwrap_or_default();
    format!("{}{rest}\n", screen.paint(style, &label))
}

/// The commands that say more.
fn next(report: &Report, roots: &[Root<'_>], full: bool, screen: Screen) -> String {
    let bundle = bundle_name(report);
    let mut commands = Vec::new();
    let object = roots.iter().find_map(worst_object);
    commands.extend(object.map(|object| format!("gleaner why {bundle} {object}")));
    if !full {
        commands.push(format!("gleaner analyze {bundle} -o report.html"));
    }
    let labels = ["next:"].into_iter().chain(std::iter::repeat(""));
    labels
        .zip(commands)
        .map(|(label, command)| format!("{}{command}\n", screen.paint(BOLD, &format!("{label:<10}"))))
        .collect()
}

/// The file that was analyzed, as a word that a shell takes as it is; `BUNDLE` where it is not that or there are several.
fn bundle_name(report: &Report) -> &str {
    match report.bundle.inputs.as_slice() {
        [input] if is_plain(&input.name) => &input.name,
        _ => "BUNDLE",
    }
}

/// The first object that a cause affects, as `gleaner why` takes it: a VM that is down, one at risk, or the object itself.
fn worst_object(root: &Root<'_>) -> Option<String> {
    let finding = root.finding;
    let impact = &finding.impact;
    let objects = impact.down.iter().chain(&impact.at_risk).chain(&finding.objects);
    let named = |object: &ObjectRef| {
        let kind = match object.kind.to_lowercase() {
            vm if vm == "virtualmachine" => "vm".to_owned(),
            kind => kind,
        };
        let parts = match object.namespace.as_str() {
            "" => vec![kind.as_str(), &object.name],
            namespace => vec![kind.as_str(), namespace, &object.name],
        };
        let plain = parts.iter().all(|part| is_plain(part));
        plain.then(|| parts.join("/"))
    };
    objects.take(1).find_map(named)
}

/// Whether a name is a plain word for every shell, and no option.
fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    name.len() <= 255 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_become_part_of_a_command() {
        assert!(is_plain("supportbundle_9b6b_2022.zip"));
        for bad in ["", "-x", "a b", "$(x)", "a;b", "é", "a/b", "x`y`"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
