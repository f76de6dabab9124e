//! Posts of one CRM entity go oldest first, as far as rows are read ahead.
//!
//! A row that comes later in the manifest than that after a newer one of its entity can't be put
//! before it, and is a problem. One date an entity is kept, and one a row within reach.

use std::collections::VecDeque;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use crate::manifest::{Columns, Position};
use crate::post::{Entity, EntityKind, Field};

use super::fingerprints::short;
use super::{CheckedRow, Code, Place, Problem};

/// Rows, and bytes of their texts, by which a row may come after a newer one of its entity.
pub const REACH: (usize, u64) = (500, 4 << 20);

/// What was seen so far of the rows that will be sent, in the manifest's order.
#[derive(Debug, Default)]
pub struct Chronology {
    /// Rows within reach.
    near: VecDeque<Dated>,
    /// The newest row of each entity beyond it.
    newest: Newest,
    /// Rows and bytes so far.
    rows: usize,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Dated {
    row: Written,
    /// Rows and bytes up to it.
    rows: usize,
    bytes: u64,
}

impl Chronology {
    /// The problem of a row that is older than one of its entity that will have been sent. Every
    /// row that is to be sent is to be shown once, in order.
    pub fn late(&mut self, row: &CheckedRow, columns: &Columns) -> Option<Problem> {
        let dated = row.feed_entity.zip(row.created_at);
        self.late_at(row.at, row.text_bytes, dated, columns)
    }

    /// The same, by the row's entity and date.
    pub(super) fn late_at(
        &mut self,
        at: Position,
        text_bytes: u64,
        dated: Option<(Entity, Timestamp)>,
        columns: &Columns,
    ) -> Option<Problem> {
        self.rows += 1;
        self.bytes += text_bytes;
        let (entity, date) = dated?;
        let dated = Written {
            entity: fingerprint(entity),
            date: date.as_microsecond(),
            row: short(at.row),
            line: short(at.line),
        };
        self.let_go();
        match self.newest.of(dated.entity) {
            Some(newer) if newer.date > dated.date => Some(problem(at, date, newer, columns)),
            _ => {
                self.near.push_back(Dated {
                    row: dated,
                    rows: self.rows,
                    bytes: self.bytes,
                });
                None
            }
        }
    }

    /// Rows that are out of reach by now count by the newest of their entity.
    fn let_go(&mut self) {
        while let Some(oldest) = self.near.front().copied() {
            if self.rows - oldest.rows <= REACH.0 && self.bytes - oldest.bytes <= REACH.1 {
                return;
            }
            self.near.pop_front();
            self.newest.keep(oldest.row);
        }
    }
}

/// A dated row.
#[derive(Clone, Copy, Debug)]
struct Written {
    /// The fingerprint of its entity.
    entity: u64,
    /// Unix microseconds.
    date: i64,
    row: u32,
    line: u32,
}

/// The newest row of each entity, in 30 to 35 bytes an entity; one of std's maps would take up to
/// 60.
#[derive(Debug, Default)]
struct Newest {
    rows: Vec<Written>,
    /// Their places, by the fingerprints of their entities.
    places: HashTable<u32>,
}

impl Newest {
    fn of(&self, entity: u64) -> Option<Written> {
        let place = self
            .places
            .find(entity, |place| entity_at(&self.rows, *place) == entity)?;
        self.rows.get(*place as usize).copied()
    }

    fn keep(&mut self, row: Written) {
        let entity_at = |place: &u32| entity_at(&self.rows, *place);
        let is_same = |place: &u32| entity_at(place) == row.entity;
        match self.places.entry(row.entity, is_same, entity_at) {
            Entry::Vacant(place) => {
                place.insert(short(self.rows.len() as u64));
                self.rows.push(row);
            }
            Entry::Occupied(place) => {
                let known = &mut self.rows[*place.get() as usize];
                if row.date > known.date {
                    *known = row;
                }
            }
        }
    }
}

fn entity_at(rows: &[Written], place: u32) -> u64 {
    rows[place as usize].entity
}

fn fingerprint(entity: Entity) -> u64 {
    // A smart process may have the number of another kind.
    let is_dynamic = matches!(entity.kind, EntityKind::Dynamic(_));
    let numbers = [u64::from(is_dynamic), entity.kind.id(), entity.id];
    xxh3_64(numbers.map(u64::to_le_bytes).as_flattened())
}

fn problem(at: Position, date: Timestamp, newer: Written, columns: &Columns) -> Problem {
    let place = Place {
        at,
        column: columns.name(Field::CreatedAt),
    };
    let advice = format!(
        "row {} (line {}) of the same record is newer and comes more than {} rows or {} MiB of \
         text earlier, too far to change their order; sort the manifest by this column, or keep \
         its order with --order manifest",
        newer.row,
        newer.line,
        REACH.0,
        REACH.1 >> 20
    );
    Problem::of_column(place, Code::OutOfOrder, &date.to_string(), advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u64, deal: u64, second: i64) -> CheckedRow {
        let at = Position::of_record(number, number + 1);
        CheckedRow {
            feed_entity: Some(Entity {
                kind: EntityKind::Deal,
                id: deal,
            }),
            created_at: Timestamp::from_second(second).ok(),
            text_bytes: 10,
            at,
            ..CheckedRow::default()
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
        let deal = |id: u32| {
            fingerprint(Entity {
                kind: EntityKind::Deal,
                id: u64::from(id),
            })
        };
        let mut newest = Newest::default();
        for date in [1, 3, 2] {
            for id in 1..=20_000_u32 {
                newest.keep(Written {
                    entity: deal(id),
                    date,
                    row: id,
                    line: date as u32,
                });
            }
        }
        for id in 1..=20_000_u32 {
            let kept = newest.of(deal(id)).unwrap();
            assert_eq!((kept.date, kept.row, kept.line), (3, id, 3));
        }
        assert!(newest.of(deal(20_001)).is_none());
    }
}
