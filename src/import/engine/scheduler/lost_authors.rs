//! Authors that the portal has not kept, until their posts name them and the user knows.

use std::collections::VecDeque;

use crate::batch::Command;
use crate::import::engine::canary::LostAuthor;
use crate::import::pending_row::RowBuilder;

/// What the scheduler knows of authors that the portal may not keep.
#[derive(Default)]
pub(super) struct LostAuthors {
    /// How rows are made, to make those again whose authors are lost.
    pub(super) builder: Option<RowBuilder>,
    /// Posts whose authors were not kept, until they are mended and the user knows.
    pub(super) lost: VecDeque<Lost>,
    pub(super) is_told: bool,
    /// The user is being asked.
    pub(super) is_waiting_for_word: bool,
}

impl LostAuthors {
    /// Whether something is to be done about them before anything else is sent.
    pub(super) fn hold_up(&self) -> bool {
        !self.lost.is_empty() || self.is_waiting_for_word
    }
}

/// What is to be done about a lost author before anything else is sent.
pub(super) struct Lost {
    pub(super) lost: LostAuthor,
    /// The call that names the author in the post; none once it was answered.
    pub(super) mend: Option<Command>,
    /// Whether the post names its author now.
    pub(super) is_mended: bool,
}
