//! What an expression is made of: literals, names, lists, maps, and what is in brackets.

use super::{Parser, infix, is_delimiter};
use crate::error::Span;
use crate::lexer::{Token, TokenKind};
use crate::literal;
use crate::syntax::{Ast, Syntax};

/// CEL's reserved words.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

impl<'s> Parser<'s> {
    pub(super) fn primary(&mut self) -> Ast<'s> {
        let Token { kind, span } = self.token;
        match kind {
            TokenKind::Int | TokenKind::Uint | TokenKind::Double => return self.number(None),
            TokenKind::LeftParen => {
                self.advance();
                let inner = self.expression();
                self.close(TokenKind::RightParen, "`)`");
                return Ast {
                    span: span.to(self.last),
                    ..inner
                };
            }
            TokenKind::Null
            | TokenKind::True
            | TokenKind::False
            | TokenKind::String
            | TokenKind::Bytes
            | TokenKind::LeftBracket
            | TokenKind::LeftBrace
            | TokenKind::Ident => drop(self.advance()),
            _ => {
                self.unexpected("a value");
                // A token that no enclosing rule takes would be met again and again.
                if !is_delimiter(kind) && infix(kind).is_none() {
                    self.advance();
                }
                return self.node(span, Syntax::Error);
            }
        }
        let syntax = match kind {
            TokenKind::Null => Syntax::Null,
            TokenKind::True | TokenKind::False => Syntax::Bool(kind == TokenKind::True),
            TokenKind::String => return self.string(span),
            TokenKind::Bytes => return self.error(span, "bytes are not supported in rules", "use a string"),
            TokenKind::LeftBracket => Syntax::List(self.list(TokenKind::RightBracket, "`,` or `]`")),
            TokenKind::LeftBrace => Syntax::Map(self.entries()),
            _ => return self.ident(span),
        };
        let end = self.last;
        self.node(span.to(end), syntax)
    }

    fn ident(&mut self, span: Span) -> Ast<'s> {
        let name = self.text(span);
        if RESERVED.contains(&name) {
            return self.error(span, format!("`{name}` is a reserved word"), "use another name");
        }
        if self.accept(TokenKind::LeftParen) {
            return self.call(span, name, None);
        }
        self.node(span, Syntax::Ident(name))
    }

    fn string(&mut self, span: Span) -> Ast<'s> {
        match literal::string(self.text(span)) {
            Ok(text) => self.node(span, Syntax::String(text)),
            Err((at, message)) => {
                let rest = &self.text(span)[at..];
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end);
                let help = "write `\\\\` for a backslash, or a raw string: `r'…'`";
                self.error(span.part(at..at + end), message, help)
            }
        }
    }

    /// A number, with the minus before it.
    pub(super) fn number(&mut self, sign: Option<Span>) -> Ast<'s> {
        let kind = self.token.kind;
        let span = self.advance();
        let span = sign.map_or(span, |sign| sign.to(span));
        let written = self.text(span);
        let syntax = match kind {
            TokenKind::Double => literal::double(written).map(Syntax::Double),
            _ => literal::int(written).map(Syntax::Int),
        };
        match syntax {
            Some(syntax) => self.node(span, syntax),
            None => self.error(span, "this number is too large", ""),
        }
    }

    /// Expressions between commas, up to the closing bracket.
    pub(super) fn list(&mut self, end: TokenKind, expected: &str) -> Vec<Ast<'s>> {
        let mut items = Vec::new();
        while !self.accept(end) {
            items.push(self.expression());
            if !self.next_item(end, expected) {
                break;
            }
        }
        items
    }

    pub(super) fn entries(&mut self) -> Vec<[Ast<'s>; 2]> {
        let (end, mut entries) = (TokenKind::RightBrace, Vec::new());
        while !self.accept(end) {
            let key = self.expression();
            if self.accept(TokenKind::Colon) {
                entries.push([key, self.expression()]);
            } else {
                self.unexpected("`:`");
            }
            if !self.next_item(end, "`,` or `}`") {
                break;
            }
        }
        entries
    }

    /// Goes to the next item of a list, or to its closing bracket, which it leaves; false where the list ends otherwise.
    fn next_item(&mut self, end: TokenKind, expected: &str) -> bool {
        if self.token.kind != TokenKind::Comma && self.token.kind != end {
            self.unexpected(expected);
            self.skip_to_delimiter();
        }
        self.accept(TokenKind::Comma) || self.token.kind == end
    }
}
