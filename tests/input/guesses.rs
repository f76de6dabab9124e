//! The mapping files that `guess` writes for exports of other systems.

use std::path::Path;

use b24post::manifest::mapping::{ColumnOptions, Mapping};

use crate::common::{Workspace, file_holds, posts};

/// As amoCRM exports deals, cut to some columns.
const DEALS: &str = "\u{feff}\"ID\";\"Название сделки\";\"Ответственный\";\"Дата создания сделки\";\
    \"Теги\";\"Примечание\";\"Примечание 2\";\"Этап сделки\"\r\n\
    \"101\";\"Поставка; трубы\";\"Иван Примеров\";\"12.03.2019 14:05:00\";\"опт\";\"Звонил, перезвонит\";\"Выслал КП\";\"Новая\"\r\n";

/// The lines of a mapping file without remarks, with single blanks.
fn said(mapping: &str) -> Vec<String> {
    let lines = mapping.lines();
    let said = lines.filter(|line| !line.is_empty() && !line.starts_with("# "));
    said.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn an_export_of_deals_is_recognised_and_the_next_step_named() {
    let workspace = Workspace::new();
    workspace.write("old deals.csv", DEALS);
    let run = workspace.run(&["guess", "old deals.csv"]).expect(0);
    assert_eq!(
        said(&run.stdout),
        [
            "[file]",
            "target = \"timeline\"",
            "delimiter = \";\"",
            "#entity_map = \"old deals.csv.entities.csv\"",
            "ignore_columns = [\"Теги\"]",
            "[fields]",
            "external_id = \"ID\"",
            "#title = \"Название сделки\"",
            "entity_type = { value = \"deal\" }",
            "entity_id = { column = \"ID\", map = \"entity\" }",
            "#created_at = { column = \"Дата создания сделки\", format = \"%d.%m.%Y %H:%M:%S\" }",
            "#author_name = \"Ответственный\"",
            "[explode]",
            "columns = [\"Примечание\", \"Примечание 2\"]",
        ]
    );
    assert!(
        run.stdout
            .contains("when the deal was created, not the note")
    );
    let last = run.stderr.lines().last();
    assert_eq!(
        last,
        Some("b24post check 'old deals.csv' --mapping 'old deals.toml'")
    );
    let quiet = workspace
        .run(&["guess", "old deals.csv", "--quiet"])
        .expect(0);
    assert_eq!((quiet.stdout, quiet.stderr), (run.stdout, String::new()));
}

#[test]
fn with_a_map_of_records_the_guess_is_a_plan() {
    let workspace = Workspace::new();
    workspace.write("m.csv", DEALS);
    let guess = workspace.run(&["guess", "m.csv"]).expect(0).stdout;
    workspace.write("m.toml", &guess);
    let unmapped = workspace
        .run(&["check", "m.csv", "--mapping", "m.toml"])
        .expect(3);
    assert!(
        unmapped.stdout.contains("entity_unmapped"),
        "{}",
        unmapped.stdout
    );
    // As the remark in the mapping file says.
    workspace.write("m.csv.entities.csv", "type,old_id,id\ndeal,101,521\n");
    workspace.write("m.toml", guess.replace("#entity_map", "entity_map"));
    workspace
        .run(&["check", "m.csv", "--mapping", "m.toml"])
        .expect(0);
    workspace.rehearse(&["--mapping", "m.toml"]).expect(0);
    let posts = posts(&workspace.path("m.csv.sandbox.store.db"));
    let posted = posts
        .iter()
        .map(|post| (post.entity, post.message.as_str()));
    let deal = Some((2, 521));
    let expected = [(deal, "Звонил, перезвонит"), (deal, "Выслал КП")];
    assert_eq!(posted.collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_written_is_a_mapping_of_the_file() {
    let workspace = Workspace::new();
    let header = [
        "I\"D",
        "na{me}",
        "Note\\",
        "Note\\",
        "two\nlines",
        "",
        "tags",
    ];
    let quoted = header.map(|name| format!("\"{}\"", name.replace('"', "\"\"")));
    workspace.write("m.csv", format!("{}\n1,2,3,4,5,6,7\n", quoted.join(",")));
    let run = workspace.run(&["guess", "m.csv"]).expect(0);
    let mapping = Mapping::parse(Path::new("m.toml"), run.stdout.as_bytes()).unwrap();
    mapping
        .bind_header(header, ColumnOptions::default())
        .unwrap();
}

#[test]
fn rows_far_behind_the_first_ones_tell_too() {
    let workspace = Workspace::new();
    let row = |n: usize| match n {
        // Some days above 12 in the middle of the file alone.
        20_000..22_000 => format!("{n},13/02/2019 10:00,note {n}\n"),
        _ => format!("{n},03/02/2019 10:00,note {n}\n"),
    };
    let rows: String = (0..40_000).map(row).collect();
    workspace.write("m.csv", format!("Record ID,Created at,Body\n{rows}"));
    let run = workspace.run(&["guess", "m.csv"]).expect(0);
    let line = "created_at = { column = \"Created at\", format = \"%d/%m/%Y %H:%M\" }";
    assert!(
        said(&run.stdout).contains(&line.to_owned()),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("of 40000 rows"), "{}", run.stdout);
}

#[test]
fn json_has_paths_and_titles_stand_above_headers() {
    let workspace = Workspace::new();
    workspace.write(
        "m.jsonl",
        "{\"id\":1,\"properties\":{\"hs_note_body\":\"<p>a</p>\",\"hs_timestamp\":\"2019-03-12T14:05:00Z\"},\
         \"associations\":{\"contactIds\":[1,2]}}\n{\n",
    );
    let json = workspace.run(&["guess", "m.jsonl"]).expect(0).stdout;
    let lines = said(&json);
    for line in [
        "message = { column = \"properties.hs_note_body\", format = \"html\" }",
        "created_at = \"properties.hs_timestamp\"",
        "column = \"associations.contactIds\"",
    ] {
        assert!(lines.contains(&line.to_owned()), "{json}");
    }
    assert!(
        json.contains("1 row of the sample could not be read"),
        "{json}"
    );
    workspace.write(
        "t.csv",
        "Отчёт за март\n\nДата\tКомментарий\n12.03.2019\tЗвонил\n",
    );
    let titled = workspace.run(&["guess", "t.csv"]).expect(0).stdout;
    assert!(titled.contains("Отчёт за март"), "{titled}");
    assert!(
        said(&titled).contains(&"delimiter = \"tab\"".to_owned()),
        "{titled}"
    );
}

#[test]
fn what_is_no_export_is_an_error() {
    let workspace = Workspace::new();
    workspace.write("empty.csv", "");
    workspace.write("book.csv", b"PK\x03\x04");
    workspace.write("unsure.csv", "a,b;c,d;e\n1,2;3,4;5\n");
    for name in ["empty.csv", "book.csv", "unsure.csv", "none.csv", "."] {
        let run = workspace.run(&["guess", name]).expect(1);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert_eq!(run.stdout, "", "{name}");
    }
    let said_so = ["guess", "unsure.csv", "--delimiter", ";"];
    workspace.run(&said_so).expect(0);
    workspace.run(&["guess"]).expect(2);
    assert!(!workspace.path("empty.csv.ledger.db").exists());
    assert!(file_holds(&workspace.path("unsure.csv"), "a,b;c"));
}
