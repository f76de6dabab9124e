//! What can go wrong with a ledger.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::ResolveError;

/// An error of the ledger. All of them end the run; none is worth an automatic retry.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process holds the lock.
    #[error("another run holds the ledger {}; wait for it to end, or use another ledger with --ledger", path.display())]
    Locked { path: PathBuf },
    #[error("can't lock the ledger {}: {cause}; check that its folder exists and can be written, or, if no row was sent yet, name another place with --ledger", path.display())]
    Lock {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("can't open the ledger {}: {cause}; check that its folder exists and can be written, or, if no row was sent yet, name another place with --ledger", path.display())]
    Open {
        path: PathBuf,
        cause: rusqlite::Error,
    },
    #[error("{} is no b24post ledger. If it was this manifest's ledger, its beginning is damaged: restore a copy, for a new ledger would send every row again. If it is something else, name another place with --ledger", path.display())]
    Foreign { path: PathBuf },
    #[error("the ledger {} is damaged: {cause}; keep the file, restore a copy if there is one, and don't start a new ledger before you know which rows arrived", path.display())]
    Damaged {
        path: PathBuf,
        cause: rusqlite::Error,
    },
    #[error("the ledger {} is damaged: {fault}; keep the file, restore a copy if there is one, and don't start a new ledger before you know which rows arrived", path.display())]
    Inconsistent { path: PathBuf, fault: String },
    /// Nothing is in it, not even a table. This program leaves no such file.
    #[error("the ledger {} is empty, as no ledger ever is, so its content was lost: restore a copy. Only if no row was ever sent with it, remove it and run the same command again", path.display())]
    Empty { path: PathBuf },
    #[error("the ledger {0} is gone, but its log {0}-wal still holds rows: put the ledger back. Only if no row was ever sent with it, remove the log too", path.display())]
    LogAlone { path: PathBuf },
    #[error("the ledger {} can't be written: it is read-only; make it and its folder writable, then run the same command again", path.display())]
    ReadOnly { path: PathBuf },
    #[error("the ledger {} was written by a newer b24post (format {found}, this program knows up to {known}); use the newer program", path.display())]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    /// The manifest was named by a link, and there is a ledger beside the link and one beside the
    /// file.
    #[error("this manifest is a link and has two ledgers: {}, beside the link, and {}, beside the file that it leads to; say which one holds its rows with --ledger", as_typed.display(), of_file.display())]
    Two { as_typed: PathBuf, of_file: PathBuf },
    #[error("the ledger {} has a second name in the file system (a hard link), so that two runs could write to it at once; remove the other name, or make a copy without links in its place", path.display())]
    TwoNames { path: PathBuf },
    #[error("the ledger {} was written by a b24post from before the first release (format {found}, this program knows {known}) and can't be read. Keep it, for it alone knows which rows were posted; begin a new ledger, with --ledger, only if none of its rows was sent or all of them may be posted again", path.display())]
    Older {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error("the ledger {} can't be kept safely: its file system answered journal mode `{mode}` instead of `wal`; move it to a local disk and name that place with --ledger", path.display())]
    NoWal { path: PathBuf, mode: String },
    #[error("the ledger {} can't be written: {cause}; free some space or mend the disk, then run the same command again", path.display())]
    Write {
        path: PathBuf,
        cause: rusqlite::Error,
    },
    #[error("another program holds the ledger {}; close it there, then run the same command again", path.display())]
    Busy { path: PathBuf },
    #[error("the ledger {} can't be read: {cause}", path.display())]
    Read {
        path: PathBuf,
        cause: rusqlite::Error,
    },
    /// A row was about to be claimed that is not free to be sent. A defect, and the run must end.
    #[error(
        "row {key} was about to be sent although the ledger says it must not be; nothing was sent, please report this"
    )]
    NotClaimable { key: String },
    /// A row was about to be settled that is not being sent. A defect, and the run must end.
    #[error(
        "row {key} has an answer although the ledger says it was not being sent; please report this"
    )]
    NotSending { key: String },
    /// A row was about to be settled that is not in doubt. A defect, and the run must end.
    #[error(
        "row {key} was looked for although the ledger says it is not in doubt; please report this"
    )]
    NotInDoubt { key: String },
    #[error(
        "this ledger belongs to the portal {bound}, but the credentials are for {given}; use that portal's own ledger with --ledger, or, if the portal was renamed, say so with --rebind"
    )]
    OtherPortal { bound: String, given: String },
    #[error(transparent)]
    Unresolvable(ResolveError),
}

impl LedgerError {
    pub(super) fn open(path: &Path, cause: rusqlite::Error) -> LedgerError {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => LedgerError::Foreign { path },
            Some(ErrorCode::DatabaseCorrupt) => LedgerError::Damaged { path, cause },
            _ => LedgerError::Open { path, cause },
        }
    }

    pub(super) fn read(path: &Path, cause: rusqlite::Error) -> LedgerError {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt) => LedgerError::Damaged { path, cause },
            None if is_odd_value(&cause) => LedgerError::Damaged { path, cause },
            _ => LedgerError::Read { path, cause },
        }
    }

    pub(super) fn write(path: &Path, cause: rusqlite::Error) -> LedgerError {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt) => LedgerError::Damaged { path, cause },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LedgerError::Busy { path },
            Some(ErrorCode::ReadOnly) => LedgerError::ReadOnly { path },
            _ => LedgerError::Write { path, cause },
        }
    }

    /// A stable name for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            LedgerError::Locked { .. } => "ledger_locked",
            LedgerError::Lock { .. } | LedgerError::Open { .. } => "ledger_open",
            LedgerError::Foreign { .. } => "ledger_foreign",
            LedgerError::Damaged { .. }
            | LedgerError::Inconsistent { .. }
            | LedgerError::Empty { .. }
            | LedgerError::LogAlone { .. } => "ledger_damaged",
            LedgerError::ReadOnly { .. } => "ledger_read_only",
            LedgerError::Newer { .. } => "ledger_newer",
            LedgerError::Two { .. } => "two_ledgers",
            LedgerError::TwoNames { .. } => "ledger_two_names",
            LedgerError::Older { .. } => "ledger_older",
            LedgerError::NoWal { .. } => "ledger_no_wal",
            LedgerError::Busy { .. } => "ledger_busy",
            LedgerError::Write { .. } => "ledger_write",
            LedgerError::Read { .. } => "ledger_read",
            LedgerError::NotClaimable { .. }
            | LedgerError::NotSending { .. }
            | LedgerError::NotInDoubt { .. } => "ledger_state",
            LedgerError::OtherPortal { .. } => "other_portal",
            LedgerError::Unresolvable(error) => error.code(),
        }
    }
}

/// Whether a column holds what this program never writes there.
fn is_odd_value(cause: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(
        cause,
        Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..)
    )
}
