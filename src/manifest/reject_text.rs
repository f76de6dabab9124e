//! A record of a manifest as a rejects file has it: its own text, and the columns of a rejects file
//! beside it.

use super::quotes::FieldSpans;
use super::reject_columns::{RejectColumn, RejectPlaces};
use super::{Delimiter, json};

/// What stands in the columns of a rejects file, in their order.
pub type RejectValues<'v> = [&'v str; RejectColumn::ALL.len()];

/// A CSV record, given without its line end, with these values. Columns of an earlier rejects file
/// hold the new values; the others come behind the record's own. Cells that are filled down are given
/// with their column, as they are to be written.
pub(super) fn csv_record(
    text: &[u8],
    delimiter: Delimiter,
    places: RejectPlaces,
    values: RejectValues<'_>,
    filled: &[(usize, Vec<u8>)],
) -> Vec<u8> {
    let mut fields: Vec<Vec<u8>> = FieldSpans::of(text, delimiter)
        .map(|span| {
            let own = || text[span.start..span.end].to_vec();
            let above = filled.iter().find(|(column, _)| *column == span.number);
            match (places.at(span.number), above) {
                (Some(column), _) => cell(values[column as usize], delimiter),
                (None, Some((_, above))) => above.clone(),
                (None, None) => own(),
            }
        })
        .collect();
    for column in RejectColumn::ALL {
        if places.of(column).is_none() {
            fields.push(cell(values[column as usize], delimiter));
        }
    }
    fields.join(&delimiter.byte())
}

/// A value as a CSV cell.
fn cell(value: &str, delimiter: Delimiter) -> Vec<u8> {
    let is_special = |byte: u8| byte == delimiter.byte() || matches!(byte, b'"' | b'\n' | b'\r');
    match value.bytes().any(is_special) {
        true => format!("\"{}\"", value.replace('"', "\"\"")).into_bytes(),
        false => value.as_bytes().to_vec(),
    }
}

/// A JSON object with these values under their keys, which stand first in it; none if it is no
/// object.
pub(super) fn json_record(text: &str, values: RejectValues<'_>) -> Option<String> {
    let (mut count, mut rest) = (0, Vec::new());
    json::each_pair(text, |key, value| {
        count += 1;
        if RejectColumn::of_name(&key).is_none() {
            let key = serde_json::Value::from(&*key);
            rest.push(format!("{key}:{value}"));
        }
    })
    .ok()?;
    let own = RejectColumn::ALL.iter().zip(values).map(|(column, value)| {
        let is_object = *column == RejectColumn::Key && value.starts_with('{');
        let value = match is_object {
            true => value.to_owned(),
            false => serde_json::Value::from(value).to_string(),
        };
        format!("\"{}\":{value}", column.name())
    });
    let own: Vec<String> = own.collect();
    let own = own.join(",");
    Some(match rest.len() {
        0 => format!("{{{own}}}"),
        // As it is written, blanks and all.
        length if length == count => {
            let behind = text.trim_start().strip_prefix('{')?;
            format!("{{{own},{}", behind.trim_end())
        }
        _ => format!("{{{own},{}}}", rest.join(",")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: RejectValues<'static> = ["c", "a; \"b\"", "/l.db", "x:1"];

    fn csv(text: &str, places: RejectPlaces, filled: &[(usize, Vec<u8>)]) -> String {
        let delimiter = Delimiter::of_byte(b';').unwrap();
        let record = csv_record(text.as_bytes(), delimiter, places, VALUES, filled);
        String::from_utf8(record).unwrap()
    }

    #[test]
    fn a_records_own_cells_stay_as_they_are_written() {
        let none = RejectPlaces::default();
        let behind = ";c;\"a; \"\"b\"\"\";/l.db;x:1";
        for text in ["1;a, b;", "1;\"a\n\"\"b\"\";\";x", "", "\"1\""] {
            assert_eq!(csv(text, none, &[]), format!("{text}{behind}"));
        }
        assert_eq!(
            csv("1;", none, &[(1, b"\"x;\"".to_vec())]),
            format!("1;\"x;\"{behind}")
        );
    }

    #[test]
    fn columns_of_an_earlier_rejects_file_get_the_new_values() {
        let places = RejectPlaces::in_header(["b24post_key", "a", "b24post_code"]);
        assert_eq!(
            csv("x:9;\"1;2\";old", places, &[]),
            "x:1;\"1;2\";c;\"a; \"\"b\"\"\";/l.db"
        );
    }

    #[test]
    fn keys_stand_first_in_an_object() {
        let own = r#""b24post_code":"c","b24post_reason":"a; \"b\"","b24post_ledger":"/l.db","b24post_key":"x:1""#;
        for (text, record) in [
            (" {} ", format!("{{{own}}}")),
            ("{ \"a\" : 1 }", format!("{{{own}, \"a\" : 1 }}")),
            (
                r#"{"b24post_key":"x:9","a":1,"b":[ 2]}"#,
                format!(r#"{{{own},"a":1,"b":[ 2]}}"#),
            ),
        ] {
            assert_eq!(json_record(text, VALUES), Some(record), "{text}");
        }
        assert_eq!(json_record("[1]", VALUES), None);
        let keys = ["", "", "", r#"{"/a":"x:1/a"}"#];
        let record = json_record("{}", keys).unwrap();
        assert!(
            record.ends_with(r#""b24post_key":{"/a":"x:1/a"}}"#),
            "{record}"
        );
    }
}
