//! A row on its way to its posts.

use crate::manifest::Cell;

use super::bound::{BoundField, BoundOrigin};
use super::{BoundMapping, MappingProblem, PartBuffer, ProblemKind};

/// A row that is being mapped.
pub(super) struct RowMapper<'b, 'o> {
    pub mapping: &'b BoundMapping,
    pub cells: &'b [Cell<'b>],
    pub out: &'o mut PartBuffer,
}

impl<'b> RowMapper<'b, '_> {
    pub fn cell(&self, slot: usize) -> Cell<'b> {
        self.cells.get(slot).copied().unwrap_or_default()
    }

    pub fn problem(&mut self, bound: &BoundField, kind: ProblemKind) {
        let problem = self.told(bound, kind);
        // A field that is made of each exploded column finds the same fault more than once.
        if !self.out.problems.contains(&problem) {
            self.out.problems.push(problem);
        }
    }

    pub fn told(&self, bound: &BoundField, kind: ProblemKind) -> MappingProblem {
        let column = match bound.origin {
            BoundOrigin::Column(slot) => self.mapping.source_name(slot).to_owned(),
            BoundOrigin::Template(_) | BoundOrigin::Value(_) | BoundOrigin::Explode => {
                bound.field.name().to_owned()
            }
        };
        MappingProblem {
            field: Some(bound.field),
            column,
            kind,
        }
    }
}
