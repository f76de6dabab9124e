//! What the columns of an export most likely hold, written as a mapping file to be corrected.
//!
//! The names of columns that CRM systems are known to have stand in `known_columns`, a line each.
//! What they don't tell is told by the values of a sample: how times are written, whether texts are
//! HTML, what kind of record an ID names, what separates several IDs. What can't be known is left as a
//! comment with the choices; nothing is invented, since what has been posted can't be taken back.
//!
//! It reads no files and asks nobody: [`Sample`](crate::manifest::Sample) in, text out.

mod authors;
mod column;
mod dates;
mod details;
mod draft;
mod guessing;
mod ids;
mod known_columns;
mod lookup;
mod meaning;
mod message;
mod name;
mod record;
mod system;
mod texts;
mod times;
mod toml_text;
mod write;

pub use draft::{Draft, Section, Setting};
pub use guessing::{FileFacts, guess};
pub use toml_text::Value;

#[cfg(test)]
mod tests;
