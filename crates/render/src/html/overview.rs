//! The view of the whole page: its head, where to start, summary, coverage, hosts, upgrade and what is said about the
//! run.

use super::super::wording::{self, or_missing};
use super::super::{RenderError, RenderOptions, json, md, narrowed, safe, units};
use super::{chains, findings, hosts, storage, timeline, when};
use gleaner_report::Severity;
use gleaner_report::{CheckVerdict, Outcome, ProblemKind, Report, RuleOutcome, Verdict};
use serde_json::{Value, json};

/// Everything the templates show.
pub(super) fn view(report: &Report, options: &RenderOptions) -> Result<Value, RenderError> {
    let (digest, storage) = rayon::join(|| json::digest(report), || storage::view(report));
    Ok(json!({
        "title": title(report),
        "head": head(report),
        "start": findings::start(report),
        "summary": summary(report),
        "coverage": coverage(report),
        "hosts": hosts::view(report),
        "storage": storage,
        "vms": chains::view(report),
        "upgrade": upgrade(report),
        "timeline": timeline::view(report),
        "findings": findings::view(report, options),
        "rules": rules(report),
        "about": about(report, &digest?),
    }))
}

/// The page's title, at most 70 characters.
fn title(report: &Report) -> String {
    let verdict = match report.worst() {
        None if narrowed::hidden(report) > 0 => "nothing left to show".to_owned(),
        None => "no known problem found".to_owned(),
        Some(_) => wording::headline(report),
    };
    let room = 66_usize.saturating_sub(verdict.chars().count());
    // Only a plain name may stand in a browser's tab, where marks would be cut off and right-to-left text could mislead.
    let plain = report
        .bundle
        .name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b));
    let name: String = if plain {
        report.bundle.name.chars().take(room).collect()
    } else {
        String::new()
    };
    if name.is_empty() {
        format!("Gleaner: {verdict}")
    } else {
        format!("{verdict} · {name}")
    }
}

/// The verdict and the facts beside it.
fn head(report: &Report) -> Value {
    let clear = if narrowed::hidden(report) > 0 { "info" } else { "clear" };
    let level = report.worst().map_or(clear, Severity::as_str);
    let counts: Vec<Value> = [Severity::Blocker, Severity::Warning, Severity::Info]
        .into_iter()
        .map(|severity| json!({"n": wording::count_of(report, severity), "word": severity.as_str()}))
        .collect();
    let gaps = wording::gaps(report);
    json!({
        "level": level,
        "verdict": wording::headline(report),
        "upgrade": wording::upgrade_line(report),
        "reason": report.upgrade.reason,
        "name": safe::line_within(&report.bundle.name, 120),
        "collected": when(&report.bundle.created_at, report),
        "version": safe::line_within(&report.cluster.harvester_version, 40),
        "hosts": units::count(report.cluster.nodes.len().max(report.cluster.node_count), "host"),
        "counts": counts,
        "quiet": wording::outcome_count(report, Outcome::Quiet),
        "unchecked": wording::unchecked(report),
        "rules": report.rules.len(),
        "gaps": gaps,
        "notes": narrowed::notes(report),
        "nothing": narrowed::nothing(report),
        "tool": format!("{} {}", safe::line_within(&report.tool.name, 40), safe::line_within(&report.tool.version, 40)),
    })
}

/// The cluster in a few facts, and the block to copy into an issue.
fn summary(report: &Report) -> Value {
    let cluster = &report.cluster;
    let counts = |counts: &[gleaner_report::Count]| -> String {
        let parts: Vec<String> = counts
            .iter()
            .take(12)
            .map(|c| format!("{} {}", c.count, safe::line_within(&c.label, 60)))
            .collect();
        if parts.is_empty() {
            wording::NOT_IN_BUNDLE.to_owned()
        } else {
            parts.join(", ")
        }
    };
    let ready = cluster.nodes.iter().filter(|node| node.ready == "Ready").count();
    let hosts = if cluster.nodes.is_empty() {
        wording::NOT_IN_BUNDLE.to_owned()
    } else {
        format!("{ready} of {} Ready", cluster.nodes.len())
    };
    let source = safe::line_within(&cluster.harvester_version_source, 80);
    let fact = |name: &str, value: String, note: String| {
        let missing = value == wording::NOT_IN_BUNDLE;
        json!({"name": name, "missing": missing, "value": value, "note": note})
    };
    let backup = safe::line(&cluster.backup_target);
    let none = String::new;
    let addons: Vec<String> = cluster
        .addons
        .iter()
        .take(20)
        .map(|addon| safe::line_within(&addon.label, 100))
        .collect();
    let issue: Vec<String> = wording::issue_fields(report)
        .into_iter()
        .map(|(name, value)| md::issue_line(name, &value))
        .collect();
    json!({
        "facts": [
            fact("Harvester", or_missing(&cluster.harvester_version), source),
            fact("Longhorn", or_missing(&cluster.longhorn_version), none()),
            fact("Kubernetes", or_missing(&cluster.kubernetes_version), none()),
            fact("KubeVirt", or_missing(&cluster.kubevirt_version), none()),
            fact("Rancher", or_missing(&cluster.rancher_version), none()),
            fact("Virtual IP", or_missing(&cluster.vip), none()),
            fact("Hosts", hosts, none()),
            fact("Virtual machines", counts(&cluster.virtual_machines), none()),
            fact("Volumes", counts(&cluster.volumes), none()),
            fact("Add-ons", if addons.is_empty() { wording::NOT_IN_BUNDLE.to_owned() } else { addons.join(", ") }, none()),
            fact("Backup target", if backup.is_empty() { "none set".to_owned() } else { backup }, none()),
            fact("Issue", or_missing(&report.bundle.issue_url), none()),
        ],
        "description": safe::block(&report.bundle.issue_description, 40, 400),
        "issue": issue.join("\n"),
    })
}

/// What could be read and what could not.
fn coverage(report: &Report) -> Value {
    let coverage = &report.coverage;
    let problems: Vec<Value> = coverage
        .problems
        .iter()
        .take(200)
        .map(|problem| {
            let path = safe::line_within(&problem.path, 400);
            json!({"path": path, "kind": problem_word(problem.kind), "what": safe::line(&problem.what)})
        })
        .collect();
    let lines = |all: &[String]| -> Vec<String> { all.iter().take(200).map(|text| safe::line(text)).collect() };
    json!({
        "files": units::grouped(coverage.files),
        "size": units::bytes(coverage.bytes),
        "objects": units::grouped(coverage.objects),
        "items": units::grouped(coverage.yaml.items),
        "fallback": units::grouped(coverage.yaml.fallback_items),
        "bad": units::grouped(coverage.yaml.bad_items),
        "harmless": units::grouped(coverage.harmless_collection_errors),
        "complete": wording::gaps(report).is_empty(),
        "problems": problems,
        "problemsMore": coverage.problems.len().saturating_sub(200),
        "lists": [
            {"title": "Missing that every Harvester cluster has", "items": lines(&coverage.missing)},
            {"title": "Namespaces with workloads that were not collected", "items": lines(&coverage.namespaces_missing)},
            {"title": "Hosts without an archive of their logs", "items": lines(&wording::without_archive(report))},
            {"title": "Collection errors that matter", "items": lines(&coverage.collection_errors)},
        ],
        "namespaces": lines(&coverage.namespaces),
        "unchecked": unchecked(report),
    })
}

/// Rules without an answer, and why.
fn unchecked(report: &Report) -> Vec<Value> {
    let open = |rule: &&RuleOutcome| matches!(rule.outcome, Outcome::NotEvaluated | Outcome::Failed);
    let mut rules: Vec<&RuleOutcome> = report.rules.iter().filter(open).collect();
    rules.sort_by_key(|rule| rule.outcome != Outcome::Failed);
    rules
        .into_iter()
        .map(|rule| {
            let missing: Vec<String> = rule
                .missing
                .iter()
                .take(10)
                .map(|text| safe::line_within(text, 200))
                .collect();
            let failed = rule.outcome == Outcome::Failed;
            json!({
                "id": safe::line_within(&rule.id, 80),
                "title": safe::line_within(&rule.title, 200),
                "failed": failed,
                "why": if failed { safe::line(&rule.error) } else { missing.join(", ") },
            })
        })
        .collect()
}

/// The word for a problem with a part of the bundle.
fn problem_word(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Refused => "refused",
        ProblemKind::Unreadable => "unreadable",
        ProblemKind::OverLimit => "over a limit",
        ProblemKind::Duplicate => "duplicate",
        ProblemKind::BadItem => "bad item",
    }
}

/// The upgrade verdict, its targets and the official checks.
fn upgrade(report: &Report) -> Value {
    let upgrade = &report.upgrade;
    let links = |ids: &[String]| -> Vec<Value> {
        ids.iter()
            .take(50)
            .filter_map(|id| findings::link_to(report, id))
            .collect()
    };
    let lines = |all: &[String]| -> Vec<String> { all.iter().take(50).map(|text| safe::line(text)).collect() };
    let targets: Vec<Value> = upgrade
        .targets
        .iter()
        .take(50)
        .map(|target| {
            json!({
                "to": or_missing(&target.to), "verdict": verdict_word(target.verdict), "tone": verdict_tone(target.verdict),
                "blocked": links(&target.blocked_by), "missing": lines(&target.missing),
            })
        })
        .collect();
    json!({
        "verdict": verdict_word(upgrade.verdict),
        "tone": verdict_tone(upgrade.verdict),
        "line": wording::upgrade_line(report),
        "reason": upgrade.reason,
        "from": or_missing(&upgrade.from),
        "to": if upgrade.to.is_empty() { "no target known".to_owned() } else { safe::line_within(&upgrade.to, 60) },
        "source": safe::line_within(&upgrade.target_source, 120),
        "progress": safe::line_within(&upgrade.in_progress, 260),
        "blocked": links(&upgrade.blocked_by),
        "missing": lines(&upgrade.missing),
        "targets": targets,
        "checks": checks(report),
    })
}

/// The official checks, those that do not pass first.
fn checks(report: &Report) -> Vec<Value> {
    let mut checks: Vec<_> = report.official_checks.iter().collect();
    let rank = |verdict: CheckVerdict| match verdict {
        CheckVerdict::Fail => 0,
        CheckVerdict::Warning => 1,
        CheckVerdict::Unknown => 2,
        CheckVerdict::Pass => 3,
        CheckVerdict::Skipped => 4,
    };
    checks.sort_by_key(|check| rank(check.verdict));
    checks
        .into_iter()
        .take(300)
        .map(|check| {
            let (word, tone) = match check.verdict {
                CheckVerdict::Fail => ("fail", "bad"),
                CheckVerdict::Warning => ("warning", "warn"),
                CheckVerdict::Unknown => ("unknown", "dim"),
                CheckVerdict::Pass => ("pass", "ok"),
                CheckVerdict::Skipped => ("skipped", "dim"),
            };
            let objects: Vec<String> = check.objects.iter().take(3).map(wording::object).collect();
            json!({
                "source": safe::line_within(&check.source, 40), "check": or_missing(&check.check),
                "word": word, "tone": tone, "objects": objects, "more": check.objects.len().saturating_sub(3),
                "note": check.note, "links": findings::links_to_rules(report, &check.rules),
            })
        })
        .collect()
}

/// The word for an upgrade verdict.
fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "ready",
        Verdict::Unknown => "unknown",
        Verdict::Blocked => "blocked",
    }
}

/// The colour class for an upgrade verdict.
fn verdict_tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "ok",
        Verdict::Unknown => "dim",
        Verdict::Blocked => "bad",
    }
}

/// Rules that passed and rules about other versions.
fn rules(report: &Report) -> Value {
    let list = |outcome: Outcome| -> Vec<Value> {
        let of = report.rules.iter().filter(|rule| rule.outcome == outcome);
        of.map(|rule| {
            let title = safe::line_within(&rule.title, 200);
            json!({"id": safe::line_within(&rule.id, 80), "title": title, "why": safe::line_within(&rule.error, 200)})
        })
        .collect()
    };
    json!({
        "quiet": list(Outcome::Quiet),
        "skipped": list(Outcome::NotApplicable),
        "suppressed": findings::suppressed(report),
        "suppressedMore": report.suppressed.len().saturating_sub(findings::SUPPRESSED),
        "unchecked": wording::unchecked(report),
        "total": wording::total(report),
    })
}

/// What was read, by what, and what goes with it.
fn about(report: &Report, digest: &str) -> Value {
    let inputs: Vec<Value> = report
        .bundle
        .inputs
        .iter()
        .take(100)
        .map(|input| {
            let folder = input.sha256.is_empty() && input.size == 0;
            let size = if folder {
                "folder".to_owned()
            } else {
                units::bytes(input.size)
            };
            let (name, sha256) = (
                safe::line_within(&input.name, 260),
                safe::line_within(&input.sha256, 64),
            );
            json!({"name": name, "size": size, "sha256": sha256})
        })
        .collect();
    json!({
        "tool": format!("{} {}", safe::line_within(&report.tool.name, 40), safe::line_within(&report.tool.version, 40)),
        "rules": units::count(report.tool.rules, "rule"),
        "schema": safe::line_within(&report.schema, 60),
        "timeSource": or_missing(&report.bundle.created_at_source),
        "inputs": inputs,
        "digest": digest,
    })
}
