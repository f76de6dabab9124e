//! The pieces of work that look for posts on the portal.

use std::sync::Arc;

use crate::batch::Command;
use crate::ledger::LedgerError;
use crate::pacing::{Permit, WaitReason};
use crate::portal::Transport;

use crate::import::clock::Clock;
use crate::import::clock::now;
use crate::import::engine::event_loop::Engine;
use crate::import::engine::in_flight::{Event, Work};
use crate::import::engine::scheduler::{For, ToRead};
use crate::import::engine::stop::Stop;
use crate::import::readback::{answers, record};

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    /// Begins to read what is to be read, one request at a time.
    pub fn start_reading(&mut self, work: &mut Work<'a>) {
        if work.reading || self.desk.is_stopping() {
            return;
        }
        match self.desk.to_read(now()) {
            ToRead::Nothing => {}
            ToRead::Wait(until) => {
                work.wait.get_or_insert((until, WaitReason::Looking));
            }
            ToRead::Pages(purpose, commands) => self.read(work, purpose, commands),
            ToRead::Claims => {
                if let Err(error) = self.look_for_doubts(work) {
                    self.desk.stop(Stop::Ledger(error));
                }
            }
            ToRead::Judge => self.start_judging(work),
        }
    }

    fn read(&mut self, work: &mut Work<'a>, purpose: For, commands: Vec<Command>) {
        match self.desk.permit_read(now()) {
            Permit::Send => {}
            Permit::Wait { until, reason } => {
                work.wait.get_or_insert((until, reason));
                return;
            }
            Permit::Ask | Permit::Busy => return,
        }
        work.reading = true;
        self.desk.read_sent(now());
        let portal = self.portal;
        work.events.push(Box::pin(async move {
            let came = portal.read_all(&commands).await;
            Event::Read(purpose, came.and_then(answers))
        }));
    }

    /// Begins to look for rows in doubt once the ledger knows of all of them.
    fn look_for_doubts(&mut self, work: &Work<'a>) -> Result<(), LedgerError> {
        let Some(ledger) = self.ledger.as_ref().filter(|_| work.ended.is_empty()) else {
            return Ok(());
        };
        if !self.desk.may_look(work.in_flight) {
            return Ok(());
        }
        let claims = ledger.open_claims()?;
        let kept = |reach| ledger.witness(self.target, reach).ok().flatten();
        self.desk.look_for_doubts(claims, kept, now());
        Ok(())
    }

    /// Judges what a search has seen. It holds the ledger as a transaction does.
    fn start_judging(&mut self, work: &mut Work<'a>) {
        if work.committing {
            return;
        }
        let Some(mut ledger) = self.ledger.take() else {
            return;
        };
        let Some((search, proven)) = self.desk.take_search() else {
            self.ledger = Some(ledger);
            return;
        };
        work.committing = true;
        let (offload, at) = (self.offload, self.clock.wall_ms());
        let elsewhere = Arc::clone(&self.elsewhere);
        work.events.push(Box::pin(async move {
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
