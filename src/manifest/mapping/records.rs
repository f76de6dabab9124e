//! The records that a row names, and the names of its posts.

use crate::manifest::{Cell, json};
use crate::post::Field;

use super::cells::text_of;
use super::part_buffer::{Stored, StoredName, StoredRecord};
use super::problem::cut;
use super::row_mapper::RowMapper;
use super::{MappingProblem, ProblemKind};

impl<'b> RowMapper<'b, '_> {
    pub fn find_records(&mut self) {
        for rule in 0..self.mapping.records.len() {
            let bound = &self.mapping.records[rule];
            match self.cell(bound.slot) {
                Cell::Json { value, .. } if value.starts_with('[') => {
                    for item in json::items(value).unwrap_or_default() {
                        let cell = Cell::Json {
                            key: "",
                            value: item,
                        };
                        self.add_records(rule, cell, None);
                    }
                }
                cell => self.add_records(rule, cell, bound.separator.as_deref()),
            }
        }
        if self.out.records.is_empty() && !self.mapping.records.is_empty() {
            let columns = self.mapping.records.iter();
            let columns = columns.map(|rule| self.mapping.source_name(rule.slot).to_owned());
            let kind = ProblemKind::NoRecord {
                columns: columns.collect(),
            };
            self.out.problems.push(MappingProblem {
                field: Some(Field::EntityId),
                column: String::new(),
                kind,
            });
        }
    }

    fn add_records(&mut self, rule: usize, cell: Cell<'b>, separator: Option<&str>) {
        match text_of(cell) {
            Err(reason) => self.record_problem(rule, ProblemKind::no_text(reason)),
            Ok(text) => match separator {
                Some(separator) => text
                    .split(separator)
                    .for_each(|id| self.add_record(rule, id.trim())),
                None => self.add_record(rule, text.trim()),
            },
        }
    }

    fn add_record(&mut self, rule: usize, id: &str) {
        if id.is_empty() {
            return;
        }
        let kind = &self.mapping.records[rule].kind;
        let is_same = |other: &StoredRecord| {
            self.mapping.records[other.rule].kind == *kind && self.out.text(&other.id) == id
        };
        if self.out.records.iter().any(is_same) {
            let record = cut(&format!("{kind} {id}"));
            return self.record_problem(rule, ProblemKind::RecordTwice { record });
        }
        let id = self.out.push(id);
        self.out.records.push(StoredRecord { rule, id });
    }

    pub fn make_names(&mut self) {
        let id = match &self.out.row[Field::ExternalId as usize] {
            Stored::Absent => String::new(),
            Stored::Text { range, .. } => self.out.text(range).to_owned(),
            // A cell that is no text is told by whoever reads the field.
            Stored::Cell(slot) => text_of(self.cell(*slot)).unwrap_or_default().into_owned(),
        };
        if let Some(kind) = self.mapping.ending_of(&id) {
            let field = self.mapping.field(Field::ExternalId);
            let problem = field.map(|bound| self.told(bound, kind));
            self.out.problems.extend(problem);
        }
        let out = &mut *self.out;
        for exploded in 0..out.exploded.len().max(1) {
            for record in 0..out.records.len().max(1) {
                let start = out.text.len();
                out.text.push_str(&id);
                let ending = out.text.len();
                if let Some(column) = out.exploded.get(exploded) {
                    out.text.push_str(&self.mapping.explode[*column].suffix);
                }
                if let Some(record) = out.records.get(record) {
                    out.text.push('@');
                    out.text.push_str(&self.mapping.records[record.rule].kind);
                    out.text.push(':');
                    out.text.extend_from_within(record.id.clone());
                }
                let name = start..out.text.len();
                out.names.push(StoredName { name, ending });
            }
        }
    }

    fn record_problem(&mut self, rule: usize, kind: ProblemKind) {
        let slot = self.mapping.records[rule].slot;
        self.out.problems.push(MappingProblem {
            field: Some(Field::EntityId),
            column: self.mapping.source_name(slot).to_owned(),
            kind,
        });
    }
}
