//! The looks that settle many rows in doubt, stream by stream, until each stream has shown the same
//! twice.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::batch::{Command, MAX_COMMANDS};
use crate::ledger::{OpenClaim, Witness};
use crate::post::RowKey;
use crate::targets::{Lookup, Since, Stream, Target, named};

use crate::import::readback::judge::{CLOCK_ERROR, Seen, Why};
use crate::import::readback::reading::{End, PageResult, StreamRead};

/// Looks at a stream, at most.
const MOST_LOOKS: u32 = 5;

/// What reads have proven to show: target and reach.
pub type Proven = HashSet<(&'static str, u64)>;

/// Looking for rows in doubt.
pub struct DoubtSearch {
    inquiries: Vec<Inquiry>,
    /// The rows that are looked for.
    keys: HashSet<RowKey>,
}

/// Calls, and what they are for: to be given back with their pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    pub commands: Vec<Command>,
    pub places: Vec<usize>,
}

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// These are to be read, and [`DoubtSearch::answered`] told.
    Read(Reads),
    Wait(Instant),
    /// Everything has been seen that can be.
    Done,
}

/// What a search is made for.
pub struct SearchRequest {
    /// Rows in doubt; more than are looked for, since a post may be another's that says the same.
    pub claims: Vec<OpenClaim>,
    /// Those that are looked for.
    pub keys: HashSet<RowKey>,
    /// When the search may begin.
    pub at: Instant,
    /// Between two looks that are to show the same.
    pub apart: Duration,
}

/// One stream, and the rows that are looked for in it.
pub struct Inquiry {
    pub target: &'static dyn Target,
    /// In the order in which they were sent: the rows that are looked for, and all in doubt that
    /// say the same as one of them.
    pub claims: Vec<OpenClaim>,
    lookup: &'static dyn Lookup,
    apart: Duration,
    stream: Stream,
    since: Since,
    /// Looks at posts that are known to be there.
    proofs: Vec<(Witness, StreamRead)>,
    /// The look under way.
    look: StreamRead,
    looks: u32,
    /// What the last look has shown: IDs, authors and texts.
    last: Option<Vec<(u64, u64, [u8; 16])>>,
    not_before: Instant,
    seen: Option<Seen>,
}

impl DoubtSearch {
    /// A search for rows. `witness` gives a post of a target and reach that is known to be there;
    /// what is `proven` needs none.
    pub fn new(
        wanted: SearchRequest,
        witness: impl Fn(&'static str, u64) -> Option<Witness>,
        proven: &Proven,
    ) -> DoubtSearch {
        let mut streams: BTreeMap<(&'static str, Stream), Vec<OpenClaim>> = BTreeMap::new();
        for claim in wanted.claims {
            let target = named(&claim.target);
            let stream = target
                .and_then(|target| target.lookup())
                .and_then(|lookup| lookup.stream(claim.entity));
            if let (Some(target), Some(stream)) = (target, stream) {
                streams
                    .entry((target.name(), stream))
                    .or_default()
                    .push(claim);
            }
        }
        let mut proving = proven.clone();
        let inquiries = streams
            .into_iter()
            .filter_map(|((target, stream), claims)| {
                let target = named(target)?;
                let claims = with_rivals(claims, &wanted.keys);
                let reaches: Vec<u64> = claims.iter().map(|claim| claim.reach).collect();
                let unproven = reaches
                    .into_iter()
                    .filter(|reach| proving.insert((target.name(), *reach)));
                let witnesses = unproven.filter_map(|reach| witness(target.name(), reach));
                let when = (wanted.at, wanted.apart);
                Inquiry::new(target, stream, claims, witnesses.collect(), when)
            });
        DoubtSearch {
            inquiries: inquiries.collect(),
            keys: wanted.keys,
        }
    }

    /// What to do now.
    pub fn next(&self, now: Instant) -> Next {
        let mut reads = Reads::default();
        let mut wake: Option<Instant> = None;
        for (place, inquiry) in self.inquiries.iter().enumerate() {
            if inquiry.seen.is_some() {
                continue;
            }
            if inquiry.not_before > now {
                wake = Some(wake.map_or(inquiry.not_before, |wake| wake.min(inquiry.not_before)));
                continue;
            }
            if reads.commands.len() < MAX_COMMANDS
                && let Some(command) = inquiry.command()
            {
                reads.places.push(place);
                reads.commands.push(command);
            }
        }
        match (reads.places.is_empty(), wake) {
            (false, _) => Next::Read(reads),
            (true, Some(until)) => Next::Wait(until),
            (true, None) => Next::Done,
        }
    }

    /// Takes in the pages of the calls for these places.
    pub fn answered(
        &mut self,
        places: &[usize],
        pages: Vec<PageResult>,
        now: Instant,
        proven: &mut Proven,
    ) {
        for (place, page) in places.iter().zip(pages) {
            if let Some(inquiry) = self.inquiries.get_mut(*place) {
                inquiry.take(page, now, proven);
            }
        }
    }

    /// What was seen, and the rows that it is to be told of.
    pub fn into_parts(self) -> (Vec<Inquiry>, HashSet<RowKey>) {
        (self.inquiries, self.keys)
    }
}

impl Inquiry {
    fn new(
        target: &'static dyn Target,
        stream: Stream,
        claims: Vec<OpenClaim>,
        witnesses: Vec<Witness>,
        (at, apart): (Instant, Duration),
    ) -> Option<Inquiry> {
        if claims.is_empty() {
            return None;
        }
        let lookup = target.lookup()?;
        let since = since(&claims);
        let proofs = witnesses.into_iter().filter_map(|witness| {
            let stream = lookup.stream(witness.entity)?;
            Some((
                witness,
                StreamRead::of_post(lookup, stream, witness.remote_id),
            ))
        });
        Some(Inquiry {
            target,
            claims,
            lookup,
            stream,
            since,
            proofs: proofs.collect(),
            look: StreamRead::window(lookup, stream, since),
            looks: 1,
            last: None,
            not_before: at,
            apart,
            seen: None,
        })
    }

    fn command(&self) -> Option<Command> {
        let proof = self.proofs.last().and_then(|(_, proof)| proof.command());
        proof.or_else(|| self.look.command())
    }

    fn take(&mut self, page: PageResult, now: Instant, proven: &mut Proven) {
        if let Some((witness, proof)) = self.proofs.last_mut() {
            proof.take(page);
            if proof.end().is_some() {
                if proof.found().contains_key(&witness.remote_id) {
                    proven.insert((self.target.name(), witness.reach));
                }
                self.proofs.pop();
            }
            return;
        }
        self.look.take(page);
        let Some(end) = self.look.end().cloned() else {
            return;
        };
        let shown: Vec<_> = self
            .look
            .found()
            .values()
            .map(|post| (post.id, post.author_id, post.fingerprint().0))
            .collect();
        let is_same = self.last.as_ref() == Some(&shown);
        match end {
            End::Refused(reason) => self.conclude(Some(Why::Refused(reason))),
            End::TooLong => self.conclude(Some(Why::TooMany)),
            End::Complete if is_same => self.conclude(None),
            End::Complete if self.looks >= MOST_LOOKS => self.conclude(Some(Why::Unsteady)),
            End::Complete => {
                self.last = Some(shown);
                self.looks += 1;
                self.not_before = now + self.apart;
                self.look = StreamRead::window(self.lookup, self.stream, self.since);
            }
        }
    }

    fn conclude(&mut self, gap: Option<Why>) {
        self.seen = Some(Seen {
            found: self.look.found().clone(),
            gap,
        });
    }

    /// What was seen; nothing before the search is done.
    pub fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }
}

/// The claims that are looked for, and those beside them that say the same: a post may be either's,
/// so that without the second it would be given to the wrong one.
fn with_rivals(mut claims: Vec<OpenClaim>, keys: &HashSet<RowKey>) -> Vec<OpenClaim> {
    let wanted = claims.iter().filter(|claim| keys.contains(&claim.key));
    let texts: HashSet<[u8; 16]> = wanted.map(|claim| claim.text_hash.0).collect();
    claims.retain(|claim| keys.contains(&claim.key) || texts.contains(&claim.text_hash.0));
    claims
}

/// From where on the rows can have arrived: after the lowest baseline, or the earliest time.
fn since(claims: &[OpenClaim]) -> Since {
    let ids: Option<Vec<u64>> = claims.iter().map(|claim| claim.baseline).collect();
    let times: Option<Vec<i64>> = claims.iter().map(|claim| claim.portal_sent_at).collect();
    let earliest = times
        .and_then(|times| times.into_iter().min())
        .and_then(|time| Timestamp::from_millisecond(time).ok())
        .and_then(|time| time.checked_sub(CLOCK_ERROR).ok());
    Since {
        id: ids.and_then(|ids| ids.into_iter().min()),
        time: earliest,
    }
}

#[cfg(test)]
mod tests;
