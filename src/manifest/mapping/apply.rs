//! From the cells of a record to its posts.

use crate::manifest::Cell;

use super::cells::{is_blank, text_of};
use super::row_mapper::RowMapper;
use super::{Applied, BoundMapping, PartBuffer, Parts};

impl BoundMapping {
    /// Makes the posts of a row from its cells, which stand in the order of [`sources`].
    ///
    /// [`sources`]: BoundMapping::sources
    pub fn apply<'b>(&'b self, cells: &'b [Cell<'b>], buffer: &'b mut PartBuffer) -> Applied<'b> {
        buffer.clear();
        let unknown = buffer.unknown_above.iter();
        let problems = unknown.map(|slot| self.nothing_above(*slot));
        buffer.problems.extend(problems);
        let mut row = RowMapper {
            mapping: self,
            cells,
            out: buffer,
        };
        if row.is_skipped() {
            return Applied::Skipped;
        }
        row.find_exploded();
        if row.out.exploded.is_empty() && !self.explode.is_empty() {
            return Applied::Empty;
        }
        row.find_values();
        if row.out.is_skipped {
            return Applied::Skipped;
        }
        if self.makes_parts() {
            row.find_records();
            row.make_names();
        }
        Applied::Parts(Parts {
            mapping: self,
            cells,
            buffer,
        })
    }
}

impl RowMapper<'_, '_> {
    fn is_skipped(&self) -> bool {
        self.mapping.skips.iter().any(|skip| {
            let text = text_of(self.cell(skip.slot));
            text.is_ok_and(|text| skip.equals.iter().any(|value| value == text.trim()))
        })
    }

    fn find_exploded(&mut self) {
        for (number, column) in self.mapping.explode.iter().enumerate() {
            if !is_blank(self.cell(column.slot)) {
                self.out.exploded.push(number);
            }
        }
    }
}
