//! Posted rows that come again under other IDs stop the run, also where their time has changed as
//! well.

use crate::common::{assert_counts, count};
use crate::scene::{ROWS, Scene};

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
