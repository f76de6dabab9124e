//! What the program writes is its user's alone, whatever the umask: customers' words stand in it,
//! and tokens.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command};

use crate::common::{Workspace, finish, wait_until};

/// Starts the binary in the workspace's folder as a shell with this umask does.
fn start(workspace: &Workspace, umask: &str, arguments: &[&str], webhook: Option<&str>) -> Child {
    let mut command = workspace.set_up(Command::new("sh"));
    let script = format!("umask {umask}; exec \"$0\" \"$@\"");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_b24post")])
        .args(arguments)
        .envs(webhook.map(|webhook| ("B24POST_WEBHOOK", webhook)));
    command.spawn().unwrap()
}

/// Names and modes of the files in the folder, the manifest and the register of ledgers left
/// out.
fn modes(workspace: &Workspace) -> Vec<(String, u32)> {
    let entries = fs::read_dir(workspace.path(""))
        .unwrap()
        .map(Result::unwrap);
    let mut modes: Vec<(String, u32)> = entries
        .filter(|entry| entry.file_name() != "m.csv" && entry.file_name() != "state")
        .filter_map(|entry| {
            // SQLite may take its files away at this moment.
            let mode = entry.metadata().ok()?.permissions().mode() & 0o777;
            Some((entry.file_name().into_string().unwrap(), mode))
        })
        .collect();
    modes.sort();
    modes
}

#[track_caller]
fn assert_private(workspace: &Workspace, expected: &[&str]) {
    let modes = modes(workspace);
    for name in expected {
        assert!(
            modes.iter().any(|(found, _)| found == name),
            "no {name} in {modes:?}"
        );
    }
    let wide = modes.iter().filter(|(_, mode)| *mode != 0o600);
    assert_eq!(wide.collect::<Vec<_>>(), Vec::<&(String, u32)>::new());
}

/// A portal that lets a webhook and an application in, and takes some time for each post.
fn slow_portal(workspace: &Workspace, umask: &str) -> (Child, String) {
    let arguments = ["sandbox", "--store", "p.store.db", "--oauth", "o.json"];
    let slow = ["--post-cost", "200ms", "--token-life", "1s"];
    let mut portal = start(workspace, umask, &[&arguments[..], &slow].concat(), None);
    let mut line = String::new();
    let stdout = portal.stdout.as_mut().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    (portal, line.trim().to_owned())
}

const IMPORT: [&str; 5] = ["import", "m.csv", "--yes", "--plan", "self-hosted"];

#[test]
fn files_of_a_run_are_private_while_it_runs_and_after() {
    for umask in ["000", "022"] {
        let workspace = Workspace::new();
        workspace.rows(20);
        let (mut portal, webhook) = slow_portal(&workspace, umask);
        let mut import = start(&workspace, umask, &IMPORT, Some(&webhook));
        wait_until("the log of the ledger", || {
            workspace.path("m.csv.ledger.db-wal").exists()
        });
        let all = [
            "m.csv.ledger.db",
            "m.csv.ledger.db-wal",
            "m.csv.ledger.db-shm",
        ];
        let more = ["m.csv.ledger.db.lock", "p.store.db", "o.json"];
        assert_private(&workspace, &[&all[..], &more].concat());
        import.kill().unwrap();
        import.wait().unwrap();
        portal.kill().unwrap();
        portal.wait().unwrap();
        assert_private(&workspace, &all);
    }
}

#[test]
fn a_refreshed_oauth_file_is_private() {
    let workspace = Workspace::new();
    workspace.rows(20);
    let (mut portal, _) = slow_portal(&workspace, "000");
    fs::set_permissions(workspace.path("o.json"), fs::Permissions::from_mode(0o644)).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let by_token = ["--oauth-file", "o.json"];
    let arguments = [&IMPORT[..], &by_token].concat();
    finish(start(&workspace, "000", &arguments, None)).expect(0);
    portal.kill().unwrap();
    portal.wait().unwrap();
    assert_private(&workspace, &["o.json", "o.json.lock"]);
}

#[test]
fn a_rehearsal_is_private() {
    for umask in ["000", "022"] {
        let workspace = Workspace::new();
        workspace.rows(3);
        let arguments = ["import", "m.csv", "--sandbox"];
        finish(start(&workspace, umask, &arguments, None)).expect(0);
        let files = ["m.csv.sandbox.ledger.db", "m.csv.sandbox.store.db"];
        assert_private(&workspace, &files);
    }
}

#[test]
fn files_of_an_earlier_build_become_private() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let arguments = ["import", "m.csv", "--sandbox"];
    finish(start(&workspace, "022", &arguments, None)).expect(0);
    for (name, _) in modes(&workspace) {
        let wide = fs::Permissions::from_mode(0o664);
        fs::set_permissions(workspace.path(&name), wide).unwrap();
    }
    workspace.rows(4);
    finish(start(&workspace, "022", &arguments, None)).expect(0);
    assert_private(
        &workspace,
        &["m.csv.sandbox.ledger.db", "m.csv.sandbox.store.db"],
    );
}

/// What turns out to be no ledger is somebody else's file, and keeps its mode.
#[test]
fn a_foreign_file_keeps_its_mode() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let foreign = workspace.write("notes.db", "no database, but some lines of text");
    fs::set_permissions(&foreign, fs::Permissions::from_mode(0o664)).unwrap();
    let arguments = ["import", "m.csv", "--sandbox", "--ledger", "notes.db"];
    finish(start(&workspace, "022", &arguments, None)).expect(1);
    let modes = modes(&workspace);
    assert!(modes.contains(&("notes.db".to_owned(), 0o664)), "{modes:?}");
}
