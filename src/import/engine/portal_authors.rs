//! Whether a portal keeps the author that a call names: what the ledger remembers of it, and what
//! is done when a run sees it.

use crate::ledger::LedgerError;
use crate::portal::Transport;

use crate::import::clock::{Clock, now};
use crate::import::engine::event_loop::Engine;
use crate::import::engine::in_flight::{Event, InFlight};
use crate::import::job::Job;
use crate::import::reporter::Consent;

/// The name under which the ledger keeps it.
const TRAIT: &str = "keeps_author";

/// What earlier runs have seen of this portal; none where there was nothing to see.
pub fn keeps_author<T, C>(job: &Job<'_, T, C>) -> Result<Option<bool>, LedgerError> {
    let target = job.rules.target.name();
    let kept = job.ledger.portal_trait(&job.identity, target, TRAIT)?;
    Ok(kept.map(|kept| kept == "yes"))
}

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    /// Keeps what the run has seen in the ledger, and tells the user of authors that are lost.
    pub fn reckon_with_authors(&mut self, in_flight: &mut InFlight<'a>) -> Result<(), LedgerError> {
        let seen = self.scheduler.keeps_author();
        if let Some(ledger) = self
            .ledger
            .as_mut()
            .filter(|_| seen != self.told_of_authors)
            && let Some(keeps) = seen
        {
            let word = if keeps { "yes" } else { "no" };
            let at = self.clock.wall_ms();
            ledger.set_portal_trait(&self.identity, self.target, TRAIT, word, at)?;
            self.told_of_authors = seen;
        }
        let Some(lost) = self.scheduler.take_authors_lost() else {
            return Ok(());
        };
        if let Consent::Asked(answer) = self.reporter.authors_lost(&lost) {
            self.scheduler.wait_for_word(true, now());
            let word = async move { Event::Word(answer.await.unwrap_or(false)) };
            in_flight.events.push(Box::pin(word));
        }
        Ok(())
    }
}
