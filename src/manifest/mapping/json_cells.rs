//! The cells of a JSON row that a mapping needs.

use std::borrow::Cow;

use crate::manifest::folded::folded;
use crate::manifest::reject_columns::RejectColumn;
use crate::manifest::{Cell, json};
use crate::post::Field;

use super::bound::{BoundOrigin, BoundPiece};
use super::{BoundMapping, JsonPath, Source};

/// Why the cells of a JSON row can't be told.
#[derive(Debug, thiserror::Error)]
pub enum JsonCellsFault {
    /// The row is no JSON object.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Two keys of the row give one value.
    #[error("`{first}` and `{second}` give the same value")]
    Repeated {
        /// The first of them.
        first: String,
        /// The other.
        second: String,
    },
}

impl BoundMapping {
    /// Finds the cells of a row, in the order of the mapping's sources. Keys that are neither used
    /// nor ignored by name are shown with what they hold.
    ///
    /// # Errors
    /// When the row is no JSON object, or gives a value twice.
    pub fn json_cells<'a>(
        &'a self,
        row: &'a str,
        cells: &mut Vec<Cell<'a>>,
        mut left_over: impl FnMut(&str, &'a str),
    ) -> Result<(), JsonCellsFault> {
        cells.clear();
        cells.resize(self.sources.len(), Cell::Absent);
        let mut repeated = None;
        json::each_pair(row, |key, value| {
            let mut put = |slot: usize, cell| put(&mut cells[slot], cell, &key, &mut repeated);
            if self.put_paths(&key, value, &mut put)
                || self.is_ignored_key(&key)
                || RejectColumn::of_name(&key).is_some()
            {
                return;
            }
            let Some((slot, field)) = self.slot_of_field_key(&key) else {
                return left_over(&key, value);
            };
            let key = match &key {
                Cow::Borrowed(key) => key,
                Cow::Owned(_) => field.name(),
            };
            put(slot, Cell::Json { key, value });
        })?;
        match repeated {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    /// Whether a row's text is found through that key.
    pub fn is_message_of(&self, key: &str) -> bool {
        let is_source = |slot: usize| match self.sources.get(slot).map(|named| &named.source) {
            Some(Source::Path(path)) => path.leads_through(key),
            Some(Source::FieldKey(field)) => Field::from_name(key) == Some(*field),
            Some(Source::Column(_)) | None => false,
        };
        let exploded = || self.explode.iter().any(|column| is_source(column.slot));
        match self.field(Field::Message).map(|bound| &bound.origin) {
            Some(BoundOrigin::Column(slot)) => is_source(*slot),
            Some(BoundOrigin::Template(pieces)) => pieces.iter().any(|piece| match piece {
                BoundPiece::Column(slot) => is_source(*slot),
                BoundPiece::Explode => exploded(),
                BoundPiece::Text(_) => false,
            }),
            Some(BoundOrigin::Explode) | None => exploded(),
            Some(BoundOrigin::Value(_)) => false,
        }
    }

    /// What the paths through a key lead to; tells whether there are such paths.
    fn put_paths<'a>(
        &'a self,
        key: &str,
        value: &'a str,
        put: &mut impl FnMut(usize, Cell<'a>),
    ) -> bool {
        let mut is_used = false;
        for (slot, named) in self.sources.iter().enumerate() {
            let Source::Path(path) = &named.source else {
                continue;
            };
            if path.leads_through(key) {
                is_used = true;
                if let Some(value) = path.find(key, value) {
                    let key = &named.name;
                    put(slot, Cell::Json { key, value });
                }
            }
        }
        is_used
    }

    fn slot_of_field_key(&self, key: &str) -> Option<(usize, Field)> {
        let field = Field::from_name(key)?;
        let is_it = |slot: &usize| self.sources[*slot].source == Source::FieldKey(field);
        let slot = (0..self.sources.len()).find(is_it)?;
        Some((slot, field))
    }

    fn is_ignored_key(&self, key: &str) -> bool {
        !self.ignored.is_empty() && self.ignored.contains(&folded(key))
    }
}

/// Puts a cell into its slot; a slot that is taken is a fault.
fn put<'a>(slot: &mut Cell<'a>, cell: Cell<'a>, key: &str, repeated: &mut Option<JsonCellsFault>) {
    if let Cell::Json { key: first, .. } = slot {
        repeated.get_or_insert_with(|| JsonCellsFault::Repeated {
            first: (*first).to_owned(),
            second: key.to_owned(),
        });
    }
    *slot = cell;
}

impl JsonPath {
    /// Whether the path is that key of a row, or begins with it.
    fn leads_through(&self, key: &str) -> bool {
        let first = self.keys.first();
        is_same(key, &self.written) || first.is_some_and(|first| is_same(key, first))
    }

    /// What the path leads to through that key of a row.
    fn find<'a>(&self, key: &str, value: &'a str) -> Option<&'a str> {
        match is_same(key, &self.written) {
            true => Some(value),
            false => inside(value, self.keys.get(1..)?),
        }
    }
}

/// What a JSON value holds at the end of a path.
fn inside<'a>(value: &'a str, path: &[String]) -> Option<&'a str> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value);
    };
    let mut found = None;
    if value.starts_with('[') {
        let place: usize = first.parse().ok()?;
        found = json::items(value).ok()?.get(place).copied();
    } else if value.starts_with('{') {
        let see = |key: Cow<'_, str>, value| {
            if is_same(&key, first) {
                found = Some(value);
            }
        };
        json::each_pair(value, see).ok()?;
    }
    inside(found?, rest)
}

/// Whether two keys differ in nothing but letter case and outer blanks.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    let is_foreign = || !one.is_ascii() && !other.is_ascii();
    one.eq_ignore_ascii_case(other) || is_foreign() && folded(one) == folded(other)
}
