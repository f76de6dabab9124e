//! What the sandbox remembers: an SQLite file with the posts as PHP decoded them, their files'
//! hashes, a log of requests, and who the portal is.
//!
//! A post is written before it is answered, so a process that is killed loses no post that a
//! client was told of. Losing power may lose the last ones: this is a rehearsal, not a ledger.

mod error;
mod posts;
mod schema;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::private_file;

use super::post::{NewPost, PostUpdate};
use super::settings::Webhook;
pub use error::StoreError;
use error::sqlite_error;

/// The user whose webhook a store holds: the portal's first administrator.
const WEBHOOK_USER: u64 = 1;

/// One request, the posts it created, and what it then changed and deleted.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// The posts that it created, in order.
    pub posts: Vec<NewPost>,
    /// What it changed, in order.
    pub updated: Vec<PostUpdate>,
    /// The IDs of the posts that it deleted.
    pub deleted: Vec<i64>,
    /// Empty for what was no REST call.
    pub method: String,
    /// The HTTP status of its answer.
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
        private_file::make_for_database(path).map_err(|source| StoreError::File {
            path: path.to_owned(),
            source,
        })?;
        let store = Store::over(Connection::open(path), path)?;
        private_file::tighten_database(path);
        Ok(store)
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

    /// The highest ID that a post ever had; 0 when there was none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last_id(&self) -> Result<i64, StoreError> {
        posts::last_id(&self.connection).map_err(sqlite_error("read", &self.path))
    }

    /// The posts that a method can read back, by ID.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn readable_posts(&self) -> Result<Vec<NewPost>, StoreError> {
        posts::readable(&self.connection).map_err(sqlite_error("read", &self.path))
    }

    /// Writes requests and their posts, all of them or none.
    ///
    /// # Errors
    /// The file cannot be written; nothing of `entries` is stored then.
    pub fn append(&mut self, entries: &[LogEntry]) -> Result<(), StoreError> {
        let failed = sqlite_error("write", &self.path);
        write(&mut self.connection, entries).map_err(failed)
    }
}

fn write(connection: &mut Connection, entries: &[LogEntry]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for entry in entries {
        for post in &entry.posts {
            posts::insert(&transaction, post)?;
        }
        for update in &entry.updated {
            posts::update(&transaction, update)?;
        }
        for id in &entry.deleted {
            posts::delete(&transaction, *id)?;
        }
        transaction
            .prepare_cached("INSERT INTO requests(method, status, received_at) VALUES (?, ?, ?)")?
            .execute(params![
                entry.method,
                entry.status,
                posts::integer(entry.received_at)
            ])?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests;
