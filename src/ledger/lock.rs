//! One run a ledger: an advisory lock on a file of its own beside it.
//!
//! The lock is not on the database file, since closing another handle of that would drop SQLite's
//! own locks; and the lock file is never removed, since another process may be waiting on it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::private_file;

use super::LedgerError;
use super::place::{resolved, with_ending};

/// Held for as long as the value lives; the system frees it when the process dies.
#[derive(Debug)]
pub struct LedgerLock {
    _file: File,
}

impl LedgerLock {
    /// Whether a run holds the ledger at the moment.
    pub fn is_held(ledger: &Path) -> bool {
        let file = File::open(lock_path(ledger));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Takes the lock of the ledger at `ledger`, or says that another run has it.
    ///
    /// # Errors
    /// [`LedgerError::Locked`] when it is taken, [`LedgerError::Lock`] when the file can't be made.
    pub fn take(ledger: &Path) -> Result<LedgerLock, LedgerError> {
        let path = lock_path(ledger);
        let failed = |cause| LedgerError::Lock {
            path: ledger.to_owned(),
            cause,
        };
        let file = private_file::open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(LedgerLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LedgerError::Locked {
                path: ledger.to_owned(),
            }),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }
}

/// Beside the file itself, so that a run by a link meets one by the name.
fn lock_path(ledger: &Path) -> PathBuf {
    with_ending(&resolved(ledger), ".lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_held_by_one_and_left_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("m.csv.ledger.db");
        assert!(!LedgerLock::is_held(&ledger));
        let held = LedgerLock::take(&ledger).unwrap();
        let second = LedgerLock::take(&ledger).unwrap_err();
        assert!(matches!(second, LedgerError::Locked { path } if path == ledger));
        assert!(LedgerLock::is_held(&ledger));
        drop(held);
        assert!(!LedgerLock::is_held(&ledger));
        LedgerLock::take(&ledger).unwrap();
        assert!(folder.path().join("m.csv.ledger.db.lock").exists());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = LedgerLock::take(Path::new("/no/such/folder/x.db")).unwrap_err();
        assert!(
            error.to_string().contains("/no/such/folder/x.db"),
            "{error}"
        );
    }
}
