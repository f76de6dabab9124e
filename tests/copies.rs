//! The same rows under another name, in another folder or another format, or with other IDs: they
//! are not posted a second time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

mod common;

use std::fs;
use std::process::Child;

use common::{Run, Sandbox, Workspace, assert_counts, count, finish, wait_until};
use rusqlite::Connection;
use serde_json::Value;

const HEADER: &str = "external_id,entity_type,entity_id,message,audience\n";
const ROWS: &str = "1,deal,1,One,U1\n2,deal,2,Two,U1\n3,deal,3,Three,U1\n";

/// Folders with manifests, and a portal to post them to.
struct Scene {
    workspace: Workspace,
    portal: Sandbox,
}

impl Scene {
    fn new() -> Scene {
        Scene::with(&[])
    }

    fn with(portal: &[&str]) -> Scene {
        let workspace = Workspace::new();
        let portal = Sandbox::start(&workspace, portal);
        Scene { workspace, portal }
    }

    /// Writes rows under the usual header.
    fn write(&self, manifest: &str, rows: &str) {
        self.workspace.write(manifest, format!("{HEADER}{rows}"));
    }

    fn copy(&self, from: &str, to: &str) {
        self.workspace
            .write(to, fs::read(self.workspace.path(from)).unwrap());
    }

    fn rename(&self, from: &str, to: &str) {
        let to = self.workspace.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.workspace.path(from), to).unwrap();
    }

    #[cfg(unix)]
    fn link(&self, target: &str, link: &str) {
        std::os::unix::fs::symlink(self.workspace.path(target), self.workspace.path(link)).unwrap();
    }

    fn start(&self, manifest: &str, more: &[&str]) -> Child {
        let arguments = ["import", manifest, "--format", "json", "--yes"];
        let mut command = self.workspace.command(&[&arguments, more].concat());
        command.args(["--plan", "self-hosted"]);
        command.env("B24POST_WEBHOOK", &self.portal.webhook);
        command.spawn().unwrap()
    }

    fn import(&self, manifest: &str, more: &[&str]) -> Run {
        finish(self.start(manifest, more))
    }

    /// Imports it, and asserts the counts.
    #[track_caller]
    fn posts(&self, manifest: &str, more: &[&str], counts: &[(&str, u64)]) {
        assert_counts(&self.import(manifest, more).expect(0).json(), counts);
    }

    /// Asserts that an import stops and posts nothing, and says all of that.
    #[track_caller]
    fn stops(&self, manifest: &str, more: &[&str], code: &str, says: &[&str]) {
        let before = self.portal.count();
        let run = self.import(manifest, more).expect(1).json();
        assert_eq!(run["error"]["code"], code, "{run}");
        assert_says(&run, says);
        assert_eq!(self.portal.count(), before, "nothing is sent");
    }

    fn registered(&self) -> Vec<String> {
        let register = self.workspace.path("state/b24post/ledgers.db");
        let register = Connection::open(register).unwrap();
        let mut paths = register
            .prepare("SELECT path FROM ledgers ORDER BY path")
            .unwrap();
        let paths = paths.query_map([], |row| row.get(0)).unwrap();
        paths.map(Result::unwrap).collect()
    }
}

#[track_caller]
fn assert_says(run: &Value, says: &[&str]) {
    let message = run["error"]["message"].as_str().unwrap();
    for part in says {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

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
    scene.stops(
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

#[cfg(unix)]
#[test]
fn a_link_to_a_manifest_uses_its_ledger() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.link("a/export.csv", "today.csv");
    scene.link("a", "folder");
    scene.posts(
        "today.csv",
        &["--limit", "1"],
        &[("posted", 1), ("pending", 2)],
    );
    assert!(scene.workspace.path("a/export.csv.ledger.db").exists());
    scene.posts("a/export.csv", &[], &[("posted", 2), ("already_posted", 1)]);
    for name in ["today.csv", "folder/export.csv"] {
        scene.posts(name, &[], &[("already_posted", 3)]);
        let status = scene.workspace.run(&["status", name, "--format", "json"]);
        assert_eq!(status.expect(0).json()["rows"]["posted"], 3);
    }
    assert_eq!(scene.registered().len(), 1, "{:?}", scene.registered());
}

#[cfg(unix)]
#[test]
fn a_ledger_beside_the_link_is_used_and_two_stop_the_run() {
    let scene = Scene::new();
    scene.write("export.csv", ROWS);
    scene.posts("export.csv", &[], &[("posted", 3)]);
    // The manifest was moved to an archive, and a link was left in its place.
    scene.rename("export.csv", "archive/export.csv");
    scene.link("archive/export.csv", "export.csv");
    scene.posts("export.csv", &[], &[("already_posted", 3)]);
    assert!(
        !scene
            .workspace
            .path("archive/export.csv.ledger.db")
            .exists()
    );
    scene.copy("export.csv.ledger.db", "archive/export.csv.ledger.db");
    let both = [
        "/export.csv.ledger.db",
        "archive/export.csv.ledger.db",
        "--ledger",
    ];
    scene.stops("export.csv", &[], "two_ledgers", &both);
    let status = scene.workspace.run(&["status", "export.csv"]).expect(1);
    assert!(
        status.stderr.contains("archive/export.csv.ledger.db"),
        "{}",
        status.stderr
    );
    let one = ["--ledger", "export.csv.ledger.db"];
    scene.posts("export.csv", &one, &[("already_posted", 3)]);
}

#[cfg(unix)]
#[test]
fn a_ledger_with_a_second_hard_link_is_refused() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts("a/export.csv", &[], &[("posted", 3)]);
    let names = ["a/export.csv.ledger.db", "second.db"].map(|name| scene.workspace.path(name));
    fs::hard_link(&names[0], &names[1]).unwrap();
    scene.stops(
        "a/export.csv",
        &[],
        "ledger_two_names",
        &["a/export.csv.ledger.db", "hard link"],
    );
    scene.stops(
        "a/export.csv",
        &["--ledger", "second.db"],
        "ledger_two_names",
        &["second.db"],
    );
    fs::remove_file(&names[1]).unwrap();
    scene.posts("a/export.csv", &[], &[("already_posted", 3)]);
}

#[cfg(unix)]
#[test]
fn a_hard_linked_or_linked_copy_of_a_manifest_is_noticed() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.posts("a/export.csv", &[], &[("posted", 3)]);
    let [from, to] = ["a/export.csv", "second.csv"].map(|name| scene.workspace.path(name));
    fs::hard_link(from, to).unwrap();
    scene.stops(
        "second.csv",
        &[],
        "other_ledger",
        &["a/export.csv.ledger.db"],
    );
}

#[cfg(unix)]
#[test]
fn a_ledger_reached_by_a_link_has_one_writer() {
    let scene = Scene::with(&["--post-cost", "20s"]);
    scene.write("a/export.csv", ROWS);
    scene.link("a/export.csv.ledger.db", "link.db");
    scene.link("a/export.csv", "today.csv");
    let mut run = scene.start("a/export.csv", &[]);
    wait_until("the ledger", || scene.workspace.path("link.db").exists());
    scene
        .import("a/export.csv", &["--ledger", "link.db"])
        .expect(75);
    scene.import("today.csv", &[]).expect(75);
    let resolve = ["resolve", "a/export.csv", "--ledger", "link.db"];
    scene.workspace.run(&resolve).expect(75);
    run.kill().unwrap();
    run.wait().unwrap();
}

#[test]
fn ids_from_which_a_spreadsheet_dropped_the_zeros_stop_the_run() {
    let scene = Scene::new();
    scene.write(
        "z.csv",
        "00123,deal,1,q,U1\n00124,deal,1,r,U1\n00200,deal,1,s,U1\n",
    );
    scene.posts("z.csv", &[], &[("posted", 3)]);
    let mangled = "123,deal,1,q,U1\n124,deal,1,\"r \",U1\n200,deal,1,s,U1\n";
    scene.write("z.csv", mangled);
    let says = ["00123", "123", "deal 1", "--accept-edits"];
    scene.stops("z.csv", &[], "changed_ids", &says);
    // Among rows that are new indeed, and without an ID as well.
    scene.write(
        "z.csv",
        "00123,deal,1,q,U1\n5,deal,1,new,U1\n,deal,1,r,U1\n00200,deal,1,s,U1\n",
    );
    scene.stops("z.csv", &[], "changed_ids", &["00124", "row 3"]);
    scene.write("z.csv", mangled);
    scene.posts("z.csv", &["--accept-edits"], &[("posted", 3)]);
    scene.posts("z.csv", &[], &[("already_posted", 3)]);
    scene.write("z.csv", &format!("{mangled}125,deal,1,q,U1\n"));
    scene.posts("z.csv", &[], &[("posted", 1), ("already_posted", 3)]);
}

#[test]
fn a_changed_date_does_not_hide_a_changed_id() {
    let scene = Scene::new();
    let header = "external_id,entity_type,entity_id,message,audience,created_at\n";
    let row = |id, day| format!("{header}{id},deal,1,Called,U1,{day}\n");
    scene
        .workspace
        .write("z.csv", row("007", "2024-03-04T10:00:00Z"));
    scene.posts("z.csv", &[], &[("posted", 1)]);
    scene
        .workspace
        .write("z.csv", row("7", "2024-04-03T00:00:00Z"));
    scene.stops("z.csv", &[], "changed_ids", &["007"]);
}

#[test]
fn rows_that_came_and_went_are_no_changed_ids() {
    let scene = Scene::new();
    scene.write("w.csv", ROWS);
    scene.posts("w.csv", &[], &[("posted", 3)]);
    // The next week's export: other texts, and one text on another record.
    scene.write(
        "w.csv",
        "3,deal,3,Three,U1\n4,deal,4,Four,U1\n5,deal,5,One,U1\n",
    );
    let run = scene.import("w.csv", &[]).expect(0).json();
    assert_counts(&run, &[("posted", 2), ("already_posted", 1)]);
    assert_eq!(count(&run, "gone"), 2);
}

#[test]
fn a_repeated_announcement_needs_an_id_of_its_own() {
    let scene = Scene::new();
    let header = "external_id,entity_type,entity_id,message,audience,publish_at\n";
    let row = |id, day| format!("{header}{id},deal,1,Meeting at ten,U1,{day}\n");
    scene
        .workspace
        .write("m.csv", row("", "2024-01-08T08:00:00Z"));
    scene.posts("m.csv", &[], &[("posted", 1)]);
    scene
        .workspace
        .write("m.csv", row("", "2098-01-15T08:00:00Z"));
    let says = ["row 1", "2098-01-15", "external_id"];
    scene.stops("m.csv", &[], "repeated_row", &says);
    scene.posts("m.csv", &["--accept-edits"], &[("already_posted", 1)]);
    // With an ID it is a row of its own, not the posted one under a new name.
    scene
        .workspace
        .write("m.csv", row("15.1.", "2098-01-15T08:00:00Z"));
    scene.posts("m.csv", &["--accept-edits"], &[("not_due", 1)]);
    scene.posts("m.csv", &[], &[("not_due", 1)]);
}

#[test]
fn a_register_that_cannot_be_used_is_a_warning() {
    let scene = Scene::new();
    scene.write("a/export.csv", ROWS);
    scene.workspace.write("state/b24post", "in the way");
    let run = scene.import("a/export.csv", &[]).expect(0);
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
    let run = scene.import("a/other.csv", &[]).expect(0);
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
    let run = scene.import("b/export.csv", &[]).expect(0);
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
