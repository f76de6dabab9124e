//! When rows are to be posted, by their `publish_at`.

use jiff::{SignedDuration, Timestamp};

/// How many of the valid rows are due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Rows without a time, or whose time has come.
    pub due: u64,
    /// Rows whose time is still to come.
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

impl Schedule {
    /// Counts a valid row.
    pub(super) fn add(&mut self, publish_at: Option<Timestamp>, now: Timestamp) {
        let is_due = publish_at.is_none_or(|at| at <= now);
        self.due += u64::from(is_due);
        self.not_due += u64::from(!is_due);
        self.overdue += u64::from(is_overdue(publish_at, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_overdue_after_a_day() {
        let now = Timestamp::UNIX_EPOCH;
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut schedule = Schedule::default();
        for second in [1, 0, -86_400, -86_401, 5] {
            schedule.add(Some(at(second)), now);
        }
        schedule.add(None, now);
        let Schedule {
            due,
            not_due,
            overdue,
        } = schedule;
        assert_eq!((due, not_due, overdue), (4, 2, 1));
        assert!(!is_overdue(None, now));
    }
}
