//! What the survey, the portal and the first rows say of a run that is about to begin.

use crate::batch::MAX_COMMANDS;
use crate::import::briefing::{Briefing, Sample};
use crate::import::clock::Clock;
use crate::import::engine::canary::MOST_AUTHORS;
use crate::import::engine::feeder::Filled;
use crate::import::job::Job;
use crate::import::notice::Oddity;
use crate::import::preflight::Preflight;
use crate::import::survey::counts::Survey;
use crate::import::survey::load::SAMPLES;
use crate::ledger::LedgerError;
use crate::pacing::{Estimate, PlannedWork, SPAN, Share};
use crate::portal::Profile;

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
        user_id: profile.id,
        user_name: profile.name.clone(),
        administrator: profile.admin,
        target: job.rules.target.name(),
        rows: surveyed.due_rows,
        counts: surveyed.counts(),
        files: load.files,
        bytes: load.bytes,
        large_files: load.large_files,
        posted_elsewhere: surveyed.posted_elsewhere,
        in_doubt_elsewhere: surveyed.in_doubt_elsewhere,
        with_author: load.with_author,
        authors_lost,
        people: load.reach.people(profile.id),
        audience: found.audience.clone(),
        estimate,
        samples: rows.take(SAMPLES).collect(),
        oddities: oddities(surveyed, profile, last_user)
            .into_iter()
            .chain(found.oddities())
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

fn oddities(surveyed: &Survey, profile: &Profile, last_user: Option<u64>) -> Vec<Oddity> {
    let last_user = last_user.filter(|last| *last != profile.id);
    let load = &surveyed.load;
    let odd = [
        (
            load.with_control_characters,
            Oddity::ControlCharacters as fn(u64) -> Oddity,
        ),
        (load.otherwise_named, Oddity::OtherwiseNamed),
        (load.html_pages, Oddity::HtmlPages),
        (load.empty_folders, Oddity::EmptyFolders),
        (surveyed.left_out, Oddity::ValuesLeftOut),
        (surveyed.html_sent(), Oddity::HtmlUnasked),
        (load.images_left_out, Oddity::ImagesLeftOut),
    ];
    let odd = odd.into_iter().filter(|(count, _)| *count > 0);
    let odd = odd.map(|(count, oddity)| oddity(count));
    let mojibake = load.mojibake.found();
    let mojibake = mojibake.map(|(kind, rows)| Oddity::Mojibake(kind, rows.clone()));
    let hosts: Vec<String> = load.image_hosts.iter().cloned().collect();
    let hosts = (!hosts.is_empty()).then_some(Oddity::ImageHosts(hosts));
    last_user
        .map(Oddity::OtherUser)
        .into_iter()
        .chain(odd)
        .chain(mojibake)
        .chain(hosts)
        .collect()
}
