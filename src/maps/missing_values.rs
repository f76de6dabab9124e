//! The values of a manifest that the maps don't have, and a file of them to be filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::manifest::mapping::MapKind;
use crate::post::{EntityKind, trimmed};

use super::map_key::MapKey;
use super::map_table::MapTable;
use super::{MapsError, kind_name};

/// The column with the number of rows that name a value.
const ROWS: &str = "rows";

/// Values that the maps don't have, with the rows that name them.
#[derive(Clone, Debug, Default)]
pub struct MissingValues {
    maps: BTreeMap<MapKind, MissingOfMap>,
}

/// What one map doesn't have.
#[derive(Clone, Debug, Default)]
struct MissingOfMap {
    values: BTreeMap<MapKey, MissingValue>,
    rows: RowCount,
}

#[derive(Clone, Debug)]
struct MissingValue {
    /// As it is written where it was met first.
    written: String,
    rows: RowCount,
}

/// Counts rows, each once, however often it is given in succession.
#[derive(Clone, Copy, Debug, Default)]
struct RowCount {
    count: u64,
    last: Option<u64>,
}

impl RowCount {
    fn add(&mut self, row: u64) {
        self.count += u64::from(self.last != Some(row));
        self.last = Some(row);
    }

    fn join(&mut self, later: RowCount) {
        self.count += later.count;
        self.last = later.last.or(self.last);
    }
}

impl MissingValues {
    /// A row names a value that the map doesn't have; of a CRM record with its type.
    pub fn add(&mut self, map: MapKind, entity: Option<EntityKind>, old: &str, row: u64) {
        let missing = self.maps.entry(map).or_default();
        missing.rows.add(row);
        let value = missing.values.entry(MapKey::new(map, entity, old));
        let value = value.or_insert_with(|| MissingValue {
            written: trimmed(old).to_owned(),
            rows: RowCount::default(),
        });
        value.rows.add(row);
    }

    /// Takes in what was missing in other, later rows.
    pub fn join(&mut self, later: MissingValues) {
        for (map, later) in later.maps {
            let missing = self.maps.entry(map).or_default();
            missing.rows.join(later.rows);
            for (key, value) in later.values {
                match missing.values.get_mut(&key) {
                    Some(known) => known.rows.join(value.rows),
                    None => drop(missing.values.insert(key, value)),
                }
            }
        }
    }

    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }

    /// The maps that lack something, with the values that are missing and the rows that name them.
    pub fn counts(&self) -> impl Iterator<Item = (MapKind, usize, u64)> {
        let count = |(kind, missing): (&MapKind, &MissingOfMap)| {
            (*kind, missing.values.len(), missing.rows.count)
        };
        self.maps.iter().map(count)
    }

    /// Writes the values as a map to be filled in, those that most rows name first; nothing if
    /// nothing is missing. Where several maps lack something there is a file for each, with
    /// `-records`, `-users` or `-files` in its name. What such a file holds already is kept.
    ///
    /// # Errors
    /// When a file can't be written, or is there and is no such map.
    pub fn write(&self, path: &Path) -> Result<Vec<PathBuf>, MapsError> {
        let is_one = self.maps.len() == 1;
        let mut written = Vec::new();
        for (kind, missing) in &self.maps {
            let path = match is_one {
                true => path.to_owned(),
                false => with_ending(path, kind_name(*kind)),
            };
            let mut table = MapTable::read_or_new(&path, *kind)?;
            missing.enter(*kind, &mut table);
            table.write(&path)?;
            written.push(path);
        }
        Ok(written)
    }
}

impl MissingOfMap {
    /// Puts the values into a table that may hold some of them already.
    fn enter(&self, kind: MapKind, table: &mut MapTable) {
        table.add_columns(&[ROWS]);
        let mut values: Vec<_> = self.values.iter().collect();
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.rows.count));
        for (key, value) in values {
            let rows = value.rows.count.to_string();
            if let Some(line) = table.find(key) {
                table.set(line, ROWS, &rows);
                continue;
            }
            let entity = key.entity.map(|kind| kind.to_string()).unwrap_or_default();
            let column = match kind {
                MapKind::Entity => "old_id",
                MapKind::User => "old",
                MapKind::File => "id",
            };
            table.add_line(&[("type", &entity), (column, &value.written), (ROWS, &rows)]);
        }
    }
}

/// `missing.csv` as `missing-users.csv`.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{ending}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::testing::written;
    use super::super::{EntityMap, UserMap};
    use super::*;

    fn text(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn rows_are_counted_once_and_values_by_what_they_are_compared_by() {
        let mut first = MissingValues::default();
        for (old, row) in [("Пётр ", 1), ("петр", 1), ("Ann", 1), ("ПЕТР", 2)] {
            first.add(MapKind::User, None, old, row);
        }
        let mut second = MissingValues::default();
        second.add(MapKind::User, None, "bob", 3);
        second.add(MapKind::User, None, "ann", 3);
        first.join(second);
        assert_eq!(first.counts().collect::<Vec<_>>(), [(MapKind::User, 3, 3)]);

        let map = written("");
        fs::remove_file(&map.path).unwrap();
        assert_eq!(
            first.write(&map.path).unwrap(),
            std::slice::from_ref(&map.path)
        );
        assert_eq!(text(&map.path), "old,id,rows\nAnn,,2\nПётр,,2\nbob,,1\n");
        assert!(UserMap::read(&map.path).unwrap().is_empty());
    }

    #[test]
    fn several_maps_are_several_files() {
        let mut missing = MissingValues::default();
        missing.add(MapKind::Entity, Some(EntityKind::Deal), "7", 1);
        missing.add(MapKind::File, None, "f1", 1);
        let map = written("not touched");
        let paths = missing.write(&map.path).unwrap();
        let names = ["map-records.csv", "map-files.csv"].map(|name| map.path.with_file_name(name));
        assert_eq!(paths, names);
        assert_eq!(text(&names[0]), "type,old_id,id,rows\ndeal,7,,1\n");
        assert_eq!(text(&names[1]), "id,path,rows\nf1,,1\n");
        assert_eq!(text(&map.path), "not touched");
        assert!(
            MissingValues::default()
                .write(&map.path)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn what_was_filled_in_is_kept() {
        let map = written("old_id;id;type;note\n7;12;deal;sure\n");
        let mut missing = MissingValues::default();
        missing.add(MapKind::Entity, Some(EntityKind::Deal), "8", 1);
        missing.write(&map.path).unwrap();
        let expected = "old_id;id;type;note;rows\n7;12;deal;sure;\n8;;deal;;1\n";
        assert_eq!(text(&map.path), expected);
        let read = EntityMap::read(&map.path).unwrap();
        assert_eq!(read.get(EntityKind::Deal, "7"), Some(12));
    }
}
