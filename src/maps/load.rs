//! All the maps of a run.

use std::path::PathBuf;

use crate::manifest::mapping::MapKind;

use super::{EntityMap, FileMap, MapsError, UserMap};

/// Where the maps are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapPaths {
    /// `--entity-map`
    pub entities: Option<PathBuf>,
    /// `--user-map`
    pub users: Option<PathBuf>,
    /// `--file-map`
    pub files: Option<PathBuf>,
}

/// The maps that there are.
#[derive(Clone, Debug, Default)]
pub struct Maps {
    /// Of CRM records.
    pub entities: Option<EntityMap>,
    /// Of users.
    pub users: Option<UserMap>,
    /// Of files.
    pub files: Option<FileMap>,
}

impl Maps {
    /// Reads the maps whose paths are given.
    ///
    /// # Errors
    /// When a file can't be read or one of its lines is wrong.
    pub fn load(paths: &MapPaths) -> Result<Maps, MapsError> {
        let (entities, users, files) = (&paths.entities, &paths.users, &paths.files);
        Ok(Maps {
            entities: entities.as_deref().map(EntityMap::read).transpose()?,
            users: users.as_deref().map(UserMap::read).transpose()?,
            files: files.as_deref().map(FileMap::read).transpose()?,
        })
    }

    /// The same with an empty map of each kind that a mapping names and nobody has given: every value
    /// is missing there.
    #[must_use]
    pub fn with_named(mut self, is_named: impl Fn(MapKind) -> bool) -> Maps {
        if is_named(MapKind::Entity) {
            self.entities.get_or_insert_default();
        }
        if is_named(MapKind::User) {
            self.users.get_or_insert_default();
        }
        if is_named(MapKind::File) {
            self.files.get_or_insert_default();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_is_not_there_is_named() {
        let paths = MapPaths {
            users: Some("/no/such/users.csv".into()),
            ..MapPaths::default()
        };
        let error = Maps::load(&paths).unwrap_err().to_string();
        assert!(
            error.starts_with("/no/such/users.csv: cannot read this map: "),
            "{error}"
        );
        let none = Maps::load(&MapPaths::default()).unwrap();
        assert!(none.entities.is_none() && none.users.is_none() && none.files.is_none());
    }
}
