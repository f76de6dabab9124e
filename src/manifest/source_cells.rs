//! A record as the file has it, whatever a mapping makes of it: what tells it from every other one.

use std::borrow::Cow;

use crate::post::{ContentHash, ContentHasher};

use super::column_names::name_hash;
use super::csv_format::Fields;
use super::reject_columns::{RejectColumn, RejectPlaces};
use super::{Columns, json};

/// The cells of a record, before any mapping.
#[derive(Clone, Copy, Debug)]
pub(super) enum SourceCells<'a> {
    Csv(Fields<'a>),
    /// The object of a JSON row.
    Json(&'a str),
}

impl<'a> SourceCells<'a> {
    /// What the record has in a column of rejects files, if anything.
    pub fn reject_cell(&self, places: RejectPlaces, column: RejectColumn) -> Option<Cow<'a, str>> {
        let cell = match self {
            SourceCells::Csv(fields) => String::from_utf8_lossy(fields.field(places.of(column)?)),
            SourceCells::Json(_) if !places.are_keys() => return None,
            SourceCells::Json(object) => {
                let mut found = None;
                json::each_pair(object, |key, value| {
                    if RejectColumn::of_name(&key) == Some(column) {
                        found.get_or_insert(value);
                    }
                })
                .ok()?;
                match found? {
                    "null" => return None,
                    text if text.starts_with('"') => json::string(text).ok()?,
                    other => Cow::Borrowed(other),
                }
            }
        };
        (!cell.trim().is_empty()).then_some(cell)
    }

    /// The hash of what the record holds, by the names of its columns: whatever their order, and
    /// whichever empty ones there are besides. None where a JSON row can't be read.
    pub fn hash(&self, columns: &Columns) -> Option<ContentHash> {
        let mut hasher = ContentHasher::default();
        let mut add = |name: u64, value: &[u8]| {
            hasher.add(&name.to_le_bytes());
            hasher.add(&(value.len() as u64).to_le_bytes());
            hasher.add(value);
        };
        match self {
            SourceCells::Csv(fields) => {
                for (name, column) in columns.by_name() {
                    let cell = fields.field(*column);
                    if !cell.is_empty() {
                        add(*name, cell);
                    }
                }
            }
            SourceCells::Json(object) => {
                let mut pairs = Vec::new();
                let is_said = |value: &str| !matches!(value, "null" | "\"\"");
                json::each_pair(object, |key, value| {
                    if is_said(value) && RejectColumn::of_name(&key).is_none() {
                        pairs.push((name_hash(&key), value));
                    }
                })
                .ok()?;
                pairs.sort_unstable();
                for (name, value) in pairs {
                    let text = match value.starts_with('"') {
                        true => json::string(value).ok()?,
                        false => Cow::Borrowed(value),
                    };
                    add(name, text.as_bytes());
                }
            }
        }
        Some(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_and_empty_ones_change_nothing() {
        let hash = |object| {
            SourceCells::Json(object)
                .hash(&Columns::default())
                .map(|hash| hash.to_string())
        };
        let one = hash(r#"{"id":1,"Text":"a b"}"#);
        assert!(one.is_some());
        assert_eq!(hash(r#"{"text":"a\u0020b", "x":null, "id": 1}"#), one);
        for other in [
            r#"{"id":2,"text":"a b"}"#,
            r#"{"id":1,"text":"a"}"#,
            r#"{"ids":1,"text":"a b"}"#,
        ] {
            assert_ne!(hash(other), one, "{other}");
        }
        assert_eq!(hash("[]"), None);
    }
}
