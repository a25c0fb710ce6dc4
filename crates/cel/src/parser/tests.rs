use super::*;

/// The tree, with brackets around every operation.
fn shown(ast: &Ast<'_>) -> String {
    let all = |parts: &[Ast<'_>]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
    match &ast.syntax {
        Syntax::Error => "error".to_owned(),
        Syntax::Null => "null".to_owned(),
        Syntax::Bool(flag) => flag.to_string(),
        Syntax::Int(number) => number.to_string(),
        Syntax::Double(number) => format!("{number:?}"),
        Syntax::String(text) => format!("{text:?}"),
        Syntax::Ident(name) => (*name).to_owned(),
        Syntax::Select(base, name) => format!("(. {} {})", shown(base), name.text),
        Syntax::Has(base, name) => format!("(has {} {})", shown(base), name.text),
        Syntax::Index(parts) => format!("([] {})", all(&**parts)),
        Syntax::Call(call) => {
            let dot = if call.is_method { "." } else { "" };
            format!("({dot}{} {})", call.name, all(&call.arguments))
        }
        Syntax::Loop(each) => {
            let inner = each.wanted.iter().chain(&each.body).map(shown).collect::<Vec<_>>();
            let (kind, range, variable) = (each.kind, shown(&each.range), each.variable);
            format!("({kind:?} {range} {variable} {})", inner.join(" "))
        }
        Syntax::Not(inner) => format!("(! {})", shown(inner)),
        Syntax::Negate(inner) => format!("(- {})", shown(inner)),
        Syntax::Every(parts) => format!("(&& {})", all(parts)),
        Syntax::Any(parts) => format!("(|| {})", all(parts)),
        Syntax::Conditional(parts) => format!("(? {})", all(&**parts)),
        Syntax::Binary(Operator::In, parts) => format!("(in {})", all(&**parts)),
        Syntax::Binary(Operator::Compare(comparison), parts) => format!("({comparison:?} {})", all(&**parts)),
        Syntax::Binary(Operator::Calculate(arithmetic), parts) => format!("({arithmetic:?} {})", all(&**parts)),
        Syntax::List(items) => format!("[{}]", all(items)),
        Syntax::Map(entries) => {
            let entries = entries.iter().map(|entry| all(entry)).collect::<Vec<_>>();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

#[test]
fn sources_mean_what_the_language_definition_says() {
    for (source, tree) in [
        // Precedence and associativity.
        ("a || b && c || d", "(|| a (&& b c) d)"),
        ("a && b && c && d", "(&& a b c d)"),
        ("a && (b && c)", "(&& a (&& b c))"),
        ("a == b && c != d", "(&& (Equal a b) (NotEqual c d))"),
        ("a < b == c >= d", "(GreaterEqual (Equal (Less a b) c) d)"),
        (
            "a + b * c - d % e / f",
            "(Subtract (Add a (Multiply b c)) (Divide (Remainder d e) f))",
        ),
        ("a - b - c", "(Subtract (Subtract a b) c)"),
        ("(a + b) * c", "(Multiply (Add a b) c)"),
        ("a + b in c", "(in (Add a b) c)"),
        ("!a.b == c", "(Equal (! (. a b)) c)"),
        ("-a * b", "(Multiply (- a) b)"),
        ("!!a", "(! (! a))"),
        ("--1", "(- -1)"),
        ("a -1", "(Subtract a 1)"),
        ("- 1 + -a.b", "(Add -1 (- (. a b)))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a ? (b ? c : d) : e", "(? a (? b c d) e)"),
        ("a || b ? c && d : e", "(? (|| a b) (&& c d) e)"),
        // Members.
        ("a.b.c[d].e(f, g)[0]", "([] (.e ([] (. (. a b) c) d) f g) 0)"),
        ("a.`b-c/d.e f`", "(. a b-c/d.e f)"),
        ("a.if.namespace", "(. (. a if) namespace)"),
        ("f(a).g()", "(.g (f a))"),
        ("{'a': 1}.a", "(. {\"a\" 1} a)"),
        ("'a'.size()", "(.size \"a\")"),
        // Macros, and what only looks like one.
        ("has(a.b.c)", "(has (. a b) c)"),
        ("a.all(x, x > 1)", "(All a x (Greater x 1))"),
        ("a.exists(x, p)", "(Exists a x p)"),
        (
            "a.exists_one(x, p) && a.existsOne(x, p)",
            "(&& (ExistsOne a x p) (ExistsOne a x p))",
        ),
        ("a.filter(x, p)", "(Map a x p)"),
        ("a.map(x, y)", "(Map a x y)"),
        ("a.map(x, p, y)", "(Map a x p y)"),
        ("all('Pod')", "(all \"Pod\")"),
        ("a.all(b)", "(.all a b)"),
        ("a.has(b)", "(.has a b)"),
        // Literals.
        ("[1, 2u, 0x1F, 1.5, .5, 1e3, 1E-2]", "[1 2 31 1.5 0.5 1000.0 0.01]"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("[true, false, null]", "[true false null]"),
        (r#"['a', "b", r'\d', '''c'd''']"#, r#"["a" "b" "\\d" "c'd"]"#),
        ("[]", "[]"),
        ("{}", "{}"),
        ("[a, b,]", "[a b]"),
        ("{'a': b, c: d,}", "{\"a\" b, c d}"),
        ("f(a,)", "(f a)"),
        // Blanks and comments.
        (" a\t\r\n// is not\n== b // said", "(Equal a b)"),
        ("a./* b */c", "error"),
        ("r + b + rb", "(Add (Add r b) rb)"),
        ("inner + trueish", "(Add inner trueish)"),
    ] {
        match parse(source) {
            Ok(ast) => assert_eq!(shown(&ast), tree, "{source}"),
            Err(errors) => assert_eq!("error", tree, "{source}: {errors:?}"),
        }
    }
}

#[test]
fn a_node_knows_where_it_stands() {
    let source = "a.b == (c + 1).f(d) ? has(e.f) : -x";
    let ast = parse(source).ok().unwrap();
    let text = |ast: &Ast<'_>| ast.span.of(source).to_owned();
    assert_eq!(text(&ast), source);
    let Syntax::Conditional(parts) = &ast.syntax else {
        panic!("{ast:?}")
    };
    assert_eq!(parts.each_ref().map(text), ["a.b == (c + 1).f(d)", "has(e.f)", "-x"]);
    let Syntax::Binary(_, sides) = &parts[0].syntax else {
        panic!("{ast:?}")
    };
    assert_eq!(sides.each_ref().map(text), ["a.b", "(c + 1).f(d)"]);
    let Syntax::Has(base, name) = &parts[1].syntax else {
        panic!("{ast:?}")
    };
    assert_eq!((text(base).as_str(), name.span.of(source)), ("e", "f"));
}

#[test]
fn every_mistake_is_reported_where_it_stands() {
    for (source, mistakes) in [
        ("", &[("", "expected a value, found the end")] as &[_]),
        ("a ==", &[("", "expected a value, found the end")]),
        ("a b", &[("b", "expected an operator or the end, found `b`")]),
        ("a and b", &[("and", "expected an operator or the end, found `and`")]),
        (
            "a = b",
            &[
                ("=", "`=` is not an operator"),
                ("b", "expected an operator or the end, found `b`"),
            ],
        ),
        (
            "a & b",
            &[
                ("&", "`&` is not an operator"),
                ("b", "expected an operator or the end, found `b`"),
            ],
        ),
        ("f(a", &[("", "expected `,` or `)`, found the end")]),
        (
            "[a, b c, d e]",
            &[
                ("c", "expected `,` or `]`, found `c`"),
                ("e", "expected `,` or `]`, found `e`"),
            ],
        ),
        (
            "{'a' 1, 'b': }",
            &[("1", "expected `:`, found `1`"), ("}", "expected a value, found `}`")],
        ),
        ("(a", &[("", "expected `)`, found the end")]),
        ("a.", &[("", "expected the name of a field or function, found the end")]),
        (
            "a.in",
            &[("in", "expected the name of a field or function, found `in`")],
        ),
        ("a ? b", &[("", "expected `:`, found the end")]),
        ("* a", &[("*", "expected a value, found `*`")]),
        ("`a`", &[("`a`", "expected a value, found ``a``")]),
        (
            "a.`b",
            &[
                ("`b", "this name is not closed"),
                ("", "expected the name of a field or function, found the end"),
            ],
        ),
        (
            "a.`é`",
            &[
                ("`é`", "this is not a name"),
                ("", "expected the name of a field or function, found the end"),
            ],
        ),
        (
            "'a",
            &[
                ("'a", "this string is not closed"),
                ("", "expected a value, found the end"),
            ],
        ),
        (r"'a\qb'", &[(r"\q", r"`\q` is not an escape")]),
        ("b'a'", &[("b'a'", "bytes are not supported in rules")]),
        (
            "1x + 0x",
            &[
                ("1x", "this is not a number"),
                ("+", "expected a value, found `+`"),
                ("0x", "a hexadecimal number has no digits"),
                ("", "expected a value, found the end"),
            ],
        ),
        (
            "9223372036854775808",
            &[("9223372036854775808", "this number is too large")],
        ),
        ("has(a)", &[("has(a)", "`has` takes one field")]),
        ("a.map(1, b)", &[("1", "`map` takes the name of a variable first")]),
        ("if + a", &[("if", "`if` is a reserved word")]),
        ("Pod{a: 1}", &[("Pod{a: 1}", "messages are not supported in rules")]),
        (
            "ß == 1",
            &[("ß", "unexpected character"), ("==", "expected a value, found `==`")],
        ),
    ] {
        let errors = parse(source).err().unwrap();
        let found: Vec<_> = errors
            .iter()
            .map(|error| (source.get(error.span.clone()).unwrap(), error.message.as_str()))
            .collect();
        assert_eq!(found, mistakes, "{source}");
    }
}

#[test]
fn hostile_sources_end_before_the_stack_does() {
    let deep = [
        "(".repeat(50_000),
        "[".repeat(50_000),
        "f(".repeat(20_000),
        "{1:".repeat(20_000),
        "!".repeat(60_000) + "a",
        "-".repeat(60_000) + "a",
        "a ? b : ".repeat(8_000) + "c",
        "a + ".repeat(15_000) + "a",
        "a".to_owned() + &".b".repeat(30_000),
        "a".to_owned() + &"[0]".repeat(20_000),
        "a".to_owned() + &".f()".repeat(15_000),
        "a.map(x, ".repeat(7_000),
        "'".repeat(60_001),
        "`".repeat(60_001),
        "€".repeat(20_000),
        ", ".repeat(30_000),
        "x".repeat(MAX_LENGTH + 1),
    ];
    for source in deep {
        let errors = parse(&source).err().unwrap();
        assert!(!errors.is_empty() && errors.len() <= MAX_ERRORS, "{}", errors.len());
        assert!(errors.iter().all(|error| source.get(error.span.clone()).is_some()));
    }
    // What people write is far from the bounds.
    assert!(parse(&("a && ".repeat(5_000) + "b")).is_ok());
    assert!(parse(&("a + ".repeat(200) + "b")).is_ok());
    assert!(parse(&("(".repeat(90) + "a" + &")".repeat(90))).is_ok());
}
