//! What came of values that went through the maps of old IDs, as data.

use crate::manifest::mapping::MapKind;
use crate::post::{AsWritten, EntityKind};

/// What came of a row's values that went through maps.
#[derive(Debug, Default)]
pub(super) struct LookedUp {
    /// The values before; none where no map was asked.
    pub as_written: Option<Box<AsWritten>>,
    /// Values that a map doesn't have.
    pub unmapped: Vec<Unmapped>,
    /// The post is left out because of one of them.
    pub is_skipped: bool,
    /// Values that are left out of the post with a warning.
    pub left_out: u32,
}

/// A value that a map doesn't have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// The map.
    pub map: MapKind,
    /// Of a record, its type.
    pub entity: Option<EntityKind>,
    /// As it is written.
    pub old: String,
}

impl LookedUp {
    /// The values before, to be filled in.
    pub fn written(&mut self) -> &mut AsWritten {
        self.as_written.get_or_insert_default()
    }
}
