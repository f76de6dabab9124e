//! What a row has in one field, before anybody has asked what it means.

/// A field's value as the manifest has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell<'a> {
    /// The manifest has no such column, or the row no such key.
    #[default]
    Absent,
    /// A CSV cell, unquoted; any bytes, possibly none.
    Csv(&'a [u8]),
    /// The same, of a record that is UTF-8 and holds no control characters but tabs and line ends.
    Text(&'a str),
    /// A value of a JSON object.
    Json {
        /// The key as the row spells it.
        key: &'a str,
        /// The value in JSON.
        value: &'a str,
    },
}

impl Cell<'_> {
    /// Whether nothing is written there. What holds blanks alone is not empty.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        matches!(
            self,
            Cell::Absent | Cell::Csv([]) | Cell::Text("") | Cell::Json { value: "null", .. }
        )
    }
}
