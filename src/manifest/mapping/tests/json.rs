use super::*;

fn bind_json(text: &str) -> BoundMapping {
    parse(text).bind_json(ColumnOptions::default()).unwrap()
}

fn map_json(mapping: &BoundMapping, row: &str) -> (Vec<String>, Vec<String>) {
    let (mut cells, mut left_over) = (Vec::new(), Vec::new());
    let found = mapping.json_cells(row, &mut cells, |key, _| left_over.push(key.to_owned()));
    match found {
        Ok(()) => (shown(mapping, &cells), left_over),
        Err(fault) => (vec![fault.to_string()], left_over),
    }
}

#[test]
fn columns_are_paths_and_keys_named_like_fields_apply() {
    let text = "[file]\nignore_columns = ['Junk']\n[fields]\nexternal_id = 'id'\n\
                message = 'properties.hs_note_body'\ntitle = { template = '{a.0.n}: {x.y}' }";
    let mapping = bind_json(text);
    let row = r#"{"id": 5, "properties": {"hs_note_body": "<p>x</p>"}, "a": [{"n": 1.50}],
        "x.y": "dotted", "tags": ["a"], "junk": 1, "other": 2, "entity_id": null}"#;
    assert_eq!(
        map_json(&mapping, row),
        (
            vec![
                "[external_id=\"5\" title=\"1.50: dotted\" message=\"<p>x</p>\" tags=\"?\"]"
                    .to_owned()
            ],
            vec!["other".to_owned()]
        )
    );
    let mut cells = Vec::new();
    mapping.json_cells(row, &mut cells, |_, _| {}).unwrap();
    let mut buffer = PartBuffer::default();
    let Applied::Parts(parts) = mapping.apply(&cells, &mut buffer) else {
        panic!("no parts");
    };
    let part = parts.iter().next().unwrap();
    let (key, value) = ("tags", r#"["a"]"#);
    assert_eq!(part.cell(Field::Tags), Cell::Json { key, value });
    assert_eq!(part.column(Field::Message), "properties.hs_note_body");
    assert_eq!(mapping.columns(), &ColumnUse::default());
}

#[test]
fn records_may_be_a_list_and_texts_may_not() {
    let text = "[[records]]\ntype = 'deal'\ncolumn = 'deals'\nseparator = ';'";
    let mapping = bind_json(text);
    let names = |row: &str| map_json(&mapping, row).0;
    let made = names(r#"{"message": "m", "deals": [101, "102", null]}"#);
    assert_eq!(made.len(), 2);
    assert!(made[1].starts_with("@deal:102[message=\"m\""), "{made:?}");
    assert_eq!(names(r#"{"message": "m", "deals": "1;2"}"#).len(), 2);
    assert_eq!(
        names(r#"{"message": "m", "deals": [{}]}"#)[0],
        "deals: this is an object"
    );
    let table = bind_json("[fields]\ntitle = { column = 't', values = { 'a' = 'b' } }");
    let made = map_json(&table, r#"{"t": ["a"]}"#).0;
    assert_eq!(made[0], "t: this is a list");
}

#[test]
fn a_value_given_twice_is_a_fault() {
    let mapping = bind_json("[fields]\nmessage = 'a.b'");
    for row in [
        r#"{"a": {"b": 1}, "a.b": 2}"#,
        r#"{"a": {"b": 1}, "a": {"b": 2}}"#,
        r#"{"title": "x", "TITLE": "y"}"#,
        r#"{"A.b": 1, "a.b": 2}"#,
    ] {
        let made = map_json(&mapping, row).0;
        assert!(made[0].contains("give the same value"), "{made:?}");
    }
    let made = map_json(&mapping, r#"{"A": {"B": "x"}}"#).0;
    assert_eq!(made, ["[message=\"x\"]"]);
    assert!(map_json(&mapping, "[1]").0[0].contains("expected an object"));
    assert_eq!(map_json(&mapping, r#"{"a": 5}"#).0, ["[]"]);
}
