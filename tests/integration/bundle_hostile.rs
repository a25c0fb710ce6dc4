//! Damaged and hostile bundles cost the part that is bad, or are refused with a reason.

use crate::bundle_fixture::{
    File, Keeper, Outcome, Place, TREE, file, gzip, noise, read, read_limited, refusal, tar, tree, xz, zip,
};
use gleaner_bundle::{Bundle, Limits};

fn with(files: impl IntoIterator<Item = File>) -> Vec<File> {
    let mut all = tree("x/");
    all.extend(files);
    all
}

#[test]
fn inputs_that_are_no_bundle_are_refused_with_a_reason() {
    let place = Place::new();
    let whole = zip(&tree("x/"));
    assert!(refusal(&[]).contains("no bundle was given"));
    assert!(refusal(&["/no/such/file.zip".into()]).contains("/no/such/file.zip: cannot be read"));
    assert!(refusal(&[place.write("empty.zip", "")]).contains("empty.zip: the file is empty"));
    assert!(
        refusal(&[place.write("a.txt", "hello")])
            .contains("a.txt: not a support bundle: it is neither a zip nor a tar")
    );
    assert!(refusal(&[place.write("o.zip", zip(&[file("src/main.rs", "")]))]).contains("not a support bundle"));
    assert!(refusal(&[place.write("t.zip", &whole[..20])]).contains("t.zip: the zip is truncated"));
    let other = zip(&[file("a/b", ""), file("a/c", ""), file("x/d", "")]);
    assert!(refusal(&[place.write("t2.zip", &other[..other.len() - 5])]).contains("t2.zip: the zip is truncated"));
    assert!(refusal(&[place.write("b.zip", &whole[100..])]).contains("b.zip: the beginning of the zip is missing"));
    assert!(refusal(&[place.0.path().to_path_buf()]).contains("not a support bundle"));
}

#[test]
fn encrypted_zips_are_refused_and_single_entries_reported() {
    let place = Place::new();
    let mut files = tree("x/");
    files[1].flags = 1;
    let outcome = place.read_zip(&files);
    assert_eq!(
        outcome.problems(),
        ["yamls/cluster/v1/nodes.yaml: unreadable: it is encrypted"]
    );
    files.iter_mut().for_each(|file| file.flags = 1);
    assert!(refusal(&[place.write("e.zip", zip(&files))]).contains("e.zip: the archive is encrypted"));
}

#[test]
fn hostile_names_and_links_are_left_out() {
    let place = Place::new();
    let mut link = file("x/logs/a/b/link.log", "/etc/passwd");
    link.mode = 0o120_777;
    let names: [&[u8]; 5] = [b"../evil", b"/etc/passwd", b"C:/evil", b"x/a\nb", b"x/bad\xff"];
    let outcome = place.read_zip(&with(names.iter().map(|name| file(name, "evil")).chain([link])));
    let expected = [
        "../evil: refused: its path leaves the bundle (..)",
        "/etc/passwd: refused: its path is absolute",
        "C:/evil: refused: its path is absolute",
        "a<U+000A>b: refused: its name holds control characters",
        "bad<0xFF>: refused: its name is not UTF-8",
        "logs/a/b/link.log: refused: it is a link or a device, not a file",
    ];
    assert_eq!(outcome.problems(), expected);
    assert_eq!(outcome.visited.paths, TREE);
}

#[test]
fn links_in_tars_and_folders_are_left_out() {
    let place = Place::new();
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "x/logs/a/b/link.log", "/etc/passwd")
        .unwrap();
    let links = builder.into_inner().unwrap();
    let bytes = [&links[..512], &tar(&tree("x/"))].concat();
    let expected = ["logs/a/b/link.log: refused: it is a link or a device, not a file"];
    assert_eq!(read(&[place.write("a.tar", &bytes)]).problems(), expected);
    assert_eq!(read(&[place.write("a.tgz", gzip(&bytes))]).visited.paths, TREE);
    #[cfg(unix)]
    {
        place.write("folder/metadata.yaml", "");
        std::os::unix::fs::symlink("/etc/passwd", place.0.path().join("folder/link")).unwrap();
        let outcome = read(&[place.0.path().join("folder")]);
        assert_eq!(
            outcome.problems(),
            ["link: refused: it is a link or a device, not a file"]
        );
    }
}

#[test]
fn of_two_entries_of_one_name_the_first_is_read() {
    let place = Place::new();
    let files = with([file("x/metadata.yaml", "second")]);
    let expected = ["metadata.yaml: duplicate: duplicate path; the first file was read"];
    for bytes in [zip(&files), tar(&files), gzip(&tar(&files))] {
        let outcome = read(&[place.write("d.zip", bytes)]);
        assert_eq!(outcome.problems(), expected);
        assert_eq!(outcome.files["metadata.yaml"], b"bundlename: x\n");
    }
}

#[test]
fn damaged_entries_are_not_handed_over() {
    let place = Place::new();
    let mut wrong = file("x/yamls/cluster/v1/wrong.yaml", "wrong");
    wrong.crc = Some(1);
    let mut longer = file("x/logs/a/b/longer.log", "x".repeat(100_000));
    longer.declared = Some(10);
    let mut shorter = file("x/yamls/cluster/v1/shorter.yaml", "abc");
    shorter.declared = Some(100);
    let outcome = place.read_zip(&with([wrong, longer, shorter]));
    let expected = [
        "logs/a/b/longer.log: unreadable: it unpacks to more than the 10 bytes it declares",
        "yamls/cluster/v1/shorter.yaml: unreadable: its last 97 bytes are missing",
        "yamls/cluster/v1/wrong.yaml: unreadable: its checksum does not match",
    ];
    assert_eq!(outcome.problems(), expected);
    assert_eq!(outcome.files.len(), TREE.len() - 4);
}

#[test]
fn overlapping_entries_are_read_once() {
    let place = Place::new();
    let mut copies = Vec::new();
    for _ in 0..3 {
        let mut copy = file("x/metadata.yaml", "bundlename: x\n");
        copy.same_place_as = Some(0);
        copies.push(copy);
    }
    let outcome = place.read_zip(&with(copies));
    let expected = ["metadata.yaml: refused: its data overlaps another entry or the central directory"];
    assert_eq!(outcome.problems(), expected);
    assert_eq!(outcome.files["metadata.yaml"], b"bundlename: x\n");
}

#[test]
fn a_gigabyte_of_zeros_is_cut_off() {
    let place = Place::new();
    let zeros = file("x/logs/a/b/zeros.log", vec![0; 1 << 30]);
    let expected =
        "logs/a/b/zeros.log: over-limit: it unpacks to 1073741824 bytes, more than 100 times its packed size";
    let limits = || Limits {
        ratio: 100,
        ..Limits::default()
    };
    let zipped = place.write("z.zip", zip(&with([zeros.clone()])));
    assert_eq!(read_limited(&[zipped], limits()).problems(), [expected]);
    let tarred = place.write("z.tgz", gzip(&tar(&with([zeros]))));
    let outcome = read_limited(&[tarred], limits());
    assert_eq!(
        outcome.problems(),
        ["logs/a/b/zeros.log: over-limit: it unpacks to more than 100 times its packed size"]
    );
    assert_eq!(outcome.visited.paths.len(), TREE.len() + 1);
}

#[test]
fn archives_nested_too_deep_are_left_out() {
    let place = Place::new();
    let mut inner = zip(&[file("logs/deep.log", "deep")]);
    for _ in 0..30 {
        inner = zip(&[file("a.zip", inner)]);
    }
    let outcome = place.read_zip(&with([file("x/nodes/deep.zip", inner)]));
    let problem = "nodes/deep.zip!a.zip!a.zip!a.zip!a.zip: over-limit: archives are nested deeper than 4";
    assert_eq!(outcome.problems(), [problem]);
}

#[test]
fn damaged_nested_archives_cost_only_themselves() {
    let place = Place::new();
    let node = crate::bundle_fixture::node("n");
    let cut = xz(&tar(&[file("scc/a.txt", "a".repeat(100)), file("scc/b.txt", "b")]));
    let files = with([
        file("x/nodes/cut.zip", &node[..node.len() / 2]),
        file("x/nodes/text.zip", "hello"),
        file("x/nodes/cut.txz", &cut[..cut.len() - 20]),
    ]);
    let outcome = place.read_zip(&files);
    let problems = outcome.problems();
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems[0].starts_with("nodes/cut.txz: unreadable"), "{problems:?}");
    let salvaged =
        "nodes/cut.zip: unreadable: the zip is truncated: its central directory is missing; 3 entries were read";
    assert!(problems[1].starts_with(salvaged), "{problems:?}");
    assert_eq!(problems[2], "nodes/cut.zip!scc/scc_n.txz: unreadable: it is truncated");
    assert_eq!(problems[3], "nodes/text.zip: unreadable: it is not a supported archive");
    assert!(outcome.files.contains_key("nodes/host-1.zip!logs/kernel.log"));
}

#[test]
fn a_cut_off_compressed_tar_gives_what_is_there_and_says_so() {
    let place = Place::new();
    let bytes = gzip(&tar(&with([file("x/logs/a/b/noise.log", noise())])));
    let outcome = read(&[place.write("c.tgz", &bytes[..bytes.len() / 2])]);
    assert!(
        outcome
            .problems()
            .iter()
            .any(|problem| problem.starts_with("c.tgz: unreadable")),
        "{:?}",
        outcome.problems()
    );
    assert!(outcome.files.contains_key("metadata.yaml"));
}

#[test]
fn budgets_leave_out_the_same_files_every_time() {
    let place = Place::new();
    let path = place.write("b.zip", zip(&tree("x/")));
    let few = Limits {
        max_entries: 3,
        ..Limits::default()
    };
    assert_eq!(read_limited(std::slice::from_ref(&path), few).problems().len(), 1);
    let small = Limits {
        total_bytes: 30_500,
        ..Limits::default()
    };
    let first = read_limited(std::slice::from_ref(&path), small.clone());
    assert!(
        first
            .problems()
            .iter()
            .all(|problem| problem.contains("the limit on bytes is reached"))
    );
    assert!(!first.problems().is_empty());
    assert_eq!(first.visited, read_limited(std::slice::from_ref(&path), small).visited);
    let short = Limits {
        entry_bytes: 100,
        ..Limits::default()
    };
    let problem = "yamls/cluster/v1/nodes.yaml: over-limit: it has 5000 bytes; at most 100 are read of one file";
    assert_eq!(read_limited(&[path], short).problems(), [problem]);
}

#[test]
fn no_flipped_byte_makes_it_panic() {
    let place = Place::new();
    let small = [
        file("metadata.yaml", "a: b\n"),
        file(
            "nodes/n.zip",
            zip(&[file("logs/k.log", "k"), file("s.txz", xz(&tar(&[file("s/a", "b")])))]),
        ),
    ];
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for whole in [zip(&small), tar(&small), gzip(&tar(&small))] {
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                bytes[at] = [0, 0xFF, 1, 0x7F, bytes[at] ^ 1][random(5)];
            }
            bytes.truncate(bytes.len() - random(2) * random(60));
            if let Ok(bundle) = Bundle::open(&[place.write("f.zip", bytes)], Limits::default()) {
                bundle.visit(&Keeper::default()).unwrap();
            }
        }
    }
}

#[test]
fn refused_entries_are_counted_and_only_the_first_are_told() {
    let place = Place::new();
    for (count, more) in [(1234, "1,134"), (150, "50")] {
        let evil = (0..count).map(|number| file(format!("../{number}"), ""));
        let encrypted = (0..count).map(|number| File {
            flags: 1,
            ..file(format!("x/e{number}"), "")
        });
        let double = (0..count).map(|_| file("x/metadata.yaml", ""));
        let outcome = place.read_zip(&with(evil.chain(encrypted).chain(double)));
        let problems = outcome.problems();
        assert_eq!(problems.len(), 100 + 100 + 1 + 3, "{problems:#?}");
        for said in [
            format!("bundle.zip: refused: and {more} more entries alike: its path leaves the bundle (..)"),
            format!("bundle.zip: unreadable: and {more} more entries alike: it is encrypted"),
            format!("bundle.zip: duplicate: and {more} more entries alike: duplicate path; the first file was read"),
        ] {
            assert!(problems.contains(&said), "{said}: {problems:#?}");
        }
    }
}

#[test]
fn the_limit_on_files_holds_for_refused_ones_in_all_archives_together() {
    let place = Place::new();
    let node = zip(&(0..400)
        .map(|number| file(format!("../{number}"), ""))
        .collect::<Vec<_>>());
    let files = with((0..20).map(|number| file(format!("x/nodes/n{number}.zip"), &node)));
    let path = place.write("b.zip", zip(&files));
    let few = Limits {
        max_entries: 1000,
        ..Limits::default()
    };
    let outcome = read_limited(std::slice::from_ref(&path), few);
    let refused = |outcome: &Outcome| -> usize {
        let problems = outcome
            .visited
            .problems
            .iter()
            .filter(|problem| problem.kind.as_str() == "refused");
        let more = |what: &str| {
            what.strip_prefix("and ")?
                .split(' ')
                .next()?
                .replace(',', "")
                .parse()
                .ok()
        };
        problems.map(|problem| more(&problem.what).unwrap_or(1)).sum()
    };
    assert!(refused(&outcome) <= 1000, "{}", refused(&outcome));
    assert!(
        outcome.visited.problems.len() <= 1010,
        "{}",
        outcome.visited.problems.len()
    );
    let said =
        |problem: &String| problem.contains("nodes/n7.zip: over-limit: it has 400 entries; those after the first");
    assert!(outcome.problems().iter().any(said), "{:?}", outcome.problems());
    let all = read_limited(&[path], Limits::default());
    assert_eq!(refused(&all), 20 * 400);
    assert!(all.visited.problems.len() <= 1010);
}

#[test]
fn archives_in_archives_unpack_to_no_more_than_all_of_the_bundle_may() {
    let place = Place::new();
    let zeros = vec![0; 40 << 20];
    for name in ["basic.txt", "skipped.skip"] {
        let scc = xz(&tar(&[file(format!("s/{name}"), &zeros), file("s/b.txt", "b")]));
        let node = zip(&(0..10)
            .map(|number| file(format!("n/scc/{number}.txz"), &scc))
            .collect::<Vec<_>>());
        let path = place.write(
            "b.zip",
            zip(&with(
                (0..4).map(|number| file(format!("x/nodes/n{number}.zip"), &node)),
            )),
        );
        // A bundle of this size may unpack to 1 GiB: 27 MiB for each of these 40.
        let outcome = read(std::slice::from_ref(&path));
        let over = outcome
            .problems()
            .iter()
            .filter(|problem| problem.contains("the limit on bytes is reached"))
            .count();
        assert_eq!(over, 40, "{:?}", outcome.problems());
        let again = read(&[path]);
        assert_eq!(outcome.visited, again.visited);
    }
}

#[test]
fn zips_in_zips_that_do_not_fit_memory_together_are_read_one_after_the_other() {
    let place = Place::new();
    let deep = |number: u32| {
        let inner = zip(&[file("c.log", noise()), file("d.log", format!("{number}"))]);
        zip(&[file("inner.zip", inner), file("e.log", noise())])
    };
    let files: Vec<File> = (0..6)
        .map(|number| file(format!("x/nodes/n{number}.zip"), deep(number)))
        .collect();
    let tight = Limits {
        held_bytes: 700_000,
        ..Limits::default()
    };
    for (name, bytes) in [
        ("b.zip", zip(&with(files.clone()))),
        ("b.tgz", gzip(&tar(&with(files)))),
    ] {
        let path = place.write(name, bytes);
        let outcome = read_limited(std::slice::from_ref(&path), tight.clone());
        assert_eq!(outcome.problems(), [""; 0], "{name}");
        assert_eq!(outcome.visited, read(&[path]).visited, "{name}");
        assert_eq!(outcome.text("nodes/n4.zip!inner.zip!d.log"), "4");
    }
}
