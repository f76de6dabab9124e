//! The manifest edited between two runs: nothing is posted twice for it.

use crate::common::{HEADER, Workspace, assert_counts, count, posts};

fn write(workspace: &Workspace, rows: &str) {
    workspace.write("m.csv", format!("{HEADER}{rows}"));
}

fn stored(workspace: &Workspace) -> usize {
    posts(&workspace.path("m.csv.sandbox.store.db")).len()
}

#[test]
fn a_changed_row_with_an_id_is_reported_and_not_posted_again() {
    let workspace = Workspace::new();
    write(&workspace, "1,One,deal,1,U1\n2,Two,deal,1,U1\n");
    workspace.rehearse(&[]).expect(0);
    write(
        &workspace,
        "1,One more,deal,1,U1\n2,Two,deal,1,U1\n3,Three,deal,1,U1\n",
    );
    let run = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&run, &[("already_posted", 2), ("posted", 1)]);
    assert_eq!(count(&run, "changed"), 1);
    assert_eq!(stored(&workspace), 3);
}

#[test]
fn moved_and_removed_rows_are_known_again() {
    let workspace = Workspace::new();
    write(
        &workspace,
        ",One,deal,1,U1\n,Two,deal,1,U1\n,Three,deal,1,U1\n",
    );
    workspace.rehearse(&[]).expect(0);
    write(&workspace, ",Three,deal,1,U1\n,One,deal,1,U1\n");
    let run = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&run, &[("already_posted", 2)]);
    assert_eq!(count(&run, "gone"), 1);
}

#[test]
fn an_edited_row_without_an_id_stops_the_run_until_accepted() {
    let workspace = Workspace::new();
    write(&workspace, ",One,deal,1,U1\n,Two,deal,1,U1\n");
    workspace.rehearse(&[]).expect(0);
    write(&workspace, ",One!,deal,1,U1\n,Two,deal,1,U1\n");
    let stopped = workspace.rehearse(&[]).expect(1).json();
    assert_eq!(stopped["error"]["code"], "edited_rows");
    assert_counts(&stopped, &[("already_posted", 1), ("pending", 1)]);
    assert_eq!(stored(&workspace), 2);
    let accepted = workspace.rehearse(&["--accept-edits"]).expect(0).json();
    assert_counts(&accepted, &[("already_posted", 1), ("posted", 1)]);
    write(
        &workspace,
        ",One!,deal,1,U1\n,Two,deal,1,U1\n,Three,deal,1,U1\n",
    );
    let next = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&next, &[("already_posted", 2), ("posted", 1)]);
    assert_eq!(stored(&workspace), 4);
}

#[test]
fn rows_that_are_given_ids_keep_their_records() {
    let workspace = Workspace::new();
    write(
        &workspace,
        ",Same,deal,1,U1\n,Same,deal,1,U1\n,Other,deal,1,U1\n",
    );
    workspace.rehearse(&[]).expect(0);
    write(
        &workspace,
        "a,Same,deal,1,U1\nb,Same,deal,1,U1\nc,Other,deal,1,U1\nd,New,deal,1,U1\n",
    );
    let run = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&run, &[("already_posted", 3), ("posted", 1)]);
    assert_eq!(stored(&workspace), 4);
    assert_counts(
        &workspace.rehearse(&[]).expect(0).json(),
        &[("already_posted", 4)],
    );
}

#[test]
fn an_id_and_an_edit_at_once_stop_the_run_too() {
    let workspace = Workspace::new();
    write(&workspace, ",One,deal,1,U1\n,Two,deal,1,U1\n");
    workspace.rehearse(&[]).expect(0);
    write(&workspace, "a,One!,deal,1,U1\nb,Two,deal,1,U1\n");
    let stopped = workspace.rehearse(&[]).expect(1).json();
    assert_eq!(stopped["error"]["code"], "edited_rows");
    assert_eq!(stored(&workspace), 2);
}

#[test]
fn a_repeated_id_is_the_later_rows_problem_also_after_posting() {
    let workspace = Workspace::new();
    write(&workspace, "1,One,deal,1,U1\n");
    workspace.rehearse(&[]).expect(0);
    write(&workspace, "1,One,deal,1,U1\n1,Uno,deal,1,U1\n");
    let run = workspace.rehearse(&["--skip-invalid"]).expect(3).json();
    assert_counts(&run, &[("already_posted", 1), ("invalid", 1)]);
    assert_eq!(stored(&workspace), 1);
}

#[test]
fn csv_and_jsonl_of_the_same_posts_share_a_ledger() {
    let workspace = Workspace::new();
    write(&workspace, ",One,deal,1,\"U1,SG5\"\n");
    workspace.rehearse(&[]).expect(0);
    workspace.write(
        "m.jsonl",
        r#"{"MESSAGE":"One","ENTITYTYPEID":2,"ENTITYID":"1","SPERM":{"SG":["SG5"],"U":["U1"]}}"#,
    );
    std::fs::copy(
        workspace.path("m.csv.sandbox.store.db"),
        workspace.path("m.jsonl.sandbox.store.db"),
    )
    .unwrap();
    let more = ["import", "m.jsonl", "--sandbox", "--format", "json"];
    let run = workspace.run(&[&more[..], &["--ledger", "m.csv.sandbox.ledger.db"]].concat());
    assert_counts(&run.expect(0).json(), &[("already_posted", 1)]);
}

#[test]
fn a_manifest_posted_to_its_end_is_posted_again_where_something_changes() {
    let workspace = Workspace::new();
    let rows = "1,One,deal,1,U1\n2,Two,deal,1,U1\n,Three,deal,1,U1\n";
    write(&workspace, rows);
    workspace.rehearse(&[]).expect(0);
    let again = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&again, &[("already_posted", 3)]);

    // Another target has another answer.
    let elsewhere = workspace.rehearse(&["--target", "timeline", "--drop", "audience"]);
    let elsewhere = elsewhere.expect(0).json();
    assert_counts(&elsewhere, &[("already_posted", 3)]);
    assert_eq!(count(&elsewhere, "elsewhere"), 3);

    // Somebody wants a row to be posted again.
    workspace
        .open("m.csv.sandbox.ledger.db")
        .execute(
            "UPDATE rows SET state = 'pending', remote_id = NULL WHERE row_key = 'x:2'",
            [],
        )
        .unwrap();
    let once_more = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&once_more, &[("already_posted", 2), ("posted", 1)]);

    // A row of the same length.
    write(&workspace, &rows.replace("2,Two", "4,Six"));
    let edited = workspace.rehearse(&[]).expect(0).json();
    assert_counts(&edited, &[("already_posted", 2), ("posted", 1)]);
    assert_eq!(count(&edited, "gone"), 1);
    assert_eq!(stored(&workspace), 5);
}

#[test]
fn a_manifest_with_files_is_known_while_they_have_their_sizes() {
    let workspace = Workspace::new();
    workspace.write("a.txt", "12345");
    workspace.write("b.txt", "1234567");
    let rows = "1,One,CRMDEAL1,a.txt\n,Two,CRMDEAL1,\n,Three,CRMDEAL1,a.txt;b.txt\n";
    let manifest = format!("external_id,message,audience,attachments\n{rows}");
    workspace.write("m.csv", &manifest);
    workspace.rehearse(&[]).expect(0);
    let changed = |changed| {
        let again = workspace.rehearse(&[]).expect(0).json();
        assert_counts(&again, &[("already_posted", 3)]);
        assert_eq!(count(&again, "changed"), changed);
    };
    changed(0);
    // As many bytes in all, but not in each row.
    workspace.write("a.txt", "1234567");
    workspace.write("b.txt", "12345");
    changed(1);
    workspace.write("b.txt", "1");
    changed(2);
    std::fs::remove_file(workspace.path("a.txt")).unwrap();
    changed(0);
    workspace.rehearse(&["--drop", "attachments"]).expect(0);
}

#[test]
fn what_a_rerun_would_tell_it_still_tells() {
    let workspace = Workspace::new();
    let twice = "external_id,message,audience\n1,One,CRMDEAL1\n1,Two,CRMDEAL1\n";
    workspace.write("m.csv", twice);
    workspace.rehearse(&["--skip-invalid"]).expect(3);
    assert_eq!(stored(&workspace), 1);
    let workspace = Workspace::new();
    workspace.write("a.txt", "12345");
    workspace.write(
        "m.csv",
        "message,audience,attachments\nOne,CRMDEAL1,a.txt\n",
    );
    workspace.rehearse(&["--drop", "attachments"]).expect(0);
    let run = workspace.rehearse(&["--drop", "attachments"]).expect(0);
    assert_eq!(count(&run.json(), "changed"), 0);
    let run = workspace.rehearse(&[]).expect(0).json();
    assert_eq!(count(&run, "changed"), 1, "the file was left out");
    // While the file can't be looked at, nothing shows that it was left out.
    std::fs::rename(workspace.path("a.txt"), workspace.path("b.txt")).unwrap();
    let run = workspace.rehearse(&[]).expect(0).json();
    assert_eq!(count(&run, "changed"), 0);
    std::fs::rename(workspace.path("b.txt"), workspace.path("a.txt")).unwrap();
    let run = workspace.rehearse(&[]).expect(0).json();
    assert_eq!(count(&run, "changed"), 1);

    let workspace = Workspace::new();
    workspace.write(
        "m.jsonl",
        r#"{"message":"One","audience":"CRMDEAL1","tone":1}"#,
    );
    let arguments = ["import", "m.jsonl", "--sandbox"];
    for _ in 0..2 {
        let run = workspace.run(&arguments).expect(0);
        assert!(run.stderr.contains("`tone`"), "{}", run.stderr);
    }
}
