//! The built-in portal as a process of its own, and what it keeps.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::Workspace;

/// A post as the portal keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: u64,
    pub entity: Option<(u64, u64)>,
    pub title: Option<String>,
    pub message: String,
    pub author: u64,
    pub audience: Vec<String>,
}

/// `b24post sandbox` as a process; killed when dropped.
pub struct Sandbox {
    process: Child,
    pub webhook: String,
    pub store: PathBuf,
}

impl Sandbox {
    /// Starts a portal in the workspace's folder, with more options.
    pub fn start(workspace: &Workspace, more: &[&str]) -> Sandbox {
        let store = workspace.path("portal.store.db");
        let arguments = ["sandbox", "--store", store.to_str().unwrap()];
        let mut command = workspace.command(&[&arguments, more].concat());
        let mut process = command.stderr(Stdio::inherit()).spawn().unwrap();
        let mut webhook = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut webhook)
            .unwrap();
        Sandbox {
            process,
            webhook: webhook.trim().to_owned(),
            store,
        }
    }

    /// The secret part of its webhook.
    pub fn code(&self) -> &str {
        let address = self.webhook.trim_end_matches('/');
        address.rsplit('/').next().unwrap()
    }

    /// How many posts it keeps.
    pub fn count(&self) -> u64 {
        self.query("SELECT count(*) FROM posts", |row| row.get(0))[0]
    }

    pub fn posts(&self) -> Vec<Stored> {
        posts(&self.store)
    }

    /// The posts, each text of which is there once; for manifests without equal rows.
    #[track_caller]
    pub fn posts_once(&self) -> Vec<Stored> {
        let posts = self.posts();
        let mut messages: Vec<&str> = posts.iter().map(|post| post.message.as_str()).collect();
        messages.sort_unstable();
        let twice = messages.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None, "posted twice");
        posts
    }

    /// Methods and statuses of all requests, in order.
    pub fn requests(&self) -> Vec<(String, u16)> {
        self.query("SELECT method, status FROM requests ORDER BY id", |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    /// Methods of the requests that came after all questions of the first run, which share one.
    pub fn methods_after_preflight(&self) -> Vec<String> {
        let methods = self.requests().into_iter().map(|(method, _)| method);
        methods.skip(1).collect()
    }

    fn query<T>(
        &self,
        query: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let store = Connection::open(&self.store).unwrap();
        let mut query = store.prepare(query).unwrap();
        query
            .query_map([], read)
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The posts in a store, by ID.
pub fn posts(store: &Path) -> Vec<Stored> {
    let store = Connection::open(store).unwrap();
    let mut query = store
        .prepare(
            "SELECT id, entity_type, entity_id, title, message, audience, author_id FROM posts
             ORDER BY id",
        )
        .unwrap();
    let rows = query.query_map([], |row| {
        let audience: String = row.get(5)?;
        let kind: Option<u64> = row.get(1)?;
        let id: Option<u64> = row.get(2)?;
        Ok(Stored {
            id: row.get(0)?,
            entity: kind.zip(id),
            title: row.get(3)?,
            message: row.get(4)?,
            audience: serde_json::from_str(&audience).unwrap(),
            author: row.get(6)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// Name, size and SHA-256 of each post's files, in order.
pub fn files(store: &Path) -> Vec<(u64, String, u64, String)> {
    let store = Connection::open(store).unwrap();
    let mut query = store
        .prepare("SELECT post_id, name, size, sha256 FROM files ORDER BY post_id, position")
        .unwrap();
    let rows = query.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// SHA-256 in hexadecimal, as the store keeps it.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
