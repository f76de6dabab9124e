//! Disks that are full or may not be written: the run ends, says what it knows, and the next one
//! with room goes on.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::common::{LEDGER, Run, Sandbox, Stored, Workspace, assert_counts, count, finish, skip};

/// A shell in the workspace, with the program as `$B24POST` and its portal in the environment.
fn shell(workspace: &Workspace, portal: &Sandbox, script: &str) -> Command {
    let mut command = workspace.set_up(Command::new("sh"));
    command
        .args(["-c", script])
        .env("B24POST", env!("CARGO_BIN_EXE_b24post"))
        .env("B24POST_WEBHOOK", &portal.webhook);
    command
}

/// Rows that were posted, by the message on stderr: number and ID.
fn in_hand(stderr: &str) -> Vec<(u64, u64)> {
    let lines = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("posted x:r"));
    lines
        .map(|line| {
            let (number, id) = line.split_once('=').unwrap();
            (number.parse().unwrap(), id.parse().unwrap())
        })
        .collect()
}

/// IDs that were printed are the portal's.
fn assert_true(in_hand: &[(u64, u64)], posts: &[Stored]) {
    for (number, id) in in_hand {
        let post = posts.iter().find(|post| post.id == *id).unwrap();
        assert_eq!(post.message, format!("Message {number}"));
    }
}

/// The next run, with room: what was in hand is in doubt, and all else is posted once.
fn assert_goes_on(workspace: &Workspace, portal: &Sandbox, in_doubt: u64, rows: u64) {
    let code = if in_doubt > 0 { 4 } else { 0 };
    let rest = workspace.import(portal, &[]).expect(code).json();
    assert_eq!(count(&rest, "in_doubt"), in_doubt, "{rest}");
    let posted = count(&rest, "posted") + count(&rest, "already_posted");
    assert_eq!(posted + in_doubt, rows, "{rest}");
    portal.posts_once();
}

/// Runs with files limited to so many blocks of 512 bytes.
fn with_small_files(blocks: u32, lanes: &str) {
    let workspace = Workspace::new();
    workspace.rows(1_500);
    let portal = Sandbox::start(&workspace, &[]);
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec $B24POST import m.csv --format json --yes \
         --plan self-hosted --concurrency {lanes}"
    );
    let run = finish(shell(&workspace, &portal, &script).spawn().unwrap()).expect(1);
    let summary = run.json();
    let code = summary["error"]["code"].as_str().unwrap();
    assert_eq!(code, "ledger_write", "{blocks}: {summary}");
    let message = summary["error"]["message"].as_str().unwrap();
    assert!(message.contains("free some space"), "{message}");
    let in_hand = in_hand(&run.stderr);
    let posts = portal.posts_once();
    assert_true(&in_hand, &posts);
    let in_doubt = count(&summary, "in_doubt");
    assert!(in_doubt >= in_hand.len() as u64, "{summary}");
    assert!(posts.len() as u64 <= count(&summary, "posted") + in_doubt);
    if lanes == "1" {
        // Nothing else is under way when the answer can't be recorded, and nothing follows.
        assert_eq!(in_hand.len() as u64, in_doubt, "{blocks}: {summary}");
        assert_eq!(posts.len() as u64, count(&summary, "posted") + in_doubt);
    }
    if workspace.path(LEDGER).exists() {
        let ledger = workspace.ledger(LEDGER);
        let recorded = ledger.iter().filter(|row| row.1 == "posted").count() as u64;
        assert_eq!(count(&summary, "posted"), recorded, "{summary}");
    }
    assert_goes_on(&workspace, &portal, in_doubt, 1_500);
}

#[test]
fn a_ledger_that_cannot_grow_prints_the_ids_in_hand_and_sends_nothing_more() {
    for blocks in [400, 700] {
        with_small_files(blocks, "1");
    }
    with_small_files(500, "6");
}

#[test]
fn a_disk_too_full_to_begin_sends_nothing() {
    for blocks in [0, 20, 60] {
        with_small_files(blocks, "1");
    }
}

/// Two runs with the ledger on a file system of `$SIZE`, which grows between them.
const FULL_THEN_NOT: &str = "
    mount -t tmpfs -o size=$SIZE none small || exit 99
    run() { $B24POST import m.csv --ledger small/l.db --format json --yes --plan self-hosted \
        --concurrency 1 >$1.out 2>$1.err; echo $? >$1.code; }
    run first
    mount -o remount,size=64m none small || exit 98
    run second
    cp small/l.db l.db";

/// How `unshare` has to be asked so that file systems may be mounted below the workspace.
fn may_mount(workspace: &Workspace) -> Option<&'static str> {
    fs::create_dir(workspace.path("small")).unwrap();
    ["-m", "-rm"].into_iter().find(|how| {
        let mut command = Command::new("unshare");
        let mount = command.args([how, "mount", "-t", "tmpfs", "none"]);
        let tried = mount.arg(workspace.path("small")).output();
        tried.is_ok_and(|output| output.status.success())
    })
}

/// Rows whose answers were in hand when a file system of that size was full; none if what did not
/// fit was the claim of the next ones.
fn in_hand_when_full(workspace: &Workspace, how: &str, size: &str) -> usize {
    let portal = Sandbox::start(workspace, &[]);
    let script = format!("exec unshare {how} sh -c '{FULL_THEN_NOT}'");
    let mut both = shell(workspace, &portal, &script);
    finish(both.env("SIZE", size).spawn().unwrap()).expect(0);
    let read = |name: &str| fs::read_to_string(workspace.path(name)).unwrap();
    let run = |name: &str| Run {
        code: read(&format!("{name}.code")).trim().parse().unwrap(),
        stdout: read(&format!("{name}.out")),
        stderr: read(&format!("{name}.err")),
    };
    let first = run("first").expect(1);
    let summary = first.json();
    assert_eq!(summary["error"]["code"], "ledger_write", "{summary}");
    let in_hand = in_hand(&first.stderr);
    assert_eq!(in_hand.len() as u64, count(&summary, "in_doubt"));
    let code = if in_hand.is_empty() { 0 } else { 4 };
    let rest = run("second").expect(code).json();
    assert_eq!(count(&rest, "in_doubt"), in_hand.len() as u64);
    let posts = portal.posts_once();
    assert_eq!(posts.len(), 1_500, "what was in hand is on the portal");
    assert_true(&in_hand, &posts);
    in_hand.len()
}

#[test]
fn a_file_system_without_room_is_the_same_and_the_next_run_goes_on() {
    let mut in_hand = 0;
    for size in ["400k", "410k", "420k"] {
        let workspace = Workspace::new();
        workspace.rows(1_500);
        let Some(how) = may_mount(&workspace) else {
            return skip("no file system may be mounted here");
        };
        in_hand += in_hand_when_full(&workspace, how, size);
    }
    assert!(in_hand > 0, "none of them was full with an answer in hand");
}

/// The program without the superuser's right to write where it may not.
fn import_bound_by_permissions(workspace: &Workspace, portal: &Sandbox) -> Option<Run> {
    let import = "$B24POST import m.csv --format json --yes --plan self-hosted";
    let probe = workspace.write("probe", "");
    fs::set_permissions(&probe, Permissions::from_mode(0o444)).unwrap();
    let bound = "setpriv --bounding-set=-dac_override,-dac_read_search";
    for prefix in ["", bound] {
        let probe = format!("! {prefix} sh -c 'echo x >probe'");
        let probed = shell(workspace, portal, &probe).output().unwrap();
        if probed.status.success() {
            let script = format!("exec {prefix} {import}");
            let run = shell(workspace, portal, &script).spawn().unwrap();
            return Some(finish(run));
        }
    }
    None
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_ledger_or_folder_that_may_not_be_written_is_named_before_anything_is_sent() {
    for (what, file_mode, folder_mode, code) in [
        ("file", 0o444, 0o755, "ledger_read_only"),
        ("folder", 0o644, 0o555, "ledger_open"),
        ("both", 0o444, 0o555, "ledger_open"),
    ] {
        let workspace = Workspace::new();
        workspace.rows(4);
        let portal = Sandbox::start(&workspace, &[]);
        workspace.import(&portal, &["--limit", "2"]).expect(0);
        set_mode(&workspace.path(LEDGER), file_mode);
        workspace.write("probe", "");
        set_mode(&workspace.path("."), folder_mode);
        let run = import_bound_by_permissions(&workspace, &portal);
        set_mode(&workspace.path("."), 0o755);
        set_mode(&workspace.path(LEDGER), 0o644);
        let Some(run) = run else {
            return skip("nothing binds the superuser here");
        };
        let error = &run.expect(1).json()["error"];
        let message = error["message"].as_str().unwrap();
        assert_eq!(error["code"], code, "{what}: {message}");
        assert!(message.contains(LEDGER), "{message}");
        assert!(
            message.contains("writ") && message.contains("folder"),
            "{message}"
        );
        assert_eq!(portal.count(), 2, "{what}");
        let rest = workspace.import(&portal, &[]).expect(0).json();
        assert_counts(&rest, &[("already_posted", 2), ("posted", 2)]);
    }
}

#[test]
fn a_log_that_cannot_be_made_ends_the_run_before_anything_is_sent() {
    for ending in ["-wal", "-shm", ".new", ".lock"] {
        let workspace = Workspace::new();
        workspace.rows(2);
        let portal = Sandbox::start(&workspace, &[]);
        fs::create_dir(workspace.path(&format!("{LEDGER}{ending}"))).unwrap();
        let error = &workspace.import(&portal, &[]).expect(1).json()["error"];
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(LEDGER), "{ending}: {message}");
        assert!(message.contains("folder"), "what to look at: {message}");
        assert_eq!(portal.count(), 0, "{ending}");
        fs::remove_dir(workspace.path(&format!("{LEDGER}{ending}"))).unwrap();
        let run = workspace.import(&portal, &[]).expect(0).json();
        assert_counts(&run, &[("posted", 2)]);
    }
}
