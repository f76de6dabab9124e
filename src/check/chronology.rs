//! Posts of one CRM record go oldest first, as far as rows are read ahead.
//!
//! A row that comes later in the manifest than that after a newer one of its record can't be put
//! before it, and is a problem. One date a record is kept, and one a row within reach.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use crate::manifest::{Columns, Position};
use crate::post::{Entity, Field};

use super::{CheckedRow, Code, Place, Problem};

/// Rows, and bytes of their texts, by which a row may come after a newer one of its record.
pub const REACH: (usize, u64) = (500, 4 << 20);

/// What was seen so far of the rows that will be sent, in the manifest's order.
#[derive(Debug, Default)]
pub struct Chronology {
    /// Rows within reach.
    near: VecDeque<Dated>,
    /// The newest row of each record beyond it.
    newest: HashMap<Entity, Dated>,
    /// Rows and bytes so far.
    rows: usize,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Dated {
    record: Entity,
    date: Timestamp,
    at: Position,
    /// Rows and bytes up to it.
    rows: usize,
    bytes: u64,
}

impl Chronology {
    /// The problem of a row that is older than one of its record that will have been sent. Every
    /// row that is to be sent is to be shown once, in order.
    pub fn late(&mut self, row: &CheckedRow, columns: &Columns) -> Option<Problem> {
        self.pass(row.text_bytes);
        let (Some(record), Some(date)) = (row.record, row.created_at) else {
            return None;
        };
        self.let_go();
        let newer = self.newest.get(&record).filter(|newer| newer.date > date);
        if let Some(newer) = newer {
            return Some(problem(row, date, newer.at, columns));
        }
        self.near.push_back(Dated {
            record,
            date,
            at: row.at,
            rows: self.rows,
            bytes: self.bytes,
        });
        None
    }

    /// Rows that are out of reach by now count by the newest of their record.
    /// Takes note of a row that may stand between two others.
    pub(super) fn pass(&mut self, text_bytes: u64) {
        self.rows += 1;
        self.bytes += text_bytes;
    }

    fn let_go(&mut self) {
        while let Some(oldest) = self.near.front().copied() {
            if self.rows - oldest.rows <= REACH.0 && self.bytes - oldest.bytes <= REACH.1 {
                return;
            }
            self.near.pop_front();
            let newest = self.newest.entry(oldest.record).or_insert(oldest);
            if oldest.date > newest.date {
                *newest = oldest;
            }
        }
    }
}

fn problem(row: &CheckedRow, date: Timestamp, newer: Position, columns: &Columns) -> Problem {
    let place = Place {
        at: row.at,
        column: columns.name(Field::CreatedAt),
    };
    let advice = format!(
        "row {} (line {}) of the same record is newer and comes more than {} rows or {} MiB of \
         text earlier, too far to change their order; sort the manifest by this column, or keep \
         its order with --order manifest",
        newer.number,
        newer.line,
        REACH.0,
        REACH.1 >> 20
    );
    Problem::of_column(place, Code::OutOfOrder, &date.to_string(), advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::EntityKind;

    fn row(number: u64, deal: u64, second: i64) -> CheckedRow {
        let at = Position {
            number,
            line: number + 1,
        };
        CheckedRow {
            record: Some(Entity {
                kind: EntityKind::Deal,
                id: deal,
            }),
            created_at: Timestamp::from_second(second).ok(),
            text_bytes: 10,
            ..CheckedRow::empty(at)
        }
    }

    /// The problem of an older row, so many rows after a newer one, each of so many bytes.
    fn after(rows: u64, bytes: u64, deal: u64) -> Option<Problem> {
        let (mut chronology, columns) = (Chronology::default(), Columns::default());
        assert_eq!(chronology.late(&row(1, 7, 50), &columns), None);
        for number in 2..=rows {
            let between = CheckedRow {
                text_bytes: bytes,
                ..row(number, 9, 0)
            };
            assert_eq!(chronology.late(&between, &columns), None);
        }
        chronology.late(&row(rows + 1, deal, 40), &columns)
    }

    #[test]
    fn a_row_may_be_late_within_reach_and_not_beyond() {
        let reach = REACH.0 as u64;
        assert_eq!(after(1, 10, 7), None);
        assert_eq!(after(reach, 10, 7), None);
        let problem = after(reach + 1, 10, 7).unwrap();
        assert_eq!((problem.row, problem.code), (reach + 2, Code::OutOfOrder));
        assert!(
            problem.advice.starts_with("row 1 (line 2) of"),
            "{}",
            problem.advice
        );
        assert_eq!(after(reach + 1, 10, 8), None, "another record");
        assert!(after(5, REACH.1, 7).is_some());
    }
}
