//! Claims and settlements: the one transaction on which the promise rests.

use std::sync::Arc;

use rusqlite::{CachedStatement, Transaction, params};

use crate::planted::{self, Bug};
use crate::post::{ContentHash, Entity, RowKey};

use super::readback::{Witness, keep_witness};
use super::transact::Refusal;
use super::{Ledger, LedgerError, State};

/// A request that is about to be sent, with the rows in it.
#[derive(Clone, Debug)]
pub struct BatchStart {
    pub id: i64,
    /// The method of the request itself: `batch`, or the target's own.
    pub method: &'static str,
    /// Now, by the portal's clock, if that is known; Unix milliseconds.
    pub portal_time: Option<i64>,
    pub authorship: Authorship,
    /// Bytes of the whole encoded body.
    pub body_bytes: u64,
    pub claims: Vec<Arc<Claim>>,
}

/// Who the posts of a request will be by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorship {
    /// The author that their calls name.
    AsNamed,
    /// That one or this user; nobody has seen which.
    AsNamedOr(u64),
    /// This user, whatever their calls say.
    By(u64),
}

impl Authorship {
    /// Author and other possible author of a post whose call names `author`.
    fn of(self, author: u64) -> (u64, Option<u64>) {
        match self {
            Authorship::AsNamed => (author, None),
            Authorship::AsNamedOr(user) => (author, (user != author).then_some(user)),
            Authorship::By(user) => (user, None),
        }
    }
}

/// A row that is about to be sent, and what is needed to find it again.
#[derive(Clone, Debug)]
pub struct Claim {
    pub key: RowKey,
    pub row_number: u64,
    pub external_id: Option<String>,
    pub content: ContentHash,
    pub attachment_bytes: u64,
    pub entity: Option<Entity>,
    pub author_id: u64,
    /// When it was due; Unix milliseconds.
    pub publish_at: Option<i64>,
    /// Hash of title and message alone, by which rows that say the same are known.
    pub message_hash: ContentHash,
    /// Hash by which the text as sent is known again.
    pub text_hash: ContentHash,
    /// Who sees the post, where that can be read; see [`Witness`].
    pub reach: Option<u64>,
    /// How many files go along.
    pub files: u64,
    /// The beginning of the text, for people.
    pub excerpt: String,
}

/// A request that has come to an end.
#[derive(Clone, Debug)]
pub struct BatchEnd {
    pub id: i64,
    pub outcome: &'static str,
    pub settled: Vec<Settle>,
    /// The newest post of each reach among them.
    pub witnesses: Vec<Witness>,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    pub key: RowKey,
    pub settlement: Settlement,
}

/// The ways out of `sending`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    Posted {
        remote_id: u64,
    },
    Failed {
        code: String,
        message: String,
    },
    InDoubt {
        code: String,
        message: String,
    },
    /// Not executed; to be sent again.
    Pending,
    /// Not executed, and its attachment has gone or changed: as `pending` in the ledger.
    Unsendable,
}

/// One transaction: what has ended, and what may be sent after it.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    pub ended: Vec<BatchEnd>,
    pub started: Vec<BatchStart>,
    /// Unix milliseconds.
    pub at: i64,
}

/// What a transaction found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Rows whose ID another row of this target already has; kept as in doubt. The portal, or we,
    /// mixed something up: the run must stop.
    pub id_taken: Vec<(RowKey, u64)>,
}

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
) -> Result<(), Refusal> {
    transaction
        .prepare_cached("UPDATE batches SET answered_at = ?2, outcome = ?3 WHERE id = ?1")?
        .execute(params![batch.id, at, batch.outcome])?;
    let mut writing = Settling::new(transaction, at)?;
    for Settle { key, settlement } in &batch.settled {
        match (writing.settle(key, settlement.clone().into()), settlement) {
            (Err(Refusal::Sql(cause)), Settlement::Posted { remote_id }) if is_taken(&cause) => {
                committed.id_taken.push((key.clone(), *remote_id));
                let message = format!("the portal answered ID {remote_id}, which another row has");
                writing.settle(key, Settled::doubt("id_taken".to_owned(), message))?;
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
struct Settled {
    state: State,
    remote_id: Option<u64>,
    /// Code and message.
    error: Option<(String, String)>,
}

impl Settled {
    fn doubt(code: String, message: String) -> Settled {
        Settled {
            state: State::InDoubt,
            remote_id: None,
            error: Some((code, message)),
        }
    }
}

impl From<Settlement> for Settled {
    fn from(settlement: Settlement) -> Settled {
        let (state, remote_id, error) = match settlement {
            Settlement::Posted { remote_id } => (State::Posted, Some(remote_id), None),
            Settlement::Failed { code, message } => (State::Failed, None, Some((code, message))),
            Settlement::InDoubt { code, message } => return Settled::doubt(code, message),
            Settlement::Pending | Settlement::Unsendable => (State::Pending, None, None),
        };
        Settled {
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
struct Settling<'t> {
    update: CachedStatement<'t>,
    forget: CachedStatement<'t>,
    at: i64,
}

impl<'t> Settling<'t> {
    fn new(transaction: &'t Transaction<'_>, at: i64) -> rusqlite::Result<Settling<'t>> {
        Ok(Settling {
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
    fn settle(&mut self, key: &RowKey, settled: Settled) -> Result<(), Refusal> {
        let Settled {
            state,
            remote_id,
            error,
        } = settled;
        let (code, message) = error.unzip();
        let row = params![key.as_str(), state, remote_id, code, message, self.at];
        if self.update.execute(row)? != 1 {
            return Err(Refusal::NotSending(key.to_string()));
        }
        if state != State::InDoubt || planted::is(Bug::ClaimDroppedEarly) {
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
) -> Result<(), Refusal> {
    transaction
        .prepare_cached(
            "INSERT INTO batches (id, run_id, method, commands, sent_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![batch.id, run, batch.method, batch.claims.len(), at])?;
    let mut claiming = Claiming::new(transaction, run, target, batch, at)?;
    for claim in &batch.claims {
        if !claiming.claim_row(claim)? {
            return Err(Refusal::NotClaimable(claim.key.to_string()));
        }
        claiming.keep(claim)?;
    }
    Ok(())
}

/// The statements that claim rows, looked up once for a request.
struct Claiming<'t> {
    row: CachedStatement<'t>,
    claim: CachedStatement<'t>,
    run: i64,
    target: &'t str,
    batch: &'t BatchStart,
    baseline: Option<u64>,
    at: i64,
}

impl<'t> Claiming<'t> {
    fn new(
        transaction: &'t Transaction<'_>,
        run: i64,
        target: &'t str,
        batch: &'t BatchStart,
        at: i64,
    ) -> rusqlite::Result<Claiming<'t>> {
        Ok(Claiming {
            row: transaction.prepare_cached(
                "INSERT INTO rows (row_key, row_number, external_id, target, state, content_hash,
                     attachment_bytes, run_id, batch_id, updated_at, message_hash, text_hash,
                     entity_type, entity_id, author_id, files, publish_at, attempts)
                 VALUES (?1, ?2, ?3, ?4, 'sending', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     ?15, ?16, 1)
                 ON CONFLICT (row_key) DO UPDATE SET
                     row_number = ?2, external_id = ?3, target = ?4, state = 'sending',
                     content_hash = ?5, attachment_bytes = ?6, run_id = ?7, batch_id = ?8,
                     updated_at = ?9, message_hash = ?10, text_hash = ?11, entity_type = ?12,
                     entity_id = ?13, author_id = ?14, files = ?15, publish_at = ?16,
                     attempts = attempts + 1, source_hash = NULL, error_code = NULL,
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
            claim.publish_at
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
