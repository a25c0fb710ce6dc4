//! Tars of every dialect, with holes in them and in their files, are read to their last byte.

#![expect(clippy::disallowed_methods, reason = "tests make and look at files")]

use crate::bundle_fixture::{File, Outcome, Place, TREE, file, gzip, noise, read, read_limited, tar, tree, xz, zip};
use gleaner_bundle::Limits;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

const BLOCK: usize = 512;

/// A tar without its end, and where each member begins.
fn members(files: &[File]) -> (Vec<u8>, Vec<usize>) {
    let mut out = Vec::new();
    let mut starts = Vec::new();
    for one in files {
        starts.push(out.len());
        let alone = tar(std::slice::from_ref(one));
        out.extend(&alone[..alone.len() - 2 * BLOCK]);
    }
    (out, starts)
}

fn filled(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize((bytes.len() + 2 * BLOCK).next_multiple_of(20 * BLOCK), 0);
    bytes
}

/// Reads a tar as it is, and in each kind of compression.
fn each_way(place: &Place, name: &str, bytes: &[u8], check: impl Fn(Outcome, &str)) {
    for (ending, bytes) in [("tar", bytes.to_vec()), ("tgz", gzip(bytes)), ("txz", xz(bytes))] {
        check(read(&[place.write(&format!("{name}.{ending}"), bytes)]), ending);
    }
}

fn files() -> Vec<File> {
    (0..9)
        .map(|number| {
            let text = format!("{number}\n").repeat(1 + number * number * 100);
            file(format!("x/yamls/namespaced/n{number}/v1/pods.yaml"), text)
        })
        .collect()
}

#[test]
fn zeros_at_the_end_are_told_if_they_are_more_than_a_tar_ends_with() {
    let place = Place::new();
    let (bytes, _) = members(&files());
    each_way(&place, "padded", &filled(bytes.clone()), |outcome, way| {
        assert_eq!(outcome.problems(), [""; 0], "{way}");
        assert_eq!(outcome.files.len(), 9, "{way}");
    });
    for more in [12_000_usize, 500_000] {
        let mut preallocated = bytes.clone();
        preallocated.resize(bytes.len() + more.next_multiple_of(BLOCK), 0);
        let start = bytes.len();
        each_way(&place, "tail", &preallocated, |outcome, way| {
            let said = format!("bytes of zeros from byte {start} on: files may be missing there");
            assert!(
                outcome.problems()[0].ends_with(&said),
                "{way}: {:?}",
                outcome.problems()
            );
            assert_eq!(outcome.files.len(), 9, "{way}");
        });
    }
}

#[test]
fn a_hole_costs_what_is_in_it_and_is_named() {
    let place = Place::new();
    let files = files();
    let (bytes, starts) = members(&files);
    for (first, len) in [(3, 1024), (4, 512), (5, 4096), (2, starts[7] - starts[2])] {
        let mut bytes = filled(bytes.clone());
        let hole = starts[first]..starts[first] + len;
        bytes[hole.clone()].fill(0);
        let next = starts.iter().position(|start| *start >= hole.end).unwrap();
        each_way(&place, "hole", &bytes, |outcome, way| {
            assert_eq!(outcome.files.len(), first + 9 - next, "{way}: {:?}", outcome.problems());
            let said = format!(
                "instead of headers from byte {} to {}: what was there is missing",
                hole.start, starts[next]
            );
            assert!(
                outcome.problems()[0].ends_with(&said),
                "{way}: {:?}",
                outcome.problems()
            );
            assert_eq!(outcome.problems().len(), 1, "{way}");
        });
    }
}

#[test]
fn a_nested_tar_in_a_damaged_place_is_not_taken_for_the_outer_one() {
    let place = Place::new();
    let inner = tar(&[file("y/evil.yaml", "evil")]);
    let files = [
        file("x/metadata.yaml", "a"),
        file("x/inner.tar", inner),
        file("x/b.yaml", "b"),
    ];
    let (mut bytes, starts) = members(&files);
    bytes[starts[1]..starts[1] + 100].fill(b'?');
    each_way(&place, "nested", &filled(bytes), |outcome, way| {
        assert_eq!(
            outcome.files.keys().collect::<Vec<_>>(),
            ["b.yaml", "metadata.yaml"],
            "{way}"
        );
        assert_eq!(outcome.problems().len(), 1, "{way}");
    });
}

#[test]
fn tars_laid_end_to_end_are_read_to_the_last() {
    let place = Place::new();
    let files = files();
    let (first, second) = (filled(members(&files[..4]).0), filled(members(&files[4..]).0));
    let check = |outcome: Outcome, way: &str| {
        assert_eq!(outcome.problems(), [""; 0], "{way}");
        assert_eq!(outcome.files.len(), 9, "{way}");
    };
    each_way(&place, "two", &[first.clone(), second.clone()].concat(), check);
    // Compressed one by one, with zeros behind them.
    for (name, pack) in [("two.tgz", gzip as fn(&[u8]) -> Vec<u8>), ("two.txz", xz)] {
        for zeros in [0, 4, 511, 70_001] {
            let bytes = [pack(&first), pack(&second), vec![0; zeros]].concat();
            check(read(&[place.write(name, bytes)]), name);
        }
        let bytes = [pack(&first), pack(&second), b"garbage".to_vec()].concat();
        let outcome = read(&[place.write(name, bytes)]);
        assert_eq!(outcome.files.len(), 9);
        let said = format!("{name}: unreadable: what follows the compressed data is something else");
        assert_eq!(outcome.problems(), [said]);
    }
}

#[test]
fn tars_older_than_ustar_are_read() {
    let place = Place::new();
    let mut builder = tar::Builder::new(Vec::new());
    for file in files() {
        let mut header = tar::Header::new_old();
        header.set_size(file.data.len() as u64);
        header.set_mode(0o644);
        let name = std::str::from_utf8(&file.name).unwrap();
        builder.append_data(&mut header, name, file.data.as_slice()).unwrap();
    }
    let bytes = builder.into_inner().unwrap();
    assert!(!bytes.windows(5).any(|part| part == b"ustar"));
    each_way(&place, "v7", &bytes, |outcome, way| {
        assert_eq!(outcome.problems(), [""; 0], "{way}");
        assert_eq!(outcome.files.len(), 9, "{way}");
    });
}

#[test]
fn folders_and_links_count_as_files_of_a_tar() {
    let place = Place::new();
    let mut builder = tar::Builder::new(Vec::new());
    for number in 0..500 {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(if number % 2 == 0 {
            tar::EntryType::Directory
        } else {
            tar::EntryType::Symlink
        });
        header.set_size(0);
        builder
            .append_data(&mut header, format!("x/{number}"), std::io::empty())
            .unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    builder
        .append_data(&mut header, "x/metadata.yaml", std::io::empty())
        .unwrap();
    let bytes = builder.into_inner().unwrap();
    let path = place.write(
        "folders.tar",
        [tar(&[file("x/metadata.yaml", "")])[..512].to_vec(), bytes].concat(),
    );
    let few = |max_entries| Limits {
        max_entries,
        ..Limits::default()
    };
    let outcome = read_limited(std::slice::from_ref(&path), few(400));
    let said = "over-limit: the limit on files is reached: the files after the first 400 were left out";
    assert!(
        outcome.problems().iter().any(|problem| problem.ends_with(said)),
        "{:?}",
        outcome.problems()
    );
    let outcome = read_limited(&[path], few(600));
    assert!(outcome.problems().iter().all(|problem| !problem.contains("over-limit")));
}

/// Writes a file of `pieces` pieces of five bytes, with holes between them.
fn sparse(path: &Path, pieces: u64, step: u64) -> Vec<u8> {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = std::fs::File::create(path).unwrap();
    for piece in 0..pieces {
        file.seek(SeekFrom::Start(piece * step + 70_000)).unwrap();
        file.write_all(format!("{piece:05}").as_bytes()).unwrap();
    }
    file.set_len(pieces * step + 200_000).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs GNU tar")]
fn files_with_holes_are_read_in_every_format_of_gnu_tar() {
    let folder = Place::new();
    let place = Place::new();
    // More pieces than fit the header, and one of few.
    let many = sparse(&folder.0.path().join("x/logs/a/b/many.log"), 90, 120_000);
    let few = sparse(&folder.0.path().join("x/logs/a/b/few.log"), 3, 1 << 20);
    folder.write("x/metadata.yaml", "bundlename: x\n");
    folder.write("x/zz.yaml", "last");
    for format in [
        &["--format=gnu"][..],
        &["--format=posix", "--sparse-version=0.0"],
        &["--format=posix", "--sparse-version=0.1"],
        &["--format=posix", "--sparse-version=1.0"],
    ] {
        let path = folder.0.path().join("sparse.tar");
        let made = Command::new("tar")
            .arg("-C")
            .arg(folder.0.path())
            .args(["--sort=name", "-S"])
            .args(format)
            .arg("-cf")
            .arg(&path)
            .arg("x")
            .status();
        assert!(made.unwrap().success(), "{format:?}");
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.len() < 2 << 20, "{format:?} {}", bytes.len());
        each_way(&place, "s", &bytes, |outcome, way| {
            assert_eq!(outcome.problems(), [""; 0], "{format:?} {way}");
            assert!(outcome.files["logs/a/b/many.log"] == many, "{format:?} {way}");
            assert!(outcome.files["logs/a/b/few.log"] == few, "{format:?} {way}");
            assert_eq!(outcome.text("zz.yaml"), "last", "{format:?} {way}");
        });
    }
}

/// A header of the old format that says that a file has one piece in `size` bytes.
fn old_sparse(name: &str, offset: u64, len: u64, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_size(len);
    header.set_entry_type(tar::EntryType::GNUSparse);
    let bytes = header.as_mut_bytes();
    bytes[386..398].copy_from_slice(format!("{offset:011o}\0").as_bytes());
    bytes[398..410].copy_from_slice(format!("{len:011o}\0").as_bytes());
    bytes[483..495].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header.set_cksum();
    header.as_bytes().to_vec()
}

#[test]
fn hostile_holes_cost_the_file_they_are_in() {
    let place = Place::new();
    let end = tar(&[file("x/zz.yaml", "last")]);
    let good = members(&[file("x/metadata.yaml", "")]).0;
    for (header, said) in [
        (
            old_sparse("x/logs/a/b/huge.log", 0, 512, 7 << 30),
            "more than 1000 times its packed size",
        ),
        (
            old_sparse("x/logs/a/b/beyond.log", 9000, 512, 600),
            "the map of its holes makes no sense",
        ),
        (
            old_sparse("x/logs/a/b/over.log", u64::MAX >> 31, 512, 1 << 20),
            "the map of its holes makes no sense",
        ),
    ] {
        let bytes = [good.clone(), header, vec![b'a'; 512], end.clone()].concat();
        each_way(&place, "h", &bytes, |outcome, way| {
            assert_eq!(outcome.problems().len(), 1, "{way}: {:?}", outcome.problems());
            assert!(outcome.problems()[0].ends_with(said), "{way}: {:?}", outcome.problems());
            assert_eq!(outcome.text("zz.yaml"), "last", "{way}");
        });
    }
}

/// A file of so many bytes with a hole behind each, its map in front as pax has it.
fn pax_sparse(name: &str, pieces: usize) -> Vec<u8> {
    let map: Vec<String> = (0..pieces).map(|piece| format!("{},1", 2 * piece)).collect();
    let record = |key: &str, value: &str| {
        let rest = format!(" {key}={value}\n");
        let digits = (1..)
            .find(|digits| (rest.len() + digits).to_string().len() == *digits)
            .unwrap();
        format!("{}{rest}", rest.len() + digits)
    };
    let records = record("GNU.sparse.size", &(2 * pieces).to_string()) + &record("GNU.sparse.map", &map.join(","));
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::XHeader);
    header.set_size(records.len() as u64);
    tar.append_data(&mut header, "pax", records.as_bytes()).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(pieces as u64);
    tar.append_data(&mut header, name, vec![b'a'; pieces].as_slice())
        .unwrap();
    let mut bytes = tar.into_inner().unwrap();
    bytes.truncate(bytes.len() - 1024);
    bytes
}

#[test]
fn the_maps_of_all_files_with_holes_are_bounded() {
    let place = Place::new();
    let mut bytes = members(&[file("x/metadata.yaml", "")]).0;
    for number in 0..19 {
        bytes.extend(pax_sparse(&format!("x/logs/a/b/{number:02}.log"), 60_000));
    }
    bytes.extend(tar(&[file("x/zz.yaml", "last")]));
    each_way(&place, "m", &bytes, |outcome, way| {
        let told = outcome.problems();
        let over = told
            .iter()
            .filter(|problem| problem.ends_with("have too many pieces"))
            .count();
        assert_eq!((told.len(), over), (2, 2), "{way}: {told:?}");
        assert_eq!(outcome.text("zz.yaml"), "last", "{way}");
    });
}

#[test]
fn tars_in_tars_and_zips_are_read_the_same() {
    let place = Place::new();
    let mut files = tree("x/");
    let inner = filled(members(&[file("h/logs/k.log", noise())]).0);
    files.push(file("x/nodes/t.tgz", gzip(&inner)));
    let outcome = read(&[place.write("a.zip", zip(&files))]);
    assert_eq!(outcome.problems(), [""; 0]);
    assert_eq!(outcome.files["nodes/t.tgz!logs/k.log"], noise());
    assert_eq!(outcome.visited.paths.len(), TREE.len() + 2);
}
