//! What the groups of tests share: a folder, the real binary in it, and portals to post to.

#![allow(
    dead_code,
    unused_imports,
    reason = "each group of tests uses its own part"
)]

mod run;
mod sandbox;
pub mod stand_in;
mod workspace;

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

pub use run::{Run, assert_counts, count, finish};
pub use sandbox::{Sandbox, Stored, files, posts, sha256};
pub use workspace::{FAST, HEADER, LEDGER, SMALL_BATCHES, TIMELINE, Workspace};

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

/// Sends a signal to a process by the system's own tool.
pub fn signal(process: &Child, name: &str) {
    let status = Command::new("kill")
        .args([format!("-{name}"), process.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Says why a test looks at nothing here.
#[allow(clippy::print_stderr, reason = "a test that is left out says so")]
pub fn skip(why: &str) {
    eprintln!("skipped: {why}");
}

/// Whether a file is there and holds that text.
pub fn file_holds(path: &Path, text: &str) -> bool {
    let content = std::fs::read(path).unwrap_or_default();
    let mut parts = content.windows(text.len());
    parts.any(|part| part == text.as_bytes())
}
