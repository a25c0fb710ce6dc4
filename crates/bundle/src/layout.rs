//! Where in an archive the bundle begins: the leading folders that are no part of its paths.
//!
//! Takes and gives `/`-separated paths that are known to be safe.

/// Folders a bundle may be packed under (`home/user/supportbundle_…/`).
const DEEPEST_TOP: usize = 4;
/// Names that are at the top of a bundle or a node archive and are therefore no top folder.
const LAYOUT: &[&str] = &[
    "configs",
    "external",
    "hostinfos",
    "logs",
    "metadata.yaml",
    "nodes",
    "scc",
    "yamls",
];

/// How many leading folders come before the bundle's own tree, if this path proves where the tree begins.
pub(crate) fn bundle_depth(path: &str) -> Option<usize> {
    // As many as are looked at below the deepest top; the last has the rest of the path.
    let mut parts = [""; DEEPEST_TOP + 5];
    let mut count = 0;
    for (to, part) in parts.iter_mut().zip(path.splitn(DEEPEST_TOP + 5, '/')) {
        *to = part;
        count += 1;
    }
    let parts = &parts[..count];
    (0..=DEEPEST_TOP.min(parts.len())).find(|&depth| match &parts[depth..] {
        ["metadata.yaml" | "bundleGenerationError.log"] => depth <= 1,
        ["yamls", "cluster" | "namespaced", _, ..] | ["logs", _, _, _, ..] => true,
        ["nodes", archive] => archive.ends_with(".zip"),
        // Unpacked node archives.
        ["nodes", _, "logs" | "configs" | "scc", ..] => true,
        _ => false,
    })
}

/// The leading folders of a bundle (`supportbundle_…`), found in the paths of its files; `None` if it is no bundle.
pub(crate) fn bundle_top<'a>(paths: impl Iterator<Item = &'a str>) -> Option<String> {
    paths
        .filter_map(|path| bundle_depth(path).map(|depth| (depth, first_parts(path, depth))))
        .min()
        .map(|(_, top)| top.to_owned())
}

/// The folder all paths of a nested archive share, unless that folder is part of the layout; empty if there is none.
pub(crate) fn shared_top<'a>(mut paths: impl Iterator<Item = &'a str>) -> String {
    let top = paths.next().map(leading_folder).unwrap_or_default();
    if top.is_empty() || paths.any(|path| leading_folder(path) != top) {
        String::new()
    } else {
        top.to_owned()
    }
}

/// The first folder of a path, unless it is part of the layout; empty if there is none.
pub(crate) fn leading_folder(path: &str) -> &str {
    path.split_once('/')
        .map(|(folder, _)| folder)
        .filter(|folder| !LAYOUT.contains(folder))
        .unwrap_or_default()
}

/// Whether a file or folder of this name is part of the layout of a bundle or of a node archive.
pub(crate) fn is_part(name: &[u8]) -> bool {
    LAYOUT.iter().any(|part| part.as_bytes() == name)
}

/// A path without its top folders; a path outside of them stays as it is.
pub(crate) fn strip_top<'a>(path: &'a str, top: &str) -> &'a str {
    if top.is_empty() {
        return path;
    }
    path.strip_prefix(top)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(path)
}

fn first_parts(path: &str, count: usize) -> &str {
    let Some(last) = count.checked_sub(1) else { return "" };
    path.match_indices('/')
        .nth(last)
        .and_then(|(at, _)| path.get(..at))
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_bundle_is_found_by_its_layout() {
        let top = |paths: &[&str]| bundle_top(paths.iter().copied());
        assert_eq!(
            top(&["sb/metadata.yaml", "sb/logs/a/b/c.log", "__MACOSX/x"]).unwrap(),
            "sb"
        );
        assert_eq!(top(&["yamls/cluster/v1/nodes.yaml"]).unwrap(), "");
        assert_eq!(
            top(&["home/me/sb/yamls/namespaced/logs/v1/pods.yaml"]).unwrap(),
            "home/me/sb"
        );
        assert_eq!(top(&["sb/nodes/host-1.zip"]).unwrap(), "sb");
        assert_eq!(top(&["sb/nodes/host-1/logs/kernel.log"]).unwrap(), "sb");
        assert_eq!(top(&["nodes/host-1/readme.txt"]), None);
        assert_eq!(top(&["src/main.rs", "logs/x"]), None);
    }

    #[test]
    fn nested_archives_lose_only_a_folder_all_share() {
        let top = |paths: &[&str]| shared_top(paths.iter().copied());
        assert_eq!(top(&["n1/logs/a", "n1/configs/b"]), "n1");
        assert_eq!(top(&["logs/a", "logs/b"]), "");
        assert_eq!(top(&["n1/a", "b"]), "");
    }
}
