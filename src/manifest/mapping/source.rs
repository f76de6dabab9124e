//! Where in a record the values stand that a mapping needs.

use crate::post::Field;

/// Where a value stands. Its place among the sources of a mapping is its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In a column, by its number from 0.
    Column(usize),
    /// At a path within a JSON row.
    Path(JsonPath),
    /// Under a key of a JSON row that is the field's own name or an alias of it.
    FieldKey(Field),
}

/// A path within a JSON row, such as `properties.hs_note_body`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    /// As the mapping has it; a row may also have it as one key.
    pub written: String,
    /// The keys on the way, in order; of a list, the number from 0.
    pub keys: Vec<String>,
}

/// A source with the name by which it is told.
#[derive(Clone, Debug)]
pub(super) struct NamedSource {
    pub source: Source,
    pub name: String,
}

impl JsonPath {
    /// Takes a path apart at its dots.
    pub fn new(written: &str) -> JsonPath {
        let written = written.trim();
        JsonPath {
            written: written.to_owned(),
            keys: written
                .split('.')
                .map(|key| key.trim().to_owned())
                .collect(),
        }
    }
}
