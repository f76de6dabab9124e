//! Files that are there under nearly the name that a row gives.
//!
//! Old systems and the disks that exports went through change letter case, Unicode form (macOS
//! writes `й` as two characters) and outer blanks. Where only one file is meant, it is taken.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use unicode_normalization::UnicodeNormalization;

/// What is there instead of a file that is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NearFile {
    /// One file, by its path below the root.
    One(PathBuf),
    /// Several that differ from the name alike.
    Several(Vec<PathBuf>),
    None,
}

/// Names that are told where several would do.
const MOST: usize = 3;

/// The names in a folder by what they have in common with nearly equal ones.
type Names = HashMap<String, Vec<OsString>>;

/// The folders in which files were missing, each listed once: a manifest may name a hundred thousand
/// files that are not there.
#[derive(Debug, Default)]
pub(super) struct Folders(Mutex<HashMap<PathBuf, Arc<Names>>>);

impl Folders {
    /// The names in a folder; none outside the root, into which a symlink may lead.
    fn names(&self, root: &Path, folder: &Path) -> Arc<Names> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let names = known.entry(folder.to_owned());
        let is_inside = || fs::canonicalize(folder).is_ok_and(|real| real.starts_with(root));
        Arc::clone(names.or_insert_with(|| match is_inside() {
            true => Arc::new(listed(folder)),
            false => Arc::default(),
        }))
    }
}

/// The names in a folder; none if it can't be read.
fn listed(folder: &Path) -> Names {
    let mut names = Names::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if let Some(folded) = name.to_str().map(folded) {
            names.entry(folded).or_default().push(name);
        }
    }
    names
}

/// Looks for a path below the root whose parts differ from these in letter case, Unicode form or
/// outer blanks alone.
pub(super) fn near_file(folders: &Folders, root: &Path, relative: &Path) -> NearFile {
    let mut found = vec![PathBuf::new()];
    for part in relative {
        let mut next = Vec::new();
        for folder in &found {
            if fs::symlink_metadata(root.join(folder).join(part)).is_ok() {
                next.push(folder.join(part));
                continue;
            }
            let names = folders.names(root, &root.join(folder));
            let near = names.get(&folded(&part.to_string_lossy()));
            next.extend(near.into_iter().flatten().map(|name| folder.join(name)));
        }
        found = next;
    }
    found.sort();
    match (found.pop(), found.is_empty()) {
        (None, _) => NearFile::None,
        (Some(one), true) => NearFile::One(one),
        (Some(last), false) => {
            found.push(last);
            found.truncate(MOST);
            NearFile::Several(found)
        }
    }
}

fn folded(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_of_nearly_that_name_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = &folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("Files")).unwrap();
        for name in [
            "Files/Report.PDF",
            "Files/Счёт.txt",
            "Files/a.txt",
            "Files/A.TXT",
        ] {
            fs::write(root.join(name), "x").unwrap();
        }
        let folders = Folders::default();
        let near = |path: &str| near_file(&folders, root, Path::new(path));
        let one = |path: &str| NearFile::One(path.into());
        assert_eq!(near("files/report.pdf"), one("Files/Report.PDF"));
        assert_eq!(near("Files/Report.PDF\u{a0}"), one("Files/Report.PDF"));
        let decomposed: String = "Files/Счёт.txt".nfd().collect();
        assert_eq!(near(&decomposed), one("Files/Счёт.txt"));
        assert_eq!(near("Files/b.txt"), NearFile::None);
        assert_eq!(near("none/b.txt"), NearFile::None);
        let several = NearFile::Several(vec!["Files/A.TXT".into(), "Files/a.txt".into()]);
        assert_eq!(near("files/a.Txt"), several);
    }
}
