//! CSV: a header row, then one record a row.

mod copy;
mod fields;
mod open;
mod records;
mod sample;
mod splitter;

pub(super) use fields::Fields;
pub use fields::has_control_chars;
pub(super) use open::Csv;
