//! What a run counts.

use crate::ledger::{Settle, Settlement};

/// What has become of the rows that this run took up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Posted, with a known ID.
    pub posted: u64,
    /// Refused by the portal.
    pub failed: u64,
    /// In doubt: they may or may not have arrived.
    pub in_doubt: u64,
    /// Found unsendable only at their turn.
    pub invalid: u64,
    /// Posted behind a later row of their entity.
    pub out_of_order: u64,
    /// Requests of any kind.
    pub requests: u64,
    /// Posts sent, counting each attempt.
    pub commands: u64,
}

impl Tally {
    /// Rows that have come to an end, or are in doubt.
    pub fn settled(&self) -> u64 {
        self.posted + self.failed + self.in_doubt + self.invalid
    }

    /// Counts as in doubt what the ledger still has as `sending`: rows in flight when the run broke
    /// off, and rows whose answers it could not take.
    pub fn abandon(&mut self, in_flight: usize, unrecorded: &[Settle]) {
        for settle in unrecorded {
            match settle.settlement {
                Settlement::Posted { .. } => self.posted -= 1,
                Settlement::Failed { .. } => self.failed -= 1,
                Settlement::InDoubt { .. } => self.in_doubt -= 1,
                Settlement::Unsendable => self.invalid -= 1,
                Settlement::Pending => {}
            }
        }
        self.in_doubt += (in_flight + unrecorded.len()) as u64;
    }
}
