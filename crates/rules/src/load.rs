//! Loads a rule from the text of its `rule.yaml`, or returns all its mistakes.
//!
//! Its expressions are compiled when they are first needed, or by [`Rule::check`].

use super::diagnostic::Diagnostic;
use super::diagnostic_sink::DiagnosticSink;
use super::renamed;
use super::rule::Rule;
use super::rule_text::RuleText;
use super::schema::{LogSpec, RuleFile};
use super::template::is_safe_name;
use gleaner_cluster::Graph;
use gleaner_cluster::Kinds;
use gleaner_cluster::VersionRange;
use gleaner_logs::{self, Signature};
use gleaner_report::AREAS;
use gleaner_text::Pattern;
use std::sync::Arc;

/// What `hit` has besides the groups of the pattern.
const HIT_FIELDS: [&str; 12] = [
    "count",
    "run",
    "runs",
    "first",
    "last",
    "cleared",
    "text",
    "path",
    "namespace",
    "pod",
    "container",
    "node",
];

/// Reads one rule. `path` is `area/id/rule.yaml` below the folder of rules.
pub(super) fn rule(
    path: &str,
    text: &RuleText,
    kinds: &Arc<Kinds>,
    graph: &Arc<Graph>,
) -> Result<Rule, Vec<Diagnostic>> {
    let mut loader = Loader(DiagnosticSink::new(path, text.as_str(), kinds, graph));
    let file: RuleFile = match text.read() {
        Ok(file) => file,
        Err(error) => {
            let old = renamed::old_keys(path, text.as_str(), renamed::RULE);
            if !old.is_empty() {
                return Err(old);
            }
            let at = error.location().map_or(0, |location| location.index());
            let at = at.min(text.as_str().len());
            let help = "see `gleaner rules schema` for the fields of a rule";
            loader.0.add((at, at + 1), error.to_string(), help);
            return Err(loader.0.mistakes);
        }
    };
    let area = loader.identity(&file);
    let for_each = file.for_each.as_ref().and_then(|name| loader.0.kind("for_each:", name));
    let log = file.log.as_ref().and_then(|log| loader.signature(log));
    if file.log.is_some() && file.for_each.is_some() {
        let what = "a rule looks at objects or at log lines, not at both";
        loader.0.at_key("log:", what, "use `get` or a relation");
    }
    if file.log.is_none() && file.when.is_none() {
        let help = "only a log rule fires without a condition";
        loader.0.at_key("id:", "missing field `when`", help);
    }
    let running = loader.range("running:", file.applies.running.as_ref());
    let target = loader.range("target:", file.applies.target.as_ref());
    let longhorn = loader.range("longhorn:", file.applies.longhorn.as_ref());
    loader.0.finish(Some(Rule {
        file,
        area,
        running,
        target,
        longhorn,
        for_each,
        log,
        source: super::rule::RuleSource::new(path, text, kinds, graph),
    }))
}

struct Loader<'l>(DiagnosticSink<'l>);

impl Loader<'_> {
    fn range(&mut self, key: &str, range: Option<&String>) -> Option<VersionRange> {
        match VersionRange::parse(range?) {
            Ok(range) => Some(range),
            Err(what) => {
                self.0.at_key(key, what, "write a range such as `>=1.3.0 <1.5.0`");
                None
            }
        }
    }

    /// Checks what every rule must have, and returns its area.
    fn identity(&mut self, file: &RuleFile) -> String {
        let mut folders = self.0.path.rsplit('/').skip(1);
        let (folder, area) = (folders.next().unwrap_or_default(), folders.next().unwrap_or_default());
        if file.id != folder {
            self.0.at_key(
                "id:",
                format!("the id `{}` is not the folder's name `{folder}`", file.id),
                "rename one of them",
            );
        }
        if !is_safe_name(&file.id) || file.id.contains('.') {
            self.0.at_key("id:", "an id is written in kebab-case", "");
        }
        if !AREAS.contains(&area) {
            self.0.at_key(
                "id:",
                format!("`{area}` is not an area"),
                format!("areas are {}", AREAS.join(", ")),
            );
        }
        if file.remediation.is_empty() {
            self.0
                .at_key("remediation:", "a rule says what to do next", "add at least one step");
        }
        if file.references.is_empty() {
            self.0.at_key(
                "references:",
                "a rule says where to read more",
                "add at least one reference",
            );
        }
        for reference in &file.references {
            if !reference.url.starts_with("https://") {
                self.0.at_key(&reference.url, "a reference is an https address", "");
            }
        }
        area.to_owned()
    }

    fn signature(&mut self, spec: &LogSpec) -> Option<Signature> {
        let mut pods = Vec::new();
        for pod in &spec.pods {
            match gleaner_logs::pod_pattern(pod) {
                Ok(pattern) => pods.push(pattern),
                Err(what) => self.0.at_key(pod, what, "write `namespace/pod-*`"),
            }
        }
        if spec.pods.is_empty() && spec.units.is_empty() {
            self.0.at_key("log:", "no log is named", "add `pods:` or `units:`");
        }
        for (key, after) in [
            ("stale_after:", &spec.stale_after),
            ("expires_after:", &spec.expires_after),
        ] {
            if after != "never" && gleaner_text::parse_duration(after).is_none_or(|span| span < 0) {
                let what = format!("`{after}` is not a duration");
                self.0.at_key(key, what, "write `24h`, `1h30m` or `never`");
            }
        }
        let line = self.line("literal:", &spec.literal, spec.regex.as_deref())?;
        let clears = match &spec.clear {
            Some(clear) => Some(self.line("clear:", &clear.literal, clear.regex.as_deref())?),
            None => None,
        };
        for group in line.pattern.iter().flat_map(Pattern::groups) {
            if HIT_FIELDS.contains(&group) {
                let what = format!("the group `{group}` has the name of a field of `hit`");
                self.0.at_key(&format!("<{group}>"), what, "give it another name");
            }
        }
        for name in &spec.by {
            let known = line
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.groups().any(|group| group == name));
            if !known {
                self.0.at_key(
                    "by:",
                    format!("the pattern has no group `{name}`"),
                    "write `(?P<name>…)`",
                );
            }
        }
        Some(Signature {
            pods,
            containers: spec.containers.clone(),
            units: spec.units.clone(),
            line,
            clears,
            by: spec.by.clone(),
            gap: self.gap(&spec.gap),
        })
    }

    /// The seconds of a gap between runs.
    fn gap(&mut self, text: &str) -> i64 {
        let gap = gleaner_text::parse_duration(text).filter(|gap| *gap > 0);
        gap.unwrap_or_else(|| {
            let what = format!("`{text}` is not a duration");
            self.0.at_key("gap:", what, "write it as in Go, such as `30m` or `2h`");
            0
        })
    }

    fn line(&mut self, key: &str, literal: &str, pattern: Option<&str>) -> Option<gleaner_logs::LinePattern> {
        if literal.len() < 4 {
            self.0.at_key(
                key,
                "a literal has at least four characters",
                "short literals hit everywhere",
            );
        }
        let pattern = match pattern.map(Pattern::new) {
            Some(Ok(pattern)) => Some(pattern),
            Some(Err(error)) => {
                self.0.at_key("regex:", format!("bad pattern: {error}"), "");
                return None;
            }
            None => None,
        };
        Some(gleaner_logs::LinePattern {
            literal: literal.to_owned(),
            pattern,
        })
    }
}
