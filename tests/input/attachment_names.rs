//! An attachment whose name Bitrix24 would refuse is a problem before anything is sent, told with a
//! name that would do.

use crate::common::{Workspace, assert_counts, count, files};
use serde_json::{Value, json};

/// A workspace with a file and a manifest of one row a list of attachments.
fn workspace(attachments: &[Value]) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("scan.pdf", "a file");
    let row = |attachments: &Value| {
        let row = json!({
            "message": format!("Text {attachments}"), "entity_type": "deal", "entity_id": 1,
            "audience": {"U": ["U1"]}, "attachments": attachments,
        });
        format!("{row}\n")
    };
    workspace.write("m.jsonl", attachments.iter().map(row).collect::<String>());
    workspace
}

#[test]
fn a_name_that_drive_refuses_is_a_problem_with_one_that_would_do() {
    let named = |name: &str| json!([{"path": "scan.pdf", "name": name}]);
    let workspace = workspace(&[
        named("../../x.php"),
        named("invoice\u{202e}fdp.exe"),
        named("what?.pdf"),
        named("a\nb.pdf"),
        named(" a.pdf"),
        named(&"я".repeat(256)),
        named("Акт №12.pdf"),
    ]);
    let run = workspace
        .run(&["check", "m.jsonl", "--format", "json"])
        .expect(3);
    let (mut problems, _) = run.checked();
    problems.retain(|problem| problem["code"] == "attachment_name");
    let rows: Vec<u64> = problems
        .iter()
        .map(|problem| count(problem, "row"))
        .collect();
    assert_eq!(rows, [1, 2, 3, 4, 5, 6], "{}", run.stdout);
    for (problem, proper) in problems.iter().zip([
        "x.php",
        "invoicefdp.exe",
        "what_.pdf",
        "ab.pdf",
        "a.pdf",
        &"я".repeat(255),
    ]) {
        let advice = problem["advice"].as_str().unwrap();
        assert!(advice.ends_with(&format!("name it {proper}")), "{advice}");
    }
}

#[test]
fn a_files_own_name_is_held_to_the_same() {
    let workspace = workspace(&[
        json!(["what?.txt"]),
        json!([{"path": "what?.txt", "name": "what_.txt"}]),
    ]);
    workspace.write("what?.txt", "a file");
    let rehearse = |more: &[&str]| {
        let arguments = ["import", "m.jsonl", "--sandbox", "--format", "json"];
        workspace.run(&[&arguments[..], more].concat())
    };
    let refused = rehearse(&[]).expect(3);
    assert!(
        refused.stderr.contains("attachment_name"),
        "{}",
        refused.stderr
    );
    let summary = rehearse(&["--skip-invalid"]).expect(3).json();
    assert_counts(&summary, &[("posted", 1), ("invalid", 1)]);
    let names = files(&workspace.path("m.jsonl.sandbox.store.db"));
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].1, "what_.txt");
}
