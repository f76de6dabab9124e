//! What is under way in a run, and how each piece of it ends.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use crate::batch::{CommandKey, Route};
use crate::ledger::{BatchEnd, Commit, Committed, Ledger, LedgerError};
use crate::manifest::ManifestError;
use crate::pacing::WaitReason;
use crate::portal::{self, Asked, CallError, Response, SendError, judge};

use crate::import::engine::feeder::{Feeder, Filled};
use crate::import::engine::request::{BuiltRequest, ReadyRequest};
use crate::import::engine::scheduler::ReadPurpose;
use crate::import::engine::settle::{SettledRows, settle};
use crate::import::pending_row::{KeyedRow, OrderKey};
use crate::import::readback::{Judged, PageResult};

/// The end of something that was in flight.
pub enum Event {
    /// Rows were read from the manifest.
    Filled(Box<Feeder>, Result<Vec<Filled>, ManifestError>),
    /// A request was made ready.
    Built(BuiltRequest),
    /// A transaction ended.
    Committed(Box<CommitDone>),
    /// A request was answered, or not.
    Finished(Box<FinishedRequest>),
    /// `server.time` was answered well, or not, or in a way that forbids going on.
    Asked(Result<bool, portal::Fatal>),
    /// Pages were read, or not.
    Read(ReadPurpose, Result<Vec<PageResult>, CallError>),
    /// Rows in doubt were judged.
    Judged(Box<Ledger>, Result<Judged, LedgerError>),
    /// The user has answered whether to go on.
    Word(bool),
    /// A worker panicked.
    Broken(String),
}

/// A request whose rows are being claimed.
pub struct ClaimedRequest {
    pub batch: i64,
    pub ready: ReadyRequest,
}

/// A transaction that has ended, with all that went into it.
pub struct CommitDone {
    pub ledger: Ledger,
    pub result: Result<Committed, LedgerError>,
    pub commit: Commit,
    pub claimed: Vec<ClaimedRequest>,
}

/// A request that has come to its end.
pub struct FinishedRequest {
    pub batch: i64,
    pub commands: usize,
    pub entities: Vec<OrderKey>,
    /// Bytes of its body.
    pub bytes: u64,
    /// When its last byte had been given away.
    pub last_write: Instant,
    pub settled: SettledRows,
}

/// What is under way, and what waits for the next transaction.
#[derive(Default)]
pub struct InFlight<'a> {
    pub events: FuturesUnordered<BoxFuture<'a, Event>>,
    pub filling: bool,
    /// The manifest has been read to its end.
    pub fed: bool,
    pub building: usize,
    pub ready: Vec<ReadyRequest>,
    pub ended: Vec<BatchEnd>,
    pub committing: bool,
    /// Requests of posts that are being claimed or sent, and the rows in them.
    pub requests: usize,
    pub rows: usize,
    pub asking: bool,
    pub reading: bool,
    pub wait: Option<(Instant, WaitReason)>,
}

impl InFlight<'_> {
    /// Whether nothing is under way that could change a row's state.
    pub fn is_idle(&self) -> bool {
        self.requests == 0
            && self.building == 0
            && self.ready.is_empty()
            && self.ended.is_empty()
            && !self.committing
    }
}

/// Judges what came back, and says what that means for the rows.
pub fn settle_response(
    response: Result<Response, SendError>,
    route: Route,
    rows: Vec<KeyedRow>,
    waited: Duration,
) -> SettledRows {
    let keys: Vec<CommandKey> = rows.iter().map(|(key, _)| key.clone()).collect();
    let answer = match (route, keys.first()) {
        (Route::Direct, Some(key)) => judge(response, Asked::Direct(key)),
        _ => judge(response, Asked::Batch(&keys)),
    };
    settle(rows, answer, waited)
}
