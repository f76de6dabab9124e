//! What is under way in a run, and how each piece of it ends.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use crate::batch::{CommandKey, Route};
use crate::ledger::{BatchEnd, Commit, Committed, Ledger, LedgerError};
use crate::manifest::ManifestError;
use crate::pacing::WaitReason;
use crate::portal::{self, Asked, CallError, Response, SendError, judge};

use super::desk::For;
use super::feeder::{Feeder, Filled};
use super::readback::{Answer, Judged};
use super::request::{Built, Ready};
use super::settle::{Settled, settle};
use super::waiting::{Named, OrderKey};

/// The end of a piece of work.
pub enum Event {
    /// Rows were read from the manifest.
    Filled(Box<Feeder>, Result<Vec<Filled>, ManifestError>),
    /// A request was made ready.
    Built(Built),
    /// A transaction ended.
    Committed(Box<CommitDone>),
    /// A request was answered, or not.
    Landed(Box<Landed>),
    /// `server.time` was answered well, or not, or in a way that forbids going on.
    Asked(Result<bool, portal::Fatal>),
    /// Pages were read, or not.
    Read(For, Result<Vec<Answer>, CallError>),
    /// Rows in doubt were judged.
    Judged(Box<Ledger>, Result<Judged, LedgerError>),
    /// The user was asked whether to go on.
    Word(bool),
    /// A worker panicked.
    Broken(String),
}

/// A request whose rows are being claimed.
pub struct Claimed {
    pub batch: i64,
    pub ready: Ready,
}

/// A transaction that has ended, with all that went into it.
pub struct CommitDone {
    pub ledger: Ledger,
    pub result: Result<Committed, LedgerError>,
    pub commit: Commit,
    pub claimed: Vec<Claimed>,
}

/// A request that has come to its end.
pub struct Landed {
    pub batch: i64,
    pub commands: usize,
    pub entities: Vec<OrderKey>,
    /// Bytes of its body.
    pub bytes: u64,
    /// When it left.
    pub sent: Instant,
    /// When its last byte had been given away.
    pub last_write: Instant,
    pub settled: Settled,
}

/// What is under way, and what waits for the next transaction.
#[derive(Default)]
pub struct Work<'a> {
    pub events: FuturesUnordered<BoxFuture<'a, Event>>,
    pub filling: bool,
    /// The manifest has been read to its end.
    pub fed: bool,
    pub building: usize,
    pub ready: Vec<Ready>,
    pub ended: Vec<BatchEnd>,
    pub committing: bool,
    /// Requests of posts that are being claimed or sent, and the rows in them.
    pub in_flight: usize,
    pub rows_in_flight: usize,
    pub asking: bool,
    pub reading: bool,
    pub wait: Option<(Instant, WaitReason)>,
}

impl Work<'_> {
    /// Whether nothing is under way that could change a row's state.
    pub fn is_idle(&self) -> bool {
        self.in_flight == 0
            && self.building == 0
            && self.ready.is_empty()
            && self.ended.is_empty()
            && !self.committing
    }
}

/// From what came back to what it means for the rows.
pub fn settle_response(
    response: Result<Response, SendError>,
    route: Route,
    rows: Vec<Named>,
    waited: Duration,
) -> Settled {
    let keys: Vec<CommandKey> = rows.iter().map(|(key, _)| key.clone()).collect();
    let answer = match (route, keys.first()) {
        (Route::Direct, Some(key)) => judge(response, Asked::Direct(key)),
        _ => judge(response, Asked::Batch(&keys)),
    };
    settle(rows, answer, waited)
}
