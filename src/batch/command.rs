//! One REST call as a tree of parameters, before any encoding.

use std::path::PathBuf;

/// Commands that one `batch` may hold; every further one is refused (bitrix24-rest.md §4.1).
pub const MAX_COMMANDS: usize = 50;

/// Leaf values from which on a command no longer survives PHP's `max_input_vars` (bitrix24-rest.md
/// §5).
pub const MAX_LEAVES: usize = 1_000;

/// A call of one REST method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The method, such as `crm.livefeedmessage.add`.
    pub method: &'static str,
    /// Its top-level parameters.
    pub params: Vec<(&'static str, Value)>,
}

/// A parameter: a PHP value as the server will see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A list: its keys count from 0.
    List(Vec<Value>),
    /// A map, in the order in which it is encoded.
    Map(Vec<(&'static str, Value)>),
    /// The same with names that are known only when the program runs, such as those of the user's
    /// own fields.
    Named(Vec<(String, Value)>),
    /// The content of a file in base64; read only when the request is made.
    File {
        /// Where it lies, ready to be opened.
        path: PathBuf,
        /// Bytes, as seen when the row was checked.
        size: u64,
    },
}

impl Command {
    /// Leaf values of the call. PHP's `parse_str` keeps at most 1,000 (`max_input_vars`,
    /// bitrix24-rest.md §5).
    pub fn leaves(&self) -> usize {
        self.params.iter().map(|(_, value)| value.leaves()).sum()
    }

    /// The text that stands under these names, one within the other.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        let (first, rest) = path.split_first()?;
        let (_, value) = self.params.iter().find(|(name, _)| name == first)?;
        let value = rest.iter().try_fold(value, |value, name| match value {
            Value::Map(pairs) => Some(&pairs.iter().find(|(key, _)| key == name)?.1),
            _ => None,
        })?;
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Bytes of its texts in memory, files not counted.
    pub fn text_bytes(&self) -> u64 {
        self.params
            .iter()
            .map(|(_, value)| value.text_bytes())
            .sum()
    }
}

impl Value {
    fn leaves(&self) -> usize {
        match self {
            Value::Text(_) | Value::File { .. } => 1,
            Value::List(values) => values.iter().map(Value::leaves).sum(),
            Value::Map(pairs) => pairs.iter().map(|(_, value)| value.leaves()).sum(),
            Value::Named(pairs) => pairs.iter().map(|(_, value)| value.leaves()).sum(),
        }
    }

    fn text_bytes(&self) -> u64 {
        match self {
            Value::Text(text) => text.len() as u64,
            Value::File { .. } => 0,
            Value::List(values) => values.iter().map(Value::text_bytes).sum(),
            Value::Map(pairs) => pairs.iter().map(|(_, value)| value.text_bytes()).sum(),
            Value::Named(pairs) => pairs.iter().map(|(_, value)| value.text_bytes()).sum(),
        }
    }
}
