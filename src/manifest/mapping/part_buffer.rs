//! What a mapping makes of a row, in memory that the next row uses again.

use std::ops::Range;

use crate::post::Field;

use super::MappingProblem;

/// Memory for the posts of a row.
#[derive(Debug, Default)]
pub struct PartBuffer {
    /// All texts that were made, one behind the other.
    pub(super) text: String,
    /// The fields that all posts of the row share.
    pub(super) row: [Stored; Field::ALL.len()],
    /// The exploded columns that hold something, by their numbers in the mapping.
    pub(super) exploded: Vec<usize>,
    /// For each of them the fields that are made of it.
    pub(super) exploding: Vec<Stored>,
    pub(super) records: Vec<StoredRecord>,
    pub(super) names: Vec<StoredName>,
    pub(super) problems: Vec<MappingProblem>,
    pub(super) warnings: Vec<MappingProblem>,
    /// A missing value says that the row is left out.
    pub(super) is_skipped: bool,
    /// Slots of empty cells of the next row for which the value above is not known.
    pub(super) unknown_above: Vec<usize>,
}

/// A field's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Stored {
    #[default]
    Absent,
    /// The cell of a slot, as it is.
    Cell(usize),
    /// Text of the buffer.
    Text {
        range: Range<usize>,
        /// It goes through no map.
        is_final: bool,
    },
}

/// A record that the row names.
#[derive(Debug)]
pub(super) struct StoredRecord {
    /// Which entry of `[[records]]`.
    pub rule: usize,
    /// Its old ID.
    pub id: Range<usize>,
}

/// The name of a part.
#[derive(Debug)]
pub(super) struct StoredName {
    /// `external_id` and the ending.
    pub name: Range<usize>,
    /// Where the ending begins.
    pub ending: usize,
}

impl PartBuffer {
    /// The slots of the next row's empty cells for which the value above is not known; see
    /// [`Carry::fill`](super::Carry::fill).
    pub fn set_unknown_above(&mut self, slots: impl Iterator<Item = usize>) {
        self.unknown_above.clear();
        self.unknown_above.extend(slots);
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.row.fill(Stored::Absent);
        self.exploded.clear();
        self.exploding.clear();
        self.records.clear();
        self.names.clear();
        self.problems.clear();
        self.warnings.clear();
        self.is_skipped = false;
    }

    /// Keeps a text.
    pub(super) fn keep(&mut self, text: &str, is_final: bool) -> Stored {
        let range = self.push(text);
        Stored::Text { range, is_final }
    }

    pub(super) fn push(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }

    pub(super) fn text(&self, range: &Range<usize>) -> &str {
        &self.text[range.clone()]
    }
}
