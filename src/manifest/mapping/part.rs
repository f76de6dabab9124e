//! The posts of one row, as the mapping makes them.

use crate::manifest::{Cell, has_control_chars};
use crate::post::Field;

use super::bound::BoundOrigin;
use super::part_buffer::Stored;
use super::{BoundMapping, MapKind, MappingProblem, Missing, PartBuffer, Source, ValueRules};

/// What a mapping makes of a row.
#[derive(Debug)]
pub enum Applied<'b> {
    /// The row is left out knowingly: by `[[skip]]`, or by what `missing` says of one of its values.
    Skipped,
    /// None of its exploded columns holds anything.
    Empty,
    /// Its posts, one at least.
    Parts(Parts<'b>),
}

/// The posts of a row.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'b> {
    pub(super) mapping: &'b BoundMapping,
    pub(super) cells: &'b [Cell<'b>],
    pub(super) buffer: &'b PartBuffer,
}

/// One post of a row: the value of each field as written, before maps.
#[derive(Clone, Copy, Debug)]
pub struct Part<'b> {
    of: Parts<'b>,
    number: usize,
}

impl<'b> Parts<'b> {
    /// What is wrong with the row; its posts must not be sent then.
    pub fn problems(self) -> &'b [MappingProblem] {
        &self.buffer.problems
    }

    /// Values that were left out because a table doesn't have them.
    pub fn warnings(self) -> &'b [MappingProblem] {
        &self.buffer.warnings
    }

    /// How many posts the row has.
    pub fn count(self) -> usize {
        self.buffer.exploded.len().max(1) * self.records()
    }

    /// The posts: for each exploded column in the order of the mapping, each record.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Part<'b>> {
        (0..self.count()).map(move |number| Part { of: self, number })
    }

    fn records(self) -> usize {
        self.buffer.records.len().max(1)
    }

    fn text(self, range: &std::ops::Range<usize>) -> Cell<'b> {
        let text = self.buffer.text(range);
        match has_control_chars(text) {
            true => Cell::Csv(text.as_bytes()),
            false => Cell::Text(text),
        }
    }
}

impl<'b> Part<'b> {
    /// The field's value, before its map, and before times are read.
    pub fn cell(self, field: Field) -> Cell<'b> {
        if let Some((kind, id)) = self.record()
            && let Some(cell) = match field {
                Field::EntityType => Some(Cell::Text(kind)),
                Field::EntityId => Some(self.of.text(id)),
                _ => None,
            }
        {
            return cell;
        }
        match self.stored(field) {
            Stored::Absent => Cell::Absent,
            Stored::Cell(slot) => self.of.cells.get(*slot).copied().unwrap_or_default(),
            Stored::Text { range, .. } => self.of.text(range),
        }
    }

    /// Whether a row of this manifest may have the field.
    pub fn may_have(self, field: Field) -> bool {
        self.of.mapping.may_have(field)
    }

    /// What the mapping says of the field's values.
    pub fn rules(self, field: Field) -> Option<&'b ValueRules> {
        self.of.mapping.rules(field)
    }

    /// What is wrong with the post's row.
    pub fn problems(self) -> &'b [MappingProblem] {
        self.of.problems()
    }

    /// Values of its row that were left out because a table doesn't have them.
    pub fn warnings(self) -> &'b [MappingProblem] {
        self.of.warnings()
    }

    /// The name of the column, path or key that holds the field, else the field's own name.
    pub fn column(self, field: Field) -> &'b str {
        let mapping = self.of.mapping;
        if let Some(rule) = self.records_rule().filter(|_| is_entity(field)) {
            return mapping.source_name(rule.slot);
        }
        let slot = match mapping.field(field).map(|bound| &bound.origin) {
            Some(BoundOrigin::Column(slot)) => *slot,
            Some(BoundOrigin::Explode) => match self.exploded() {
                Some(column) => mapping.explode[column].slot,
                None => return field.name(),
            },
            _ => return field.name(),
        };
        match (&mapping.sources[slot].source, self.of.cells.get(slot)) {
            (Source::FieldKey(_), Some(Cell::Json { key, .. })) => key,
            _ => mapping.source_name(slot),
        }
    }

    /// What becomes of the field's value where a map of that kind is given and doesn't have it. None
    /// if the value isn't looked up there: it stands in place of a missing or an empty one, or is
    /// the same for every row and no map is named for it.
    pub fn looks_up(self, field: Field, kind: MapKind) -> Option<&'b Missing> {
        if let Some(rule) = self.records_rule().filter(|_| is_entity(field)) {
            let is_id = field == Field::EntityId && kind == MapKind::Entity;
            return is_id.then_some(&rule.missing);
        }
        let bound = self.of.mapping.field(field)?;
        let is_same = matches!(bound.origin, BoundOrigin::Value(_));
        let is_final = match self.stored(field) {
            Stored::Absent => true,
            Stored::Cell(_) => false,
            Stored::Text { is_final, .. } => *is_final,
        };
        let is_looked_up = !is_final && (!is_same || bound.rules.map == Some(kind));
        is_looked_up.then_some(&bound.rules.missing)
    }

    /// What tells the post from the others of its row, such as `/Примечание 2@deal:101`; empty where
    /// rows have one post each.
    pub fn ending(self) -> &'b str {
        let buffer = self.of.buffer;
        let name = buffer.names.get(self.number);
        name.map_or("", |name| buffer.text(&(name.ending..name.name.end)))
    }

    /// The row's `external_id` with that ending, such as `51/Примечание 2@deal:101`: the ending alone
    /// where the row has none. None where rows have one post each.
    pub fn name(self) -> Option<&'b str> {
        let buffer = self.of.buffer;
        let name = buffer.names.get(self.number)?;
        Some(buffer.text(&name.name))
    }

    /// How many exploded columns of its row hold something.
    pub fn exploded_count(self) -> usize {
        self.of.buffer.exploded.len()
    }

    fn stored(self, field: Field) -> &'b Stored {
        let buffer = self.of.buffer;
        let exploding = self
            .of
            .mapping
            .field(field)
            .and_then(|bound| bound.exploding);
        match exploding {
            None => &buffer.row[field as usize],
            Some(place) => {
                let column = self.number / self.of.records();
                &buffer.exploding[column * self.of.mapping.exploding() + place]
            }
        }
    }

    /// The exploded column, by its number in the mapping.
    fn exploded(self) -> Option<usize> {
        let exploded = &self.of.buffer.exploded;
        exploded.get(self.number / self.of.records()).copied()
    }

    fn stored_record(self) -> Option<&'b super::part_buffer::StoredRecord> {
        self.of.buffer.records.get(self.number % self.of.records())
    }

    fn records_rule(self) -> Option<&'b super::bound::BoundRecords> {
        self.of.mapping.records.get(self.stored_record()?.rule)
    }

    /// The type and the old ID of the post's record.
    fn record(self) -> Option<(&'b str, &'b std::ops::Range<usize>)> {
        let (rule, stored) = (self.records_rule()?, self.stored_record()?);
        Some((&rule.kind, &stored.id))
    }
}

fn is_entity(field: Field) -> bool {
    matches!(field, Field::EntityType | Field::EntityId)
}
