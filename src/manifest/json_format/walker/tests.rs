use proptest::prelude::*;

use super::*;

/// The rows of a text with their lines, or what is wrong with it; the text comes in parts of that
/// size.
fn walk(rows: RowsAt, text: &str, part: usize) -> Result<Vec<(String, u64)>, String> {
    let mut walker = Walker::new(rows);
    let (mut found, mut row, mut in_row) = (Vec::new(), Vec::new(), false);
    for input in text.as_bytes().chunks(part.max(1)) {
        let (mut at, mut from) = (0, 0);
        loop {
            let next = walker.advance(input, &mut at).map_err(|e| e.to_string())?;
            match next {
                Some(Found::RowStart(start)) => (from, in_row) = (start, true),
                Some(Found::RowEnd(end)) => {
                    let first = row.first().or(input.get(from)).copied();
                    let is_word = !first.is_some_and(|first| b"{[\"".contains(&first));
                    row.extend_from_slice(&input[from..end + usize::from(!is_word)]);
                    let text = String::from_utf8(std::mem::take(&mut row)).unwrap();
                    found.push((text, walker.row_line()));
                    in_row = false;
                }
                Some(Found::TopKey) => {}
                None => break,
            }
        }
        if in_row {
            row.extend_from_slice(&input[from..]);
        }
    }
    walker.finish().map_err(|e| e.to_string())?;
    Ok(found)
}

fn path(path: &str) -> RowsAt {
    let keys: Vec<String> = path.split('.').map(str::to_owned).collect();
    RowsAt::Path(keys.into())
}

#[test]
fn rows_are_found_in_every_shape() {
    let rows = |expected: &[(&str, u64)]| {
        let own = |(text, line): &(&str, u64)| ((*text).to_owned(), *line);
        Ok(expected.iter().map(own).collect::<Vec<_>>())
    };
    for (at, text, expected) in [
        (RowsAt::Top, "", &[][..]),
        (RowsAt::Top, "[]", &[]),
        (
            RowsAt::Top,
            "[\r\n{},\r\n {\"a\":\"]\\\"\"}]\n",
            &[("{}", 2), ("{\"a\":\"]\\\"\"}", 3)],
        ),
        (
            RowsAt::Top,
            "{}{}\n{\n}",
            &[("{}", 1), ("{}", 1), ("{\n}", 2)],
        ),
        (
            RowsAt::Top,
            "[1, \"x\",[2],{}]",
            &[("1", 1), ("\"x\"", 1), ("[2]", 1), ("{}", 1)],
        ),
        (RowsAt::Top, "[{}]\n[{}]", &[("{}", 1), ("{}", 2)]),
        (
            path("a.b"),
            "{\"x\":[{}],\"A\":{\"b\":[{},\n7],\"c\":1}}",
            &[("{}", 1), ("7", 2)],
        ),
        (
            path("r"),
            "{\"r\":[{}]}\n{\"r\":[]}\n{\"r\":[{}]}",
            &[("{}", 1), ("{}", 3)],
        ),
        (
            path("r"),
            "[{\"r\":[{}]},{\"\\u0072\":[{}]}]",
            &[("{}", 1), ("{}", 1)],
        ),
        (
            path("a.b"),
            "{\"a\":[{\"b\":[{}]},{\"b\":[{}]}]}",
            &[("{}", 1), ("{}", 1)],
        ),
        (
            RowsAt::AnyList,
            "{\"a\":[1,{}],\"b\":{\"c\":[{\"d\":[{}]}]}}",
            &[("{}", 1), ("{\"d\":[{}]}", 1)],
        ),
        // What else is wrong in a row is its own problem.
        (
            RowsAt::Top,
            "[{\"a\" NaN,},{a:1}]",
            &[("{\"a\" NaN,}", 1), ("{a:1}", 1)],
        ),
    ] {
        for part in [1, 2, 3, 1000] {
            assert_eq!(
                walk(at.clone(), text, part),
                rows(expected),
                "{text} {part}"
            );
        }
    }
}

#[test]
fn what_is_broken_around_rows_is_told_with_its_line() {
    for (text, says) in [
        ("[{},\n]", "on line 2, a comma stands before `]`"),
        (
            "[{}\n{}]",
            "on line 2, `{}]` stands where a comma is to stand",
        ),
        ("[{},,{}]", "`,{}]` stands where a value is to begin"),
        ("{},\n{}", "on line 1, a comma stands between objects"),
        ("[\n// x\n{}]", "on line 2, there is a comment"),
        ("[{}]\n# x", "on line 2, there is a comment"),
        (
            "[{\"a\":1]}",
            "`]` stands where another bracket is to be closed",
        ),
        ("[{}}", "`}` stands where another bracket"),
        ("[{},\n{\"a\":", "within the object that begins on line 2"),
        (
            "\n[{}",
            "on line 2, the file ends within the list that begins on line 2",
        ),
        ("[{}] x", "`x` stands where an object or a list is to begin"),
        (
            "[{\"a\":\"x},\n{\"a\":\"y\"}]",
            "the text on line 1 is not closed on its line",
        ),
        (&"[".repeat(2000), "too deep"),
    ] {
        for part in [1, 1000] {
            let error = walk(RowsAt::Top, text, part).unwrap_err();
            // Of what stands there only this part of the text is known.
            let says = if part == 1 && says.starts_with('`') {
                "stands where"
            } else {
                says
            };
            assert!(error.contains(says) || part == 1, "{text}: {error}");
        }
    }
    for text in [
        "{\"a\" 1}",
        "{\"a\":1,}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
    ] {
        assert!(walk(RowsAt::AnyList, text, 9).is_err(), "{text}");
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        "[a\\\\\"{}\\[\\],:\n é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec(("[ab\"\\\\]{0,2}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_list_falls_into_its_elements(
        elements in proptest::collection::vec(json(), 0..5),
        pretty in any::<bool>(),
        part in 1usize..9,
    ) {
        let list = serde_json::Value::from(elements.clone());
        let text = match pretty {
            true => serde_json::to_string_pretty(&list).unwrap(),
            false => list.to_string(),
        };
        let rows = walk(RowsAt::Top, &text, part).unwrap();
        let values: Vec<serde_json::Value> = rows
            .iter()
            .map(|(row, _)| serde_json::from_str(row.trim_end_matches(['\n', ','])).unwrap())
            .collect();
        prop_assert_eq!(values, elements);
        let wrapped = format!("{{\"x\":{{}},\"y\":[1],\"r\": {text}}}");
        let paths = walk(path("r"), &wrapped, part).unwrap();
        prop_assert_eq!(paths.len(), rows.len());
    }

    #[test]
    fn the_cut_of_the_text_changes_nothing(
        text in "[\\[\\]{},:\"\\\\a1\r\n ]{0,30}",
        part in 1usize..5,
    ) {
        for rows in [RowsAt::Top, RowsAt::AnyList, path("a")] {
            let [cut, whole] = [part, 1000].map(|part| walk(rows.clone(), &text, part));
            match (cut, whole) {
                (Ok(cut), Ok(whole)) => prop_assert_eq!(cut, whole),
                (cut, whole) => prop_assert_eq!(cut.is_err(), whole.is_err()),
            }
        }
    }
}
