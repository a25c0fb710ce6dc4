//! Sets flags for what some tests need and a fresh clone may lack.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    tell_tests_what_is_here(&package);
}

/// Sets a flag for each thing that some tests need and a fresh clone may lack, so that those tests are ignored there. Cargo would run
/// this script in every build if it had to watch a path that is absent: whoever adds the thing touches `build.rs`.
fn tell_tests_what_is_here(package: &Path) {
    println!("cargo::rustc-check-cfg=cfg(shared_material)");
    let shared = ["../shared/cases/README.md", "../shared/bundles/README.md"].map(|path| package.join(path));
    if shared.iter().all(|path| path.exists()) {
        println!("cargo::rustc-cfg=shared_material");
        for path in shared {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}
