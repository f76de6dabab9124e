//! A lookup from the first row of the manifest to the last line of the map.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::batch::{Command, MAX_COMMANDS};
use crate::import::{Clock, PacedClient, Pacing, TRIES, may_pass, pause};
use crate::manifest::mapping::MapKind;
use crate::pacing::BatchSize;
use crate::portal::{CallError, Transport, scopes};

use super::distinct::{DistinctValues, distinct_values};
use super::error::LookupError;
use super::job::{LookupEnd, LookupJob, LookupOutcome};
use super::question::Question;
use super::result_table::ResultTable;
use super::search::Search;
use super::subject::{Subject, Wanted};
use super::summary::LookupSummary;

/// Commands of the first batch; how many a batch may hold is learned from the time that it takes.
const FIRST_BATCH: usize = 10;

/// Time between two reports on how far it is, and between two writings of what was found.
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// Looks up what the manifest names and the map doesn't have, and writes the map.
pub async fn look_up<T: Transport, C: Clock>(mut job: LookupJob<'_, T, C>) -> LookupOutcome {
    let began = Instant::now();
    let mut summary = LookupSummary {
        output: job.output.display().to_string(),
        ..LookupSummary::default()
    };
    let end = run(&mut job, &mut summary).await;
    summary.elapsed_s = began.elapsed().as_secs_f64();
    LookupOutcome { summary, end }
}

async fn run<T: Transport, C: Clock>(
    job: &mut LookupJob<'_, T, C>,
    summary: &mut LookupSummary,
) -> Result<LookupEnd, LookupError> {
    let map = match job.subject {
        Subject::Entities(_) => MapKind::Entity,
        Subject::Users => MapKind::User,
    };
    let table = ResultTable::read_or_new(&job.output, map)?;
    let values = distinct_values(job.manifest, map)?;
    let is_new = |place: &usize| !table.has_id(&values.values[*place]);
    let places: Vec<usize> = (0..values.values.len()).filter(is_new).collect();
    let wanted = places.iter().map(|place| {
        let value = &values.values[*place];
        Wanted {
            entity: value.key.entity,
            old: value.written.clone(),
        }
    });
    let mut lookup = Lookup {
        search: Search::new(job.subject.clone(), wanted.collect()),
        values,
        places,
        table,
        pacing: Pacing::new(&job.pacing),
    };
    let asked = match lookup.places.is_empty() {
        true => Ok(LookupEnd::Done),
        false => lookup.ask(job).await,
    };
    let written = lookup.write(job);
    lookup.count(summary);
    let end = asked?;
    written?;
    match lookup.all_refused() {
        Some(error) if end == LookupEnd::Done => Err(error),
        _ => Ok(end),
    }
}

/// A lookup under way.
struct Lookup {
    search: Search,
    values: DistinctValues,
    /// The places of the values that are asked for.
    places: Vec<usize>,
    table: ResultTable,
    pacing: Pacing,
}

impl Lookup {
    async fn ask<T: Transport, C: Clock>(
        &mut self,
        job: &mut LookupJob<'_, T, C>,
    ) -> Result<LookupEnd, LookupError> {
        let mut interrupt = job.interrupt.clone();
        tokio::select! {
            biased;
            () = interrupt.next() => Ok(LookupEnd::Interrupted),
            asked = self.ask_all(job) => asked.map(|()| LookupEnd::Done),
        }
    }

    /// Asks until all is answered.
    async fn ask_all<T: Transport, C: Clock>(
        &mut self,
        job: &mut LookupJob<'_, T, C>,
    ) -> Result<(), LookupError> {
        self.may_ask(job).await?;
        let mut size = BatchSize::new(FIRST_BATCH, MAX_COMMANDS, job.request_limit);
        let (mut told, mut has_titles) = (Instant::now(), false);
        loop {
            let questions = self.search.next(size.commands());
            if questions.is_empty() && has_titles {
                return Ok(());
            }
            if questions.is_empty() {
                has_titles = true;
                self.search.ask_for_titles();
                continue;
            }
            let began = Instant::now();
            let asked = questions.len();
            self.request(job, questions).await?;
            size.learn(asked, began.elapsed());
            if told.elapsed() >= NOW_AND_THEN {
                told = Instant::now();
                (job.progress)(self.search.settled() as u64, self.places.len() as u64);
                self.write(job)?;
            }
        }
    }

    /// One request, and what its answers settle.
    async fn request<T: Transport, C: Clock>(
        &mut self,
        job: &mut LookupJob<'_, T, C>,
        questions: Vec<Question>,
    ) -> Result<(), LookupError> {
        let commands: Vec<Command> = questions.iter().map(Question::command).collect();
        let mut client = client(job, &mut self.pacing);
        let answers = client.ask_all(&commands).await?;
        let mut has_paused = false;
        for (question, answer) in questions.into_iter().zip(answers) {
            let error = match answer.result {
                Ok(answer) => {
                    self.search.answered(question, &answer)?;
                    continue;
                }
                Err(error) => error,
            };
            match (&error, question.ask.kind()) {
                (CallError::Refused { message, .. }, Some(_)) if is_of_value(message) => {
                    self.search.cannot_hold(&question);
                }
                (CallError::Refused { code, message }, Some(kind)) => {
                    self.search
                        .refuse(&question, kind, format!("{code}: {message}"));
                }
                _ if may_pass(&error) && question.tries + 1 < TRIES => {
                    client.learn(&error);
                    if !has_paused {
                        has_paused = true;
                        pause(question.tries + 1).await;
                    }
                    self.search.again(question);
                }
                _ => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether the credentials have the permission; a portal that doesn't tell is asked anyway.
    async fn may_ask<T: Transport, C: Clock>(
        &mut self,
        job: &mut LookupJob<'_, T, C>,
    ) -> Result<(), LookupError> {
        let command = Command {
            method: "scope",
            params: Vec::new(),
        };
        let answers = client(job, &mut self.pacing).ask_all(&[command]).await?;
        let granted = answers.first().map(|answer| answer.told(scopes));
        let Some(Ok(granted)) = granted else {
            return Ok(());
        };
        let has_address = |place: &usize| self.values.values[*place].written.contains('@');
        let needed = needed(&job.subject, self.places.iter().any(has_address));
        let is_granted = granted.iter().any(|name| {
            let mut names = needed.iter();
            names.any(|needed| name.eq_ignore_ascii_case(needed))
        });
        match is_granted {
            true => Ok(()),
            false => Err(LookupError::Scope { needed: needed[0] }),
        }
    }

    /// Enters what is settled into the map, and writes it.
    fn write<T, C>(&mut self, job: &LookupJob<'_, T, C>) -> Result<(), LookupError> {
        let verdicts = self.search.verdicts();
        for (place, verdict) in self.places.iter().zip(verdicts) {
            if let Some(verdict) = verdict {
                let value = &self.values.values[*place];
                self.table.enter(value, &verdict, &job.portal_address);
            }
        }
        match self.table.is_empty() {
            true => Ok(()),
            false => Ok(self.table.write(&job.output)?),
        }
    }

    /// The error of a lookup that could ask for nothing.
    fn all_refused(&self) -> Option<LookupError> {
        let asked = self.places.iter();
        let asked = asked.filter_map(|place| self.values.values[*place].key.entity);
        let asked: BTreeSet<_> = asked.collect();
        let (kind, said) = self.search.refused.first_key_value()?;
        let are_all = asked
            .iter()
            .all(|kind| self.search.refused.contains_key(kind));
        are_all.then(|| LookupError::Refused {
            kind: kind.to_string(),
            said: said.clone(),
        })
    }

    fn count(&self, summary: &mut LookupSummary) {
        let values = &self.values;
        summary.total = values.values.len() as u64;
        summary.kept = (values.values.len() - self.places.len()) as u64;
        summary.rows = values.values.iter().map(|value| value.rows).sum();
        let found = values
            .values
            .iter()
            .filter(|value| self.table.has_id(value));
        summary.found = found.clone().count() as u64;
        summary.rows_found = found.map(|value| value.rows).sum();
        (summary.untyped, summary.unreadable) = (values.untyped, values.unreadable);
        for verdict in self.search.verdicts() {
            match verdict {
                None => summary.pending += 1,
                Some(verdict) if verdict.hit.is_some() => {}
                Some(verdict) if verdict.candidates.is_empty() => summary.not_found += 1,
                Some(_) => summary.ambiguous += 1,
            }
        }
        let refused = self.search.refused.iter();
        summary.refused = refused
            .map(|(kind, said)| format!("{kind} ({said})"))
            .collect();
        summary.requests = self.pacing.requests;
    }
}

fn client<'c, T: Transport, C: Clock>(
    job: &'c mut LookupJob<'_, T, C>,
    pacing: &'c mut Pacing,
) -> PacedClient<'c, T, C> {
    PacedClient {
        portal: job.portal,
        clock: job.clock,
        rng: &mut job.rng,
        pacing,
    }
}

/// Whether a refusal blames the value, such as a text for a field of numbers, and not the field.
fn is_of_value(message: &str) -> bool {
    message.contains("has invalid value")
}

/// The permissions of which one is needed; the first is told.
fn needed(subject: &Subject, has_addresses: bool) -> &'static [&'static str] {
    match subject {
        Subject::Entities(_) => &["crm"],
        Subject::Users if has_addresses => &["user", "user_basic"],
        Subject::Users => &["user", "user_basic", "user_brief"],
    }
}
