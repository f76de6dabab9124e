//! When rows are to be posted, by their `publish_at`.

use jiff::{SignedDuration, Timestamp};

/// How many of the valid rows are due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    pub due: u64,
    pub not_due: u64,
    /// Of those that are due, the ones that are so for more than a day.
    pub overdue: u64,
}

/// A row that is due for longer has probably been forgotten: what it announces may be over.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// Whether a row is due for more than a day.
pub fn is_overdue(publish_at: Option<Timestamp>, now: Timestamp) -> bool {
    publish_at.is_some_and(|at| now.duration_since(at) > LATE)
}

/// The times of some rows, by their numbers; those without one are not among them.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<(u64, Timestamp)>);

impl Times {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn add(&mut self, row: u64, publish_at: Option<Timestamp>) {
        self.0.extend(publish_at.map(|at| (row, at)));
    }

    /// The row has turned out to be invalid.
    pub fn remove(&mut self, row: u64) {
        if let Ok(place) = self.0.binary_search_by_key(&row, |(row, _)| *row) {
            self.0.remove(place);
        }
    }
}

impl Schedule {
    /// Counts those that are not due and those that are overdue.
    pub(super) fn add(&mut self, times: &Times, now: Timestamp) {
        for (_, at) in &times.0 {
            self.not_due += u64::from(*at > now);
            self.overdue += u64::from(is_overdue(Some(*at), now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_overdue_after_a_day() {
        let now = Timestamp::UNIX_EPOCH;
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut times = Times::default();
        for (row, second) in [
            (1, 1),
            (2, 0),
            (3, -86_400),
            (4, -86_401),
            (7, -86_401),
            (9, 5),
        ] {
            times.add(row, Some(at(second)));
        }
        times.add(10, None);
        times.remove(7);
        times.remove(8);
        let mut schedule = Schedule::default();
        schedule.add(&times, now);
        assert_eq!((schedule.not_due, schedule.overdue), (2, 1));
        assert!(!is_overdue(None, now));
    }
}
