//! Whether a batch waits for more rows.

use super::state::Scheduler;
use crate::batch::plan::Limits;

/// A body that is smaller than the byte limit divided by this has room for more rows.
const ROOM: u64 = 2;

impl Scheduler {
    /// Whether a batch of so many rows and bytes is better held back, until rows whose entities are
    /// under way can join it.
    pub(super) fn may_be_filled_up(&self, rows: usize, size: u64, limits: Limits) -> bool {
        let has_room = rows < limits.commands && size < limits.bytes / ROOM;
        has_room
            && self.under_way > 0
            && self.window.has_more_than(rows)
            && self.governor.saves_requests()
    }
}
