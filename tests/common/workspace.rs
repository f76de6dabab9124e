//! A folder of its own for a test, and the real binary in it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Run, Sandbox, finish};

/// The columns of a CSV manifest.
pub const HEADER: &str = "external_id,message,entity_type,entity_id,audience\n";

/// The ledger of the manifest `m.csv`.
pub const LEDGER: &str = "m.csv.ledger.db";

/// Options of an import to a portal without limits, and without anybody who could carry a request
/// out late.
pub const FAST: [&str; 4] = ["--plan", "self-hosted", "--late-execution", "0s"];

/// Options for batches of about ten rows.
pub const SMALL_BATCHES: [&str; 2] = ["--max-batch-bytes", "2KiB"];

pub const TIMELINE: [&str; 2] = ["--target", "timeline"];

/// A row of the ledger: number, state, remote ID, error code.
pub type LedgerRow = (u64, String, Option<u64>, Option<String>);

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
        self.write("m.csv", format!("{HEADER}{rows}"));
    }

    /// The binary, in this folder, without anybody's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.set_up(Command::new(env!("CARGO_BIN_EXE_b24post")));
        command.args(arguments);
        command
    }

    /// A command that starts the binary somehow, so that it runs in this folder.
    pub fn set_up(&self, mut command: Command) -> Command {
        command
            .current_dir(self.folder.path())
            .env_remove("B24POST_WEBHOOK")
            .env("B24POST_STATE_DIR", self.path("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).spawn().unwrap())
    }

    /// Runs it with that webhook in its environment.
    pub fn run_by(&self, webhook: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        finish(command.env("B24POST_WEBHOOK", webhook).spawn().unwrap())
    }

    /// `import m.csv --format json` and more, to that portal.
    pub fn import(&self, portal: &Sandbox, more: &[&str]) -> Run {
        finish(self.start_import(portal, more))
    }

    pub fn start_import(&self, portal: &Sandbox, more: &[&str]) -> Child {
        let mut arguments = vec!["import", "m.csv", "--format", "json", "--yes"];
        if !more.contains(&"--plan") {
            arguments.extend(FAST);
        }
        arguments.extend(more);
        self.command(&arguments)
            .env("B24POST_WEBHOOK", &portal.webhook)
            .spawn()
            .unwrap()
    }

    /// `import m.csv --format json` and more by that webhook; without `--yes`.
    pub fn import_by(&self, webhook: &str, more: &[&str]) -> Run {
        let arguments = [&["import", "m.csv", "--format", "json"], &FAST[..], more];
        self.run_by(webhook, &arguments.concat())
    }

    /// The same of that manifest with the tokens of that OAuth file, agreed to.
    pub fn start_import_by_oauth(&self, manifest: &str, file: &str, more: &[&str]) -> Child {
        let import = ["import", manifest, "--format", "json", "--yes"];
        let arguments = [&import, &["--oauth-file", file][..], &FAST, more].concat();
        self.command(&arguments).spawn().unwrap()
    }

    /// `import m.csv --sandbox --format json` and more.
    pub fn rehearse(&self, more: &[&str]) -> Run {
        let arguments = ["import", "m.csv", "--sandbox", "--format", "json"];
        self.run(&[&arguments, more].concat())
    }

    pub fn open(&self, database: &str) -> Connection {
        Connection::open(self.path(database)).unwrap()
    }

    pub fn ledger(&self, name: &str) -> Vec<LedgerRow> {
        let ledger = self.open(name);
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
