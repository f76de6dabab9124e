//! What runs have seen of a portal's habits, such as whether it keeps the author of a comment.
//!
//! A portal is updated without a word, so what was seen says how to begin, not what is still true.

use rusqlite::{OptionalExtension, params};

use super::{Ledger, LedgerError};

impl Ledger {
    /// What was last seen of a portal and target under that name.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn portal_trait(
        &self,
        portal: &str,
        target: &str,
        name: &str,
    ) -> Result<Option<String>, LedgerError> {
        self.connection
            .query_row(
                "SELECT value FROM traits WHERE portal = ?1 AND target = ?2 AND name = ?3",
                [portal, target, name],
                |row| row.get(0),
            )
            .optional()
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Keeps what was seen of a portal and target. `at`: Unix milliseconds.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn set_portal_trait(
        &mut self,
        portal: &str,
        target: &str,
        name: &str,
        value: &str,
        at: i64,
    ) -> Result<(), LedgerError> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO traits (portal, target, name, value, seen_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![portal, target, name, value, at],
            )
            .map(drop)
            .map_err(|cause| LedgerError::write(&self.path, cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_a_portal_and_target_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
        let seen = |ledger: &Ledger, portal, target| {
            ledger.portal_trait(portal, target, "keeps_author").unwrap()
        };
        assert_eq!(seen(&ledger, "p.example", "timeline"), None);
        for (value, at) in [("yes", 1), ("no", 2)] {
            ledger
                .set_portal_trait("p.example", "timeline", "keeps_author", value, at)
                .unwrap();
            assert_eq!(
                seen(&ledger, "p.example", "timeline").as_deref(),
                Some(value)
            );
        }
        assert_eq!(seen(&ledger, "q.example", "timeline"), None);
        assert_eq!(seen(&ledger, "p.example", "crm-feed"), None);
    }
}
