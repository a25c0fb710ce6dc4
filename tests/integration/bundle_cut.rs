//! Zips that are cut off, or have something in front of or behind them: what there is is read, and what is missing is named.

#![expect(clippy::disallowed_methods, reason = "tests make and look at files")]

use crate::bundle_fixture::{
    File, Outcome, Place, file, node, noise, read, read_limited, refusal, split_zip, tree, zip,
};
use gleaner_bundle::Limits;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// How the writer of a zip says how long its entries are.
#[derive(Debug, Clone, Copy)]
enum Sizes {
    InHeader,
    /// As Go and Info-ZIP write what they stream.
    Signed,
    Unsigned,
    Wide,
}

fn number(value: usize, wide: bool) -> Vec<u8> {
    if wide {
        (value as u64).to_le_bytes().to_vec()
    } else {
        (value as u32).to_le_bytes().to_vec()
    }
}

/// The entries of a zip without its directory, and where each ends.
fn entries(files: &[File], sizes: Sizes) -> (Vec<u8>, Vec<usize>) {
    let whole = zip(files);
    let mut out = Vec::new();
    let mut ends = Vec::new();
    let mut at = 0;
    for file in files {
        let packed = u32::from_le_bytes(whole[at + 18..at + 22].try_into().unwrap()) as usize;
        let end = at + 30 + file.name.len() + packed;
        let mut entry = whole[at..end].to_vec();
        if !matches!(sizes, Sizes::InHeader) {
            let crc = entry[14..18].to_vec();
            entry[6] |= 8;
            entry[14..26].fill(0);
            let wide = matches!(sizes, Sizes::Wide);
            if !matches!(sizes, Sizes::Unsigned) {
                entry.extend(b"PK\x07\x08");
            }
            entry.extend(crc);
            entry.extend(number(packed, wide));
            entry.extend(number(file.data.len(), wide));
        }
        out.extend(entry);
        ends.push(out.len());
        at = end;
    }
    (out, ends)
}

/// Twenty files of several lengths, in an order that is not that of their names.
fn bundle() -> Vec<File> {
    let mut files = vec![file("x/metadata.yaml", "bundlename: x\n")];
    for number in 0..20_usize {
        let number = number * 7 % 20;
        let text = format!("{number} ").repeat(number * number * 40);
        files.push(file(format!("x/yamls/namespaced/n{number}/v1/pods.yaml"), text));
    }
    files
}

fn inner(path: &[u8]) -> String {
    String::from_utf8(path.strip_prefix(b"x/").unwrap().to_vec()).unwrap()
}

/// Asserts that exactly the files in front of a cut were read, and gives what was said of the rest.
fn assert_front(outcome: &Outcome, files: &[File], ends: &[usize], cut: usize) -> Vec<String> {
    let whole = ends.iter().take_while(|end| **end <= cut).count();
    let expected: BTreeMap<String, Vec<u8>> = files[..whole]
        .iter()
        .map(|file| (inner(&file.name), file.data.clone()))
        .collect();
    assert!(
        outcome
            .files
            .iter()
            .all(|(path, data)| expected.get(path) == Some(data)),
        "{cut}"
    );
    assert_eq!(outcome.files.len(), expected.len(), "{cut}: {:?}", outcome.problems());
    outcome.problems()
}

#[test]
fn a_cut_zip_gives_what_lies_before_the_cut_and_names_it() {
    let place = Place::new();
    let files = bundle();
    for sizes in [Sizes::InHeader, Sizes::Signed, Sizes::Unsigned, Sizes::Wide] {
        let (bytes, ends) = entries(&files, sizes);
        for percent in [25, 37, 50, 75, 83, 90, 95, 99, 100] {
            let cut = bytes.len() * percent / 100;
            let outcome = read(&[place.write("c.zip", &bytes[..cut])]);
            let problems = assert_front(&outcome, &files, &ends, cut);
            let said = |problem: &String| {
                problem.starts_with("c.zip: unreadable: the zip is truncated: its central directory is missing; ")
                    && problem.ends_with(&format!(
                        " entries were read by their local headers, what came after byte {cut} is missing"
                    ))
            };
            assert!(problems.iter().any(said), "{sizes:?} {percent}: {problems:?}");
            // The one that is cut in the middle is named, unless the cut is in its header.
            let torn = problems
                .iter()
                .filter(|problem| problem.ends_with("pods.yaml: unreadable: it is truncated"));
            assert_eq!(torn.count(), problems.len() - 1, "{problems:?}");
        }
    }
}

#[test]
fn stored_entries_with_descriptors_are_measured_by_them() {
    let place = Place::new();
    let mut files = bundle();
    for file in files.iter_mut().step_by(2) {
        file.deflate = false;
    }
    files[4].data = zip(&[file("a/b.log", "inner"), file("a/c.log", noise())]);
    for sizes in [Sizes::Signed, Sizes::Wide] {
        let (bytes, ends) = entries(&files, sizes);
        let cut = ends[17] + 31;
        let outcome = read(&[place.write("c.zip", &bytes[..cut])]);
        assert_front(&outcome, &files, &ends, cut);
    }
}

#[test]
fn a_log_and_a_node_archive_are_read_up_to_the_cut() {
    let place = Place::new();
    let host = zip(&[
        file("h/logs/kernel.log", "booted\n".repeat(90)),
        file("h/logs/b.log", noise()),
    ]);
    for (deflate, name) in [(true, "deflated"), (false, "stored")] {
        let mut node = file("x/nodes/h.zip", &host);
        node.deflate = deflate;
        let files = [file("x/metadata.yaml", "bundlename: x\n"), node];
        let (bytes, ends) = entries(&files, Sizes::Signed);
        let outcome = read(&[place.write("c.zip", &bytes[..ends[1] - 100_000])]);
        assert_eq!(
            outcome.text("nodes/h.zip!logs/kernel.log"),
            "booted\n".repeat(90),
            "{name}"
        );
        let problems = outcome.problems();
        assert!(
            problems.contains(&"nodes/h.zip: unreadable: it is truncated".to_owned()),
            "{name}: {problems:?}"
        );
        let inside = "nodes/h.zip: unreadable: the zip is truncated: its central directory is missing; 2 entries were";
        assert!(
            problems.iter().any(|problem| problem.starts_with(inside)),
            "{name}: {problems:?}"
        );
    }
}

#[test]
fn a_nested_zip_that_is_cut_itself_is_salvaged() {
    let place = Place::new();
    let node = node("n");
    let directory = node.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let outcome = place.read_zip(&[
        file("x/metadata.yaml", "bundlename: x\n"),
        file("x/nodes/cut.zip", &node[..directory - 5]),
        file("x/nodes/directory.zip", &node[..directory + 50]),
    ]);
    for name in ["cut", "directory"] {
        assert_eq!(
            outcome.text(&format!("nodes/{name}.zip!logs/kernel.log")),
            "n booted\n".repeat(1000)
        );
    }
    let problems = outcome.problems();
    assert_eq!(
        problems.last().unwrap(),
        "nodes/directory.zip!central directory/: unreadable: the zip is truncated: its central directory is not whole; all 3 entries were read by \
         their local headers"
    );
}

#[test]
fn a_cut_directory_costs_no_file() {
    let place = Place::new();
    let files = bundle();
    let whole = zip(&files);
    let (entries, _) = entries(&files, Sizes::InHeader);
    for cut in [entries.len() + 4, entries.len() + 300, whole.len() - 3] {
        let outcome = read(&[place.write("c.zip", &whole[..cut])]);
        assert_eq!(outcome.files.len(), files.len());
        // It is told of the directory: a problem of the archive itself would say that any file may be missing.
        let said = "c.zip/central directory/: unreadable: the zip is truncated: its central directory is not whole; all 21 entries \
                    were read by their local headers";
        assert_eq!(outcome.problems(), [said], "{cut}");
    }
}

#[test]
fn a_hole_in_a_zip_without_its_directory_costs_what_is_in_it() {
    let place = Place::new();
    let files = bundle();
    let (mut bytes, ends) = entries(&files, Sizes::Signed);
    let hole = ends[8] - 10..ends[9] + 40;
    bytes[hole].fill(0);
    let outcome = read(&[place.write("c.zip", &bytes)]);
    assert_eq!(outcome.files.len(), files.len() - 3, "{:?}", outcome.problems());
    assert!(
        outcome
            .problems()
            .iter()
            .any(|problem| problem.ends_with(" bytes in between are damaged"))
    );
    // A download that was given its size in advance ends with zeros.
    let (mut bytes, ends) = entries(&files, Sizes::Signed);
    let cut = ends[11] + 50;
    bytes[cut..].fill(0);
    let outcome = read(&[place.write("c.zip", &bytes)]);
    assert_front(&outcome, &files, &ends, cut);
}

#[test]
fn the_limits_hold_for_what_is_salvaged() {
    let place = Place::new();
    let (bytes, _) = entries(&bundle(), Sizes::Signed);
    let path = place.write("c.zip", bytes);
    for most in [3, 8] {
        let few = Limits {
            max_entries: most,
            ..Limits::default()
        };
        let outcome = read_limited(std::slice::from_ref(&path), few);
        assert_eq!(outcome.visited.files, most);
        let problem =
            format!("c.zip: over-limit: the zip is truncated, and the limit on files is reached; {most} entries were");
        assert!(outcome.problems()[0].starts_with(&problem), "{:?}", outcome.problems());
    }
}

#[test]
fn of_parts_those_before_a_gap_are_read_and_the_missing_one_is_named() {
    let place = Place::new();
    let files = bundle();
    let whole = zip(&files);
    let size = whole.len() / 4 + 1;
    let (_, ends) = entries(&files, Sizes::InHeader);
    let parts: Vec<PathBuf> = whole
        .chunks(size)
        .enumerate()
        .map(|(at, piece)| place.write(&format!("p.zip.00{}", at + 1), piece))
        .collect();
    for (given, missing, cut) in [
        (vec![0, 1, 3], "003", 2 * size),
        (vec![0, 1, 2], "004", 3 * size),
        (vec![0, 3], "002", size),
    ] {
        let given: Vec<PathBuf> = given.iter().map(|at| parts[*at].clone()).collect();
        let problems = assert_front(&read(&given), &files, &ends, cut);
        let missing = format!("unreadable: part {missing} is missing: p.zip.{missing}; pass all parts");
        assert!(
            problems.iter().any(|problem| problem.ends_with(&missing)),
            "{problems:?}"
        );
    }
    assert_eq!(refusal(&parts[1..]), "part 001 is missing: p.zip.001; pass all parts");
    let cuts = [ends[6] + 9, ends[12] + 9];
    let split = split_zip(&files, &cuts);
    let split: Vec<PathBuf> = ["s.z01", "s.z02", "s.zip"]
        .iter()
        .zip(split)
        .map(|(name, part)| place.write(name, part))
        .collect();
    for (given, missing, cut) in [
        (vec![0, 2], "part z02 is missing: s.z02; pass all parts", cuts[0]),
        (
            vec![0, 1],
            "part zip (the last one) is missing: s.zip; pass all parts",
            cuts[1],
        ),
    ] {
        let given: Vec<PathBuf> = given.iter().map(|at| split[*at].clone()).collect();
        // The signature of a split zip comes before its first entry.
        let ends: Vec<usize> = ends.iter().map(|end| end + 4).collect();
        let problems = assert_front(&read(&given), &files, &ends, cut);
        assert!(
            problems.iter().any(|problem| problem.ends_with(missing)),
            "{problems:?}"
        );
    }
}

#[test]
fn what_stands_in_front_of_or_behind_a_zip_does_not_matter() {
    let place = Place::new();
    let whole = zip(&tree("x/"));
    let zeros = |count: usize| [whole.as_slice(), &vec![0; count]].concat();
    let program = |front: &[u8]| [front, &whole].concat();
    for (name, bytes) in [
        ("zeros", zeros(300)),
        ("more zeros", zeros(3 << 20)),
        ("garbage", [whole.as_slice(), b"garbage"].concat()),
        ("shell", program(b"#!/bin/sh\nexit 0\n")),
        ("program", program(&[b"\x7fELF".as_slice(), &vec![7; 100_000]].concat())),
    ] {
        let outcome = read(&[place.write("z.zip", bytes)]);
        assert_eq!(outcome.problems(), [""; 0], "{name}");
        assert_eq!(outcome.visited.paths, crate::bundle_fixture::TREE, "{name}");
    }
}

#[test]
fn a_second_archive_behind_the_first_is_told() {
    let place = Place::new();
    let first = zip(&tree("x/"));
    for second in [zip(&[file("y/a", "a")]), zip(&[file("y/a", noise())])] {
        let outcome = read(&[place.write("z.zip", [first.as_slice(), &second].concat())]);
        let byte = first.len();
        let problem =
            format!("z.zip: unreadable: another archive follows the first one at byte {byte}; it was not read");
        assert_eq!(outcome.problems(), [problem]);
        assert_eq!(outcome.visited.paths, crate::bundle_fixture::TREE);
    }
}

#[test]
fn a_folder_with_data_is_told() {
    let place = Place::new();
    let mut files = tree("x/");
    files.push(file("x/yamls/cluster/", "not nothing"));
    files.push(file("x/logs/", ""));
    let outcome = place.read_zip(&files);
    assert_eq!(
        outcome.problems(),
        ["yamls/cluster/: unreadable: it is a folder with data, which was not read"]
    );
}

#[test]
fn zips_of_other_programs_are_salvaged() {
    let place = Place::new();
    for name in [
        "go.zip",
        "infozip-streamed.zip",
        "infozip-descriptors.zip",
        "python-streamed.zip",
        "infozip-zip64.zip",
        "7zip.zip",
    ] {
        let bytes = std::fs::read(crate::samples::root("tests/fixtures/archives").join(name)).unwrap();
        let directory = bytes.windows(4).position(|at| at == b"PK\x01\x02").unwrap();
        let outcome = read(&[place.write("o.zip", &bytes[..directory])]);
        assert_eq!(outcome.visited.paths.len(), 3, "{name}");
        assert_eq!(outcome.problems().len(), 1, "{name}: {:?}", outcome.problems());
        assert_eq!(outcome.text("metadata.yaml"), "projectName: harvester\n", "{name}");
    }
}

/// The header of an entry that says of itself that it is long, and is not there.
#[test]
fn a_header_that_lies_about_its_size_costs_no_memory() {
    let place = Place::new();
    let (mut bytes, _) = entries(&bundle()[..3], Sizes::InHeader);
    bytes.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\xfe\xff\xff\xff\xfe\xff\xff\xff\x05\0\0\0x/a.b");
    bytes.write_all(b"little").unwrap();
    let outcome = read(&[place.write("l.zip", bytes)]);
    assert!(
        outcome
            .problems()
            .contains(&"a.b: unreadable: it is truncated".to_owned())
    );
    assert_eq!(outcome.files.len(), 3);
}
