//! Attachments are found as old systems name them, and what can't be found is told with a way out.

use std::fs;

use crate::common::{Sandbox, Workspace, assert_counts, files};

const HEADER: &str = "external_id,message,entity_type,entity_id,audience,attachments\n";

fn with_files() -> Workspace {
    let workspace = Workspace::new();
    fs::create_dir(workspace.path("Files")).unwrap();
    workspace.write("Files/Report.PDF", "pdf");
    workspace.write("Files/Счёт.txt", "bill");
    workspace.write("Files/scan.png", "<!DOCTYPE html><p>404");
    workspace
}

#[test]
fn drives_letter_case_and_unicode_forms_are_seen_through_and_told() {
    let workspace = with_files();
    // The same letters in two forms: ё as one character and as two.
    let rows = "1,a,deal,1,U1,C:\\Export\\Files\\report.pdf\n\
        2,b,deal,1,U1,c:/export/files/Сче\u{308}т.txt\n3,c,deal,1,U1,Files/Report.PDF\n";
    workspace.write("m.csv", format!("{HEADER}{rows}"));
    let without = workspace.run(&["check", "m.csv"]).expect(3).stdout;
    assert!(
        without.contains("cut off what it begins with by --attachments-prefix"),
        "{without}"
    );
    let prefix = ["--attachments-prefix", "C:\\Export\\"];
    let check = workspace
        .run(&[&["check", "m.csv"], &prefix[..]].concat())
        .expect(0)
        .stdout;
    let told = "2 attachments: found under a name that differs in letter case, Unicode form";
    assert!(check.contains(told), "{check}");
    let portal = Sandbox::start(&workspace, &[]);
    let run = workspace.import(&portal, &prefix).expect(0).json();
    assert_counts(&run, &[("posted", 3)]);
    assert_eq!(run["warnings"]["attachment_otherwise_named"], 2);
    assert_eq!(files(&portal.store).len(), 3);
}

#[test]
fn another_separator_and_a_name_with_one_are_recognised() {
    let workspace = with_files();
    workspace.write("Files/a;b.txt", "x");
    let rows = "1,a,deal,1,U1,Files/Report.PDF|Files/scan.png\n2,b,deal,1,U1,Files/a;b.txt\n\
        3,c,deal,1,U1,https://x.example/a.png\n";
    workspace.write("m.csv", format!("{HEADER}{rows}"));
    let check = workspace.run(&["check", "m.csv"]).expect(3).stdout;
    for part in [
        "paths are separated by `;`, and these seem to be by `|`",
        "a name that holds `;` is given as JSON: [\"Files/a;b.txt\"]",
        "nothing is downloaded from x.example; save the file and give its path",
    ] {
        assert!(check.contains(part), "{part}: {check}");
    }
}

#[test]
fn a_page_that_is_called_a_picture_is_a_warning() {
    let workspace = with_files();
    workspace.write("m.csv", format!("{HEADER}1,a,deal,1,U1,Files/scan.png\n"));
    let check = workspace
        .run(&["check", "m.csv", "--format", "json"])
        .expect(0)
        .stdout;
    let summary: serde_json::Value = check.parse().unwrap();
    assert_eq!(summary["summary"]["warnings"]["attachment_html_page"], 1);
}
