//! Where a ledger lies: one file has one ledger, by whatever name it is reached.
//!
//! Only the last part of a path matters. A link to a folder leads to the same ledger and the same
//! lock by itself.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::LedgerError;

/// The file that belongs to a manifest and has its name with an ending after it. That of a link is
/// the one of the file that it leads to, unless there is one beside the link itself.
///
/// # Errors
/// [`LedgerError::Two`] when both are there.
pub fn beside_manifest(manifest: &Path, ending: &str) -> Result<PathBuf, LedgerError> {
    let ending = [".", ending].concat();
    let as_typed = with_ending(manifest, &ending);
    let file = resolved(manifest);
    if file == manifest {
        return Ok(as_typed);
    }
    let of_file = with_ending(&file, &ending);
    match (fs::canonicalize(&as_typed), fs::canonicalize(&of_file)) {
        (Ok(typed), Ok(file)) if typed != file => Err(LedgerError::Two { as_typed, of_file }),
        (Ok(_), Err(_)) => Ok(as_typed),
        _ => Ok(of_file),
    }
}

/// The file that a path leads to, if it is a link; else the path as it is.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    let file = is_link.then(|| fs::canonicalize(path).ok()).flatten();
    file.unwrap_or_else(|| path.to_owned())
}

/// The path with something after its last part.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(ending);
    PathBuf::from(name)
}

/// The folder of a file, `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Refuses a ledger that has a second name in the file system: a run by each name would write to
/// it under a lock and a log of its own.
pub(super) fn refuse_two_names(path: &Path) -> Result<(), LedgerError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && names(&metadata) > 1 => Err(LedgerError::TwoNames {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

/// The standard library doesn't tell it here.
#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_leads_to_the_ledger_of_its_file_unless_it_has_one() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| fs::canonicalize(folder.path()).unwrap().join(name);
        let ledger = |name: &str| beside_manifest(&at(name), "ledger.db");
        fs::write(at("m.csv"), "").unwrap();
        symlink(at("m.csv"), at("link.csv")).unwrap();
        symlink(at("link.csv"), at("second.csv")).unwrap();
        symlink(at("none.csv"), at("broken.csv")).unwrap();
        assert_eq!(ledger("m.csv").unwrap(), at("m.csv.ledger.db"));
        assert_eq!(ledger("gone.csv").unwrap(), at("gone.csv.ledger.db"));
        assert_eq!(ledger("broken.csv").unwrap(), at("broken.csv.ledger.db"));
        for link in ["link.csv", "second.csv"] {
            assert_eq!(ledger(link).unwrap(), at("m.csv.ledger.db"));
        }
        fs::write(at("link.csv.ledger.db"), "").unwrap();
        assert_eq!(ledger("link.csv").unwrap(), at("link.csv.ledger.db"));
        symlink(at("link.csv.ledger.db"), at("m.csv.ledger.db")).unwrap();
        assert_eq!(ledger("link.csv").unwrap(), at("m.csv.ledger.db"));
        fs::remove_file(at("m.csv.ledger.db")).unwrap();
        fs::write(at("m.csv.ledger.db"), "").unwrap();
        let two = ledger("link.csv").unwrap_err();
        assert!(matches!(two, LedgerError::Two { .. }), "{two}");
    }
}
