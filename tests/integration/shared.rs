//! Where the tests find reference material that is not part of the project, and how they say that it is absent.

use std::path::PathBuf;

/// The folder or file below the shared reference material; `None`, and a line that says so, where it is absent.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let place = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(path);
    if place.exists() {
        return Some(place);
    }
    println!("skipped: {path} of the shared reference material is not here");
    None
}

/// The text of a file.
#[expect(clippy::disallowed_methods, reason = "tests read what they compare with")]
pub(crate) fn read(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Writes a file and the folders it stands in.
pub(crate) fn write(path: &std::path::Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
