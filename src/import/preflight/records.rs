//! Whether the CRM records that the rows name exist and can be read.
//!
//! Records found by an earlier run are remembered in the ledger and not asked for again, but for
//! those of the first rows, whose titles the screen shows. What is found is remembered after every
//! answer, so that an interrupted check goes on where it was.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use indicatif::HumanCount;
use tokio::time::{Duration, Instant};

use crate::batch::{Command, MAX_COMMANDS};
use crate::import::clock::Clock;
use crate::import::job::Break;
use crate::import::load::Load;
use crate::import::summary::RunError;
use crate::ledger::SeenBy;
use crate::pacing::BatchSize;
use crate::portal::{CallError, Portal, StopKind, Transport};
use crate::post::{Entity, EntityKind, EntitySet};

use super::asking::{Asker, TRIES};
use super::item_list::{self, Item, PAGE, Refusal};

/// What came of the check.
#[derive(Debug, Default)]
pub struct Found {
    /// Records that the portal doesn't show.
    pub missing: EntitySet,
    /// Kinds of which it shows none, each with what it said.
    pub refused: BTreeMap<EntityKind, String>,
    /// Titles of the first rows' records.
    pub titles: HashMap<Entity, String>,
    pub warnings: Vec<String>,
}

/// Calls of the first batch; how many a batch may hold is learned from the time that it takes.
const FIRST_BATCH: usize = 10;

/// Between two words to the user.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// One call: up to a page of records of one kind.
#[derive(Debug)]
struct Call {
    kind: EntityKind,
    ids: Vec<u64>,
    tries: u32,
}

/// Looks for the records of the due rows.
pub async fn look_up<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    load: &Load,
    user_id: u64,
) -> Result<Found, Break> {
    let portal = asker.job.identity.clone();
    let seen = SeenBy {
        portal: &portal,
        user_id,
    };
    if asker.job.options.rebind {
        asker.job.ledger.forget_records()?;
    }
    let mut wanted = load.records.clone();
    wanted.remove_all(&asker.job.ledger.known_records(seen)?);
    load.first_records
        .iter()
        .for_each(|first| wanted.insert(*first));
    let mut search = Search {
        total: wanted.len(),
        asked: 0,
        first: load.first_records.iter().copied().collect(),
        size: BatchSize::new(FIRST_BATCH, MAX_COMMANDS, asker.job.options.request_limit),
        again: VecDeque::new(),
        unchecked: HashSet::new(),
        found: Found::default(),
        told: Instant::now(),
    };
    let listed = wanted
        .iter()
        .filter(|entity| item_list::can_be_listed(entity.kind));
    let mut fresh = item_list::calls(listed);
    search.announce(asker);
    while let Some(calls) = search.next(&mut fresh) {
        let (seen_now, is_over) = search.ask(asker, calls).await?;
        // Only those of the first rows are asked for although they are remembered.
        let first = load.first_records.iter().copied();
        let gone = first.filter(|entity| search.found.missing.contains(*entity));
        let ledger = &mut asker.job.ledger;
        ledger.remember_records(seen, &seen_now, &gone.collect())?;
        if is_over {
            break;
        }
        search.tell(asker);
    }
    Ok(search.found)
}

struct Search {
    total: u64,
    asked: u64,
    /// Records whose titles are kept.
    first: HashSet<Entity>,
    size: BatchSize,
    /// Calls to be repeated.
    again: VecDeque<Call>,
    /// Kinds that the portal can't be asked for.
    unchecked: HashSet<EntityKind>,
    found: Found,
    told: Instant,
}

impl Search {
    /// The calls of the next request; nothing when all are answered. Records of a kind that was
    /// refused are missing without a call.
    fn next(
        &mut self,
        fresh: &mut impl Iterator<Item = (EntityKind, Vec<u64>)>,
    ) -> Option<Vec<Call>> {
        let mut calls = Vec::new();
        while calls.len() < self.size.commands() {
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
        (!calls.is_empty()).then_some(calls)
    }

    /// Sends calls; the records that they found, and whether nothing more can be asked.
    async fn ask<T: Transport, C: Clock>(
        &mut self,
        asker: &mut Asker<'_, '_, T, C>,
        calls: Vec<Call>,
    ) -> Result<(EntitySet, bool), Break> {
        let commands: Vec<Command> = calls
            .iter()
            .map(|call| item_list::command(call.kind, &call.ids))
            .collect();
        let start = Instant::now();
        let answers = asker
            .ask(async |portal| read(portal, &commands).await)
            .await;
        self.size.learn(commands.len(), start.elapsed());
        let mut seen = EntitySet::default();
        for (call, answer) in calls.into_iter().zip(answers.map_err(broken)?) {
            let error = match answer {
                Ok(result) => match item_list::items(&result) {
                    Some(items) => {
                        self.take(&call, items, &mut seen);
                        continue;
                    }
                    None => CallError::unreadable("it is no list of records"),
                },
                Err(error) => error,
            };
            if matches!(&error, CallError::Stop(stop) if stop.kind == StopKind::Method) {
                self.found.warnings.push(format!(
                    "the portal can't be asked whether the CRM records exist, so they were not \
                     checked: {error}"
                ));
                return Ok((seen, true));
            }
            self.refused(asker, call, error).await?;
        }
        Ok((seen, false))
    }

    fn take(&mut self, call: &Call, items: Vec<Item>, seen: &mut EntitySet) {
        let mut shown = Vec::with_capacity(items.len());
        for Item { id, title } in items {
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
            Some(Refusal::OfKind(said)) => {
                self.miss(&call, &[]);
                self.found.refused.entry(call.kind).or_insert(said);
                return Ok(());
            }
            Some(Refusal::Odd(said)) => {
                if self.unchecked.insert(call.kind) {
                    self.found.warnings.push(format!(
                        "whether the records of kind {} exist was not checked: the portal answers \
                         {said}",
                        call.kind
                    ));
                }
                return Ok(());
            }
            None => {}
        }
        let may_pass = match &error {
            CallError::Limited(_) | CallError::Unwell(_) => true,
            CallError::Stop(stop) => stop.kind == StopKind::TokenExpired,
            _ => false,
        };
        call.tries += 1;
        if !may_pass || call.tries >= TRIES {
            return Err(broken(error));
        }
        asker.learn(&error);
        if self.again.is_empty() {
            asker.pause(call.tries).await;
        }
        self.again.push_back(call);
        Ok(())
    }

    /// Says what takes a while, if it does.
    fn announce<T: Transport, C: Clock>(&self, asker: &mut Asker<'_, '_, T, C>) {
        let a_request = (PAGE * MAX_COMMANDS) as u64;
        if self.total > a_request {
            asker.job.front.note(&format!(
                "looking for {} CRM records on the portal, in about {} requests; --no-record-check \
                 leaves that out",
                HumanCount(self.total),
                HumanCount(self.total.div_ceil(a_request))
            ));
        }
    }

    fn tell<T: Transport, C: Clock>(&mut self, asker: &mut Asker<'_, '_, T, C>) {
        if self.told.elapsed() < TELL_EVERY || self.asked == self.total {
            return;
        }
        self.told = Instant::now();
        asker.job.front.note(&format!(
            "{} of {} CRM records looked for, {} not found",
            HumanCount(self.asked),
            HumanCount(self.total),
            HumanCount(self.found.missing.len())
        ));
    }
}

/// One call goes by itself, several in a batch.
async fn read<T: Transport>(
    portal: &Portal<T>,
    commands: &[Command],
) -> Result<Vec<Result<serde_json::Value, CallError>>, CallError> {
    let [command] = commands else {
        return portal.read_all(commands).await;
    };
    match portal.read(command).await {
        Ok(result) => Ok(vec![Ok(result)]),
        Err(error @ (CallError::Refused { .. } | CallError::Stop(_))) => Ok(vec![Err(error)]),
        Err(error) => Err(error),
    }
}

fn broken(error: CallError) -> Break {
    Break::Error(RunError::new(
        error.code(),
        format!(
            "the portal could not be asked whether the CRM records exist: {error}. Run the same \
             command again to go on with the check, or leave it out with --no-record-check"
        ),
    ))
}
