use super::*;

const HEADER: [&str; 5] = ["ID", " Примечание ", "Примечание", "Файл", "title"];

fn faults(text: &str, header: &[&str], mapped: &[(Field, String)]) -> String {
    let options = ColumnOptions {
        mapped,
        ignored: &[],
    };
    let bound = parse(text).bind_header(header.iter().copied(), options);
    bound.unwrap_err().to_string()
}

#[test]
fn names_match_without_letter_case_and_repeated_ones_are_numbered() {
    let text = "[fields]\nmessage = 'ПРИМЕЧАНИЕ#2'\nexternal_id = ' id '";
    let mapping = bind(text, &HEADER);
    assert_eq!(
        map(&mapping, &["1", "a", "b", "f", "t"]),
        ["[external_id=\"1\" title=\"t\" message=\"b\"]"]
    );
    let columns = mapping.columns();
    assert_eq!(columns.used, ["ID", "Примечание#2", "title"]);
    let left_over = [(1, "Примечание".to_owned()), (3, "Файл".to_owned())];
    assert_eq!(columns.left_over, left_over);
}

#[test]
fn an_unknown_column_is_told_with_its_place_and_the_nearest() {
    for (text, told) in [
        (
            "[fields]\nmessage = 'Примечане'",
            "m.toml:2:11: no column is named `Примечане`; perhaps `Примечание`",
        ),
        (
            "[fields]\nmessage = { template = \"Тема {Body}\" }",
            "m.toml:2:30: no column is named `Body`; the file begins with `ID`, `Примечание`, \
             `Примечание#2`, `Файл`, `title`",
        ),
        (
            "[explode]\ncolumns = ['ID',\n  'x']",
            "m.toml:3:3: no column is named `x`",
        ),
        (
            "[[records]]\ntype = 'deal'\ncolumn = 'Deals'",
            "m.toml:3:10: no column is named `Deals`",
        ),
        (
            "[[skip]]\ncolumn = 'x'\nequals = 1",
            "m.toml:2:10: no column",
        ),
        ("[file]\nfill_down = ['x']", "m.toml:2:14: no column"),
        (
            "[explode]\ncolumns = ['ID', 'id']",
            "m.toml:2:18: this column is exploded already",
        ),
    ] {
        let errors = faults(text, &HEADER, &[]);
        assert!(errors.starts_with(told), "{text}\n{errors}");
    }
    let errors = faults("", &HEADER, &[(Field::Message, "Прим".to_owned())]);
    assert!(
        errors
            .starts_with("--map message=\"Прим\": no column is named `Прим`; perhaps `Примечание`"),
        "{errors}"
    );
}

#[test]
fn columns_of_the_command_line_go_before_the_mapping_s_and_keep_its_rules() {
    let text = "[fields]\nmessage = 'x'\nentity_id = { column = 'y', map = 'entity' }\n";
    let mapped = [
        (Field::EntityId, "id".to_owned()),
        (Field::Message, "Примечание".to_owned()),
    ];
    let options = ColumnOptions {
        mapped: &mapped,
        ignored: &["ФАЙЛ".to_owned(), "title".to_owned()],
    };
    let mapping = parse(text).bind_header(HEADER, options).unwrap();
    assert_eq!(
        map(&mapping, &["5", "a", "b", "f", "t"]),
        ["[message=\"a\" entity_id=\"5\"→]"]
    );
    assert_eq!(mapping.columns().ignored, ["Файл", "title"]);
    let twice = [mapped[0].clone(), mapped[0].clone()];
    assert!(faults("", &HEADER, &twice).contains("`entity_id` is given twice"));
    let records = "[[records]]\ntype = 'deal'\ncolumn = 'ID'";
    assert!(faults(records, &HEADER, &mapped[..1]).contains("does not go with `[[records]]`"));
    let explode = "[explode]\ncolumns = 'Файл'";
    assert!(faults(explode, &HEADER, &mapped[1..]).contains("write {explode} into the template"));
}

#[test]
fn columns_named_like_fields_apply_unless_something_else_is_said() {
    let header = ["message", "Title", "POST_TITLE"];
    let errors = faults("", &header, &[]);
    assert_eq!(
        errors,
        "`title` is given twice, by `Title` and `POST_TITLE`; leave one of them out"
    );
    for text in [
        "[file]\nignore_columns = ['post_title']",
        "[fields]\ntitle = 'Title'",
        "[fields]\nexternal_id = 'POST_TITLE'",
    ] {
        let made = map(&bind(text, &header), &["m", "t", "p"]);
        assert!(made[0].contains("title=\"t\""), "{made:?}");
    }
    let made = map(
        &bind("[fields]\ntitle = { value = 'v' }", &header),
        &["m", "t", "p"],
    );
    assert_eq!(made, ["[title=\"v\" message=\"m\"]"]);
}
