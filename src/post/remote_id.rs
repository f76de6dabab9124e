//! IDs as the portal writes them.

use serde_json::Value;

use super::{MAX_ID, parse_id};

/// A post's or an entity's ID: a positive integer, as a number or as digits.
pub fn remote_id(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().filter(|id| (1..=MAX_ID).contains(id)),
        Value::String(text) => parse_id(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_positive_integers() {
        for (value, expected) in [
            (json!(7), Some(7)),
            (json!("0012"), Some(12)),
            (json!(i64::MAX), Some(i64::MAX as u64)),
            (json!(u64::MAX), None),
            (json!(0), None),
            (json!(-7), None),
            (json!(7.5), None),
            (json!("+7"), None),
            (json!(""), None),
            (json!(true), None),
            (json!([7]), None),
            (Value::Null, None),
        ] {
            assert_eq!(remote_id(&value), expected, "{value}");
        }
    }
}
