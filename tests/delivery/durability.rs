//! The claim is on the disk before its request leaves, and the settlement before the lane's next
//! one: what the system is asked to do, seen by `strace`. Left out where there is no `strace`.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use crate::common::{SMALL_BATCHES, Sandbox, Workspace, assert_counts, finish, skip};

/// What matters of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Something was written to the ledger's log.
    Written,
    /// A sync of the log has come back.
    Synced,
    /// A request that makes posts begins to leave.
    Post,
}

/// Reads a trace of several threads: a call counts when it begins, a sync when it has come back.
fn read(trace: &str) -> Vec<Seen> {
    let mut syncing: HashMap<&str, bool> = HashMap::new();
    let mut seen = Vec::new();
    for line in trace.lines() {
        let (thread, call) = line.split_once(char::is_whitespace).unwrap();
        let call = call.trim_start();
        let is_sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        let is_log = call.contains(".ledger.db-wal>");
        let makes_posts = call.contains("/batch HTTP/1.1") || call.contains(".add HTTP/1.1");
        let is_back = match () {
            () if is_sync && call.ends_with("<unfinished ...>") => {
                syncing.insert(thread, is_log);
                false
            }
            () if is_sync => is_log,
            () => call.starts_with("<... f") && syncing.remove(thread) == Some(true),
        };
        if is_back {
            assert!(call.ends_with("= 0"), "{line}");
            seen.push(Seen::Synced);
        } else if call.starts_with("pwrite64(") && is_log {
            seen.push(Seen::Written);
        } else if call.contains("POST /rest/") && makes_posts {
            seen.push(Seen::Post);
        }
    }
    seen
}

/// Follows an import of 60 rows on so many lanes; none where that can't be done here.
fn follow(lanes: &str) -> Option<Vec<Seen>> {
    let tried = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    if !tried.is_ok_and(|output| output.status.success()) {
        skip("there is no strace, or it may not trace");
        return None;
    }
    let workspace = Workspace::new();
    workspace.rows(59);
    // This one can't go in a batch.
    let rows = fs::read_to_string(workspace.path("m.csv")).unwrap();
    workspace.write("m.csv", format!("{rows}d,[b]$total[/b],deal,1,U1\n"));
    let portal = Sandbox::start(&workspace, &[]);
    let calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg";
    let run = workspace
        .set_up(Command::new("strace"))
        .args(["-f", "-y", "-s", "200", "-o", "trace", "-e", calls])
        .arg(env!("CARGO_BIN_EXE_b24post"))
        .args(["import", "m.csv", "--format", "json"])
        .args(["--plan", "self-hosted"])
        .args(SMALL_BATCHES)
        .args(["--concurrency", lanes, "--no-record-check"])
        .env("B24POST_WEBHOOK", &portal.webhook)
        .spawn();
    let run = finish(run.unwrap()).expect(0);
    assert_counts(&run.json(), &[("posted", 60)]);
    let trace = fs::read_to_string(workspace.path("trace")).unwrap();
    let mut seen = read(&trace);
    let requests = portal.requests();
    let makes_posts = |method: &str| method == "batch" || method.ends_with(".add");
    let requests = requests.iter().filter(|(method, _)| makes_posts(method));
    let posts = seen.iter().filter(|seen| **seen == Seen::Post).count();
    assert_eq!(posts, requests.count(), "every request is seen to leave");
    assert!(posts > 5, "{posts}");
    // The first is the probe of the preflight, which makes no post.
    let probe = seen.iter().position(|seen| *seen == Seen::Post);
    seen.drain(..=probe.unwrap());
    Some(seen)
}

#[test]
fn on_one_lane_every_write_to_the_log_is_synced_before_the_next_request_leaves() {
    let Some(seen) = follow("1") else { return };
    let mut written = false;
    let mut synced = false;
    for seen in &seen {
        match seen {
            Seen::Written => (written, synced) = (true, false),
            Seen::Synced => synced = true,
            Seen::Post => {
                // What was written since the last request: its settlement, and this one's claim.
                assert!(written, "a request left without a claim");
                assert!(synced, "a request left before its claim was on the disk");
                written = false;
            }
        }
    }
    assert!(written && synced, "the last settlement is on the disk too");
}

#[test]
fn on_many_lanes_no_request_leaves_that_no_sync_stands_before() {
    let Some(seen) = follow("4") else { return };
    // A transaction claims for all free lanes at once, so a sync may stand before up to 4 requests.
    let mut covered = 0;
    for seen in seen {
        match seen {
            Seen::Written => {}
            Seen::Synced => covered = 4,
            Seen::Post => {
                assert!(covered > 0, "a request left that was not claimed durably");
                covered -= 1;
            }
        }
    }
}
