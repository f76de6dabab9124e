//! The tables of a ledger, made all at once.
//!
//! `application_id` marks the file as ours, `user_version` tells which schema it has.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::LedgerError;

/// `b24p` as a number.
const APPLICATION_ID: i64 = 0x6232_3470;

/// The version that this program reads and writes. Those before it were never released.
pub const VERSION: i64 = 7;

/// An index is written for every row that is sent, so there are no more of them than needed: the
/// rows are read in the order of their ids, and those being sent are found by their claims.
const SCHEMA: &str = "
CREATE TABLE binding (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,        -- all times: Unix milliseconds
    ended_at INTEGER,
    target TEXT NOT NULL,
    portal TEXT NOT NULL,
    user_id INTEGER,
    version TEXT NOT NULL,
    outcome TEXT,
    format TEXT,                        -- how the manifest was read, from here on
    encoding TEXT,
    delimiter TEXT,
    sheet TEXT,
    message_format TEXT
);

CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs(id),
    method TEXT NOT NULL,               -- of the request: batch, or the target's own
    commands INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    answered_at INTEGER,
    outcome TEXT                        -- answered, not_executed, not_sent, unknown, blank, stop
);

CREATE TABLE rows (                     -- what each row said when it was last sent, kept for good
    id INTEGER PRIMARY KEY,
    row_key TEXT NOT NULL UNIQUE,       -- x:external_id or h:hash:ordinal
    row_number INTEGER NOT NULL,        -- in the manifest
    external_id TEXT,
    target TEXT NOT NULL,
    -- For a list of more than two values SQLite builds a table of its own at every write, which
    -- takes longer than the write itself.
    state TEXT NOT NULL CHECK (state = 'posted' OR state = 'sending' OR state = 'pending'
        OR state = 'failed' OR state = 'in_doubt' OR state = 'undone'),
    remote_id INTEGER,
    content_hash BLOB NOT NULL,         -- 128 bits of what the manifest said
    source_hash BLOB,                   -- of the record's cells by column, so that a row is known
                                        -- again when the mapping of its columns has changed
    message_hash BLOB NOT NULL,         -- of title and message alone, brought into one form
    text_hash BLOB NOT NULL,            -- of the text as sent, by which the post is known again
    entity_type TEXT,
    entity_id INTEGER,
    author_id INTEGER,                  -- who the post is to be by
    files INTEGER NOT NULL,
    attachment_bytes INTEGER NOT NULL,
    publish_at INTEGER,
    error_code TEXT,
    error_message TEXT,
    attempts INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    left_behind INTEGER NOT NULL DEFAULT 0  -- 1: gone from the manifest, and the user said so
);
CREATE UNIQUE INDEX rows_remote ON rows (target, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX rows_unsettled ON rows (state) WHERE state <> 'posted' AND state <> 'sending';

CREATE TABLE former_keys (              -- names that rows had before another mapping or ID
    row_key TEXT PRIMARY KEY,
    row_id INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE claims (                   -- of rows that are being sent or in doubt
    row_key TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    entity_type TEXT,
    entity_id INTEGER,
    author_id INTEGER,
    other_author_id INTEGER,            -- who it is by where the portal keeps no author
    reach INTEGER,                      -- who sees the post: see witnesses
    files INTEGER,
    body_bytes INTEGER NOT NULL,        -- of the whole request that carries the row
    baseline INTEGER,                   -- the highest ID known before it was sent
    portal_sent_at INTEGER,             -- by the portal's clock
    sent_at INTEGER NOT NULL,
    excerpt TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE deletions (                -- posts that are being deleted
    row_key TEXT PRIMARY KEY,
    remote_id INTEGER NOT NULL,
    sent_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE updates (                  -- posts that are being changed, and into what
    row_key TEXT PRIMARY KEY,
    remote_id INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    text_hash BLOB NOT NULL,
    sent_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE witnesses (
    target TEXT NOT NULL,
    reach INTEGER NOT NULL,
    remote_id INTEGER NOT NULL,         -- the newest post of that reach
    entity_type TEXT,
    entity_id INTEGER,
    PRIMARY KEY (target, reach)
) WITHOUT ROWID;

CREATE TABLE traits (                   -- what runs have seen of a portal: see traits.rs
    portal TEXT NOT NULL,
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (portal, target, name)
) WITHOUT ROWID;

CREATE TABLE entities (                  -- of the CRM, found on the portal
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
) WITHOUT ROWID;

CREATE TABLE entities_seen_by (          -- one row: whose view of which portal they are
    portal TEXT NOT NULL,
    user_id INTEGER NOT NULL
);
";

/// Makes the tables in an empty file, and leaves one that has them as it is.
pub fn create(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    let failed = |cause| LedgerError::write(path, cause);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    if check(&transaction, path)? == VERSION {
        return Ok(());
    }
    transaction
        .execute_batch(SCHEMA)
        .and_then(|()| transaction.pragma_update(None, "application_id", APPLICATION_ID))
        .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
        .and_then(|()| transaction.commit())
        .map_err(failed)
}

/// Refuses every other schema. The file's version; 0 for an empty file.
pub fn check(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let pragma = |name: &str| {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
            .map_err(|cause| LedgerError::open(path, cause))
    };
    let version = pragma("user_version")?;
    let application = pragma("application_id")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|cause| LedgerError::open(path, cause))?;
    if tables == 0 && version == 0 {
        return Ok(0);
    }
    if application != APPLICATION_ID {
        return Err(LedgerError::Foreign {
            path: path.to_owned(),
        });
    }
    if version > VERSION {
        return Err(LedgerError::Newer {
            path: path.to_owned(),
            found: version,
            known: VERSION,
        });
    }
    if version < VERSION {
        return Err(LedgerError::Older {
            path: path.to_owned(),
            found: version,
            known: VERSION,
        });
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_made_once_and_takes_no_state_that_there_is_not() {
        let path = Path::new("l.db");
        let mut fresh = Connection::open_in_memory().unwrap();
        assert_eq!(check(&fresh, path).unwrap(), 0);
        create(&mut fresh, path).unwrap();
        create(&mut fresh, path).unwrap();
        assert_eq!(check(&fresh, path).unwrap(), VERSION);
        let insert = |state| {
            let insert = "INSERT INTO rows (row_key, row_number, target, state, content_hash,
                    message_hash, text_hash, files, attachment_bytes, attempts, run_id, batch_id,
                    updated_at)
                VALUES (?1, 1, 'timeline', ?1, x'00', x'00', x'00', 0, 0, 1, 1, 1, 1)";
            fresh.execute(insert, [state])
        };
        insert("in_doubt").unwrap();
        assert!(insert("lost").is_err());
    }

    #[test]
    fn ledgers_from_before_the_first_release_are_refused_with_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.db");
        for version in 1..VERSION {
            let old = Connection::open(&path).unwrap();
            old.execute_batch("CREATE TABLE IF NOT EXISTS rows (row_key TEXT)")
                .unwrap();
            old.pragma_update(None, "application_id", APPLICATION_ID)
                .unwrap();
            old.pragma_update(None, "user_version", version).unwrap();
            drop(old);
            for refused in [
                crate::ledger::Ledger::open(&path).unwrap_err(),
                crate::ledger::Ledger::open_to_read(&path).unwrap_err(),
            ] {
                assert_eq!(refused.code(), "ledger_older");
                let said = refused.to_string();
                assert!(
                    said.contains("--ledger") && said.contains("only if"),
                    "{said}"
                );
            }
        }
    }
}
