//! Which files given together are parts of one archive, and in what order.
//!
//! Knows `x.z01 … x.zip` (a split zip), `x.zip.001`, `x.001.zip`, `x.zip.aa` (an archive cut into pieces), and
//! distinguishes pieces from whole archives that are merely numbered. Names decide what may belong together; content, which is not
//! looked at here, decides whether it does.

use crate::error::OpenError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One archive: a file, or its parts in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) paths: Vec<PathBuf>,
    /// What comes after the last part, if the archive turns out to be incomplete.
    pub(crate) numbering: Numbering,
    /// The part that is missing behind these; parts behind that one are left out.
    pub(crate) gap: Option<Part>,
}

/// A part by its number and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    part: String,
    name: String,
}

impl Part {
    /// The error that says that it is missing.
    pub(crate) fn error(&self) -> OpenError {
        OpenError::MissingPart {
            part: self.part.clone(),
            name: self.name.clone(),
        }
    }
}

/// How the parts of a group are numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// A single file.
    Whole,
    /// `x.z01 …`, with the name before the ending.
    Split(String),
    /// Pieces: what is before and after the number, and the number after the last.
    Pieces {
        before: String,
        after: String,
        next: String,
    },
}

impl Numbering {
    /// The error for an archive whose parts do not make a whole, if that can be determined.
    pub(crate) fn missing(&self, given: usize) -> Option<OpenError> {
        match self {
            Self::Whole => None,
            Self::Split(stem) => Some(split_part_of(stem, given as u64).error()),
            Self::Pieces { before, after, next } => {
                let (part, name) = (next.clone(), format!("{before}{next}{after}"));
                Some(Part { part, name }.error())
            }
        }
    }
}

/// A file name split around its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Numbered {
    before: String,
    after: String,
    digits: String,
    number: u64,
}

impl Group {
    /// A file that is whole.
    pub(crate) fn alone(path: PathBuf) -> Self {
        Self {
            paths: vec![path],
            numbering: Numbering::Whole,
            gap: None,
        }
    }

    /// The last part, after which errors of the whole are named.
    #[expect(clippy::expect_used, reason = "groups are made of files")]
    pub(crate) fn last(&self) -> &Path {
        self.paths.last().expect("a group has at least one file")
    }
}

/// Sorts files into archives, ordered by file name. `is_whole_zip` says whether a numbered file is no piece but an archive of its
/// own.
///
/// # Errors
///
/// [`OpenError::MissingPart`] if the first part is missing, and what `is_whole_zip` gives.
pub(crate) fn group(
    files: &[PathBuf],
    is_whole_zip: impl Fn(&Path) -> Result<bool, OpenError>,
) -> Result<Vec<Group>, OpenError> {
    let mut split: BTreeMap<String, BTreeMap<u64, PathBuf>> = BTreeMap::new();
    let mut pieces: BTreeMap<(String, String), BTreeMap<u64, (Numbered, PathBuf)>> = BTreeMap::new();
    let mut whole = Vec::new();
    for path in files {
        let name = file_name(path);
        if let Some((stem, number)) = split_part(&name) {
            split.entry(stem).or_default().insert(number, path.clone());
        } else if let Some(part) = piece(&name)
            && !is_whole_zip(path)?
        {
            let key = (part.before.clone(), part.after.clone());
            pieces.entry(key).or_default().insert(part.number, (part, path.clone()));
        } else {
            whole.push(path.clone());
        }
    }
    let mut groups = Vec::new();
    for (stem, parts) in split {
        groups.push(split_group(stem, parts, &mut whole)?);
    }
    for parts in pieces.into_values() {
        groups.push(piece_group(parts)?);
    }
    groups.extend(whole.into_iter().map(Group::alone));
    groups.sort_by_cached_key(|group| group.paths.first().map(|path| (file_name(path), path.clone())));
    Ok(groups)
}

/// The part of a split zip with this number.
fn split_part_of(stem: &str, number: u64) -> Part {
    Part {
        part: format!("z{number:02}"),
        name: format!("{stem}.z{number:02}"),
    }
}

fn split_group(stem: String, parts: BTreeMap<u64, PathBuf>, whole: &mut Vec<PathBuf>) -> Result<Group, OpenError> {
    let last = format!("{stem}.zip");
    let last_path = whole
        .iter()
        .position(|path| file_name(path).eq_ignore_ascii_case(&last))
        .map(|at| whole.swap_remove(at));
    let mut paths = Vec::new();
    let mut gap = None;
    for (wanted, (number, path)) in (1..).zip(parts) {
        if wanted != number {
            gap = Some(split_part_of(&stem, wanted));
            break;
        }
        paths.push(path);
    }
    match (&gap, last_path) {
        (Some(gap), _) if paths.is_empty() => return Err(gap.error()),
        (Some(_), _) => {}
        (None, Some(path)) => paths.push(path),
        (None, None) => {
            gap = Some(Part {
                part: "zip (the last one)".to_owned(),
                name: last,
            });
        }
    }
    Ok(Group {
        paths,
        numbering: Numbering::Split(stem),
        gap,
    })
}

fn piece_group(parts: BTreeMap<u64, (Numbered, PathBuf)>) -> Result<Group, OpenError> {
    let mut wanted = u64::from(!parts.contains_key(&0));
    let mut numbering = Numbering::Whole;
    let mut paths = Vec::new();
    let mut gap = None;
    for (number, (part, path)) in parts {
        let Numbered { before, after, .. } = &part;
        if number != wanted {
            let digits = numbered_like(&part.digits, wanted);
            let name = format!("{before}{digits}{after}");
            gap = Some(Part { part: digits, name });
            break;
        }
        wanted += 1;
        let next = numbered_like(&part.digits, wanted);
        numbering = Numbering::Pieces {
            before: before.clone(),
            after: after.clone(),
            next,
        };
        paths.push(path);
    }
    match gap {
        Some(gap) if paths.is_empty() => Err(gap.error()),
        gap => Ok(Group { paths, numbering, gap }),
    }
}

/// `x.z01` → (`x`, 1).
fn split_part(name: &str) -> Option<(String, u64)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let digits = ending.strip_prefix(['z', 'Z'])?;
    (digits.len() >= 2).then(|| Some((stem.to_owned(), number(digits)?)))?
}

/// `x.zip.001`, `x.tgz.aa`, `x.001.zip`.
fn piece(name: &str) -> Option<Numbered> {
    let (rest, ending) = name.rsplit_once('.')?;
    if let Some(number) = number(ending).filter(|_| ending.len() >= 2) {
        let (before, after) = (format!("{rest}."), String::new());
        return Some(Numbered {
            before,
            after,
            digits: ending.to_owned(),
            number,
        });
    }
    let is_archive = |name: &str| {
        [".zip", ".tar", ".tgz", ".gz"]
            .iter()
            .any(|end| name.to_lowercase().ends_with(end))
    };
    if let [first @ b'a'..=b'z', second @ b'a'..=b'z'] = ending.as_bytes()
        && is_archive(rest)
        && !matches!(ending, "br" | "bz" | "gz" | "lz" | "xz")
    {
        let number = u64::from(first - b'a') * 26 + u64::from(second - b'a');
        let (before, after) = (format!("{rest}."), String::new());
        return Some(Numbered {
            before,
            after,
            digits: ending.to_owned(),
            number,
        });
    }
    let (before, digits) = rest.rsplit_once('.').filter(|_| is_archive(name))?;
    let number = number(digits)?;
    Some(Numbered {
        before: format!("{before}."),
        after: format!(".{ending}"),
        digits: digits.to_owned(),
        number,
    })
}

fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

/// A number written as the others of its row are: `003` or `ac`.
fn numbered_like(digits: &str, number: u64) -> String {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{number:0width$}", width = digits.len());
    }
    let letter = |value: u64| char::from(b'a' + (value % 26) as u8);
    [letter(number / 26), letter(number)].iter().collect()
}

/// A path's last part, for comparing and showing.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(group: &Group) -> Vec<String> {
        group.paths.iter().map(|path| file_name(path)).collect()
    }

    fn grouped(files: &[&str]) -> Result<Vec<Vec<String>>, String> {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        group(&files, |_| Ok(false))
            .map(|groups| groups.iter().map(names).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn parts_are_put_in_order() {
        let split = grouped(&["a.zip", "a.z02", "a.z01"]).unwrap();
        assert_eq!(split, [["a.z01", "a.z02", "a.zip"]]);
        let pieces = grouped(&["a.zip.002", "a.zip.001", "a.zip.003"]).unwrap();
        assert_eq!(pieces, [["a.zip.001", "a.zip.002", "a.zip.003"]]);
        assert_eq!(
            grouped(&["a.002.zip", "a.001.zip"]).unwrap(),
            [["a.001.zip", "a.002.zip"]]
        );
        assert_eq!(grouped(&["a.tgz.ab", "a.tgz.aa"]).unwrap(), [["a.tgz.aa", "a.tgz.ab"]]);
        assert_eq!(
            grouped(&["a.tar.gz", "b.tar.xz"]).unwrap(),
            [["a.tar.gz"], ["b.tar.xz"]]
        );
        assert_eq!(grouped(&["b.zip", "a.zip"]).unwrap(), [["a.zip"], ["b.zip"]]);
    }

    #[test]
    fn a_gap_names_the_missing_part_and_leaves_those_before_it() {
        let message = |files: &[&str]| grouped(files).unwrap_err();
        assert_eq!(
            message(&["x.zip.002"]),
            "part 001 is missing: x.zip.001; pass all parts"
        );
        assert_eq!(
            message(&["x.z02", "x.zip"]),
            "part z01 is missing: x.z01; pass all parts"
        );
        let gap = |files: &[&str]| {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            let groups = group(&files, |_| Ok(false)).unwrap();
            let gap = groups[0].gap.as_ref().unwrap().error().to_string();
            (names(&groups[0]), gap)
        };
        let before = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            gap(&["x.zip.001", "x.zip.003", "x.zip.004"]),
            (
                before(&["x.zip.001"]),
                "part 002 is missing: x.zip.002; pass all parts".to_owned()
            )
        );
        assert_eq!(
            gap(&["x.z01", "x.z02", "x.z04", "x.zip"]),
            (
                before(&["x.z01", "x.z02"]),
                "part z03 is missing: x.z03; pass all parts".to_owned()
            )
        );
        assert_eq!(
            gap(&["x.z01"]),
            (
                before(&["x.z01"]),
                "part zip (the last one) is missing: x.zip; pass all parts".to_owned()
            )
        );
    }
}
