//! What is found out before the first post: who posts and what they may do, how the portal's clock
//! goes, whether it still takes such posts, and whether the entities are there.
//!
//! Every question is a call that every known portal answers without creating anything. They share
//! one request; entities that don't fit, the names of authors, and what must be asked once more go
//! in further ones, as the request rate allows. The governor that has paced them paces the run.
//! What to make of an answer is decided by pure functions, one file a question.

mod audience_names;
mod entities;
mod entity_search;
mod item_list;
mod left_out;
mod names;
mod questions;
mod retired;
mod rights;
mod skew;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::portal::{CallError, FatalKind, Profile, ServerTime, Transport, scopes};
use crate::post::Entity;

use crate::import::briefing::NamedAudience;
use crate::import::clock::{Clock, PortalClock};
use crate::import::ending::Break;
use crate::import::job::Job;
use crate::import::notice::Oddity;
use crate::import::paced_client::{Answered, Asker, Pacing};
use crate::import::survey::counts::Survey;
use entities::LookUp;

/// What was found out.
#[derive(Debug)]
pub struct Preflight {
    pub profile: Profile,
    /// By how much the portal's clock is ahead of ours; zero where the portal didn't tell its time.
    pub skew: SignedDuration,
    /// None where the portal didn't tell its time.
    pub portal_clock: Option<PortalClock>,
    /// Titles of the entities that the first rows name, as far as the portal told them.
    pub titles: HashMap<Entity, String>,
    /// Whom the names in audiences mean.
    pub audience: Vec<NamedAudience>,
    /// Names of the users that rows are to be posted as, as far as the portal told them.
    pub author_names: Arc<HashMap<u64, String>>,
    /// What was odd about the answers.
    oddities: Vec<Oddity>,
}

impl Preflight {
    /// What the user should know before the first post.
    pub fn oddities(&self) -> impl Iterator<Item = Oddity> {
        let odd = self.oddities.iter().cloned();
        skew::oddity(self.skew).into_iter().chain(odd)
    }
}

/// Asks the portal. Rows whose entities are not to be had are told and taken out of the survey.
pub async fn preflight<T: Transport, C: Clock>(
    job: &mut Job<'_, T, C>,
    surveyed: &mut Survey,
    pacing: &mut Pacing,
) -> Result<Preflight, Break> {
    let mut asker = Asker::new(job, pacing);
    let target = asker.job.rules.target;
    let probe = target.retirement_probe();
    let look_up = match asker.job.options.check_entities && !surveyed.load.entities.is_empty() {
        true => {
            let most = questions::room_for_entities(probe.as_ref());
            Some(LookUp::begin(&mut asker, &surveyed.load, most)?)
        }
        false => None,
    };
    let commands = look_up.as_ref().map(LookUp::commands).unwrap_or_default();
    let asked = questions::ask(&mut asker, probe.as_ref(), &commands).await;
    let mut answers = asked?;
    let profile = answers.profile.told(Profile::decode)?;
    rights::may_post_for_others(target, surveyed.load.with_author, &profile)?;
    let mut oddities = Vec::new();
    let granted = answers.scope.told(scopes);
    let granted = unless_odd(granted, Oddity::ScopesUntold, &mut oddities)?;
    if let Some(granted) = &granted {
        rights::may_use(target, granted)?;
    }
    let (skew, portal_clock) = clocks(&answers.time, &mut oddities)?;
    if let Some(probe) = &probe {
        questions::ask_probe_alone(&mut asker, probe, &mut answers).await?;
    }
    if let Some(answer) = answers.probe {
        oddities.extend(retired::judge(answer.result)?);
    }
    let audience = audience_names::resolve(&mut asker, &surveyed.load.audience_names).await?;
    let mut preflight = Preflight {
        audience,
        profile,
        skew,
        portal_clock,
        titles: HashMap::new(),
        author_names: Arc::default(),
        oddities,
    };
    let may_lose_author = target.lookup().is_some_and(|found| found.may_lose_author());
    let authors = &surveyed.load.authors;
    let may_ask = granted.as_deref().is_some_and(names::may_ask);
    if may_lose_author && may_ask && !authors.is_empty() {
        preflight.author_names = Arc::new(names::ask(&mut asker, authors).await);
    }
    if let Some(look_up) = look_up {
        let (user, load) = (preflight.profile.id, &surveyed.load);
        let found = look_up
            .finish(&mut asker, load, user, answers.entities)
            .await?;
        left_out::leave_out(asker.job, surveyed, &found.missing, &found.refused)?;
        preflight.titles = found.titles;
        preflight.oddities.extend(found.oddities);
    }
    Ok(preflight)
}

/// By how much the portal's clock is ahead, and that clock.
fn clocks(
    answer: &Answered,
    oddities: &mut Vec<Oddity>,
) -> Result<(SignedDuration, Option<PortalClock>), Break> {
    let untold = (SignedDuration::ZERO, None);
    let Some(told) = unless_odd(answer.result.clone(), Oddity::TimeUntold, oddities)? else {
        return Ok(untold);
    };
    let Some(portal) = ServerTime::decode(&told).now else {
        oddities.push(Oddity::TimeUnreadable);
        return Ok(untold);
    };
    let portal_clock = PortalClock::new(portal, answer.at);
    Ok((skew::between(portal, answer.wall), Some(portal_clock)))
}

/// The answer to a question that a run can do without; an odd one is noted.
fn unless_odd<R>(
    answer: Result<R, CallError>,
    odd: impl FnOnce(CallError) -> Oddity,
    oddities: &mut Vec<Oddity>,
) -> Result<Option<R>, Break> {
    let is_odd = |error: &CallError| match error {
        CallError::Refused { .. } | CallError::Unwell(_) => true,
        CallError::Stop(stop) => matches!(stop.kind, FatalKind::Method | FatalKind::Refused),
        CallError::Transport(_) | CallError::Limited(_) | CallError::InactiveUser => false,
    };
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_odd(&error) => {
            oddities.push(odd(error));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
