//! How the rows of a manifest stand, in numbers.

use serde::Serialize;

use crate::ledger::{State, StateCounts};

use crate::import::tally::Tally;

/// How every row of the manifest stands. The names are part of the contract; `total` is the sum of
/// `posted` to `undone`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows of the manifest.
    pub total: u64,
    /// Rows that this run has posted.
    pub posted: u64,
    /// Rows that were posted before this run.
    pub already_posted: u64,
    /// Rows that can't be sent as they are, by the check.
    pub invalid: u64,
    /// Rows that the portal has refused, now or before.
    pub failed: u64,
    /// Rows that may or may not have arrived.
    pub in_doubt: u64,
    /// Valid rows whose `publish_at` is still to come.
    pub not_due: u64,
    /// Rows that are still to be sent.
    pub pending: u64,
    /// Rows whose posts were deleted again on purpose.
    pub undone: u64,
    /// Rows of the ledger that are no longer in the manifest; not part of `total`.
    pub gone: u64,
    /// Posted rows whose content has changed since; part of `already_posted`.
    pub changed: u64,
    /// Rows that were posted or are in doubt on another target, and stay so; part of
    /// `already_posted` and `in_doubt`.
    pub elsewhere: u64,
    /// Rows due in this run without something in a field that the user drops.
    pub dropped: u64,
    /// Rows due in this run that mention users.
    pub mentioning: u64,
    /// Posts that overtook an earlier one of their entity within a batch.
    pub out_of_order: u64,
    /// Rows whose time has passed for good; none, since no row has such a time yet.
    pub expired: u64,
    /// Rows due whose `publish_at` lies more than a day back.
    pub overdue: u64,
    /// The file's rows, with those left out knowingly and those that are empty.
    pub source_rows: u64,
    /// Rows left out knowingly; none, since nothing leaves out rows so far.
    pub skipped: u64,
    /// Rows without any value; none, since such rows are problems so far.
    pub empty: u64,
    /// Posted rows that were changed on the portal; none, since no run changes posts so far.
    pub updated: u64,
}

impl Counts {
    /// The same once a run has done what it could with the pending rows.
    pub fn after(self, tally: &Tally) -> Counts {
        Counts {
            posted: self.posted + tally.posted,
            failed: self.failed + tally.failed,
            in_doubt: self.in_doubt + tally.in_doubt,
            invalid: self.invalid + tally.invalid,
            pending: self.pending.saturating_sub(tally.settled()),
            out_of_order: self.out_of_order + tally.out_of_order,
            ..self
        }
    }

    /// The ledger's word for the rows of a manifest that was not read to its end.
    pub fn of_ledger(counts: &StateCounts) -> Counts {
        let of = |state| counts.get(&state).copied().unwrap_or(0);
        let counts = Counts {
            already_posted: of(State::Posted),
            failed: of(State::Failed),
            in_doubt: of(State::InDoubt) + of(State::Sending),
            pending: of(State::Pending),
            undone: of(State::Undone),
            ..Counts::default()
        };
        Counts {
            total: counts.sum(),
            ..counts
        }
    }

    /// What the counts of rows add up to; equal to `total` after every whole pass.
    pub fn sum(&self) -> u64 {
        self.posted
            + self.already_posted
            + self.invalid
            + self.failed
            + self.in_doubt
            + self.not_due
            + self.pending
            + self.undone
    }
}
