//! The maps of a migration: which record, user or file of Bitrix24 stands for which of the old
//! system.
//!
//! They are CSV files that `lookup` writes, a script makes or a person fills in: columns `type`,
//! `old_id`, `id` of records; `old`, `id` of users; `id`, `path` of files. [`Maps::load`] reads
//! them once; [`MissingValues`] collects what they don't have and writes it as a file to be filled
//! in.
//!
//! ```no_run
//! # use b24post::maps::{MapPaths, Maps, MapsError};
//! # use b24post::post::EntityKind;
//! # fn main() -> Result<(), MapsError> {
//! let maps = Maps::load(&MapPaths {
//!     entities: Some("entities.csv".into()),
//!     ..MapPaths::default()
//! })?;
//! let id = maps.entities.and_then(|map| map.get(EntityKind::Deal, "old-77"));
//! # Ok(())
//! # }
//! ```

mod entity_map;
mod error;
mod file_map;
mod fold;
mod kinds;
mod load;
mod map_key;
mod map_reader;
mod map_start;
mod map_table;
mod missing_values;
#[cfg(test)]
mod testing;
mod user_map;

pub use entity_map::EntityMap;
pub use error::{MapsError, MapsFault};
pub use file_map::FileMap;
pub use fold::folded;
pub use kinds::{columns, kind_name};
pub use load::{MapPaths, Maps};
pub use map_key::MapKey;
pub use map_table::MapTable;
pub use missing_values::MissingValues;
pub use user_map::UserMap;
