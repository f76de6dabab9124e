//! Empty cells that have the value above them.
//!
//! Rows are mapped in parallel, chunk by chunk, but what stands above a row may be in an earlier
//! chunk. So the sequential pass keeps a [`Carry`] of what the last records had, and gives each chunk
//! a copy of it as it was at the chunk's beginning; whoever maps the chunk carries that copy on through
//! its records. To bring its own up to date the sequential pass takes apart only the last records of
//! a chunk, from its end backwards, until each column has been found filled ([`Carry::pass`]).
//! Where a mapping fills nothing down, [`Carry::is_idle`] says so, and nothing of this is done.
//!
//! A record that can't be read may have had a value for those below it. What stands above them is
//! unknown then, and their empty cells are a problem, not filled with an older value.

use crate::manifest::Cell;

use super::cells::is_blank;
use super::{BoundMapping, MappingProblem, ProblemKind, Source};

/// What stands above the next record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carry {
    columns: Vec<CarriedColumn>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct CarriedColumn {
    slot: usize,
    above: Above,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Above {
    Nothing,
    /// A record could not be read since the last value.
    Unknown,
    Value(OwnedCell),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum OwnedCell {
    Csv(Vec<u8>),
    Text(String),
    Json { key: String, value: String },
}

impl Carry {
    /// Whether the mapping fills nothing down.
    pub fn is_idle(&self) -> bool {
        self.columns.is_empty()
    }

    /// Fills the empty cells of the next record, and remembers the others. The cells stand in the order
    /// of the mapping's sources. Returns the slot of each empty cell for which the value above is
    /// not known; such a row must not be sent.
    pub fn fill<'a>(&'a mut self, cells: &mut [Cell<'a>]) -> impl Iterator<Item = usize> + use<'a> {
        for column in &mut self.columns {
            if let Some(cell) = cells.get(column.slot).filter(|cell| !is_blank(**cell)) {
                column.above.set(*cell);
            }
        }
        let carry: &'a Carry = self;
        for column in &carry.columns {
            if let (Some(cell), Above::Value(above)) = (cells.get_mut(column.slot), &column.above) {
                *cell = above.cell();
            }
        }
        let unknown = carry
            .columns
            .iter()
            .filter(|column| column.above == Above::Unknown);
        unknown.map(|column| column.slot)
    }

    /// The next record can't be read.
    pub fn skip_unreadable(&mut self) {
        for column in &mut self.columns {
            column.above = Above::Unknown;
        }
    }

    /// Passes over the records of a chunk, from the last to the first.
    pub fn pass(&mut self) -> Passing<'_> {
        Passing {
            open: self.columns.iter_mut().collect(),
        }
    }
}

/// Records of a chunk being passed over, from the last to the first.
#[derive(Debug)]
pub struct Passing<'c> {
    /// The columns for which no value has been found yet.
    open: Vec<&'c mut CarriedColumn>,
}

impl Passing<'_> {
    /// Whether the records before the last one shown are of no more interest.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Shows the record before: its cells, or none where it can't be read.
    pub fn record(&mut self, cells: Option<&[Cell<'_>]>) {
        self.open.retain_mut(|column| match cells {
            None => {
                column.above = Above::Unknown;
                false
            }
            Some(cells) => match cells.get(column.slot) {
                Some(cell) if !is_blank(*cell) => {
                    column.above.set(*cell);
                    false
                }
                _ => true,
            },
        });
    }
}

impl BoundMapping {
    /// The CSV columns, from 0, whose empty cells have the value above them.
    pub fn columns_filled_down(&self) -> impl Iterator<Item = usize> {
        let sources = self
            .fill_down
            .iter()
            .map(|slot| &self.sources[*slot].source);
        sources.filter_map(|source| match source {
            Source::Column(column) => Some(*column),
            Source::Path(_) | Source::FieldKey(_) => None,
        })
    }

    /// What is carried down from row to row, at the beginning of the manifest.
    pub fn carry(&self) -> Carry {
        let columns = self.fill_down.iter().map(|slot| CarriedColumn {
            slot: *slot,
            above: Above::Nothing,
        });
        Carry {
            columns: columns.collect(),
        }
    }

    /// What is wrong with a row whose cell of that slot is empty while the value above is not known.
    pub fn nothing_above(&self, slot: usize) -> MappingProblem {
        MappingProblem {
            field: None,
            column: self.source_name(slot).to_owned(),
            kind: ProblemKind::NothingAbove,
        }
    }
}

impl Above {
    /// Remembers a cell, in the memory of the one before it if they are of one kind.
    fn set(&mut self, cell: Cell<'_>) {
        match (cell, &mut *self) {
            (Cell::Absent, _) => {}
            (Cell::Text(text), Above::Value(OwnedCell::Text(kept))) => {
                text.clone_into(kept);
            }
            (Cell::Text(text), _) => *self = Above::Value(OwnedCell::Text(text.to_owned())),
            (Cell::Csv(bytes), _) => *self = Above::Value(OwnedCell::Csv(bytes.to_owned())),
            (Cell::Json { key, value }, _) => {
                let (key, value) = (key.to_owned(), value.to_owned());
                *self = Above::Value(OwnedCell::Json { key, value });
            }
        }
    }
}

impl OwnedCell {
    fn cell(&self) -> Cell<'_> {
        match self {
            OwnedCell::Csv(bytes) => Cell::Csv(bytes),
            OwnedCell::Text(text) => Cell::Text(text),
            OwnedCell::Json { key, value } => Cell::Json { key, value },
        }
    }
}
