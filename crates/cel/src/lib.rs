//! [CEL](https://cel.dev) as rules use it: a parser that knows the span of everything, a checker that finds every mistake when a
//! rule is loaded, and an evaluator that walks the trees of a bundle without copying them. What the objects are, how they belong
//! together and what is global comes from a [`Schema`] and a [`Host`].
//!
//! ```
//! use gleaner_cel::{Function, GlobalId, Host, KindId, Object, Relation, RelationId, Schema, Scope, Slots, Type, Value, compile};
//!
//! /// Nothing but one global value.
//! struct Answers;
//!
//! impl Schema for Answers {
//!     fn kind(&self, _: &str) -> Option<KindId> {
//!         None
//!     }
//!     fn kind_name(&self, _: KindId) -> &str {
//!         ""
//!     }
//!     fn kind_names(&self) -> Vec<&str> {
//!         Vec::new()
//!     }
//!     fn field(&self, _: KindId, _: &[String]) -> Result<Type, Vec<String>> {
//!         Ok(Type::Any)
//!     }
//!     fn relation(&self, _: &str, _: KindId) -> Option<Relation> {
//!         None
//!     }
//!     fn relation_names(&self, _: Option<KindId>) -> Vec<&str> {
//!         Vec::new()
//!     }
//!     fn global(&self, name: &str) -> Option<(GlobalId, Type)> {
//!         (name == "answer").then_some((GlobalId::new(0), Type::Int))
//!     }
//!     fn global_names(&self) -> Vec<&str> {
//!         vec!["answer"]
//!     }
//! }
//!
//! impl<'a> Host<'a> for Answers {
//!     fn global(&self, _: GlobalId) -> Value<'a> {
//!         Value::Int(42)
//!     }
//!     fn related(&self, _: RelationId, _: Object<'a>) -> &'a [u32] {
//!         &[]
//!     }
//!     fn object(&self, _: KindId, _: u32) -> Object<'a> {
//!         unreachable!("there are no objects")
//!     }
//!     fn count(&self, _: KindId) -> u32 {
//!         0
//!     }
//!     fn get(&self, _: KindId, _: &str, _: &str) -> Option<Object<'a>> {
//!         None
//!     }
//!     fn call(&self, _: &Function, _: &[Value<'a>]) -> Result<Value<'a>, String> {
//!         Ok(Value::UNSET)
//!     }
//! }
//!
//! let scope = Scope::new(&Answers);
//! let expr = compile("[41, 42].exists(x, x == answer) ? 'yes' : 'no'", &scope).unwrap();
//! assert_eq!(expr.eval(&Answers, &mut Slots::new()).unwrap().to_string(), "yes");
//!
//! let mistakes = compile("anwser + 1", &scope).unwrap_err();
//! assert_eq!((mistakes[0].span.clone(), mistakes[0].help.as_str()), (0..6, "did you mean `answer`?"));
//! ```

mod compile;
mod error;
mod eval;
mod expr;
mod function;
mod host;
mod ids;
mod lexer;
mod library;
mod literal;
mod parser;
mod slots;
mod syntax;
mod types;
mod value;
mod words;

pub use compile::{Scope, Variable, compile};
pub use error::{CompileError, EvalError};
pub use expr::{Expr, Uses};
pub use function::{Call, Function, Gives, Prepare, Prepared, PreparedCall};
pub use host::{Host, Read, Relation, Schema};
pub use ids::{GlobalId, KindId, RelationId};
pub use slots::{Budget, MAX_STEPS, Slots};
pub use types::{Type, ValueType};
pub use value::{Elements, Object, Text, Unset, Value};
pub use words::in_words;

/// The functions that every expression may call, beside those of its [`Schema`].
pub fn functions() -> &'static [Function] {
    library::FUNCTIONS
}
