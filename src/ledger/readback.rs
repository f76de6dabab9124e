//! What is needed to look for rows in doubt on the portal, and how what was found is kept.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::post::{ContentHash, Entity, EntityKind, RowKey};

use super::changes::{Settle, Settlement, Witness};
use super::transact::Rollback;
use super::{Ledger, LedgerError, State};

/// A row in doubt, as it was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenClaim {
    /// Its name in the ledger.
    pub key: RowKey,
    /// Its number in the manifest, from 1.
    pub row_number: u64,
    /// The request that carried it last; later ones have higher numbers.
    pub batch: i64,
    /// The name of the target that it was sent to.
    pub target: String,
    /// What the manifest said.
    pub content: ContentHash,
    /// Hash by which the text as sent is recognised on the portal.
    pub text_hash: ContentHash,
    /// The CRM entity that the post belongs to; none in the News Feed.
    pub entity: Option<Entity>,
    /// The user who is its author if the portal keeps whom the call named.
    pub author_id: u64,
    /// Who may be its author instead, where the portal may keep none that is asked for.
    pub other_author_id: Option<u64>,
    /// Who sees it; see [`Witness`].
    pub reach: u64,
    /// How many files went along.
    pub files: u64,
    /// The highest ID that the ledger had of this target before the row was sent.
    pub baseline: Option<u64>,
    /// When it was sent, by the portal's clock; Unix milliseconds.
    pub portal_sent_at: Option<i64>,
    /// When it was sent, by our clock; Unix milliseconds.
    pub sent_at: i64,
    /// Bytes of the whole request that carried it.
    pub body_bytes: u64,
}

impl Ledger {
    /// The rows in doubt whose claims say enough to look for them, in the order in which they were
    /// sent.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn open_claims(&self) -> Result<Vec<OpenClaim>, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT row_key, row_number, claims.target, claims.text_hash, claims.entity_type,
                     claims.entity_id, claims.author_id, reach, claims.files, baseline,
                     portal_sent_at, sent_at, body_bytes, other_author_id,
                     batch_id, content_hash
                 FROM claims CROSS JOIN rows USING (row_key)
                 WHERE state = 'in_doubt' AND reach IS NOT NULL
                 ORDER BY batch_id, row_number",
            )
            .and_then(|mut claims| claims.query_map([], open_claim)?.collect())
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Which of these IDs belong to rows.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn owned(
        &self,
        target: &str,
        ids: impl IntoIterator<Item = u64>,
    ) -> Result<HashSet<u64>, LedgerError> {
        let read = |cause| LedgerError::read(&self.path, cause);
        let mut owner = self
            .connection
            .prepare_cached("SELECT 1 FROM rows WHERE target = ?1 AND remote_id = ?2")
            .map_err(read)?;
        let mut owned = HashSet::new();
        for id in ids {
            if owner.exists(params![target, id]).map_err(read)? {
                owned.insert(id);
            }
        }
        Ok(owned)
    }

    /// A post of that reach that is known to exist.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn witness(&self, target: &str, reach: u64) -> Result<Option<Witness>, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT remote_id, entity_type, entity_id FROM witnesses
                 WHERE target = ?1 AND reach = ?2",
            )
            .and_then(|mut witness| {
                let witness = witness.query_row(params![target, reach], |row| {
                    Ok(Witness {
                        reach,
                        remote_id: row.get(0)?,
                        entity: entity(row.get(1)?, row.get(2)?),
                    })
                });
                witness.optional()
            })
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Keeps what looking for rows in doubt has brought, in one transaction: posted, to be sent
    /// again, or in doubt as before with another message. A post that was found is kept as witness.
    ///
    /// # Errors
    /// When the ledger can't be written, or a row is not in doubt; nothing is kept then.
    pub fn settle_doubts(&mut self, found: &[Settle], at: i64) -> Result<(), LedgerError> {
        self.transact(|transaction| {
            for settle in found {
                if let Settlement::Posted { remote_id } = settle.settlement {
                    keep_found_witness(transaction, &settle.key, remote_id)?;
                }
                settle_doubt(transaction, settle, at)?;
            }
            Ok(())
        })
    }
}

fn settle_doubt(transaction: &Transaction<'_>, settle: &Settle, at: i64) -> Result<(), Rollback> {
    let Settle { key, settlement } = settle;
    let (state, remote_id, error) = match settlement {
        Settlement::Posted { remote_id } => (State::Posted, Some(remote_id), None),
        Settlement::InDoubt { code, message } => (State::InDoubt, None, Some((code, message))),
        Settlement::Failed { code, message } => (State::Failed, None, Some((code, message))),
        Settlement::Pending | Settlement::Unsendable => (State::Pending, None, None),
    };
    let (code, message) = error.unzip();
    let changed = transaction
        .prepare_cached(
            "UPDATE rows SET state = ?2, remote_id = ?3, error_code = ?4, error_message = ?5,
                 updated_at = ?6
             WHERE row_key = ?1 AND state = 'in_doubt'",
        )?
        .execute(params![key.as_str(), state, remote_id, code, message, at])?;
    if changed != 1 {
        return Err(Rollback::NotInDoubt(key.to_string()));
    }
    if state != State::InDoubt {
        transaction
            .prepare_cached("DELETE FROM claims WHERE row_key = ?1")?
            .execute([key.as_str()])?;
    }
    Ok(())
}

/// Keeps a post that was found as the witness of its reach, in place of the one before.
fn keep_found_witness(
    transaction: &Transaction<'_>,
    key: &RowKey,
    remote_id: u64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO witnesses (target, reach, remote_id, entity_type, entity_id)
             SELECT target, reach, ?2, entity_type, entity_id FROM claims
             WHERE row_key = ?1 AND reach IS NOT NULL",
        )?
        .execute(params![key.as_str(), remote_id])
        .map(drop)
}

/// Keeps a post as the witness of its reach, in place of the one before.
pub(super) fn keep_witness(
    transaction: &Transaction<'_>,
    target: &str,
    witness: &Witness,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO witnesses (target, reach, remote_id, entity_type, entity_id)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            target,
            witness.reach,
            witness.remote_id,
            witness.entity.map(|entity| entity.kind.to_string()),
            witness.entity.map(|entity| entity.id),
        ])
        .map(drop)
}

fn open_claim(row: &Row<'_>) -> rusqlite::Result<OpenClaim> {
    Ok(OpenClaim {
        key: RowKey::stored(row.get(0)?),
        row_number: row.get(1)?,
        target: row.get(2)?,
        text_hash: ContentHash(row.get(3)?),
        entity: entity(row.get(4)?, row.get(5)?),
        author_id: row.get(6)?,
        reach: row.get(7)?,
        files: row.get(8)?,
        baseline: row.get(9)?,
        portal_sent_at: row.get(10)?,
        sent_at: row.get(11)?,
        body_bytes: row.get(12)?,
        other_author_id: row.get(13)?,
        batch: row.get(14)?,
        content: ContentHash(row.get(15)?),
    })
}

pub(super) fn entity(kind: Option<String>, id: Option<u64>) -> Option<Entity> {
    let kind = EntityKind::parse(&kind?)?;
    Some(Entity { kind, id: id? })
}
