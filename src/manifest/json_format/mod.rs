//! JSON: each row an object with keys of its own, one a line.

mod fault;
mod lines;
mod open;
mod records;
mod sample;
mod shape;

pub(super) use open::Jsonl;
pub use shape::JsonShape;
pub(super) use shape::{json_at_all, not_lines};
