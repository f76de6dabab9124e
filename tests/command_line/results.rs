//! The result is printed whole, as text and as JSON, and it is an error when it can't be.

use std::fs::File;
use std::process::Stdio;

use crate::common::{HEADER, LEDGER, Run, Workspace, count, finish, posts};
use serde_json::{Value, json};

#[test]
fn the_summary_has_every_name_of_the_contract() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let summary = workspace.rehearse(&[]).expect(0).json();
    assert_eq!(count(&summary, "source_rows"), 3);
    for zero in [
        "skipped", "empty", "updated", "expired", "overdue", "undone",
    ] {
        assert_eq!(count(&summary, zero), 0, "{zero}");
    }
    assert_eq!(summary["ignored_columns"], json!([]));
    assert_eq!(summary["warnings"], json!({}));
    let failed = workspace
        .run(&["import", "none.csv", "--sandbox", "--format", "json"])
        .expect(1)
        .json();
    assert_eq!(failed["ignored_columns"], json!([]));
}

/// Runs a command with its result going where nothing can be written.
fn to_full(workspace: &Workspace, arguments: &[&str]) -> Run {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = workspace
        .command(arguments)
        .stdout(Stdio::from(full))
        .spawn();
    finish(child.unwrap())
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let workspace = Workspace::new();
    workspace.rows(3);
    for format in ["human", "json"] {
        for command in [
            &["check", "m.csv"][..],
            &["import", "m.csv", "--sandbox"],
            &["status", "m.csv"],
            &["resolve", "m.csv", "--ledger", "m.csv.sandbox.ledger.db"],
        ] {
            let run = to_full(&workspace, &[command, &["--format", format]].concat()).expect(1);
            assert!(
                run.stderr
                    .contains("error: the result could not be written to stdout"),
                "{command:?}: {}",
                run.stderr
            );
        }
    }
    assert_eq!(posts(&workspace.path("m.csv.sandbox.store.db")).len(), 3);
    let run = to_full(&workspace, &["sandbox"]).expect(1);
    assert!(
        run.stderr.contains("could not be written"),
        "{}",
        run.stderr
    );
    workspace.write("bad.csv", format!("{HEADER}1,Text,deal,x,U1\n"));
    to_full(&workspace, &["check", "bad.csv"]).expect(1);
    to_full(&workspace, &["check", "bad.csv", "--format", "json"]).expect(1);
}

#[test]
fn a_closed_pipe_changes_no_exit_code() {
    let workspace = Workspace::new();
    workspace.rows(3);
    for command in [
        &["check", "m.csv"][..],
        &["import", "m.csv", "--sandbox"],
        &["status", "m.csv"],
    ] {
        let mut child = workspace
            .command(command)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = finish(child).expect(0);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn check_and_status_print_an_object_also_for_a_failure() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let (problems, summary) = workspace
        .run(&["check", "m.csv", "--format", "json"])
        .expect(0)
        .checked();
    assert_eq!(problems, [] as [Value; 0]);
    let expected = json!({
        "rows": 2, "invalid": 0, "encoding": "utf-8", "delimiter": ",",
        "columns": ["external_id", "message", "entity_type", "entity_id", "audience"],
        "ignored_columns": [], "problems": {}, "warnings": {}, "attachments": 0,
        "attachment_bytes": 0, "due": 2, "not_due": 0, "overdue": 0, "source_rows": 2,
        "skipped": 0, "empty": 0, "used_columns": ["external_id", "message", "entity_type", "entity_id",
        "audience"], "entities": {"deal": 2}, "audiences": {"U": 1}, "people": 1, "notifications": 2,
        "attachment_types": {}, "largest_attachment": 0, "first_problems": {}, "image_hosts": [],
    });
    assert_eq!(summary, expected);
    let (problems, summary) = workspace
        .run(&["check", "none.csv", "--format", "json"])
        .expect(1)
        .checked();
    assert_eq!(problems, [] as [Value; 0]);
    assert_eq!(summary["error"]["code"], "manifest");
    assert!(
        summary["error"]["message"]
            .as_str()
            .unwrap()
            .contains("none.csv")
    );
    workspace.write(
        "bad.csv",
        format!("{HEADER}1,Text,deal,x,U1\n2,Text,deal,y,Z\n"),
    );
    let (problems, summary) = workspace
        .run(&["check", "bad.csv", "--format", "json"])
        .expect(3)
        .checked();
    assert_eq!(problems[0]["message"], "no positive whole number");
    assert!(
        problems[0]["advice"]
            .as_str()
            .unwrap()
            .contains("such as 42")
    );
    assert_eq!(
        summary["problems"],
        json!({"audience_invalid": 1, "entity_id_invalid": 2})
    );

    let missing = workspace
        .run(&["status", "none.csv", "--format", "json"])
        .expect(1);
    assert_eq!(missing.json()["error"]["code"], "no_ledger");
    assert_eq!(missing.json()["ledger"], "none.csv.ledger.db");
    workspace.write(
        LEDGER,
        "no database at all, and long enough to be looked at",
    );
    let broken = workspace
        .run(&["status", "m.csv", "--format", "json"])
        .expect(1);
    assert!(
        broken.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains(LEDGER)
    );
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let workspace = Workspace::new();
    let rows: String = (0..2_000).map(|n| format!("{n},,deal,1,U1\n")).collect();
    workspace.write("m.csv", format!("{HEADER}{rows}"));
    let mut child = workspace
        .command(&["check", "m.csv"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = finish(child).expect(3);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}
