//! What the survey, the portal and the first rows say of a run that is about to begin.

use crate::batch::MAX_COMMANDS;
use crate::import::briefing::{Briefing, Sample};
use crate::import::clock::Clock;
use crate::import::engine::canary::MOST_AUTHORS;
use crate::import::engine::feeder::Filled;
use crate::import::job::Job;
use crate::import::preflight::Preflight;
use crate::import::survey::counts::Survey;
use crate::import::survey::load::SAMPLES;
use crate::ledger::LedgerError;
use crate::pacing::{Estimate, PlannedWork, SPAN, Share};
use crate::portal::Profile;
use indicatif::HumanCount;

/// What the survey, the portal and the first rows tell.
pub fn brief<T, C>(
    job: &Job<'_, T, C>,
    surveyed: &Survey,
    found: &Preflight,
    first: &[Filled],
    authors_lost: bool,
    estimate: Estimate,
) -> Result<Briefing, LedgerError> {
    let last_user = job.ledger.binding()?.user_id;
    let (profile, load) = (&found.profile, &surveyed.load);
    let rows = first.iter().filter_map(|row| sample(row, found));
    Ok(Briefing {
        portal: job.portal_name.clone(),
        user: match profile.name.as_str() {
            "" => format!("user {}", profile.id),
            name => format!("{name} (user {})", profile.id),
        },
        administrator: profile.admin,
        target: job.rules.target.name(),
        rows: surveyed.due_rows,
        files: load.files,
        bytes: load.bytes,
        large_files: load.large_files,
        already_posted: surveyed.already_posted,
        in_doubt: surveyed.in_doubt,
        posted_elsewhere: surveyed.posted_elsewhere,
        in_doubt_elsewhere: surveyed.in_doubt_elsewhere,
        dropped: load.dropped,
        mentioning: load.mentioning,
        overdue: surveyed.overdue,
        with_author: load.with_author,
        authors_lost,
        people: load.reach.people(profile.id),
        estimate,
        samples: rows.take(SAMPLES).collect(),
        warnings: warnings(surveyed, profile, last_user)
            .into_iter()
            .chain(found.warnings())
            .collect(),
    })
}

/// What the estimate is made from, after so many requests.
pub fn work<T, C: Clock>(
    job: &Job<'_, T, C>,
    surveyed: &Survey,
    made: u64,
) -> Result<PlannedWork, LedgerError> {
    let (options, load) = (&job.options, &surveyed.load);
    let alone = Share {
        posts: load.alone,
        text_bytes: load.alone_texts,
        file_bytes: load.alone_files,
    };
    let span = i64::try_from(SPAN.as_millis()).unwrap_or(i64::MAX);
    let lately = job.clock.wall_ms().saturating_sub(span);
    Ok(PlannedWork {
        shared: Share {
            posts: surveyed.due_rows.saturating_sub(alone.posts),
            text_bytes: load.text_bytes.saturating_sub(alone.text_bytes),
            file_bytes: load.bytes.saturating_sub(alone.file_bytes),
        },
        alone,
        made,
        trials: trials(job, surveyed),
        max_batch: MAX_COMMANDS as u64,
        max_bytes: options.max_batch_bytes,
        lanes: options.order.lanes(options.lanes) as u64,
        request_limit: options.request_limit,
        operating_limit: options.operating_limit,
        reserve: options.reserve,
        posted_lately: !job.ledger.requests_since(lately)?.is_empty(),
        slowest: options.slowest,
    })
}

/// Posts that may be tried: the first of each author.
fn trials<T, C>(job: &Job<'_, T, C>, surveyed: &Survey) -> u64 {
    let authors = match surveyed.load.with_author {
        _ if !job.options.canary || job.rules.target.lookup().is_none() => 0,
        0 => 1,
        _ => MOST_AUTHORS as u64,
    };
    authors.min(surveyed.due_rows)
}

fn sample(row: &Filled, found: &Preflight) -> Option<Sample> {
    let Filled::Row(row) = row else {
        return None;
    };
    let entity = row.claim.entity;
    Some(Sample {
        row: row.number(),
        entity: entity.map(|entity| entity.to_string()),
        title: entity.and_then(|entity| found.titles.get(&entity).cloned()),
        excerpt: row.claim.excerpt.clone(),
    })
}

fn warnings(surveyed: &Survey, profile: &Profile, last_user: Option<u64>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(last) = last_user.filter(|last| *last != profile.id) {
        warnings.push(format!("the last run posted as another user ({last})"));
    }
    let count = surveyed.load.with_control_characters;
    if count > 0 {
        warnings.push(format!(
            "control characters in {} {} sent as they are",
            HumanCount(count),
            if count == 1 { "row are" } else { "rows are" }
        ));
    }
    warnings
}
