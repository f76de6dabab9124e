//! The doubt that earlier runs have left, settled before a new run begins.
//!
//! Only the claims of the ledger are needed, whatever has become of the manifest.

use std::time::Duration;

use jiff::Timestamp;

use crate::ledger::{OpenClaim, OtherLedgers};
use crate::portal::Transport;
use crate::targets::named;

use crate::import::clock::{Clock, now};
use crate::import::ending::Break;
use crate::import::error::RunError;
use crate::import::job::{Job, unless_interrupted};
use crate::import::notice::Notice;
use crate::import::paced_client::{Asker, Pacing};
use crate::import::readback::reading::answers;
use crate::import::readback::search::{DoubtSearch, Next, Proven, SearchRequest};
use crate::import::readback::settle::{counts, record};
use crate::import::request_end::RequestEnd;

/// Looks for the rows in doubt of every target that can be read, and keeps the verdicts. What
/// reads have proven to show is of use to the run.
pub async fn settle<T: Transport, C: Clock>(
    job: &mut Job<'_, T, C>,
    elsewhere: &OtherLedgers,
    pacing: &mut Pacing,
) -> Result<Proven, Break> {
    let mut claims = job.ledger.open_claims()?;
    claims.retain(|claim| named(&claim.target).is_some_and(|target| target.lookup().is_some()));
    let mut proven = Proven::new();
    if claims.is_empty() {
        return Ok(proven);
    }
    let mut interrupt = job.interrupt.clone();
    let looking = look(job, pacing, claims, &mut proven);
    let search = unless_interrupted(&mut interrupt, looking).await??;
    let at = job.clock.wall_ms();
    let judged = record(&mut job.ledger, elsewhere, search, &proven, at)?;
    job.reporter.notice(&Notice::DoubtJudged(counts(&judged)));
    Ok(proven)
}

/// Reads until everything has been seen.
async fn look<T: Transport, C: Clock>(
    job: &mut Job<'_, T, C>,
    pacing: &mut Pacing,
    claims: Vec<OpenClaim>,
    proven: &mut Proven,
) -> Result<DoubtSearch, Break> {
    let mut asker = Asker::new(job, pacing);
    let told = asker.ask(async |portal| portal.server_time().await).await;
    let portal_now = told.map_err(RunError::DoubtUnread)?.now;
    let job = &mut *asker.job;
    let our_now = job.clock.wall();
    let wait = longest_wait(&claims, portal_now, our_now, job.options.request_end());
    if !wait.is_zero() {
        job.reporter.notice(&Notice::AwaitingDoubt {
            rows: claims.len(),
            wait,
        });
    }
    let ledger = &job.ledger;
    let witness = |target: &str, reach| ledger.witness(target, reach).ok().flatten();
    let wanted = SearchRequest {
        keys: claims.iter().map(|claim| claim.key.clone()).collect(),
        claims,
        at: now() + wait,
        apart: job.options.request_limit,
    };
    let mut search = DoubtSearch::new(wanted, witness, proven);
    loop {
        match search.next(now()) {
            Next::Done => return Ok(search),
            Next::Wait(until) => tokio::time::sleep_until(until.into()).await,
            Next::Read(reads) => {
                let came = asker
                    .ask(async |portal| answers(portal.read_all(&reads.commands).await?))
                    .await;
                let pages = came.map_err(RunError::DoubtUnread)?;
                search.answered(&reads.places, pages, now(), proven);
            }
        }
    }
}

/// How long until the portal must be done with the last of these rows.
fn longest_wait(
    claims: &[OpenClaim],
    portal_now: Option<Timestamp>,
    our_now: Timestamp,
    end: RequestEnd,
) -> Duration {
    let wait = |claim: &OpenClaim| {
        let age = match (portal_now, claim.portal_sent_at) {
            (Some(now), Some(sent)) => now.as_millisecond().saturating_sub(sent),
            _ => our_now.as_millisecond().saturating_sub(claim.sent_at),
        };
        // A clock that was put back tells nothing: the whole time is waited.
        let age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
        end.after_claim(claim.body_bytes).saturating_sub(age)
    };
    claims.iter().map(wait).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pacing::SLOWEST_LINE;
    use crate::post::{ContentHash, RowKey};

    #[test]
    fn the_portal_has_its_time_before_it_is_asked() {
        let claim = |sent_at, portal_sent_at| OpenClaim {
            body_bytes: 100 * SLOWEST_LINE,
            other_author_id: None,
            batch: 1,
            content: ContentHash([0; 16]),
            key: RowKey::external("1"),
            row_number: 1,
            target: "timeline".into(),
            text_hash: ContentHash([0; 16]),
            entity: None,
            author_id: 1,
            reach: 1,
            files: 0,
            baseline: None,
            portal_sent_at,
            sent_at,
        };
        let at = |second| Timestamp::from_second(second).unwrap();
        let limit = RequestEnd {
            request_limit: Duration::from_secs(60),
            late_execution: Duration::ZERO,
        };
        let wait =
            |claim: OpenClaim, portal| longest_wait(&[claim], portal, at(1_000), limit).as_secs();
        assert_eq!(wait(claim(1_000_000, None), None), 190);
        assert_eq!(wait(claim(930_000, None), None), 120);
        assert_eq!(wait(claim(0, None), None), 0);
        assert_eq!(wait(claim(2_000_000, None), None), 190, "a clock put back");
        let both = [claim(1_000_000, None), claim(930_000, None)];
        let wait_for_both = longest_wait(&both, None, at(1_000), limit);
        assert_eq!(wait_for_both.as_secs(), 190, "the last of them counts");
        let portal = Some(at(5_000));
        assert_eq!(wait(claim(0, Some(4_990_000)), portal), 180);
        assert_eq!(wait(claim(0, None), portal), 0);
    }
}
