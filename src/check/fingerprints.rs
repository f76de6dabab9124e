//! Which row of a manifest had a fingerprint first, or last.

use std::hint::black_box;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// Rows beyond four thousand million all count as the last one.
pub(super) fn short(row: u64) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// The rows of a manifest by fingerprint, in 14 to 27 bytes a row, 8 until they have to be seen:
/// the fingerprints in the order of the rows, and a table of row numbers, whose tags settle nearly
/// every look without a second one.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    /// Each row's, from row 1; [`NONE`] for rows that have none.
    of_rows: Vec<u64>,
    /// How many of them have been entered in the table.
    entered: usize,
    rows: HashTable<u32>,
    /// How many rows there will probably be.
    expected: usize,
}

/// In place of a fingerprint that a row doesn't have.
pub(super) const NONE: u64 = 0;

/// Fingerprints that are looked for at once.
const LOOK_AHEAD: usize = 64;

/// A table that has to grow becomes so many times as large at the most, and one of that many rows
/// at least counts as such.
const GROWTH: usize = 4;
const SMALL: usize = 1 << 16;

impl Fingerprints {
    /// So many rows there will probably be. To make a table larger takes longer than to fill it.
    pub fn expect(&mut self, rows: u64) {
        self.expected = usize::try_from(rows).unwrap_or(usize::MAX);
    }

    /// The row that had this fingerprint before, if one had; from now on `row` stands for it if
    /// `replaces`, else the first one. Rows come in ascending order.
    pub fn see(&mut self, fingerprint: u64, row: u32, replaces: bool) -> Option<u32> {
        self.enter_noted();
        self.note(fingerprint, row);
        self.make_room();
        self.entered = self.of_rows.len();
        self.enter(fingerprint, row, replaces)
    }

    /// The same for rows one after the other, the first of each fingerprint standing for it: those
    /// that had one before them, and that one.
    pub fn see_all(&mut self, first: u32, fingerprints: &[u64]) -> Vec<(u32, u32)> {
        self.enter_noted();
        self.note_all(first, fingerprints);
        self.enter_noted()
    }

    /// Keeps the fingerprints of rows one after the other, to be entered when one has to be seen.
    pub fn note_all(&mut self, first: u32, fingerprints: &[u64]) {
        self.skip_to(first);
        self.of_rows.extend_from_slice(fingerprints);
    }

    /// The same for one row.
    pub fn note(&mut self, fingerprint: u64, row: u32) {
        self.skip_to(row);
        self.of_rows.push(fingerprint);
    }

    /// Rows before that one that were not shown have none.
    fn skip_to(&mut self, row: u32) {
        let before = (row as usize).saturating_sub(1);
        self.of_rows.resize(before.max(self.of_rows.len()), NONE);
    }

    /// Enters the rows that are only noted: those that had one before them, and that one.
    fn enter_noted(&mut self) -> Vec<(u32, u32)> {
        let mut repeated = Vec::new();
        self.make_room();
        while self.entered < self.of_rows.len() {
            let end = self.of_rows.len().min(self.entered + LOOK_AHEAD);
            let some = self.entered..end;
            // Looks that don't wait for one another bring the table's places into the cache.
            let is_there = |print: &&u64| self.rows.find(**print, |_| false).is_some();
            black_box(self.of_rows[some.clone()].iter().filter(is_there).count());
            for place in some {
                let (fingerprint, row) = (self.of_rows[place], short(place as u64 + 1));
                if fingerprint != NONE
                    && let Some(earlier) = self.enter(fingerprint, row, false)
                {
                    repeated.push((row, earlier));
                }
            }
            self.entered = end;
        }
        repeated
    }

    /// Lets the table take all rows that are noted, and if it has to grow for them, the ones that
    /// are expected too.
    fn make_room(&mut self) {
        let (filled, new) = (self.rows.len(), self.of_rows.len() - self.entered);
        if self.rows.capacity() - filled < new {
            let most = GROWTH * filled.max(SMALL);
            let expected = self.expected.min(most).saturating_sub(filled);
            let print_of = |row: &u32| self.of_rows.get(*row as usize - 1).copied().unwrap_or(NONE);
            self.rows.reserve(new.max(expected), print_of);
        }
    }

    /// Enters a row whose fingerprint is known.
    fn enter(&mut self, fingerprint: u64, row: u32, replaces: bool) -> Option<u32> {
        let of_rows = &self.of_rows;
        let print_of = |row: &u32| of_rows.get(*row as usize - 1).copied().unwrap_or(NONE);
        let is_same = |row: &u32| print_of(row) == fingerprint;
        match self.rows.entry(fingerprint, is_same, print_of) {
            Entry::Vacant(place) => {
                place.insert(row);
                None
            }
            Entry::Occupied(mut place) => {
                let earlier = *place.get();
                if replaces {
                    *place.get_mut() = row;
                }
                Some(earlier)
            }
        }
    }

    /// The row that stands for the fingerprint.
    pub fn get(&self, fingerprint: u64) -> Option<u32> {
        let print_of = |row: &u32| self.of_rows.get(*row as usize - 1).copied();
        let is_same = |row: &u32| print_of(row) == Some(fingerprint);
        self.rows.find(fingerprint, is_same).copied()
    }
}

/// What an external ID is known by.
pub(super) fn fingerprint(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_an_id_leave_gaps() {
        let mut prints = Fingerprints::default();
        for (row, print, earlier) in [
            (2, 7, None),
            (5, 9, None),
            (9, 7, Some(2)),
            (11, 7, Some(2)),
        ] {
            assert_eq!(prints.see(print, row, false), earlier);
        }
        assert_eq!((prints.get(9), prints.get(8)), (Some(5), None));
        let mut prints = Fingerprints::default();
        (1..5).for_each(|row| prints.note(u64::from(row), row));
        assert_eq!(prints.see_all(7, &[9, NONE, 3, 9]), [(9, 3), (10, 7)]);
        prints.note(10, 12);
        assert_eq!(prints.see(10, 13, false), Some(12));
        let print = |row: u32| u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let many = 100_000;
        (14..many).for_each(|row| assert_eq!(prints.see(print(row), row, true), None));
        (14..many).for_each(|row| assert_eq!(prints.get(print(row)), Some(row)));
    }
}
