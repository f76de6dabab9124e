//! The filter of a method that lists rows.

use super::super::php::{Array, Key, Php};
use super::text_condition::TextCondition;

/// Conditions on fields, all of which must hold.
pub(super) struct RowFilter(Vec<(String, TextCondition)>);

impl RowFilter {
    /// The conditions on these fields; those on others are ignored, as the older methods do.
    pub(super) fn read(
        filter: Option<&Array>,
        fields: &[&str],
        plain_is_pattern: bool,
    ) -> RowFilter {
        let conditions = filter.into_iter().flat_map(Array::iter);
        let conditions = conditions.map(|(key, value)| {
            let key = key.to_text();
            let key = String::from_utf8_lossy(&key);
            let (name, condition) = TextCondition::read(&key, value, plain_is_pattern);
            (name.to_owned(), condition)
        });
        RowFilter(
            conditions
                .filter(|(name, _)| fields.contains(&name.as_str()))
                .collect(),
        )
    }

    /// Whether a row fulfils all of them.
    pub(super) fn admits(&self, row: &Array) -> bool {
        self.0.iter().all(|(name, condition)| {
            let text = row
                .get(&Key::from_text(name.as_bytes()))
                .and_then(Php::to_text);
            condition.holds(&String::from_utf8_lossy(&text.unwrap_or_default()))
        })
    }
}
