//! Damaged and hostile texts: they cost what they must, never more, and never a panic.

use std::fmt::Write as _;

use gleaner_text::LineIndex;
use gleaner_yaml::{
    FieldPath, Interner, Mode, Node, Quirks, ReadOptions, Value, embedded_json, embedded_yaml, read_document,
    read_list, read_list_with,
};

const PODS: &str = "apiVersion: v1\nitems:\n- kind: Pod\n  metadata:\n    managedFields:\n    - manager: kubectl\n    name: a\n- kind: Pod\n  metadata:\n    name: b\n  spec:\n    size: 1e+06\nkind: List\nmetadata:\n  resourceVersion: \"1\"\n";

fn names(text: &str, mode: Mode) -> Vec<String> {
    let keys = Interner::default();
    let read = read_list(text, &keys, mode);
    let name = |root: &Node<'_>| root.text(&["metadata", "name"]).to_owned();
    read.items.iter().map(|item| name(&item.root)).collect()
}

#[test]
fn items_come_in_order_with_offsets_in_the_whole_text() {
    let keys = Interner::default();
    let read = read_list(PODS, &keys, Mode::Dialect);
    assert_eq!((read.items.len(), read.fallbacks, read.errors.len()), (2, 0, 0));
    let size = read.items[1].root.at(&["spec", "size"]).unwrap();
    assert_eq!(size.as_int(), Some(1_000_000));
    assert_eq!(size.offset(), PODS.find("1e+06").unwrap());
    assert_eq!(LineIndex::new(PODS).line_of(size.offset()), 12);
    assert_eq!(
        read.items[1].offset,
        PODS.find("- kind: Pod\n  metadata:\n    name: b").unwrap()
    );
    assert!(read.items[0].root.at(&["metadata", "managedFields"]).is_none());
}

#[test]
fn other_shapes_than_the_collectors_are_read_too() {
    let indented = "apiVersion: v1\nkind: PodList\nitems:\n  - kind: Pod\n    metadata: {name: a}\n  # b is gone\n  - kind: Pod\n    metadata:\n      name: c\n";
    let single = "kind: Pod\nmetadata:\n  name: a\n";
    let json = r#"{"kind": "List", "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "c"}}]}"#;
    let several = format!("---\n{single}---\nkind: Pod\nmetadata:\n  name: c\n---\n");
    for mode in [Mode::Dialect, Mode::Full] {
        assert_eq!(names(PODS, mode), ["a", "b"]);
        assert_eq!(names(indented, mode), ["a", "c"]);
        assert_eq!(names(json, mode), ["a", "c"]);
        assert_eq!(names(single, mode), ["a"]);
        assert_eq!(names(&several, mode), ["a", "c"]);
        assert_eq!(names("apiVersion: v1\nitems: []\nkind: List\n", mode), [""; 0]);
        assert_eq!(names("", mode), [""; 0]);
    }
}

#[test]
fn a_list_cut_anywhere_keeps_the_items_before_the_cut_and_not_the_torn_one() {
    let second = PODS.find("\n- kind: Pod\n  metadata:\n    name: b").unwrap() + 2;
    let kind = PODS.find("kind: List").unwrap();
    for cut in 0..kind + "kind: List".len() {
        for mode in [Mode::Dialect, Mode::Full] {
            let whole = match cut {
                cut if cut > kind => &["a", "b"][..],
                cut if cut >= second => &["a"],
                _ => &[],
            };
            assert_eq!(names(&PODS[..cut], mode), whole, "{cut}");
            let keys = Interner::default();
            let read = read_list(&PODS[..cut], &keys, mode);
            assert!(!read.errors.is_empty(), "no error for the cut at {cut}");
        }
    }
}

#[test]
fn a_file_that_is_no_list_says_so() {
    let page = "<!DOCTYPE html>\n<html>\n<head><title>503: busy</title></head>\n</html>\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n";
    let list = "apiVersion: v1\nitems: []\nkind: List\n";
    for (text, line, what) in [
        ("".to_owned(), 1, "it is empty and no list"),
        (" \n\n".to_owned(), 1, "it is empty and no list"),
        ("# nothing\n# here\n".to_owned(), 1, "it is empty and no list"),
        ("null\n".to_owned(), 1, "it is empty and no list"),
        ("502 bad gateway\n".to_owned(), 1, "it is text and no list"),
        ("[]\n".to_owned(), 1, "it is not a List: it has no kind"),
        ("apiVersion: v1\n".to_owned(), 1, "it is not a List: it has no kind"),
        (
            "apiVersion: v1\nitems: []\n".to_owned(),
            3,
            "the list ends without its kind: the file seems to be truncated",
        ),
        (
            r#"{"kind": "Status", "code": 403}"#.to_owned(),
            1,
            "it is not a List: its kind is Status",
        ),
        (
            "apiVersion: v1\nkind: Status\ncode: 500\n".to_owned(),
            1,
            "it is not a List: its kind is Status",
        ),
        (pod.to_owned(), 1, "it is not a List: its kind is Pod"),
        (
            "items:\n- kind: Pod\nkind: Lost\n".to_owned(),
            1,
            "it is not a List: its kind is Lost",
        ),
        (
            "items: null\nkind: List\n".to_owned(),
            1,
            "the items of the list are no list",
        ),
        (
            "items: \"null\"\nkind: PodList\n".to_owned(),
            1,
            "the items of the list are no list",
        ),
        (
            "items: {}\nkind: List\n".to_owned(),
            1,
            "the items of the list are no list",
        ),
        (
            "items:\n  a: 1\nkind: List\n".to_owned(),
            1,
            "the items of the list are no list",
        ),
        (
            "items: none\nkind: List\n".to_owned(),
            1,
            "the items of the list are no list",
        ),
        (
            "itemz:\n- kind: Pod\nkind: List\n".to_owned(),
            1,
            "the list has no items, but `itemz`",
        ),
        (
            format!("{list}---\n{list}"),
            5,
            "there are several documents instead of one list",
        ),
        (
            "items:\n- kind: Pod\n- lost\nkind: List\n".to_owned(),
            3,
            "an item of the list is no object",
        ),
        (page.to_owned(), 3, ""),
        ("\0".repeat(700), 1, ""),
    ] {
        for mode in [Mode::Dialect, Mode::Full] {
            let keys = Interner::default();
            let read = read_list(&text, &keys, mode);
            let error = read.errors.first().unwrap_or_else(|| panic!("no error for {text:?}"));
            assert_eq!(
                (error.line, what),
                (line, if what.is_empty() { "" } else { error.what.as_str() }),
                "{text:?}"
            );
            assert_eq!(read.errors.len(), 1, "{text:?}: {:?}", read.errors);
            let of_part = ["its kind: the file", "an item"].iter().any(|part| what.contains(part));
            assert_eq!(error.of_file, !of_part, "{text:?}");
        }
    }
    for text in [
        list,
        "apiVersion: v1\nkind: List\nmetadata: {}\n",
        "kind: PodList\nitems: []\n",
    ] {
        let keys = Interner::default();
        assert_eq!(read_list(text, &keys, Mode::Dialect).errors, [], "{text:?}");
    }
}

#[test]
fn a_bad_item_costs_itself_and_names_its_line() {
    let text = PODS.replace("    name: a\n", "    name: [a\n");
    for mode in [Mode::Dialect, Mode::Full] {
        let keys = Interner::default();
        let read = read_list(&text, &keys, mode);
        assert_eq!(read.items.len(), 1);
        assert_eq!(read.items[0].root.text(&["metadata", "name"]), "b");
        assert_eq!(read.errors.len(), 1);
        assert!((3..=8).contains(&read.errors[0].line), "{:?}", read.errors);
    }
}

#[test]
fn aliases_are_read_but_cannot_blow_up() {
    let fine = read_document("base: &b {a: 1}\nother: *b\n", Mode::Dialect).unwrap();
    assert_eq!(fine.at(&["other", "a"]).and_then(Node::as_int), Some(1));
    let mut laughs = String::from("a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha]\n");
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(8);
        writeln!(laughs, "a{level}: &a{level} [{below}]").unwrap();
    }
    assert!(read_document(&laughs, Mode::Dialect).is_err());
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(2000), "*a, ".repeat(2000));
    assert!(
        read_document(&wide, Mode::Dialect)
            .unwrap_err()
            .what
            .contains("aliases")
    );
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(9000), "*a, ".repeat(2000));
    assert!(
        read_document(&long, Mode::Dialect)
            .unwrap_err()
            .what
            .contains("aliases")
    );
}

#[test]
fn depth_is_bounded_in_every_style() {
    let mut block = String::new();
    for level in 0..5000 {
        writeln!(block, "{}a:", " ".repeat(level)).unwrap();
    }
    let dashes = format!("a:\n{}x\n", "- ".repeat(20_000));
    let flow = format!("a: {}\n", "[".repeat(20_000));
    for text in [block, dashes, flow] {
        for mode in [Mode::Dialect, Mode::Full] {
            assert!(read_document(&text, mode).is_err());
        }
    }
    assert!(embedded_json(&"[".repeat(100_000)).is_none());
}

#[test]
fn brackets_cannot_keep_the_full_parser_busy() {
    for piece in ["[", "{a: ", "[\"]\", "] {
        let text = format!("a: {}\n", piece.repeat(1 << 20));
        let bad = read_document(&text, Mode::Dialect).unwrap_err();
        assert!(bad.what.contains("brackets"), "{piece}");
    }
    let json = format!(
        "{{\"items\": [{}{{}}], \"kind\": \"List\"}}",
        "{\"a\": {}}, ".repeat(20_000)
    );
    let keys = Interner::default();
    assert_eq!(read_list(&json, &keys, Mode::Dialect).items.len(), 20_001);
}

#[test]
fn larger_items_than_the_bound_are_refused() {
    let text = format!("kind: List\nitems:\n- a: {}\n- a: b\n", "x".repeat(33 << 20));
    let keys = Interner::default();
    let read = read_list(&text, &keys, Mode::Dialect);
    assert_eq!((read.items.len(), read.errors.len()), (1, 1));
    assert!(read.errors[0].what.contains("32 MiB"));
}

#[test]
fn embedded_documents_lose_the_collectors_marks() {
    let node = embedded_json(r#"{"x":"null","y":"","z":[1e3,"a"],"w":null}null"#).unwrap();
    assert!(node.get("x").is_none() && node.get("y").is_none());
    assert_eq!(node.at(&["z"]).unwrap().items()[0].as_int(), Some(1000));
    assert!(matches!(embedded_json(r#""text"null"#).unwrap().value(), Value::Str(_)));
    assert!(embedded_json("not json").is_none());
    let node = embedded_yaml("release:\n  harvester: v1.5.0\n  flag: \"\"\n").unwrap();
    assert_eq!(node.text(&["release", "harvester"]), "v1.5.0");
    assert!(node.at(&["release", "flag"]).is_none());
    assert!(embedded_yaml("just a word").is_none());
    assert!(embedded_yaml("a: [").is_none());
}

/// A small generator, so that each run tries the same texts.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[test]
fn damaged_texts_read_as_the_full_parser_reads_them_or_not_at_all() {
    const PIECES: [&str; 34] = [
        "\n", " ", "  ", "- ", ": ", ":", "#", " #", "\"", "'", "''", "|", "|-", "|+", "|2", ">", "? ", "\t", "\\",
        "\\n", "\\\n", "{}", "[]", "[", "*a", "&a ", "!t ", "null", "1e+06", "é", "\u{2028}", "\r", "---\n", "<<",
    ];
    let seed = "- a: 1.5\n  b:\n  - x\n  - - y\n    - 'it''s'\n  - c: \"two\n      lines\\tq\"\n    d: plain text\n      folded\n  e: |\n    one\n\n    two\n  f: |2-\n     x\n  ? long\n  : {}\n  metadata:\n    labels: {}\n    name: q\n";
    let mut dice = Dice(7);
    let mut compared = 0;
    for _ in 0..30_000 {
        let mut text = seed.to_owned();
        for _ in 0..=dice.roll(3) {
            let at = (0..=text.len())
                .rev()
                .find(|at| text.is_char_boundary(*at) && *at <= dice.roll(text.len() + 1))
                .unwrap_or(0);
            let until = (at..=text.len())
                .rev()
                .find(|end| text.is_char_boundary(*end) && *end <= at + dice.roll(4))
                .unwrap_or(at);
            text.replace_range(at..until, PIECES[dice.roll(PIECES.len())]);
        }
        let text = format!("kind: List\nitems:\n{text}");
        let keys = Interner::default();
        let read = |mode| {
            let options = ReadOptions {
                mode,
                quirks: Quirks::Keep,
                ..ReadOptions::default()
            };
            read_list_with(&text, &keys, options)
        };
        let ours = read(Mode::Dialect);
        if ours.fallbacks > 0 || !ours.errors.is_empty() {
            continue;
        }
        compared += 1;
        let full = read(Mode::Full);
        let show =
            |read: &[gleaner_yaml::Item<'_>]| -> Vec<String> { read.iter().map(|item| show(&item.root)).collect() };
        assert_eq!(show(&ours.items), show(&full.items), "{text}\n{:?}", full.errors);
    }
    assert!(compared > 3_000, "{compared}");
}

/// The tree without its offsets.
fn show(node: &Node<'_>) -> String {
    match node.value() {
        Value::Seq(items) => format!("{:?}", items.iter().map(show).collect::<Vec<_>>()),
        Value::Map(entries) => format!("{:?}", entries.map(|(key, node)| (key, show(node))).collect::<Vec<_>>()),
        scalar => format!("{scalar:?}"),
    }
}

#[test]
fn one_path_reads_the_maps_of_several_interners() {
    let texts = [
        "items:\n- spec:\n    a: 1\n    b: first\n- spec:\n    a: 1\n    b: first\nkind: List\n",
        "items:\n- spec:\n    b: second\n    c: 1\n- spec:\n    b: second\n    c: 1\nkind: List\n",
    ];
    let interners = [Interner::default(), Interner::default()];
    let lists: Vec<_> = texts
        .iter()
        .zip(&interners)
        .map(|(text, keys)| read_list(text, keys, Mode::Dialect))
        .collect();
    let path = FieldPath::parse("spec.b").unwrap();
    for _ in 0..3 {
        for (list, expected) in lists.iter().zip(["first", "second"]) {
            for item in &list.items {
                let values: Vec<_> = path.values(&item.root).iter().map(|value| value.text()).collect();
                assert_eq!(values, [expected]);
            }
        }
    }
}

#[test]
fn hostile_reads_take_no_capacity_from_later_ones() {
    // Together more lists of keys than one interner holds.
    for read in 0..1_000 {
        let mut text = String::from("items:\n");
        for item in 0..40 {
            writeln!(text, "- key-{read}-{item}: x").unwrap();
        }
        text.push_str("kind: List\n");
        let keys = Interner::default();
        assert_eq!(read_list(&text, &keys, Mode::Dialect).items.len(), 40);
    }
    // More than the interner of one read holds: its last items have keys of their own and read the same.
    let mut text = String::from("items:\n");
    for item in 0..40_000 {
        writeln!(text, "- key-{item}: x{item}").unwrap();
    }
    text.push_str("kind: List\n");
    let keys = Interner::default();
    let read = read_list(&text, &keys, Mode::Dialect);
    assert_eq!((read.items.len(), read.fallbacks, read.errors.len()), (40_000, 0, 0));
    for (number, item) in read.items.iter().enumerate() {
        assert_eq!(item.root.text(&[&format!("key-{number}")]), format!("x{number}"));
    }
    let interned = format!("{keys:?}");
    assert_eq!(
        interned, "Interner(32768 lists of keys)",
        "all its capacity, whatever was read before"
    );
}

#[test]
fn directives_are_bounded() {
    for count in [17, 500, 60_000] {
        let text: String = (0..count).map(|number| format!("%TAG !a{number}! b\n")).collect();
        let keys = Interner::default();
        let list = read_list(&text, &keys, Mode::Dialect);
        let errors: Vec<&str> = list.errors.iter().map(|error| error.what.as_str()).collect();
        assert_eq!(errors, ["too many directives"], "{count}");
    }
}

#[test]
fn the_full_parser_takes_no_large_text() {
    for mebibytes in [4, 9, 17] {
        let text = format!("kind: List\nitems: [{}1]\n", "1,".repeat(mebibytes << 19));
        let keys = Interner::default();
        let list = read_list(&text, &keys, Mode::Dialect);
        assert!(list.items.is_empty());
        assert!(
            list.errors[0].what.starts_with("larger than 4 MiB"),
            "{:?}",
            list.errors
        );
    }
}
