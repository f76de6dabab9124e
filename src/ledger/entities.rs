//! CRM entities that were found on the portal, so that later runs needn't ask for them again.
//!
//! What one user of one portal can see says nothing of another's, so they are noted with both and
//! forgotten when either changes. That note is kept apart from the binding: a dry run finds
//! entities before the ledger belongs to any portal.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::post::{Entity, EntityKind, EntitySet};

use super::transact::Rollback;
use super::{Ledger, LedgerError, is_same_portal};

/// Who has seen the entities, and where.
#[derive(Clone, Copy, Debug)]
pub struct EntitiesSeenBy<'a> {
    /// The portal, as the ledger is bound to it.
    pub portal: &'a str,
    /// The user whose rights decided what was seen.
    pub user_id: u64,
}

impl Ledger {
    /// The entities that this user has seen on this portal.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn known_entities(&self, seen: EntitiesSeenBy<'_>) -> Result<EntitySet, LedgerError> {
        let failed = |cause| LedgerError::read(&self.path, cause);
        if !is_of(&self.connection, seen).map_err(failed)? {
            return Ok(EntitySet::default());
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT entity_type, entity_id FROM entities")
            .map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut known = EntitySet::default();
        while let Some(row) = rows.next().map_err(failed)? {
            let kind = row.get_ref(0).map_err(failed)?.as_str().ok();
            if let Some(kind) = kind.and_then(EntityKind::parse) {
                let id = row.get(1).map_err(failed)?;
                known.insert(Entity { kind, id });
            }
        }
        Ok(known)
    }

    /// Remembers entities that were found, and forgets those that are gone.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn remember_entities(
        &mut self,
        seen: EntitiesSeenBy<'_>,
        found: &EntitySet,
        gone: &EntitySet,
    ) -> Result<(), LedgerError> {
        self.transact(|transaction| {
            if !is_of(transaction, seen)? {
                forget(transaction)?;
                note(transaction, seen)?;
            }
            for (entities, query) in [
                (
                    found,
                    "INSERT OR IGNORE INTO entities (entity_type, entity_id) VALUES (?1, ?2)",
                ),
                (
                    gone,
                    "DELETE FROM entities WHERE entity_type = ?1 AND entity_id = ?2",
                ),
            ] {
                let mut statement = transaction.prepare_cached(query)?;
                for entity in entities.iter() {
                    statement.execute(params![entity.kind.to_string(), entity.id])?;
                }
            }
            Ok(())
        })
    }

    /// Forgets every entity.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn forget_entities(&mut self) -> Result<(), LedgerError> {
        self.transact(forget)
    }
}

fn forget(transaction: &Transaction<'_>) -> Result<(), Rollback> {
    transaction.execute("DELETE FROM entities", [])?;
    Ok(())
}

fn note(transaction: &Transaction<'_>, seen: EntitiesSeenBy<'_>) -> Result<(), Rollback> {
    transaction.execute("DELETE FROM entities_seen_by", [])?;
    transaction.execute(
        "INSERT INTO entities_seen_by (portal, user_id) VALUES (?1, ?2)",
        params![seen.portal, seen.user_id],
    )?;
    Ok(())
}

fn is_of(connection: &rusqlite::Connection, seen: EntitiesSeenBy<'_>) -> rusqlite::Result<bool> {
    let query = "SELECT portal, user_id FROM entities_seen_by";
    let noted: Option<(String, u64)> = connection
        .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(noted.is_some_and(|(portal, user_id)| {
        user_id == seen.user_id && is_same_portal(&portal, seen.portal)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: EntitiesSeenBy<'_> = EntitiesSeenBy {
        portal: "p.example",
        user_id: 1,
    };

    fn deals(ids: &[u64]) -> EntitySet {
        let deal = |id: &u64| Entity {
            kind: EntityKind::Deal,
            id: *id,
        };
        ids.iter().map(deal).collect()
    }

    #[test]
    fn records_are_known_to_their_finder_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
        let nothing = EntitySet::default();
        assert_eq!(ledger.known_entities(ANN).unwrap(), nothing);
        let mut found = deals(&[1, 2, 3]);
        found.insert(Entity {
            kind: EntityKind::Dynamic(131),
            id: 1,
        });
        ledger.remember_entities(ANN, &found, &nothing).unwrap();
        assert_eq!(ledger.known_entities(ANN).unwrap(), found);
        assert_eq!(ledger.binding().unwrap().portal, None, "nothing is bound");
        for other in [
            EntitiesSeenBy { user_id: 2, ..ANN },
            EntitiesSeenBy {
                portal: "q.example",
                ..ANN
            },
        ] {
            assert_eq!(ledger.known_entities(other).unwrap(), nothing);
        }
        let more = deals(&[3, 4]);
        ledger.remember_entities(ANN, &more, &deals(&[1])).unwrap();
        assert_eq!(ledger.known_entities(ANN).unwrap().len(), 4);
        let bo = EntitiesSeenBy { user_id: 2, ..ANN };
        ledger.remember_entities(bo, &more, &nothing).unwrap();
        assert_eq!(ledger.known_entities(bo).unwrap(), more);
        assert_eq!(ledger.known_entities(ANN).unwrap(), nothing);
        ledger.forget_entities().unwrap();
        assert_eq!(ledger.known_entities(bo).unwrap(), nothing);
    }
}
