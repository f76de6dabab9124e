//! Conditions of a filter on the texts of records and users, as a portal's database compares them:
//! letter case, `ё` and `е`, and blanks at the end make no difference (bitrix24-rest.md §13.3).

use super::super::php::Php;

/// One condition on a text.
#[derive(Clone, Debug)]
pub(super) struct TextCondition {
    operator: TextOperator,
    /// In the form in which texts are compared; one of them must fit.
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextOperator {
    Equal,
    /// The text holds the value, in which `%` and `_` are themselves.
    Contains,
    /// The value is a pattern: `%` is any text, `_` any letter.
    Like,
}

/// The operators by their signs, longer ones first.
const SIGNS: [(&str, TextOperator); 5] = [
    ("=%", TextOperator::Like),
    ("%=", TextOperator::Like),
    ("%", TextOperator::Contains),
    ("=", TextOperator::Equal),
    ("@", TextOperator::Equal),
];

impl TextCondition {
    /// The name of the field and the condition of a key such as `%title`. Older methods take a
    /// value without a sign for a pattern.
    pub(super) fn read<'k>(
        key: &'k str,
        value: &Php,
        plain_is_pattern: bool,
    ) -> (&'k str, TextCondition) {
        let signed = SIGNS
            .iter()
            .find_map(|(sign, operator)| Some((key.strip_prefix(sign)?, *operator)));
        let plain = match plain_is_pattern {
            true => TextOperator::Like,
            false => TextOperator::Equal,
        };
        let (name, operator) = signed.unwrap_or((key, plain));
        let text = |value: &Php| {
            let text = value.to_text().unwrap_or_default();
            compared(&String::from_utf8_lossy(&text))
        };
        let values = match value {
            Php::Array(values) => values.values().map(text).collect(),
            scalar => vec![text(scalar)],
        };
        (name, TextCondition { operator, values })
    }

    /// Whether a text fulfils it.
    pub(super) fn holds(&self, text: &str) -> bool {
        let text = compared(text);
        self.values.iter().any(|value| match self.operator {
            TextOperator::Equal => text == *value,
            TextOperator::Contains => text.contains(value.as_str()),
            TextOperator::Like => {
                let letters = |text: &str| text.chars().collect::<Vec<_>>();
                is_like(&letters(&text), &letters(value))
            }
        })
    }
}

/// The form in which a database with a Unicode collation compares texts.
fn compared(text: &str) -> String {
    text.trim_end_matches(' ').to_lowercase().replace('ё', "е")
}

/// SQL's `LIKE`, without an escape character.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    match (text, pattern) {
        (_, []) => text.is_empty(),
        (_, ['%', rest @ ..]) => (0..=text.len()).any(|start| is_like(&text[start..], rest)),
        ([_, text @ ..], ['_', rest @ ..]) => is_like(text, rest),
        ([letter, text @ ..], [wanted, rest @ ..]) => letter == wanted && is_like(text, rest),
        ([], _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::params::list;
    use super::*;

    #[test]
    fn texts_are_compared_as_a_database_does() {
        for (key, value, text, holds) in [
            ("=title", "РОМАШКА", "Ромашка  ", true),
            ("title", "Семёнов", "семенов", true),
            ("title", "Ром%", "Ромашка", false),
            ("%title", "маш", "Ромашка", true),
            ("%title", "%", "Ромашка", false),
            ("%title", "%", "5%", true),
            ("=%title", "ром%к_", "Ромашка", true),
            ("%=title", "ом%", "Ромашка", false),
            ("=title", "Ромашка", " Ромашка", false),
        ] {
            let (name, condition) = TextCondition::read(key, &Php::text(value), false);
            assert_eq!(
                (name, condition.holds(text)),
                ("title", holds),
                "{key} {value}"
            );
        }
        let (_, older) = TextCondition::read("NAME", &Php::text("Iva%"), true);
        assert!(older.holds("ivan") && !older.holds("pivan"));
        let (_, several) = TextCondition::read("@x", &list(["a", "b"].map(Php::text)), false);
        assert!(several.holds("B") && !several.holds("c"));
    }
}
