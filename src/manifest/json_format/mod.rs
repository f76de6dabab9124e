//! JSON: rows that are objects with keys of their own, one a line or in any other shape.

mod broken;
mod copy;
mod fault;
mod find_rows;
mod lines;
mod lists;
mod open;
mod records;
mod rows_at;
mod sample;
mod shape;
mod values;
mod walker;

pub use broken::BrokenJson;
pub use lists::JsonLists;
pub(super) use open::{Json, Jsonl};
pub use shape::JsonShape;
pub(super) use shape::{json_in_csv, not_lines, values_not_lines};
