//! Replies in every shape that PHP gives them.
//!
//! An empty map is `[]`, a map with the keys 0..n-1 is a list, any other is an object; numbers come
//! as numbers or as text; most of it may be missing (bitrix24-rest.md §4.2, §6, §7). Decoding never
//! decides what a reply means.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Characters of a portal's message worth keeping.
const MESSAGE_LIMIT: usize = 500;

/// An error as the portal words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The code as sent, perhaps empty; a number as its digits.
    pub code: String,
    /// The description on one line, perhaps empty and perhaps in the portal's language.
    pub description: String,
}

/// The `time` block of a reply, or of one command in a batch; each figure may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Time {
    /// Seconds that the server took.
    pub duration: Option<f64>,
    /// Unix time at which it was done, by the portal's clock.
    pub finish: Option<f64>,
    /// Seconds of server time that the method has used of its budget (bitrix24-rest.md §6).
    pub operating: Option<f64>,
    /// Unix time at which part of that budget comes back.
    pub operating_reset_at: Option<i64>,
}

/// A reply that is a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DecodedReply {
    /// Present when the key `error` exists, even as `""` or 0.
    pub error: Option<ApiError>,
    /// Present when the key `result` exists, even as null.
    pub result: Option<Value>,
    pub time: Time,
}

/// What `batch` says of its commands, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct BatchReply {
    /// A key with null counts as present.
    pub results: Map<String, Value>,
    /// `None` where the entry is not an error as the portal words them.
    pub errors: Vec<(String, Option<ApiError>)>,
    pub times: Vec<(String, Time)>,
    /// Where the next page of a list starts.
    pub next: BTreeMap<String, u64>,
    /// Keys that only the other maps have.
    others: BTreeSet<String>,
}

impl DecodedReply {
    /// Decodes a body; `None` when it is no JSON object.
    pub(super) fn decode(body: &[u8]) -> Option<DecodedReply> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let Ok(Value::Object(mut reply)) = serde_json::from_slice(body) else {
            return None;
        };
        Some(DecodedReply {
            error: ApiError::decode(&reply),
            time: reply.get("time").map(Time::decode).unwrap_or_default(),
            result: reply.remove("result"),
        })
    }
}

impl ApiError {
    fn decode(holder: &Map<String, Value>) -> Option<ApiError> {
        let error = holder.get("error")?;
        let (code, description) = match error {
            // REST 3.0 wraps both into an object (bitrix24-rest.md §7).
            Value::Object(inner) => (inner.get("code"), inner.get("message")),
            code => (Some(code), holder.get("error_description")),
        };
        Some(ApiError {
            code: one_line(code),
            description: one_line(description),
        })
    }
}

impl Time {
    fn decode(value: &Value) -> Time {
        Time {
            duration: value.get("duration").and_then(number),
            finish: value.get("finish").and_then(number),
            operating: value.get("operating").and_then(number),
            operating_reset_at: value
                .get("operating_reset_at")
                .and_then(number)
                .map(|seconds| seconds as i64),
        }
    }
}

impl BatchReply {
    /// Decodes the `result` of a `batch` call; `None` when it is none.
    pub(super) fn decode(result: Value) -> Option<BatchReply> {
        let Value::Object(mut maps) = result else {
            return None;
        };
        if !maps.contains_key("result") && !maps.contains_key("result_error") {
            return None;
        }
        let mut take = |name: &str| php_map(maps.remove(name));
        let (results, errors) = (take("result")?, take("result_error")?);
        let times = take("result_time")?;
        let (total, next) = (take("result_total")?, take("result_next")?);
        let others = [&errors, &times, &total, &next]
            .into_iter()
            .flat_map(|map| map.keys())
            .filter(|key| !results.contains_key(*key))
            .cloned()
            .collect();
        let error = |value: &Value| value.as_object().and_then(ApiError::decode);
        Some(BatchReply {
            errors: errors
                .iter()
                .map(|(key, value)| (key.clone(), error(value)))
                .collect(),
            times: times
                .iter()
                .map(|(key, value)| (key.clone(), Time::decode(value)))
                .collect(),
            next: next
                .iter()
                .filter_map(|(key, start)| Some((key.clone(), number(start)? as u64)))
                .collect(),
            results,
            others,
        })
    }

    /// Whether any of the five maps has the key.
    pub(super) fn mentions(&self, key: &str) -> bool {
        self.results.contains_key(key) || self.others.contains(key)
    }

    /// Whether all five maps are empty.
    pub(super) fn is_blank(&self) -> bool {
        self.results.is_empty() && self.others.is_empty()
    }
}

fn php_map(value: Option<Value>) -> Option<Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(map)) => Some(map),
        Some(Value::Array(list)) => {
            let numbered = list.into_iter().enumerate();
            Some(
                numbered
                    .map(|(at, value)| (at.to_string(), value))
                    .collect(),
            )
        }
        Some(_) => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// A value as text fit for a message: no control characters, not too long.
fn one_line(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn reply(value: Value) -> DecodedReply {
        DecodedReply::decode(value.to_string().as_bytes()).unwrap()
    }

    fn api_error(code: &str, description: &str) -> Option<ApiError> {
        Some(ApiError {
            code: code.into(),
            description: description.into(),
        })
    }

    #[test]
    fn an_error_is_there_when_its_key_is() {
        let cases = [
            (
                json!({"error": "", "error_description": "No\n access"}),
                api_error("", "No access"),
            ),
            (json!({"error": 0}), api_error("0", "")),
            (
                json!({"error": 100, "error_description": null}),
                api_error("100", ""),
            ),
            (json!({"error": null}), api_error("", "")),
            (
                json!({"error": {"code": "X_Y", "message": "why", "validation": []}}),
                api_error("X_Y", "why"),
            ),
            (json!({"result": 1}), None),
        ];
        for (value, expected) in cases {
            assert_eq!(reply(value.clone()).error, expected, "{value}");
        }
    }

    #[test]
    fn time_is_read_from_numbers_and_text_and_may_be_missing() {
        let full = reply(json!({"time": {
            "duration": 1, "finish": "1699999990.5", "operating": "0.25", "operating_reset_at": 1700000000.0
        }}));
        let expected = Time {
            duration: Some(1.0),
            finish: Some(1_699_999_990.5),
            operating: Some(0.25),
            operating_reset_at: Some(1_700_000_000),
        };
        assert_eq!(full.time, expected);
        for time in [
            json!([]),
            json!(null),
            json!({"operating": "x", "duration": []}),
        ] {
            assert_eq!(reply(json!({"time": time})).time, Time::default());
        }
    }

    #[test]
    fn only_an_object_is_a_reply() {
        for body in [
            "",
            "[]",
            "1",
            "<html>",
            "{\"result\":1",
            "{\"result\":\"\u{0}\"}",
        ] {
            assert_eq!(DecodedReply::decode(body.as_bytes()), None, "{body}");
        }
        assert!(DecodedReply::decode(b"\xff{}").is_none());
        assert!(DecodedReply::decode("\u{feff}{\"result\":1}".as_bytes()).is_some());
    }

    #[test]
    fn each_map_of_a_batch_is_a_list_an_object_or_missing() {
        let batch = BatchReply::decode(json!({
            "result": ["7", null],
            "result_error": {"ka": {"error": "", "error_description": "no"}, "kb": "odd"},
            "result_time": {"kc": {"operating": 2}},
            "result_total": [],
        }))
        .unwrap();
        assert_eq!(batch.results.get("0"), Some(&json!("7")));
        assert_eq!(batch.results.get("1"), Some(&Value::Null));
        assert_eq!(
            batch.errors,
            [("ka".into(), api_error("", "no")), ("kb".into(), None)]
        );
        assert_eq!(batch.times[0].1.operating, Some(2.0));
        assert_eq!(
            ["0", "1", "ka", "kb", "kc", "kd"].map(|key| batch.mentions(key)),
            [true, true, true, true, true, false]
        );
    }

    #[test]
    fn what_is_no_batch_is_not_taken_for_one() {
        for result in [
            json!([]),
            json!({}),
            json!(5),
            json!({"result": 5, "result_error": []}),
        ] {
            assert_eq!(BatchReply::decode(result.clone()), None, "{result}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            DecodedReply::decode(&body);
        }
    }
}
