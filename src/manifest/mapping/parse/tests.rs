use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::manifest::mapping::{MapKind, Missing};
use crate::post::EntityKind;
use crate::post::{MessageFormat, TimeNotation};

const ALL: &str = r#"
[file]
target = "timeline"
encoding = "windows-1251"
delimiter = ";"
timezone = "Europe/Moscow"
date_format = "%d.%m.%Y %H:%M:%S"
message_format = "html"
entity_map = "entities.csv"
user_map = "users.csv"
file_map = "files.csv"
ignore_columns = ["Бюджет", "Этап сделки"]
rows = "_embedded.notes"
sheet = "Notes"
fill_down = ["Контрагент"]

[fields]
external_id = "ID"
message     = { template = "{Тема}\n\n{explode}", format = "text" }
title       = { column = "Тема", default = "Без темы" }
author_id   = { column = "Ответственный", map = "user", missing = "warn" }
created_at  = { column = "Дата", format = "%d.%m.%Y %H:%M", timezone = "Asia/Almaty" }
audience    = { value = "UA" }
important   = { column = "Важно", values = { "да" = true, "нет" = false } }
attachments = { column = "Файлы", separator = "|", map = "file" }

[explode]
columns = ["Примечание", "Примечание 2", "Примечание 3"]

[[records]]
type = "contact"
column = "Associated Contact IDs"
separator = ";"
map = "entity"

[[records]]
type = 2
column = "Associated Deal IDs"
separator = ";"
map = "entity"
missing = "skip"

[[skip]]
column = "IsDeleted"
equals = ["1", "true", 1, true]
"#;

fn parse(text: &str) -> Result<Mapping, MappingErrors> {
    Mapping::parse(Path::new("maps/notes.toml"), text.as_bytes())
}

#[test]
fn every_key_is_understood() {
    let mapping = parse(ALL).unwrap();
    let file = &mapping.file;
    assert_eq!(file.target.as_ref().unwrap().value, "timeline");
    assert_eq!(file.target.as_ref().unwrap().place.to_string(), "3:10");
    assert_eq!(file.delimiter.unwrap().byte(), b';');
    assert_eq!(
        file.entity_map.as_deref(),
        Some(Path::new("maps/entities.csv"))
    );
    assert_eq!(file.message_format, Some(MessageFormat::Html));
    assert_eq!(file.ignore_columns.as_ref().unwrap().len(), 2);
    assert_eq!(file.fill_down[0].value, "Контрагент");
    let rule = |field: Field| mapping.fields[field as usize].as_ref().unwrap();
    assert_eq!(rule(Field::AuthorId).rules.map, Some(MapKind::User));
    assert_eq!(rule(Field::AuthorId).rules.missing, Missing::Warn);
    let created = &rule(Field::CreatedAt).rules;
    let format = TimeNotation::Pattern("%d.%m.%Y %H:%M".to_owned());
    assert_eq!(created.time_format, Some(format));
    assert_eq!(
        rule(Field::Audience).source,
        ValueSource::Value("UA".to_owned())
    );
    let values = rule(Field::Important).rules.values.as_ref().unwrap();
    assert_eq!(values["да"], "true");
    assert_eq!(
        rule(Field::Attachments).rules.separator.as_deref(),
        Some("|")
    );
    assert_eq!(mapping.explode.len(), 3);
    assert_eq!(mapping.records[1].kind, EntityKind::Deal);
    assert_eq!(mapping.records[1].missing, Missing::Skip);
    assert_eq!(mapping.skips[0].equals, ["1", "true", "1", "true"]);
    assert_eq!(parse("").unwrap().fields, FieldRules::default());
    let marked = Mapping::parse(Path::new("m"), b"\xef\xbb\xbf[file]\r\nsheet = 'a'\r\n");
    assert_eq!(marked.unwrap().file.sheet.unwrap().place.to_string(), "2:9");
}

#[test]
fn a_message_without_a_source_is_what_is_exploded() {
    let text = "[fields]\nmessage = { format = 'html' }\n[explode]\ncolumns = 'Note'";
    let mapping = parse(text).unwrap();
    let message = mapping.fields[Field::Message as usize].as_ref().unwrap();
    assert_eq!(message.source, ValueSource::Explode);
    assert_eq!(mapping.explode[0].value, "Note");
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_would_be_right() {
    for (text, told) in [
        (
            "[file]\nencodng = 'x'",
            "2:1: `[file]` has no key `encodng`; it has `target`, ",
        ),
        ("[file]\nencodng = 'x'", "; perhaps `encoding`"),
        (
            "[field]\na = 1",
            "1:2: the mapping file has no key `field`; it has `file`, `fields`, ",
        ),
        (
            "[fields]\nmesage = 'a'",
            "2:1: no field is named `mesage`; the fields are ",
        ),
        ("[fields]\nComment = 'a'", "; perhaps `message`"),
        (
            "[fields]\nmessage = { colum = 'a' }",
            "2:13: `message` has no key `colum`",
        ),
        (
            "[fields]\nmessage = { colum = 'a' }",
            "2:11: `message` has no source",
        ),
        (
            "[fields]\ntitle = { template = 'Тема {Тема' }",
            "2:28: in the template of `title`, the brace is never closed",
        ),
        (
            "[fields]\ntitle = { template = \"\\u0041{\" }",
            "2:22: in the template",
        ),
        (
            "[fields]\ntitle = { column = 'a', template = 'b' }",
            "2:9: `title` has both column and template",
        ),
        (
            "[fields]\nentity_id = { value = '1', default = '2' }",
            "does not go with `value`",
        ),
        (
            "[fields]\ntitle = 7",
            "2:9: `title` is a number; give a column's name in quotes, or",
        ),
        ("[fields]\ntitle = ' '", "2:9: `title` is empty"),
        (
            "[fields]\ntitle = 'a'\nTITLE = 'b'",
            "`title` is given twice, by `TITLE` and `title`",
        ),
        (
            "[fields]\ntitle = { column = 'a', map = 'user' }",
            "`title` takes no `map`; maps are",
        ),
        (
            "[fields]\nentity_id = { column = 'a', map = 'user' }",
            "its map is \"entity\"",
        ),
        (
            "[fields]\nentity_id = { column = 'a', map = 'entities' }",
            "perhaps `entity`",
        ),
        (
            "[fields]\ntitle = { column = 'a', separator = ';' }",
            "`title` takes no `separator`",
        ),
        (
            "[fields]\ntags = { column = 'a', separator = '' }",
            "`separator` of `tags` is empty",
        ),
        (
            "[fields]\ntitle = { column = 'a', format = 'html' }",
            "`title` takes no `format`",
        ),
        (
            "[fields]\ntitle = { column = 'a', timezone = 'UTC' }",
            "`title` takes no `timezone`",
        ),
        (
            "[fields]\ntitle = { column = 'a', missing = 'skip' }",
            "`title` takes no `missing`",
        ),
        (
            "[fields]\ntitle = { column = 'a', values = {} }",
            "`values` of `title` is empty",
        ),
        (
            "[fields]\ntitle = { column = 'a', values = { x = [] } }",
            "\"x\" in `values`",
        ),
        (
            "[fields]\nmessage = { column = 'a', format = 'htm' }",
            "perhaps `html`",
        ),
        (
            "[fields]\ncreated_at = { column = 'a', timezone = 'Moscow' }",
            "`Europe/Moscow`",
        ),
        (
            "[file]\ndate_format = 'dd.mm.yyyy hh:mm'",
            "2:15: no time can be read in the format `dd.mm.yyyy hh:mm`",
        ),
        (
            "[file]\ndate_format = 'dd.mm.yyyy hh:mm'",
            "perhaps `%d.%m.%Y %H:%M`",
        ),
        (
            "[file]\ndelimiter = ';;'",
            "2:13: `delimiter`: give one character",
        ),
        (
            "[file]\nignore_columns = [1]",
            "is a number; give a list of columns' names",
        ),
        ("file = 1", "1:8: `[file]` is a number; give a table"),
        ("fields = 1", "1:10: `fields` is a number"),
        ("[explode]\n", "1:1: `columns` of `[explode]` is missing"),
        (
            "[explode]\ncolumns = []",
            "2:11: `columns` of `[explode]` is empty",
        ),
        (
            "[explode]\ncolumns = 'N'\n[fields]\nexternal_id = { template = '{explode}' }",
            "4:1: `external_id` does not go with {explode}",
        ),
        (
            "[explode]\ncolumns = ['N']\n[fields]\nmessage = 'a'",
            "4:1: the text of the exploded columns is not posted",
        ),
        (
            "[records]\ntype = 'deal'",
            "1:1: `records` of the mapping file is a table; give one",
        ),
        (
            "[[records]]\ntype = 'deel'\ncolumn = 'a'",
            "2:8: no records are of the type `deel`",
        ),
        (
            "[[records]]\ntype = 'deal'",
            "1:1: `column` of `[[records]]` is missing",
        ),
        (
            "[[records]]\ncolumn = 'a'",
            "`type` of `[[records]]` is missing",
        ),
        (
            "[[records]]\ntype = 'deal'\ncolumn = 'a'\n[[records]]\ntype = '2'\ncolumn = 'A'",
            "6:10: an earlier entry",
        ),
        (
            "[[records]]\ntype = 'deal'\ncolumn = 'a'\n[fields]\nENTITYID = 'b'",
            "5:1: `entity_id` does not go with `[[records]]`",
        ),
        (
            "[[records]]\ntype = 'deal'\ncolumn = 'a'\nmissing = 'warn'",
            "`map` beside `missing`",
        ),
        (
            "[[skip]]\ncolumn = 'a'",
            "1:1: `equals` of `[[skip]]` is missing",
        ),
        (
            "[[skip]]\ncolumn = 'a'\nequals = []",
            "3:10: `equals` of `[[skip]]` is empty",
        ),
        ("[file]\nsheet = \"C:\\x\"", "this is no TOML"),
        (
            "[file]\nsheet = 'a'\nsheet = 'b'",
            "3:1: this is no TOML: duplicate key",
        ),
    ] {
        let errors = parse(text).expect_err(text).to_string();
        assert!(errors.contains(told), "{text}\n{errors}");
        assert!(errors.starts_with("maps/notes.toml:"), "{errors}");
    }
    let errors = Mapping::parse(Path::new("m.toml"), b"[file]\nsheet = '\xc0'").unwrap_err();
    assert_eq!(
        errors.to_string(),
        "m.toml:2:10: the file is not UTF-8 here; save it as UTF-8"
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let errors = parse("[fields]\nmesage = 'a'\ntitel = 'b'\n[file]\nx = 1").unwrap_err();
    assert_eq!(errors.errors.len(), 3);
    let many: String = (0..50).map(|n| format!("x{n} = 1\n")).collect();
    let told = parse(&many).unwrap_err().to_string();
    assert!(told.ends_with("and 30 more"), "{told}");
}

const NAMES: &[&str] = &[
    "file",
    "fields",
    "explode",
    "records",
    "skip",
    "message",
    "title",
    "entity_id",
    "created_at",
    "tags",
    "column",
    "columns",
    "template",
    "value",
    "values",
    "map",
    "missing",
    "separator",
    "format",
    "timezone",
    "type",
    "equals",
    "default",
    "sheet",
    "delimiter",
    "fill_down",
];
const VALUES: &[&str] = &[
    "\"a\"",
    "'{a}'",
    "\"{\"",
    "'}}'",
    "'unix'",
    "'%d.%m.%Y'",
    "1",
    "1.5",
    "true",
    "[]",
    "['a', 'b']",
    "{}",
    "2019-03-12",
    "''",
    "'deal'",
    "'entity'",
    "\"\\u0041{\"",
    "{ column = 'a' }",
    "{ template = '{x}', format = 'html' }",
    "{ value = 1 }",
    "{ a = 1, a = 2 }",
    "0x1F",
    "\"\"\"{\n{\"\"\"",
];

/// A text like a mapping file, with something else in it here and there.
fn nearly_toml() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(NAMES);
    let value = || prop::sample::select(VALUES);
    let line = prop_oneof![
        6 => (name(), value()).prop_map(|(name, value)| format!("{name} = {value}")),
        2 => name().prop_map(|name| format!("[{name}]")),
        2 => name().prop_map(|name| format!("[[{name}]]")),
        1 => (name(), name(), value()).prop_map(|(a, b, value)| format!("{a}.{b} = {value}")),
        1 => "\\PC{0,12}",
    ];
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in nearly_toml()) {
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.errors.is_empty());
            prop_assert!(!errors.to_string().is_empty());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(errors) = Mapping::parse(Path::new(""), &bytes) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }

    #[test]
    fn no_change_of_a_byte_makes_it_panic(at in 0..ALL.len(), byte: u8, cut: bool) {
        let mut bytes = ALL.as_bytes().to_vec();
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        if let Err(errors) = Mapping::parse(Path::new(""), &bytes) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }
}
