//! The rows read ahead, in the order in which they are to go.
//!
//! That is the manifest's order, but dated rows of one CRM entity share out the places that they
//! have so that the oldest comes first. A dated row goes only when so many rows behind it have been
//! read that no older one can follow, see [`REACH`].

use std::collections::VecDeque;

use crate::check::REACH;

use crate::import::pending_row::PendingRow;

/// Room for rows that wait; their files are not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub rows: usize,
    /// Bytes of their texts.
    pub bytes: u64,
}

/// What is read ahead, at most.
pub const WINDOW: Room = Room {
    rows: 2_000,
    bytes: 16 << 20,
};

/// Bytes of calls that stand for the bytes of text in [`REACH`], with room for what is not text.
const REACH_BYTES: u64 = 2 * REACH.1;

/// Rows that wait.
#[derive(Debug, Default)]
pub struct Window {
    rows: VecDeque<PendingRow>,
    /// Bytes of their texts.
    bytes: u64,
    /// No more rows will come.
    is_closed: bool,
}

impl Window {
    /// Whether more rows should be read.
    pub fn wants_rows(&self) -> bool {
        self.rows.len() < WINDOW.rows / 2 && self.bytes < WINDOW.bytes
    }

    /// Room beside the rows that wait.
    pub fn room(&self) -> Room {
        Room {
            rows: WINDOW.rows.saturating_sub(self.rows.len()),
            bytes: WINDOW.bytes.saturating_sub(self.bytes),
        }
    }

    /// Whether more rows than that wait, or may still come.
    pub fn has_more_than(&self, rows: usize) -> bool {
        self.rows.len() > rows || !self.is_closed
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The manifest has no more due rows.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// Takes in the next row of the manifest.
    pub fn add(&mut self, row: PendingRow) {
        self.bytes += row.text_bytes;
        self.rows.push_back(row);
        self.sort_in();
    }

    /// Moves the last row before the newer ones of its entity, each of which takes the place of
    /// the next.
    fn sort_in(&mut self) {
        let mut place = self.rows.len() - 1;
        let (entity, date) = match &self.rows[place] {
            row if row.date.is_some() => (row.candidate.entity, row.date),
            _ => return,
        };
        for earlier in (0..place).rev() {
            let other = &self.rows[earlier];
            if other.candidate.entity != entity || other.date.is_none() {
                continue;
            }
            if other.date <= date {
                break;
            }
            let (own, theirs) = (self.rows[place].place, other.place);
            self.rows.swap(earlier, place);
            self.rows[earlier].place = theirs;
            self.rows[place].place = own;
            place = earlier;
        }
    }

    /// Takes back a row that had been taken.
    pub fn put_back(&mut self, row: PendingRow) {
        self.bytes += row.text_bytes;
        let place = self.rows.partition_point(|other| other.place < row.place);
        self.rows.insert(place, row);
    }

    /// Takes all rows out.
    pub fn take_all(&mut self) -> Vec<PendingRow> {
        self.bytes = 0;
        std::mem::take(&mut self.rows).into()
    }

    /// The rows that may go as far as their order is concerned.
    pub fn free_rows(&self) -> impl Iterator<Item = &PendingRow> {
        self.rows.iter().take(self.ripe())
    }

    /// The row at a place.
    pub fn row(&self, place: usize) -> Option<&PendingRow> {
        self.rows.get(place)
    }

    /// Takes the rows at these places, ascending.
    pub fn take(&mut self, places: &[usize]) -> Vec<PendingRow> {
        let Some(last) = places.last() else {
            return Vec::new();
        };
        let mut taken = Vec::with_capacity(places.len());
        let mut left = Vec::new();
        // Rows are taken from the beginning, nearly: that is cheaper than to close each gap.
        for (place, row) in self.rows.drain(..=*last).enumerate() {
            match places.get(taken.len()) == Some(&place) {
                true => taken.push(row),
                false => left.push(row),
            }
        }
        left.into_iter()
            .rev()
            .for_each(|row| self.rows.push_front(row));
        self.bytes -= taken.iter().map(|row| row.text_bytes).sum::<u64>();
        taken
    }

    /// How many rows, from the first, no older one can come before. A full window lets its first
    /// row go, or it would stand still.
    fn ripe(&self) -> usize {
        let mut ripe = self.rows.len();
        if self.is_closed {
            return ripe;
        }
        let (mut rows, mut bytes) = (0, 0);
        for (place, row) in self.rows.iter().enumerate().rev() {
            if rows >= REACH.0 || bytes >= REACH_BYTES {
                break;
            }
            if row.date.is_some() {
                ripe = place;
            }
            rows += 1;
            bytes += row.text_bytes;
        }
        match self.wants_rows() {
            true => ripe,
            false => ripe.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::import::testing::row;

    fn dated(number: u64, deal: u64, second: i64) -> PendingRow {
        PendingRow {
            date: Timestamp::from_second(second).ok(),
            ..row(number, deal)
        }
    }

    fn order(window: &Window) -> Vec<u64> {
        window.rows.iter().map(PendingRow::number).collect()
    }

    #[test]
    fn dated_rows_of_a_record_change_places_and_no_others_do() {
        let mut window = Window::default();
        for row in [
            dated(1, 7, 30),
            dated(2, 8, 1),
            row(3, 7),
            dated(4, 7, 10),
            dated(5, 7, 20),
            dated(6, 7, 10),
        ] {
            window.add(row);
        }
        assert_eq!(order(&window), [4, 2, 3, 6, 5, 1]);
        let taken = window.take(&[0, 3]);
        assert_eq!(order(&window), [2, 3, 5, 1]);
        taken.into_iter().for_each(|row| window.put_back(row));
        assert_eq!(order(&window), [4, 2, 3, 6, 5, 1]);
    }

    #[test]
    fn rows_are_read_when_half_of_the_window_has_gone() {
        let mut window = Window::default();
        let half = WINDOW.rows / 2;
        for number in 1..=half as u64 {
            assert!(window.wants_rows());
            window.add(row(number, 7));
        }
        assert!(!window.wants_rows());
        window.take(&[0]);
        assert!(window.wants_rows());
    }

    #[test]
    fn a_window_that_one_row_fills_does_not_stand_still() {
        let mut window = Window::default();
        let mut large = dated(1, 7, 30);
        large.text_bytes = WINDOW.bytes;
        window.add(large);
        assert!(!window.wants_rows());
        assert_eq!(window.free_rows().count(), 1);
    }

    #[test]
    fn a_dated_row_waits_until_no_older_one_can_come() {
        let mut window = Window::default();
        window.add(dated(1, 7, 30));
        let free = |window: &Window| window.free_rows().count();
        assert_eq!(free(&window), 0);
        for number in 0..REACH.0 as u64 {
            window.add(row(number + 2, 8));
        }
        assert_eq!(free(&window), REACH.0 + 1);
        window.add(dated(9_999, 7, 10));
        assert_eq!(order(&window)[0], 9_999);
        assert_eq!(
            free(&window),
            REACH.0 + 1,
            "the last place waits in its turn"
        );
        window.close();
        assert_eq!(free(&window), REACH.0 + 2);
    }
}
