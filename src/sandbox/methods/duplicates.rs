//! `crm.duplicate.findbycomm`: who has a phone number or an e-mail address (bitrix24-rest.md §13.3).

use super::super::execution::Execution;
use super::super::php::{Array, Key, Php};
use super::super::portal_data::DataRecord;
use super::super::rest_failure::RestFailure;
use super::params::{list, text};

/// The types that have phone numbers and addresses, in the order in which they are searched.
const TYPES: [(&str, i64); 3] = [("LEAD", 1), ("CONTACT", 3), ("COMPANY", 4)];

/// Values that a call may hold; further ones are ignored.
const MOST_VALUES: usize = 20;

/// IDs of a type that are told, the oldest; where there are so many, the types behind it are not
/// searched.
const MOST_IDS: usize = 20;

/// IDs by type, without the types that have none. An empty answer is an empty list.
pub(in crate::sandbox) fn find(work: &Execution<'_>, params: &Array) -> Result<Php, RestFailure> {
    let kind = text(params, "type")
        .unwrap_or_default()
        .to_ascii_uppercase();
    let reads: fn(&str) -> String = match kind.as_slice() {
        b"PHONE" => phone,
        b"EMAIL" => email,
        b"" => return Err(RestFailure::plain("Communication type is not defined")),
        _ => {
            let kind = String::from_utf8_lossy(&kind);
            let text = format!("Communication type '{kind}' is not supported in current context");
            return Err(RestFailure::plain(text));
        }
    };
    let values = params.named("values").and_then(Php::as_array);
    let values = values.ok_or(RestFailure::plain("Communication values is not defined"))?;
    let values = values.values().filter_map(Php::to_text).take(MOST_VALUES);
    let values: Vec<String> = values
        .map(|value| reads(&String::from_utf8_lossy(&value)))
        .filter(|value| !value.is_empty())
        .collect();
    let of = |record: &DataRecord| match kind.as_slice() {
        b"PHONE" => record.phone.iter().any(|own| values.contains(&phone(own))),
        _ => record.email.iter().any(|own| values.contains(&email(own))),
    };
    let asked = text(params, "entity_type")
        .unwrap_or_default()
        .to_ascii_uppercase();
    let only = TYPES.iter().find(|(name, _)| name.as_bytes() == asked);
    let settings = work.settings();
    let mut found = Array::new();
    for (name, owner_type) in TYPES
        .iter()
        .filter(|known| only.is_none_or(|only| only == *known))
    {
        let readable =
            |id| settings.crm_access && settings.entities.access((*owner_type, id)).may_read();
        let records = settings.data.records_of(*owner_type).into_iter();
        let ids = records.filter(|record| of(record) && readable(record.id));
        let ids: Vec<Php> = ids
            .map(|record| Php::Int(record.id))
            .take(MOST_IDS)
            .collect();
        let is_full = ids.len() == MOST_IDS;
        if !ids.is_empty() {
            found.insert(Key::from_text(name.as_bytes()), list(ids));
        }
        if is_full {
            break;
        }
    }
    Ok(Php::Array(found))
}

/// Digits alone; a Russian 8 in front is a 7.
fn phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix('8') {
        Some(rest) if rest.len() == 10 && !text.trim_start().starts_with('+') => format!("7{rest}"),
        _ => digits,
    }
}

fn email(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::TestPortal;

    const FIND: &str = "crm.duplicate.findbycomm";

    #[test]
    fn numbers_and_addresses_lead_to_their_records() {
        let mut portal = TestPortal::with_data(&json!({"records": [
            {"type": "company", "id": 12, "phone": ["8 (495) 123-45-67"]},
            {"type": "contact", "id": 5, "phone": ["+7 495 1234567"], "email": ["Ann@example.com"]},
            {"type": "deal", "id": 6, "email": ["ann@example.com"]},
        ]}));
        for (params, found) in [
            (
                json!({"type": "PHONE", "values": ["74951234567"]}),
                json!({"CONTACT": [5], "COMPANY": [12]}),
            ),
            (
                json!({"type": "PHONE", "values": ["74951234567"], "entity_type": "COMPANY"}),
                json!({"COMPANY": [12]}),
            ),
            (
                json!({"type": "EMAIL", "values": ["x", " ann@EXAMPLE.com"]}),
                json!({"CONTACT": [5]}),
            ),
            (json!({"type": "EMAIL", "values": ["x"]}), json!([])),
        ] {
            assert_eq!(portal.result(FIND, &params), found, "{params}");
        }
        portal.refuses(&[
            (
                FIND,
                json!({"values": ["1"]}),
                400,
                "",
                "type is not defined",
            ),
            (
                FIND,
                json!({"type": "IM", "values": ["1"]}),
                400,
                "",
                "'IM' is not supported",
            ),
            (
                FIND,
                json!({"type": "PHONE"}),
                400,
                "",
                "values is not defined",
            ),
        ]);
    }

    #[test]
    fn twenty_of_a_type_hide_the_types_behind_it() {
        let contact = |id: i64| json!({"type": "contact", "id": id, "email": ["a@b.c"]});
        let mut records: Vec<Value> = (1..=25).map(contact).collect();
        records.push(json!({"type": "company", "id": 1, "email": ["a@b.c"]}));
        let mut portal = TestPortal::with_data(&json!({ "records": records }));
        let found = portal.result(FIND, &json!({"type": "EMAIL", "values": ["a@b.c"]}));
        assert_eq!(found, json!({"CONTACT": (1..=20).collect::<Vec<_>>()}));
    }
}
