//! Whatever of the input is left out is told: on the screen, with `--quiet`, and in JSON.

use crate::common::{Run, Workspace, assert_counts, count, posts};
use serde_json::{Value, json};

const HEADER: &str = "external_id,entity_type,entity_id,message,audience";

/// A workspace with a manifest `m.csv` of one more column than needed, and its two values.
fn with_column(name: &str, values: [&str; 2]) -> Workspace {
    let workspace = Workspace::new();
    let [one, two] = values;
    let rows = format!("1,deal,1,Text,U1,{one}\n2,deal,2,Text,U1,{two}\n");
    workspace.write("m.csv", format!("{HEADER},{name}\n{rows}"));
    workspace
}

fn check_json(workspace: &Workspace, name: &str, more: &[&str]) -> Run {
    workspace.run(&[&["check", name, "--format", "json"], more].concat())
}

#[test]
fn a_column_that_is_nearly_a_field_and_holds_values_stops_the_import() {
    for (name, field) in [
        ("file", "attachments"),
        ("Attachment", "attachments"),
        ("Файлы", "attachments"),
        ("created_date", "created_at"),
        ("Date Created", "created_at"),
        ("createdAt", "created_at"),
        ("audiense", "audience"),
        ("titel", "title"),
        ("Author", "author_name"),
        ("publish date", "publish_at"),
        ("tag", "tags"),
    ] {
        let workspace = with_column(name, ["", "x"]);
        let (problems, summary) = check_json(&workspace, "m.csv", &[]).expect(3).checked();
        assert_eq!(problems.len(), 1, "{name}: {problems:?}");
        let problem = &problems[0];
        assert_eq!(problem["code"], "column_like_field", "{name}");
        assert_eq!(problem["column"], name);
        assert_eq!((&problem["row"], &problem["line"]), (&json!(2), &json!(3)));
        assert_eq!(problem["value"], "x");
        let advice = problem["advice"].as_str().unwrap();
        assert!(advice.contains(&format!("`{field}`")), "{name}: {advice}");
        assert!(advice.contains("--ignore-column"), "{advice}");
        assert_eq!(summary["invalid"], 1);
        assert_eq!(summary["problems"], json!({"column_like_field": 1}));
        for more in [&[][..], &["--quiet"], &["--skip-invalid"]] {
            let run = workspace.rehearse(more).expect(3);
            assert_counts(&run.json(), &[("invalid", 1), ("pending", 1)]);
            assert_eq!(run.json()["ignored_columns"], json!([name]));
            assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
            assert!(run.stderr.contains("--ignore-column"), "{}", run.stderr);
        }
        assert_eq!(posts(&workspace.path("m.csv.sandbox.store.db")), []);
        let typed = name.to_uppercase();
        let ignoring = ["--ignore-column", &typed];
        check_json(&workspace, "m.csv", &ignoring).expect(0);
        let run = workspace.rehearse(&ignoring).expect(0);
        assert_counts(&run.json(), &[("posted", 2)]);
        assert_eq!(run.json()["ignored_columns"], json!([name]));
        // What is posted is not held back any more, and a rerun still tells.
        let again = workspace.rehearse(&[]).expect(0).json();
        assert_counts(&again, &[("already_posted", 2)]);
        assert_eq!(again["ignored_columns"], json!([name]));
    }
}

#[test]
fn the_screen_names_such_a_column_once_and_says_how_to_go_on() {
    let workspace = with_column("file", ["a.pdf", "b.pdf"]);
    let check = workspace.run(&["check", "m.csv", "--quiet"]).expect(3);
    let said: Vec<&str> = check
        .stdout
        .lines()
        .take_while(|line| !line.starts_with("2 rows"))
        .filter(|line| line.contains("column_like_field"))
        .collect();
    assert_eq!(said.len(), 1, "{}", check.stdout);
    assert!(
        check
            .stdout
            .contains("2 rows, 2 of them invalid with 1 problem in all; 0 attachments, 0 B\n"),
        "{}",
        check.stdout
    );
    let import = ["import", "m.csv", "--sandbox", "--quiet", "--skip-invalid"];
    let run = workspace.run(&import).expect(3);
    assert_eq!(
        run.stderr.matches("column_like_field").count(),
        1,
        "{}",
        run.stderr
    );
    assert!(
        run.stdout.contains("--ignore-column file"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("--skip-invalid"), "{}", run.stdout);
}

#[test]
fn such_a_column_is_named_behind_any_number_of_other_problems() {
    let workspace = Workspace::new();
    let rows: String = (1..=50)
        .map(|n| format!("{n},deal,x,Text,U1,a.pdf\n"))
        .collect();
    workspace.write("m.csv", format!("{HEADER},file\n{rows}"));
    let run = workspace.run(&["import", "m.csv", "--sandbox"]).expect(3);
    assert_eq!(run.stderr.matches("entity_id_invalid").count(), 20);
    assert_eq!(
        run.stderr.matches("column_like_field").count(),
        1,
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("and 30 more problems"),
        "{}",
        run.stderr
    );
}

#[test]
fn one_without_values_and_an_unknown_one_are_warnings_that_quiet_does_not_hide() {
    for (name, values) in [
        ("file", ["", " "]),
        ("note_id", ["5", "6"]),
        ("updated_at", ["x", "y"]),
    ] {
        let workspace = with_column(name, values);
        for command in [
            &["check", "m.csv", "-q"][..],
            &["import", "m.csv", "--sandbox", "-q"],
        ] {
            let run = workspace.run(command).expect(0);
            let warning = format!("warning: column `{name}` ");
            assert_eq!(run.stderr.matches(&warning).count(), 1, "{}", run.stderr);
            assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        }
        let summary = workspace.rehearse(&[]).expect(0).json();
        assert_eq!(summary["ignored_columns"], json!([name]));
        assert_eq!(summary["warnings"], json!({"column_ignored": 1}));
        let (problems, summary) = check_json(&workspace, "m.csv", &[]).expect(0).checked();
        assert_eq!(problems, [] as [Value; 0]);
        assert_eq!(summary["ignored_columns"], json!([name]));
        assert_eq!(summary["warnings"], json!({"column_ignored": 1}));
        assert_eq!(
            summary["columns"],
            json!([
                "external_id",
                "entity_type",
                "entity_id",
                "message",
                "audience",
                name
            ])
        );
    }
    let empty = with_column("", ["", " "]).rehearse(&["-q"]).expect(0);
    assert!(empty.stderr.is_empty(), "{}", empty.stderr);
    let unnamed = with_column("", ["a", "b"]);
    let summary = unnamed.rehearse(&["-q"]).expect(0);
    assert!(
        summary.stderr.contains("column 6 has no name"),
        "{}",
        summary.stderr
    );
    assert_eq!(summary.json()["warnings"], json!({"column_unnamed": 1}));
}

#[test]
fn keys_of_json_are_told_as_columns_are() {
    let workspace = Workspace::new();
    let row = |n: u32, more: &str| {
        format!(
            "{{\"external_id\":{n},\"entity_type\":\"deal\",\"entity_id\":1,\"audience\":\"U1\",\"message\":\"m\"{more}}}\n"
        )
    };
    let rows = [
        row(1, ",\"file\":null,\"Note\":1,\"Created Date\":\"\""),
        row(2, ",\"file\":\"a.pdf\",\"tag\":[]"),
        row(3, ",\"file\":\"b.pdf\""),
    ];
    workspace.write("m.jsonl", rows.concat());
    let import = |more: &[&str]| {
        workspace.run(
            &[
                &["import", "m.jsonl", "--sandbox", "--format", "json", "-q"],
                more,
            ]
            .concat(),
        )
    };
    let run = import(&["--skip-invalid"]).expect(3);
    assert_counts(&run.json(), &[("invalid", 2), ("pending", 1)]);
    assert_eq!(
        run.json()["ignored_columns"],
        json!(["Created Date", "Note", "file", "tag"])
    );
    let (problems, _) = check_json(&workspace, "m.jsonl", &[]).expect(3).checked();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(
        (&problems[0]["row"], &problems[0]["column"]),
        (&json!(2), &json!("file"))
    );
    let run = import(&["--ignore-column", "File", "--ignore-column", "note"]).expect(0);
    assert_counts(&run.json(), &[("posted", 3)]);
    assert_eq!(
        run.json()["ignored_columns"],
        json!(["Created Date", "Note", "file", "tag"])
    );
    assert_eq!(run.json()["warnings"], json!({"column_ignored": 2}));
    assert!(!run.stderr.contains("`Note`"), "{}", run.stderr);
}

#[test]
fn field_names_may_have_blanks_and_dashes_between_their_words() {
    let workspace = Workspace::new();
    let header = "External ID,Entity Type,Entity-ID,message,SPERM,Created  At,author-name";
    workspace.write(
        "m.csv",
        format!("{header}\n1,deal,1,Text,U1,2019-03-12T14:05:00Z,Ann\n"),
    );
    let run = workspace.rehearse(&["--quiet"]).expect(0);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    assert_eq!(run.json()["ignored_columns"], json!([]));
    let posts = posts(&workspace.path("m.csv.sandbox.store.db"));
    assert_eq!(posts[0].entity, Some((2, 1)));
    assert!(posts[0].message.contains("Ann"), "{}", posts[0].message);
}

#[test]
fn a_field_can_be_left_out_by_its_column() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience,author_name,MESSAGE\nText,deal,1,U1,Ann,Other\n",
    );
    workspace.run(&["check", "m.csv"]).expect(1);
    let more = [
        "--ignore-column",
        "author_name",
        "--ignore-column",
        "MESSAGE",
    ];
    let both = workspace.rehearse(&more).expect(1);
    assert!(
        both.stdout.contains("no column is named `message`"),
        "{}",
        both.stdout
    );
}

#[test]
fn problems_of_rows_are_shown_with_quiet_too() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        format!("{HEADER}\n1,deal,1,Text,U1\n2,deal,x,Text,U1\n"),
    );
    let run = workspace.rehearse(&["--quiet", "--skip-invalid"]).expect(3);
    assert!(run.stderr.contains("entity_id_invalid"), "{}", run.stderr);
    assert_counts(&run.json(), &[("posted", 1), ("invalid", 1)]);
}

#[test]
fn skip_invalid_is_not_advised_where_it_was_given() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        format!("{HEADER}\n1,deal,1,Text,U1\n2,deal,x,Text,U1\n"),
    );
    let import = ["import", "m.csv", "--sandbox"];
    let without = workspace.run(&import).expect(3).stdout;
    assert!(without.contains("--skip-invalid"), "{without}");
    let with = workspace
        .run(&[&import[..], &["--skip-invalid"]].concat())
        .expect(3)
        .stdout;
    assert!(!with.contains("--skip-invalid"), "{with}");
    assert!(with.contains("invalid: mend the rows"), "{with}");
}

#[test]
fn rows_long_past_their_time_are_counted_and_named_on_the_screen() {
    let workspace = Workspace::new();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let at = |hours: i64| {
        let second = i64::try_from(now.as_secs()).unwrap() + hours * 3_600;
        jiff::Timestamp::from_second(second).unwrap().to_string()
    };
    let row = |n: u32, at: &str| format!("{n},deal,{n},Text,U1,{at}\n");
    let rows = [
        row(1, &at(-24 * 365)),
        row(2, &at(-25)),
        row(3, &at(-23)),
        row(4, &at(5)),
        row(5, ""),
        row(6, "tomorrow"),
    ];
    workspace.write("m.csv", format!("{HEADER},publish_at\n{}", rows.concat()));
    let (_, summary) = check_json(&workspace, "m.csv", &[]).expect(3).checked();
    for (name, expected) in [
        ("rows", 6),
        ("invalid", 1),
        ("due", 4),
        ("not_due", 1),
        ("overdue", 2),
    ] {
        assert_eq!(count(&summary, name), expected, "{name} in {summary}");
    }
    let check = workspace.run(&["check", "m.csv"]).expect(3).stdout;
    assert!(check.contains("2 rows: due for more than a day"), "{check}");
    let run = workspace.rehearse(&["--skip-invalid"]).expect(3);
    assert_counts(
        &run.json(),
        &[("posted", 4), ("invalid", 1), ("not_due", 1)],
    );
    assert_eq!(run.json()["overdue"], 2);
    assert!(
        run.stderr.contains("due for more than a day: 2 rows"),
        "{}",
        run.stderr
    );
}

#[test]
fn mangled_ids_are_called_that_and_not_repeated() {
    let workspace = Workspace::new();
    let ids = [
        "1.23E+17", "1.23E+17", "1,23e+17", "#REF!", "#REF!", "#N/A", "#Н/Д", "########", "7E-10",
        "12E4", "#1", "a#",
    ];
    let rows: String = ids
        .iter()
        .map(|id| format!("\"{id}\",deal,1,Text,U1\n"))
        .collect();
    workspace.write("m.csv", format!("{HEADER}\n{rows}"));
    let (problems, summary) = check_json(&workspace, "m.csv", &[]).expect(3).checked();
    assert_eq!(
        summary["problems"],
        json!({"id_mangled": 9}),
        "{problems:?}"
    );
    assert_eq!(problems[0]["column"], "external_id");
    assert_eq!(problems[0]["value"], "1.23E+17");
    let run = workspace.rehearse(&["--skip-invalid"]).expect(3);
    assert_counts(&run.json(), &[("posted", 3), ("invalid", 9)]);
}
