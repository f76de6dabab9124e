//! The pieces of work that look for posts on the portal.

use std::sync::Arc;

use crate::batch::Command;
use crate::ledger::LedgerError;
use crate::pacing::{Permit, WaitReason};
use crate::portal::Transport;

use crate::import::clock::{Clock, now};
use crate::import::engine::event_loop::Engine;
use crate::import::engine::in_flight::{Event, InFlight};
use crate::import::engine::scheduler::{ReadPurpose, ToRead};
use crate::import::readback::{answers, record};

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    /// Begins to read what is to be read, one request at a time.
    pub fn start_reading(&mut self, in_flight: &mut InFlight<'a>) {
        if in_flight.reading || self.scheduler.is_stopping() {
            return;
        }
        match self.scheduler.to_read(now()) {
            ToRead::Nothing => {}
            ToRead::Wait(until) => {
                in_flight.wait.get_or_insert((until, WaitReason::Looking));
            }
            ToRead::Pages(purpose, commands) => self.read(in_flight, purpose, commands),
            ToRead::Claims => {
                if let Err(error) = self.look_for_doubts(in_flight) {
                    self.scheduler.stop(error);
                }
            }
            ToRead::Judge => self.start_judging(in_flight),
        }
    }

    fn read(&mut self, in_flight: &mut InFlight<'a>, purpose: ReadPurpose, commands: Vec<Command>) {
        match self.scheduler.permit_read(now()) {
            Permit::Send => {}
            Permit::Wait { until, reason } => {
                in_flight.wait.get_or_insert((until, reason));
                return;
            }
            Permit::Ask | Permit::Busy => return,
        }
        in_flight.reading = true;
        self.scheduler.read_sent(now());
        let portal = self.portal;
        in_flight.events.push(Box::pin(async move {
            let came = portal.read_all(&commands).await;
            Event::Read(purpose, came.and_then(answers))
        }));
    }

    /// Begins to look for rows in doubt once the ledger knows of all of them.
    fn look_for_doubts(&mut self, in_flight: &InFlight<'a>) -> Result<(), LedgerError> {
        let Some(ledger) = self.ledger.as_ref().filter(|_| in_flight.ended.is_empty()) else {
            return Ok(());
        };
        if !self.scheduler.may_look(in_flight.requests) {
            return Ok(());
        }
        let claims = ledger.open_claims()?;
        let kept = |reach| ledger.witness(self.target, reach).ok().flatten();
        self.scheduler.look_for_doubts(claims, kept, now());
        Ok(())
    }

    /// Judges what a search has seen. It holds the ledger as a transaction does.
    fn start_judging(&mut self, in_flight: &mut InFlight<'a>) {
        if in_flight.committing {
            return;
        }
        let Some(mut ledger) = self.ledger.take() else {
            return;
        };
        let Some((search, proven)) = self.scheduler.take_search() else {
            self.ledger = Some(ledger);
            return;
        };
        in_flight.committing = true;
        let (offload, at) = (self.offload, self.clock.wall_ms());
        let elsewhere = Arc::clone(&self.elsewhere);
        in_flight.events.push(Box::pin(async move {
            let done = offload.run(move || {
                let judged = record(&mut ledger, &elsewhere, search, &proven, at);
                (ledger, judged)
            });
            match done.await {
                Ok((ledger, judged)) => Event::Judged(Box::new(ledger), judged),
                Err(error) => Event::Broken(error.to_string()),
            }
        }));
    }
}
