//! The time that no client could beat.

use std::time::Duration;

use b24post::pacing::USED_SHARE;

use crate::grid::{LANES, MAX_COMMANDS, OPERATING_LIMIT, Place, REQUEST_LIMIT};

/// The largest body of a batch.
pub const MAX_BATCH_BYTES: u64 = 8 << 20;

/// Commands of the first batch, at most.
const FIRST_BATCH: usize = 25;

/// The span over which server time is counted, in seconds.
const SPAN: f64 = 600.0;

/// The largest of what the requests take through the bucket, the server time through the budget,
/// and both through the lanes. `post_bytes` is what a post takes in a body.
pub fn lower_bound(place: &Place, post_bytes: u64) -> Duration {
    let cost = place.cost_ms as f64 / 1_000.0;
    let by_time = (REQUEST_LIMIT.as_secs_f64() / cost) as u64;
    let by_bytes = MAX_BATCH_BYTES / post_bytes.max(1);
    let batch = MAX_COMMANDS.min(by_time).min(by_bytes).max(1);
    let requests = place.rows.div_ceil(batch) as f64;
    let server = place.rows as f64 * cost;
    let lanes = place.workers.min(LANES) as f64;

    let let_through = place
        .bucket
        .map_or(0.0, |plan| (requests - plan.burst).max(0.0) / plan.rate);
    let granted = match place.operating {
        true => granted(server, lanes),
        false => 0.0,
    };
    // Where workers are fewer than lanes, others work while a request is on its way.
    let on_the_way = requests * place.way_ms as f64 / 1_000.0;
    let worked = (server / lanes).max((server + on_the_way) / LANES as f64);
    Duration::from_secs_f64(let_through.max(granted).max(worked))
}

/// What weighs on an import of few rows alone: the questions, the first batch, which goes by itself to
/// find out what a post takes, a last batch that no other lane can help with, and three requests more
/// through the bucket.
pub fn beginning_and_end(place: &Place) -> Duration {
    let cost = place.cost_ms as f64 / 1_000.0;
    let way = place.way_ms as f64 / 1_000.0;
    let first = (FIRST_BATCH as f64).min(place.rows as f64) * cost;
    let last = (REQUEST_LIMIT.as_secs_f64() / 2.0).min(MAX_COMMANDS as f64 * cost);
    let let_through = place.bucket.map_or(0.0, |plan| 3.0 / plan.rate);
    Duration::from_secs_f64(3.0 * way + first + last + let_through)
}

/// From an empty account: each ten minutes grant the budget once, and the last part of the work
/// needs no ten minutes of its own.
fn granted(server: f64, lanes: f64) -> f64 {
    let budget = OPERATING_LIMIT.as_secs_f64() * USED_SHARE;
    let each = budget.min(lanes * SPAN);
    let full = (server / each).ceil() - 1.0;
    full * SPAN + (server - full * each) / lanes
}
