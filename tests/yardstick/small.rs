//! Small imports where the portal lets few requests through: there the number of requests is what
//! counts.

use b24post::pacing::BucketPlan;

use crate::MORE_REQUESTS;
use crate::grid::{NARROW, Place};
use crate::network::World;
use crate::run::{Manner, Measured, measure_how};
use crate::seed;

fn import(bucket: BucketPlan, rows: u64, manner: Manner) -> Measured {
    let place = Place {
        bucket: Some(bucket),
        cost_ms: 5,
        operating: false,
        way_ms: 20,
        workers: 8,
        post_bytes: 0,
        rows,
    };
    let world = World::new(place.settings(), None);
    let measured = measure_how(&place, world, manner, seed());
    let full = rows.div_ceil(50);
    println!(
        "{rows} rows, {} at {}/s, {manner:?}: {:.1} s, {} requests for {full} batches",
        bucket.burst,
        bucket.rate,
        measured.makespan.as_secs_f64(),
        measured.requests,
    );
    // The post that is tried, and its read.
    let trial = 2 * u64::from(manner.canary);
    assert!(
        measured.requests <= full + MORE_REQUESTS + trial,
        "{measured:?}"
    );
    assert_eq!(measured.refusals, 0, "{measured:?}");
    measured
}

#[test]
fn hardly_more_requests_than_the_posts_need() {
    for (bucket, rows, most) in [
        (BucketPlan::STANDARD, 5_000, 28.0),
        (BucketPlan::STANDARD, 500, 1.5),
        (NARROW, 1_000, 21.5),
        (NARROW, 500, 11.5),
    ] {
        let measured = import(bucket, rows, Manner::default());
        assert!(measured.makespan.as_secs_f64() < most, "{measured:?}");
    }
}

#[test]
fn however_the_rows_are_spread() {
    for (records, dated, canary) in [
        (1, false, false),
        (1, true, true),
        (3, true, false),
        (20, false, true),
        (100_000, false, false),
        (100_000, true, true),
    ] {
        let manner = Manner {
            records,
            dated,
            canary,
            ..Manner::default()
        };
        import(NARROW, 1_000, manner);
    }
}
