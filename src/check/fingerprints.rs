//! Which row of a manifest had a fingerprint first, or last.
//!
//! Not one of std's maps: these would take 19 to 39 bytes a row, and a million rows more memory
//! than the 64 MiB that a run may take.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// The rows of a manifest by fingerprint, in 14 to 27 bytes a row, 8 until the first one has to be
/// looked for: the fingerprints in the order of the rows, and a table of row numbers.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    /// Each row's, from row 1; [`NONE`] for rows that have none.
    of_rows: Vec<u64>,
    /// How many of them have been entered in the table.
    entered: usize,
    rows: HashTable<u32>,
}

/// In place of a fingerprint that a row doesn't have.
const NONE: u64 = 0;

impl Fingerprints {
    /// The row that had this fingerprint before, if one had; from now on `row` stands for it if
    /// `replaces`, else the first one. Rows come in ascending order.
    pub fn see(&mut self, fingerprint: u64, row: u32, replaces: bool) -> Option<u32> {
        for place in self.entered..self.of_rows.len() {
            self.enter(self.of_rows[place], short(place as u64 + 1), false);
        }
        self.note(fingerprint, row);
        self.entered = self.of_rows.len();
        self.enter(fingerprint, row, replaces)
    }

    /// Takes note of a row whose fingerprint no earlier one has.
    pub fn note(&mut self, fingerprint: u64, row: u32) {
        // Rows before it that were not shown have none.
        let before = (row as usize).saturating_sub(1);
        self.of_rows.resize(before.max(self.of_rows.len()), NONE);
        self.of_rows.push(fingerprint);
    }

    /// Enters a row that is noted.
    fn enter(&mut self, fingerprint: u64, row: u32, replaces: bool) -> Option<u32> {
        if fingerprint == NONE {
            return None;
        }
        let print_of = |row: &u32| print_of(&self.of_rows, *row);
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
        let is_same = |row: &u32| print_of(&self.of_rows, *row) == fingerprint;
        self.rows.find(fingerprint, is_same).copied()
    }
}

fn print_of(of_rows: &[u64], row: u32) -> u64 {
    of_rows.get(row as usize - 1).copied().unwrap_or(NONE)
}

/// The fingerprint of an external ID.
pub(super) fn fingerprint(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// Rows beyond four thousand million all count as the last one.
pub(super) fn short(row: u64) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
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
        for (row, print, earlier) in [(7, 9, None), (9, 3, Some(3)), (10, 9, Some(7))] {
            assert_eq!(prints.see(print, row, false), earlier);
        }
        prints.note(10, 12);
        assert_eq!(prints.see(10, 13, false), Some(12));
        let print = |row: u32| u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let many = 100_000;
        (14..many).for_each(|row| assert_eq!(prints.see(print(row), row, true), None));
        (14..many).for_each(|row| assert_eq!(prints.get(print(row)), Some(row)));
    }
}
