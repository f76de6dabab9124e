//! Which CRM record of Bitrix24 stands for which of the old system.

use std::collections::HashMap;
use std::path::Path;

use compact_str::CompactString;

use crate::manifest::mapping::MapKind;
use crate::post::{EntityKind, trimmed};

use super::map_reader::MapReader;
use super::{MapsError, MapsFault};

/// IDs of CRM records by type and old ID. Old IDs are compared as they are written, without outer
/// blanks: those of some systems differ by letter case alone.
#[derive(Clone, Debug, Default)]
pub struct EntityMap {
    by_kind: HashMap<EntityKind, HashMap<CompactString, u64>>,
}

impl EntityMap {
    /// Reads a file with the columns `type`, `old_id` and `id`; others are ignored. A line without
    /// an ID is not mapped yet.
    ///
    /// # Errors
    /// When the file can't be read or one of its lines is wrong.
    pub fn read(path: &Path) -> Result<EntityMap, MapsError> {
        let mut reader = MapReader::open(path, MapKind::Entity)?;
        let mut map = EntityMap::default();
        while let Some(line) = reader.next_line()? {
            let kind = line.some_text(0, "a type such as deal")?;
            let bad_type = || {
                line.error(MapsFault::BadType {
                    text: kind.to_owned(),
                })
            };
            let kind = EntityKind::parse(kind).ok_or_else(bad_type)?;
            let old = line.some_text(1, "the old system's ID")?;
            let Some(id) = line.id(2)? else {
                continue;
            };
            if let Some(earlier) = map.insert(kind, old, id) {
                return Err(line.error(MapsFault::TwoIds {
                    column: "old_id",
                    old: old.to_owned(),
                    id,
                    earlier,
                }));
            }
        }
        Ok(map)
    }

    /// The other ID that the record has already, if it has one; then nothing changes.
    fn insert(&mut self, kind: EntityKind, old: &str, id: u64) -> Option<u64> {
        let ids = self.by_kind.entry(kind).or_default();
        let known = *ids.entry(old.into()).or_insert(id);
        (known != id).then_some(known)
    }

    /// The ID of a record of that type in Bitrix24.
    pub fn get(&self, kind: EntityKind, old: &str) -> Option<u64> {
        self.by_kind.get(&kind)?.get(trimmed(old)).copied()
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.by_kind.values().map(HashMap::len).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{error, written};
    use super::*;

    fn map(text: &str) -> EntityMap {
        EntityMap::read(&written(text).path).unwrap()
    }

    #[test]
    fn records_are_found_by_type_and_old_id() {
        let map =
            map("ID;matched;Old_ID;TYPE\n12;yes; amo_7 ;Deal\n13;;amo_7;contact\n\n;;x;4\n;;;\n");
        assert_eq!(map.get(EntityKind::Deal, "amo_7"), Some(12));
        assert_eq!(map.get(EntityKind::Contact, " amo_7 "), Some(13));
        for (kind, old) in [
            (EntityKind::Lead, "amo_7"),
            (EntityKind::Deal, "AMO_7"),
            (EntityKind::Company, "x"),
        ] {
            assert_eq!(map.get(kind, old), None, "{kind} {old}");
        }
        assert_eq!(map.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_column() {
        let read = |text: &str| error(EntityMap::read, text);
        for (text, said) in [
            (
                "",
                ": this map is empty; its first line names the columns type, old_id, id",
            ),
            (
                "type,id\n",
                ": no column is named `old_id`; a map of records has the columns type, old_id, id, this file has type, id",
            ),
            (
                "type,old_id,id\ndeal,7,5\nСделка,8,5\n",
                ":3: column type: `Сделка` is no type",
            ),
            (
                "type,old_id,id\ndeal,,5\n",
                ":2: column old_id: this cell is empty; give the old",
            ),
            (
                "type,old_id,id\ndeal,7,12.0\n",
                ":2: column id: `12.0` is no ID of Bitrix24; give a positive whole number such as 512, or leave the cell empty",
            ),
            (
                "sep=,\ntype,old_id,id\n\"deal\",\"a\nb\",0\n",
                ":3: column id: `0` is no ID",
            ),
            (
                "type,old_id,id\ndeal,7,5\ndeal,7,5\nDEAL,7,6\n",
                ":4: column old_id: `7` has the ID 6 here and 5 on an earlier line",
            ),
        ] {
            let found = read(text);
            assert!(found.starts_with(said), "{text:?} is told as {found:?}");
        }
    }
}
