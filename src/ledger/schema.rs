//! The tables, and the steps from one version of them to the next.
//!
//! `application_id` marks the file as ours, `user_version` counts the steps taken.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::LedgerError;

/// `b24p` as a number.
const APPLICATION_ID: i64 = 0x6232_3470;

/// One entry a version; never change one that was released, add the next.
const STEPS: &[&str] = &[
    "
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
    outcome TEXT
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

CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    row_key TEXT NOT NULL UNIQUE,       -- x:external_id or h:hash:ordinal
    row_number INTEGER NOT NULL,        -- in the manifest, when the row was last sent
    external_id TEXT,
    target TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('pending', 'sending', 'posted', 'failed', 'in_doubt', 'undone')),
    remote_id INTEGER,
    content_hash BLOB NOT NULL,         -- 128 bits of what the manifest said
    attachment_bytes INTEGER NOT NULL,
    error_code TEXT,
    error_message TEXT,
    attempts INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    left_behind INTEGER NOT NULL DEFAULT 0  -- 1: gone from the manifest, and the user said so
);
CREATE UNIQUE INDEX rows_remote ON rows (target, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX rows_number ON rows (row_number);
CREATE INDEX rows_unsettled ON rows (state) WHERE state <> 'posted';

CREATE TABLE claims (
    row_key TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    text_hash BLOB NOT NULL,            -- 128 bits of the text as sent
    entity_type TEXT,
    entity_id INTEGER,
    author_id INTEGER,                  -- who the post is to be by
    sent_at INTEGER NOT NULL,
    excerpt TEXT NOT NULL
) WITHOUT ROWID;
",
    "
CREATE TABLE records (                  -- of the CRM, found on the portal
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
) WITHOUT ROWID;

CREATE TABLE records_seen_by (          -- one row: whose view of which portal they are
    portal TEXT NOT NULL,
    user_id INTEGER NOT NULL
);
",
    "
ALTER TABLE claims ADD COLUMN reach INTEGER;            -- who sees the post: see witnesses
ALTER TABLE claims ADD COLUMN files INTEGER;
ALTER TABLE claims ADD COLUMN baseline INTEGER;         -- the highest ID known before it was sent
ALTER TABLE claims ADD COLUMN portal_sent_at INTEGER;   -- by the portal's clock

CREATE TABLE witnesses (
    target TEXT NOT NULL,
    reach INTEGER NOT NULL,
    remote_id INTEGER NOT NULL,         -- the newest post of that reach
    entity_type TEXT,
    entity_id INTEGER,
    PRIMARY KEY (target, reach)
) WITHOUT ROWID;
",
    // An index is written for every row that is sent. The rows are walked by id, and those being
    // sent are found by their claims.
    "
DROP INDEX rows_number;
DROP INDEX rows_unsettled;
CREATE INDEX rows_unsettled ON rows (state) WHERE state <> 'posted' AND state <> 'sending';
",
    "
CREATE TABLE seal (                     -- at most one row: see seal.rs
    manifest_hash BLOB NOT NULL,
    manifest_bytes INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    target TEXT NOT NULL
);

-- The table as it was, but for the check on the state: for a list of more than two values SQLite
-- builds a table of its own at every write, which took longer than the write itself.
CREATE TABLE rows_anew (
    id INTEGER PRIMARY KEY,
    row_key TEXT NOT NULL UNIQUE,
    row_number INTEGER NOT NULL,
    external_id TEXT,
    target TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'posted' OR state = 'sending' OR state = 'pending'
        OR state = 'failed' OR state = 'in_doubt' OR state = 'undone'),
    remote_id INTEGER,
    content_hash BLOB NOT NULL,
    attachment_bytes INTEGER NOT NULL,
    error_code TEXT,
    error_message TEXT,
    attempts INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    left_behind INTEGER NOT NULL DEFAULT 0
);
INSERT INTO rows_anew SELECT * FROM rows ORDER BY id;
DROP TABLE rows;
ALTER TABLE rows_anew RENAME TO rows;
CREATE UNIQUE INDEX rows_remote ON rows (target, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX rows_unsettled ON rows (state) WHERE state <> 'posted' AND state <> 'sending';
",
    // Seals so far were of manifests without files.
    "
ALTER TABLE seal ADD COLUMN file_sizes BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
",
];

/// The version that this program writes.
pub const VERSION: i64 = STEPS.len() as i64;

/// Takes the steps that the file has not seen yet.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    if check(connection, path)? == VERSION {
        return Ok(());
    }
    let failed = |cause| LedgerError::write(path, cause);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let version = check(&transaction, path)?;
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
        .and_then(|()| transaction.commit())
        .map_err(failed)
}

/// The file's version; 0 for an empty file.
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
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_of_an_earlier_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.db");
        let old = Connection::open(&path).unwrap();
        for step in &STEPS[..4] {
            old.execute_batch(step).unwrap();
        }
        old.execute_batch(
            "INSERT INTO rows (row_key, row_number, target, state, content_hash,
                 attachment_bytes, attempts, run_id, batch_id, updated_at)
             VALUES ('x:row-of-a-kind', 1, 'timeline', 'posted', x'00', 0, 1, 1, 1, 1)",
        )
        .unwrap();
        old.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        old.pragma_update(None, "user_version", 4).unwrap();
        drop(old);
        let mut bytes = std::fs::read(&path).unwrap();
        let name = b"x:row-of-a-kind";
        let at = bytes.windows(name.len()).position(|part| part == name);
        bytes[at.unwrap() + 2] = b'R';
        std::fs::write(&path, bytes).unwrap();
        let refused = crate::ledger::Ledger::open(&path).unwrap_err();
        assert_eq!(refused.code(), "ledger_damaged");
    }

    #[test]
    fn a_file_of_any_earlier_version_gets_the_later_tables() {
        let count = |connection: &Connection| -> i64 {
            let query = "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'index')";
            connection.query_row(query, [], |row| row.get(0)).unwrap()
        };
        let row = |connection: &Connection| -> (String, String, u64, u64) {
            let query = "SELECT row_key, state, updated_at, left_behind FROM rows";
            let columns =
                |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            connection.query_row(query, [], columns).unwrap()
        };
        let path = Path::new("l.db");
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh, path).unwrap();
        for version in 1..STEPS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            for step in &STEPS[..version] {
                old.execute_batch(step).unwrap();
            }
            let insert = "INSERT INTO rows (row_key, row_number, target, state, content_hash,
                    attachment_bytes, attempts, run_id, batch_id, updated_at, left_behind)
                VALUES ('x:A', 1, 'timeline', 'failed', x'00', 0, 1, 1, 1, 77, 1)";
            old.execute_batch(insert).unwrap();
            old.pragma_update(None, "application_id", APPLICATION_ID)
                .unwrap();
            old.pragma_update(None, "user_version", version as i64)
                .unwrap();
            migrate(&mut old, path).unwrap();
            assert_eq!(check(&old, path).unwrap(), VERSION);
            assert_eq!(count(&old), count(&fresh), "from version {version}");
            assert_eq!(row(&old), ("x:A".into(), "failed".into(), 77, 1));
            let unknown = old.execute_batch("UPDATE rows SET state = 'lost'");
            assert!(unknown.is_err(), "a state that there isn't");
        }
    }
}
