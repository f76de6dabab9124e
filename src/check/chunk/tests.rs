use proptest::prelude::*;

use super::*;
use crate::check::testing::{CarriesAll, SMALL, checked, rules};
use crate::check::{Code, Repeats, Rules};
use crate::targets::CrmFeed;

fn rules_at(folder: &std::path::Path) -> Rules {
    Rules::new(&CrmFeed, folder, None).unwrap()
}

#[test]
fn every_code_comes_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.txt"), "").unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("loop", folder.path().join("loop")).unwrap();
    let csv =
        b"external_id,message,entity_type,entity_id,audience,attachments,publish_at,author_id\r\n\
        1,\"two\r\nlines\",deal,3,U1,,,\r\n\
        \r\n\
        2,,deal,3,U1,,,\r\n\
        3,m,dael,3,U1,,,\r\n\
        4,m,deal,x,U1,,,\r\n\
        5,m,deal,,U1,,,\r\n\
        6,m,,,U1,,,\r\n\
        7,m,deal,3,X1,,,\r\n\
        8,m,deal,3,\"{\"\"U\"\":[\"\"SG1\"\"]}\",,,\r\n\
        9,m,deal,3,,,,\r\n\
        10,m,deal,3,U1,\"[[\"\"a\"\",\"\"aGk=\"\"]]\",,\r\n\
        11,m,deal,3,U1,[7],,\r\n\
        12,m,deal,3,U1,sub;empty.txt;none.txt,soon,\r\n\
        13,m,deal,3,U1,http://x.test/a;../a;loop,,5\r\n\
        14,m\0,deal,3,U1,,,\r\n\
        15,m\xff,deal,3,U1,,,\r\n\
        16,short\r\n\
        17,m,\"deal,3\r\n";
    let expected = [
        (2, 5, "message", "message_missing"),
        (3, 6, "entity_type", "entity_type_invalid"),
        (4, 7, "entity_id", "entity_id_invalid"),
        (5, 8, "entity_id", "entity_incomplete"),
        (6, 9, "entity_type", "entity_missing"),
        (7, 10, "audience", "audience_invalid"),
        (8, 11, "audience", "audience_key_wrong"),
        (9, 12, "audience", "audience_missing"),
        (10, 13, "attachments", "attachment_inline"),
        (11, 14, "attachments", "attachment_invalid"),
        (12, 15, "publish_at", "time_invalid"),
        (12, 15, "attachments", "attachment_not_a_file"),
        (12, 15, "attachments", "attachment_empty"),
        (12, 15, "attachments", "attachment_missing"),
        (13, 16, "author_id", "field_not_carried"),
        (13, 16, "attachments", "attachment_web_address"),
        (13, 16, "attachments", "attachment_outside"),
        (13, 16, "attachments", "attachment_unreadable"),
        (14, 17, "message", "nul_character"),
        (15, 18, "message", "utf8_invalid"),
        (16, 19, "-", "field_count"),
        (17, 20, "-", "quote_unclosed"),
    ];
    let rows = checked("a.csv", csv, &rules_at(folder.path())).rows;
    assert_eq!(rows[0].at, Position::of_record(1, 2));
    let found: Vec<_> = rows
        .iter()
        .flat_map(|row| row.problems.iter().chain(&row.disk_problems))
        .map(|problem| {
            let column = problem.column.as_deref().unwrap_or("-");
            (problem.row, problem.line, column, problem.code.as_str())
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_codes_of_broken_lines_come_with_their_place() {
    let jsonl = b"{\"message\":\"a\"}\n\n[1]\n{\n{\"message\":\"a\",\"MESSAGE\":\"b\"}\n\
        {\"message\":\"\xff\"}\n{\"message\":[]}\n{\"message\":\"m\",\"important\":\"so\"}\n\
        {\"message\":\"m\",\"author_id\":0}\n";
    let found: Vec<_> = checked("a.jsonl", jsonl, &rules(&CarriesAll))
        .rows
        .into_iter()
        .flat_map(|row| row.problems)
        .map(|problem| (problem.row, problem.line, problem.code))
        .collect();
    let expected = [
        (2, 3, Code::JsonNotObject),
        (3, 4, Code::JsonInvalid),
        (4, 5, Code::FieldRepeated),
        (5, 6, Code::Utf8Invalid),
        (6, 7, Code::TypeWrong),
        (7, 8, Code::FlagInvalid),
        (8, 9, Code::AuthorIdInvalid),
    ];
    assert_eq!(found, expected);
}

#[test]
fn rows_keep_their_order_over_many_chunks() {
    let rows = 50 * SMALL.records + 7;
    let mut csv = "external_id,message\n".to_owned();
    for row in 1..=rows {
        csv.push_str(&format!("id-{row},m\n"));
    }
    let checked = checked("a.csv", csv.as_bytes(), &rules(&CarriesAll)).rows;
    assert_eq!(checked.len(), rows);
    for (place, row) in checked.iter().enumerate() {
        assert_eq!(row.at.number, place as u64 + 1);
        assert_eq!(row.external_id, Some(format!("id-{}", place + 1)));
    }
}

#[test]
fn mentions_are_found_in_every_form_of_writing_them() {
    let mentioning = |name, rows: &str| -> Vec<bool> {
        let rows = checked(name, rows.as_bytes(), &rules(&CarriesAll)).rows;
        rows.iter().map(|row| row.has_mention).collect()
    };
    let csv = "message,title\nm,t\n\"see\n[user=5]Ann[/user]\",t\nm,[USER=5]Ann[/USER]\n";
    assert_eq!(mentioning("a.csv", csv), [false, true, true]);
    assert_eq!(mentioning("a.csv", "message\nm\n"), [false]);
    for message in ["[user=5]Ann[/user]", r"\u005buser=5\u005dAnn"] {
        let jsonl = format!("{{\"message\":\"{message}\"}}\n");
        assert_eq!(mentioning("a.jsonl", &jsonl), [true], "{message}");
    }
}

#[test]
fn files_and_time_are_summed_up_and_repeats_found() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "12345").unwrap();
    let csv = b"external_id,message,audience,attachments,publish_at\n\
        A,m,CRMDEAL3,a.txt;./a.txt,2099-01-01T00:00:00Z\n\
        A,m,CRMDEAL3,a.txt;none.txt,\n,m,CRMDEAL3,a.txt;./a.txt,\n";
    let rows = checked("a.csv", csv, &rules_at(folder.path())).rows;
    let [first, second, third] = &rows[..] else {
        panic!("{rows:?}")
    };
    assert_eq!((first.attachments, first.attachment_bytes), (2, 10));
    assert_eq!(
        first.publish_at.unwrap().to_string(),
        "2099-01-01T00:00:00Z"
    );
    assert_eq!(first.content, third.content, "ID and date are no content");
    assert!(second.problems.is_empty());
    assert_eq!(second.disk_problems.len(), 1);
    assert!(
        second.content.is_some(),
        "the disk has no say in the content"
    );
    let mut repeats = Repeats::default();
    let columns = crate::manifest::Columns::default();
    assert_eq!(repeats.of_id("A", first.at, &columns), None);
    assert!(repeats.of_id("A", second.at, &columns).is_some());
}

#[test]
fn unknown_keys_of_all_chunks_come_together() {
    let mut jsonl = String::new();
    for row in 0..3 * SMALL.records {
        jsonl.push_str(&format!(
            "{{\"message\":\"m\",\"key{}\":1}}\n",
            row / SMALL.records
        ));
    }
    let checked = checked("a.jsonl", jsonl.as_bytes(), &rules(&CarriesAll));
    let warnings = UnknownKeys::default().merge(&checked.unknown_keys);
    assert_eq!(warnings.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_give_content_or_problems(
        body in proptest::collection::vec(any::<u8>(), 0..80),
        csv in any::<bool>(),
    ) {
        let (name, content) = match csv {
            true => ("a.csv", [b"message,audience,attachments,tags\n", &body[..]].concat()),
            false => {
                let first = format!("{{\"message\":\"{}\"}}\n", "m".repeat(100));
                ("a.jsonl", [first.as_bytes(), &body].concat())
            }
        };
        for row in checked(name, &content, &rules(&CarriesAll)).rows {
            prop_assert_eq!(row.content.is_some(), row.problems.is_empty());
        }
    }

    #[test]
    fn json_like_cells_give_content_or_problems(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "[", "]", "{", "}", "\"\"U\"\"", ":", ",", "\"\"U1\"\"", "\"\"path\"\"", "1", "null", " ", "\\u0000",
        ]), 0..12),
    ) {
        let cell = parts.concat();
        let csv = format!("message,audience,attachments,tags\nm,\"{cell}\",\"{cell}\",\"{cell}\"\n");
        for row in checked("a.csv", csv.as_bytes(), &rules(&CarriesAll)).rows {
            prop_assert_eq!(row.content.is_some(), row.problems.is_empty());
        }
    }
}
