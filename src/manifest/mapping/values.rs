//! The values of a row's fields: column or template, then their table, then what stands for an empty
//! one.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::manifest::Cell;

use super::bound::{BoundField, BoundOrigin, BoundPiece};
use super::cells::{is_blank, text_of};
use super::nearest::nearest;
use super::part_buffer::Stored;
use super::problem::cut;
use super::row_mapper::RowMapper;
use super::{Missing, ProblemKind};

impl<'b> RowMapper<'b, '_> {
    pub fn find_values(&mut self) {
        let mapping = self.mapping;
        for bound in mapping
            .fields
            .iter()
            .filter(|bound| bound.exploding.is_none())
        {
            self.out.row[bound.field as usize] = self.value(bound, None);
        }
        let exploding = || {
            mapping
                .fields
                .iter()
                .filter(|bound| bound.exploding.is_some())
        };
        for number in 0..self.out.exploded.len() {
            let slot = mapping.explode[self.out.exploded[number]].slot;
            // In the order in which they were numbered.
            for place in 0..mapping.exploding() {
                let bound = exploding().find(|bound| bound.exploding == Some(place));
                let stored = bound.map(|bound| self.value(bound, Some(slot)));
                self.out.exploding.push(stored.unwrap_or_default());
            }
        }
    }

    /// The value of a field: column or template, then its table, then what stands for an empty one.
    fn value(&mut self, bound: &'b BoundField, exploded: Option<usize>) -> Stored {
        let (rules, mut is_done) = (&bound.rules, false);
        let mut stored = match &bound.origin {
            BoundOrigin::Column(slot) => Stored::Cell(*slot),
            BoundOrigin::Explode => exploded.map_or(Stored::Absent, Stored::Cell),
            BoundOrigin::Value(text) => self.out.keep(text, false),
            BoundOrigin::Template(pieces) => self.template(bound, pieces, exploded),
        };
        if let Some(table) = &rules.values {
            (stored, is_done) = match self.look_up(bound, &stored, table) {
                Ok(stored) => (stored, false),
                Err(instead) => (instead, true),
            };
        }
        match &rules.default {
            Some(default) if !is_done && self.is_blank(&stored) => self.out.keep(default, true),
            _ => stored,
        }
    }

    fn is_blank(&self, stored: &Stored) -> bool {
        match stored {
            Stored::Absent => true,
            Stored::Cell(slot) => is_blank(self.cell(*slot)),
            Stored::Text { range, .. } => self.out.text(range).trim().is_empty(),
        }
    }

    /// What a table says of a value; else what stands in its place for good.
    fn look_up(
        &mut self,
        bound: &'b BoundField,
        stored: &Stored,
        table: &'b HashMap<String, String>,
    ) -> Result<Stored, Stored> {
        let text = match stored {
            Stored::Absent => Ok(Cow::Borrowed("")),
            Stored::Text { range, .. } => Ok(Cow::Owned(self.out.text(range).to_owned())),
            Stored::Cell(slot) => text_of(self.cell(*slot)),
        };
        let text = match &text {
            Ok(text) => text.trim(),
            Err(reason) => {
                self.problem(bound, ProblemKind::no_text(*reason));
                return Err(Stored::Absent);
            }
        };
        match table.get(text) {
            Some(meaning) => Ok(self.out.keep(meaning, false)),
            None if text.is_empty() => Ok(Stored::Absent),
            None => Err(self.missing(bound, text, table)),
        }
    }

    /// What becomes of a value that the table doesn't have.
    fn missing(
        &mut self,
        bound: &BoundField,
        text: &str,
        table: &HashMap<String, String>,
    ) -> Stored {
        let kind = || ProblemKind::NotInValues {
            value: cut(text),
            near: nearest(text, table.keys().map(String::as_str)),
        };
        match &bound.rules.missing {
            Missing::Problem => self.problem(bound, kind()),
            Missing::Skip => self.out.is_skipped = true,
            Missing::Warn => {
                let warning = self.told(bound, kind());
                self.out.warnings.push(warning);
            }
            Missing::Value(value) => return self.out.keep(value, true),
        }
        Stored::Absent
    }

    /// A text made of columns. It is absent where all its columns are empty. Blanks and line ends
    /// beside an empty column at either end are left out.
    fn template(
        &mut self,
        bound: &'b BoundField,
        pieces: &'b [BoundPiece],
        exploded: Option<usize>,
    ) -> Stored {
        let start = self.out.text.len();
        // Behind `solid` there are blanks alone; a gap is an empty column behind it.
        let (mut solid, mut is_gap) = (start, false);
        let (mut has_columns, mut is_filled) = (false, false);
        for piece in pieces {
            let text = self.piece(bound, piece, exploded);
            let is_column = !matches!(piece, BoundPiece::Text(_));
            let is_blank = text.trim().is_empty();
            has_columns |= is_column;
            is_filled |= is_column && !is_blank;
            is_gap |= is_column && is_blank;
            let is_at_start = self.out.text.len() == start;
            if !(is_blank && (is_column || is_gap && is_at_start)) {
                self.out.text.push_str(&text);
            }
            if !is_blank {
                (solid, is_gap) = (self.out.text.len(), false);
            }
        }
        if is_gap {
            self.out.text.truncate(solid);
        }
        if has_columns && !is_filled {
            self.out.text.truncate(start);
            return Stored::Absent;
        }
        Stored::Text {
            range: start..self.out.text.len(),
            is_final: false,
        }
    }

    /// The text of a template's piece.
    fn piece(
        &mut self,
        bound: &'b BoundField,
        piece: &'b BoundPiece,
        exploded: Option<usize>,
    ) -> Cow<'b, str> {
        let cell = match piece {
            BoundPiece::Text(text) => return Cow::Borrowed(text),
            BoundPiece::Column(slot) => self.cell(*slot),
            BoundPiece::Explode => exploded.map_or(Cell::Absent, |slot| self.cell(slot)),
        };
        text_of(cell).unwrap_or_else(|reason| {
            self.problem(bound, ProblemKind::no_text(reason));
            Cow::Borrowed("")
        })
    }
}
