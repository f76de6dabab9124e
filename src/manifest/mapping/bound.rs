//! A mapping whose columns have been found in the manifest.

use crate::post::Field;

use super::source::NamedSource;
use super::{MapKind, Missing, Source, ValueRules};

/// A mapping whose columns have been found.
#[derive(Clone, Debug, Default)]
pub struct BoundMapping {
    pub(super) sources: Vec<NamedSource>,
    /// The fields that have a source, in documentation order.
    pub(super) fields: Vec<BoundField>,
    /// For each field where it stands in `fields`.
    pub(super) places: [Option<usize>; Field::ALL.len()],
    pub(super) explode: Vec<ExplodedColumn>,
    pub(super) records: Vec<BoundRecords>,
    pub(super) skips: Vec<BoundSkip>,
    pub(super) fill_down: Vec<usize>,
    /// What an `external_id` may not end with, since parts of rows do.
    pub(super) endings: Vec<String>,
    pub(super) ignored: Vec<String>,
    pub(super) columns: ColumnUse,
}

/// What becomes of the columns of a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnUse {
    /// Those that the mapping or their own names give a use.
    pub used: Vec<String>,
    /// Those that are ignored by name.
    pub ignored: Vec<String>,
    /// All others, by their numbers from 0: nothing of what they hold is posted.
    pub left_over: Vec<(usize, String)>,
}

#[derive(Clone, Debug)]
pub(super) struct BoundField {
    pub field: Field,
    pub origin: BoundOrigin,
    pub rules: ValueRules,
    /// Of a field that is made of the exploded column: its number among those.
    pub exploding: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum BoundOrigin {
    Column(usize),
    Template(Vec<BoundPiece>),
    Value(String),
    Explode,
}

#[derive(Clone, Debug)]
pub(super) enum BoundPiece {
    Text(String),
    Column(usize),
    Explode,
}

#[derive(Clone, Debug)]
pub(super) struct ExplodedColumn {
    pub slot: usize,
    /// `/` and the column's name.
    pub suffix: String,
}

#[derive(Clone, Debug)]
pub(super) struct BoundRecords {
    pub slot: usize,
    /// The name of the type.
    pub kind: String,
    pub separator: Option<String>,
    pub map: Option<MapKind>,
    pub missing: Missing,
}

#[derive(Clone, Debug)]
pub(super) struct BoundSkip {
    pub slot: usize,
    pub equals: Vec<String>,
}

impl BoundMapping {
    /// Where the values stand that are needed of each record. The cells of a record are given in
    /// this order.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &Source> {
        self.sources.iter().map(|named| &named.source)
    }

    /// The column or path of a slot by its name.
    pub fn source_name(&self, slot: usize) -> &str {
        self.sources.get(slot).map_or("", |named| &named.name)
    }

    /// What becomes of the header's columns; nothing for JSON.
    pub fn columns(&self) -> &ColumnUse {
        &self.columns
    }

    /// The column or path that holds a field, where there is one for all rows.
    pub fn column_of(&self, field: Field) -> Option<&str> {
        match self.field(field).map(|bound| &bound.origin) {
            Some(BoundOrigin::Column(slot)) => Some(self.source_name(*slot)),
            _ => None,
        }
    }

    /// The column, from 0, that holds a field as it is: through no table and no map.
    pub fn plain_column(&self, field: Field) -> Option<usize> {
        let bound = self.field(field)?;
        let BoundOrigin::Column(slot) = bound.origin else {
            return None;
        };
        let is_plain = bound.rules.values.is_none() && bound.rules.map.is_none();
        match self.sources.get(slot)?.source {
            Source::Column(column) if is_plain => Some(column),
            _ => None,
        }
    }

    /// Whether a row may have the field.
    pub fn may_have(&self, field: Field) -> bool {
        let is_entity = matches!(field, Field::EntityType | Field::EntityId);
        self.places[field as usize].is_some() || is_entity && !self.records.is_empty()
    }

    /// What the mapping says of the field's values: their separator, format, zone and so on.
    pub fn rules(&self, field: Field) -> Option<&ValueRules> {
        self.field(field).map(|bound| &bound.rules)
    }

    /// Whether the posts of a row have names of their own.
    pub fn makes_parts(&self) -> bool {
        !self.explode.is_empty() || !self.records.is_empty()
    }

    /// The columns that are exploded, by name.
    pub fn exploded_columns(&self) -> impl Iterator<Item = &str> {
        let columns = self.explode.iter();
        columns.map(|column| self.source_name(column.slot))
    }

    pub(super) fn field(&self, field: Field) -> Option<&BoundField> {
        self.fields.get(self.places[field as usize]?)
    }

    /// How many fields are made of the exploded column.
    pub(super) fn exploding(&self) -> usize {
        let exploding = self.fields.iter().filter(|field| field.exploding.is_some());
        exploding.count()
    }
}
