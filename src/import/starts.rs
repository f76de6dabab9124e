//! The pieces of work that a run is made of, and how each begins; how they end is the engine's.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::ledger::Commit;
use crate::pacing::Permit;
use crate::planted::{self, Bug};
use crate::portal::{CallError, Response, SendError, Transport, TransportCause, Within};

use super::clock::Clock;
use super::ending::Stop;
use super::engine::{Engine, now};
use super::request::build;
use super::settle::unsent;
use super::work::{Claimed, CommitDone, Event, Landed, Work, settle_response};

/// Requests made ready ahead of a free lane: as many as a transaction may claim.
const AHEAD: usize = 4;

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    /// Begins every piece of work that can begin now.
    pub(super) fn start_what_can_start(&mut self, work: &mut Work<'a>) {
        if let Err(error) = self.reckon_with_authors(work) {
            self.desk.stop(Stop::Ledger(error));
        }
        self.start_filling(work);
        if self.desk.must_not_write(now()) {
            for ready in work.ready.drain(..) {
                self.desk.put_back(ready.into_rows());
            }
        }
        self.start_building(work);
        self.start_commit(work);
        // Requests that no longer fit have just gone back.
        self.start_building(work);
        self.start_asking(work);
        self.start_reading(work);
    }

    fn start_filling(&mut self, work: &mut Work<'a>) {
        if work.filling || work.fed || !self.desk.wants_rows() {
            return;
        }
        let Some(mut feeder) = self.feeder.take() else {
            return;
        };
        work.filling = true;
        let (offload, room) = (self.offload, self.desk.room());
        work.events.push(Box::pin(async move {
            let filled = offload.run(move || {
                let rows = feeder.fill(room);
                (feeder, rows)
            });
            match filled.await {
                Ok((feeder, rows)) => Event::Filled(Box::new(feeder), rows),
                Err(error) => Event::Broken(error.to_string()),
            }
        }));
    }

    fn start_building(&mut self, work: &mut Work<'a>) {
        while work.building + work.ready.len() < AHEAD {
            let Some(taken) = self.desk.take_request(now()) else {
                return;
            };
            work.building += 1;
            let offload = self.offload;
            let mut rng = StdRng::seed_from_u64(self.rng.random());
            work.events.push(Box::pin(async move {
                let built = offload.run(move || build(taken, &mut rng));
                match built.await {
                    Ok(built) => Event::Built(built),
                    Err(error) => Event::Broken(error.to_string()),
                }
            }));
        }
    }

    /// One transaction for all that has come in and all that may go out.
    pub(super) fn start_commit(&mut self, work: &mut Work<'a>) {
        if work.committing {
            return;
        }
        let claimed = self.claim_what_may_go(work);
        if claimed.is_empty() && work.ended.is_empty() {
            return;
        }
        let Some(mut ledger) = self.ledger.take() else {
            return;
        };
        let portal_time = self.portal_clock.map(|clock| clock.ms(now()));
        let authorship = self.desk.authorship();
        let starts = claimed
            .iter()
            .map(|claimed| claimed.ready.start(claimed.batch, portal_time, authorship));
        let commit = Commit {
            ended: std::mem::take(&mut work.ended),
            started: starts.collect(),
            at: self.clock.wall_ms(),
        };
        let hurries = planted::is(Bug::ClaimAfterSending);
        let claimed = if hurries {
            claimed
                .into_iter()
                .for_each(|claimed| self.launch(work, claimed));
            Vec::new()
        } else {
            claimed
        };
        work.committing = true;
        let (offload, run, target) = (self.offload, self.run, self.target);
        work.events.push(Box::pin(async move {
            if hurries {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            let done = offload.run(move || {
                let result = ledger.commit(run, target, &commit);
                CommitDone {
                    ledger,
                    result,
                    commit,
                    claimed,
                }
            });
            match done.await {
                Ok(done) => Event::Committed(Box::new(done)),
                Err(error) => Event::Broken(error.to_string()),
            }
        }));
    }

    fn claim_what_may_go(&mut self, work: &mut Work<'a>) -> Vec<Claimed> {
        let mut claimed = Vec::new();
        work.wait = None;
        while let Some(ready) = work.ready.first() {
            if !self.desk.still_fits(ready, now()) || self.desk.is_outgrown(ready, now()) {
                let ready = work.ready.remove(0);
                self.desk.put_back(ready.into_rows());
                continue;
            }
            let commands = ready.rows.len();
            match self.desk.permit(now(), work.in_flight, commands) {
                Permit::Send => {
                    let ready = work.ready.remove(0);
                    self.desk.reserve(commands, now());
                    work.in_flight += 1;
                    work.rows_in_flight += ready.rows.len();
                    claimed.push(Claimed {
                        batch: self.next_batch,
                        ready,
                    });
                    self.next_batch += 1;
                }
                Permit::Wait { until, reason } => {
                    work.wait = Some((until, reason));
                    break;
                }
                Permit::Ask | Permit::Busy => break,
            }
        }
        claimed
    }

    fn start_asking(&mut self, work: &mut Work<'a>) {
        if work.asking || self.desk.is_stopping() {
            return;
        }
        match self.desk.permit(now(), work.in_flight, 1) {
            Permit::Ask => {
                work.asking = true;
                self.desk.asked(now());
                let portal = self.portal;
                work.events.push(Box::pin(async move {
                    Event::Asked(match portal.server_time().await {
                        Ok(_) => Ok(true),
                        Err(CallError::Stop(stop)) => Err(stop),
                        Err(_) => Ok(false),
                    })
                }));
            }
            Permit::Wait { until, reason } => work.wait = Some((until, reason)),
            Permit::Send | Permit::Busy => {}
        }
    }

    /// Sends a claimed request, unless writing has stopped in the meantime.
    pub(super) fn launch(&mut self, work: &mut Work<'a>, claimed: Claimed) {
        let Claimed { batch, ready } = claimed;
        let (entities, commands) = (ready.entities(), ready.rows.len());
        if self.desk.must_not_write(now()) {
            let settled = unsent(ready.rows);
            return self.landed(
                work,
                Landed {
                    batch,
                    commands,
                    entities,
                    bytes: 0,
                    sent: now(),
                    last_write: now(),
                    settled,
                },
            );
        }
        self.desk.sent(commands);
        let portal = self.portal;
        let bytes = ready.payload.len();
        let within = self.request_end.within(bytes, self.desk.drain(bytes));
        work.events.push(Box::pin(async move {
            let sent = now();
            let response = portal.send(ready.method, ready.payload, within).await;
            let last_write = last_write(&response, within, now());
            Event::Landed(Box::new(Landed {
                batch,
                commands,
                entities,
                bytes,
                sent,
                last_write,
                settled: settle_response(response, ready.route, ready.rows, now() - sent),
            }))
        }));
    }
}

/// When the last byte of a request had been given away, at the latest; it came to its end `now`.
fn last_write(came: &Result<Response, SendError>, within: Within, now: Instant) -> Instant {
    let is_timeout = matches!(
        came,
        Err(SendError::Transport(error)) if error.cause == TransportCause::AnswerTimeout
    );
    // The answer was waited for from then on.
    let waited = if is_timeout {
        within.answer
    } else {
        Duration::ZERO
    };
    now.checked_sub(waited).unwrap_or(now)
}
