//! The rows of this run that are in doubt and can still be looked for.
//!
//! They keep their place in the order: nothing of their entity goes before the verdict. Where one
//! stream holds all posts, nothing goes at all.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::ledger::{OpenClaim, Witness};
use crate::post::RowKey;
use crate::targets::{Stream, Target};

use crate::import::pending_row::PendingRow;
use crate::import::readback::judge::Verdict;
use crate::import::readback::reading::PageResult;
use crate::import::readback::search::{DoubtSearch, Next, Proven, Reads, SearchRequest};
use crate::import::readback::settle::Judged;

/// Reaches whose newest post is remembered, at most.
const MOST_WITNESSES: usize = 10_000;

/// Rows that wait to be looked for.
pub struct OpenDoubts {
    target: &'static dyn Target,
    held: Vec<Held>,
    search: Option<DoubtSearch>,
    /// Between two looks that are to show the same.
    apart: Duration,
    proven: Proven,
    /// The newest post of this run for each reach.
    witnesses: HashMap<u64, Witness>,
}

/// A row in doubt.
pub struct Held {
    pub row: PendingRow,
    /// When the portal must be done with its request, one way or the other.
    pub due: Instant,
}

/// What looking takes next.
#[derive(Debug, PartialEq)]
pub enum NextRead {
    /// Nothing is in doubt.
    Idle,
    /// A search may begin for what is due.
    Begin,
    Read(Reads),
    Wait(Instant),
    /// Everything was seen: it is to be judged.
    Judge,
}

impl OpenDoubts {
    /// `apart` is the time between two looks that are to show the same.
    pub fn new(target: &'static dyn Target, proven: Proven, apart: Duration) -> OpenDoubts {
        OpenDoubts {
            target,
            held: Vec::new(),
            search: None,
            apart,
            proven,
            witnesses: HashMap::new(),
        }
    }

    /// Whether rows of this target can be looked for.
    pub fn can_read(&self) -> bool {
        self.target.lookup().is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// A row waits to be looked for.
    pub fn hold(&mut self, held: Held) {
        self.held.push(held);
    }

    /// Whether nothing may be posted before all doubt is settled.
    pub fn block_all(&self) -> bool {
        self.held
            .iter()
            .any(|held| self.stream(held) == Some(Stream::Feed))
    }

    fn stream(&self, held: &Held) -> Option<Stream> {
        self.target.lookup()?.stream(held.row.claim.entity)
    }

    /// From when on the rows of each stream can be looked for: together, since a post may belong to
    /// any of them that say the same.
    fn due(&self) -> HashMap<Option<Stream>, Instant> {
        let mut due: HashMap<Option<Stream>, Instant> = HashMap::new();
        for held in &self.held {
            let last = due.entry(self.stream(held)).or_insert(held.due);
            *last = (*last).max(held.due);
        }
        due
    }

    /// A post that is known to be there.
    pub fn witness(&mut self, witness: Witness) {
        let is_known = self.witnesses.contains_key(&witness.reach);
        if is_known || self.witnesses.len() < MOST_WITNESSES {
            self.witnesses.insert(witness.reach, witness);
        }
    }

    /// The read has shown a post of that reach.
    pub fn prove(&mut self, reach: u64) {
        self.proven.insert((self.target.name(), reach));
    }

    pub fn proven(&self) -> &Proven {
        &self.proven
    }

    /// What to do now.
    pub fn next(&self, now: Instant) -> NextRead {
        match &self.search {
            Some(search) => match search.next(now) {
                Next::Read(reads) => NextRead::Read(reads),
                Next::Wait(until) => NextRead::Wait(until),
                Next::Done => NextRead::Judge,
            },
            None => match self.due().into_values().min() {
                None => NextRead::Idle,
                Some(due) if due > now => NextRead::Wait(due),
                Some(_) => NextRead::Begin,
            },
        }
    }

    /// Begins to look for what is due, by the claims of all rows in doubt. `kept` gives witnesses
    /// of earlier runs.
    pub fn begin(
        &mut self,
        claims: Vec<OpenClaim>,
        kept: impl Fn(u64) -> Option<Witness>,
        now: Instant,
    ) {
        let due = self.due();
        let is_due = |held: &&Held| due.get(&self.stream(held)).is_some_and(|due| *due <= now);
        let held = self.held.iter().filter(is_due);
        let keys: HashSet<RowKey> = held.map(|held| held.row.claim.key.clone()).collect();
        let claims = claims.into_iter();
        let claims = claims.filter(|claim| claim.target == self.target.name());
        let witnesses = &self.witnesses;
        let witness = |_: &'static str, reach: u64| {
            let ours = witnesses.get(&reach).copied();
            ours.or_else(|| kept(reach))
        };
        let wanted = SearchRequest {
            claims: claims.collect(),
            keys,
            at: now,
            apart: self.apart,
        };
        self.search = Some(DoubtSearch::new(wanted, witness, &self.proven));
    }

    /// Takes in the pages of the calls for these places.
    pub fn answered(&mut self, places: &[usize], pages: Vec<PageResult>, now: Instant) {
        if let Some(search) = &mut self.search {
            search.answered(places, pages, now, &mut self.proven);
        }
    }

    /// The search, to be judged.
    pub fn take_search(&mut self) -> Option<DoubtSearch> {
        self.search.take()
    }

    /// The rows that were judged, in order, each with its verdict; they are held no longer.
    pub fn judged(&mut self, judged: Judged) -> Vec<(PendingRow, Verdict)> {
        let mut verdicts: HashMap<RowKey, Verdict> = judged.into_iter().collect();
        let mut rows = Vec::new();
        for held in std::mem::take(&mut self.held) {
            match verdicts.remove(&held.row.claim.key) {
                Some(verdict) => rows.push((held.row, verdict)),
                None => self.held.push(held),
            }
        }
        rows.sort_by_key(|(row, _)| row.at.number);
        rows
    }
}

#[cfg(test)]
mod tests;
