//! The values of a manifest that go through a map, each once, with the rows that have it.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::manifest::mapping::MapKind;
use crate::manifest::{Cell, Chunk, Manifest, ManifestError, Row, json};
use crate::maps::MapKey;
use crate::post::{EntityKind, Field};

/// The values of one kind of map.
#[derive(Clone, Debug, Default)]
pub struct DistinctValues {
    /// In the order in which they are met.
    pub values: Vec<DistinctValue>,
    /// Where each stands.
    places: HashMap<MapKey, usize>,
    /// Rows with a record's ID and without a type that there is.
    pub untyped: u64,
    /// Rows that can't be read.
    pub unreadable: u64,
}

/// A value, and how many rows have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinctValue {
    /// What it is known by in the map.
    pub key: MapKey,
    /// As it is written where it is met first, without outer blanks.
    pub written: String,
    /// Rows that have it.
    pub rows: u64,
}

/// Goes over all rows of a manifest: by record and type for a map of records, by author for one of
/// users.
///
/// # Errors
/// When the manifest can't be read to its end, or changes meanwhile.
pub fn distinct_values(manifest: &Manifest, map: MapKind) -> Result<DistinctValues, ManifestError> {
    let (mut pass, mut chunk) = (manifest.pass()?, Chunk::default());
    let mut found = DistinctValues::default();
    while pass.next_chunk(&mut chunk)? {
        let mut reader = manifest.reader();
        reader.set_carry(chunk.carry());
        for record in chunk.records() {
            let read = reader.each_row(record, |row| found.take(row, map));
            found.unreadable += u64::from(read.is_err());
        }
    }
    Ok(found)
}

impl DistinctValues {
    fn take(&mut self, row: &Row<'_>, map: MapKind) {
        let text = |field| {
            row.looks_up(field, map)?;
            text(row.cell(field)).filter(|text| !text.trim().is_empty())
        };
        let (entity, old) = match map {
            MapKind::Entity => {
                let Some(old) = text(Field::EntityId) else {
                    return;
                };
                let kind = self::text(row.cell(Field::EntityType));
                let kind = kind.as_deref().and_then(EntityKind::parse);
                if kind.is_none() {
                    self.untyped += 1;
                    return;
                }
                (kind, old)
            }
            MapKind::User | MapKind::File => match text(Field::AuthorId) {
                Some(old) => (None, old),
                None => return,
            },
        };
        self.add(MapKey::new(map, entity, &old), &old);
    }

    fn add(&mut self, key: MapKey, old: &str) {
        if let Some(place) = self.places.get(&key) {
            self.values[*place].rows += 1;
            return;
        }
        self.places.insert(key.clone(), self.values.len());
        self.values.push(DistinctValue {
            key,
            written: old.trim().to_owned(),
            rows: 1,
        });
    }
}

/// A text or a number; nothing where a cell can't be read, which is a problem of its row.
fn text(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Absent => None,
        Cell::Text(text) => Some(Cow::Borrowed(text)),
        Cell::Csv(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cell::Json { value, .. } if value.starts_with('"') => json::string(value).ok(),
        Cell::Json { value, .. } => {
            let is_number = value.starts_with(|letter: char| letter.is_ascii_digit());
            is_number.then_some(Cow::Borrowed(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::manifest::ReadOptions;

    use super::*;

    fn values(name: &str, text: &str, map: MapKind) -> (Vec<(String, u64)>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let manifest = Manifest::open(&path, &ReadOptions::default()).unwrap();
        let found = distinct_values(&manifest, map).unwrap();
        let shown = |value: DistinctValue| {
            let kind = value.key.entity.map(|kind| format!("{kind}:"));
            (
                format!("{}{}", kind.unwrap_or_default(), value.written),
                value.rows,
            )
        };
        (found.values.into_iter().map(shown).collect(), found.untyped)
    }

    #[test]
    fn each_record_is_there_once_with_its_rows() {
        let text = "message,entity_type,entity_id\na,deal,Ромашка\nb,company,Ромашка\n\
                    c,deal, Ромашка \nd,,x\ne,deal,\nf,task,y\n";
        let (found, untyped) = values("m.csv", text, MapKind::Entity);
        let expected = [
            ("deal:Ромашка".to_owned(), 2),
            ("company:Ромашка".to_owned(), 1),
        ];
        assert_eq!((found.as_slice(), untyped), (expected.as_slice(), 2));
    }

    #[test]
    fn users_are_the_same_in_any_letter_case_and_json_has_texts_and_numbers() {
        let text = "{\"message\":\"a\",\"author_id\":\"Ann\"}\n{\"message\":\"b\",\"author_id\":\"ANN\"}\n\
                    {\"message\":\"c\",\"author_id\":7}\n{\"message\":\"d\",\"author_id\":null}\n";
        let (found, _) = values("m.jsonl", text, MapKind::User);
        assert_eq!(found, [("Ann".to_owned(), 2), ("7".to_owned(), 1)]);
    }
}
