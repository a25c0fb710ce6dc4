//! Bundles in every form users send them read the same.

use crate::bundle_fixture::{
    File, Keeper, Place, TREE, file, gzip, node, read, read_limited, refusal, split_zip, tar, tree, xz, zip,
};
use crate::shared::shared;
use gleaner_bundle::{Bundle, Cancel, Limits, OpenError, ReadError, Visitor, Want};
use std::io::BufRead;
use std::path::PathBuf;

fn assert_whole(inputs: &[PathBuf]) {
    let outcome = read(inputs);
    assert_eq!(outcome.problems(), [""; 0], "{inputs:?}");
    assert_eq!(outcome.visited.paths, TREE, "{inputs:?}");
    assert_eq!(outcome.visited.files, TREE.len());
    assert_eq!(
        outcome.files["nodes/host-2.zip!logs/kernel.log"],
        "host-2 booted\n".repeat(1000).as_bytes()
    );
    assert_eq!(
        outcome.files["nodes/host-1.zip!scc/scc_host-1.txz!basic-environment.txt"],
        b"SLE Micro"
    );
    assert_eq!(outcome.files["metadata.yaml"], b"bundlename: x\n");
    assert_eq!(outcome.files.len(), TREE.len() - 4);
}

fn as_folder(place: &Place, files: &[File]) {
    for file in files {
        place.write(std::str::from_utf8(&file.name).unwrap(), &file.data);
    }
}

#[test]
fn every_container_gives_the_same_tree_with_or_without_a_top_folder() {
    for top in ["supportbundle_x/", "", "home/me/supportbundle_x/"] {
        let place = Place::new();
        let files = tree(top);
        let packed = tar(&files);
        assert_whole(&[place.write("a.zip", zip(&files))]);
        assert_whole(&[place.write("a.tar", &packed)]);
        assert_whole(&[place.write("a.tar.gz", gzip(&packed))]);
        assert_whole(&[place.write("a.txz", xz(&packed))]);
        let folder = Place::new();
        as_folder(&folder, &files);
        assert_whole(&[folder.0.path().to_path_buf()]);
        assert_whole(&[folder.0.path().join(top)]);
    }
}

#[test]
fn content_counts_and_not_the_ending() {
    let place = Place::new();
    assert_whole(&[place.write("a.tar", zip(&tree("x/")))]);
    assert_whole(&[place.write("b.zip", gzip(&tar(&tree("x/"))))]);
    assert_whole(&[place.write("c", zip(&tree("x/")))]);
}

#[test]
fn the_name_is_the_top_folder_or_the_file() {
    let place = Place::new();
    assert_eq!(
        read(&[place.write("a.zip", zip(&tree("supportbundle_x/")))]).name,
        "supportbundle_x"
    );
    assert_eq!(read(&[place.write("my-bundle.zip", zip(&tree("")))]).name, "my-bundle");
    assert_eq!(read(&[place.write("b.tar.gz", gzip(&tar(&tree(""))))]).name, "b");
}

#[test]
fn a_bundle_zipped_again_is_entered() {
    let place = Place::new();
    for deflate in [true, false] {
        let mut inner = file("supportbundle_x.zip", zip(&tree("supportbundle_x/")));
        inner.deflate = deflate;
        assert_whole(&[place.write("again.zip", zip(&[inner]))]);
    }
}

#[test]
fn pieces_of_a_zip_are_joined_in_any_order() {
    let place = Place::new();
    let whole = zip(&tree("x/"));
    let pieces: Vec<&[u8]> = whole.chunks(whole.len() / 3 + 1).collect();
    for pattern in ["x.zip.00#", "x.00#.zip"] {
        let names = ["3", "1", "2"].map(|number| pattern.replace('#', number));
        let mut paths: Vec<PathBuf> = names
            .iter()
            .zip([2, 0, 1])
            .map(|(name, at)| place.write(name, pieces[at]))
            .collect();
        assert_whole(&paths);
        let first = paths.remove(1);
        assert!(refusal(&paths).contains("part 001 is missing"), "{first:?}");
    }
}

#[test]
fn split_zips_are_read_across_their_disks() {
    let place = Place::new();
    let files = tree("x/");
    let parts = split_zip(&files, &[300, 900]);
    let last = place.write("x.zip", &parts[2]);
    let first = place.write("x.z01", &parts[0]);
    let second = place.write("x.z02", &parts[1]);
    assert_whole(&[last.clone(), second.clone(), first]);
    assert_eq!(refusal(&[last, second]), "part z01 is missing: x.z01; pass all parts");
}

#[test]
fn whole_zips_that_each_hold_a_part_are_united() {
    let place = Place::new();
    let files = tree("x/");
    let first = place.write("x.1.zip", zip(&files[..2]));
    let second = place.write("x.2.zip", zip(&files[2..]));
    assert_whole(&[second.clone(), first]);
    let path = "yamls/cluster/v1/nodes.yaml";
    let metadata = file("x/metadata.yaml", "bundlename: x");
    let overlapping = place.write("x.1.zip", zip(&[metadata, file(format!("x/{path}"), "first")]));
    let third = place.write("x.3.zip", zip(&[file(format!("x/{path}"), "third")]));
    let outcome = read(&[third, second, overlapping]);
    assert_eq!(outcome.files[path], b"first");
    assert_eq!(
        outcome.problems(),
        [format!("{path}: duplicate: duplicate path; the first file was read")]
    );
}

#[test]
fn two_bundles_given_together_are_refused_by_name() {
    let place = Place::new();
    let [one, two] = ["a", "b"].map(|name| {
        let top = format!("supportbundle_{name}_2025-06-12T08-30-00Z/");
        place.write(&format!("{name}.zip"), zip(&tree(&top)))
    });
    let error = gleaner_bundle::Bundle::open(&[one, two], Default::default())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("a.zip (supportbundle_a_2025-06-12T08-30-00Z)"),
        "{error}"
    );
    assert!(error.contains("are two bundles: analyze one at a time"), "{error}");
}

#[test]
fn many_entries_and_wide_fields_of_zip64_are_read() {
    use std::io::Write;
    let place = Place::new();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let wide = zip::write::SimpleFileOptions::default().large_file(true);
    for number in 0..66_000 {
        writer
            .start_file(format!("x/yamls/cluster/v1/{number}.skip"), wide)
            .unwrap();
    }
    writer.start_file("x/metadata.yaml", wide).unwrap();
    writer.write_all(b"bundlename: wide").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let outcome = read(&[place.write("wide.zip", bytes)]);
    assert_eq!(outcome.problems(), [""; 0]);
    assert_eq!(outcome.visited.files, 66_001);
    assert_eq!(outcome.files["metadata.yaml"], b"bundlename: wide");
}

#[test]
fn inputs_are_told_with_their_checksums() {
    let place = Place::new();
    let path = place.write("x.zip", zip(&tree("")));
    let bundle = Bundle::open(std::slice::from_ref(&path), Limits::default()).unwrap();
    bundle.visit(&Keeper::default()).unwrap();
    let input = &bundle.inputs()[0];
    assert_eq!(
        (input.name.as_str(), input.size),
        ("x.zip", path.metadata().unwrap().len())
    );
    assert_eq!(input.sha256.len(), 64);
    let folder = Place::new();
    as_folder(&folder, &tree(""));
    let bundle = Bundle::open(&[folder.0.path().to_path_buf()], Limits::default()).unwrap();
    assert_eq!((bundle.inputs()[0].size, bundle.inputs()[0].sha256.as_str()), (0, ""));
}

/// Raises the flag as soon as it is given anything.
struct Canceller(Cancel);

impl Visitor for Canceller {
    fn want(&self, _: &str, _: u64) -> Want {
        Want::Stream
    }

    fn bytes(&self, _: &str, _: Vec<u8>) {}

    fn stream(&self, _: &str, reader: &mut dyn BufRead) {
        self.0.raise();
        assert!(reader.read(&mut [0; 8]).is_err());
    }
}

#[test]
fn a_raised_flag_cancels_the_visit() {
    let place = Place::new();
    for bytes in [zip(&tree("")), tar(&tree("")), gzip(&tar(&tree("")))] {
        let cancel = Cancel::new();
        let limits = Limits {
            cancel: cancel.clone(),
            ..Limits::default()
        };
        let path = place.write("x.zip", bytes);
        let bundle = Bundle::open(std::slice::from_ref(&path), limits.clone()).unwrap();
        assert!(matches!(bundle.visit(&Canceller(cancel)), Err(ReadError::Cancelled)));
        assert!(matches!(Bundle::open(&[path], limits), Err(OpenError::Cancelled)));
    }
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn the_real_bundle_reads_the_same_every_time() {
    let name = "bundles/supportbundle_9b6b22de-6e5d-4905-aec8-1f226e413986_2022-03-22T23-49-32Z.zip";
    let path = shared(name);
    let first = read(std::slice::from_ref(&path));
    assert_eq!(
        first.name,
        "supportbundle_9b6b22de-6e5d-4905-aec8-1f226e413986_2022-03-22T23-49-32Z"
    );
    assert_eq!(first.problems(), [""; 0]);
    assert!(
        first
            .visited
            .paths
            .iter()
            .any(|path| path == "nodes/node1.zip!logs/kernel.log")
    );
    let second = read(&[path]);
    assert_eq!(first.visited, second.visited);
    assert_eq!(first.files, second.files);
}

#[test]
fn archives_that_must_wait_for_memory_are_read_all_the_same() {
    let place = Place::new();
    let nodes = (0..8).map(|number| file(format!("nodes/n{number}.zip"), node(&format!("n{number}"))));
    let path = place.write("x.zip", zip(&nodes.collect::<Vec<_>>()));
    let tight = Limits {
        held_bytes: 2000,
        ..Limits::default()
    };
    let outcome = read_limited(std::slice::from_ref(&path), tight);
    assert_eq!(outcome.problems(), [""; 0]);
    assert_eq!(outcome.visited, read(&[path]).visited);
    assert_eq!(outcome.visited.files, 8 * 5);
}
