//! Which user of Bitrix24 stands for whom in the old system.

use std::collections::HashMap;
use std::path::Path;

use compact_str::CompactString;

use crate::manifest::mapping::MapKind;

use super::fold::folded;
use super::map_reader::MapReader;
use super::{MapsError, MapsFault};

/// IDs of users by old ID, login, name or e-mail; compared without outer blanks and letter case,
/// `ё` as `е`.
#[derive(Clone, Debug, Default)]
pub struct UserMap(HashMap<CompactString, u64>);

impl UserMap {
    /// Reads a file with the columns `old` and `id`; others are ignored. A line without an ID is
    /// not mapped yet.
    ///
    /// # Errors
    /// When the file can't be read or one of its lines is wrong.
    pub fn read(path: &Path) -> Result<UserMap, MapsError> {
        let mut reader = MapReader::open(path, MapKind::User)?;
        let mut map = UserMap::default();
        while let Some(line) = reader.next_line()? {
            let old = line.some_text(0, "an old ID, login, name or e-mail")?;
            let Some(id) = line.id(1)? else {
                continue;
            };
            let known = *map.0.entry(folded(old).into()).or_insert(id);
            if known != id {
                return Err(line.error(MapsFault::TwoIds {
                    column: "old",
                    old: old.to_owned(),
                    id,
                    earlier: known,
                }));
            }
        }
        Ok(map)
    }

    /// The user's ID in Bitrix24.
    pub fn get(&self, old: &str) -> Option<u64> {
        self.0.get(folded(old).as_str()).copied()
    }

    /// How many users it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{error, written};
    use super::*;

    #[test]
    fn users_are_found_by_whatever_they_were_called() {
        let text = "\u{feff}old,id\nПётр Семёнов,5\n a@x.ru ,5\n17,6\nnobody,\n";
        let map = UserMap::read(&written(text).path).unwrap();
        for (old, id) in [
            ("петр семенов", Some(5)),
            ("A@X.RU", Some(5)),
            (" 17", Some(6)),
            ("nobody", None),
            ("", None),
        ] {
            assert_eq!(map.get(old), id, "{old}");
        }
        assert_eq!(map.len(), 3);
    }

    #[test]
    fn one_name_of_two_users_is_refused() {
        let found = error(UserMap::read, "old\tid\nПётр\t5\nпетр\t6\n");
        let said =
            ":3: column old: `петр` has the ID 6 here and 5 on an earlier line; keep the right one";
        assert_eq!(found, said);
        let found = error(UserMap::read, "login,id\n");
        assert!(
            found.starts_with(": no column is named `old`; a map of users"),
            "{found}"
        );
    }
}
