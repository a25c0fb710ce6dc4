//! From CEL's syntax tree to our operations: names become slots, relations become edges, and every mistake is kept.

mod calls;

use super::functions;
use super::parse::{self, Unfolded};
use super::{Binary, Expr, Field, Loop, LoopKind, Mistake, Op, OpKind, Type, Uses, Val, check};
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr as Ast, IdedExpr, LiteralValue, SelectExpr, operators,
};
use gleaner_cluster::Graph;
use gleaner_cluster::Kinds;

/// Global values that every expression may name.
pub(crate) const GLOBALS: [&str; 6] = ["now", "running", "target", "upgrade", "longhorn", "node_count"];

/// The names an expression may use.
#[derive(Clone)]
pub struct Scope<'k> {
    /// The known kinds.
    pub kinds: &'k Kinds,
    /// The object graph.
    pub graph: &'k Graph,
    /// Variables by slot.
    pub variables: Vec<(String, Type)>,
    /// Whether `all(kind)` is allowed here: only where it runs once, not for every object.
    pub may_list: bool,
}

/// Compiles an expression. Gives every mistake in it, not only the first.
pub fn compile(source: &str, scope: &Scope<'_>) -> Result<Expr, Vec<Mistake>> {
    let parsed = parse::parse(source)?;
    let mut compiler = Compiler {
        scope,
        inner: Vec::new(),
        uses: Uses::default(),
        mistakes: Vec::new(),
    };
    let (root, ty) = compiler.expr(&parsed);
    let Compiler { uses, mistakes, .. } = compiler;
    if mistakes.is_empty() {
        return Ok(Expr {
            source: source.to_owned(),
            ty,
            uses,
            root,
        });
    }
    let places = parse::Places::of(source);
    let place = |id: u64| places.place(id).unwrap_or((0, source.len()));
    Err(mistakes
        .into_iter()
        .map(|(id, what, help)| Mistake {
            span: place(id),
            what,
            help,
        })
        .collect())
}

pub(super) struct Compiler<'s, 'k> {
    pub(super) scope: &'s Scope<'k>,
    /// Variables of the loops around, outermost first.
    inner: Vec<(&'s str, Type)>,
    pub(super) uses: Uses,
    /// The id of the node, what is wrong with it, and help.
    mistakes: Vec<(u64, String, String)>,
}

impl<'s> Compiler<'s, '_> {
    pub(super) fn mistake(&mut self, id: u64, what: impl Into<String>, help: impl Into<String>) {
        self.mistakes.push((id, what.into(), help.into()));
    }

    fn op(&self, id: u64, what: OpKind) -> Op {
        Op { at: id, what }
    }

    fn unset(&self, id: u64) -> (Op, Type) {
        (self.op(id, OpKind::Const(Val::Unset)), Type::Any)
    }

    fn expr(&mut self, expr: &'s IdedExpr) -> (Op, Type) {
        match &expr.expr {
            Ast::Literal(value) => self.literal(expr.id, value),
            Ast::Ident(name) => self.ident(expr.id, name),
            Ast::Select(select) => self.select(expr.id, select),
            Ast::Call(call) => self.call(expr.id, call),
            Ast::List(list) => {
                let items = list.elements.iter().map(|item| self.expr(item).0).collect();
                (self.op(expr.id, OpKind::List(items)), Type::List(Box::new(Type::Any)))
            }
            Ast::Map(map) => {
                let mut entries = Vec::new();
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        entries.push((self.expr(&entry.key).0, self.expr(&entry.value).0));
                    }
                }
                (self.op(expr.id, OpKind::Map(entries)), Type::Any)
            }
            Ast::Comprehension(fold) => self.comprehension(expr.id, fold),
            Ast::Unspecified | Ast::Struct(_) => {
                self.mistake(expr.id, "this form is not supported in rules", "");
                self.unset(expr.id)
            }
        }
    }

    fn literal(&mut self, id: u64, value: &LiteralValue) -> (Op, Type) {
        let (value, ty) = match value {
            LiteralValue::Boolean(flag) => (Val::Bool(*flag.inner()), Type::Bool),
            LiteralValue::Int(number) => (Val::Int(*number.inner()), Type::Int),
            LiteralValue::UInt(number) => (i64::try_from(*number.inner()).map_or(Val::Unset, Val::Int), Type::Int),
            LiteralValue::Double(number) => (Val::Float(*number.inner()), Type::Any),
            // A literal '' equals unset, but unlike a missing field it leaves a text that it is added to as it is.
            LiteralValue::String(text) => (Val::Text(text.inner().into()), Type::Str),
            LiteralValue::Null => (Val::Unset, Type::Any),
            LiteralValue::Bytes(_) => {
                self.mistake(id, "bytes are not supported in rules", "use a string");
                (Val::Unset, Type::Any)
            }
        };
        (self.op(id, OpKind::Const(value)), ty)
    }

    fn ident(&mut self, id: u64, name: &str) -> (Op, Type) {
        if let Some((variable, ty)) = self.variable(name) {
            return (self.op(id, variable), ty);
        }
        if let Some(global) = GLOBALS.iter().find(|global| **global == name) {
            self.uses.globals.insert(global);
            let ty = match *global {
                "upgrade" => {
                    let kind = self.scope.kinds.by_name("Upgrade.harvesterhci.io");
                    self.uses.kinds.extend(kind);
                    kind.map_or(Type::Any, Type::Object)
                }
                "node_count" => Type::Int,
                "running" | "target" | "longhorn" => Type::Str,
                _ => Type::Any,
            };
            return (self.op(id, OpKind::Global(global)), ty);
        }
        let known = self
            .scope
            .variables
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(self.inner.iter().map(|(name, _)| *name))
            .chain(GLOBALS);
        let help = gleaner_text::did_you_mean(name, known);
        self.mistake(id, format!("unknown variable `{name}`"), help);
        self.unset(id)
    }

    /// The place and type of a variable; that of the innermost loop wins.
    fn variable(&self, name: &str) -> Option<(OpKind, Type)> {
        let mut inner = self.inner.iter().enumerate().rev();
        if let Some((depth, (_, ty))) = inner.find(|(_, (known, _))| *known == name) {
            return Some((OpKind::Local(depth), ty.clone()));
        }
        let mut outer = self.scope.variables.iter().enumerate().rev();
        let (slot, (_, ty)) = outer.find(|(_, (known, _))| known == name)?;
        Some((OpKind::Slot(slot), ty.clone()))
    }

    fn select(&mut self, id: u64, select: &'s SelectExpr) -> (Op, Type) {
        let (operand, ty) = self.expr(&select.operand);
        if select.test {
            self.field_type(select.operand.id, &ty, &select.field);
            return (
                self.op(id, OpKind::Has(Box::new(operand), Field::new(&select.field))),
                Type::Bool,
            );
        }
        let ty = self.field_type(select.operand.id, &ty, &select.field);
        let field = Field::new(&select.field);
        let path = match operand.what {
            OpKind::Path(base, mut fields) => {
                fields.push(field);
                OpKind::Path(base, fields)
            }
            _ => OpKind::Path(Box::new(operand), vec![field]),
        };
        (self.op(id, path), ty)
    }

    fn field_type(&mut self, id: u64, ty: &Type, field: &str) -> Type {
        let (kind, mut path) = match ty {
            Type::Object(kind) => (*kind, Vec::new()),
            Type::Field(kind, path) => (*kind, path.clone()),
            Type::Any => return Type::Any,
            _ => {
                self.mistake(id, format!("a {} has no field `{field}`", check::type_word(ty)), "");
                return Type::Any;
            }
        };
        path.push(field.to_owned());
        if let Err((what, help)) = check::known_field(self.scope.kinds, kind, &path) {
            self.mistake(id, what, help);
        }
        Type::Field(kind, path)
    }

    fn call(&mut self, id: u64, call: &'s CallExpr) -> (Op, Type) {
        if let Some(result) = self.operator(id, call) {
            return result;
        }
        match (call.func_name.as_str(), &call.target) {
            ("all", None) => self.all(id, &call.args),
            ("get", None) => self.get(id, &call.args),
            ("matches", _) => self.matches(id, call),
            ("extract", _) if calls::literal_second(call).is_some() => self.extract(id, call),
            ("version_in", _) if calls::literal_second(call).is_some() => self.version_in(id, call),
            (name, _) => match functions::find(name) {
                Some(function) => self.function(id, function, call),
                None => self.follow(id, call),
            },
        }
    }

    fn operator(&mut self, id: u64, call: &'s CallExpr) -> Option<(Op, Type)> {
        let binary = binary(&call.func_name);
        let args = &call.args;
        if let (Some(binary), [left, right]) = (binary, args.as_slice()) {
            let ((left_op, left_ty), (right_op, right_ty)) = (self.expr(left), self.expr(right));
            if let Some((what, help)) = check::comparison(self.scope.kinds, binary, &left_ty, &right_ty) {
                self.mistake(id, what, help);
            }
            let ty = check::binary_type(binary, &left_ty, &right_ty);
            return Some((self.op(id, binary_of(binary, left_op, right_op)), ty));
        }
        let mut boxed = |index: usize| args.get(index).map(|arg| Box::new(self.expr(arg).0));
        let kind = match call.func_name.as_str() {
            operators::LOGICAL_AND => (OpKind::And(boxed(0)?, boxed(1)?), Type::Bool),
            operators::LOGICAL_OR => (OpKind::Or(boxed(0)?, boxed(1)?), Type::Bool),
            operators::LOGICAL_NOT => (OpKind::Not(boxed(0)?), Type::Bool),
            operators::NEGATE => (OpKind::Neg(boxed(0)?), Type::Any),
            operators::INDEX => {
                return args
                    .first()
                    .zip(args.get(1))
                    .map(|(base, key)| self.index(id, base, key));
            }
            operators::CONDITIONAL => {
                let condition = boxed(0)?;
                let ((yes, yes_ty), (no, no_ty)) = (self.expr(args.get(1)?), self.expr(args.get(2)?));
                let ty = if yes_ty == no_ty { yes_ty } else { Type::Any };
                (OpKind::If(condition, Box::new(yes), Box::new(no)), ty)
            }
            _ => return None,
        };
        Some((self.op(id, kind.0), kind.1))
    }

    fn index(&mut self, id: u64, base: &'s IdedExpr, key: &'s IdedExpr) -> (Op, Type) {
        let (base_op, base_ty) = self.expr(base);
        let (key_op, _) = self.expr(key);
        let ty = match (&base_ty, &key_op.what) {
            (Type::List(item), _) => (**item).clone(),
            (Type::Object(_) | Type::Field(..), OpKind::Const(Val::Text(name))) => {
                let name = name.to_string();
                self.field_type(base.id, &base_ty, &name)
            }
            (Type::Field(kind, path), _) => {
                let mut path = path.clone();
                path.push("*".to_owned());
                Type::Field(*kind, path)
            }
            _ => Type::Any,
        };
        (self.op(id, OpKind::Index(Box::new(base_op), Box::new(key_op))), ty)
    }

    fn comprehension(&mut self, id: u64, fold: &'s ComprehensionExpr) -> (Op, Type) {
        let (range, range_ty) = self.expr(&fold.iter_range);
        let Some(Unfolded { kind, filter, body }) = parse::unfold(fold) else {
            self.mistake(
                id,
                "this form is not supported in rules",
                "use all, exists, exists_one, filter or map",
            );
            return self.unset(id);
        };
        let item = match &range_ty {
            Type::List(item) => (**item).clone(),
            // A loop over a map gives its keys, over a list its elements: a path cannot tell which.
            Type::Field(kind, path) => {
                let mut path = path.clone();
                path.push("*".to_owned());
                Type::Field(*kind, path)
            }
            _ => Type::Any,
        };
        let depth = self.inner.len();
        self.inner.push((&fold.iter_var, item));
        let filter = filter.map(|filter| self.expr(filter).0);
        let (body, body_ty) = self.expr(body);
        self.inner.pop();
        let ty = if kind == LoopKind::Map {
            Type::List(Box::new(body_ty))
        } else {
            Type::Bool
        };
        (
            self.op(
                id,
                OpKind::Loop(Box::new(Loop {
                    kind,
                    range,
                    depth,
                    filter,
                    body,
                })),
            ),
            ty,
        )
    }
}

/// An operator on two values, in a quicker form where there is one.
fn binary_of(binary: Binary, left: Op, right: Op) -> OpKind {
    let literal = |item: &Op| match &item.what {
        OpKind::Const(value) => Some(value.clone()),
        _ => None,
    };
    let literals = match &right.what {
        OpKind::List(items) if binary == Binary::In => items.iter().map(literal).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    match literals {
        Some(literals) => OpKind::OneOf(Box::new(left), literals),
        None => OpKind::Binary(binary, Box::new(left), Box::new(right)),
    }
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::NotEqual,
        operators::LESS => Binary::Less,
        operators::LESS_EQUALS => Binary::LessEqual,
        operators::GREATER => Binary::Greater,
        operators::GREATER_EQUALS => Binary::GreaterEqual,
        operators::IN => Binary::In,
        operators::ADD => Binary::Add,
        operators::SUBSTRACT => Binary::Subtract,
        operators::MULTIPLY => Binary::Multiply,
        operators::DIVIDE => Binary::Divide,
        operators::MODULO => Binary::Modulo,
        _ => return None,
    })
}
