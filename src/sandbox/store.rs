//! What the sandbox remembers: an SQLite file with the posts as PHP decoded them, their files'
//! hashes, a log of requests, and who the portal is.
//!
//! A post is written before it is answered, so a process that is killed loses no post that a
//! client was told of. Losing power may lose the last ones: this is a rehearsal, not a ledger.

mod schema;

use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::post::{NewFile, NewPost};
use super::settings::Webhook;

/// The user whose webhook a store holds: the portal's first administrator.
const WEBHOOK_USER: u64 = 1;

/// A store that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{} is an SQLite database, but no store of a sandbox; name another file", .0.display())]
    Foreign(PathBuf),
    #[error("{} was written by another version of b24post (schema {found}); name another file", path.display())]
    Version { path: PathBuf, found: String },
    #[error("cannot {doing} the sandbox store {}: {source}", path.display())]
    Sqlite {
        doing: &'static str,
        path: PathBuf,
        source: rusqlite::Error,
    },
}

/// One request and the posts it created.
#[derive(Clone, Debug)]
pub struct Record {
    pub posts: Vec<NewPost>,
    /// Empty for what was no REST call.
    pub method: String,
    pub status: u16,
    /// Unix time in milliseconds.
    pub received_at: u64,
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    identity: String,
    webhook: Webhook,
}

impl Store {
    /// Opens the store at `path`, or makes a new one there.
    ///
    /// # Errors
    /// The file cannot be opened or written, or it is some other database.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        Store::over(Connection::open(path), path)
    }

    /// A store that vanishes with the process.
    ///
    /// # Errors
    /// SQLite cannot be started.
    pub fn in_memory() -> Result<Store, StoreError> {
        Store::over(Connection::open_in_memory(), Path::new(":memory:"))
    }

    fn over(connection: rusqlite::Result<Connection>, path: &Path) -> Result<Store, StoreError> {
        let failed = sqlite_error("open", path);
        let mut connection = connection.map_err(failed)?;
        let meta = schema::prepare(&mut connection, path)?;
        Ok(Store {
            connection,
            path: path.to_owned(),
            identity: meta.identity,
            webhook: Webhook {
                user_id: WEBHOOK_USER,
                code: meta.webhook_code,
            },
        })
    }

    /// The portal's identity, 128 random bits in hex: it lives as long as the file.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The webhook that the portal lets in, the same at every start.
    pub fn webhook(&self) -> &Webhook {
        &self.webhook
    }

    /// The highest ID of a post; 0 when there is none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_id(&self) -> Result<i64, StoreError> {
        self.connection
            .query_row("SELECT max(id) FROM posts", [], |row| row.get(0))
            .optional()
            .map(|id| id.flatten().unwrap_or(0))
            .map_err(sqlite_error("read", &self.path))
    }

    /// Writes requests and their posts, all of them or none.
    ///
    /// # Errors
    /// The file cannot be written; nothing of `records` is stored then.
    pub fn record(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let failed = sqlite_error("write", &self.path);
        write(&mut self.connection, records).map_err(failed)
    }
}

fn sqlite_error(doing: &'static str, path: &Path) -> impl Fn(rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Sqlite {
        doing,
        path: path.clone(),
        source,
    }
}

fn write(connection: &mut Connection, records: &[Record]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for record in records {
        for post in &record.posts {
            insert_post(&transaction, post)?;
        }
        transaction
            .prepare_cached("INSERT INTO requests(method, status, received_at) VALUES (?, ?, ?)")?
            .execute(params![
                record.method,
                record.status,
                integer(record.received_at)
            ])?;
    }
    transaction.commit()
}

fn insert_post(transaction: &Transaction<'_>, post: &NewPost) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO posts(id, method, entity_type, entity_id, title, message, audience, \
             author_id, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            post.id,
            post.method,
            post.entity_type,
            post.entity_id,
            post.title.as_deref().map(text),
            text(&post.message),
            json_list(&post.audience),
            integer(post.author_id),
            integer(post.received_at),
        ])?;
    for (position, file) in (0i64..).zip(&post.files) {
        insert_file(transaction, post.id, position, file)?;
    }
    Ok(())
}

fn insert_file(
    transaction: &Transaction<'_>,
    post_id: i64,
    position: i64,
    file: &NewFile,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO files(post_id, position, name, size, sha256) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![
            post_id,
            position,
            text(&file.name),
            integer(file.size),
            hex(&file.sha256),
        ])?;
    Ok(())
}

/// Bytes as SQLite text, UTF-8 or not: a portal keeps what PHP handed it.
fn text(bytes: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(bytes))
}

/// SQLite's integers have a sign.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn json_list(codes: &[String]) -> String {
    serde_json::Value::from(codes).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
