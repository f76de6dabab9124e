//! Portals that keep no author: from the moment that this is seen, texts name their authors, unless
//! the user wants no such line. The post on which it was seen is changed too, if the portal lets
//! it.

use std::time::Instant;

use crate::batch::Command;
use crate::import::engine::canary::LostAuthor;
use crate::import::pending_row::{PendingRow, RowBuilder};
use crate::import::readback::PageResult;
use crate::import::reporter::AuthorsLost;
use crate::targets::OriginLine;

use super::lost_authors::Lost;
use super::state::Scheduler;

impl Scheduler {
    /// How rows are made, to make those again whose authors are lost.
    pub fn build_by(&mut self, builder: RowBuilder) {
        self.authors.builder = Some(builder);
    }

    /// Whether the user is being asked whether to go on; until they answer nothing new is begun.
    pub fn wait_for_word(&mut self, is_waiting: bool, now: Instant) {
        self.authors.is_waiting_for_word = is_waiting;
        self.governor.well(now);
    }

    /// A post has shown that the portal keeps no author.
    pub(super) fn author_lost(&mut self, lost: LostAuthor) {
        if let Some(builder) = &mut self.authors.builder {
            builder.authors.are_lost = true;
        }
        let mend = self.authors.builder.as_ref().and_then(|builder| {
            let source = lost.named.as_ref()?;
            let text = builder.target.text(&source.post, OriginLine::Always);
            builder.target.lookup()?.update(lost.id, text)
        });
        self.authors.lost.push_back(Lost {
            lost,
            mend,
            is_mended: false,
        });
        let rows = self.window.take_all();
        for row in rows {
            let row = self.named(row);
            self.window.put_back(row);
        }
    }

    /// The row as it is to be sent on this portal.
    pub(super) fn named(&self, row: PendingRow) -> PendingRow {
        match &self.authors.builder {
            Some(builder) if builder.authors.are_lost => row.with_author_named(builder),
            _ => row,
        }
    }

    /// The call that gives the next post its author's name.
    pub(super) fn next_mend(&self) -> Option<Command> {
        self.authors.lost.front()?.mend.clone()
    }

    /// The post was given its author's name, or the portal refused that.
    pub(super) fn mended(&mut self, answer: Option<PageResult>) {
        if let Some(lost) = self.authors.lost.front_mut() {
            lost.mend = None;
            lost.is_mended = matches!(answer, Some(Ok(_)));
        }
    }

    /// What the user is to be told of a lost author when its post has been mended as far as
    /// possible: of the first, and of those that could not be mended.
    pub fn take_authors_lost(&mut self) -> Option<AuthorsLost> {
        while self.authors.lost.front()?.mend.is_none() {
            let Lost {
                lost, is_mended, ..
            } = self.authors.lost.pop_front()?;
            let is_first = !std::mem::replace(&mut self.authors.is_told, true);
            if is_first || lost.named.is_some() && !is_mended {
                return Some(AuthorsLost {
                    row: lost.row,
                    line: lost.line,
                    id: lost.id,
                    author_id: lost.author_id,
                    user_id: lost.user_id,
                    is_first,
                    was_named: lost.named.is_none(),
                    is_mended,
                    names_authors: self.names_authors(),
                });
            }
        }
        None
    }

    fn names_authors(&self) -> bool {
        let builder = self.authors.builder.as_ref();
        builder.is_some_and(|builder| builder.origin != OriginLine::Never)
    }
}
