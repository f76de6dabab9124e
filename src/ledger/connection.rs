//! An open ledger: its connection to SQLite, made durable.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::private_file;

use super::{LedgerError, file, place, schema};

/// Pages of the write-ahead log, 16 MiB, after which they are brought into the file. The same pages
/// are written again and again, so a longer log means less writing; SQLite's own 4 MiB cost a run
/// without limits a tenth of its pace.
const LOG_PAGES: i64 = 4_096;

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
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

    fn connect(path: &Path, flags: OpenFlags) -> Result<Ledger, LedgerError> {
        Ok(Ledger {
            connection: file::connect(path, flags)?,
            path: path.to_owned(),
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
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

    /// Reads the whole ledger and holds its indexes against its rows; some seconds for a million.
    /// A damaged key makes a posted row look new, and nothing else would notice.
    ///
    /// # Errors
    /// [`LedgerError::Inconsistent`] with the first fault, or when the ledger can't be read.
    pub fn check_whole(&self) -> Result<(), LedgerError> {
        let fault: String = self
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(|cause| LedgerError::read(&self.path, cause))?;
        if fault == "ok" {
            return Ok(());
        }
        Err(LedgerError::Inconsistent {
            path: self.path.clone(),
            fault,
        })
    }
}
