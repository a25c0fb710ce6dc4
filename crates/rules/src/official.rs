//! The official upgrade checks as data (`rules/official-checks.yaml`): what Harvester's webhook and check.sh check.
//!
//! They are ports of those programs, including their bugs, and can differ from the rules. The table in the report shows both.

use super::diagnostic::{Diagnostic, locate};
use super::host::{self, RuleSchema};
use super::renamed;
use super::rule_text::RuleText;
use super::template::Template;
use gleaner_cel::{CompileError, Expr, Scope, Type, Uses, Variable};
use gleaner_cluster::{Graph, KindId, Kinds, VersionRange};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Name of the file.
pub(crate) const FILE: &str = "official-checks.yaml";

/// One check of the webhook or of check.sh.
#[derive(Debug)]
pub struct Check {
    /// `webhook` or `check.sh`.
    pub source: String,
    /// The function in the webhook, or the name that check.sh prints.
    pub name: String,
    /// Rules that check the same thing.
    pub rules: Vec<String>,
    /// Versions of the webhook that have the check.
    pub since: Option<VersionRange>,
    /// The text of that range.
    pub since_text: String,
    /// Kinds that must be complete, or the verdict is unknown.
    pub requires: BTreeSet<KindId>,
    /// Kinds that may be incomplete: a failure remains one, but a pass becomes unknown.
    pub partial: BTreeSet<KindId>,
    /// Values, in order; slot 0 is `version`.
    pub bindings: Vec<Expr>,
    /// Why a bundle cannot contain the answer, with the command to run instead.
    pub unknown: Option<String>,
    /// Whether the check does not run.
    pub skipped: Option<Expr>,
    /// The objects it fails on, or whether it fails.
    pub fail: Option<Expr>,
    /// The objects it warns about, or whether it warns.
    pub warning: Option<Expr>,
    /// A note for any verdict.
    pub note: Option<Template>,
    /// Everything it reads.
    pub uses: Uses,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckRow {
    source: String,
    check: String,
    rules: Vec<String>,
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    partial: Vec<String>,
    #[serde(default)]
    optional: Vec<String>,
    #[serde(default, rename = "let")]
    bindings: super::schema::Bindings,
    #[serde(default)]
    unknown: Option<String>,
    #[serde(default)]
    skipped: Option<String>,
    #[serde(default)]
    fail: Option<String>,
    #[serde(default)]
    warning: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

/// Compiles the checks.
///
/// # Errors
/// All mistakes in the file.
pub(crate) fn load(text: &RuleText, kinds: &Kinds, graph: &Graph) -> Result<Vec<Check>, Vec<Diagnostic>> {
    let mut mistakes = Vec::new();
    let read = text.read();
    let text = text.as_str();
    let rows: Vec<CheckRow> = match read {
        Ok(rows) => rows,
        Err(error) => {
            let old = renamed::old_keys(FILE, text, renamed::OFFICIAL);
            if !old.is_empty() {
                return Err(old);
            }
            let at = error.location().map_or(0, |location| location.index());
            return Err(vec![diagnostic(text, (at, at + 1), error.to_string(), String::new())]);
        }
    };
    let checks: Vec<Check> = rows
        .into_iter()
        .filter_map(|row| check(row, text, kinds, graph, &mut mistakes))
        .collect();
    if mistakes.is_empty() { Ok(checks) } else { Err(mistakes) }
}

fn diagnostic(text: &str, span: (usize, usize), what: String, help: String) -> Diagnostic {
    Diagnostic {
        file: FILE.to_owned(),
        text: text.to_owned(),
        span,
        what,
        help,
    }
}

fn check(row: CheckRow, text: &str, kinds: &Kinds, graph: &Graph, mistakes: &mut Vec<Diagnostic>) -> Option<Check> {
    let anchor = format!("check: {}", row.check);
    let schema = RuleSchema { kinds, graph };
    let mut scope = Scope::new(&schema);
    scope.variables.push(Variable::new("version", Type::String));
    let mut collect = |source: &str, result: Result<Expr, Vec<CompileError>>| {
        result.map_err(|found| {
            mistakes.extend(found.into_iter().map(|m| {
                diagnostic(
                    text,
                    locate(text, &anchor, source, (m.span.start, m.span.end)),
                    m.message,
                    m.help,
                )
            }));
        })
    };
    let mut bindings = Vec::new();
    for (name, source) in &row.bindings {
        let source = source.as_str().unwrap_or_default();
        let expr = collect(source, gleaner_cel::compile(source, &scope)).ok()?;
        scope.variables.push(Variable::new(name, expr.ty.clone()));
        bindings.push(expr);
    }
    let mut one = |source: &Option<String>| match source {
        Some(source) => collect(source, gleaner_cel::compile(source, &scope)).map(Some),
        None => Ok(None),
    };
    let (skipped, fail, warning) = (one(&row.skipped).ok()?, one(&row.fail).ok()?, one(&row.warning).ok()?);
    let note = match row
        .note
        .as_deref()
        .map(|note| Template::compile(note, &scope))
        .transpose()
    {
        Ok(note) => note,
        Err(found) => {
            mistakes.extend(
                found
                    .into_iter()
                    .map(|m| diagnostic(text, (0, 1), format!("{}: {}", row.check, m.message), m.help)),
            );
            return None;
        }
    };
    let mut uses = Uses::default();
    for expr in bindings.iter().chain(&skipped).chain(&fail).chain(&warning) {
        uses.extend(&expr.uses);
    }
    let named =
        |names: &[String]| -> BTreeSet<KindId> { names.iter().filter_map(|name| kinds.by_name(name)).collect() };
    let (partial, optional) = (named(&row.partial), named(&row.optional));
    let requires = host::kinds(&uses)
        .into_iter()
        .filter(|kind| !partial.contains(kind) && !optional.contains(kind))
        .collect();
    Some(Check {
        since: row.since.as_deref().and_then(|range| VersionRange::parse(range).ok()),
        since_text: row.since.unwrap_or_default(),
        source: row.source,
        name: row.check,
        rules: row.rules,
        requires,
        partial,
        bindings,
        unknown: row.unknown,
        skipped,
        fail,
        warning,
        note,
        uses,
    })
}
