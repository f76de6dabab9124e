//! A manifest that changes while it is sent stops the run, an attachment that changes costs its row
//! alone, and the next run posts the rest once.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::common::{
    SMALL_BATCHES, Sandbox, Workspace, assert_counts, count, files, finish, sha256, wait_until,
};

/// Changes the manifest while it is being sent; the run stops, and the next one sends the rest.
fn change_the_manifest(change: impl Fn(&Path), rows_then: u64) {
    let workspace = Workspace::new();
    workspace.rows(6_000);
    let portal = Sandbox::start(&workspace, &[]);
    let run = workspace.start_import(&portal, &["--concurrency", "2"]);
    wait_until("some posts", || portal.count() > 20);
    change(&workspace.path("m.csv"));
    let run = finish(run).expect(1).json();
    assert_eq!(run["error"]["code"], "manifest", "{run}");
    let message = run["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("m.csv") && message.contains("has changed while it was read"),
        "{message}"
    );
    let posted = count(&run, "posted");
    assert_counts(&run, &[("posted", posted), ("pending", 6_000 - posted)]);
    assert_eq!(portal.count(), posted, "what was in flight is known");
    let rest = workspace.import(&portal, &[]).expect(0).json();
    let known = count(&rest, "already_posted");
    assert_eq!(known + count(&rest, "gone"), posted, "{rest}");
    assert_eq!(count(&rest, "total"), rows_then, "{rest}");
    assert_eq!(count(&rest, "posted"), rows_then - known, "{rest}");
    portal.posts_once();
}

#[test]
fn a_manifest_that_grows_while_it_is_sent_stops_the_run() {
    let grow = |path: &Path| {
        let mut manifest = OpenOptions::new().append(true).open(path).unwrap();
        writeln!(manifest, "r6001,Message 6001,deal,1,U1").unwrap();
    };
    change_the_manifest(grow, 6_001);
}

#[test]
fn a_manifest_that_is_replaced_while_it_is_sent_stops_the_run() {
    let replace = |path: &Path| {
        let rows = fs::read_to_string(path).unwrap();
        let mut lines: Vec<&str> = rows.lines().collect();
        let removed = lines.remove(10);
        assert!(removed.starts_with("r10,"));
        let draft = path.with_extension("draft");
        fs::write(&draft, lines.join("\n")).unwrap();
        fs::rename(&draft, path).unwrap();
    };
    change_the_manifest(replace, 5_999);
}

#[test]
fn a_manifest_that_is_deleted_while_it_is_sent_stops_the_run() {
    let workspace = Workspace::new();
    workspace.rows(6_000);
    let portal = Sandbox::start(&workspace, &[]);
    let run = workspace.start_import(&portal, &["--concurrency", "2"]);
    wait_until("some posts", || portal.count() > 20);
    fs::rename(workspace.path("m.csv"), workspace.path("m.away")).unwrap();
    let run = finish(run).expect(1).json();
    assert_eq!(run["error"]["code"], "manifest", "{run}");
    fs::rename(workspace.path("m.away"), workspace.path("m.csv")).unwrap();
    workspace.import(&portal, &[]).expect(0);
    assert_eq!(portal.posts_once().len(), 6_000);
}

/// Sixty rows with a file each; that of the last one changes when the first are posted.
fn change_an_attachment(change: impl Fn(&Path), says: &str) {
    let workspace = Workspace::new();
    let header = "external_id,message,entity_type,entity_id,audience,attachments\n";
    let mut manifest = header.to_owned();
    for n in 1..=60 {
        workspace.write(&format!("{n}.txt"), format!("file {n}"));
        manifest += &format!("{n},Message {n},deal,1,U1,{n}.txt\n");
    }
    workspace.write("m.csv", manifest);
    let portal = Sandbox::start(&workspace, &["--post-cost", "20ms"]);
    let run = workspace.start_import(
        &portal,
        &[&SMALL_BATCHES[..], &["--concurrency", "1"]].concat(),
    );
    wait_until("the first request", || portal.count() > 0);
    change(&workspace.path("60.txt"));
    let run = finish(run).expect(3);
    assert_counts(&run.json(), &[("posted", 59), ("invalid", 1)]);
    let told = run.stderr.lines().find(|line| line.contains("60.txt"));
    let told = told.unwrap_or_else(|| panic!("{}", run.stderr));
    assert!(told.contains("row 60") && told.contains(says), "{told}");
    drop(fs::remove_dir(workspace.path("60.txt")));
    workspace.write("60.txt", "the file that was meant");
    let rest = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&rest, &[("posted", 1), ("already_posted", 59)]);
    let last = files(&portal.store).pop().unwrap();
    assert_eq!(last.3, sha256(b"the file that was meant"));
    portal.posts_once();
}

#[test]
fn an_attachment_that_changes_after_the_check_costs_only_its_row() {
    let other_length = "another length";
    change_an_attachment(
        |path| fs::write(path, "longer than it was").unwrap(),
        other_length,
    );
    change_an_attachment(|path| fs::write(path, "").unwrap(), other_length);
    let into_folder = |path: &Path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    };
    change_an_attachment(into_folder, "no file any more");
}
