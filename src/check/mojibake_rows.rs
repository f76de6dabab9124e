//! Which rows of a manifest hold spoiled texts, by how these were spoiled.

use super::mojibake::{Mojibake, MojibakeSet};

/// Rows of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OddRows {
    /// How many there are.
    pub count: u64,
    /// The numbers of the first ones.
    pub first: Vec<u64>,
}

impl OddRows {
    /// Counts a row.
    pub(super) fn add(&mut self, row: u64) {
        self.count += 1;
        if self.first.len() < NAMED && self.first.last() != Some(&row) {
            self.first.push(row);
        }
    }
}

/// The rows whose texts show something, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MojibakeRows([OddRows; Mojibake::ALL.len()]);

/// Rows that are named.
const NAMED: usize = 3;

impl MojibakeRows {
    /// Counts a row.
    pub fn add(&mut self, row: u64, shows: MojibakeSet) {
        if shows == MojibakeSet::default() {
            return;
        }
        for kind in Mojibake::ALL {
            if shows.contains(kind) {
                self.0[kind as usize].add(row);
            }
        }
    }

    /// The kinds that some rows show, with these rows.
    pub fn found(&self) -> impl Iterator<Item = (Mojibake, &OddRows)> {
        let kinds = Mojibake::ALL.into_iter().zip(&self.0);
        kinds.filter(|(_, rows)| rows.count > 0)
    }

    /// How many rows there are, by the code of their kind.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.found().map(|(kind, rows)| (kind.code(), rows.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_by_kind_and_the_first_are_named() {
        let mut rows = MojibakeRows::default();
        for row in 1..=9 {
            let text = if row % 2 == 0 { "_x000D_\u{fffd}" } else { "a" };
            rows.add(row, MojibakeSet::of(text));
        }
        let counts: Vec<_> = rows.counts().collect();
        assert_eq!(
            counts,
            [
                ("mojibake_replacement_character", 4),
                ("mojibake_excel_escape", 4)
            ]
        );
        for (_, rows) in rows.found() {
            assert_eq!(rows.first, [2, 4, 6]);
        }
    }
}
