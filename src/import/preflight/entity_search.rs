//! The search for entities, request by request: what is asked next, and what an answer settles.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::batch::{Command, MAX_COMMANDS};
use crate::import::clock::Clock;
use crate::import::ending::Break;
use crate::import::error::RunError;
use crate::import::notice::{Notice, Oddity};
use crate::pacing::BatchSize;
use crate::portal::{CallError, FatalKind, Transport};
use crate::post::{Entity, EntityKind, EntitySet};

use crate::import::paced_client::{Answered, Asker, TRIES, may_pass};
use crate::import::preflight::item_list::{self, ItemRefusal, ListedEntity, PAGE};

/// What came of the check.
#[derive(Debug, Default)]
pub struct FoundEntities {
    /// Entities that the portal doesn't show.
    pub missing: EntitySet,
    /// Kinds of which it shows none, each with what it said.
    pub refused: BTreeMap<EntityKind, String>,
    /// Titles of the first rows' entities.
    pub titles: HashMap<Entity, String>,
    pub oddities: Vec<Oddity>,
}

/// Calls of the first batch; how many a batch may hold is learned from the time that it takes.
const FIRST_BATCH: usize = 10;

/// Time between two reports on how far the search is.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// One call: up to a page of entities of one kind.
#[derive(Debug)]
pub struct Call {
    kind: EntityKind,
    ids: Vec<u64>,
    tries: u32,
}

impl Call {
    /// The entities that it asks for.
    pub fn entities(&self) -> impl Iterator<Item = Entity> {
        let kind = self.kind;
        self.ids.iter().map(move |id| Entity { kind, id: *id })
    }
}

/// A search under way.
pub struct EntitySearch {
    total: u64,
    asked: u64,
    /// Entities whose titles are kept.
    first: HashSet<Entity>,
    size: BatchSize,
    /// Calls to be repeated.
    again: VecDeque<Call>,
    /// Kinds that the portal can't be asked for.
    unchecked: HashSet<EntityKind>,
    pub found: FoundEntities,
    told: Instant,
}

impl EntitySearch {
    /// A search for so many entities, of which the `first` are shown to the user.
    pub fn new(total: u64, first: &[Entity], request_limit: Duration) -> EntitySearch {
        EntitySearch {
            total,
            asked: 0,
            first: first.iter().copied().collect(),
            size: BatchSize::new(FIRST_BATCH, MAX_COMMANDS, request_limit),
            again: VecDeque::new(),
            unchecked: HashSet::new(),
            found: FoundEntities::default(),
            told: Instant::now(),
        }
    }

    /// The calls of the next request; nothing when all are answered.
    pub fn next(
        &mut self,
        fresh: &mut impl Iterator<Item = (EntityKind, Vec<u64>)>,
    ) -> Option<Vec<Call>> {
        let calls = self.calls(fresh, self.size.commands());
        (!calls.is_empty()).then_some(calls)
    }

    /// So many calls at most. Entities of a kind that was refused are missing without a call.
    pub fn calls(
        &mut self,
        fresh: &mut impl Iterator<Item = (EntityKind, Vec<u64>)>,
        most: usize,
    ) -> Vec<Call> {
        let mut calls = Vec::new();
        while calls.len() < most {
            let again = self.again.pop_front();
            let new = || {
                let (kind, ids) = fresh.next()?;
                Some(Call {
                    kind,
                    ids,
                    tries: 0,
                })
            };
            let Some(call) = again.or_else(new) else {
                break;
            };
            if self.found.refused.contains_key(&call.kind) {
                self.miss(&call, &[]);
            } else if !self.unchecked.contains(&call.kind) {
                calls.push(call);
            }
        }
        calls
    }

    /// The commands of these calls.
    pub fn commands(calls: &[Call]) -> Vec<Command> {
        let command = |call: &Call| item_list::command(call.kind, &call.ids);
        calls.iter().map(command).collect()
    }

    /// Sends calls; see [`EntitySearch::answered`].
    pub async fn ask<T: Transport, C: Clock>(
        &mut self,
        asker: &mut Asker<'_, '_, T, C>,
        calls: Vec<Call>,
    ) -> Result<(EntitySet, bool), Break> {
        let start = Instant::now();
        let answers = asker.ask_all(&EntitySearch::commands(&calls)).await;
        let answers = answers.map_err(RunError::EntitiesUnread)?;
        self.answered(asker, calls, answers, start.elapsed()).await
    }

    /// Takes in the answers to calls, which took so long; the entities that they found, and whether
    /// nothing more can be asked.
    pub async fn answered<T: Transport, C: Clock>(
        &mut self,
        asker: &mut Asker<'_, '_, T, C>,
        calls: Vec<Call>,
        answers: Vec<Answered>,
        took: Duration,
    ) -> Result<(EntitySet, bool), Break> {
        self.size.learn(calls.len(), took);
        let mut seen = EntitySet::default();
        for (call, answer) in calls.into_iter().zip(answers) {
            let error = match answer.result {
                Ok(result) => match item_list::items(&result) {
                    Some(items) => {
                        self.take(&call, items, &mut seen);
                        continue;
                    }
                    None => CallError::unreadable("it is no list of records"),
                },
                Err(error) => error,
            };
            if matches!(&error, CallError::Stop(stop) if stop.kind == FatalKind::Method) {
                self.found.oddities.push(Oddity::EntitiesUnchecked(error));
                return Ok((seen, true));
            }
            self.refused(asker, call, error).await?;
        }
        Ok((seen, false))
    }

    fn take(&mut self, call: &Call, items: Vec<ListedEntity>, seen: &mut EntitySet) {
        let mut shown = Vec::with_capacity(items.len());
        for ListedEntity { id, title } in items {
            let entity = Entity {
                kind: call.kind,
                id,
            };
            shown.push(id);
            if call.ids.contains(&id) {
                seen.insert(entity);
            }
            if let Some(title) = title.filter(|_| self.first.contains(&entity)) {
                self.found.titles.insert(entity, title);
            }
        }
        self.miss(call, &shown);
    }

    /// The call has been answered: what it asked for and was not shown is missing.
    fn miss(&mut self, call: &Call, shown: &[u64]) {
        self.asked += call.ids.len() as u64;
        let missing = call.ids.iter().filter(|id| !shown.contains(id));
        missing.for_each(|id| {
            self.found.missing.insert(Entity {
                kind: call.kind,
                id: *id,
            });
        });
    }

    async fn refused<T: Transport, C: Clock>(
        &mut self,
        asker: &mut Asker<'_, '_, T, C>,
        mut call: Call,
        error: CallError,
    ) -> Result<(), Break> {
        match item_list::refusal(&error) {
            Some(ItemRefusal::OfKind(said)) => {
                self.miss(&call, &[]);
                self.found.refused.entry(call.kind).or_insert(said);
                return Ok(());
            }
            Some(ItemRefusal::Odd(said)) => {
                if self.unchecked.insert(call.kind) {
                    let kind = call.kind;
                    self.found
                        .oddities
                        .push(Oddity::KindUnchecked { kind, said });
                }
                return Ok(());
            }
            None => {}
        }
        call.tries += 1;
        if !may_pass(&error) || call.tries >= TRIES {
            return Err(RunError::EntitiesUnread(error).into());
        }
        asker.learn(&error);
        if self.again.is_empty() {
            asker.pause(call.tries).await;
        }
        self.again.push_back(call);
        Ok(())
    }

    /// Tells the user of a search that takes more than one request.
    pub fn announce<T: Transport, C: Clock>(&self, asker: &mut Asker<'_, '_, T, C>) {
        let a_request = (PAGE * MAX_COMMANDS) as u64;
        if self.total > a_request {
            asker.job.reporter.notice(&Notice::EntitySearch {
                entities: self.total,
                requests: self.total.div_ceil(a_request),
            });
        }
    }

    /// Says how far it is, now and then.
    pub fn tell<T: Transport, C: Clock>(&mut self, asker: &mut Asker<'_, '_, T, C>) {
        if self.told.elapsed() < TELL_EVERY || self.asked == self.total {
            return;
        }
        self.told = Instant::now();
        asker.job.reporter.notice(&Notice::EntitiesSought {
            asked: self.asked,
            total: self.total,
            missing: self.found.missing.len(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deals(ids: std::ops::RangeInclusive<u64>) -> impl Iterator<Item = Entity> {
        ids.map(|id| Entity {
            kind: EntityKind::Deal,
            id,
        })
    }

    fn search() -> EntitySearch {
        let first: Vec<Entity> = deals(1..=1).collect();
        EntitySearch::new(1_000, &first, Duration::from_secs(60))
    }

    #[test]
    fn what_a_call_does_not_show_is_missing_and_only_first_titles_are_kept() {
        let mut search = search();
        let call = Call {
            kind: EntityKind::Deal,
            ids: vec![1, 2, 3],
            tries: 0,
        };
        let item = |id: u64| ListedEntity {
            id,
            title: Some(format!("T{id}")),
        };
        let mut seen = EntitySet::default();
        search.take(&call, vec![item(1), item(3), item(9)], &mut seen);
        assert_eq!(seen.iter().map(|deal| deal.id).collect::<Vec<_>>(), [1, 3]);
        let missing: Vec<u64> = search.found.missing.iter().map(|deal| deal.id).collect();
        assert_eq!(missing, [2]);
        let titles: Vec<&String> = search.found.titles.values().collect();
        assert_eq!(titles, ["T1"]);
    }

    #[test]
    fn repeated_calls_go_first_and_refused_kinds_need_none() {
        let mut search = search();
        let leads = deals(1..=60).map(|deal| Entity {
            kind: EntityKind::Lead,
            ..deal
        });
        let mut fresh = item_list::calls(leads.chain(deals(1..=600)));
        search.again.push_back(Call {
            kind: EntityKind::Contact,
            ids: vec![7],
            tries: 1,
        });
        search.found.refused.insert(EntityKind::Lead, "no".into());
        let calls = search.next(&mut fresh).unwrap();
        assert_eq!(calls.len(), FIRST_BATCH);
        assert_eq!((calls[0].kind, calls[0].tries), (EntityKind::Contact, 1));
        assert!(calls[1..].iter().all(|call| call.kind == EntityKind::Deal));
        assert_eq!(search.found.missing.len(), 60);
        assert_eq!(search.next(&mut fresh).unwrap().len(), 3);
        assert!(search.next(&mut fresh).is_none());
    }
}
