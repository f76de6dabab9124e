//! A command as the JSON body of a call of its own, for what a batch would harm or can't hold.
//!
//! Its files are not read here: they are parts of the payload and streamed from the disk.

use super::{Command, Part, Payload, Value};

/// The JSON body of a direct call.
pub fn direct(command: &Command) -> Payload {
    let mut writer = JsonWriter::default();
    writer.pairs(&command.params);
    writer.finish()
}

#[derive(Default)]
struct JsonWriter {
    parts: Vec<Part>,
    bytes: Vec<u8>,
}

impl JsonWriter {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.string(text),
            Value::File { path, size } => {
                self.bytes.push(b'"');
                self.flush();
                self.parts.push(Part::File {
                    path: path.clone(),
                    size: *size,
                });
                self.bytes.push(b'"');
            }
            Value::List(values) => self.list(values),
            Value::Map(pairs) => self.pairs(pairs),
            Value::Named(pairs) => self.pairs(pairs),
        }
    }

    fn string(&mut self, text: &str) {
        // `Value::String` renders without any way to fail, unlike serde_json's writers.
        let json = serde_json::Value::from(text).to_string();
        self.bytes.extend_from_slice(json.as_bytes());
    }

    fn list(&mut self, values: &[Value]) {
        self.bytes.push(b'[');
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.bytes.push(b',');
            }
            self.value(value);
        }
        self.bytes.push(b']');
    }

    fn pairs(&mut self, pairs: &[(impl AsRef<str>, Value)]) {
        self.bytes.push(b'{');
        for (place, (key, value)) in pairs.iter().enumerate() {
            if place > 0 {
                self.bytes.push(b',');
            }
            self.string(key.as_ref());
            self.bytes.push(b':');
            self.value(value);
        }
        self.bytes.push(b'}');
    }

    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            self.parts.push(Part::Bytes(bytes.into()));
        }
    }

    fn finish(mut self) -> Payload {
        self.flush();
        Payload { parts: self.parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn files_stay_on_the_disk_and_the_length_is_known() {
        let command = Command {
            method: "m",
            params: vec![(
                "fields",
                Value::Map(vec![
                    ("T", Value::Text("a\"\n\u{1f600}".into())),
                    (
                        "FILES",
                        Value::List(vec![Value::List(vec![
                            Value::Text("f".into()),
                            Value::File {
                                path: "/f".into(),
                                size: 4,
                            },
                        ])]),
                    ),
                ]),
            )],
        };
        let payload = direct(&command);
        let bytes = |text: &'static str| Part::Bytes(Bytes::from_static(text.as_bytes()));
        assert_eq!(
            payload.parts,
            [
                bytes("{\"fields\":{\"T\":\"a\\\"\\n\u{1f600}\",\"FILES\":[[\"f\",\""),
                Part::File {
                    path: "/f".into(),
                    size: 4
                },
                bytes("\"]]}}"),
            ]
        );
        assert_eq!(payload.len(), 42 + 8 + 5);
    }
}
