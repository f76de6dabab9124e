//! Doubt settled by the user, who has looked at the portal: all that was asked for, or nothing.
//!
//! Only rows in doubt are settled, and rows that were undone may be sent again. Every other state
//! is the ledger's own knowledge, which a mistyped key must not undo; so one wrong request refuses
//! them all.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Transaction, params};

use crate::post::RowKey;

use super::resolve_error::ResolveError;
use super::transact::Rollback;
use super::{Ledger, LedgerError, State};

/// What the user has found out about one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveRequest {
    /// The row's key, or its `external_id` where no key reads like that.
    pub key: String,
    /// What becomes of it.
    pub resolution: Resolution,
}

/// The ways out of doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It is on the portal, under this ID.
    Posted {
        /// The portal's ID of the post.
        remote_id: u64,
    },
    /// It is not there: the next import sends it.
    Resend,
}

/// How many rows were settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Rows that are now posted.
    pub posted: u64,
    /// Rows that are now to be sent again.
    pub resent: u64,
}

impl Ledger {
    /// Settles what the user requests, in one durable transaction; with `resend_rest`, every other
    /// row in doubt is sent again. A row named twice in the same way counts once.
    ///
    /// # Errors
    /// [`LedgerError::Unresolvable`] when a request doesn't fit what the ledger knows, or when the
    /// ledger can't be written; nothing is changed then.
    pub fn resolve(
        &mut self,
        requests: &[ResolveRequest],
        resend_rest: bool,
        at: i64,
    ) -> Result<Resolved, LedgerError> {
        self.transact(|transaction| {
            let mut resolved = Resolved::default();
            let mut done = BTreeMap::new();
            for ResolveRequest { key, resolution } in requests {
                let row = find(transaction, key)?;
                match done.insert(row.key.clone(), *resolution) {
                    Some(earlier) if earlier == *resolution => continue,
                    Some(_) => return Err(ResolveError::Contradiction { key: row.key }.into()),
                    None => settle(transaction, row, *resolution, at)?,
                }
                match resolution {
                    Resolution::Posted { .. } => resolved.posted += 1,
                    Resolution::Resend => resolved.resent += 1,
                }
            }
            if resend_rest {
                resolved.resent += resend_all(transaction, at)?;
            }
            Ok(resolved)
        })
    }
}

/// A row that is to be settled.
struct StoredRow {
    key: RowKey,
    target: String,
    state: State,
    remote_id: Option<u64>,
}

/// The row of that key; failing that, the row that brought this text as its own ID.
fn find(transaction: &Transaction<'_>, key: &str) -> Result<StoredRow, Rollback> {
    for candidate in [RowKey::stored(key.to_owned()), RowKey::external(key)] {
        let row = transaction
            .prepare_cached("SELECT target, state, remote_id FROM rows WHERE row_key = ?1")?
            .query_row([candidate.as_str()], |row| {
                Ok(StoredRow {
                    key: candidate.clone(),
                    target: row.get(0)?,
                    state: row.get(1)?,
                    remote_id: row.get(2)?,
                })
            })
            .optional()?;
        if let Some(row) = row {
            return Ok(row);
        }
    }
    let key = key.to_owned();
    Err(ResolveError::Unknown { key }.into())
}

/// Settles one row, if it may be.
fn settle(
    transaction: &Transaction<'_>,
    row: StoredRow,
    resolution: Resolution,
    at: i64,
) -> Result<(), Rollback> {
    let (state, remote_id) = match (row.state, resolution) {
        (State::InDoubt, Resolution::Posted { remote_id }) => {
            refuse_taken(transaction, &row, remote_id)?;
            (State::Posted, Some(remote_id))
        }
        (State::InDoubt | State::Undone, Resolution::Resend) => (State::Pending, None),
        _ => {
            return Err(ResolveError::NotInDoubt {
                key: row.key,
                state: row.state,
                remote_id: row.remote_id,
            }
            .into());
        }
    };
    transaction
        .prepare_cached(
            "UPDATE rows SET state = ?2, remote_id = ?3, error_code = NULL, error_message = NULL,
                 updated_at = ?4
             WHERE row_key = ?1",
        )?
        .execute(params![row.key.as_str(), state, remote_id, at])?;
    transaction
        .prepare_cached("DELETE FROM claims WHERE row_key = ?1")?
        .execute([row.key.as_str()])?;
    Ok(())
}

/// Refuses an ID that another row of the same target has.
fn refuse_taken(
    transaction: &Transaction<'_>,
    row: &StoredRow,
    remote_id: u64,
) -> Result<(), Rollback> {
    let owner = transaction
        .prepare_cached("SELECT row_key FROM rows WHERE target = ?1 AND remote_id = ?2")?
        .query_row(params![row.target, remote_id], |row| row.get(0))
        .optional()?;
    match owner {
        None => Ok(()),
        Some(owner) => Err(ResolveError::IdTaken {
            key: row.key.clone(),
            remote_id,
            owner: RowKey::stored(owner),
        }
        .into()),
    }
}

/// Takes every row in doubt back to `pending`; says how many.
fn resend_all(transaction: &Transaction<'_>, at: i64) -> Result<u64, Rollback> {
    transaction.execute(
        "DELETE FROM claims WHERE row_key IN
             (SELECT row_key FROM rows
              WHERE state = 'in_doubt' AND state <> 'posted' AND state <> 'sending')",
        [],
    )?;
    let changed = transaction.execute(
        "UPDATE rows SET state = 'pending', remote_id = NULL, error_code = NULL,
             error_message = NULL, updated_at = ?1
         WHERE state = 'in_doubt' AND state <> 'posted' AND state <> 'sending'",
        [at],
    )?;
    Ok(changed as u64)
}
