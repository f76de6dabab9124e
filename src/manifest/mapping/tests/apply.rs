use super::*;

#[test]
fn a_plain_column_is_the_record_s_own_cell() {
    let mapping = bind("[fields]\nmessage = 'Text'", &["ID", "Text", "title"]);
    let record = ["1", "hello", "Hi"];
    let cells = cells(&mapping, &record);
    let mut buffer = PartBuffer::default();
    let Applied::Parts(parts) = mapping.apply(&cells, &mut buffer) else {
        panic!("no parts");
    };
    let part = parts.iter().next().unwrap();
    let Cell::Text(text) = part.cell(Field::Message) else {
        panic!("no text");
    };
    assert!(std::ptr::eq(text, record[1]));
    assert_eq!(part.column(Field::Message), "Text");
    assert_eq!(part.column(Field::Title), "title");
    assert_eq!(part.column(Field::Tags), "tags");
    assert_eq!((part.name(), part.ending(), parts.count()), (None, "", 1));
    assert!(mapping.may_have(Field::Title) && !mapping.may_have(Field::Tags));
}

#[test]
fn tables_come_before_defaults_and_missing_values_are_what_the_mapping_says() {
    let header = ["t", "message"];
    let with = |more: &str| {
        let values = "{ 'Сделка' = 'deal', 'нет' = '' }";
        let rule = format!("[fields]\nentity_type = {{ column = 't', values = {values}{more} }}");
        bind(&rule, &header)
    };
    for (more, value, made) in [
        ("", " Сделка ", "[message=\"m\" entity_type=\"deal\"]"),
        ("", "", "[message=\"m\"]"),
        (
            ", default = 'lead'",
            " ",
            "[message=\"m\" entity_type=\"lead\"]",
        ),
        (
            ", default = 'lead'",
            "нет",
            "[message=\"m\" entity_type=\"lead\"]",
        ),
        (", missing = 'skip'", "x", "skipped"),
        (
            ", missing = 'lead'",
            "x",
            "[message=\"m\" entity_type=\"lead\"]",
        ),
    ] {
        assert_eq!(map(&with(more), &[value, "m"]), [made], "{more} {value}");
    }
    assert_eq!(
        map(&with(", default = 'lead'"), &["сделка", "m"]),
        ["t: `values` doesn't have `сделка`", "[message=\"m\"]"]
    );
    assert_eq!(
        map(&with(", default = 'lead', missing = 'warn'"), &["x", "m"]),
        ["warning, t: `values` doesn't have `x`", "[message=\"m\"]"]
    );
}

#[test]
fn what_stands_for_an_empty_or_missing_value_goes_through_no_map() {
    let text = "[fields]\nauthor_id = { column = 'a', values = { 'x' = 'old' }, map = 'user', \
                missing = '7', default = '1' }";
    let mapping = bind(text, &["a", "message"]);
    assert_eq!(
        map(&mapping, &["x", "m"]),
        ["[message=\"m\" author_id=\"old\"→]"]
    );
    assert_eq!(
        map(&mapping, &["y", "m"]),
        ["[message=\"m\" author_id=\"7\"]"]
    );
    assert_eq!(
        map(&mapping, &["", "m"]),
        ["[message=\"m\" author_id=\"1\"]"]
    );
    let cells = cells(&mapping, &["x", "m"]);
    let mut buffer = PartBuffer::default();
    let Applied::Parts(parts) = mapping.apply(&cells, &mut buffer) else {
        panic!("no parts");
    };
    let part = parts.iter().next().unwrap();
    assert_eq!(
        part.looks_up(Field::AuthorId, MapKind::User),
        Some(&Missing::Value("7".to_owned()))
    );
    let constant = bind(
        "[fields]\nauthor_id = { value = 7, map = 'user' }",
        &["message"],
    );
    assert_eq!(map(&constant, &["m"]), ["[message=\"m\" author_id=\"7\"→]"]);
}

#[test]
fn templates_leave_out_blanks_beside_empty_columns_at_their_ends() {
    let mapping = bind(
        "[fields]\nmessage = { template = \"{a}\\n\\n{b}\\n{c}\" }",
        &["a", "b", "c"],
    );
    for (record, text) in [
        (["x", "y", "z"], "x\n\ny\nz"),
        (["", "y", "z"], "y\nz"),
        (["x", " ", ""], "x"),
        (["x", "", "z"], "x\n\n\nz"),
        (["", "", " z"], " z"),
    ] {
        assert_eq!(map(&mapping, &record), [format!("[message={text:?}]")]);
    }
    assert_eq!(map(&mapping, &["", " ", ""]), ["[]"]);
    let folder = bind(
        "[fields]\nattachments = { template = '{ID}/*' }",
        &["ID", "message"],
    );
    assert_eq!(map(&folder, &["", "m"]), ["[message=\"m\"]"]);
    assert_eq!(
        map(&folder, &["5", "m"]),
        ["[message=\"m\" attachments=\"5/*\"]"]
    );
    let constant = bind(
        "[fields]\ntitle = { template = 'Примечание {{1}}' }",
        &["message"],
    );
    assert_eq!(
        map(&constant, &["m"]),
        ["[title=\"Примечание {1}\" message=\"m\"]"]
    );
}

#[test]
fn bytes_that_are_no_text_are_a_problem_of_a_template_only() {
    let mapping = bind(
        "[fields]\nmessage = { template = '{a}!' }\ntitle = 'a'",
        &["a"],
    );
    let mut buffer = PartBuffer::default();
    let Applied::Parts(parts) = mapping.apply(&[Cell::Csv(b"\xff")], &mut buffer) else {
        panic!("no parts");
    };
    assert_eq!(parts.problems().len(), 1);
    assert_eq!(parts.problems()[0].field, Some(Field::Message));
    let title = parts.iter().next().unwrap().cell(Field::Title);
    assert_eq!(title, Cell::Csv(b"\xff"));
    let Applied::Parts(parts) = mapping.apply(&[Cell::Csv(b"\x01")], &mut buffer) else {
        panic!("no parts");
    };
    let message = parts.iter().next().unwrap().cell(Field::Message);
    assert_eq!(message, Cell::Csv(b"\x01!"));
}

#[test]
fn each_filled_column_makes_a_post() {
    let text = "[fields]\nexternal_id = 'ID'\n[explode]\ncolumns = ['Примечание', 'примечание 2']";
    let mapping = bind(text, &["ID", "Примечание", "Примечание 2", "message"]);
    assert_eq!(
        map(&mapping, &["51", "один", "два", "no"]),
        [
            "51/Примечание[external_id=\"51\" message=\"один\"]",
            "51/Примечание 2[external_id=\"51\" message=\"два\"]"
        ]
    );
    assert_eq!(
        map(&mapping, &["51", " ", "два", "no"]),
        ["51/Примечание 2[external_id=\"51\" message=\"два\"]"]
    );
    assert_eq!(
        map(&mapping, &["", "один", "", ""]),
        ["/Примечание[message=\"один\"]"]
    );
    assert_eq!(map(&mapping, &["51", "", "", "no"]), ["empty"]);
    let left_over = [(3, "message".to_owned())];
    assert_eq!(mapping.columns().left_over, left_over);
    assert!(
        mapping
            .exploded_columns()
            .eq(["Примечание", "Примечание 2"])
    );
}

#[test]
fn the_exploded_text_stands_in_templates() {
    let text = "[fields]\nmessage = { template = '{t}: {explode}', format = 'text' }\n\
                title = { template = '{explode}' }\n[explode]\ncolumns = ['a', 'b']";
    let mapping = bind(text, &["t", "a", "b"]);
    assert_eq!(
        map(&mapping, &["T", "x", "y"]),
        [
            "/a[title=\"x\" message=\"T: x\"]",
            "/b[title=\"y\" message=\"T: y\"]"
        ]
    );
    let rules = mapping.rules(Field::Message).unwrap();
    assert_eq!(rules.message_format, Some(crate::post::MessageFormat::Text));
}

const RECORDS: &str = "[fields]\nexternal_id = 'ID'\nmessage = 'Body'\n\
    [[records]]\ntype = 'contact'\ncolumn = 'Contacts'\nseparator = ';'\nmap = 'entity'\n\
    [[records]]\ntype = 'deal'\ncolumn = 'Deals'\nseparator = ';'\n";

#[test]
fn each_record_has_a_post() {
    let mapping = bind(RECORDS, &["ID", "Body", "Contacts", "Deals", "entity_id"]);
    assert_eq!(
        map(&mapping, &["51", "b", "7; 8;", "101", "9"]),
        [
            "51@contact:7[external_id=\"51\" message=\"b\" entity_type=\"contact\" entity_id=\"7\"→]",
            "51@contact:8[external_id=\"51\" message=\"b\" entity_type=\"contact\" entity_id=\"8\"→]",
            "51@deal:101[external_id=\"51\" message=\"b\" entity_type=\"deal\" entity_id=\"101\"→]",
        ]
    );
    assert_eq!(
        map(&mapping, &["51", "b", "", " ", ""])[0],
        ": the row names no record"
    );
    let twice = map(&mapping, &["51", "b", "7;7", "7", ""]);
    assert_eq!(twice[0], "Contacts: the row names contact 7 twice");
    assert_eq!(twice.len(), 3);
    assert!(mapping.may_have(Field::EntityId));
    assert_eq!(mapping.columns().left_over, [(4, "entity_id".to_owned())]);
}

#[test]
fn columns_and_records_multiply() {
    let text =
        format!("{RECORDS}[explode]\ncolumns = ['n1', 'n2']").replace("message = 'Body'\n", "");
    let mapping = bind(&text, &["ID", "n1", "n2", "Contacts", "Deals"]);
    let names = |record: &[&str]| {
        let made = map(&mapping, record).into_iter();
        made.map(|post| post.split('[').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&["51", "x", "y", "7", "101"]),
        [
            "51/n1@contact:7",
            "51/n1@deal:101",
            "51/n2@contact:7",
            "51/n2@deal:101"
        ]
    );
    assert_eq!(names(&["", "", "y", "", "101"]), ["/n2@deal:101"]);
    assert_eq!(names(&["51", "", "", "", ""]), ["empty"]);
}

#[test]
fn an_id_that_ends_as_a_part_does_is_a_problem() {
    let explode = bind(
        "[explode]\ncolumns = ['a', 'b/a']",
        &["external_id", "a", "b/a"],
    );
    let records = bind(RECORDS, &["ID", "Body", "Contacts", "Deals"]);
    let first = |made: Vec<String>| made[0].clone();
    for id in ["51/a", "51/b/a", "51/b", "51@deal:101", "x@company:y@"] {
        let made = first(map(&explode, &[id, "x", ""]));
        assert!(
            made.starts_with(&format!("external_id: `{id}` ends in `")),
            "{made}"
        );
    }
    let made = first(map(&records, &["51@deal:101", "b", "7", ""]));
    assert_eq!(
        made,
        "ID: `51@deal:101` ends in `@deal:101`, as the names of its posts do"
    );
    for id in ["51", "2019/51", "a@b.example", "51/A"] {
        assert!(first(map(&explode, &[id, "x", ""])).starts_with(&format!("{id}/a[")));
    }
    let plain = bind("[fields]\nmessage = 'm'", &["external_id", "m"]);
    assert_eq!(map(&plain, &["51@deal:101", "x"]).len(), 1);
}

#[test]
fn rows_are_skipped_by_what_they_hold() {
    let text = "[[skip]]\ncolumn = 'IsDeleted'\nequals = [1, 'true']\n[[skip]]\ncolumn = 'message'\n\
                equals = ''";
    let mapping = bind(text, &["message", "isdeleted"]);
    assert_eq!(map(&mapping, &["m", "true "]), ["skipped"]);
    assert_eq!(map(&mapping, &["m", "1"]), ["skipped"]);
    assert_eq!(map(&mapping, &["", "0"]), ["skipped"]);
    assert_eq!(map(&mapping, &["m", "TRUE"]), ["[message=\"m\"]"]);
}

#[test]
fn a_buffer_forgets_the_row_before() {
    let mapping = bind(RECORDS, &["ID", "Body", "Contacts", "Deals"]);
    let mut buffer = PartBuffer::default();
    for (record, count) in [(["1", "b", "1;2;3", "4"], 4), (["2", "b", "1", ""], 1)] {
        let cells = cells(&mapping, &record);
        let Applied::Parts(parts) = mapping.apply(&cells, &mut buffer) else {
            panic!("no parts");
        };
        assert_eq!((parts.count(), parts.problems().len()), (count, 0));
    }
}
