//! Which portal a ledger belongs to, and who posted last.

use rusqlite::{OptionalExtension, params};

use super::{Ledger, LedgerError};

/// What the ledger is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// The portal's host, with `#` and its `member_id` where that is known; or the identity of a
    /// sandbox's store.
    pub portal: Option<String>,
    /// The user of the last run.
    pub user_id: Option<u64>,
}

/// Whether two identities are of one portal: the same host, and no two different `member_id`s.
pub fn is_same_portal(one: &str, other: &str) -> bool {
    match (one.split_once('#'), other.split_once('#')) {
        (Some(one), Some(other)) => one == other,
        (Some((host, _)), None) => host == other,
        (None, Some((host, _))) => host == one,
        (None, None) => one == other,
    }
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
            Some(bound) if !rebind && !is_same_portal(&bound, portal) => {
                Err(LedgerError::OtherPortal {
                    bound,
                    given: portal.to_owned(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Binds the ledger to a portal and remembers the user. A `member_id` that was known and isn't
    /// told this time, as by a webhook, is kept.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn bind(&mut self, portal: &str, user_id: u64) -> Result<(), LedgerError> {
        let portal = match self.binding()?.portal {
            Some(bound) if !portal.contains('#') && is_same_portal(&bound, portal) => bound,
            _ => portal.to_owned(),
        };
        let pairs = [("portal", portal), ("user_id", user_id.to_string())];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_id_counts_where_both_know_it() {
        for (one, other, same) in [
            ("p.example", "p.example", true),
            ("p.example#a", "p.example", true),
            ("p.example", "p.example#a", true),
            ("p.example#a", "p.example#a", true),
            ("p.example#a", "p.example#b", false),
            ("p.example#a", "q.example#a", false),
            ("p.example", "q.example", false),
        ] {
            assert_eq!(is_same_portal(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn a_known_member_is_kept_when_it_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
        for (given, kept) in [
            ("p.example", "p.example"),
            ("p.example#a", "p.example#a"),
            ("p.example", "p.example#a"),
            ("q.example", "q.example"),
        ] {
            ledger.bind(given, 1).unwrap();
            assert_eq!(ledger.binding().unwrap().portal.as_deref(), Some(kept));
        }
    }
}
