//! What a run works with, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;

use crate::check::Rules;
use crate::exit::Exit;
use crate::ledger::{Ledger, Register, Settle};
use crate::manifest::Manifest;
use crate::maps::MissingValues;
use crate::pacing::{BucketPlan, Slowest};
use crate::portal::Client;

use crate::import::ending::{Break, Ending};
use crate::import::error::RunError;
use crate::import::offload::Offload;
use crate::import::pending_row::RowOrder;
use crate::import::reporter::Reporter;
use crate::import::request_end::RequestEnd;
use crate::import::summary::Summary;
use crate::interrupt::Interrupt;

/// What the user has set.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Which rows must arrive in the order of the manifest.
    pub order: RowOrder,
    /// None where nothing limits the requests.
    pub bucket: Option<BucketPlan>,
    /// Server time that the portal grants the method in ten minutes, where it counts that.
    pub operating_limit: Option<Duration>,
    /// The share of both that is left for others.
    pub reserve: f64,
    /// Requests in flight at once, at most.
    pub lanes: usize,
    /// Commands of the first batch, before anything is known of the portal's speed.
    pub first_batch: usize,
    /// How long the portal lets a request run.
    pub request_limit: Duration,
    /// How long after its limit a request may still be carried out.
    pub late_execution: Duration,
    /// Bytes of a batch's body, at most; a larger post goes by a call of its own.
    pub max_batch_bytes: u64,
    /// The run ends after this long without one good answer.
    pub give_up_after: Duration,
    /// How many rows are sent at most; none for all of them.
    pub limit: Option<u64>,
    /// How slow the portal is at worst, for what is told before the run.
    pub slowest: Slowest,
    /// Whether valid rows are sent although others are invalid.
    pub skip_invalid: bool,
    /// Whether rows that the portal has refused are sent again.
    pub retry_failed: bool,
    /// Whether the run goes on although rows look like edited ones.
    pub accept_edits: bool,
    /// Whether the ledger is bound to this portal, whatever it was bound to.
    pub rebind: bool,
    /// Whether rows are sent although another ledger of this portal has sent them.
    pub new_ledger: bool,
    /// Whether the first row of each author is tried and read back.
    pub canary: bool,
    /// Whether the portal is asked for the CRM entities of the rows.
    pub check_entities: bool,
    /// Look at everything and send nothing.
    pub dry_run: bool,
}

impl RunOptions {
    /// When requests come to their end.
    pub fn request_end(&self) -> RequestEnd {
        RequestEnd {
            request_limit: self.request_limit,
            late_execution: self.late_execution,
        }
    }
}

/// Everything that a run works with.
pub struct Job<'a, T, C> {
    /// The file with the rows.
    pub manifest: Arc<Manifest>,
    /// What the rows are checked by, and the target that they go to.
    pub rules: Arc<Rules>,
    /// Locked by the caller for the whole run.
    pub ledger: Ledger,
    /// The user's register of ledgers; none where they are of no portal, as in a rehearsal.
    pub register: Option<Register>,
    /// The portal that the rows are posted to.
    pub portal: &'a Client<T>,
    /// What the ledger is bound to: the portal's host, with `#` and its `member_id` where that is
    /// known, or a sandbox's own name.
    pub identity: String,
    /// What the user calls the portal.
    pub portal_name: String,
    /// The time of day.
    pub clock: &'a C,
    /// Where work that blocks, such as the ledger's, is done.
    pub offload: Offload,
    /// The source of all that is random; seeded in tests.
    pub rng: StdRng,
    /// The user's wish to stop.
    pub interrupt: Interrupt,
    /// What the user has set.
    pub options: RunOptions,
    /// Who is told how the run goes.
    pub reporter: &'a mut dyn Reporter,
}

/// What came of a run.
#[derive(Debug)]
pub struct RunOutcome {
    /// How the rows stand at its end, as far as that is known.
    pub summary: Summary,
    /// How it came to its end, or what has stopped it.
    pub end: Result<Ending, RunError>,
    /// Answers that the ledger could not take.
    pub unrecorded: Vec<Settle>,
    /// Values that the maps of old IDs don't have.
    pub missing: MissingValues,
}

impl RunOutcome {
    /// The outcome of a run that went no further.
    pub fn broken(summary: Summary, why: Break) -> RunOutcome {
        RunOutcome {
            summary,
            end: why.into_end(),
            unrecorded: Vec::new(),
            missing: MissingValues::default(),
        }
    }

    /// The exit code of its command.
    pub fn exit(&self) -> Exit {
        match &self.end {
            Ok(ending) => ending.exit(&self.summary.counts),
            Err(error) => error.exit(),
        }
    }
}

/// Waits for something before the run, as long as the user doesn't want to stop.
pub async fn unless_interrupted<R>(
    interrupt: &mut Interrupt,
    work: impl Future<Output = R>,
) -> Result<R, Break> {
    tokio::select! {
        biased;
        () = interrupt.next() => Err(Break::Ending(Ending::Interrupted)),
        done = work => Ok(done),
    }
}
