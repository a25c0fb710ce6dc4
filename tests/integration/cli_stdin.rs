//! Bundles from standard input, pipes and devices: they are read to their end, and what is no bundle is refused for what it is.

#![expect(clippy::disallowed_methods, reason = "tests make and look at files")]

use crate::bundle_fixture::{Place, gzip, noise, read, refusal, tar, tree, zip};
use crate::samples::root;
use gleaner_bundle::Limits;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The sample bundle as a zip.
fn sample() -> Vec<u8> {
    let folder = root("sample-bundles/single-replica/bundle");
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(&folder).unwrap().to_string_lossy();
            let path = format!("x/{}", path.replace('\\', "/"));
            files.push(crate::bundle_fixture::file(path, std::fs::read(entry.path()).unwrap()));
        }
    }
    zip(&files)
}

fn piped(args: &[&str], bytes: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .args(args)
        .env("GLEANER_NO_CONFIG", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may close its input before all is written.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    child.wait_with_output().unwrap()
}

#[test]
fn a_bundle_is_read_from_standard_input() {
    let place = Place::new();
    let bytes = sample();
    let path = place.write("stdin", &bytes);
    let path = path.to_str().unwrap();
    let asked = piped(&["analyze", path, "-f", "json"], b"");
    assert!(asked.status.success());
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text(&asked).contains("single-replica"));
    for args in [&["analyze", "-", "-f", "json"][..], &["-", "-f", "json"]] {
        let output = piped(args, &bytes);
        assert_eq!(
            text(&output),
            text(&asked),
            "{args:?} {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn what_is_no_bundle_is_refused_for_what_it_is() {
    let error = |bytes: &[u8]| {
        let output = piped(&["analyze", "-"], bytes);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(error(b"").contains("stdin: the file is empty"), "{}", error(b""));
    assert!(error(&noise()).contains("stdin: not a support bundle: it is neither a zip nor a tar"));
    assert!(error(&zip(&[])).contains("stdin: not a support bundle"));
}

#[test]
#[cfg(unix)]
fn pipes_and_devices_are_read_like_files() {
    let place = Place::new();
    for (number, bytes) in [zip(&tree("x/")), tar(&tree("x/")), gzip(&tar(&tree("x/")))]
        .into_iter()
        .enumerate()
    {
        let path = place.0.path().join(format!("pipe-{number}"));
        if !Command::new("mkfifo")
            .arg(&path)
            .status()
            .is_ok_and(|status| status.success())
        {
            return;
        }
        let whole = read(&[place.write("whole", &bytes)]);
        let (to, copy) = (path.clone(), bytes.clone());
        let writer = std::thread::spawn(move || std::fs::write(to, copy));
        let outcome = read(&[path]);
        writer.join().unwrap().unwrap();
        assert_eq!(outcome.visited, whole.visited);
        assert_eq!(outcome.files, whole.files);
    }
    assert!(refusal(&["/dev/zero".into()]).contains("/dev/zero: not a support bundle: it is neither a zip nor a tar"));
    assert!(refusal(&["/dev/null".into()]).contains("/dev/null: the file is empty"));
}

#[test]
#[cfg(unix)]
fn a_pipe_has_a_checksum_and_a_limit() {
    let place = Place::new();
    let path = place.0.path().join("pipe");
    if !Command::new("mkfifo")
        .arg(&path)
        .status()
        .is_ok_and(|status| status.success())
    {
        return;
    }
    let bytes = zip(&tree("x/"));
    let file = place.write("file", &bytes);
    let open = |limits: Limits| {
        let (to, copy) = (path.clone(), bytes.clone());
        let writer = std::thread::spawn(move || std::fs::write(to, copy));
        let bundle = gleaner_bundle::Bundle::open(std::slice::from_ref(&path), limits);
        let _ = writer.join().unwrap();
        bundle
    };
    let bundle = open(Limits::default()).unwrap();
    let same = gleaner_bundle::Bundle::open(&[file], Limits::default()).unwrap();
    assert_eq!(bundle.inputs()[0].sha256, same.inputs()[0].sha256);
    assert_eq!(
        (bundle.inputs()[0].size, bundle.inputs()[0].name.as_str()),
        (bytes.len() as u64, "pipe")
    );
    let short = Limits {
        total_bytes: 600,
        ..Limits::default()
    };
    assert!(
        open(short)
            .err()
            .unwrap()
            .to_string()
            .contains("pipe: it has more than 600 bytes")
    );
}
