//! Any tree of texts, encoded as a command of a batch and as a direct call, is what PHP decodes.

use b24post::batch::{
    Added, BatchBody, Command, MAX_LEAVES, Part, Payload, Value, direct, encoded_size,
};
use b24post::sandbox::php::{Array, Key, Php, json_decode, parse_str, parse_url};
use bytes::Bytes;

const NAMES: [&str; 5] = ["fields", "MESSAGE", "FILES", "x", "Y_9"];

const METHOD: &str = "crm.timeline.comment.add";

/// Lists in lists; PHP drops a name of 64.
const DEEPEST: usize = 30;

pub fn run(data: &[u8]) {
    let mut source = Source { data };
    let params = source.pairs(0);
    let command = Command {
        method: METHOD,
        params,
    };
    if command.leaves() >= MAX_LEAVES {
        return;
    }
    in_batch(&command);
    alone(&command);
}

fn in_batch(command: &Command) {
    let mut body = BatchBody::new(64 << 20, 0);
    assert_eq!(body.add("k_1", command).unwrap(), Added::Yes);
    let body = json_decode(&bytes(body.finish())).unwrap();
    let commands = body.as_array().unwrap().named("cmd").unwrap();
    let text = commands.as_array().unwrap().named("k_1").unwrap();
    let Php::Text(text) = text else {
        panic!("{text:?} is no text");
    };
    assert_eq!(text.len() as u64, encoded_size(command));
    let target = parse_url(text);
    assert_eq!(target.path, METHOD);
    assert_eq!(parse_str(&target.query), tree(&command.params, false));
}

fn alone(command: &Command) {
    let params = json_decode(&bytes(direct(command))).unwrap();
    assert_eq!(params, Php::Array(tree(&command.params, true)));
}

fn bytes(payload: Payload) -> Bytes {
    let mut all = Vec::new();
    for part in payload.parts {
        match part {
            Part::Bytes(bytes) => all.extend_from_slice(&bytes),
            other => panic!("{other:?}"),
        }
    }
    Bytes::from(all)
}

/// What PHP should see. A query can't say that a list is empty.
fn tree(pairs: &[(impl AsRef<str>, Value)], keeps_empty: bool) -> Array {
    let mut array = Array::new();
    for (name, value) in pairs {
        if let Some(value) = php(value, keeps_empty) {
            array.insert(Key::from_text(name.as_ref().as_bytes()), value);
        }
    }
    array
}

fn php(value: &Value, keeps_empty: bool) -> Option<Php> {
    let array = match value {
        Value::Text(text) => return Some(Php::text(text)),
        Value::Map(pairs) => tree(pairs, keeps_empty),
        Value::Named(pairs) => tree(pairs, keeps_empty),
        Value::List(values) => {
            let mut array = Array::new();
            for (place, value) in values.iter().enumerate() {
                if let Some(value) = php(value, keeps_empty) {
                    array.insert(Key::from_text(place.to_string().as_bytes()), value);
                }
            }
            array
        }
        Value::File { .. } => return None,
    };
    (keeps_empty || !array.is_empty()).then_some(Php::Array(array))
}

/// Trees out of the fuzzer's bytes.
struct Source<'d> {
    data: &'d [u8],
}

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.data.split_first().unwrap_or((&0, &[]));
        self.data = rest;
        *first
    }

    fn pairs(&mut self, depth: usize) -> Vec<(&'static str, Value)> {
        let count = usize::from(self.byte()) % (NAMES.len() + 1);
        let names = NAMES.iter().take(count);
        names.map(|name| (*name, self.value(depth))).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.byte() {
            kind if kind < 64 && depth < DEEPEST => {
                let count = kind % 8;
                Value::List((0..count).map(|_| self.value(depth + 1)).collect())
            }
            kind if kind < 96 && depth < DEEPEST => Value::Map(self.pairs(depth + 1)),
            _ => Value::Text(self.text()),
        }
    }

    fn text(&mut self) -> String {
        let length = usize::from(self.byte()).min(self.data.len());
        let (text, rest) = self.data.split_at(length);
        self.data = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}
