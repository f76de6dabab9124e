//! What each REST method does. Which name leads here is up to `dispatch`.

mod audience;
pub(super) mod blog;
mod files;
pub(super) mod info;
pub(super) mod items;
pub(super) mod livefeed;
pub(super) mod params;
pub(super) mod timeline;
pub(super) mod users;

#[cfg(test)]
pub(super) mod testing;
