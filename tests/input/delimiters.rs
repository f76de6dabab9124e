//! Whatever separates the columns, and whatever stands above the header, the same rows are read.

use crate::common::{Sandbox, Workspace, assert_counts};

const ROWS: &str = "external_id,message,entity_type,entity_id,audience\n\
    1,\"a, b; c | d\",deal,1,U1\n2,\"two\nlines\",deal,2,U1\n";

/// The same table with another delimiter; the one text that holds delimiters stays quoted.
fn separated_by(delimiter: &str) -> String {
    let quoted = "\"a, b; c | d\"";
    let parts: Vec<String> = ROWS
        .split(quoted)
        .map(|part| part.replace(',', delimiter))
        .collect();
    parts.join(quoted)
}

#[test]
fn rows_posted_with_one_delimiter_are_known_with_every_other() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", ROWS);
    let first = workspace.import(&portal, &[]).expect(0);
    assert_counts(&first.json(), &[("posted", 2)]);
    for (text, delimiter) in [
        (separated_by(";"), ";"),
        (separated_by("\t"), "tab"),
        (separated_by("|"), "|"),
        (
            format!("sep=;\r\n{}", separated_by(";").replace('\n', "\r\n")),
            ";",
        ),
        (format!("Notes of 2019;;;;\n\n{}", separated_by(";")), ";"),
        (format!("\u{feff}{}", separated_by(";")), ";"),
    ] {
        workspace.write("m.csv", &text);
        // What has changed since the last run that posted has to be named.
        let named = ["--accept-edits", "--delimiter", delimiter];
        let again = workspace.import(&portal, &named);
        // A text over two lines is read with the line end that it has, so a CR LF is a change.
        assert_counts(
            &again.expect(0).json(),
            &[("posted", 0), ("already_posted", 2)],
        );
    }
    assert_eq!(portal.posts_once().len(), 2);
}

#[test]
fn what_can_not_be_told_is_asked_for() {
    let workspace = Workspace::new();
    workspace.write("m.csv", "a,b;c,d;e\n1,2;3,4;5\n");
    let unsure = workspace.run(&["check", "m.csv"]).expect(1);
    assert!(
        unsure
            .stderr
            .contains("`,` and `;` fit alike; name it with --delimiter"),
        "{}",
        unsure.stderr
    );
    let told = workspace
        .run(&["check", "m.csv", "--delimiter", ";"])
        .expect(1);
    assert!(
        told.stderr.contains("the header has `a,b`, `c,d`, `e`"),
        "{}",
        told.stderr
    );
    workspace
        .run(&["check", "m.csv", "--delimiter", "ab"])
        .expect(2);
}

#[test]
fn a_title_above_the_header_is_left_out_and_told() {
    let workspace = Workspace::new();
    workspace.write("m.csv", format!("Report of March\n\n{ROWS}"));
    let check = workspace
        .run(&["check", "m.csv", "--format", "json"])
        .expect(0);
    let warning =
        "warning: above the header a line is left out, beginning with `Report of March`\n";
    assert!(check.stderr.contains(warning), "{}", check.stderr);
    let summary: serde_json::Value = check.stdout.parse().unwrap();
    assert_eq!(summary["summary"]["rows"], 2);
    assert_eq!(summary["summary"]["delimiter"], ",");
    assert_eq!(summary["summary"]["warnings"]["lines_above_header"], 1);
}

#[test]
fn a_line_of_totals_at_the_end_is_counted_nowhere_and_told() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("m.csv", format!("{ROWS}Итого: 2 записи,,,,\n"));
    let warning = "warning: the last line (line 5) holds totals and is no row; it is left out: \
                   `Итого: 2 записи,,,,`\n";
    let check = workspace.run(&["check", "m.csv"]).expect(0);
    assert_eq!(check.stderr, warning);
    let import = workspace.import(&portal, &["--quiet"]).expect(0);
    assert!(import.stderr.contains(warning), "{}", import.stderr);
    let summary = import.json();
    assert_counts(&summary, &[("posted", 2)]);
    assert_eq!(summary["source_rows"], 2);
    assert_eq!(summary["warnings"]["totals_line"], 1);
    assert_eq!(portal.posts_once().len(), 2);
    // Once more rows have come, it is a line like every other.
    workspace.write(
        "m.csv",
        format!("{ROWS}Итого: 2 записи,,,,\n3,c,deal,3,U1\n"),
    );
    let check = workspace.run(&["check", "m.csv", "--format", "json"]);
    let (problems, _) = check.expect(3).checked();
    assert_eq!(problems[0]["row"], 3);
}
