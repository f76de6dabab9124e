//! The run itself: reads ahead, makes requests ready, claims, sends, settles.
//!
//! One future holds everything that is under way, so that dropping it ends the run; nothing is
//! detached. Each piece of work ends in an [`Event`]; between events the [`Desk`] decides. A
//! request leaves only after the transaction that claims its rows, and that transaction settles
//! whatever has come in meanwhile, so a commit serves all lanes at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use rand::rngs::StdRng;

use crate::ledger::{Elsewhere, Ledger, LedgerError, Settle};
use crate::manifest::ManifestError;
use crate::planted::{self, Bug};
use crate::portal::{Client, Transport};

use super::clock::{Clock, PortalClock};
use super::desk::{Desk, Ended, Settling, spoiled_note};
use super::ending::Stop;
use super::feeder::{Feeder, Filled};
use super::front::{Front, Progress, Wait};
use super::interrupt::Interrupt;
use super::offload::Offload;
use super::readback::{self, Judged};
use super::request::Built;
use super::request_end::RequestEnd;
use super::tally::Tally;
use super::work::{CommitDone, Event, Landed, Work};

/// How often the user hears of the run, at least.
const TICK: Duration = Duration::from_secs(1);

/// The shortest sleep.
const SOON: Duration = Duration::from_millis(1);

/// What the run works with and on.
pub struct Engine<'a, T, C> {
    pub portal: &'a Client<T>,
    pub clock: &'a C,
    pub offload: Offload,
    pub front: &'a mut dyn Front,
    pub interrupt: Interrupt,
    pub rng: StdRng,
    pub target: &'static str,
    /// The run's number in the ledger.
    pub run: i64,
    pub give_up_after: Duration,
    /// Rows that are due.
    pub total: u64,
    pub desk: Desk,
    pub ledger: Option<Ledger>,
    pub feeder: Option<Feeder>,
    pub next_batch: i64,
    pub request_end: RequestEnd,
    /// The other ledgers of this portal.
    pub elsewhere: Arc<Elsewhere>,
    /// What the ledger is bound to.
    pub identity: String,
    /// Whether it was told whether the portal keeps authors.
    pub told_of_authors: Option<bool>,
    /// None where the portal has not told its time.
    pub portal_clock: Option<PortalClock>,
}

/// How the engine came to rest.
pub struct Rest {
    /// None when a worker still has it, or broke down with it.
    pub ledger: Option<Ledger>,
    pub tally: Tally,
    pub stop: Option<Stop>,
    /// What the ledger could not be told.
    pub unrecorded: Vec<Settle>,
}

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    /// Sends until nothing is left, something forbids going on, or the user has had enough.
    pub async fn run(mut self) -> Rest {
        let mut work = Work::default();
        let mut unrecorded = Vec::new();
        let budget = self.desk.budget();
        let stop = loop {
            self.start_what_can_start(&mut work);
            if self.is_over(&work) {
                break self.desk.take_stop();
            }
            let wake = self.wake_at(&work);
            tokio::select! {
                biased;
                () = self.interrupt.next() => {
                    self.desk.stop(Stop::Interrupted);
                    if self.interrupt.times() > 1 {
                        break Some(Stop::Interrupted);
                    }
                }
                Some(event) = work.events.next() => {
                    if let Err(stop) = self.handle(&mut work, event, &mut unrecorded) {
                        break Some(stop);
                    }
                }
                () = budget.freed() => {}
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            let progress = self.progress(&work);
            self.front.progress(&progress);
        };
        if matches!(stop, Some(Stop::Interrupted)) {
            self.record_what_is_known(&mut work, &mut unrecorded).await;
        }
        let mut tally = *self.desk.tally();
        tally.abandon(work.rows_in_flight, &unrecorded);
        Rest {
            ledger: self.ledger,
            tally,
            stop,
            unrecorded,
        }
    }

    /// After a second Ctrl-C: answers that are in hand still go to the ledger, which takes
    /// milliseconds; a third one doesn't wait for that either.
    async fn record_what_is_known(&mut self, work: &mut Work<'a>, unrecorded: &mut Vec<Settle>) {
        loop {
            self.start_commit(work);
            if !work.committing {
                return;
            }
            tokio::select! {
                biased;
                () = self.interrupt.next() => break,
                Some(event) = work.events.next() => {
                    if self.handle(work, event, unrecorded).is_err() {
                        return;
                    }
                }
            }
        }
        unrecorded.extend(work.ended.drain(..).flat_map(|batch| batch.settled));
    }

    fn is_over(&mut self, work: &Work<'_>) -> bool {
        if self.desk.gives_up(now()) {
            self.desk.stop(Stop::GivenUp(self.give_up_after));
        }
        let nothing_left = work.fed && self.desk.is_empty();
        work.is_idle() && (nothing_left || self.desk.is_stopping())
    }

    fn handle(
        &mut self,
        work: &mut Work<'a>,
        event: Event,
        unrecorded: &mut Vec<Settle>,
    ) -> Result<(), Stop> {
        match event {
            Event::Filled(feeder, rows) => self.filled(work, *feeder, rows),
            Event::Built(built) => self.built(work, built),
            Event::Committed(done) => return self.committed(work, *done, unrecorded),
            Event::Landed(landed) => self.landed(work, *landed),
            Event::Asked(answer) => {
                work.asking = false;
                let well = answer.unwrap_or_else(|stop| {
                    self.desk.stop(Stop::Portal(stop));
                    false
                });
                self.desk.ask_answered(well, now(), &mut self.rng);
            }
            Event::Read(purpose, came) => {
                work.reading = false;
                self.desk
                    .read_answered(&purpose, came, now(), &mut self.rng);
            }
            Event::Word(agreed) => {
                self.desk.wait_for_word(false, now());
                if !agreed {
                    self.desk.stop(Stop::Declined);
                }
            }
            Event::Judged(ledger, judged) => return self.judged(work, *ledger, judged),
            Event::Broken(message) => {
                return Err(Stop::Internal(format!("a worker broke down: {message}")));
            }
        }
        Ok(())
    }

    fn filled(
        &mut self,
        work: &mut Work<'a>,
        feeder: Feeder,
        rows: Result<Vec<Filled>, ManifestError>,
    ) {
        work.filling = false;
        work.fed = feeder.is_at_end();
        self.feeder = Some(feeder);
        if work.fed {
            self.desk.fed();
        }
        match rows {
            Ok(rows) => self.desk.take_in(rows, self.front),
            Err(error) => self.desk.stop(Stop::Manifest(error)),
        }
    }

    fn built(&mut self, work: &mut Work<'a>, built: Built) {
        work.building -= 1;
        self.desk.put_back(built.left);
        for (row, message) in built.spoiled {
            self.front.left_out(&spoiled_note(&row, &message));
            self.desk.give_up_row(&row);
        }
        work.ready.extend(built.ready);
    }

    fn committed(
        &mut self,
        work: &mut Work<'a>,
        done: CommitDone,
        unrecorded: &mut Vec<Settle>,
    ) -> Result<(), Stop> {
        work.committing = false;
        self.ledger = Some(done.ledger);
        match done.result {
            Err(error) => {
                let ended = done.commit.ended.into_iter().chain(work.ended.drain(..));
                unrecorded.extend(ended.flat_map(|batch| batch.settled));
                for claimed in done.claimed {
                    work.rows_in_flight -= claimed.ready.rows.len();
                }
                return Err(Stop::Ledger(error));
            }
            Ok(committed) => {
                for (key, remote_id) in committed.id_taken {
                    self.desk.id_taken(key, remote_id);
                }
            }
        }
        for claimed in done.claimed {
            self.launch(work, claimed);
        }
        Ok(())
    }

    /// Takes in what became of a request; the ledger hears of it in the next transaction.
    pub(super) fn landed(&mut self, work: &mut Work<'a>, landed: Landed) {
        work.in_flight -= 1;
        work.rows_in_flight -= landed.commands;
        self.desk.free(&landed.entities);
        let at = Settling {
            now: now(),
            unix_now: self.clock.wall().as_second(),
            rng: &mut self.rng,
        };
        let drain = self.desk.drain(landed.bytes);
        let over_at = match (planted::is(Bug::NoGrace), planted::is(Bug::UploadForgotten)) {
            (true, _) => landed.sent,
            (_, true) => landed.sent + self.request_end.after_last_write(Duration::ZERO),
            _ => landed.last_write + self.request_end.after_last_write(drain),
        };
        let request = Ended {
            batch: landed.batch,
            commands: landed.commands,
            bytes: landed.bytes,
            over_at,
        };
        let (ended, notes) = self.desk.settled(request, landed.settled, at);
        notes.iter().for_each(|note| self.front.left_out(note));
        work.ended.push(ended);
    }

    fn judged(
        &mut self,
        work: &mut Work<'a>,
        ledger: Ledger,
        judged: Result<Judged, LedgerError>,
    ) -> Result<(), Stop> {
        work.committing = false;
        self.ledger = Some(ledger);
        let judged = judged.map_err(Stop::Ledger)?;
        self.front.note(&readback::note(&judged));
        self.desk.judged(judged);
        Ok(())
    }

    fn wake_at(&self, work: &Work<'_>) -> Instant {
        let (soon, tick) = (now() + SOON, now() + TICK);
        work.wait.map_or(tick, |(until, _)| until.clamp(soon, tick))
    }

    fn progress(&self, work: &Work<'_>) -> Progress {
        let stopping = self.desk.is_stopping();
        let wait = work.wait.filter(|_| work.in_flight == 0 && !stopping);
        Progress {
            total: self.total,
            tally: *self.desk.tally(),
            wait: wait.map(|(until, reason)| Wait {
                left: until.saturating_duration_since(now()),
                reason,
            }),
            stopping,
            left: self.desk.time_left(self.total, now()),
        }
    }
}

/// Tokio's clock, so that paused time counts.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
