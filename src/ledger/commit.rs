//! Claims and settlements: the one transaction on which the promise rests.

use rusqlite::{CachedStatement, Transaction, params};

use crate::post::RowKey;

use super::changes::{BatchEnd, BatchStart, Claim, Commit, Committed, Settle, Settlement};
use super::readback::keep_witness;
use super::transact::Rollback;
use super::{Ledger, LedgerError, State};

impl Ledger {
    /// The number for the next batch.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn next_batch_id(&self) -> Result<i64, LedgerError> {
        self.connection
            .query_row("SELECT coalesce(max(id), 0) + 1 FROM batches", [], |row| {
                row.get(0)
            })
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Settles what has ended and claims what is to be sent, in one durable transaction. Only
    /// after it may the started requests leave.
    ///
    /// # Errors
    /// When the ledger can't be written, or a row to be claimed is not free; nothing of the
    /// transaction holds then.
    pub fn commit(
        &mut self,
        run: i64,
        target: &str,
        commit: &Commit,
    ) -> Result<Committed, LedgerError> {
        self.transact(|transaction| {
            let mut committed = Committed::default();
            for batch in &commit.ended {
                end_batch(transaction, target, batch, commit.at, &mut committed)?;
            }
            for batch in &commit.started {
                start_batch(transaction, run, target, batch, commit.at)?;
            }
            Ok(committed)
        })
    }
}

fn end_batch(
    transaction: &Transaction<'_>,
    target: &str,
    batch: &BatchEnd,
    at: i64,
    committed: &mut Committed,
) -> Result<(), Rollback> {
    transaction
        .prepare_cached("UPDATE batches SET answered_at = ?2, outcome = ?3 WHERE id = ?1")?
        .execute(params![batch.id, at, batch.outcome])?;
    let mut writing = SettleStatements::new(transaction, at)?;
    for Settle { key, settlement } in &batch.settled {
        match (writing.settle(key, settlement.clone().into()), settlement) {
            (Err(Rollback::Sql(cause)), Settlement::Posted { remote_id }) if is_taken(&cause) => {
                committed.id_taken.push((key.clone(), *remote_id));
                let message = format!("the portal answered ID {remote_id}, which another row has");
                writing.settle(key, RowUpdate::doubt("id_taken".to_owned(), message))?;
            }
            (settled, _) => settled?,
        }
    }
    for witness in &batch.witnesses {
        keep_witness(transaction, target, witness)?;
    }
    Ok(())
}

/// What a row is to hold when it has been settled.
struct RowUpdate {
    state: State,
    remote_id: Option<u64>,
    /// Code and message.
    error: Option<(String, String)>,
}

impl RowUpdate {
    fn doubt(code: String, message: String) -> RowUpdate {
        RowUpdate {
            state: State::InDoubt,
            remote_id: None,
            error: Some((code, message)),
        }
    }
}

impl From<Settlement> for RowUpdate {
    fn from(settlement: Settlement) -> RowUpdate {
        let (state, remote_id, error) = match settlement {
            Settlement::Posted { remote_id } => (State::Posted, Some(remote_id), None),
            Settlement::Failed { code, message } => (State::Failed, None, Some((code, message))),
            Settlement::InDoubt { code, message } => return RowUpdate::doubt(code, message),
            Settlement::Pending | Settlement::Unsendable => (State::Pending, None, None),
        };
        RowUpdate {
            state,
            remote_id,
            error,
        }
    }
}

/// Whether the index over target and ID has refused an ID for a second row.
fn is_taken(cause: &rusqlite::Error) -> bool {
    cause
        .sqlite_error()
        .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
}

/// The statements that settle rows, looked up once for all of them.
struct SettleStatements<'t> {
    update: CachedStatement<'t>,
    forget: CachedStatement<'t>,
    at: i64,
}

impl<'t> SettleStatements<'t> {
    fn new(transaction: &'t Transaction<'_>, at: i64) -> rusqlite::Result<SettleStatements<'t>> {
        Ok(SettleStatements {
            update: transaction.prepare_cached(
                "UPDATE rows SET state = ?2, remote_id = ?3, error_code = ?4, error_message = ?5,
                     updated_at = ?6
                 WHERE row_key = ?1 AND state = 'sending'",
            )?,
            forget: transaction.prepare_cached("DELETE FROM claims WHERE row_key = ?1")?,
            at,
        })
    }

    /// Takes a row out of `sending`. Its claim stays only while it is in doubt.
    fn settle(&mut self, key: &RowKey, settled: RowUpdate) -> Result<(), Rollback> {
        let RowUpdate {
            state,
            remote_id,
            error,
        } = settled;
        let (code, message) = error.unzip();
        let row = params![key.as_str(), state, remote_id, code, message, self.at];
        if self.update.execute(row)? != 1 {
            return Err(Rollback::NotSending(key.to_string()));
        }
        if state != State::InDoubt {
            self.forget.execute([key.as_str()])?;
        }
        Ok(())
    }
}

/// Claims the rows of a request.
fn start_batch(
    transaction: &Transaction<'_>,
    run: i64,
    target: &str,
    batch: &BatchStart,
    at: i64,
) -> Result<(), Rollback> {
    transaction
        .prepare_cached(
            "INSERT INTO batches (id, run_id, method, commands, sent_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![batch.id, run, batch.method, batch.claims.len(), at])?;
    let mut claiming = ClaimStatements::new(transaction, run, target, batch, at)?;
    for claim in &batch.claims {
        if !claiming.claim_row(claim)? {
            return Err(Rollback::NotClaimable(claim.key.to_string()));
        }
        claiming.keep(claim)?;
    }
    Ok(())
}

/// The statements that claim rows, looked up once for a request.
struct ClaimStatements<'t> {
    row: CachedStatement<'t>,
    claim: CachedStatement<'t>,
    run: i64,
    target: &'t str,
    batch: &'t BatchStart,
    baseline: Option<u64>,
    at: i64,
}

impl<'t> ClaimStatements<'t> {
    fn new(
        transaction: &'t Transaction<'_>,
        run: i64,
        target: &'t str,
        batch: &'t BatchStart,
        at: i64,
    ) -> rusqlite::Result<ClaimStatements<'t>> {
        Ok(ClaimStatements {
            row: transaction.prepare_cached(
                "INSERT INTO rows (row_key, row_number, external_id, target, state, content_hash,
                     attachment_bytes, run_id, batch_id, updated_at, message_hash, text_hash,
                     entity_type, entity_id, author_id, files, publish_at, source_hash, attempts)
                 VALUES (?1, ?2, ?3, ?4, 'sending', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     ?15, ?16, ?17, 1)
                 ON CONFLICT (row_key) DO UPDATE SET
                     row_number = iif(?18, row_number, ?2), external_id = ?3, target = ?4, state = 'sending',
                     content_hash = ?5, attachment_bytes = ?6, run_id = ?7, batch_id = ?8,
                     updated_at = ?9, message_hash = ?10, text_hash = ?11, entity_type = ?12,
                     entity_id = ?13, author_id = ?14, files = ?15, publish_at = ?16,
                     attempts = attempts + 1, source_hash = iif(?18, source_hash, ?17),
                     error_code = NULL,
                     error_message = NULL
                 WHERE state IN ('pending', 'failed')",
            )?,
            claim: transaction.prepare_cached(
                "INSERT OR REPLACE INTO claims (row_key, target, text_hash, entity_type, entity_id,
                     author_id, sent_at, excerpt, reach, files, baseline, portal_sent_at, body_bytes,
                     other_author_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?,
            run,
            target,
            batch,
            baseline: highest_id(transaction, target)?,
            at,
        })
    }

    /// Moves a row to `sending`; false when its state forbids it.
    fn claim_row(&mut self, claim: &Claim) -> rusqlite::Result<bool> {
        let changed = self.row.execute(params![
            claim.key.as_str(),
            claim.row_number,
            claim.external_id,
            self.target,
            claim.content.0,
            claim.attachment_bytes,
            self.run,
            self.batch.id,
            self.at,
            claim.message_hash.0,
            claim.text_hash.0,
            claim.entity.map(|entity| entity.kind.to_string()),
            claim.entity.map(|entity| entity.id),
            self.batch.authorship.of(claim.author_id).0,
            claim.files,
            claim.publish_at,
            claim.source.map(|hash| hash.0),
            claim.keeps_source
        ])?;
        Ok(changed == 1)
    }

    /// Keeps what is needed to find the row's post again.
    fn keep(&mut self, claim: &Claim) -> rusqlite::Result<()> {
        let (author, other_author) = self.batch.authorship.of(claim.author_id);
        let kept = self.claim.execute(params![
            claim.key.as_str(),
            self.target,
            claim.text_hash.0,
            claim.entity.map(|entity| entity.kind.to_string()),
            claim.entity.map(|entity| entity.id),
            author,
            self.at,
            claim.excerpt,
            claim.reach,
            claim.files,
            self.baseline,
            self.batch.portal_time,
            self.batch.body_bytes,
            other_author
        ]);
        kept.map(drop)
    }
}

/// The highest ID that any row of the target has.
fn highest_id(transaction: &Transaction<'_>, target: &str) -> rusqlite::Result<Option<u64>> {
    transaction
        .prepare_cached(
            "SELECT max(remote_id) FROM rows WHERE target = ?1 AND remote_id IS NOT NULL",
        )?
        .query_row([target], |row| row.get(0))
}
