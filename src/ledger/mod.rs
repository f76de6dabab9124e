//! What is known of every row: an SQLite file beside the manifest.
//!
//! The promise rests on two rules. A row is durably `sending` before the first byte of its request
//! leaves, and durably settled before its lane sends again; [`Ledger::commit`] does both for many
//! rows in one transaction. Whatever kills the process, the next start finds in `sending` exactly
//! the rows that may or may not have arrived, and [`Ledger::recover`] makes them `in_doubt`.
//!
//! The ledger is a plain synchronous object: it knows no portal, no thread and no clock of its own.
//! Nothing is written when it is dropped.

mod binding;
mod commit;
mod edits;
mod elsewhere;
mod error;
mod file;
mod lock;
mod place;
mod queries;
mod readback;
mod record;
mod records;
mod register;
mod resolve;
mod runs;
mod schema;
mod traits;
mod transact;
mod vanished;
mod walk;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::private_file;

pub use binding::{Binding, is_same_portal};
pub use commit::{Authorship, BatchEnd, BatchStart, Claim, Commit, Committed, Settle, Settlement};
pub use elsewhere::{Elsewhere, Newcomer, Newcomers, SentElsewhere};
pub use error::LedgerError;
pub use lock::LedgerLock;
pub use place::beside_manifest;
pub use queries::{Counts, Doubt, Failure, LedgerStatus};
pub use readback::{OpenClaim, Witness};
pub use record::{Record, State};
pub use records::SeenBy;
pub use register::{Register, RegisterError};
pub use resolve::{Order, Resolution, ResolveError, Resolved};
pub use runs::RunStart;
pub use vanished::{Vanished, saying};
pub use walk::Walk;

/// Pages of the write-ahead log, 16 MiB, after which they are brought into the file. The same pages
/// are written again and again, so a longer log means less writing; SQLite's own 4 MiB cost a run
/// without limits a tenth of its pace.
const LOG_PAGES: i64 = 4_096;

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
}

impl Ledger {
    /// Opens the ledger for writing; makes it if it isn't there.
    ///
    /// # Errors
    /// When the file can't be opened, is no ledger or an empty file, has the tables of another
    /// version or a second name, or lies on a file system without write-ahead logging.
    pub fn open(path: &Path) -> Result<Ledger, LedgerError> {
        file::make_if_missing(path)?;
        file::refuse_empty(path)?;
        place::refuse_two_names(path)?;
        let ledger = Ledger::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        ledger.refuse_unfit()?;
        ledger.make_durable()?;
        private_file::tighten_database(path);
        Ok(ledger)
    }

    /// Opens an existing ledger for reading, during a run as well.
    ///
    /// # Errors
    /// As [`Ledger::open`]; a missing file is an error too.
    pub fn open_to_read(path: &Path) -> Result<Ledger, LedgerError> {
        file::refuse_empty(path)?;
        let ledger = Ledger::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
            .or_else(|_| Ledger::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY))?;
        ledger.refuse_unfit()?;
        Ok(ledger)
    }

    /// Refuses what is no ledger, one of another version, or a database without any table.
    fn refuse_unfit(&self) -> Result<(), LedgerError> {
        match schema::check(&self.connection, &self.path)? {
            0 => Err(LedgerError::Empty {
                path: self.path.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Ledger, LedgerError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|cause| LedgerError::open(path, cause))?;
        connection
            .busy_timeout(std::time::Duration::from_secs(5))
            .map_err(|cause| LedgerError::open(path, cause))?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(Ledger {
            connection,
            path: path.to_owned(),
        })
    }

    /// Write-ahead logging, and a sync at every commit: what is committed survives a power cut.
    fn make_durable(&self) -> Result<(), LedgerError> {
        let open = |cause| LedgerError::open(&self.path, cause);
        let mode: String = self
            .connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(open)?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(LedgerError::NoWal {
                path: self.path.clone(),
                mode,
            });
        }
        self.connection
            .pragma_update(None, "synchronous", "FULL")
            .and_then(|()| {
                let log = "wal_autocheckpoint";
                self.connection
                    .pragma_update_and_check(None, log, LOG_PAGES, |_| Ok(()))
            })
            .map_err(open)
    }
}

#[cfg(test)]
mod tests;
