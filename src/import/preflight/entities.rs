//! Whether the CRM entities that the rows name exist and can be read.
//!
//! Entities found by an earlier run are remembered in the ledger and not asked for again, but for
//! those of the first rows, whose titles the screen shows. What is found is remembered after every
//! answer, so that an interrupted check goes on where it was.

use std::time::Duration;

use tokio::time::Instant;

use crate::batch::Command;
use crate::import::clock::Clock;
use crate::import::ending::Break;
use crate::import::survey::load::Load;
use crate::ledger::EntitiesSeenBy;
use crate::portal::Transport;
use crate::post::EntitySet;

use crate::import::paced_client::{Answered, Asker};
use crate::import::preflight::entity_search::{Call, EntitySearch, FoundEntities};
use crate::import::preflight::item_list;

/// A search for the entities of the due rows, of which the first are asked for together with the
/// other questions.
pub struct LookUp {
    search: EntitySearch,
    /// The entities of the first calls, and those calls.
    first: EntitySet,
    calls: Vec<Call>,
    began: Instant,
}

impl LookUp {
    /// Begins with `most` calls at most. It isn't known yet whose credentials these are, so the
    /// entities that the user of the last run has seen are taken as known.
    ///
    /// # Errors
    /// When the ledger can't be read or written.
    pub fn begin<T: Transport, C: Clock>(
        asker: &mut Asker<'_, '_, T, C>,
        load: &Load,
        most: usize,
    ) -> Result<LookUp, Break> {
        let job = &mut asker.job;
        if job.options.rebind {
            job.ledger.forget_entities()?;
        }
        let known = match job.ledger.binding()?.user_id {
            Some(user_id) => job.ledger.known_entities(EntitiesSeenBy {
                portal: &job.identity,
                user_id,
            })?,
            None => EntitySet::default(),
        };
        let wanted = wanted(load, &known);
        let limit = job.options.request_limit;
        let mut search = EntitySearch::new(wanted.len(), &load.first_entities, limit);
        let calls = search.calls(&mut item_list::calls(wanted.iter()), most);
        search.announce(asker);
        Ok(LookUp {
            search,
            first: calls.iter().flat_map(Call::entities).collect(),
            calls,
            began: Instant::now(),
        })
    }

    /// The first calls.
    pub fn commands(&self) -> Vec<Command> {
        EntitySearch::commands(&self.calls)
    }

    /// Goes on with what the first calls were answered, if they were.
    ///
    /// # Errors
    /// When the portal does not answer, or the ledger can't take it in.
    pub async fn finish<T: Transport, C: Clock>(
        self,
        asker: &mut Asker<'_, '_, T, C>,
        load: &Load,
        user_id: u64,
        answers: Option<Vec<Answered>>,
    ) -> Result<FoundEntities, Break> {
        let (mut search, portal) = (self.search, asker.job.identity.clone());
        let seen = EntitiesSeenBy {
            portal: &portal,
            user_id,
        };
        let mut rest = wanted(load, &asker.job.ledger.known_entities(seen)?);
        if let Some(answers) = answers {
            rest.remove_all(&self.first);
            let took = answers.first().map(|answer| answer.at);
            let took = took.map_or(Duration::ZERO, |at| {
                at.saturating_duration_since(self.began.into_std())
            });
            let found = search.answered(asker, self.calls, answers, took).await?;
            if remember(asker, load, &search, seen, found)? {
                return Ok(search.found);
            }
        }
        let mut fresh = item_list::calls(rest.iter());
        while let Some(calls) = search.next(&mut fresh) {
            let found = search.ask(asker, calls).await?;
            if remember(asker, load, &search, seen, found)? {
                break;
            }
            search.tell(asker);
        }
        Ok(search.found)
    }
}

/// Notes in the ledger what was seen; returns whether the search is over.
fn remember<T, C>(
    asker: &mut Asker<'_, '_, T, C>,
    load: &Load,
    search: &EntitySearch,
    seen: EntitiesSeenBy<'_>,
    (seen_now, is_over): (EntitySet, bool),
) -> Result<bool, Break> {
    // Only those of the first rows are asked for although they are remembered.
    let first = load.first_entities.iter().copied();
    let gone = first.filter(|entity| search.found.missing.contains(*entity));
    let ledger = &mut asker.job.ledger;
    ledger.remember_entities(seen, &seen_now, &gone.collect())?;
    Ok(is_over)
}

/// The entities to be asked for: those not known yet, and those whose titles the screen shows.
fn wanted(load: &Load, known: &EntitySet) -> EntitySet {
    let mut wanted = load.entities.clone();
    wanted.remove_all(known);
    let first = load.first_entities.iter().copied();
    let all = wanted.iter().chain(first);
    all.filter(|entity| item_list::can_be_listed(entity.kind))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Entity, EntityKind};

    #[test]
    fn what_is_known_is_asked_for_only_where_its_title_is_shown() {
        let entity = |kind, id| Entity { kind, id };
        let deal = |id| entity(EntityKind::Deal, id);
        let load = Load {
            entities: [deal(1), deal(2), deal(3), entity(EntityKind::Order, 4)]
                .into_iter()
                .collect(),
            first_entities: vec![deal(1), entity(EntityKind::Order, 4)],
            ..Load::default()
        };
        let known = [deal(1), deal(2)].into_iter().collect();
        let asked: Vec<Entity> = wanted(&load, &known).iter().collect();
        assert_eq!(asked, [deal(1), deal(3)]);
    }
}
