//! The counts of a run, and what they add up to.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::{State, StateCounts};

use crate::import::tally::Tally;

/// How every row of the manifest stands after a run. The names are part of the contract; `total` is
/// the sum of `posted` to `undone`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The run's number in the ledger; none when it did not come to sending.
    pub run: Option<i64>,
    /// Path of the ledger.
    pub ledger: String,
    pub total: u64,
    pub posted: u64,
    pub already_posted: u64,
    pub invalid: u64,
    pub failed: u64,
    pub in_doubt: u64,
    pub not_due: u64,
    pub pending: u64,
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
    pub skipped: u64,
    pub empty: u64,
    /// Posted rows that were changed on the portal.
    pub updated: u64,
    /// Columns that are no fields, by name: nothing of what they hold is posted.
    pub ignored_columns: Vec<String>,
    /// How many warnings of the manifest there were, by their codes.
    pub warnings: BTreeMap<&'static str, u64>,
    /// Requests sent, of any kind.
    pub requests: u64,
    /// Posts sent, counting each attempt.
    pub commands: u64,
    pub elapsed_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    /// Whether nothing was sent because something is wrong with the file as a whole.
    #[serde(skip)]
    pub held_back: bool,
    /// The columns that are nearly fields because of which that is so.
    #[serde(skip)]
    pub near_columns: Vec<String>,
    /// Whether the counts are what the ledger knows, since the manifest was not read to its end.
    #[serde(skip)]
    pub of_ledger: bool,
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunError {
    /// A stable name for scripts.
    pub code: String,
    /// What happened and what to do next.
    pub message: String,
}

impl RunError {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> RunError {
        RunError {
            code: code.into(),
            message: message.into(),
        }
    }
}

impl Summary {
    /// Takes in what has become of pending rows.
    pub fn add(&mut self, tally: &Tally) {
        self.posted += tally.posted;
        self.failed += tally.failed;
        self.in_doubt += tally.in_doubt;
        self.invalid += tally.invalid;
        let settled = tally.posted + tally.failed + tally.in_doubt + tally.invalid;
        self.pending = self.pending.saturating_sub(settled);
        self.out_of_order += tally.out_of_order;
        self.requests += tally.requests;
        self.commands += tally.commands;
    }

    /// Takes the ledger's word for rows of a manifest that was not read to its end.
    pub fn take_from_ledger(&mut self, counts: &StateCounts) {
        let of = |state| counts.get(&state).copied().unwrap_or(0);
        self.of_ledger = true;
        self.already_posted = of(State::Posted);
        self.failed = of(State::Failed);
        self.in_doubt = of(State::InDoubt) + of(State::Sending);
        self.pending = of(State::Pending);
        self.undone = of(State::Undone);
        self.total = self.sum();
    }

    /// What the counts of rows add up to; equal to `total` in every summary of a whole pass.
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
