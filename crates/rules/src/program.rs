//! The expressions that decide the outcome of a rule, and the kinds that they read.

use super::diagnostic_sink::DiagnosticSink;
use super::host::{self, id_of};
use super::schema::{CasesOf, RuleFile};
use gleaner_cel::{Expr, Scope, Type, Uses, Variable};
use gleaner_cluster::KindId;
use gleaner_report::{Harm, Severity};
use std::collections::BTreeSet;

/// The compiled expressions that decide the outcome of a rule. Variables are in slots, in this order: `once`, the object or the hit, the element of `each`, `let`.
#[derive(Debug)]
pub struct Program {
    /// Elements inside the object: the list or map.
    pub each: Option<Expr>,
    /// Values computed once.
    pub once: Vec<Expr>,
    /// Facts without which the rule is not evaluated.
    pub needs: Vec<Need>,
    /// Values computed for each object.
    pub bindings: Vec<Expr>,
    /// The condition.
    pub when: Expr,
    /// Cases of the severity, the first that holds.
    pub severity: Vec<(Option<Expr>, Severity)>,
    /// Separates matches of different causes into different findings.
    pub group_by: Option<Expr>,
    /// The objects to name, without `for_each`.
    pub objects: Option<Expr>,
    /// The kinds that must be complete, and those that may be incomplete.
    pub reads: RequiredKinds,
    /// Everything these expressions read.
    pub uses: Uses,
    /// The variables that its messages may use.
    pub(super) variables: Variables,
}

/// Kinds that a rule reads, by what it means if they are incomplete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequiredKinds {
    /// Kinds that must be complete.
    pub requires: BTreeSet<KindId>,
    /// Kinds that may be incomplete: the rule may fire but is not quiet.
    pub partial: BTreeSet<KindId>,
}

/// The variables of a rule, by slot.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Names and types of the values of `once`.
    pub(super) shared: Vec<Variable>,
    /// Names and types of all variables.
    pub(super) all: Vec<Variable>,
    /// Whether messages may use `all(kind)`.
    pub(super) may_list: bool,
}

/// A fact without which the rule is not evaluated.
#[derive(Debug)]
pub struct Need {
    /// True where it is known.
    pub have: Expr,
    /// What is missing otherwise.
    pub missing: String,
}

impl Program {
    /// Compiles the expressions.
    ///
    /// # Errors
    /// The variables, so that the messages can be checked as well. The mistakes are added to the sink.
    pub(super) fn compile(
        sink: &mut DiagnosticSink<'_>,
        file: &RuleFile,
        for_each: Option<KindId>,
    ) -> Result<Program, Variables> {
        let requires = sink.kinds("requires:", &file.requires);
        let partial = sink.kinds("partial:", &file.partial);
        let optional = sink.kinds("optional:", &file.optional);
        let schema = sink.schema;
        let mut scope = Scope::new(&schema);
        let once = sink.bindings("once:", &file.once, &mut scope);
        let shared = scope.variables.clone();
        let needs = file.needs.iter().filter_map(|need| {
            let have = sink.expr("have:", &need.have, &scope)?;
            let missing = need.missing.clone();
            Some(Need { have, missing })
        });
        let needs = needs.collect();
        let each = subject(sink, file, for_each, &mut scope);
        let bindings = sink.bindings("let:", &file.bindings, &mut scope);
        let when = sink.expr("when:", file.condition(), &scope);
        let severity = severity(sink, file, &scope);
        let mut optional_expr = |key, source: &Option<String>| {
            let source = source.as_ref()?;
            sink.expr(key, source, &scope)
        };
        let group_by = optional_expr("group_by:", &file.group_by);
        let objects = optional_expr("objects:", &file.objects);
        let variables = Variables {
            shared,
            all: scope.variables,
            may_list: scope.may_list,
        };
        let Some(when) = when else { return Err(variables) };
        let mut program = Program {
            each,
            once,
            needs,
            bindings,
            when,
            severity,
            group_by,
            objects,
            reads: RequiredKinds { requires, partial },
            uses: std::mem::take(&mut sink.uses),
            variables,
        };
        program.classify(for_each, &optional);
        Ok(program)
    }

    /// Classifies the kinds that a rule reads: required unless the file lists them elsewhere; that of `for_each` may be incomplete.
    fn classify(&mut self, for_each: Option<KindId>, optional: &BTreeSet<KindId>) {
        let kinds = host::kinds(&self.uses);
        let RequiredKinds { requires, partial } = &mut self.reads;
        if let Some(kind) = for_each
            && !requires.contains(&kind)
        {
            partial.insert(kind);
        }
        let required = kinds.into_iter();
        requires.extend(required.filter(|kind| !partial.contains(kind) && !optional.contains(kind)));
        let named = for_each.iter().chain(&*requires).chain(&*partial).chain(optional);
        self.uses.kinds.extend(named.copied().map(id_of));
    }
}

/// Adds the variables of what a rule iterates over: objects, hits in logs, elements of a list. Returns the expression of the list.
fn subject(
    sink: &mut DiagnosticSink<'_>,
    file: &RuleFile,
    for_each: Option<KindId>,
    scope: &mut Scope<'_>,
) -> Option<Expr> {
    if let (Some(kind), Some(name)) = (for_each, &file.for_each) {
        scope.may_list = false;
        let own = || gleaner_cluster::split(name).0.to_lowercase();
        let variable = file.variable.clone().unwrap_or_else(own);
        scope.variables.push(Variable::new(variable, Type::Object(id_of(kind))));
    }
    if file.log.is_some() {
        scope.variables.push(Variable::new("hit", Type::Any));
    }
    let each = file.each.as_ref()?;
    let list = sink.expr("in:", &each.list, scope)?;
    let element = match &list.ty {
        Type::List(item) => (**item).clone(),
        _ => Type::Any,
    };
    scope.variables.push(Variable::new(&each.variable, element));
    Some(list)
}

/// The cases of the severity; that of stale log matches comes first.
fn severity(sink: &mut DiagnosticSink<'_>, file: &RuleFile, scope: &Scope<'_>) -> Vec<(Option<Expr>, Severity)> {
    let stale = stale(sink, file, scope).map(|stale| (Some(stale), Severity::Info));
    let cases = cases(sink, "severity:", &file.severity, scope);
    stale.into_iter().chain(cases).collect()
}

/// What it does to the cluster: log lines that are stale prove nothing of now.
pub(super) fn harm(sink: &mut DiagnosticSink<'_>, file: &RuleFile, scope: &Scope<'_>) -> Vec<(Option<Expr>, Harm)> {
    let stale = stale(sink, file, scope).map(|stale| (Some(stale), Harm::Hygiene));
    let cases = cases(sink, "harm:", &file.harm, scope);
    stale.into_iter().chain(cases).collect()
}

/// The condition under which a log match is stale.
fn stale(sink: &mut DiagnosticSink<'_>, file: &RuleFile, scope: &Scope<'_>) -> Option<Expr> {
    let after = file.stale_after()?;
    let stale = format!("age(hit.last) > duration(\"{after}\")");
    sink.expr("stale_after:", &stale, scope)
}

/// The cases of a word. The last one has no condition.
fn cases<T: Copy>(
    sink: &mut DiagnosticSink<'_>,
    key: &str,
    cases: &CasesOf<T>,
    scope: &Scope<'_>,
) -> Vec<(Option<Expr>, T)> {
    let cases = match cases {
        CasesOf::Always(word) => return vec![(None, *word)],
        CasesOf::Cases(cases) => cases,
    };
    if cases.last().is_none_or(|last| last.when.is_some()) {
        sink.at_key(
            key,
            format!("the last case of `{}` has no condition", key.trim_end_matches(':')),
            "add `- is: …` at the end",
        );
    }
    let compiled = cases.iter().filter_map(|case| match &case.when {
        Some(source) => Some((Some(sink.expr(key, source, scope)?), case.is)),
        None => Some((None, case.is)),
    });
    compiled.collect()
}
