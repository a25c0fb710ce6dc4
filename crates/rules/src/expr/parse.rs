//! CEL's syntax, parsed by the crate `cel`: quickly into a tree, and once more with places where a mistake has to be shown.
//!
//! The crate's recursive-descent parser is some twenty times as fast as its grammar-based one, which all rules of a catalogue need;
//! but only the latter tells where a node stands. Both give the same tree, so a node is found again by its number in a walk.

use super::{LoopKind, Mistake};
use cel::Env;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr as Ast, IdedExpr, LiteralValue, operators};
use cel::parser::{ParseErrors, PrattParser};
use std::collections::BTreeMap;

/// Parses an expression.
///
/// # Errors
/// All mistakes of syntax.
pub(super) fn parse(source: &str) -> Result<IdedExpr, Vec<Mistake>> {
    let parser = PrattParser::default().enable_ident_escape_syntax(true);
    parser.parse(source).map_err(|errors| mistakes(source, &errors))
}

/// Start and end of every node of an expression, by its id. Slow to make: for mistakes and errors only.
pub(super) struct Places(BTreeMap<u64, (usize, usize)>);

impl Places {
    /// Finds the places of all nodes.
    pub(super) fn of(source: &str) -> Places {
        let ids = parse(source).map_or_else(|_| Vec::new(), |root| walk(&root));
        Places(ids.into_iter().zip(places(source)).collect())
    }

    /// The place of a node.
    pub(super) fn place(&self, id: u64) -> Option<(usize, usize)> {
        self.0.get(&id).copied()
    }
}

fn mistakes(source: &str, errors: &ParseErrors) -> Vec<Mistake> {
    errors
        .errors
        .iter()
        .map(|error| syntax_mistake(source, error.pos, &error.msg))
        .collect()
}

fn syntax_mistake(source: &str, (line, column): (isize, isize), message: &str) -> Mistake {
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(0));
    let before: usize = source
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let start = source.floor_char_boundary(before + column.saturating_sub(1));
    let what = message.strip_prefix("Syntax error: ").unwrap_or(message).to_owned();
    Mistake {
        span: (start, source.ceil_char_boundary(start + 1)),
        what,
        help: String::new(),
    }
}

/// Start and end of every node in the source, by its number.
fn places(source: &str) -> Vec<(usize, usize)> {
    let parser = Env::stdlib().parser().enable_ident_escape_syntax(true);
    let Ok((root, info)) = parser.parse_with_source_info(source) else {
        return Vec::new();
    };
    let place = |id: u64| {
        let (start, stop) = info.offset_for(id).unwrap_or((0, u32::MAX));
        // The parser's end points at the last byte of the node.
        let end = usize::try_from(stop).unwrap_or(usize::MAX).saturating_add(1);
        let end = source.ceil_char_boundary(end.min(source.len()));
        (
            source.floor_char_boundary(usize::try_from(start).unwrap_or(0).min(end)),
            end,
        )
    };
    walk(&root).into_iter().map(place).collect()
}

/// The ids of all nodes in a fixed order.
fn walk(root: &IdedExpr) -> Vec<u64> {
    let mut ids = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        ids.push(node.id);
        match &node.expr {
            Ast::Call(call) => open.extend(call.target.iter().map(AsRef::as_ref).chain(&call.args)),
            Ast::Select(select) => open.push(&select.operand),
            Ast::List(list) => open.extend(&list.elements),
            Ast::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        open.extend([&entry.key, &entry.value]);
                    }
                }
            }
            Ast::Comprehension(fold) => {
                open.extend([
                    &fold.iter_range,
                    &fold.accu_init,
                    &fold.loop_cond,
                    &fold.loop_step,
                    &fold.result,
                ]);
            }
            _ => {}
        }
    }
    ids
}

/// A macro such as `exists`, as it was written.
pub(super) struct Unfolded<'a> {
    pub(super) kind: LoopKind,
    pub(super) filter: Option<&'a IdedExpr>,
    pub(super) body: &'a IdedExpr,
}

/// Finds the macro that a fold came from; `filter(x, p)` reads as `map(x, p, x)`, which is the same.
pub(super) fn unfold(fold: &ComprehensionExpr) -> Option<Unfolded<'_>> {
    let step = &fold.loop_step;
    match &fold.accu_init.expr {
        Ast::Literal(LiteralValue::Boolean(init)) => {
            let kind = if *init.inner() { LoopKind::All } else { LoopKind::Exists };
            Some(Unfolded {
                kind,
                filter: None,
                body: arg(step, 1)?,
            })
        }
        Ast::Literal(LiteralValue::Int(_)) => Some(Unfolded {
            kind: LoopKind::ExistsOne,
            filter: None,
            body: arg(step, 0)?,
        }),
        Ast::List(_) => {
            let conditional = matches!(&step.expr, Ast::Call(call) if call.func_name == operators::CONDITIONAL);
            let (filter, sum) = if conditional {
                (arg(step, 0), arg(step, 1)?)
            } else {
                (None, step)
            };
            Some(Unfolded {
                kind: LoopKind::Map,
                filter,
                body: element(sum)?,
            })
        }
        _ => None,
    }
}

fn arg(expr: &IdedExpr, index: usize) -> Option<&IdedExpr> {
    match &expr.expr {
        Ast::Call(call) => call.args.get(index),
        _ => None,
    }
}

/// The `x` of `accumulator + [x]`.
fn element(sum: &IdedExpr) -> Option<&IdedExpr> {
    match &arg(sum, 1)?.expr {
        Ast::List(list) => list.elements.first(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parsers_number_the_same_nodes() {
        for source in [
            "a.b == 'x' && !has(c.d) || e[0] in ['y', 'z']",
            "list.filter(x, x.a > 1).map(y, y.b, {'k': y.c}).exists(z, z.k == null)",
            "c ? f(a, b.g(1)) : -d.all(v, v % 2 == 0) && l.exists_one(w, w == 'q')",
            "has(a.b.c) ? a.b.c + \"text\" : r'\\d+'",
        ] {
            let root = parse(source).ok().unwrap();
            assert_eq!(walk(&root).len(), places(source).len(), "{source}");
        }
    }

    #[test]
    fn a_node_is_found_where_it_stands() {
        let source = "alpha.beta == gamma";
        let root = parse(source).ok().unwrap();
        let Ast::Call(call) = &root.expr else { panic!("no call") };
        let (start, end) = Places::of(source).place(call.args[1].id).unwrap();
        assert_eq!(&source[start..end], "gamma");
    }

    #[test]
    fn a_syntax_mistake_has_its_place() {
        let mistakes = parse("a ==").err().unwrap();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].span.0 >= 3, "{mistakes:?}");
        // Of an empty expression there is nothing to point at.
        let mistakes = parse("").err().unwrap();
        assert_eq!(mistakes[0].span, (0, 0), "{mistakes:?}");
        for source in ["wh;le || ߚx(", "ß == 'ü' && é.ö"] {
            let mistakes = parse(source).err().unwrap();
            assert!(
                mistakes
                    .iter()
                    .all(|mistake| source.get(mistake.span.0..mistake.span.1).is_some()),
                "{mistakes:?}"
            );
        }
    }
}
