//! Names inside archives: which are safe, and how they are shown.
//!
//! Takes raw bytes as they are in an archive; gives `/`-separated relative paths. Nothing here touches a file system.

use crate::problem::EntryError;
use gleaner_text::is_control;

/// Longest name taken, in bytes.
const LONGEST_NAME: usize = 4096;
/// Endings after which `!` would look like the path of a nested archive.
const ARCHIVE_ENDINGS: &[&str] = &[".zip", ".tar", ".tgz", ".txz", ".gz", ".xz"];

/// Checks a raw name and gives it as a path: no leading or trailing `/`, no `.` parts. An empty path is the root folder.
///
/// `backslashes` says that the archive was made on a system where `\` separates folders.
pub(crate) fn safe_path(raw: &[u8], backslashes: bool) -> Result<String, EntryError> {
    if raw.len() > LONGEST_NAME {
        return Err(EntryError::refused(format!("its name has {} bytes", raw.len())));
    }
    let name = std::str::from_utf8(raw).map_err(|_| EntryError::refused("its name is not UTF-8"))?;
    if name.chars().any(is_control) {
        return Err(EntryError::refused("its name holds control characters"));
    }
    let name = if backslashes {
        name.replace('\\', "/")
    } else {
        name.to_owned()
    };
    let is_drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if name.starts_with(['/', '\\']) || is_drive {
        return Err(EntryError::refused("its path is absolute"));
    }
    if name.split(['/', '\\']).any(|part| part == "..") {
        return Err(EntryError::refused("its path leaves the bundle (..)"));
    }
    let ends_archive = |name: &str| ARCHIVE_ENDINGS.iter().any(|ending| name.ends_with(ending));
    if name.match_indices('!').any(|(at, _)| ends_archive(&name[..at])) {
        return Err(EntryError::refused("its name looks like a path in a nested archive"));
    }
    let trimmed = name.strip_suffix('/').unwrap_or(&name);
    if trimmed.is_empty() {
        return Ok(String::new());
    }
    if trimmed.split('/').any(str::is_empty) {
        return Err(EntryError::refused("its path has an empty part"));
    }
    if trimmed.split('/').all(|part| part != ".") {
        return Ok(trimmed.to_owned());
    }
    let parts: Vec<&str> = trimmed.split('/').filter(|part| *part != ".").collect();
    Ok(parts.join("/"))
}

/// How many entries one of this name counts as: a name is held more than once, so that long ones are what costs memory.
pub(crate) fn cost(raw: &[u8]) -> usize {
    const USUAL: usize = 256;
    1 + raw.len() / USUAL
}

/// A raw name made fit to print: control characters read `<U+000A>`, bytes that are not UTF-8 read `<0xFF>`, long names are cut.
pub(crate) fn printable(raw: &[u8]) -> String {
    const SHOWN: usize = 256;
    let mut text = String::new();
    let head = raw.get(..SHOWN).unwrap_or(raw);
    for chunk in head.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_control(character) {
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

    /// Archives made on macOS decompose letters, emoji carry variation selectors, and Windows tools map `:` to private use: to refuse
    /// them in the name of the top folder would refuse the whole bundle.
    #[test]
    fn names_as_people_give_them_are_taken() {
        for name in ["Bu\u{308}ndel/a.log", "\u{26a0}\u{fe0f}/a.log", "a\u{f03a}b.log"] {
            assert_eq!(safe_path(name.as_bytes(), false).unwrap(), name);
            assert_eq!(printable(name.as_bytes()), name);
        }
    }
}
