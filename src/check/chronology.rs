//! Posts of one CRM record go oldest first, as far as rows are read ahead.
//!
//! A row that comes later in the manifest than that after a newer one of its record can't be put
//! before it, and is a problem. One date a record is kept, and one a row within reach.

use std::collections::VecDeque;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use crate::manifest::{Columns, Position};
use crate::post::{Entity, EntityKind, Field};

use super::fingerprints::short;
use super::{CheckedRow, Code, Place, Problem};

/// Rows, and bytes of their texts, by which a row may come after a newer one of its record.
pub const REACH: (usize, u64) = (500, 4 << 20);

/// What was seen so far of the rows that will be sent, in the manifest's order.
#[derive(Debug, Default)]
pub struct Chronology {
    /// Rows within reach.
    near: VecDeque<Dated>,
    /// The newest row of each record beyond it.
    newest: Newest,
    /// Rows and bytes so far.
    rows: usize,
    bytes: u64,
}

/// When a row's post was written, and for which record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// The record's fingerprint.
    record: u64,
    date: Timestamp,
}

impl Written {
    pub fn of(record: Option<Entity>, created_at: Option<Timestamp>) -> Option<Written> {
        Some(Written {
            date: created_at?,
            record: fingerprint(record?),
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Dated {
    /// The record's fingerprint.
    record: u64,
    /// Unix microseconds.
    date: i64,
    row: Place32,
    /// Rows and bytes up to it.
    rows: usize,
    bytes: u64,
}

impl Chronology {
    /// The problem of a row that is older than one of its record that will have been sent. Every
    /// row that is to be sent is to be shown once, in order.
    pub fn late(&mut self, row: &CheckedRow, columns: &Columns) -> Option<Problem> {
        let written = Written::of(row.record, row.created_at);
        self.pass(1, row.text_bytes);
        self.dated(row.at, written?, columns)
    }

    /// The same of a row with a date that was passed just now.
    pub(super) fn dated(
        &mut self,
        at: Position,
        written: Written,
        columns: &Columns,
    ) -> Option<Problem> {
        let Written { record, date } = written;
        self.let_go();
        if let Some(newer) = self.newest.after(record, date.as_microsecond()) {
            return Some(problem(at, date, newer, columns));
        }
        self.near.push_back(Dated {
            record,
            date: date.as_microsecond(),
            row: (short(at.number), short(at.line)),
            rows: self.rows,
            bytes: self.bytes,
        });
        None
    }

    /// Takes note of rows that may stand between two others.
    pub(super) fn pass(&mut self, rows: usize, text_bytes: u64) {
        self.rows += rows;
        self.bytes += text_bytes;
    }

    /// Rows that are out of reach by now count by the newest of their record.
    fn let_go(&mut self) {
        while let Some(oldest) = self.near.front().copied() {
            if self.rows - oldest.rows <= REACH.0 && self.bytes - oldest.bytes <= REACH.1 {
                return;
            }
            self.near.pop_front();
            self.newest.keep(oldest.record, oldest.date, oldest.row);
        }
    }
}

/// A row's number and line.
type Place32 = (u32, u32);

/// The newest row of each record, in 30 to 35 bytes a record.
#[derive(Debug, Default)]
struct Newest {
    /// Each record's fingerprint, date and row, by its number here.
    records: Vec<u64>,
    dates: Vec<i64>,
    rows: Vec<Place32>,
    numbers: HashTable<u32>,
}

impl Newest {
    /// The row of the record that is newer than that date.
    fn after(&self, record: u64, date: i64) -> Option<Place32> {
        let is_same = |number: &u32| self.records.get(*number as usize) == Some(&record);
        let number = *self.numbers.find(record, is_same)? as usize;
        let is_newer = self.dates.get(number).is_some_and(|newest| *newest > date);
        self.rows.get(number).copied().filter(|_| is_newer)
    }

    fn keep(&mut self, record: u64, date: i64, row: Place32) {
        let records = &mut self.records;
        let print_of = |number: &u32| records.get(*number as usize).copied().unwrap_or_default();
        let is_same = |number: &u32| print_of(number) == record;
        let number = match self.numbers.entry(record, is_same, print_of) {
            Entry::Occupied(place) => *place.get() as usize,
            Entry::Vacant(place) => {
                place.insert(short(records.len() as u64));
                records.push(record);
                self.dates.push(date);
                return self.rows.push(row);
            }
        };
        if let (Some(newest), Some(of_row)) =
            (self.dates.get_mut(number), self.rows.get_mut(number))
            && date > *newest
        {
            (*newest, *of_row) = (date, row);
        }
    }
}

fn fingerprint(record: Entity) -> u64 {
    // A smart process may have the number of another kind.
    let is_dynamic = matches!(record.kind, EntityKind::Dynamic(_));
    let numbers = [u64::from(is_dynamic), record.kind.id(), record.id];
    xxh3_64(numbers.map(u64::to_le_bytes).as_flattened())
}

fn problem(at: Position, date: Timestamp, (newer, line): Place32, columns: &Columns) -> Problem {
    let place = Place {
        at,
        column: columns.name(Field::CreatedAt),
    };
    let advice = format!(
        "row {newer} (line {line}) of the same record is newer and comes more than {} rows or {} MiB of \
         text earlier, too far to change their order; sort the manifest by this column, or keep \
         its order with --order manifest",
        REACH.0,
        REACH.1 >> 20
    );
    Problem::of_column(place, Code::OutOfOrder, &date.to_string(), advice)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn records_of_different_kinds_are_different() {
        let kinds = [
            EntityKind::Deal,
            EntityKind::Dynamic(2),
            EntityKind::Dynamic(3),
        ];
        let print = |kind| fingerprint(Entity { kind, id: 7 });
        let prints: std::collections::HashSet<u64> = kinds.into_iter().map(print).collect();
        assert_eq!(prints.len(), kinds.len());
    }

    #[test]
    fn the_newest_row_of_each_of_many_records_is_kept() {
        let record = |id| {
            fingerprint(Entity {
                kind: EntityKind::Deal,
                id,
            })
        };
        let mut newest = Newest::default();
        for round in [1, 3, 2] {
            for id in 1..=20_000_u32 {
                newest.keep(record(u64::from(id)), round, (id, round as u32));
            }
        }
        for id in 1..=20_000_u32 {
            let print = record(u64::from(id));
            assert_eq!(newest.after(print, 2), Some((id, 3)));
            assert_eq!(newest.after(print, 3), None);
        }
        assert_eq!(newest.after(record(20_001), 0), None);
    }
}
