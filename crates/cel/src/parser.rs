//! From the source of an expression to its syntax tree, with every mistake on the way.
//!
//! The grammar is that of CEL's language definition, by recursive descent; operators climb by precedence. After a mistake the parser
//! goes on at the next comma or bracket, so that one mistake hides no other. Rule files are untrusted: how long a source is,
//! how deep it nests and how high its tree grows are bounded, as whoever walks the tree does so on the stack.

mod members;
#[cfg(test)]
mod tests;
mod values;

use crate::error::{CompileError, Span};
use crate::lexer::{Lexer, Token, TokenKind};
use crate::syntax::{Arithmetic, Ast, Comparison, Operator, Syntax};

/// How many bytes a source may have.
const MAX_LENGTH: usize = 64 << 10;
/// How deep brackets may nest.
const MAX_NESTING: usize = 96;
/// How many nodes of a tree may be on top of each other.
const MAX_HEIGHT: u16 = 250;
/// After so many mistakes the parser gives up.
const MAX_ERRORS: usize = 20;

/// Parses an expression.
///
/// # Errors
/// All mistakes of syntax, by their places.
pub(crate) fn parse(source: &str) -> Result<Ast<'_>, Vec<CompileError>> {
    if source.len() > MAX_LENGTH {
        let span = Span { start: 0, end: 0 };
        let message = format!("an expression has at most {MAX_LENGTH} bytes");
        return Err(vec![CompileError::new(span, message, "")]);
    }
    let mut parser = Parser::new(source);
    let ast = parser.expression();
    if parser.token.kind != TokenKind::End {
        parser.unexpected("an operator or the end");
    }
    // The rest has no meaning of its own, but may hold what is not a token.
    while parser.token.kind != TokenKind::End {
        parser.advance();
    }
    let mut errors = parser.errors;
    errors.sort_by_key(|error| error.span.start);
    if errors.is_empty() { Ok(ast) } else { Err(errors) }
}

struct Parser<'s> {
    source: &'s str,
    lexer: Lexer<'s>,
    /// The next token.
    token: Token,
    /// The token before it.
    last: Span,
    nesting: usize,
    /// Nothing more is read or reported.
    stopped: bool,
    errors: Vec<CompileError>,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Parser<'s> {
        let start = Span { start: 0, end: 0 };
        let mut parser = Parser {
            source,
            lexer: Lexer::new(source),
            token: Token {
                kind: TokenKind::End,
                span: start,
            },
            last: start,
            nesting: 0,
            stopped: false,
            errors: Vec::new(),
        };
        parser.advance();
        parser
    }

    /// Goes to the next token, and gives the span of the one before.
    fn advance(&mut self) -> Span {
        self.last = self.token.span;
        while !self.stopped {
            match self.lexer.next() {
                Ok(token) => {
                    self.token = token;
                    break;
                }
                Err(error) => self.push(error),
            }
        }
        self.last
    }

    /// The rest reads as if it were not there.
    fn stop(&mut self) {
        self.stopped = true;
        self.token.kind = TokenKind::End;
    }

    fn report(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(CompileError::new(span, message, help));
    }

    fn push(&mut self, error: CompileError) {
        if self.stopped {
            return;
        }
        self.errors.push(error);
        if self.errors.len() >= MAX_ERRORS {
            self.stop();
        }
    }

    fn accept(&mut self, kind: TokenKind) -> bool {
        let found = self.token.kind == kind;
        if found {
            self.advance();
        }
        found
    }

    fn text(&self, span: Span) -> &'s str {
        span.of(self.source)
    }

    /// A mistake at the next token. Of several at one place the first says most.
    fn unexpected(&mut self, expected: &str) {
        let span = self.token.span;
        let at = span.range().start;
        if self.errors.iter().any(|error| error.span.start == at) {
            return;
        }
        let found = match self.token.kind {
            TokenKind::End => "the end".to_owned(),
            _ => format!("`{}`", self.text(span)),
        };
        let help = match self.text(span) {
            "and" => "write `&&`",
            "or" => "write `||`",
            "not" => "write `!`",
            _ => "",
        };
        self.report(span, format!("expected {expected}, found {found}"), help);
    }

    fn node(&mut self, span: Span, syntax: Syntax<'s>) -> Ast<'s> {
        let height = syntax.inner_height() + 1;
        if height > MAX_HEIGHT {
            let help = "split it into values under `let`";
            self.report(span, "this expression is too complex", help);
            self.stop();
            return Ast {
                span,
                height: 1,
                syntax: Syntax::Error,
            };
        }
        Ast { span, height, syntax }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Ast<'s> {
        self.report(span, message, help);
        self.node(span, Syntax::Error)
    }

    fn expression(&mut self) -> Ast<'s> {
        if self.nesting >= MAX_NESTING {
            let error = self.error(
                self.token.span,
                "this is nested too deeply",
                "split it into values under `let`",
            );
            self.stop();
            return error;
        }
        self.nesting += 1;
        let ast = self.conditional();
        self.nesting -= 1;
        ast
    }

    /// `a ? b : c`; the last operand may be one again.
    fn conditional(&mut self) -> Ast<'s> {
        let condition = self.operators(1);
        if !self.accept(TokenKind::Question) {
            return condition;
        }
        let yes = self.operators(1);
        if !self.accept(TokenKind::Colon) {
            self.unexpected("`:`");
            self.skip_to_delimiter();
            return self.node(condition.span.to(self.last), Syntax::Error);
        }
        let no = self.expression();
        let span = condition.span.to(no.span);
        self.node(span, Syntax::Conditional(Box::new([condition, yes, no])))
    }

    /// Operators that bind at least so strongly, from left to right.
    fn operators(&mut self, least: u8) -> Ast<'s> {
        let mut left = self.unary();
        while let Some((strength, infix)) = infix(self.token.kind).filter(|(strength, _)| *strength >= least) {
            self.advance();
            let right = self.operators(strength + 1);
            let span = left.span.to(right.span);
            let syntax = match (infix, left.syntax) {
                (Infix::And, Syntax::Every(mut parts)) => {
                    parts.push(right);
                    Syntax::Every(parts)
                }
                (Infix::Or, Syntax::Any(mut parts)) => {
                    parts.push(right);
                    Syntax::Any(parts)
                }
                (infix, syntax) => {
                    left.syntax = syntax;
                    match infix {
                        Infix::And => Syntax::Every(vec![left, right]),
                        Infix::Or => Syntax::Any(vec![left, right]),
                        Infix::Operator(operator) => Syntax::Binary(operator, Box::new([left, right])),
                    }
                }
            };
            left = self.node(span, syntax);
        }
        left
    }

    fn unary(&mut self) -> Ast<'s> {
        let mut signs = Vec::new();
        while matches!(self.token.kind, TokenKind::Bang | TokenKind::Minus) {
            let kind = self.token.kind;
            let sign = self.advance();
            if kind == TokenKind::Minus && matches!(self.token.kind, TokenKind::Int | TokenKind::Double) {
                let number = self.number(Some(sign));
                let number = self.members(number);
                return self.signed(signs, number);
            }
            signs.push((kind, sign));
        }
        let operand = self.primary();
        let operand = self.members(operand);
        self.signed(signs, operand)
    }

    fn signed(&mut self, signs: Vec<(TokenKind, Span)>, operand: Ast<'s>) -> Ast<'s> {
        signs.into_iter().rev().fold(operand, |inner, (kind, sign)| {
            let span = sign.to(inner.span);
            let syntax = match kind {
                TokenKind::Bang => Syntax::Not(Box::new(inner)),
                _ => Syntax::Negate(Box::new(inner)),
            };
            self.node(span, syntax)
        })
    }

    fn close(&mut self, end: TokenKind, expected: &str) {
        if self.accept(end) {
            return;
        }
        self.unexpected(expected);
        self.skip_to_delimiter();
        self.accept(end);
    }

    /// Leaves out what cannot be understood, up to the next comma or closing bracket outside of brackets of its own.
    fn skip_to_delimiter(&mut self) {
        let mut open = 0_usize;
        while open > 0 || !is_delimiter(self.token.kind) {
            match self.token.kind {
                TokenKind::End => return,
                TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => open += 1,
                TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
                    open = open.saturating_sub(1)
                }
                _ => {}
            }
            self.advance();
        }
    }
}

fn is_delimiter(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Comma
            | TokenKind::Colon
            | TokenKind::RightParen
            | TokenKind::RightBracket
            | TokenKind::RightBrace
            | TokenKind::End
    )
}

enum Infix {
    Or,
    And,
    Operator(Operator),
}

/// An operator between two values, and how strongly it binds.
fn infix(kind: TokenKind) -> Option<(u8, Infix)> {
    let compare = |comparison| (3, Infix::Operator(Operator::Compare(comparison)));
    let calculate = |strength, arithmetic| (strength, Infix::Operator(Operator::Calculate(arithmetic)));
    Some(match kind {
        TokenKind::Or => (1, Infix::Or),
        TokenKind::And => (2, Infix::And),
        TokenKind::Equal => compare(Comparison::Equal),
        TokenKind::NotEqual => compare(Comparison::NotEqual),
        TokenKind::Less => compare(Comparison::Less),
        TokenKind::LessEqual => compare(Comparison::LessEqual),
        TokenKind::Greater => compare(Comparison::Greater),
        TokenKind::GreaterEqual => compare(Comparison::GreaterEqual),
        TokenKind::In => (3, Infix::Operator(Operator::In)),
        TokenKind::Plus => calculate(4, Arithmetic::Add),
        TokenKind::Minus => calculate(4, Arithmetic::Subtract),
        TokenKind::Star => calculate(5, Arithmetic::Multiply),
        TokenKind::Slash => calculate(5, Arithmetic::Divide),
        TokenKind::Percent => calculate(5, Arithmetic::Remainder),
        _ => return None,
    })
}
