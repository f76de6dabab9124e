//! What is read from the portal: canaries, and posts of rows in doubt.

use std::collections::HashMap;
use std::time::Instant;

use crate::batch::Command;
use crate::ledger::{Authorship, OpenClaim, Witness};
use crate::pacing::Permit;
use crate::portal::{CallError, FatalKind, Limit};

use super::state::Scheduler;
use crate::import::engine::canary::CanaryResult;
use crate::import::pending_row::{OrderKey, PendingRow};
use crate::import::readback::{DoubtSearch, Held, Judged, NextRead, PageResult, Proven, Verdict};

/// What is to be read now.
#[derive(Debug, PartialEq)]
pub enum ToRead {
    Nothing,
    /// The claims of the ledger are needed first; see [`Scheduler::look_for_doubts`].
    Claims,
    /// These pages, to be given back with what they are for.
    Pages(ReadPurpose, Vec<Command>),
    /// Nothing before that moment.
    Wait(Instant),
    /// Everything was seen: the search is to be judged.
    Judge,
}

/// What pages are read for.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadPurpose {
    /// The first row of an author.
    Canary,
    /// The post whose author was lost: it is given its author's name.
    Mend,
    /// Rows in doubt, by their places in the search.
    Doubts(Vec<usize>),
}

impl Scheduler {
    /// A row in doubt keeps its entity until it was looked for, where that is possible.
    pub(super) fn hold(&mut self, row: PendingRow, due: Instant) {
        if self.doubts.can_read() {
            *self.busy.entry(row.candidate.entity).or_default() += 1;
            self.doubts.hold(Held { row, due });
        }
    }

    /// What is to be read now, a canary first.
    pub fn to_read(&self, now: Instant) -> ToRead {
        if let Some(mend) = self.next_mend() {
            return ToRead::Pages(ReadPurpose::Mend, vec![mend]);
        }
        match self.canaries.next() {
            Some((at, _)) if at > now => return ToRead::Wait(at),
            Some((_, command)) => return ToRead::Pages(ReadPurpose::Canary, vec![command]),
            None => {}
        }
        match self.doubts.next(now) {
            NextRead::Idle => ToRead::Nothing,
            NextRead::Begin => ToRead::Claims,
            NextRead::Read(reads) => {
                ToRead::Pages(ReadPurpose::Doubts(reads.places), reads.commands)
            }
            NextRead::Wait(until) => ToRead::Wait(until),
            NextRead::Judge => ToRead::Judge,
        }
    }

    /// Whether a doubt that is due may be looked for with so many requests in flight: where all
    /// posts are read, none may come in meanwhile.
    pub fn may_look(&self, in_flight: usize) -> bool {
        in_flight == 0 || !self.doubts.block_all()
    }

    /// Begins to look for what is due.
    pub fn look_for_doubts(
        &mut self,
        claims: Vec<OpenClaim>,
        kept: impl Fn(u64) -> Option<Witness>,
        now: Instant,
    ) {
        self.doubts.begin(claims, kept, now);
    }

    /// Whether the run has seen that the portal keeps authors, or loses them.
    pub fn keeps_author(&self) -> Option<bool> {
        self.canaries.keeps_author()
    }

    /// Who the posts of the next request will be by.
    pub fn authorship(&self) -> Authorship {
        self.canaries.authorship()
    }

    /// Whether a read may go now.
    pub fn permit_read(&self, now: Instant) -> Permit {
        self.governor.permit_read(now)
    }

    /// A read goes out.
    pub fn read_sent(&mut self, now: Instant) {
        self.governor.sent(now);
        self.tally.requests += 1;
    }

    /// A read came back.
    pub fn read_answered(
        &mut self,
        purpose: &ReadPurpose,
        came: Result<Vec<PageResult>, CallError>,
        now: Instant,
        rng: &mut impl rand::Rng,
    ) {
        let mut pages = match came {
            Ok(pages) => pages,
            // What can't be mended is told, and the run goes on.
            Err(CallError::Stop(stop))
                if *purpose == ReadPurpose::Mend
                    && matches!(stop.kind, FatalKind::Method | FatalKind::Refused) =>
            {
                return self.mended(None);
            }
            Err(error) => return self.read_failed(error, now, rng),
        };
        self.governor.read_well();
        match purpose {
            ReadPurpose::Doubts(places) => return self.doubts.answered(places, pages, now),
            ReadPurpose::Mend => return self.mended(pages.pop()),
            ReadPurpose::Canary => {}
        }
        match pages.pop().map(|page| self.canaries.answered(page, now)) {
            Some(CanaryResult::Good(witness)) => self.keep_witness(witness),
            Some(CanaryResult::AuthorLost(witness, lost)) => {
                self.keep_witness(witness);
                self.author_lost(*lost);
            }
            Some(CanaryResult::Bad(difference)) => self.stop(difference),
            Some(CanaryResult::More) | None => {}
        }
    }

    fn keep_witness(&mut self, witness: Option<Witness>) {
        if let Some(witness) = witness {
            self.doubts.prove(witness.reach);
            self.doubts.witness(witness);
        }
    }

    /// The same is read again after a while.
    fn read_failed(&mut self, error: CallError, now: Instant, rng: &mut impl rand::Rng) {
        match error {
            CallError::Stop(stop) => self.stop(stop),
            CallError::Limited(Limit::Query) => self.governor.rate_refused(now, rng),
            CallError::Limited(Limit::Operating { .. }) => {
                self.governor.budget_refused(None, now, rng);
            }
            _ => self.governor.unreachable(now, rng),
        }
    }

    /// The search that is to be judged, and what reads have proven to show.
    pub fn take_search(&mut self) -> Option<(DoubtSearch, Proven)> {
        let search = self.doubts.take_search()?;
        Some((search, self.doubts.proven().clone()))
    }

    /// The verdicts on rows in doubt.
    pub fn judged(&mut self, judged: Judged) {
        let mut order = Arrivals::default();
        for (row, verdict) in self.doubts.judged(judged) {
            self.release(row.candidate.entity);
            if let Verdict::ThereByAnother(id) = verdict {
                let lost = self.canaries.author_lost(&row, id);
                self.author_lost(lost);
            }
            if order.is_overtaking(&row, &verdict) {
                self.tally.out_of_order += 1;
            }
            match verdict {
                Verdict::There(_) | Verdict::ThereByAnother(_) => {
                    self.tally.in_doubt -= 1;
                    self.tally.posted += 1;
                }
                Verdict::Absent => {
                    self.tally.in_doubt -= 1;
                    self.window.put_back(row);
                }
                Verdict::Unknown(_) => {}
            }
        }
    }

    /// Whether all that can be looked for only waits for its time.
    pub(super) fn rests(&self, now: Instant) -> bool {
        matches!(self.to_read(now), ToRead::Wait(_))
    }
}

/// Rows in the manifest's order, each with what was found of it: which of them came before an
/// earlier one of their entity.
#[derive(Default)]
struct Arrivals {
    /// By entity: the highest ID that has arrived, 0 before the first; none once a row of it was
    /// found absent, since every later one has then overtaken it.
    newest: HashMap<OrderKey, Option<u64>>,
}

impl Arrivals {
    /// Equal rows take the posts that there are in order, so an earlier row may have become the
    /// newer post.
    fn is_overtaking(&mut self, row: &PendingRow, verdict: &Verdict) -> bool {
        let newest = self.newest.entry(row.candidate.entity).or_insert(Some(0));
        match (verdict, *newest) {
            (Verdict::Absent, _) => {
                *newest = None;
                false
            }
            (Verdict::There(_) | Verdict::ThereByAnother(_), None) => true,
            (Verdict::There(id) | Verdict::ThereByAnother(id), Some(before)) => {
                *newest = Some(before.max(*id));
                row.overtakes || *id < before
            }
            (Verdict::Unknown(_), _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::row;

    /// Each row of one entity by what was found of it, and whether it counts as overtaking.
    fn overtaking(verdicts: &[Verdict]) -> Vec<bool> {
        let mut arrivals = Arrivals::default();
        let rows = (1..).zip(verdicts);
        rows.map(|(number, verdict)| arrivals.is_overtaking(&row(number, 7), verdict))
            .collect()
    }

    #[test]
    fn a_row_that_came_before_an_earlier_one_is_counted() {
        use Verdict::{Absent, There};
        assert_eq!(overtaking(&[There(5), There(6)]), [false, false]);
        assert_eq!(overtaking(&[Absent, There(6)]), [false, true]);
        // The first took the post of the third, which says the same.
        let taken = overtaking(&[There(9), There(7), Absent, There(8)]);
        assert_eq!(taken, [false, true, false, true]);
    }
}
