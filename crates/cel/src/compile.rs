//! From a syntax tree to operations: names become slots, relations and functions, types are checked, and every mistake is reported.

mod calls;
mod check;

use crate::error::{CompileError, Span};
use crate::expr::{Expr, Loop, Op, OpKind, Uses};
use crate::host::Schema;
use crate::parser;
use crate::syntax::{self, Ast, LoopKind, Name, Operator, Syntax};
use crate::types::Type;
use crate::value::{Field, Unset, Value};

/// How many operations may be under way at once, those of the variables that an expression reads among them: each takes space on
/// the stack.
const MAX_DEPTH: u32 = 1000;

/// What an expression may name.
#[derive(Clone)]
pub struct Scope<'k> {
    /// Kinds, relations, global values and functions.
    pub schema: &'k dyn Schema,
    /// Variables, in the order of their [`Slots`](crate::Slots). Of two with one name the last counts.
    pub variables: Vec<Variable>,
    /// Whether `all(kind)` is allowed: only where it runs once, not for every object.
    pub may_list: bool,
}

impl<'k> Scope<'k> {
    /// A scope without variables.
    pub fn new(schema: &'k dyn Schema) -> Scope<'k> {
        Scope {
            schema,
            variables: Vec::new(),
            may_list: true,
        }
    }
}

/// A variable, as expressions know it before it has a value.
#[derive(Debug, Clone)]
pub struct Variable {
    name: String,
    ty: Type,
    /// How deep the operations are that give its value.
    depth: u32,
}

impl Variable {
    /// A variable whose value is given.
    pub fn new(name: impl Into<String>, ty: Type) -> Variable {
        Variable {
            name: name.into(),
            ty,
            depth: 0,
        }
    }

    /// A variable whose value is that of an expression, evaluated when it is first read.
    pub fn memoized(name: impl Into<String>, expr: &Expr) -> Variable {
        Variable {
            name: name.into(),
            ty: expr.ty.clone(),
            depth: expr.depth,
        }
    }
}

/// Compiles an expression.
///
/// # Errors
/// Every mistake in it, not only the first.
pub fn compile(source: &str, scope: &Scope<'_>) -> Result<Expr, Vec<CompileError>> {
    let ast = parser::parse(source)?;
    let mut compiler = Compiler {
        scope,
        locals: Vec::new(),
        level: 0,
        depth: 0,
        uses: Uses::default(),
        errors: Vec::new(),
    };
    let Typed { op, ty } = compiler.expr(&ast);
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    Ok(Expr {
        source: source.to_owned(),
        ty,
        uses: compiler.uses,
        depth: compiler.depth,
        root: op,
    })
}

/// An operation and what is known of its value.
struct Typed {
    op: Op,
    ty: Type,
}

struct Compiler<'c, 's> {
    scope: &'c Scope<'c>,
    /// Variables of the loops around, outermost first.
    locals: Vec<(&'s str, Type)>,
    /// How many operations are around this one.
    level: u32,
    /// The deepest level so far.
    depth: u32,
    uses: Uses,
    errors: Vec<CompileError>,
}

impl<'s> Compiler<'_, 's> {
    fn report(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(CompileError::new(span, message, help));
    }

    fn expr(&mut self, ast: &Ast<'s>) -> Typed {
        self.level += 1;
        self.depth = self.depth.max(self.level);
        let (kind, ty) = self.operation(ast);
        self.level -= 1;
        let op = Op { span: ast.span, kind };
        Typed { op, ty }
    }

    fn op(&mut self, ast: &Ast<'s>) -> Op {
        self.expr(ast).op
    }

    fn ops(&mut self, parts: &[Ast<'s>]) -> Vec<Op> {
        parts.iter().map(|part| self.op(part)).collect()
    }

    fn operation(&mut self, ast: &Ast<'s>) -> (OpKind, Type) {
        match &ast.syntax {
            Syntax::Error | Syntax::Null => unset(),
            Syntax::Bool(flag) => (OpKind::Const(Value::Bool(*flag)), Type::Bool),
            Syntax::Int(number) => (OpKind::Const(Value::Int(*number)), Type::Int),
            Syntax::Double(number) => (OpKind::Const(Value::Double(*number)), Type::Any),
            Syntax::String(text) if text.is_empty() => (OpKind::Const(Value::Unset(Unset::Empty)), Type::String),
            Syntax::String(text) => (OpKind::Const(Value::text(text.as_str())), Type::String),
            Syntax::Ident(name) => self.ident(ast.span, name),
            Syntax::Select(base, name) => self.select(base, *name),
            Syntax::Has(base, name) => {
                let base = self.expr(base);
                self.field_type(name.span, &base.ty, name.text);
                (OpKind::Has(Box::new(base.op), Field::new(name.text)), Type::Bool)
            }
            Syntax::Index(parts) => self.index(parts),
            Syntax::Call(call) => self.call(ast.span, call),
            Syntax::Loop(each) => self.each(each),
            Syntax::Not(inner) => (OpKind::Not(Box::new(self.op(inner))), Type::Bool),
            Syntax::Negate(inner) => {
                let inner = self.expr(inner);
                let ty = if inner.ty == Type::Int { Type::Int } else { Type::Any };
                (OpKind::Negate(Box::new(inner.op)), ty)
            }
            Syntax::Every(parts) => (OpKind::Every(self.ops(parts)), Type::Bool),
            Syntax::Any(parts) => (OpKind::Any(self.ops(parts)), Type::Bool),
            Syntax::Conditional(parts) => {
                let [condition, yes, no] = parts.each_ref().map(|part| self.expr(part));
                let ty = if yes.ty == no.ty { yes.ty } else { Type::Any };
                (OpKind::Conditional(Box::new([condition.op, yes.op, no.op])), ty)
            }
            Syntax::Binary(operator, parts) => self.binary(ast.span, *operator, parts),
            Syntax::List(items) => (OpKind::List(self.ops(items)), Type::List(Box::new(Type::Any))),
            Syntax::Map(entries) => {
                let entries = entries.iter().map(|entry| entry.each_ref().map(|part| self.op(part)));
                (OpKind::Map(entries.collect()), Type::Any)
            }
        }
    }

    fn ident(&mut self, span: Span, name: &'s str) -> (OpKind, Type) {
        let mut locals = self.locals.iter().enumerate().rev();
        if let Some((depth, (_, ty))) = locals.find(|(_, (known, _))| *known == name) {
            return (OpKind::Local(depth), ty.clone());
        }
        let variables = &self.scope.variables;
        if let Some(slot) = variables.iter().rposition(|variable| variable.name == name) {
            let Variable { ty, depth, .. } = &variables[slot];
            self.depth = self.depth.max(self.level + depth);
            if self.level + depth > MAX_DEPTH {
                self.report(span, format!("`{name}` depends on too many other values"), "");
            }
            return (OpKind::Slot(slot), ty.clone());
        }
        if let Some((global, ty)) = self.scope.schema.global(name) {
            self.uses.globals.insert(global);
            if let Type::Object(kind) = ty {
                self.uses.kinds.insert(kind);
            }
            return (OpKind::Global(global), ty);
        }
        let locals = self.locals.iter().map(|(name, _)| *name);
        let known = variables.iter().map(|variable| variable.name.as_str()).chain(locals);
        let help = gleaner_text::did_you_mean(name, known.chain(self.scope.schema.global_names()));
        self.report(span, format!("unknown variable `{name}`"), help);
        unset()
    }

    fn select(&mut self, base: &Ast<'s>, name: Name<'s>) -> (OpKind, Type) {
        let base = self.expr(base);
        let ty = self.field_type(name.span, &base.ty, name.text);
        (path(base.op, name.text), ty)
    }

    /// The type of a field of a value; a field that there cannot be is a mistake.
    fn field_type(&mut self, span: Span, base: &Type, name: &str) -> Type {
        let (kind, mut path) = match base {
            Type::Object(kind) => (*kind, Vec::new()),
            Type::Field(kind, path) => (*kind, path.clone()),
            Type::Any => return Type::Any,
            other => {
                self.report(span, format!("{other} has no field `{name}`"), "");
                return Type::Any;
            }
        };
        path.push(name.to_owned());
        if let Err(fields) = self.scope.schema.field(kind, &path) {
            let kind = self.scope.schema.kind_name(kind);
            let help = gleaner_text::did_you_mean(name, fields.iter().map(String::as_str));
            self.report(span, format!("{kind} has no field `{}`", path.join(".")), help);
        }
        Type::Field(kind, path)
    }

    fn index(&mut self, parts: &[Ast<'s>; 2]) -> (OpKind, Type) {
        let [base, key] = parts.each_ref().map(|part| self.expr(part));
        if let OpKind::Const(Value::Text(name)) = &key.op.kind {
            let ty = match &base.ty {
                Type::Object(_) | Type::Field(..) => self.field_type(key.op.span, &base.ty, name.as_str()),
                _ => Type::Any,
            };
            return (path(base.op, name.as_str()), ty);
        }
        let ty = element_type(&base.ty);
        (OpKind::Index(Box::new([base.op, key.op])), ty)
    }

    fn binary(&mut self, span: Span, operator: Operator, parts: &[Ast<'s>; 2]) -> (OpKind, Type) {
        let [left, right] = parts.each_ref().map(|part| self.expr(part));
        if let Some((message, help)) = check::operands(self.scope.schema, operator, &left.ty, &right.ty) {
            self.report(span, message, help);
        }
        let ty = check::result(operator, &left.ty, &right.ty);
        let kind = match (operator, right.op.kind) {
            (Operator::In, OpKind::List(items)) if items.iter().all(|item| matches!(item.kind, OpKind::Const(_))) => {
                let literals = items.into_iter().filter_map(|item| match item.kind {
                    OpKind::Const(value) => Some(value),
                    _ => None,
                });
                OpKind::OneOf(Box::new(left.op), literals.collect())
            }
            (operator, kind) => {
                let span = right.op.span;
                let operands = Box::new([left.op, Op { span, kind }]);
                match operator {
                    Operator::In => OpKind::In(operands),
                    Operator::Compare(comparison) => OpKind::Compare(comparison, operands),
                    Operator::Calculate(arithmetic) => OpKind::Calculate(arithmetic, operands),
                }
            }
        };
        (kind, ty)
    }

    fn each(&mut self, each: &syntax::Loop<'s>) -> (OpKind, Type) {
        let range = self.expr(&each.range);
        let depth = self.locals.len();
        let element = element_type(&range.ty);
        self.locals.push((each.variable, element.clone()));
        let wanted = each.wanted.as_ref().map(|wanted| self.op(wanted));
        let body = each.body.as_ref().map(|body| self.expr(body));
        self.locals.pop();
        let ty = match (each.kind, &body) {
            (LoopKind::Map, Some(body)) => Type::List(Box::new(body.ty.clone())),
            (LoopKind::Map, None) => Type::List(Box::new(element)),
            _ => Type::Bool,
        };
        let each = Loop {
            kind: each.kind,
            range: range.op,
            depth,
            wanted,
            body: body.map(|body| body.op),
        };
        (OpKind::Loop(Box::new(each)), ty)
    }
}

fn unset() -> (OpKind, Type) {
    (OpKind::Const(Value::UNSET), Type::Any)
}

/// One more field of what may be a path already.
fn path(base: Op, name: &str) -> OpKind {
    let field = Field::new(name);
    match base.kind {
        OpKind::Path(base, mut fields) => {
            fields.push(field);
            OpKind::Path(base, fields)
        }
        kind => OpKind::Path(Box::new(Op { span: base.span, kind }), vec![field]),
    }
}

/// The type of the elements of a value. A loop over a map gives its keys, over a list its elements: a path does not say which.
fn element_type(ty: &Type) -> Type {
    match ty {
        Type::List(item) => (**item).clone(),
        Type::Field(kind, path) => {
            let any = std::iter::once("*".to_owned());
            Type::Field(*kind, path.iter().cloned().chain(any).collect())
        }
        _ => Type::Any,
    }
}
