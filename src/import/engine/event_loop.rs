//! The engine's event loop: rows are read ahead, made into requests, claimed, sent and settled.
//!
//! One future holds everything that is under way, so that dropping it ends the run; only blocking
//! work that has begun on a thread, such as a transaction, then still comes to its end there. Each
//! piece of work ends in an [`Event`]; between events the [`Scheduler`] decides. A request leaves
//! only after the transaction that claims its rows, and that transaction settles whatever has come
//! in meanwhile, so a commit serves all lanes at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use rand::rngs::StdRng;

use crate::ledger::{Ledger, LedgerError, OtherLedgers, Settle};
use crate::manifest::ManifestError;
use crate::portal::{Client, Transport};

use crate::import::clock::{Clock, PortalClock, now};
use crate::import::ending::{Break, Ending};
use crate::import::engine::feeder::{Feeder, Filled};
use crate::import::engine::in_flight::{CommitDone, Event, FinishedRequest, InFlight};
use crate::import::engine::request::BuiltRequest;
use crate::import::engine::scheduler::{Scheduler, SettledAt, SettledRequest, spoiled};
use crate::import::error::RunError;
use crate::import::notice::Notice;
use crate::import::offload::Offload;
use crate::import::readback::{self, Judged};
use crate::import::reporter::{Progress, Reporter, Wait};
use crate::import::request_end::RequestEnd;
use crate::import::tally::Tally;
use crate::interrupt::Interrupt;

/// How often the user hears of the run, at least.
const TICK: Duration = Duration::from_secs(1);

/// The shortest sleep.
const SOON: Duration = Duration::from_millis(1);

/// Everything that sending works with, and how far it is.
pub struct Engine<'a, T, C> {
    pub portal: &'a Client<T>,
    pub clock: &'a C,
    pub offload: Offload,
    pub reporter: &'a mut dyn Reporter,
    pub interrupt: Interrupt,
    pub rng: StdRng,
    pub target: &'static str,
    /// The run's number in the ledger.
    pub run: i64,
    pub give_up_after: Duration,
    /// Rows that are due.
    pub total: u64,
    pub scheduler: Scheduler,
    pub ledger: Option<Ledger>,
    pub feeder: Option<Feeder>,
    pub next_batch: i64,
    pub request_end: RequestEnd,
    /// The other ledgers of this portal.
    pub elsewhere: Arc<OtherLedgers>,
    /// What the ledger is bound to.
    pub identity: String,
    /// Whether the portal keeps authors, as the ledger has it; none while it has nothing of that.
    pub told_of_authors: Option<bool>,
    /// None where the portal has not told its time.
    pub portal_clock: Option<PortalClock>,
}

/// What is left when the engine has ended.
pub struct Rest {
    /// None when a worker still has it, or broke down with it.
    pub ledger: Option<Ledger>,
    pub tally: Tally,
    pub stop: Option<Break>,
    /// Settlements that the ledger could not take.
    pub unrecorded: Vec<Settle>,
}

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    /// Sends until nothing is left, something forbids going on, or the user has had enough.
    pub async fn run(mut self) -> Rest {
        let mut in_flight = InFlight::default();
        let mut unrecorded = Vec::new();
        let budget = self.scheduler.budget();
        let stop = loop {
            self.start_what_can_start(&mut in_flight);
            if self.is_over(&in_flight) {
                break self.scheduler.take_stop();
            }
            let wake = self.wake_at(&in_flight);
            tokio::select! {
                biased;
                () = self.interrupt.next() => {
                    self.scheduler.stop(Ending::Interrupted);
                    if self.interrupt.times() > 1 {
                        break Some(Break::Ending(Ending::Interrupted));
                    }
                }
                Some(event) = in_flight.events.next() => {
                    if let Err(stop) = self.handle(&mut in_flight, event, &mut unrecorded) {
                        break Some(stop);
                    }
                }
                () = budget.freed() => {}
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            let progress = self.progress(&in_flight);
            self.reporter.progress(&progress);
        };
        if matches!(stop, Some(Break::Ending(Ending::Interrupted))) {
            self.record_what_is_known(&mut in_flight, &mut unrecorded)
                .await;
        }
        let mut tally = *self.scheduler.tally();
        tally.abandon(in_flight.rows, &unrecorded);
        Rest {
            ledger: self.ledger,
            tally,
            stop,
            unrecorded,
        }
    }

    /// After a second Ctrl-C: answers that are in hand still go to the ledger, which takes
    /// milliseconds; a third one doesn't wait for that either.
    async fn record_what_is_known(
        &mut self,
        in_flight: &mut InFlight<'a>,
        unrecorded: &mut Vec<Settle>,
    ) {
        loop {
            self.start_commit(in_flight);
            if !in_flight.committing {
                return;
            }
            tokio::select! {
                biased;
                () = self.interrupt.next() => break,
                Some(event) = in_flight.events.next() => {
                    if self.handle(in_flight, event, unrecorded).is_err() {
                        return;
                    }
                }
            }
        }
        unrecorded.extend(in_flight.ended.drain(..).flat_map(|batch| batch.settled));
    }

    fn is_over(&mut self, in_flight: &InFlight<'_>) -> bool {
        if self.scheduler.gives_up(now()) {
            self.scheduler.stop(RunError::GaveUp(self.give_up_after));
        }
        let nothing_left = in_flight.fed && self.scheduler.is_empty();
        in_flight.is_idle() && (nothing_left || self.scheduler.is_stopping())
    }

    fn handle(
        &mut self,
        in_flight: &mut InFlight<'a>,
        event: Event,
        unrecorded: &mut Vec<Settle>,
    ) -> Result<(), Break> {
        match event {
            Event::Filled(feeder, rows) => self.filled(in_flight, *feeder, rows),
            Event::Built(built) => self.built(in_flight, built),
            Event::Committed(done) => return self.committed(in_flight, *done, unrecorded),
            Event::Finished(finished) => self.finished(in_flight, *finished),
            Event::Asked(answer) => {
                in_flight.asking = false;
                let well = answer.unwrap_or_else(|stop| {
                    self.scheduler.stop(stop);
                    false
                });
                self.scheduler.ask_answered(well, now(), &mut self.rng);
            }
            Event::Read(purpose, came) => {
                in_flight.reading = false;
                self.scheduler
                    .read_answered(&purpose, came, now(), &mut self.rng);
            }
            Event::Word(agreed) => {
                self.scheduler.wait_for_word(false, now());
                if !agreed {
                    self.scheduler.stop(Ending::Declined);
                }
            }
            Event::Judged(ledger, judged) => return self.judged(in_flight, *ledger, judged),
            Event::Broken(message) => {
                return Err(RunError::Internal(message).into());
            }
        }
        Ok(())
    }

    fn filled(
        &mut self,
        in_flight: &mut InFlight<'a>,
        feeder: Feeder,
        rows: Result<Vec<Filled>, ManifestError>,
    ) {
        in_flight.filling = false;
        in_flight.fed = feeder.is_at_end();
        self.feeder = Some(feeder);
        if in_flight.fed {
            self.scheduler.fed();
        }
        match rows {
            Ok(rows) => self.scheduler.take_in(rows, self.reporter),
            Err(error) => self.scheduler.stop(error),
        }
    }

    fn built(&mut self, in_flight: &mut InFlight<'a>, built: BuiltRequest) {
        in_flight.building -= 1;
        self.scheduler.put_back(built.left);
        for (row, message) in built.spoiled {
            let left_out = spoiled(&row, message);
            self.reporter.notice(&Notice::LeftOut(&left_out));
            self.scheduler.give_up_row(&row);
        }
        in_flight.ready.extend(built.ready);
    }

    fn committed(
        &mut self,
        in_flight: &mut InFlight<'a>,
        done: CommitDone,
        unrecorded: &mut Vec<Settle>,
    ) -> Result<(), Break> {
        in_flight.committing = false;
        self.ledger = Some(done.ledger);
        match done.result {
            Err(error) => {
                let ended = done
                    .commit
                    .ended
                    .into_iter()
                    .chain(in_flight.ended.drain(..));
                unrecorded.extend(ended.flat_map(|batch| batch.settled));
                for claimed in done.claimed {
                    in_flight.rows -= claimed.ready.rows.len();
                }
                return Err(error.into());
            }
            Ok(committed) => {
                for (key, remote_id) in committed.id_taken {
                    self.scheduler.id_taken(key, remote_id);
                }
            }
        }
        for claimed in done.claimed {
            self.launch(in_flight, claimed);
        }
        Ok(())
    }

    /// Takes in what became of a request; the ledger hears of it in the next transaction.
    pub fn finished(&mut self, in_flight: &mut InFlight<'a>, finished: FinishedRequest) {
        in_flight.requests -= 1;
        in_flight.rows -= finished.commands;
        self.scheduler.free(&finished.entities);
        let at = SettledAt {
            now: now(),
            unix_now: self.clock.wall().as_second(),
            rng: &mut self.rng,
        };
        let drain = self.scheduler.drain(finished.bytes);
        let request = SettledRequest {
            batch: finished.batch,
            commands: finished.commands,
            bytes: finished.bytes,
            over_at: finished.last_write + self.request_end.after_last_write(drain),
        };
        let (ended, left_out) = self.scheduler.settled(request, finished.settled, at);
        for row in &left_out {
            self.reporter.notice(&Notice::LeftOut(row));
        }
        in_flight.ended.push(ended);
    }

    fn judged(
        &mut self,
        in_flight: &mut InFlight<'a>,
        ledger: Ledger,
        judged: Result<Judged, LedgerError>,
    ) -> Result<(), Break> {
        in_flight.committing = false;
        self.ledger = Some(ledger);
        let judged = judged?;
        let counts = readback::counts(&judged);
        self.reporter.notice(&Notice::DoubtJudged(counts));
        self.scheduler.judged(judged);
        Ok(())
    }

    fn wake_at(&self, in_flight: &InFlight<'_>) -> Instant {
        let (soon, tick) = (now() + SOON, now() + TICK);
        in_flight
            .wait
            .map_or(tick, |(until, _)| until.clamp(soon, tick))
    }

    fn progress(&self, in_flight: &InFlight<'_>) -> Progress {
        let stopping = self.scheduler.is_stopping();
        let wait = in_flight
            .wait
            .filter(|_| in_flight.requests == 0 && !stopping);
        Progress {
            total: self.total,
            tally: *self.scheduler.tally(),
            wait: wait.map(|(until, reason)| Wait {
                left: until.saturating_duration_since(now()),
                reason,
            }),
            stopping,
            left: self.scheduler.time_left(self.total, now()),
        }
    }
}
