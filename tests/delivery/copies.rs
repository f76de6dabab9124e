//! The same rows under another name, in another folder or another format: they are not posted a
//! second time.

use std::fs;

use crate::common::{LEDGER, Sandbox, Workspace, assert_counts, wait_until};
use crate::scene::{ROWS, Scene};
use rusqlite::Connection;

const ADVICE: [&str; 2] = ["--ledger", "--new-ledger"];

#[test]
fn a_copy_in_another_folder_is_not_posted_again() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts("a/export.csv", &[], &[("posted", 3)]);
    scene.copy("a/export.csv", "b/export.csv");
    let says = [&ADVICE[..], &["a/export.csv.ledger.db"]].concat();
    scene.stops("b/export.csv", &[], "other_ledger", &says);
    // Rows to come don't hide the others, in whatever order they stand.
    scene.write("b/export.csv", &format!("0,deal,1,Zero,U1\n{ROWS}"));
    scene.stops("b/export.csv", &["--limit", "1"], "other_ledger", &says);
    let there = ["--ledger", "a/export.csv.ledger.db"];
    scene.posts(
        "b/export.csv",
        &there,
        &[("posted", 1), ("already_posted", 3)],
    );
    scene.posts("b/export.csv", &["--new-ledger"], &[("posted", 4)]);
    scene.posts("b/export.csv", &[], &[("already_posted", 4)]);
    scene.posts("a/export.csv", &[], &[("already_posted", 3)]);
}

#[test]
fn a_ledger_that_has_rows_of_its_own_is_held_against_the_others_too() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts("a/export.csv", &[], &[("posted", 3)]);
    scene.write("b/export.csv", "7,deal,7,Seven,U1\n");
    scene.posts("b/export.csv", &[], &[("posted", 1)]);
    scene.write("b/export.csv", &format!("7,deal,7,Seven,U1\n{ROWS}"));
    scene.stops(
        "b/export.csv",
        &[],
        "other_ledger",
        &["a/export.csv.ledger.db"],
    );
}

#[test]
fn a_moved_or_renamed_manifest_is_known_again_in_any_format() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts("a/export.csv", &[], &[("posted", 3)]);
    let says = ["a/export.csv.ledger.db"];
    scene.rename("a/export.csv", "c/export.csv");
    scene.stops("c/export.csv", &[], "other_ledger", &says);
    scene.rename("c/export.csv", "a/january.csv");
    scene.stops("a/january.csv", &[], "other_ledger", &says);
    let line = r#"{"external_id":2,"entity_type":"deal","entity_id":"2","message":"Two","audience":["U1"]}"#;
    scene.workspace.write("d/export.jsonl", line);
    scene.stops("d/export.jsonl", &[], "other_ledger", &says);
    // With another audience it is still the same text for the same record.
    scene.write("d/export.csv", "3,deal,3,Three,U2\n");
    scene.stops("d/export.csv", &[], "other_ledger", &says);
}

#[test]
fn a_ledger_that_was_moved_is_found_where_its_last_run_met_it() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts("a/export.csv", &[], &[("posted", 3)]);
    scene.rename("a", "archive");
    scene.posts("archive/export.csv", &[], &[("already_posted", 3)]);
    scene.copy("archive/export.csv", "b/export.csv");
    let says = ["archive/export.csv.ledger.db"];
    scene.stops("b/export.csv", &[], "other_ledger", &says);
}

#[test]
fn a_copy_that_a_spreadsheet_has_robbed_of_its_zeros_is_known() {
    let scene = Scene::new();
    scene.write("a/z.csv", "00123,deal,1,q,U1\n00124,deal,1,r,U1\n");
    scene.posts("a/z.csv", &[], &[("posted", 2)]);
    scene.write("b/z.csv", "123,deal,1,q,U1\n124,deal,1,r,U1\n");
    scene.stops("b/z.csv", &[], "other_ledger", &["a/z.csv.ledger.db"]);
    // The other way round: what was posted had lost them.
    scene.posts("b/z.csv", &["--new-ledger"], &[("posted", 2)]);
    scene.write("c/z.csv", "0123,deal,1,q,U1\n");
    scene.stops("c/z.csv", &[], "other_ledger", &["z.csv.ledger.db"]);
    scene.write("c/z.csv", "0123,deal,1,else,U1\n");
    scene.posts("c/z.csv", &[], &[("posted", 1)]);
}

#[test]
fn a_copy_of_rows_without_ids_is_known_by_what_they_say() {
    let scene = Scene::new();
    scene.write("a/export.csv", ",deal,1,Called,U1\n,deal,1,Called,U1\n");
    scene.posts("a/export.csv", &[], &[("posted", 2)]);
    scene.write("b/export.csv", ",deal,1,Else,U1\n,deal,1,Called,U1\n");
    scene.stops(
        "b/export.csv",
        &[],
        "other_ledger",
        &["a/export.csv.ledger.db"],
    );
    scene.write("b/export.csv", "n1,deal,1,Called,U1\n");
    scene.stops(
        "b/export.csv",
        &[],
        "other_ledger",
        &["a/export.csv.ledger.db"],
    );
}

#[test]
fn a_ledger_begun_with_a_limit_is_found() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts(
        "a/export.csv",
        &["--limit", "1"],
        &[("posted", 1), ("pending", 2)],
    );
    scene.copy("a/export.csv", "b/export.csv");
    scene.stops(
        "b/export.csv",
        &[],
        "other_ledger",
        &["a/export.csv.ledger.db"],
    );
}

#[test]
fn a_ledger_whose_first_run_crashed_is_found() {
    let scene = Scene::with(&["--post-cost", "20s"]);
    scene.write("a/export.csv", ROWS);
    let mut run = scene.start("a/export.csv", &[]);
    let ledger = scene.workspace.path("a/export.csv.ledger.db");
    let claims = || -> u64 {
        let claims = Connection::open(&ledger).and_then(|ledger| {
            ledger.query_row("SELECT count(*) FROM claims", [], |row| row.get(0))
        });
        claims.unwrap_or(0)
    };
    wait_until("a claim", || ledger.exists() && claims() > 0);
    run.kill().unwrap();
    run.wait().unwrap();
    scene.copy("a/export.csv", "b/export.csv");
    scene.refuses(
        "b/export.csv",
        &[],
        "other_ledger",
        &["a/export.csv.ledger.db"],
    );
}

#[test]
fn unrelated_rows_of_the_same_numbers_are_posted() {
    let scene = Scene::new();
    scene.write("a/calls.csv", ROWS);
    scene.posts("a/calls.csv", &[], &[("posted", 3)]);
    let others = "1,deal,1,Uno,U1\n2,deal,9,Two,U1\n3,deal,3,Tres,U1\n";
    scene.write("b/tasks.csv", others);
    scene.posts("b/tasks.csv", &[], &[("posted", 3)]);
    scene.write(
        "a/mails.csv",
        "1,deal,1,Un,U1\n2,deal,9,Deux,U1\n3,deal,3,Trois,U1\n",
    );
    scene.posts("a/mails.csv", &[], &[("posted", 3)]);
    assert_eq!(scene.registered().len(), 3, "{:?}", scene.registered());
}

#[test]
fn the_same_rows_for_another_time_or_another_portal_are_posted() {
    let scene = Scene::new();
    let header = "entity_type,entity_id,message,audience,publish_at\n";
    let row = |day| format!("{header}deal,1,Good morning,U1,2020-01-0{day}T08:00:00Z\n");
    scene.workspace.write("a/monday.csv", row(6));
    scene.posts("a/monday.csv", &[], &[("posted", 1)]);
    scene.workspace.write("b/tuesday.csv", row(7));
    scene.posts("b/tuesday.csv", &[], &[("posted", 1)]);
    scene.workspace.write("c/tuesday.csv", row(7));
    scene.stops(
        "c/tuesday.csv",
        &[],
        "other_ledger",
        &["tuesday.csv.ledger.db"],
    );
    // Another portal, known to the same register.
    let portal = Sandbox::start(&Workspace::new(), &[]);
    let scene = Scene {
        workspace: scene.workspace,
        portal,
    };
    scene.posts("c/tuesday.csv", &[], &[("posted", 1)]);
}

#[test]
fn a_register_that_cannot_be_used_is_a_warning() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.workspace.write("state/b24post", "in the way");
    // What may post a row twice is told with --quiet too.
    let run = scene.import("a/export.csv", &["--quiet"]).expect(0);
    assert!(
        run.stderr.contains("warning:") && run.stderr.contains("ledgers.db"),
        "{}",
        run.stderr
    );
    fs::remove_file(scene.workspace.path("state/b24post")).unwrap();
    scene.workspace.write(
        "state/b24post/ledgers.db",
        "no register at all ".repeat(300),
    );
    scene.write("a/other.csv", "9,deal,9,Nine,U1\n");
    let run = scene.import("a/other.csv", &["--quiet"]).expect(0);
    assert!(
        run.stderr.contains("warning:") && run.stderr.contains("ledgers.db"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_ledger_that_is_gone_or_damaged_holds_nobody_up() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts("a/export.csv", &[], &[("posted", 3)]);
    let ledger = scene.workspace.path("a/export.csv.ledger.db");
    for log in ["-wal", "-shm"] {
        drop(fs::remove_file(format!("{}{log}", ledger.display())));
    }
    fs::write(&ledger, "gone").unwrap();
    scene.write("b/export.csv", "8,deal,8,Eight,U1\n");
    let run = scene.import("b/export.csv", &["--quiet"]).expect(0);
    assert!(
        run.stderr.contains("warning:") && run.stderr.contains("a/export.csv.ledger.db"),
        "{}",
        run.stderr
    );
    fs::remove_file(&ledger).unwrap();
    scene.write("c/export.csv", "7,deal,8,Seven,U1\n");
    let run = scene.import("c/export.csv", &[]).expect(0);
    assert!(
        !run.stderr.contains("a/export.csv.ledger.db"),
        "{}",
        run.stderr
    );
}

#[test]
fn rehearsals_are_not_registered_and_the_register_is_its_users_alone() {
    let scene = Scene::new();
    scene.write("m.csv", ROWS);
    scene.workspace.rehearse(&[]).expect(0);
    assert!(!scene.workspace.path("state").exists());
    let dry = scene.import("m.csv", &["--dry-run"]);
    dry.expect(0);
    assert!(!scene.workspace.path("state").exists());
    scene.posts("m.csv", &[], &[("posted", 3)]);
    assert_eq!(scene.registered().len(), 1);
    #[cfg(unix)]
    for (name, mode) in [
        ("state/b24post", 0o700),
        ("state/b24post/ledgers.db", 0o600),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(scene.workspace.path(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
    }
}

#[test]
fn a_copied_manifest_is_not_posted_again_into_a_new_ledger() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &[]).expect(0);
    let fresh = ["--ledger", "copy.ledger.db"];
    let refused = workspace.import(&portal, &fresh).expect(1).json();
    assert_eq!(refused["error"]["code"], "other_ledger");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(
        message.contains(LEDGER) && message.contains("--new-ledger"),
        "{message}"
    );
    assert_eq!(portal.count(), 3);
    let meant = [&fresh[..], &["--new-ledger"]].concat();
    assert_counts(
        &workspace.import(&portal, &meant).expect(0).json(),
        &[("posted", 3)],
    );
}
