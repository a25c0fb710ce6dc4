//! What the operating system cannot read is reported as that, with its words, and costs no more than what it is in.

use crate::entry::EntryIndex;
use crate::error::OpenError;
use crate::limits::Limits;
use crate::source::{Source, broken};
use crate::visit::{Stream, Subtree, Visit};
use crate::visitor::{Visited, Visitor, Want};
use crate::zip::EndError;
use crate::{compression::Compression, folder, tar, zip};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Bytes that neither compress nor repeat, so that a place in them is a place in what they are packed into.
fn noise() -> Vec<u8> {
    noise_of(88_172_645_463_325_252)
}

fn noise_of(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(300_000).collect()
}

fn files() -> [(&'static str, Vec<u8>); 3] {
    [
        ("a.log", noise()),
        ("b.yaml", noise_of(1)),
        ("c.yaml", b"last".to_vec()),
    ]
}

fn zip_of<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>, method: ::zip::CompressionMethod) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, data) in files {
        writer.start_file(name, options).unwrap();
        writer.write_all(&data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn zipped() -> Vec<u8> {
    zip_of(files(), ::zip::CompressionMethod::Deflated)
}

fn tarred() -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, data) in files() {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, name, data.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Keeps what it is given of each file, whole or not.
#[derive(Default)]
struct Keeper(Mutex<BTreeMap<String, Vec<u8>>>);

impl Visitor for Keeper {
    fn want(&self, path: &str, _: u64) -> Want {
        match path.rsplit('.').next() {
            Some("log") => Want::Stream,
            Some("zip") => Want::Enter,
            _ => Want::Bytes,
        }
    }

    fn bytes(&self, path: &str, data: Vec<u8>) {
        self.0.lock().unwrap().insert(path.to_owned(), data);
    }

    fn stream(&self, path: &str, reader: &mut dyn BufRead) {
        let mut data = Vec::new();
        let _ = reader.read_to_end(&mut data);
        self.bytes(path, data);
    }
}

/// What came of visiting the files of an index.
struct Outcome {
    files: BTreeMap<String, Vec<u8>>,
    problems: Vec<String>,
}

fn outcome(keeper: Keeper, visited: Visited) -> Outcome {
    let problems = visited.problems.iter();
    Outcome {
        files: keeper.0.into_inner().unwrap(),
        problems: problems
            .map(|problem| format!("{}: {}", problem.path, problem.what))
            .collect(),
    }
}

fn visit(index: EntryIndex, limits: &Limits) -> Outcome {
    let (keeper, index) = (Keeper::default(), Arc::new(index));
    let visit = Visit::new(&keeper, limits);
    rayon::scope(|scope| visit.add(scope, &index, "", &mut Subtree::root(limits, 1 << 20)));
    let visited = visit.finish("x").unwrap();
    outcome(keeper, visited)
}

fn visit_stream(source: &Source, compression: Compression) -> Outcome {
    let (keeper, limits) = (Keeper::default(), Limits::default());
    let visit = Visit::new(&keeper, &limits);
    let mut root = Subtree::root(&limits, 1 << 20);
    root.container = "x.tgz".to_owned();
    let top = Some(String::new());
    rayon::scope(|scope| {
        let stream = Stream { compression, top };
        visit.read_stream(scope, &mut source.reader(0), stream, &mut root);
    });
    let visited = visit.finish("x").unwrap();
    outcome(keeper, visited)
}

/// Limits by which files are inflated in one go, and by which they are read piece by piece.
fn both_ways() -> [Limits; 2] {
    let tight = Limits {
        max_memory: 4 << 20,
        ..Limits::default()
    };
    assert!(tight.max_inflated_at_once(true, 0) > 300_000);
    let tighter = Limits {
        max_memory: 2 << 20,
        ..Limits::default()
    };
    assert!(tighter.max_inflated_at_once(true, 0) < 300_000);
    [tight, tighter]
}

#[test]
fn a_bad_sector_in_an_entry_of_a_zip_costs_what_stands_behind_it() {
    for limits in both_ways() {
        let in_log = broken::source(zipped(), 200_000..200_512);
        let outcome = visit(
            zip::read(&in_log, false, &limits, limits.allowance(1 << 20))
                .unwrap()
                .index,
            &limits,
        );
        assert_eq!(outcome.problems, [format!("a.log: {}", broken::message())]);
        let part = &outcome.files["a.log"];
        assert!(part.len() > 60_000 && noise().starts_with(part), "{}", part.len());
        assert_eq!(outcome.files["b.yaml"], noise_of(1));
        assert_eq!(outcome.files["c.yaml"], b"last");

        let in_yaml = broken::source(zipped(), 400_000..400_512);
        let outcome = visit(
            zip::read(&in_yaml, false, &limits, limits.allowance(1 << 20))
                .unwrap()
                .index,
            &limits,
        );
        assert_eq!(outcome.problems, [format!("b.yaml: {}", broken::message())]);
        assert_eq!(outcome.files.keys().collect::<Vec<_>>(), ["a.log", "c.yaml"]);
    }
}

#[test]
fn a_bad_sector_in_the_table_of_contents_of_a_zip_costs_the_entries_behind_it() {
    let limits = Limits::default();
    // The end of an archive is read at once: the directory must be longer.
    let names: Vec<String> = (0..2000).map(|number| format!("{number:050}.log")).collect();
    let files = names.iter().map(|name| (name.as_str(), Vec::new()));
    let bytes = zip_of(files, ::zip::CompressionMethod::Stored);
    let records: Vec<usize> = memchr::memmem::find_iter(&bytes, b"PK\x01\x02").collect();
    let source = broken::source(bytes.clone(), records[0] + 10..records[0] + 20);
    match zip::read(&source, false, &limits, limits.allowance(1 << 20)) {
        Err(EndError::Io(error)) => assert_eq!(error.to_string(), broken::message()),
        _ => panic!("the operating system could not read the first record"),
    }
    let source = broken::source(bytes.clone(), records[7] - 2..records[7] + 4);
    let index = zip::read(&source, false, &limits, limits.allowance(1 << 20))
        .unwrap()
        .index;
    assert!(index.paths().eq(&names[..6]), "{}", index.entries.len());
    let what = format!(
        "the central directory is not readable after 6 entries: {}",
        broken::message()
    );
    assert_eq!(index.problems[0].what, what);
    let end = bytes.len() - 10;
    assert!(matches!(
        zip::read(
            &broken::source(bytes, end..end + 5),
            false,
            &limits,
            limits.allowance(1 << 20)
        ),
        Err(EndError::Io(_))
    ));
}

#[test]
fn a_bad_sector_in_a_nested_zip_is_that_archives_problem() {
    let files = [("n.zip", zipped()), ("b.yaml", noise())];
    let bytes = zip_of(files, ::zip::CompressionMethod::Stored);
    let end = memchr::memmem::find(&bytes, b"PK\x05\x06").unwrap();
    let limits = Limits::default();
    let source = broken::source(bytes, end - 1..end + 4);
    let outcome = visit(
        zip::read(&source, false, &limits, limits.allowance(1 << 20))
            .unwrap()
            .index,
        &limits,
    );
    assert_eq!(outcome.problems, [format!("n.zip: {}", broken::message())]);
    assert_eq!(outcome.files["b.yaml"], noise());
}

#[test]
fn a_bad_sector_in_a_tar_costs_the_file_it_is_in_or_those_behind_its_header() {
    let limits = Limits::default();
    let bytes = tarred();
    let in_data = tar::read(
        &broken::source(bytes.clone(), 200_000..200_512),
        limits.allowance(1 << 20),
    )
    .unwrap();
    let outcome = visit(in_data, &limits);
    assert_eq!(outcome.problems, [format!("a.log: {}", broken::message())]);
    assert_eq!(outcome.files["b.yaml"], noise_of(1));

    let second = memchr::memmem::find(&bytes, b"b.yaml").unwrap();
    let in_header = tar::read(
        &broken::source(bytes.clone(), second..second + 512),
        limits.allowance(1 << 20),
    )
    .unwrap();
    let outcome = visit(in_header, &limits);
    assert_eq!(outcome.problems, [format!(": {}", broken::message())]);
    assert_eq!(outcome.files.keys().collect::<Vec<_>>(), ["a.log"]);

    let Err(error) = tar::read(&broken::source(bytes, 0..512), limits.allowance(1 << 20)) else {
        panic!("the operating system could not read the first header");
    };
    assert_eq!(error.os_error().unwrap().to_string(), broken::message());
}

#[test]
fn a_bad_sector_in_a_compressed_tar_costs_the_files_behind_it() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tarred()).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(&tarred()).unwrap();
    for (bytes, compression) in [
        (gzip.finish().unwrap(), Compression::Gzip),
        (xz.finish().unwrap(), Compression::Xz),
    ] {
        let source = broken::source(bytes, 500_000..500_512);
        let outcome = visit_stream(&source, compression);
        assert_eq!(outcome.files["a.log"], noise());
        assert!(!outcome.files.contains_key("b.yaml"));
        assert!(!outcome.problems.is_empty());
        for problem in outcome.problems {
            assert!(problem.ends_with(&broken::message()), "{problem}");
        }
    }
}

#[test]
fn files_of_a_folder_that_are_gone_are_reported_in_the_systems_words() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("a.log"), "here").unwrap();
    std::fs::write(place.path().join("b.yaml"), "gone").unwrap();
    let limits = Limits::default();
    let index = folder::read(place.path(), &limits).unwrap();
    std::fs::remove_file(place.path().join("b.yaml")).unwrap();
    let missing = std::fs::metadata(place.path().join("b.yaml")).unwrap_err();
    let outcome = visit(index, &limits);
    assert_eq!(outcome.problems, [format!("b.yaml: {missing}")]);
    assert_eq!(outcome.files["a.log"], b"here");
    let error = folder::read(Path::new("/no/such/folder"), &limits).err().unwrap();
    assert!(error.raw_os_error().is_some(), "{error}");
}

#[test]
fn an_input_that_the_system_cannot_read_is_not_called_damaged() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tarred()).unwrap();
    let (zip, tar, gzip) = (zipped(), tarred(), gzip.finish().unwrap());
    let end = zip.len();
    for source in [
        broken::source(zip, end - 10..end - 5),
        broken::source(tar, 10..20),
        // The first header is read with what is in front of the bad sector.
        broken::source(gzip, 600..1000),
        broken::source(noise(), 299_000..299_100),
    ] {
        let opened = crate::open::open_only(&source);
        let Err(error) = opened else {
            panic!("it cannot be read")
        };
        assert!(matches!(error, OpenError::Io { .. }), "{error}");
        assert!(error.to_string().ends_with(&broken::message()), "{error}");
    }
}
