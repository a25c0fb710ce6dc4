//! From the text of a `rule.yaml` to a rule that can be evaluated, or to all its mistakes at once.

use super::compiled::{Each, EvidenceSource, Need, Rule, Step};
use super::diagnostic::{Diagnostic, locate};
use super::expr::{self, Expr, Mistake, Scope, Type, Uses};
use super::pattern::Pattern;
use super::schema::{Bindings, EvidenceSpec, LogSpec, RuleFile, SeveritySpec};
use super::template::{Template, is_safe_name};
use crate::log::{self, Signature};
use crate::model::graph::Graph;
use crate::model::kind::{KindId, Kinds};
use crate::model::path::FieldPath;
use crate::model::version::VersionRange;
use std::collections::BTreeSet;

/// Areas of rules, in the order reports show them.
pub(super) const AREAS: [&str; 11] = [
    "upgrade", "cluster", "storage", "image", "csi", "backup", "vm", "node", "network", "addon", "log",
];

/// Compiles one rule. `path` is `area/id/rule.yaml` below the folder of rules.
pub(super) fn rule(path: &str, text: &str, kinds: &Kinds, graph: &Graph) -> Result<Rule, Vec<Diagnostic>> {
    let mut loader = Loader {
        path,
        text,
        kinds,
        graph,
        mistakes: Vec::new(),
    };
    let file: RuleFile = match serde_yaml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let at = error.location().map_or(0, |location| location.index().min(text.len()));
            loader.add(
                (at, at + 1),
                error.to_string(),
                "see `gleaner rules schema` for the fields of a rule",
            );
            return Err(loader.mistakes);
        }
    };
    let rule = loader.rule(file);
    if loader.mistakes.is_empty() {
        Ok(rule.ok_or(loader.mistakes)?)
    } else {
        Err(loader.mistakes)
    }
}

struct Loader<'l> {
    path: &'l str,
    text: &'l str,
    kinds: &'l Kinds,
    graph: &'l Graph,
    mistakes: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn add(&mut self, span: (usize, usize), what: impl Into<String>, help: impl Into<String>) {
        self.mistakes.push(Diagnostic {
            file: self.path.to_owned(),
            text: self.text.to_owned(),
            span,
            what: what.into(),
            help: help.into(),
        });
    }

    /// A mistake at the line that holds `key`.
    fn at_key(&mut self, key: &str, what: impl Into<String>, help: impl Into<String>) {
        let start = self.text.find(key).unwrap_or(0);
        self.add((start, start + key.len()), what, help);
    }

    fn keep<T>(&mut self, key: &str, source: &str, result: Result<T, Vec<Mistake>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(mistakes) => {
                for mistake in mistakes {
                    self.add(locate(self.text, key, source, mistake.span), mistake.what, mistake.help);
                }
                None
            }
        }
    }

    fn expr(&mut self, key: &str, source: &str, scope: &Scope<'_>) -> Option<Expr> {
        self.keep(key, source, expr::compile(source, scope))
    }

    fn template(&mut self, key: &str, source: &str, scope: &Scope<'_>) -> Option<Template> {
        self.keep(key, source, Template::compile(source, scope))
    }

    fn range(&mut self, key: &str, range: Option<&String>) -> Option<VersionRange> {
        match VersionRange::parse(range?) {
            Ok(range) => Some(range),
            Err(what) => {
                self.at_key(key, what, "write a range such as `>=1.3.0 <1.5.0`");
                None
            }
        }
    }

    fn kind(&mut self, key: &str, name: &str) -> Option<KindId> {
        let found = self.kinds.by_name(name);
        if found.is_none() {
            let help = expr::did_you_mean(name, self.kinds.all().map(|(_, info)| info.name.as_str()));
            self.add(
                locate(self.text, key, name, (0, name.len())),
                format!("unknown kind `{name}`"),
                help,
            );
        }
        found
    }

    fn kinds(&mut self, key: &str, names: &[String]) -> BTreeSet<KindId> {
        names.iter().filter_map(|name| self.kind(key, name)).collect()
    }

    fn bindings(&mut self, key: &str, bindings: &Bindings, scope: &mut Scope<'_>) -> Vec<Expr> {
        let mut compiled = Vec::new();
        for (name, source) in bindings {
            let Some(source) = source.as_str() else {
                self.at_key(
                    &format!("{name}:"),
                    format!("`{name}` is no expression"),
                    "write the expression as text",
                );
                continue;
            };
            let named = format!("{name}:");
            let expr = self.expr(if self.text.contains(&named) { &named } else { key }, source, scope);
            let ty = expr.as_ref().map_or(Type::Any, |expr| expr.ty.clone());
            scope.variables.push((name.clone(), ty));
            compiled.extend(expr);
        }
        compiled
    }

    fn check_identity(&mut self, file: &RuleFile) -> String {
        let mut folders = self.path.rsplit('/').skip(1);
        let (folder, area) = (folders.next().unwrap_or_default(), folders.next().unwrap_or_default());
        if file.id != folder {
            self.at_key(
                "id:",
                format!("the id `{}` is not the folder's name `{folder}`", file.id),
                "rename one of them",
            );
        }
        if !is_safe_name(&file.id) || file.id.contains('.') {
            self.at_key("id:", "an id is written in kebab-case", "");
        }
        if !AREAS.contains(&area) {
            self.at_key(
                "id:",
                format!("`{area}` is no area"),
                format!("areas are {}", AREAS.join(", ")),
            );
        }
        if file.remediation.is_empty() {
            self.at_key("remediation:", "a rule says what to do next", "add at least one step");
        }
        if file.references.is_empty() {
            self.at_key(
                "references:",
                "a rule says where to read more",
                "add at least one reference",
            );
        }
        for reference in &file.references {
            if !reference.url.starts_with("https://") {
                self.at_key(&reference.url, "a reference is an https address", "");
            }
        }
        area.to_owned()
    }

    fn rule(&mut self, file: RuleFile) -> Option<Rule> {
        let area = self.check_identity(&file);
        let for_each = file.for_each.as_ref().and_then(|name| self.kind("for_each:", name));
        let requires = self.kinds("requires:", &file.requires);
        let may_lack = self.kinds("may_lack:", &file.may_lack);
        let optional = self.kinds("optional:", &file.optional);
        let mut scope = Scope {
            kinds: self.kinds,
            graph: self.graph,
            variables: Vec::new(),
            may_list: true,
        };
        let once = self.bindings("once:", &file.once, &mut scope);
        let needs = file.needs.iter().filter_map(|need| {
            let have = self.expr("have:", &need.have, &scope)?;
            Some(Need {
                have,
                missing: need.missing.clone(),
            })
        });
        let needs: Vec<Need> = needs.collect();
        let mut counted = scope.clone();
        counted.variables.push(("count".to_owned(), Type::Int));
        let summary = file
            .summary
            .as_ref()
            .and_then(|summary| self.template("summary:", summary, &counted));
        if let (Some(kind), Some(name)) = (for_each, &file.for_each) {
            scope.may_list = false;
            let variable = file
                .variable
                .clone()
                .unwrap_or_else(|| crate::model::kind::split(name).0.to_lowercase());
            scope.variables.push((variable, Type::Object(kind)));
        }
        let log = file.log.as_ref().and_then(|log| self.signature(log));
        if file.log.is_some() {
            if file.for_each.is_some() {
                self.at_key(
                    "log:",
                    "a rule looks at objects or at log lines, not at both",
                    "use `get` or a relation",
                );
            }
            scope.variables.push(("hit".to_owned(), Type::Any));
        }
        let each = file.each.as_ref().and_then(|each| {
            let list = self.expr("in:", &each.list, &scope)?;
            let element = match &list.ty {
                Type::List(item) => (**item).clone(),
                _ => Type::Any,
            };
            scope.variables.push((each.variable.clone(), element));
            Some(Each { list })
        });
        let bindings = self.bindings("let:", &file.bindings, &mut scope);
        let when = self.expr("when:", &file.when, &scope);
        let severity = self.severity(&file.severity, &scope);
        let group_by = file
            .group_by
            .as_ref()
            .and_then(|source| self.expr("group_by:", source, &scope));
        let objects = file
            .objects
            .as_ref()
            .and_then(|source| self.expr("objects:", source, &scope));
        let message = self.template("message:", &file.message, &scope);
        let evidence = self.evidence(&file.evidence, for_each, &scope);
        let remediation = self.remediation(&file, &scope);
        let (running, target, longhorn) = (
            self.range("running:", file.applies.running.as_ref()),
            self.range("target:", file.applies.target.as_ref()),
            self.range("longhorn:", file.applies.longhorn.as_ref()),
        );
        let (when, message) = (when?, message?);
        let mut rule = Rule {
            file,
            area,
            running,
            target,
            longhorn,
            for_each,
            log,
            each,
            once,
            needs,
            bindings,
            when,
            severity,
            group_by,
            objects,
            message,
            summary,
            evidence,
            remediation,
            requires,
            may_lack,
            uses: Uses::default(),
        };
        classify(&mut rule, &optional);
        Some(rule)
    }

    fn signature(&mut self, spec: &LogSpec) -> Option<Signature> {
        let mut pods = Vec::new();
        for pod in &spec.pods {
            match log::pod_pattern(pod) {
                Ok(pattern) => pods.push(pattern),
                Err(what) => self.at_key(pod, what, "write `namespace/pod-*`"),
            }
        }
        if spec.pods.is_empty() && spec.units.is_empty() {
            self.at_key("log:", "no log is named", "add `pods:` or `units:`");
        }
        let says = self.line("literal:", &spec.literal, spec.regex.as_deref())?;
        let clears = match &spec.clear {
            Some(clear) => Some(self.line("clear:", &clear.literal, clear.regex.as_deref())?),
            None => None,
        };
        for name in &spec.by {
            let known = says
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.groups().any(|group| group == name));
            if !known {
                self.at_key(
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
            says,
            clears,
            by: spec.by.clone(),
        })
    }

    fn line(&mut self, key: &str, literal: &str, pattern: Option<&str>) -> Option<log::Line> {
        if literal.len() < 4 {
            self.at_key(
                key,
                "a literal has at least four characters",
                "short literals hit everywhere",
            );
        }
        let pattern = match pattern.map(Pattern::new) {
            Some(Ok(pattern)) => Some(pattern),
            Some(Err(error)) => {
                self.at_key("regex:", format!("bad pattern: {error}"), "");
                return None;
            }
            None => None,
        };
        Some(log::Line {
            literal: literal.to_owned(),
            pattern,
        })
    }

    fn severity(&mut self, spec: &SeveritySpec, scope: &Scope<'_>) -> Vec<(Option<Expr>, crate::finding::Severity)> {
        match spec {
            SeveritySpec::Always(severity) => vec![(None, *severity)],
            SeveritySpec::Cases(cases) => {
                if cases.last().is_none_or(|last| last.when.is_some()) {
                    self.at_key(
                        "severity:",
                        "the last case of a severity has no condition",
                        "add `- is: warning` at the end",
                    );
                }
                cases
                    .iter()
                    .filter_map(|case| match &case.when {
                        Some(source) => Some((Some(self.expr("severity:", source, scope)?), case.is)),
                        None => Some((None, case.is)),
                    })
                    .collect()
            }
        }
    }

    fn evidence(&mut self, specs: &[EvidenceSpec], own: Option<KindId>, scope: &Scope<'_>) -> Vec<EvidenceSource> {
        let mut sources = Vec::new();
        for spec in specs {
            let (of, fields) = match spec {
                EvidenceSpec::Field(field) => {
                    if own.is_none() {
                        let what = format!("`{field}` belongs to no object");
                        self.at_key(
                            "evidence:",
                            what,
                            "write `of:` and `fields:` in a rule without `for_each`",
                        );
                    }
                    (None, std::slice::from_ref(field))
                }
                EvidenceSpec::Of(spec) => (self.expr("of:", &spec.of, scope), spec.fields.as_slice()),
            };
            let mut paths = Vec::new();
            for field in fields {
                match FieldPath::parse(field) {
                    Ok(path) => paths.push(path),
                    Err((at, what)) => self.add(locate(self.text, "evidence:", field, (at, at + 1)), what, ""),
                }
            }
            sources.push(EvidenceSource { of, fields: paths });
        }
        sources
    }

    fn remediation(&mut self, file: &RuleFile, scope: &Scope<'_>) -> Vec<Step> {
        let mut steps = Vec::new();
        for step in &file.remediation {
            let text = self.template("text:", &step.text, scope);
            let when = step
                .when
                .as_ref()
                .and_then(|when| self.expr("remediation:", when, scope));
            let command = step
                .command
                .as_ref()
                .map(|command| self.template("command:", command, scope));
            if step
                .command
                .as_ref()
                .is_some_and(|command| command.trim().contains('\n'))
            {
                self.at_key("command:", "a command is one line", "split it into steps");
            }
            if let (Some(text), true) = (text, command.as_ref().is_none_or(Option::is_some)) {
                steps.push(Step {
                    when,
                    text,
                    command: command.flatten(),
                    effect: step.effect,
                });
            }
        }
        steps
    }
}

/// Sorts the kinds a rule reads: required unless it says otherwise; the kind of `for_each` may be incomplete.
fn classify(rule: &mut Rule, optional: &BTreeSet<KindId>) {
    let mut uses = Uses::default();
    let decisive = rule
        .once
        .iter()
        .chain(&rule.bindings)
        .chain(std::iter::once(&rule.when));
    let decisive = decisive
        .chain(rule.needs.iter().map(|need| &need.have))
        .chain(rule.each.iter().map(|each| &each.list));
    let decisive = decisive.chain(rule.severity.iter().filter_map(|(when, _)| when.as_ref()));
    for expr in decisive.chain(&rule.group_by).chain(&rule.objects) {
        uses.extend(&expr.uses);
    }
    let decisive: BTreeSet<KindId> = uses.kinds.clone();
    for source in &rule.evidence {
        uses.extend(&source.of.as_ref().map(|of| of.uses.clone()).unwrap_or_default());
    }
    let templates = [Some(&rule.message), rule.summary.as_ref()].into_iter().flatten();
    let templates = templates.chain(
        rule.remediation
            .iter()
            .flat_map(|step| std::iter::once(&step.text).chain(&step.command)),
    );
    for template in templates {
        uses.extend(&template.uses);
    }
    if let Some(kind) = rule.for_each {
        uses.kinds.insert(kind);
        if !rule.requires.contains(&kind) {
            rule.may_lack.insert(kind);
        }
    }
    uses.kinds.extend(&rule.requires);
    uses.kinds.extend(&rule.may_lack);
    uses.kinds.extend(optional);
    let required = decisive
        .iter()
        .filter(|kind| !rule.may_lack.contains(kind) && !optional.contains(kind));
    rule.requires.extend(required.copied().collect::<Vec<_>>());
    rule.uses = uses;
}
