//! The tokens of an expression, each with its span.

use crate::error::{CompileError, Span};

/// What a token is. Its text is what its span covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    End,
    Ident,
    /// A name between backticks, which may hold what an identifier may not.
    Quoted,
    True,
    False,
    Null,
    In,
    Int,
    Uint,
    Double,
    /// A string, as it is written.
    String,
    Bytes,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    Dot,
    Comma,
    Colon,
    Question,
    Bang,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// Gives the tokens of a source one by one.
pub(crate) struct Lexer<'s> {
    source: &'s str,
    /// Always between characters.
    at: usize,
}

type Lexed = Result<TokenKind, (&'static str, &'static str)>;

impl<'s> Lexer<'s> {
    pub(crate) fn new(source: &'s str) -> Lexer<'s> {
        Lexer { source, at: 0 }
    }

    /// The next token; at the end of the source always [`TokenKind::End`].
    ///
    /// # Errors
    /// What is not a token, which is left out.
    pub(crate) fn next(&mut self) -> Result<Token, CompileError> {
        self.skip_blanks();
        let start = self.at;
        let lexed = self.word();
        let span = self.span(start);
        match lexed {
            Ok(kind) => Ok(Token { kind, span }),
            Err((message, help)) => Err(CompileError::new(span, message, help)),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the parser refuses longer sources")]
    fn span(&self, start: usize) -> Span {
        Span {
            start: start as u32,
            end: self.at as u32,
        }
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn skip(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn skip_blanks(&mut self) {
        loop {
            self.skip_while(|byte| byte.is_ascii_whitespace() || byte == 0x0b);
            if !self.skip("//") {
                return;
            }
            self.skip_while(|byte| byte != b'\n');
        }
    }

    fn word(&mut self) -> Lexed {
        let Some(first) = self.rest().chars().next() else {
            return Ok(TokenKind::End);
        };
        match first {
            '0'..='9' => self.number(),
            '.' if self.rest().as_bytes().get(1).is_some_and(u8::is_ascii_digit) => self.number(),
            '\'' | '"' => self.string(false),
            '`' => self.quoted(),
            'a'..='z' | 'A'..='Z' | '_' => self.name(),
            _ => self.sign(first),
        }
    }

    /// A keyword, an identifier, or a string with a prefix.
    fn name(&mut self) -> Lexed {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let name = &self.source[start..self.at];
        if matches!(self.peek(), Some(b'\'' | b'"')) {
            match name.to_ascii_lowercase().as_str() {
                "r" => return self.string(true),
                "b" => return self.string(false).map(|_| TokenKind::Bytes),
                "br" | "rb" => return self.string(true).map(|_| TokenKind::Bytes),
                _ => {}
            }
        }
        Ok(match name {
            "true" => TokenKind::True,
            "false" => TokenKind::False,
            "null" => TokenKind::Null,
            "in" => TokenKind::In,
            _ => TokenKind::Ident,
        })
    }

    fn quoted(&mut self) -> Lexed {
        self.at += 1;
        let start = self.at;
        self.skip_while(|byte| byte != b'`');
        let name = &self.source[start..self.at];
        if !self.skip("`") {
            return Err(("this name is not closed", "close it with a backtick"));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/ ".contains(&byte);
        if name.is_empty() || !name.bytes().all(allowed) {
            let help =
                "a name between backticks has letters, digits, `_`, `.`, `-`, `/` and blanks; write `object['name']`";
            return Err(("this is not a name", help));
        }
        Ok(TokenKind::Quoted)
    }

    #[expect(clippy::expect_used, reason = "who calls this has seen a quote")]
    fn string(&mut self, raw: bool) -> Lexed {
        let quotes = ["\"\"\"", "'''", "\"", "'"];
        let end = quotes.into_iter().find(|quote| self.skip(quote));
        let end = end.expect("a string begins with a quote");
        loop {
            if self.skip(end) {
                return Ok(TokenKind::String);
            }
            let mut chars = self.rest().chars();
            let escapes = !raw && chars.next() == Some('\\');
            let length = |c: Option<char>| c.map_or(0, char::len_utf8);
            let step = if escapes {
                1 + length(chars.next())
            } else {
                length(self.rest().chars().next())
            };
            if step == 0 {
                return Err(("this string is not closed", ""));
            }
            self.at += step;
        }
    }

    fn number(&mut self) -> Lexed {
        let mut kind = TokenKind::Int;
        if self.skip("0x") || self.skip("0X") {
            let start = self.at;
            self.skip_while(|byte| byte.is_ascii_hexdigit());
            if self.at == start {
                return Err(("a hexadecimal number has no digits", ""));
            }
        } else {
            self.skip_while(|byte| byte.is_ascii_digit());
            let after = self.rest().as_bytes();
            if matches!(after, [b'.', digit, ..] if digit.is_ascii_digit()) {
                kind = TokenKind::Double;
                self.at += 1;
                self.skip_while(|byte| byte.is_ascii_digit());
            }
            if matches!(self.peek(), Some(b'e' | b'E')) {
                kind = TokenKind::Double;
                self.at += 1;
                if matches!(self.peek(), Some(b'+' | b'-')) {
                    self.at += 1;
                }
                let start = self.at;
                self.skip_while(|byte| byte.is_ascii_digit());
                if self.at == start {
                    return Err(("an exponent has no digits", ""));
                }
            }
        }
        if kind == TokenKind::Int && (self.skip("u") || self.skip("U")) {
            kind = TokenKind::Uint;
        }
        let end = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if self.at > end {
            return Err(("this is not a number", ""));
        }
        Ok(kind)
    }

    fn sign(&mut self, first: char) -> Lexed {
        self.at += first.len_utf8();
        Ok(match first {
            '(' => TokenKind::LeftParen,
            ')' => TokenKind::RightParen,
            '[' => TokenKind::LeftBracket,
            ']' => TokenKind::RightBracket,
            '{' => TokenKind::LeftBrace,
            '}' => TokenKind::RightBrace,
            '.' => TokenKind::Dot,
            ',' => TokenKind::Comma,
            ':' => TokenKind::Colon,
            '?' => TokenKind::Question,
            '+' => TokenKind::Plus,
            '-' => TokenKind::Minus,
            '*' => TokenKind::Star,
            '/' => TokenKind::Slash,
            '%' => TokenKind::Percent,
            '!' if self.skip("=") => TokenKind::NotEqual,
            '!' => TokenKind::Bang,
            '<' if self.skip("=") => TokenKind::LessEqual,
            '<' => TokenKind::Less,
            '>' if self.skip("=") => TokenKind::GreaterEqual,
            '>' => TokenKind::Greater,
            '=' if self.skip("=") => TokenKind::Equal,
            '=' => return Err(("`=` is not an operator", "write `==`")),
            '&' if self.skip("&") => TokenKind::And,
            '&' => return Err(("`&` is not an operator", "write `&&`")),
            '|' if self.skip("|") => TokenKind::Or,
            '|' => return Err(("`|` is not an operator", "write `||`")),
            _ => return Err(("unexpected character", "")),
        })
    }
}
