//! What is found out before the first post: who we are, and at which pace to begin.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::batch::MAX_COMMANDS;
use crate::ledger::LedgerError;
use crate::pacing::{BucketPlan, Governor, Settings};
use crate::portal::{CallError, Portal, Profile, Transport};
use crate::target::Target;

use super::clock::Clock;
use super::job::{Break, Job};
use super::summary::RunError;
use super::surveyed::Survey;

/// How often the portal is asked who we are before that is an error.
const TRIES: u32 = 3;

/// Between two tries, times the tries so far.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Whose webhook it is.
pub async fn who_are_we<T: Transport>(
    portal: &Portal<T>,
    requests: &mut u64,
) -> Result<Profile, Break> {
    patiently(requests, || portal.profile()).await
}

/// The portal's clock, if it tells it in a known form.
pub async fn portal_time<T: Transport>(
    portal: &Portal<T>,
    requests: &mut u64,
) -> Result<Option<Timestamp>, Break> {
    Ok(patiently(requests, || portal.server_time()).await?.now)
}

/// Asks again while the portal is at one of its limits, or answers oddly.
async fn patiently<R, F: Future<Output = Result<R, CallError>>>(
    requests: &mut u64,
    ask: impl Fn() -> F,
) -> Result<R, Break> {
    let mut tries = 0;
    loop {
        *requests += 1;
        tries += 1;
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let may_pass = matches!(error, CallError::Limited(_) | CallError::Unwell(_));
        if tries == TRIES || !may_pass {
            return Err(Break::Error(RunError::new(error.code(), error.to_string())));
        }
        tokio::time::sleep(ASK_AGAIN * tries).await;
    }
}

/// Refuses to post as others where the portal would ignore the wish without a word (WIRE §2.1).
pub fn may_post_for_others(
    target: &dyn Target,
    surveyed: &Survey,
    profile: &Profile,
) -> Result<(), Break> {
    if surveyed.with_author == 0 || profile.admin || !target.author_needs_admin() {
        return Ok(());
    }
    Err(Break::Error(RunError::new(
        "not_administrator",
        format!(
            "{} rows are to be posted as another user (author_id), which Bitrix24 lets only an \
             administrator do in the {}; user {} is none and would become their author. Use an \
             administrator's credentials, or post them under this user with --drop author_id",
            surveyed.with_author,
            target.name(),
            profile.id
        ),
    )))
}

/// The pacing, with a bucket that earlier runs and the `asked` requests before this one's first
/// post have filled.
pub fn governor<T, C: Clock>(job: &Job<'_, T, C>, asked: u64) -> Result<Governor, LedgerError> {
    let options = &job.options;
    let recent = match options.bucket {
        None => Vec::new(),
        Some(plan) => recent_requests(job, plan, asked)?,
    };
    let settings = Settings {
        bucket: options.bucket,
        recent,
        lanes: options.lanes,
        first_batch: options.first_batch,
        max_batch: MAX_COMMANDS,
        max_bytes: options.max_batch_bytes,
        request_limit: options.request_limit,
        give_up_after: options.give_up_after,
    };
    Ok(Governor::new(&settings, Instant::now().into_std()))
}

/// Ages of the requests that may still be in the bucket.
fn recent_requests<T, C: Clock>(
    job: &Job<'_, T, C>,
    plan: BucketPlan,
    asked: u64,
) -> Result<Vec<Duration>, LedgerError> {
    let now = job.clock.wall_ms();
    let full = (plan.burst / plan.rate * 1_000.0) as i64;
    let sent = job.ledger.requests_since(now.saturating_sub(full))?;
    let age = |at| u64::try_from(now.saturating_sub(at)).unwrap_or(0);
    let earlier = sent.into_iter().map(|at| Duration::from_millis(age(at)));
    let ours = (0..asked).map(|_| Duration::ZERO);
    Ok(earlier.chain(ours).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{NewsFeed, Timeline};

    #[test]
    fn only_an_administrator_posts_as_others_where_the_target_asks_for_one() {
        let clerk = Profile {
            id: 7,
            admin: false,
            name: String::new(),
        };
        let chief = Profile {
            admin: true,
            ..clerk.clone()
        };
        let surveyed = |with_author| Survey {
            with_author,
            ..Survey::default()
        };
        let may = |target: &dyn Target, with_author, profile| {
            may_post_for_others(target, &surveyed(with_author), profile).is_ok()
        };
        assert!(!may(&NewsFeed, 1, &clerk));
        assert!(may(&NewsFeed, 0, &clerk) && may(&NewsFeed, 1, &chief));
        assert!(may(&Timeline, 1, &clerk));
    }
}
