//! Values as TOML has them.

use std::fmt::Write;

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// A table on one line.
    Table(Vec<(String, Value)>),
}

/// Beyond so many characters a list stands on lines of its own.
const LINE: usize = 90;

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// A table with these keys, none of which needs quotes.
    pub fn table<const N: usize>(pairs: [(&str, &str); N]) -> Value {
        Value::Table(
            pairs
                .map(|(key, text)| (key.to_owned(), Value::text(text)))
                .into(),
        )
    }

    /// The same with one more key.
    #[must_use]
    pub fn with(self, key: &str, text: &str) -> Value {
        let Value::Table(mut pairs) = self else {
            return self;
        };
        pairs.push((key.to_owned(), Value::text(text)));
        Value::Table(pairs)
    }

    /// As it is written; a long list has a line for each item.
    pub fn to_toml(&self) -> String {
        match self {
            Value::Text(text) => quoted(text),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
                let line = format!("[{}]", items.join(", "));
                match line.chars().count() > LINE {
                    true => format!("[\n    {},\n]", items.join(",\n    ")),
                    false => line,
                }
            }
            Value::Table(pairs) => {
                let pair = |(key, value): &(String, Value)| {
                    format!("{} = {}", key_of(key), value.to_toml())
                };
                let pairs: Vec<String> = pairs.iter().map(pair).collect();
                format!("{{ {} }}", pairs.join(", "))
            }
        }
    }
}

/// A key, in quotes if it needs them.
pub fn key_of(key: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    match !key.is_empty() && key.chars().all(is_bare) {
        true => key.to_owned(),
        false => quoted(key),
    }
}

/// A text in quotes, on one line, with nothing in it that can't be seen.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if is_unseen(letter) => {
                // Writing to a string can't fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a letter is not seen, or turns what stands around it.
pub(super) fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_toml() {
        let table = Value::table([("column", "a \"b\"")]).with("map", "entity");
        assert_eq!(table.to_toml(), r#"{ column = "a \"b\"", map = "entity" }"#);
        assert_eq!(Value::List(vec!["a".into()]).to_toml(), "[\"a\"]");
        assert_eq!(quoted("a\n\u{202e}"), "\"a\\n\\U0000202E\"");
        assert_eq!(key_of("Сделка"), "\"Сделка\"");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_as_it_was(text in "\\PC*|(?s).{0,20}") {
            let line = format!("x = {}", quoted(&text));
            let table = toml::de::DeTable::parse(&line).unwrap();
            let value = table.get_ref().values().next().unwrap();
            proptest::prop_assert_eq!(value.get_ref().as_str(), Some(text.as_str()));
        }
    }
}
