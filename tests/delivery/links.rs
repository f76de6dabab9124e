//! Manifests and ledgers that are reached by more than one name: there is one ledger, and one run
//! at a time writes to it.

use std::fs;

use crate::common::wait_until;
use crate::scene::{ROWS, Scene};

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
