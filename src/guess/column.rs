//! The columns of a sample, with what their names mean and what they hold.

use std::collections::BTreeMap;

use crate::manifest::{RejectColumn, Sample};
use crate::post::{EntityKind, Field};

use super::lookup::{meaning_of, system_of};
use super::meaning::Meaning;
use super::name::family;
use super::system::System;

/// Values by which the form of most is judged.
const LOOKED_AT: usize = 500;

/// A column of the sample.
#[derive(Clone, Debug)]
pub(super) struct Column<'s> {
    /// By which a mapping finds it.
    pub name: &'s str,
    pub meaning: Option<Meaning>,
    /// The lower, the likelier is the meaning.
    rank: usize,
    /// Its name without a number, and that number.
    pub family: (String, u32),
    cells: &'s [String],
}

/// All columns that a mapping can name.
#[derive(Clone, Debug)]
pub(super) struct Table<'s> {
    pub system: System,
    /// Whether they are paths within JSON rows.
    pub has_paths: bool,
    pub columns: Vec<Column<'s>>,
}

impl<'s> Table<'s> {
    pub fn new(sample: &'s Sample) -> Table<'s> {
        let named = || {
            sample
                .columns
                .iter()
                .filter(|column| !column.name.is_empty())
                .filter(|column| RejectColumn::of_name(&column.written).is_none())
        };
        let names: Vec<&str> = named().map(|column| column.written.as_str()).collect();
        let system = system_of(&names);
        let columns = named().map(|column| {
            let known = meaning_of(system, &column.written).or_else(|| {
                let (name, _) = column.name.rsplit_once('#')?;
                meaning_of(system, name)
            });
            Column {
                name: &column.name,
                meaning: known.map(|(_, meaning)| meaning),
                rank: known.map_or(usize::MAX, |(rank, _)| rank),
                family: family(&column.name),
                cells: &column.cells,
            }
        });
        Table {
            system,
            has_paths: sample.has_paths,
            columns: columns.collect(),
        }
    }

    /// The columns of that meaning: those that hold something first, then by rank.
    pub fn of(&self, meaning: Meaning) -> Vec<&Column<'s>> {
        self.all(|column| column.meaning == Some(meaning))
    }

    /// The likeliest column of that meaning.
    pub fn first(&self, meaning: Meaning) -> Option<&Column<'s>> {
        self.of(meaning).first().copied()
    }

    /// The likeliest column of a field.
    pub fn gives(&self, field: Field) -> Option<&Column<'s>> {
        self.first(Meaning::Gives(field))
    }

    pub fn all(&self, is_one: impl Fn(&Column<'s>) -> bool) -> Vec<&Column<'s>> {
        let mut found: Vec<&Column<'_>> = self.columns.iter().filter(|one| is_one(one)).collect();
        found.sort_by_key(|column| (column.is_empty(), column.rank));
        found
    }

    /// The kind of records of which the file is an export, if it has columns of such exports.
    pub fn shown_kind(&self) -> Option<EntityKind> {
        let kinds = self
            .columns
            .iter()
            .filter_map(|column| match column.meaning {
                Some(Meaning::Shows(kind) | Meaning::OfRecord(_, kind)) => Some(kind),
                _ => None,
            });
        // A list of deals also names their contacts.
        let rank = |kind: &EntityKind| match kind {
            EntityKind::Deal => 0,
            EntityKind::Lead => 1,
            EntityKind::Company => 2,
            _ => 3,
        };
        kinds.min_by_key(rank)
    }

    /// Whether Cyrillic letters are usual in the names or in the first rows.
    pub fn is_russian(&self) -> bool {
        let is_cyrillic = |letter: char| ('\u{400}'..='\u{4ff}').contains(&letter);
        let mut texts = self.columns.iter().flat_map(|column| {
            let cells = column.cells.iter().take(20);
            std::iter::once(column.name).chain(cells.map(String::as_str))
        });
        texts.any(|text| text.chars().filter(|letter| is_cyrillic(*letter)).count() > 2)
    }
}

impl<'s> Column<'s> {
    /// What it holds, row by row, without outer blanks; what is empty is left out.
    pub fn values(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        let cells = self.cells.iter().map(|cell| cell.trim());
        cells.filter(|cell| !cell.is_empty())
    }

    pub fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    /// Whether it holds something in each row.
    pub fn is_full(&self) -> bool {
        self.filled() == self.cells.len()
    }

    /// Rows in which it holds something.
    pub fn filled(&self) -> usize {
        self.values().count()
    }

    /// Its values with the number of rows that have them.
    pub fn counted(&self) -> BTreeMap<&'s str, usize> {
        let mut counts = BTreeMap::new();
        for value in self.values() {
            *counts.entry(value).or_insert(0) += 1;
        }
        counts
    }

    /// Whether no two rows hold the same.
    pub fn is_unique(&self) -> bool {
        self.counted().values().all(|count| *count == 1)
    }

    /// Whether all that it holds is like that, and it holds something.
    pub fn is_all(&self, is_so: impl Fn(&str) -> bool) -> bool {
        !self.is_empty() && self.values().all(is_so)
    }

    /// Whether at least half of what it holds in the first rows is like that.
    pub fn is_mostly(&self, is_so: impl Fn(&str) -> bool) -> bool {
        let looked_at = || self.values().take(LOOKED_AT);
        let fitting = looked_at().filter(|value| is_so(value)).count();
        fitting > 0 && 2 * fitting >= looked_at().count()
    }

    /// Whether no row has something in both.
    pub fn is_apart(&self, other: &Column<'_>) -> bool {
        let mut rows = self.cells.iter().zip(other.cells);
        rows.all(|(one, other)| one.trim().is_empty() || other.trim().is_empty())
    }
}
