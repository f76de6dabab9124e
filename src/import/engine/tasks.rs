//! The pieces of work that sending is made of, and how each begins; what comes of them is handled
//! in `event_loop`.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::ledger::Commit;
use crate::pacing::Permit;
use crate::portal::{CallError, Response, SendError, Transport, TransportCause, Within};

use crate::import::clock::{Clock, now};
use crate::import::engine::event_loop::Engine;
use crate::import::engine::in_flight::{
    ClaimedRequest, CommitDone, Event, FinishedRequest, InFlight, settle_response,
};
use crate::import::engine::request::build;
use crate::import::engine::settle::unsent;

/// Requests made ready ahead of a free lane: as many as a transaction may claim.
const AHEAD: usize = 4;

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    /// Begins every piece of work that can begin now.
    pub fn start_what_can_start(&mut self, in_flight: &mut InFlight<'a>) {
        if let Err(error) = self.reckon_with_authors(in_flight) {
            self.scheduler.stop(error);
        }
        self.start_filling(in_flight);
        if self.scheduler.must_not_write(now()) {
            for ready in in_flight.ready.drain(..) {
                self.scheduler.put_back(ready.into_rows());
            }
        }
        self.start_building(in_flight);
        self.start_commit(in_flight);
        // Requests that no longer fit have just gone back.
        self.start_building(in_flight);
        self.start_asking(in_flight);
        self.start_reading(in_flight);
    }

    fn start_filling(&mut self, in_flight: &mut InFlight<'a>) {
        if in_flight.filling || in_flight.fed || !self.scheduler.wants_rows() {
            return;
        }
        let Some(mut feeder) = self.feeder.take() else {
            return;
        };
        in_flight.filling = true;
        let (offload, room) = (self.offload, self.scheduler.room());
        in_flight.events.push(Box::pin(async move {
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

    fn start_building(&mut self, in_flight: &mut InFlight<'a>) {
        while in_flight.building + in_flight.ready.len() < AHEAD {
            let Some(taken) = self.scheduler.take_request(now()) else {
                return;
            };
            in_flight.building += 1;
            let offload = self.offload;
            let mut rng = StdRng::seed_from_u64(self.rng.random());
            in_flight.events.push(Box::pin(async move {
                let built = offload.run(move || build(taken, &mut rng));
                match built.await {
                    Ok(built) => Event::Built(built),
                    Err(error) => Event::Broken(error.to_string()),
                }
            }));
        }
    }

    /// One transaction for all that has come in and all that may go out.
    pub fn start_commit(&mut self, in_flight: &mut InFlight<'a>) {
        if in_flight.committing {
            return;
        }
        let claimed = self.claim_what_may_go(in_flight);
        if claimed.is_empty() && in_flight.ended.is_empty() {
            return;
        }
        let Some(mut ledger) = self.ledger.take() else {
            return;
        };
        let portal_time = self.portal_clock.map(|clock| clock.ms(now()));
        let authorship = self.scheduler.authorship();
        let starts = claimed
            .iter()
            .map(|claimed| claimed.ready.start(claimed.batch, portal_time, authorship));
        let commit = Commit {
            ended: std::mem::take(&mut in_flight.ended),
            started: starts.collect(),
            at: self.clock.wall_ms(),
        };
        in_flight.committing = true;
        let (offload, run, target) = (self.offload, self.run, self.target);
        in_flight.events.push(Box::pin(async move {
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

    fn claim_what_may_go(&mut self, in_flight: &mut InFlight<'a>) -> Vec<ClaimedRequest> {
        let mut claimed = Vec::new();
        in_flight.wait = None;
        while let Some(ready) = in_flight.ready.first() {
            if !self.scheduler.still_fits(ready, now()) || self.scheduler.is_outgrown(ready, now())
            {
                let ready = in_flight.ready.remove(0);
                self.scheduler.put_back(ready.into_rows());
                continue;
            }
            let commands = ready.rows.len();
            match self.scheduler.permit(now(), in_flight.requests, commands) {
                Permit::Send => {
                    let ready = in_flight.ready.remove(0);
                    self.scheduler.reserve(commands, now());
                    in_flight.requests += 1;
                    in_flight.rows += ready.rows.len();
                    claimed.push(ClaimedRequest {
                        batch: self.next_batch,
                        ready,
                    });
                    self.next_batch += 1;
                }
                Permit::Wait { until, reason } => {
                    in_flight.wait = Some((until, reason));
                    break;
                }
                Permit::Ask | Permit::Busy => break,
            }
        }
        claimed
    }

    fn start_asking(&mut self, in_flight: &mut InFlight<'a>) {
        if in_flight.asking || self.scheduler.is_stopping() {
            return;
        }
        match self.scheduler.permit(now(), in_flight.requests, 1) {
            Permit::Ask => {
                in_flight.asking = true;
                self.scheduler.asked(now());
                let portal = self.portal;
                in_flight.events.push(Box::pin(async move {
                    Event::Asked(match portal.server_time().await {
                        Ok(_) => Ok(true),
                        Err(CallError::Stop(stop)) => Err(stop),
                        Err(_) => Ok(false),
                    })
                }));
            }
            Permit::Wait { until, reason } => in_flight.wait = Some((until, reason)),
            Permit::Send | Permit::Busy => {}
        }
    }

    /// Sends a claimed request, unless writing has stopped in the meantime.
    pub fn launch(&mut self, in_flight: &mut InFlight<'a>, claimed: ClaimedRequest) {
        let ClaimedRequest { batch, ready } = claimed;
        let (entities, commands) = (ready.entities(), ready.rows.len());
        if self.scheduler.must_not_write(now()) {
            let settled = unsent(ready.rows);
            return self.finished(
                in_flight,
                FinishedRequest {
                    batch,
                    commands,
                    entities,
                    bytes: 0,
                    last_write: now(),
                    settled,
                },
            );
        }
        self.scheduler.sent(commands);
        let portal = self.portal;
        let bytes = ready.payload.len();
        let within = self.request_end.within(bytes, self.scheduler.drain(bytes));
        in_flight.events.push(Box::pin(async move {
            let sent = now();
            let response = portal.send(ready.method, ready.payload, within).await;
            let last_write = last_write(&response, within, now());
            Event::Finished(Box::new(FinishedRequest {
                batch,
                commands,
                entities,
                bytes,
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
