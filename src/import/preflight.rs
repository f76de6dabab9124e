//! What is found out before the first post: who posts and may they, how the portal's clock goes,
//! whether it still takes such posts, and whether the records are there.
//!
//! Every question is one that creates nothing. They wait as the portal's bucket asks, and the
//! governor that has paced them paces the run. What to make of an answer is decided by pure
//! functions, one file a question.

mod asking;
mod item_list;
mod left_out;
mod records;
mod retired;
mod rights;
mod search;
mod skew;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::pacing::Governor;
use crate::portal::{CallError, Profile, StopKind, Transport};
use crate::post::Entity;

use super::clock::{Clock, PortalClock};
use super::engine::now;
use super::job::{Break, Job};
use super::summary::RunError;
use super::surveyed::Survey;
pub use asking::{Asker, governor};

/// What was found out.
#[derive(Debug)]
pub struct Preflight {
    pub profile: Profile,
    /// By how much the portal's clock is ahead of ours; zero where the portal didn't tell its time.
    pub skew: SignedDuration,
    /// None where the portal didn't tell its time.
    pub portal_clock: Option<PortalClock>,
    /// Titles of the records that the first rows name, as far as the portal told them.
    pub titles: HashMap<Entity, String>,
    /// Names of the users that rows are to be posted as, as far as the portal told them.
    pub author_names: Arc<HashMap<u64, String>>,
    /// What was odd about the answers.
    warnings: Vec<String>,
}

impl Preflight {
    /// What the user should know before the first post.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let odd = self.warnings.iter().cloned();
        skew::warning(self.skew).into_iter().chain(odd)
    }
}

/// Asks the portal. Rows whose records are not to be had are told and taken out of the survey.
pub async fn preflight<T: Transport, C: Clock>(
    job: &mut Job<'_, T, C>,
    surveyed: &mut Survey,
    governor: &mut Governor,
    requests: &mut u64,
) -> Result<Preflight, Break> {
    let mut asker = Asker::new(job, governor, requests);
    let target = asker.job.rules.target;
    let profile = asker.ask(async |portal| portal.profile().await).await;
    let profile = profile.map_err(broken)?;
    rights::may_post_for_others(target, surveyed.load.with_author, &profile)?;
    let mut warnings = Vec::new();
    let granted = asker.ask(async |portal| portal.scope().await).await;
    if let Some(granted) = unless_odd(granted, "what the credentials may do", &mut warnings)? {
        rights::may_use(target, &granted)?;
    }
    let (skew, portal_clock) = ask_time(&mut asker, &mut warnings).await?;
    if let Some(probe) = target.retirement_probe() {
        let answer = asker.ask(async |portal| portal.read(&probe).await).await;
        warnings.extend(retired::judge(answer)?);
    }
    let mut preflight = Preflight {
        profile,
        skew,
        portal_clock,
        titles: HashMap::new(),
        author_names: Arc::default(),
        warnings,
    };
    if asker.job.options.check_records && !surveyed.load.records.is_empty() {
        let user = preflight.profile.id;
        let found = records::look_up(&mut asker, &surveyed.load, user).await?;
        left_out::leave_out(asker.job, surveyed, &found.missing, &found.refused)?;
        preflight.titles = found.titles;
        preflight.warnings.extend(found.warnings);
    }
    Ok(preflight)
}

async fn ask_time<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    warnings: &mut Vec<String>,
) -> Result<(SignedDuration, Option<PortalClock>), Break> {
    let untold = (SignedDuration::ZERO, None);
    let clock = asker.job.clock;
    let told = asker.ask(async |portal| {
        let asked = clock.wall();
        let time = portal.server_time().await?;
        Ok((time.now, asked, clock.wall()))
    });
    let Some((portal, asked, answered)) = unless_odd(told.await, "its time", warnings)? else {
        return Ok(untold);
    };
    let Some(portal) = portal else {
        warnings.push(
            "the portal tells its time in an unknown form, so its clock was not compared"
                .to_owned(),
        );
        return Ok(untold);
    };
    let portal_clock = PortalClock::new(portal, now());
    Ok((skew::between(portal, asked, answered), Some(portal_clock)))
}

/// The answer to a question that a run can do without. An odd one makes a warning.
fn unless_odd<R>(
    answer: Result<R, CallError>,
    what: &str,
    warnings: &mut Vec<String>,
) -> Result<Option<R>, Break> {
    let is_odd = |error: &CallError| match error {
        CallError::Refused { .. } | CallError::Unwell(_) => true,
        CallError::Stop(stop) => matches!(stop.kind, StopKind::Method | StopKind::Refused),
        CallError::Transport(_) | CallError::Limited(_) | CallError::InactiveUser => false,
    };
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_odd(&error) => {
            warnings.push(format!("the portal doesn't tell {what}: {error}"));
            Ok(None)
        }
        Err(error) => Err(broken(error)),
    }
}

/// The end of a run that can't begin.
fn broken(error: CallError) -> Break {
    Break::Error(RunError::new(error.code(), error.to_string()))
}
