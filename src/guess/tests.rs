//! Guesses over whole files, and mappings made of them.

use std::path::Path;

use super::{FileFacts, guess};
use crate::manifest::mapping::{Applied, BoundMapping, ColumnOptions, Mapping, PartBuffer, Source};
use crate::manifest::{Cell, Sample, Warning};
use crate::post::Field;

const FACTS: FileFacts<'_> = FileFacts {
    manifest: "m.csv",
    mapping: "notes.toml",
    file_name: "notes.csv",
    encoding: None,
};

fn sample(table: &str) -> Sample {
    let mut lines = table.lines().map(|line| line.trim().split('|'));
    let header: Vec<&str> = lines.next().unwrap().collect();
    let rows: Vec<Vec<String>> = lines
        .map(|row| row.map(|cell| cell.replace('¶', "\n")).collect())
        .collect();
    Sample::of_table(&header, &rows)
}

/// The mapping of a table, and what it says without remarks.
fn guessed(table: &str) -> String {
    let text = guess(&sample(table), FACTS).to_string();
    let said = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "));
    let one_blank = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    said.map(one_blank).collect::<Vec<_>>().join("\n")
}

fn bound(sample: &Sample, text: &str) -> Result<BoundMapping, String> {
    let mapping = Mapping::parse(Path::new("m.toml"), text.as_bytes());
    let mapping = mapping.map_err(|errors| format!("{errors}\n{text}"))?;
    let header = sample.columns.iter().map(|column| column.written.as_str());
    mapping
        .bind_header(header, ColumnOptions::default())
        .map_err(|errors| format!("{errors}\n{text}"))
}

/// The posts that the guessed mapping makes of a table's rows: name and message.
fn posts(table: &str) -> Vec<String> {
    let sample = sample(table);
    let text = guess(&sample, FACTS).to_string();
    let bound = bound(&sample, &text).unwrap();
    let (mut buffer, mut posts) = (PartBuffer::default(), Vec::new());
    for row in 0..sample.rows {
        let cell = |source: &Source| match source {
            Source::Column(column) => Cell::Text(&sample.columns[*column].cells[row]),
            Source::Path(_) | Source::FieldKey(_) => Cell::Absent,
        };
        let cells: Vec<Cell<'_>> = bound.sources().map(cell).collect();
        match bound.apply(&cells, &mut buffer) {
            Applied::Parts(parts) => {
                let problems = parts
                    .problems()
                    .iter()
                    .map(|problem| problem.kind.to_string());
                posts.extend(problems);
                posts.extend(parts.iter().map(|part| {
                    let text = match part.cell(Field::Message) {
                        Cell::Text(text) => text,
                        other => panic!("{other:?}"),
                    };
                    format!("{}: {text}", part.name().unwrap_or("-"))
                }));
            }
            Applied::Skipped => posts.push("skipped".to_owned()),
            Applied::Empty => posts.push("empty".to_owned()),
        }
    }
    posts
}

#[test]
fn notes_of_deals_of_amo_crm_are_not_dated_by_the_deal() {
    let table = "ID|Название сделки|Бюджет|Ответственный|Дата создания сделки|Теги|Примечание|Примечание 2|Примечание 3\n\
        101|Поставка|5|Иван Примеров|12.03.2019 14:05:00|vip|Первое|Второе|\n\
        102|Монтаж|7|Анна Примерова|13.03.2019 09:00:00||||";
    assert_eq!(
        guessed(table),
        "[file]\ntarget = \"timeline\"\n#entity_map = \"notes.csv.entities.csv\"\n\
         ignore_columns = [\"Теги\"]\n\
         [fields]\nexternal_id = \"ID\"\n#title = \"Название сделки\"\n\
         entity_type = { value = \"deal\" }\nentity_id = { column = \"ID\", map = \"entity\" }\n\
         #created_at = { column = \"Дата создания сделки\", format = \"%d.%m.%Y %H:%M:%S\" }\n\
         #author_name = \"Ответственный\"\n\
         [explode]\ncolumns = [\"Примечание\", \"Примечание 2\", \"Примечание 3\"]"
    );
    assert_eq!(
        posts(table),
        [
            "101/Примечание: Первое",
            "101/Примечание 2: Второе",
            "empty"
        ]
    );
}

#[test]
fn several_records_of_hub_spot_make_several_posts() {
    let table = "Record ID|Activity type|Activity date|Activity assigned to|Body|Associated Contact IDs|Associated Company IDs|Associated Deal IDs\n\
        51|Note|2019-03-12 14:05|Ann Example|<p>Call back</p>|101;102||9001\n\
        52|Call|2019-03-13 09:30|Bob Example|<div>Sent</div>||55|";
    let said = guessed(table);
    assert!(
        said.contains("message = { column = \"Body\", format = \"html\" }"),
        "{said}"
    );
    assert!(said.contains("#timezone ="), "{said}");
    assert!(
        said.contains("#[[skip]]\n#column = \"Activity type\"\n#equals = [\"Call\", \"Note\"]"),
        "{said}"
    );
    let mut found = posts(table);
    found.sort();
    assert_eq!(
        found,
        [
            "51@contact:101: <p>Call back</p>",
            "51@contact:102: <p>Call back</p>",
            "51@deal:9001: <p>Call back</p>",
            "52@company:55: <div>Sent</div>",
        ]
    );
}

#[test]
fn each_system_has_its_columns() {
    for (table, said) in [
        (
            "Id|IsDeleted|ParentId|Title|IsPrivate|Body|OwnerId|CreatedDate|CreatedById\n\
             0025g00000AAAAA|0|0065g00000ABCdE|Call|0|Called them|0055g00000AAAAA|2019-03-12T14:05:00.000Z|0055g00000BBBBB",
            "external_id = \"Id\"\ntitle = \"Title\"\nmessage = \"Body\"\nentity_type = { value = \"deal\" }\n\
             entity_id = { column = \"ParentId\", map = \"entity\" }\ncreated_at = \"CreatedDate\"\n\
             #author_id = { column = \"CreatedById\", map = \"user\", missing = \"warn\" }\n\
             [[skip]]\ncolumn = \"IsDeleted\"\nequals = [\"1\", \"true\"]",
        ),
        (
            "id|content|deal_id|person_id|org_id|user_id|add_time|active_flag\n\
             1|<p>Hi</p>|7||3|9|2019-03-12 14:05:00|1\n2|<p>Ho</p>||5||9|2019-03-13 14:05:00|1",
            "external_id = \"id\"\nmessage = { column = \"content\", format = \"html\" }\n\
             created_at = \"add_time\"\n#author_id = { column = \"user_id\", map = \"user\", missing = \"warn\" }\n\
             [[records]]\ntype = \"deal\"\ncolumn = \"deal_id\"\nmap = \"entity\"\n\
             [[records]]\ntype = \"contact\"\ncolumn = \"person_id\"\nmap = \"entity\"\n\
             [[records]]\ntype = \"company\"\ncolumn = \"org_id\"\nmap = \"entity\"\n\
             [[skip]]\ncolumn = \"active_flag\"\nequals = [\"0\", \"false\"]",
        ),
        (
            "Record Id|Note Owner|Note Title|Note Content|Created Time|Parent Id\n\
             zcrm_1|Ann Example|Call|Called them|2019-03-12 14:05:00|zcrm_7",
            "external_id = \"Record Id\"\ntitle = \"Note Title\"\nmessage = \"Note Content\"\n\
             #entity_type = { value = \"deal\" }\nentity_id = { column = \"Parent Id\", map = \"entity\" }\n\
             created_at = \"Created Time\"\nauthor_name = \"Note Owner\"\n\
             #author_id = { column = \"Note Owner\", map = \"user\", missing = \"warn\" }",
        ),
        (
            "id|name|description|parent_type|parent_id|date_entered|created_by_name|filename|deleted\n\
             a1|Call|Called them|Opportunities|b1|03/12/2019 02:05 PM|ann|offer.pdf|0\n\
             a2|Mail|Sent it|Cases|b2|03/13/2019 02:05 PM|ann||0",
            "external_id = \"id\"\ntitle = \"name\"\nmessage = \"description\"\n\
             entity_type.column = \"parent_type\"\nentity_type.values.Opportunities = \"deal\"\n\
             #entity_type.values.Cases = \"deal\"\n#entity_type.missing = \"skip\"\n\
             entity_id = { column = \"parent_id\", map = \"entity\" }\nattachments = \"filename\"\n\
             created_at = { column = \"date_entered\", format = \"%m/%d/%Y %I:%M %p\" }\n\
             author_name = \"created_by_name\"\n\
             #author_id = { column = \"created_by_name\", map = \"user\", missing = \"warn\" }\n\
             [[skip]]\ncolumn = \"deleted\"\nequals = [\"1\"]",
        ),
        (
            "modcommentsid|commentcontent|related_to|createdtime|smownerid\n5|Hello|11x34|2019-03-12 14:05:00|19x1",
            "external_id = \"modcommentsid\"\nmessage = \"commentcontent\"\n\
             #entity_type = { value = \"deal\" }\nentity_id = { column = \"related_to\", map = \"entity\" }\n\
             created_at = \"createdtime\"\n\
             #author_id = { column = \"smownerid\", map = \"user\", missing = \"warn\" }",
        ),
        (
            "ID|ENTITY_ID|ENTITY_TYPE|CREATED|AUTHOR_ID|COMMENT|FILES\n7|521|deal|2019-03-12T14:05:00+03:00|9|Hello|",
            "external_id = \"ID\"\nmessage = \"COMMENT\"\nentity_type = \"ENTITY_TYPE\"\n\
             entity_id = \"ENTITY_ID\"\n#attachments = \"FILES\"\ncreated_at = \"CREATED\"\nauthor_id = \"AUTHOR_ID\"",
        ),
        (
            "ID|OWNER_ID|OWNER_TYPE_ID|SUBJECT|DESCRIPTION|CREATED|RESPONSIBLE_ID|COMPLETED\n\
             7|521|2|Call|Hello|2019-03-12T14:05:00+03:00|9|Y\n8|5|3|Call|Ho|2019-03-12T14:05:00+03:00|9|Y",
            "external_id = \"ID\"\ntitle = \"SUBJECT\"\nmessage = \"DESCRIPTION\"\nentity_type = \"OWNER_TYPE_ID\"\n\
             entity_id = \"OWNER_ID\"\ncreated_at = \"CREATED\"\nauthor_id = \"RESPONSIBLE_ID\"",
        ),
        (
            "id|entity_id|entity_type|created_by|created_at|note_type|params.text\n\
             1|101|leads|7|1552389900|common|Hello\n2|5|contacts|7|1552389900|common|Ho",
            "external_id = \"id\"\nmessage = \"params.text\"\n\
             entity_type = { column = \"entity_type\", values = { contacts = \"contact\", leads = \"deal\" } }\n\
             entity_id = { column = \"entity_id\", map = \"entity\" }\n\
             created_at = { column = \"created_at\", format = \"unix\" }\n\
             #author_id = { column = \"created_by\", map = \"user\", missing = \"warn\" }",
        ),
        (
            "ID сделки|Дата|Автор|Комментарий\n101|13.03.2019|Иванов|Звонил\n101|02.04.2019|Иванов|Писал",
            "message = \"Комментарий\"\nentity_type = { value = \"deal\" }\n\
             entity_id = { column = \"ID сделки\", map = \"entity\" }\n\
             created_at = { column = \"Дата\", format = \"%d.%m.%Y\" }\nauthor_name = \"Автор\"\n\
             #author_id = { column = \"Автор\", map = \"user\", missing = \"warn\" }",
        ),
    ] {
        let found = guessed(table);
        let (_, fields) = found.split_once("[fields]\n").unwrap();
        assert_eq!(fields, said, "{table}");
    }
}

#[test]
fn ids_of_several_kinds_in_one_column_are_looked_up_as_each() {
    let table = "Id|WhatId|Description|ActivityDate|OwnerId|IsDeleted\n\
        1|0065g00000ABCdE|Called|2019-03-12|0055g00000AAAAA|0\n2|0015g00000ABCdE|Wrote|2019-03-12|0055g00000AAAAA|0";
    let said = guessed(table);
    for kind in ["deal", "company"] {
        let section = format!(
            "[[records]]\ntype = \"{kind}\"\ncolumn = \"WhatId\"\nmap = \"entity\"\nmissing = \"warn\""
        );
        assert!(said.contains(&section), "{said}");
    }
}

#[test]
fn what_is_not_known_is_guessed_by_what_columns_hold() {
    let table = "A|B|C|D\n1|12.03.2019|Ann Example|A long story about an offer\n2|13.04.2019|Ann Example|Another long story";
    let said = guessed(table);
    assert!(said.contains("\nmessage = \"D\"\n"), "{said}");
    assert!(
        said.contains("#created_at = { column = \"B\", format = \"%d.%m.%Y\" }"),
        "{said}"
    );
    assert!(said.contains("#entity_type"), "{said}");
    assert!(guessed("A|B\n|").contains("#message = \"A\""));
}

#[test]
fn both_orders_of_day_and_month_are_offered_where_both_fit() {
    let said = guessed(
        "id|note|created_at (UTC)\n1|Hello you|03/04/2019 10:00\n2|Ho there|05/06/2019 11:00",
    );
    assert!(
        said.contains(
            "\ncreated_at = { column = \"created_at (UTC)\", format = \"%m/%d/%Y %H:%M\", timezone = \"UTC\" }\n\
             #created_at = { column = \"created_at (UTC)\", format = \"%d/%m/%Y %H:%M\" }"
        ),
        "{said}"
    );
}

#[test]
fn paths_of_json_are_columns() {
    let rows = [
        r#"{"id":"1","properties":{"hs_note_body":"<p>hi</p>","hs_timestamp":1552389900000},"associations":{"dealIds":[7,8]}}"#,
    ];
    let sample = Sample::of_json(rows);
    let text = guess(&sample, FACTS).to_string();
    let mapping = Mapping::parse(Path::new("m.toml"), text.as_bytes()).unwrap();
    let bound = mapping.bind_json(ColumnOptions::default()).unwrap();
    let mut cells = Vec::new();
    bound.json_cells(rows[0], &mut cells, |_, _| {}).unwrap();
    let mut buffer = PartBuffer::default();
    let Applied::Parts(parts) = bound.apply(&cells, &mut buffer) else {
        panic!("{text}")
    };
    let names: Vec<_> = parts
        .iter()
        .map(|part| part.name().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["1@deal:7", "1@deal:8"]);
    assert!(text.contains("format = \"unix-ms\""), "{text}");
}

/// Names that may stand in a header, and cells that may stand below.
fn names() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let known = [
        "ID",
        "id",
        "Note",
        "note 2",
        "Примечание",
        "message",
        "entity_type",
        "entity_id",
        "deal_id",
        "Deal",
        "parent_type",
        "parent_id",
        "created_at",
        "Дата создания",
        "Ответственный",
        "tags",
        "Название сделки",
        "deleted",
        "WhatId",
        "author_id",
        "file",
        "activity type",
        "Note#2",
        "",
        "SPERM",
        "important",
        "publish_at",
        "Record ID",
        "Associated Deal IDs",
        "params.text",
    ];
    prop_oneof![
        3 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => "[\"'{}\\\\\n#\\[\\].=aЖ ]{0,6}",
        1 => "\\PC{0,8}",
    ]
}

fn cells() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let known = [
        "",
        "",
        "1",
        "101;102",
        "deal",
        "Opportunities",
        "12.03.2019",
        "2019-03-12T14:05:00Z",
        "0065g00000ABCdE",
        "0015g00000ABCdE",
        "<p>a</p>",
        "Ann Example",
        "1552389900",
        "U1,SG5",
        "[{\"a\":1}]",
        "a.pdf,b.pdf",
        "A longer text\nof two lines",
    ];
    prop_oneof![
        3 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => "[\"'{}\\\\\n#=aЖ ]{0,6}",
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(500))]

    #[test]
    fn any_guess_is_a_mapping_of_its_file(
        header in proptest::collection::vec(names(), 1..9),
        rows in proptest::collection::vec(proptest::collection::vec(cells(), 9), 0..5),
        encoding in "[a-z\"\\\\]{0,4}",
        manifest in "\\PC{0,8}",
    ) {
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let sample = Sample::of_table(&header, &rows);
        let encoding = format!("x{encoding}");
        let facts = FileFacts { manifest: &manifest, mapping: &manifest, file_name: &manifest, encoding: Some(&encoding) };
        let text = guess(&sample, facts).to_string();
        let bound = bound(&sample, &text).map_err(proptest::test_runner::TestCaseError::fail)?;
        for (_, name) in &bound.columns().left_over {
            let is_near = matches!(
                Warning::unknown(name),
                Warning::UnknownColumn { nearest: Some(_), .. }
            );
            proptest::prop_assert!(!is_near, "{name} would hold all rows back\n{text}");
        }
    }

    #[test]
    fn any_guess_is_a_mapping_of_its_json(
        rows in proptest::collection::vec(
            proptest::collection::vec((names(), names(), cells()), 0..6), 0..4),
    ) {
        let rows = rows.into_iter().map(|pairs| {
            let mut row = serde_json::Map::new();
            for (outer, inner, cell) in pairs {
                let value = match inner.as_str() {
                    "" => cell.into(),
                    inner => serde_json::json!({ inner: cell }),
                };
                row.insert(outer, value);
            }
            serde_json::Value::Object(row).to_string()
        });
        let rows: Vec<String> = rows.collect();
        let sample = Sample::of_json(rows.iter().map(String::as_str));
        proptest::prop_assert_eq!(sample.rows, rows.len());
        let text = guess(&sample, FACTS).to_string();
        let mapping = Mapping::parse(Path::new("m.toml"), text.as_bytes());
        let bound = mapping.and_then(|mapping| mapping.bind_json(ColumnOptions::default()));
        proptest::prop_assert!(bound.is_ok(), "{}\n{text}", bound.unwrap_err());
    }
}
