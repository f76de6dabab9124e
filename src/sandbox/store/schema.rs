//! The tables of a store, and what makes it this portal and no other.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::{StoreError, sqlite_error};

/// Raised when the tables change.
const VERSION: &str = "1";

const TABLES: &str = "
    CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE posts(
        id INTEGER PRIMARY KEY,
        method TEXT NOT NULL,
        entity_type INTEGER NOT NULL,
        entity_id INTEGER NOT NULL,
        title TEXT,
        message TEXT NOT NULL,
        audience TEXT NOT NULL,
        author_id INTEGER NOT NULL,
        received_at INTEGER NOT NULL
    );
    CREATE TABLE files(
        post_id INTEGER NOT NULL REFERENCES posts(id),
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (post_id, position)
    ) WITHOUT ROWID;
    CREATE TABLE requests(
        id INTEGER PRIMARY KEY,
        method TEXT NOT NULL,
        status INTEGER NOT NULL,
        received_at INTEGER NOT NULL
    );
";

/// What only posts in the News Feed have, and where the posts are that can be read back: nothing
/// reads those of the CRM feed, of which there may be a million. Stores of before get both when
/// they are opened.
const LATER: &str = "
    CREATE INDEX IF NOT EXISTS readable ON posts(method) WHERE method <> 'crm.livefeedmessage.add';
    CREATE TABLE IF NOT EXISTS news(
        post_id INTEGER PRIMARY KEY REFERENCES posts(id),
        important INTEGER NOT NULL,
        important_until TEXT,
        tags TEXT NOT NULL
    );
";

/// What is written once, when a store is made.
pub(super) struct Meta {
    pub identity: String,
    pub webhook_code: String,
}

/// Makes the tables in an empty database, or sees that they are ours.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<Meta, StoreError> {
    let failed = sqlite_error("open", path);
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .map_err(&failed)?;
    if is_foreign(connection).map_err(&failed)? {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(&failed)?;
    connection
        .pragma_update(None, "synchronous", "NORMAL")
        .map_err(&failed)?;
    // A longer log is written back less often; the answers behind it don't wait for the disk.
    connection
        .pragma_update_and_check(None, "wal_autocheckpoint", 4_096, |_| Ok(()))
        .map_err(&failed)?;
    let transaction = connection.transaction().map_err(&failed)?;
    if !has_table(&transaction, "meta").map_err(&failed)? {
        create(&transaction).map_err(&failed)?;
    }
    let found = value(&transaction, "schema").map_err(&failed)?;
    if found != VERSION {
        return Err(StoreError::Version {
            path: path.to_owned(),
            found,
        });
    }
    transaction.execute_batch(LATER).map_err(&failed)?;
    let meta = read(&transaction).map_err(&failed)?;
    transaction.commit().map_err(&failed)?;
    Ok(meta)
}

/// Whether there are tables, but not those of a store.
fn is_foreign(connection: &Connection) -> rusqlite::Result<bool> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables > 0 && !(has_table(connection, "meta")? && has_table(connection, "requests")?))
}

fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")?
        .exists([name])
}

fn create(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(TABLES)?;
    for (key, value) in [
        ("schema", VERSION.to_owned()),
        ("identity", random_hex()),
        ("webhook_code", random_hex()),
    ] {
        transaction.execute("INSERT INTO meta VALUES (?, ?)", params![key, value])?;
    }
    Ok(())
}

fn read(transaction: &Transaction<'_>) -> rusqlite::Result<Meta> {
    Ok(Meta {
        identity: value(transaction, "identity")?,
        webhook_code: value(transaction, "webhook_code")?,
    })
}

fn value(transaction: &Transaction<'_>, key: &str) -> rusqlite::Result<String> {
    transaction
        .query_row("SELECT value FROM meta WHERE key = ?", [key], |row| {
            row.get(0)
        })
        .optional()
        .map(Option::unwrap_or_default)
}

fn random_hex() -> String {
    format!("{:032x}", rand::random::<u128>())
}
