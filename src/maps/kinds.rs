//! The columns of each kind of map.

use crate::manifest::mapping::MapKind;

/// The columns that a map of that kind must have.
pub const fn columns(kind: MapKind) -> &'static [&'static str] {
    match kind {
        MapKind::Entity => &["type", "old_id", "id"],
        MapKind::User => &["old", "id"],
        MapKind::File => &["id", "path"],
    }
}

/// What is in such a map, in plural.
pub const fn kind_name(kind: MapKind) -> &'static str {
    match kind {
        MapKind::Entity => "records",
        MapKind::User => "users",
        MapKind::File => "files",
    }
}
