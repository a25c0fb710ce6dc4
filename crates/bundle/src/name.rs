//! Names inside archives: which are safe, how they are shown, and which leading folders are left off.
//!
//! Takes raw bytes as they stand in an archive; gives `/`-separated relative paths. Nothing here touches a file system.

use crate::error::Trouble;

/// Longest name taken, in bytes.
const LONGEST_NAME: usize = 4096;
/// Folders a bundle may be packed under (`home/user/supportbundle_…/`).
const DEEPEST_TOP: usize = 4;
/// Names that stand at the top of a bundle or a node archive and are therefore no top folder.
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
/// Endings after which `!` would look like the path of a nested archive.
const ARCHIVE_ENDINGS: &[&str] = &[".zip", ".tar", ".tgz", ".txz", ".gz", ".xz"];

/// Checks a raw name and gives it as a path: no leading or trailing `/`, no `.` parts. An empty path is the root folder.
///
/// `backslashes` says that the archive was made on a system where `\` separates folders.
pub(crate) fn safe_path(raw: &[u8], backslashes: bool) -> Result<String, Trouble> {
    if raw.len() > LONGEST_NAME {
        return Err(Trouble::refused(format!("its name has {} bytes", raw.len())));
    }
    let name = std::str::from_utf8(raw).map_err(|_| Trouble::refused("its name is not UTF-8"))?;
    if name.chars().any(is_unprintable) {
        return Err(Trouble::refused("its name holds control characters"));
    }
    let name = if backslashes {
        name.replace('\\', "/")
    } else {
        name.to_owned()
    };
    let is_drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if name.starts_with(['/', '\\']) || is_drive {
        return Err(Trouble::refused("its path is absolute"));
    }
    if name.split(['/', '\\']).any(|part| part == "..") {
        return Err(Trouble::refused("its path leaves the bundle (..)"));
    }
    if ARCHIVE_ENDINGS
        .iter()
        .any(|ending| name.contains(&format!("{ending}!")))
    {
        return Err(Trouble::refused("its name looks like a path in a nested archive"));
    }
    let trimmed = name.strip_suffix('/').unwrap_or(&name);
    if trimmed.is_empty() {
        return Ok(String::new());
    }
    if trimmed.split('/').any(str::is_empty) {
        return Err(Trouble::refused("its path has an empty part"));
    }
    Ok(trimmed
        .split('/')
        .filter(|part| *part != ".")
        .collect::<Vec<_>>()
        .join("/"))
}

/// A raw name made fit to print: odd characters read `<U+000A>`, bytes that are no UTF-8 read `<0xFF>`, long names are cut.
pub(crate) fn printable(raw: &[u8]) -> String {
    const SHOWN: usize = 256;
    let mut text = String::new();
    let head = raw.get(..SHOWN).unwrap_or(raw);
    for chunk in head.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_unprintable(character) {
                text.push_str(&format!("<U+{:04X}>", u32::from(character)));
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("<0x{byte:02X}>"));
        }
    }
    if raw.len() > SHOWN {
        text.push('…');
    }
    text
}

/// Control characters, line separators, and those that change the direction or the look of what follows.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// How many leading folders stand before the bundle's own tree, if this path proves where the tree begins.
pub(crate) fn bundle_depth(path: &str) -> Option<usize> {
    let parts: Vec<&str> = path.splitn(DEEPEST_TOP + 5, '/').collect();
    (0..=DEEPEST_TOP.min(parts.len())).find(|&depth| match parts.get(depth..).unwrap_or_default() {
        ["metadata.yaml" | "bundleGenerationError.log"] => depth <= 1,
        ["yamls", "cluster" | "namespaced", _, ..] | ["logs", _, _, _, ..] => true,
        ["nodes", archive] => archive.ends_with(".zip"),
        // Node archives that somebody has unpacked.
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
    fn ordinary_names_lose_only_dots_and_the_trailing_slash() {
        assert_eq!(safe_path(b"./a/b.log", false).unwrap(), "a/b.log");
        assert_eq!(safe_path(b"a/b/", false).unwrap(), "a/b");
        assert_eq!(safe_path(b"./", false).unwrap(), "");
        assert_eq!(safe_path(b"a\\b.log", true).unwrap(), "a/b.log");
        assert_eq!(
            safe_path(b"dev-disk\\x2did.device", false).unwrap(),
            "dev-disk\\x2did.device"
        );
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = vec![b'a'; 5000];
        let names: [&[u8]; 12] = [
            b"../x",
            b"a/../../x",
            b"/etc/passwd",
            b"C:\\x",
            b"c:/x",
            b"..\\x",
            b"\\\\host\\x",
            b"a\0b",
            b"a\nb",
            b"a//b",
            b"a\xffb",
            &long,
        ];
        for name in names {
            assert!(safe_path(name, false).is_err(), "{}", printable(name));
        }
        assert!(safe_path("a\u{202E}b".as_bytes(), false).is_err());
        assert!(safe_path(b"nodes/a.zip!logs/kernel.log", false).is_err());
    }

    #[test]
    fn refused_names_are_shown_without_tricks() {
        assert_eq!(printable("a\n\u{202E}b\u{1b}".as_bytes()), "a<U+000A><U+202E>b<U+001B>");
        assert_eq!(printable(b"a\xff"), "a<0xFF>");
        assert!(printable(&[b'x'; 9000]).len() < 300);
    }

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
