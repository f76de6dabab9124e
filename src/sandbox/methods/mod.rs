//! What each REST method does. Which name leads here is up to `dispatch`.

mod audience;
pub(super) mod blog;
pub(super) mod duplicates;
mod files;
pub(super) mod info;
mod item_fields;
pub(super) mod items;
pub(super) mod livefeed;
pub(super) mod params;
pub(super) mod requisites;
mod row_filter;
pub(super) mod structure;
mod text_condition;
pub(super) mod timeline;
pub(super) mod users;

#[cfg(test)]
pub(super) mod testing;
