//! The user's register of ledgers: which there are, of which portal. By it rows are recognised that
//! were posted from another folder.
//!
//! A ledger enters it before its first row is claimed, and never leaves it. It holds no rows, so a
//! register that is lost costs a safeguard and nothing else.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::private_file;

use super::is_same_portal;
use super::place::folder_of;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS ledgers (
    path TEXT NOT NULL,
    portal TEXT NOT NULL,
    port INTEGER NOT NULL,              -- of a portal on this machine; else 0
    target TEXT NOT NULL,
    noted_at INTEGER NOT NULL,          -- Unix milliseconds
    PRIMARY KEY (path, portal, port, target)
) WITHOUT ROWID;
";

/// How long another run may hold the register.
const PATIENCE: Duration = Duration::from_secs(5);

/// A register that can't be read or written. Worth a warning, and no more.
#[derive(Debug, thiserror::Error)]
#[error("the register of ledgers {} can't be used: {cause}", path.display())]
pub struct RegisterError {
    path: PathBuf,
    cause: RegisterFault,
}

#[derive(Debug, thiserror::Error)]
enum RegisterFault {
    #[error(transparent)]
    File(#[from] io::Error),
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error("the ledger's path {} is no Unicode", .0.display())]
    Path(PathBuf),
}

/// Where the register is; the file may not be there yet.
#[derive(Clone, Debug)]
pub struct Register {
    path: PathBuf,
    /// The port of the run's portal if that is on this machine, where each port is a portal of its
    /// own; else 0.
    port: u16,
}

impl Register {
    /// The register in a folder for programs' state.
    pub fn in_folder(state: &Path) -> Register {
        Register {
            path: state.join("b24post").join("ledgers.db"),
            port: 0,
        }
    }

    /// The same register for a run to a portal on this machine, on that port.
    pub fn on_port(self, port: Option<u16>) -> Register {
        Register {
            port: port.unwrap_or(0),
            ..self
        }
    }

    /// Notes that a ledger has, or is about to have, rows of a portal and target. It is durable
    /// when this returns. `at`: Unix milliseconds.
    ///
    /// # Errors
    /// When the register can't be read or written.
    pub fn note(
        &self,
        ledger: &Path,
        portal: &str,
        target: &str,
        at: i64,
    ) -> Result<(), RegisterError> {
        self.try_note(ledger, portal, target, at)
            .map_err(|cause| self.error(cause))
    }

    fn try_note(
        &self,
        ledger: &Path,
        portal: &str,
        target: &str,
        at: i64,
    ) -> Result<(), RegisterFault> {
        let ledger = fs::canonicalize(ledger)?;
        let Some(name) = ledger.to_str() else {
            return Err(RegisterFault::Path(ledger));
        };
        self.make_private()?;
        let register = self.open()?;
        register.execute_batch(SCHEMA)?;
        let entry = params![name, portal, self.port, target];
        let known = "SELECT 1 FROM ledgers
             WHERE path = ?1 AND portal = ?2 AND port = ?3 AND target = ?4";
        let known = register.query_row(known, entry, |_| Ok(()));
        if known.optional()?.is_none() {
            register.execute(
                "INSERT OR IGNORE INTO ledgers (path, portal, port, target, noted_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![name, portal, self.port, target, at],
            )?;
        }
        Ok(())
    }

    /// The ledgers that have had rows of a portal, by their paths.
    ///
    /// # Errors
    /// When the register can't be read. One that isn't there knows of none.
    pub fn ledgers(&self, portal: &str) -> Result<Vec<PathBuf>, RegisterError> {
        if fs::symlink_metadata(&self.path).is_err_and(|error| is_absent(&error)) {
            return Ok(Vec::new());
        }
        let read = || -> Result<Vec<PathBuf>, RegisterFault> {
            let register = self.open()?;
            // A run that is beginning it may not have come so far, or died before.
            if !register.table_exists(None, "ledgers")? {
                return Ok(Vec::new());
            }
            let mut query = register
                .prepare("SELECT path, portal FROM ledgers WHERE port = ?1 ORDER BY path")?;
            let rows = query.query_map([self.port], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })?;
            let mut ledgers = Vec::new();
            for row in rows {
                let (path, of) = row?;
                if is_same_portal(&of, portal) {
                    ledgers.push(PathBuf::from(path));
                }
            }
            ledgers.dedup();
            Ok(ledgers)
        };
        read().map_err(|cause| self.error(cause))
    }

    /// SQLite's own rollback journal, since home folders may lie on a network.
    fn open(&self) -> Result<Connection, RegisterFault> {
        let register = Connection::open(&self.path)?;
        register.busy_timeout(PATIENCE)?;
        Ok(register)
    }

    /// Makes the folder and an empty file for its user alone, if they aren't there.
    fn make_private(&self) -> io::Result<()> {
        let folder = folder_of(&self.path);
        let mut maker = DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            maker.mode(0o700);
        }
        if !folder.is_dir() {
            maker.recursive(true).create(folder)?;
            private_file::sync_folder(folder_of(folder))?;
        }
        if !self.path.exists() {
            private_file::make_for_database(&self.path)?;
            private_file::sync_folder(folder)?;
        }
        Ok(())
    }

    fn error(&self, cause: RegisterFault) -> RegisterError {
        RegisterError {
            path: self.path.clone(),
            cause,
        }
    }
}

/// Whether nothing is there, nor any folder that could hold it.
fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_begin_the_register_at_once_all_enter_it() {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::in_folder(folder.path());
        let ledger = |number| folder.path().join(format!("{number}.db"));
        std::thread::scope(|scope| {
            for number in 0..8 {
                let (register, ledger) = (&register, ledger(number));
                scope.spawn(move || {
                    fs::write(&ledger, "").unwrap();
                    register.ledgers("p.example").unwrap();
                    register.note(&ledger, "p.example", "timeline", 1).unwrap();
                });
            }
        });
        assert_eq!(register.ledgers("p.example").unwrap().len(), 8);
        fs::write(&register.path, "").unwrap();
        assert!(register.ledgers("p.example").unwrap().is_empty());
    }

    #[test]
    fn ledgers_are_found_by_their_portal() {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::in_folder(&folder.path().join("state"));
        assert!(register.ledgers("p.example").unwrap().is_empty());
        assert!(
            !folder.path().join("state").exists(),
            "a look makes nothing"
        );
        let at = |name: &str| fs::canonicalize(folder.path()).unwrap().join(name);
        for name in ["a.db", "b.db"] {
            fs::write(at(name), "").unwrap();
        }
        for (ledger, portal, target) in [
            ("b.db", "p.example#m", "timeline"),
            ("a.db", "p.example", "timeline"),
            ("a.db", "p.example", "crm-feed"),
            ("a.db", "p.example", "timeline"),
            ("a.db", "q.example", "timeline"),
        ] {
            register.note(&at(ledger), portal, target, 1).unwrap();
        }
        let of = |portal| register.ledgers(portal).unwrap();
        assert_eq!(of("p.example"), [at("a.db"), at("b.db")]);
        assert_eq!(of("q.example"), [at("a.db")]);
        assert!(of("r.example").is_empty());
        let here = |port| register.clone().on_port(port);
        let note = here(Some(80)).note(&at("b.db"), "localhost", "timeline", 1);
        note.unwrap();
        let found = [Some(80), Some(81), None].map(|port| here(port).ledgers("localhost").unwrap());
        assert_eq!(found, [vec![at("b.db")], Vec::new(), Vec::new()]);
        let gone = register.note(&at("none.db"), "p.example", "timeline", 1);
        assert!(gone.unwrap_err().to_string().contains("ledgers.db"));
    }
}
