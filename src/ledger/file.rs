//! The ledger's file: made whole or not at all, and refused where it can't be trusted.
//!
//! A new ledger is built under another name and moved into place, so that an empty file under the
//! ledger's name is always a damaged one. Taken for a new ledger it would send every row again.

use std::fs;
use std::io;
use std::path::Path;

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::private_file;

use super::place::{folder_of, with_ending};
use super::{LedgerError, schema};

/// How long a reader's lock is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements that are kept.
const STATEMENTS: usize = 32;

/// Makes the ledger if nothing is there. The caller holds its lock.
pub(super) fn make_if_missing(path: &Path) -> Result<(), LedgerError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            refuse_log_alone(path)?;
            make(path)
        }
        _ => Ok(()),
    }
}

/// Refuses to begin a ledger beside the log of one that is gone: SQLite would mix the two.
fn refuse_log_alone(path: &Path) -> Result<(), LedgerError> {
    match fs::metadata(with_ending(path, "-wal")) {
        Ok(log) if log.is_file() && log.len() > 0 => Err(LedgerError::LogAlone {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

fn make(path: &Path) -> Result<(), LedgerError> {
    let draft = with_ending(path, ".new");
    let failed = |cause| LedgerError::Lock {
        path: path.to_owned(),
        cause,
    };
    drop(private_file::open(&draft).map_err(failed)?);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(&draft, flags)?;
    schema::create(&mut connection, &draft)?;
    connection
        .close()
        .map_err(|(_, cause)| LedgerError::write(&draft, cause))?;
    let moved = fs::rename(&draft, path).and_then(|()| private_file::sync_folder(folder_of(path)));
    moved.map_err(failed)
}

/// Refuses a file without a byte in it, before SQLite takes it for a new database and removes the
/// log that lies beside it.
pub(super) fn refuse_empty(path: &Path) -> Result<(), LedgerError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() == 0 => Err(LedgerError::Empty {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Opens the database.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, LedgerError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |cause| LedgerError::open(path, cause);
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
