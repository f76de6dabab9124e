//! Which portal a ledger belongs to, and who posted last.

use rusqlite::{OptionalExtension, params};

use super::{Ledger, LedgerError};

/// What the ledger is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// The portal's host, or the identity of a sandbox's store.
    pub portal: Option<String>,
    /// The user of the last run.
    pub user_id: Option<u64>,
}

impl Ledger {
    /// What the ledger is bound to; nothing when it is new.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn binding(&self) -> Result<Binding, LedgerError> {
        let value = |name: &str| {
            self.connection
                .query_row("SELECT value FROM binding WHERE name = ?1", [name], |row| {
                    row.get::<_, String>(0)
                })
                .optional()
                .map_err(|cause| LedgerError::read(&self.path, cause))
        };
        Ok(Binding {
            portal: value("portal")?,
            user_id: value("user_id")?.and_then(|id| id.parse().ok()),
        })
    }

    /// Refuses a ledger of another portal, unless it is to be bound anew.
    ///
    /// # Errors
    /// [`LedgerError::OtherPortal`], or when the ledger can't be read.
    pub fn check_portal(&self, portal: &str, rebind: bool) -> Result<(), LedgerError> {
        match self.binding()?.portal {
            Some(bound) if bound != portal && !rebind => Err(LedgerError::OtherPortal {
                bound,
                given: portal.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Binds the ledger to a portal and remembers the user.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn bind(&mut self, portal: &str, user_id: u64) -> Result<(), LedgerError> {
        let pairs = [
            ("portal", portal.to_owned()),
            ("user_id", user_id.to_string()),
        ];
        let failed = |cause| LedgerError::write(&self.path, cause);
        let transaction = self.connection.transaction().map_err(failed)?;
        for (name, value) in pairs {
            transaction
                .execute(
                    "INSERT INTO binding (name, value) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    params![name, value],
                )
                .map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }
}
