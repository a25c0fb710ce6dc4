//! What follows a value: fields, indexes, calls and macros.

use super::Parser;
use crate::error::Span;
use crate::lexer::TokenKind;
use crate::syntax::{Ast, Call, Loop, LoopKind, Name, Syntax};

impl<'s> Parser<'s> {
    /// What follows a value: `.field`, `.call(…)` and `[index]`.
    pub(super) fn members(&mut self, mut base: Ast<'s>) -> Ast<'s> {
        loop {
            match self.token.kind {
                TokenKind::Dot => {
                    self.advance();
                    base = self.member(base);
                }
                TokenKind::LeftBracket => {
                    self.advance();
                    let index = self.expression();
                    self.close(TokenKind::RightBracket, "`]`");
                    let span = base.span.to(self.last);
                    base = self.node(span, Syntax::Index(Box::new([base, index])));
                }
                TokenKind::LeftBrace if matches!(base.syntax, Syntax::Ident(_) | Syntax::Select(..)) => {
                    let message = "messages are not supported in rules";
                    let start = base.span;
                    self.advance();
                    self.entries();
                    base = self.error(start.to(self.last), message, "write a map: `{'name': value}`");
                }
                _ => return base,
            }
        }
    }

    fn member(&mut self, base: Ast<'s>) -> Ast<'s> {
        let written = self.text(self.token.span);
        let (text, quoted) = match self.token.kind {
            TokenKind::Ident => (written, false),
            TokenKind::Quoted => (written.trim_matches('`'), true),
            _ => {
                self.unexpected("the name of a field or function");
                self.skip_to_delimiter();
                return self.node(base.span.to(self.last), Syntax::Error);
            }
        };
        let span = self.advance();
        if !quoted && self.accept(TokenKind::LeftParen) {
            return self.call(base.span, text, Some(base));
        }
        let whole = base.span.to(span);
        self.node(whole, Syntax::Select(Box::new(base), Name { text, span }))
    }

    /// A call or a macro, behind its opening bracket.
    pub(super) fn call(&mut self, start: Span, name: &'s str, receiver: Option<Ast<'s>>) -> Ast<'s> {
        let arguments = self.list(TokenKind::RightParen, "`,` or `)`");
        let span = start.to(self.last);
        let syntax = match receiver {
            Some(range) => match loop_kind(name, arguments.len()) {
                Some(kind) => return self.each(span, kind, name, range, arguments),
                None => {
                    let arguments = std::iter::once(range).chain(arguments).collect();
                    Syntax::Call(Call {
                        name,
                        is_method: true,
                        arguments,
                    })
                }
            },
            None if name == "has" => return self.has(span, arguments),
            None => Syntax::Call(Call {
                name,
                is_method: false,
                arguments,
            }),
        };
        self.node(span, syntax)
    }

    fn has(&mut self, span: Span, arguments: Vec<Ast<'s>>) -> Ast<'s> {
        let mut arguments = arguments.into_iter();
        match (arguments.next().map(|argument| argument.syntax), arguments.next()) {
            (Some(Syntax::Select(base, name)), None) => self.node(span, Syntax::Has(base, name)),
            // There is an error about it already.
            (Some(Syntax::Error), None) => self.node(span, Syntax::Error),
            _ => self.error(span, "`has` takes one field", "write `has(object.field)`"),
        }
    }

    fn each(&mut self, span: Span, kind: LoopKind, name: &str, range: Ast<'s>, arguments: Vec<Ast<'s>>) -> Ast<'s> {
        let mut arguments = arguments.into_iter();
        let variable = arguments.next();
        let (first, second) = (arguments.next(), arguments.next());
        let (wanted, body) = match (name, first, second) {
            ("filter", wanted, _) => (wanted, None),
            (_, body, None) => (None, body),
            (_, wanted, body) => (wanted, body),
        };
        match variable {
            Some(Ast {
                syntax: Syntax::Ident(variable),
                ..
            }) => {
                let each = Loop {
                    kind,
                    range,
                    variable,
                    wanted,
                    body,
                };
                self.node(span, Syntax::Loop(Box::new(each)))
            }
            Some(Ast {
                syntax: Syntax::Error, ..
            }) => self.node(span, Syntax::Error),
            other => {
                let span = other.map_or(span, |other| other.span);
                let help = format!("write `list.{name}(x, …)`");
                self.error(span, format!("`{name}` takes the name of a variable first"), help)
            }
        }
    }
}

/// The macro of this name with so many arguments.
fn loop_kind(name: &str, arguments: usize) -> Option<LoopKind> {
    Some(match (name, arguments) {
        ("all", 2) => LoopKind::All,
        ("exists", 2) => LoopKind::Exists,
        ("exists_one" | "existsOne", 2) => LoopKind::ExistsOne,
        ("filter", 2) | ("map", 2 | 3) => LoopKind::Map,
        _ => return None,
    })
}
