//! What tells the lines of a map from each other.

use crate::manifest::mapping::MapKind;
use crate::post::{EntityKind, trimmed};

use super::fold::folded;

/// What a line of a map is found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MapKey {
    /// The type of a CRM record.
    pub entity: Option<EntityKind>,
    /// What the old system had, in the form in which it is compared.
    pub old: String,
}

impl MapKey {
    /// The key of a value in a map of that kind.
    pub fn new(map: MapKind, entity: Option<EntityKind>, old: &str) -> MapKey {
        let old = match map {
            MapKind::User => folded(old),
            MapKind::Entity | MapKind::File => trimmed(old).to_owned(),
        };
        MapKey { entity, old }
    }
}
