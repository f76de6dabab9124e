//! A folder, the real binary, and the built-in portal as a process of its own.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A client for the built-in portal, which follows no redirect. It never speaks TLS, but can't be made
/// without something that could.
pub fn http_client() -> reqwest::Client {
    let ring = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls)
        .build()
        .unwrap()
}

/// What a finished command left.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Asserts the exit code, showing everything printed if it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Run {
        assert_eq!(
            self.code, code,
            "\n-- stdout\n{}\n-- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// The JSON object on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }
}

/// A summary's count.
#[track_caller]
pub fn count(summary: &Value, name: &str) -> u64 {
    summary[name]
        .as_u64()
        .unwrap_or_else(|| panic!("no {name} in {summary}"))
}

/// Asserts some counts of a summary, that the others are 0, and that all add up.
#[track_caller]
pub fn assert_counts(summary: &Value, expected: &[(&str, u64)]) {
    const COUNTS: [&str; 8] = [
        "posted",
        "already_posted",
        "invalid",
        "failed",
        "in_doubt",
        "not_due",
        "pending",
        "undone",
    ];
    for name in COUNTS {
        let wanted = expected.iter().find(|(known, _)| *known == name);
        assert_eq!(
            count(summary, name),
            wanted.map_or(0, |(_, count)| *count),
            "{name} in {summary}"
        );
    }
    let sum: u64 = COUNTS.iter().map(|name| count(summary, name)).sum();
    assert_eq!(sum, count(summary, "total"), "{summary}");
}

/// A folder of its own for a test.
pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    pub fn new() -> Workspace {
        Workspace {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A manifest `m.csv` of so many rows with their own IDs, five deals in turn.
    pub fn rows(&self, count: usize) {
        let row = |n: usize| format!("r{n},Message {n},deal,{},U1\n", n % 5 + 1);
        let rows: String = (1..=count).map(row).collect();
        let header = "external_id,message,entity_type,entity_id,audience\n";
        self.write("m.csv", format!("{header}{rows}"));
    }

    /// The binary, in this folder, without anybody's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_b24post"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("B24POST_WEBHOOK")
            .env("B24POST_STATE_DIR", self.state_folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Where the binary keeps its register of ledgers, instead of the user's own folder.
    pub fn state_folder(&self) -> PathBuf {
        self.path("state")
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).spawn().unwrap())
    }

    /// `import m.csv --format json` and more, to that portal.
    pub fn import(&self, portal: &Sandbox, more: &[&str]) -> Run {
        finish(self.start_import(portal, more))
    }

    /// `import m.csv --format json --plan self-hosted` and more by that webhook; without `--yes`.
    pub fn import_by(&self, webhook: &str, more: &[&str]) -> Run {
        let arguments = [
            "import",
            "m.csv",
            "--format",
            "json",
            "--plan",
            "self-hosted",
            "--late-execution",
            "0s",
        ];
        let mut command = self.command(&[&arguments, more].concat());
        finish(command.env("B24POST_WEBHOOK", webhook).spawn().unwrap())
    }

    pub fn start_import(&self, portal: &Sandbox, more: &[&str]) -> Child {
        let mut arguments = vec!["import", "m.csv", "--format", "json", "--yes"];
        if !more.contains(&"--plan") {
            arguments.extend(["--plan", "self-hosted", "--late-execution", "0s"]);
        }
        arguments.extend(more);
        self.command(&arguments)
            .env("B24POST_WEBHOOK", &portal.webhook)
            .spawn()
            .unwrap()
    }

    /// `import m.csv --sandbox --format json` and more.
    pub fn rehearse(&self, more: &[&str]) -> Run {
        let arguments = ["import", "m.csv", "--sandbox", "--format", "json"];
        self.run(&[&arguments, more].concat())
    }

    /// The ledger's rows: number, state, remote ID, error code.
    pub fn ledger(&self, name: &str) -> Vec<(u64, String, Option<u64>, Option<String>)> {
        let ledger = Connection::open(self.path(name)).unwrap();
        let mut query = ledger
            .prepare(
                "SELECT row_number, state, remote_id, error_code FROM rows ORDER BY row_number",
            )
            .unwrap();
        let rows = query.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }
}

/// Waits for a command that was started.
pub fn finish(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Waits until something holds; fails after half a minute.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "not in time: {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Says why a test looks at nothing here.
#[allow(clippy::print_stderr, reason = "a test that is left out says so")]
pub fn skip(why: &str) {
    eprintln!("skipped: {why}");
}

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
