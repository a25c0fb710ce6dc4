//! Where the tests find reference material that is not part of the project.
//!
//! Tests that need it carry `#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]`: the build script
//! sets the flag, so without the material they count as ignored and not as passed.

use std::path::{Path, PathBuf};

/// The folder or file below the shared reference material, which must be there.
pub(crate) fn shared(path: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    assert!(
        place.exists(),
        "{path} of the shared reference material is not beside the repository"
    );
    place
}

/// A folder for what one test writes, below the build folder.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// The text of a file.
#[expect(clippy::disallowed_methods, reason = "tests read what they compare with")]
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Writes a file and the folders it is in.
pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
