//! Portals whose limits change in the middle of an import.

use std::time::Duration;

use b24post::pacing::BucketPlan;
use b24post::sandbox::{OperatingRules, RateLimit, Settings};

use crate::bound::lower_bound;
use crate::grid::{LANES, Place};
use crate::run::{Measured, measure_in};
use crate::seed;

const PLACE: Place = Place {
    bucket: Some(BucketPlan::STANDARD),
    cost_ms: 100,
    operating: true,
    way_ms: 100,
    workers: 8,
    post_bytes: 0,
    rows: 8_000,
};

fn change(place: Place, change: impl Fn(Settings) -> Settings) -> Measured {
    let later = (place.rows / 4, change(place.settings()));
    let measured = measure_in(&place, place.settings(), Some(later), seed());
    let (cuts, refusals) = measured.after_change;
    println!(
        "{:.0} s, {} requests; after the change {cuts} cut, {refusals} refused",
        measured.makespan.as_secs_f64(),
        measured.requests
    );
    measured
}

/// A portal that lets so many small requests through, by its plan.
fn by_rate(bucket: Option<BucketPlan>) -> Place {
    Place {
        bucket,
        cost_ms: 5,
        operating: false,
        way_ms: 20,
        rows: 20_000,
        ..PLACE
    }
}

/// What was in flight at the change can't be saved.
fn assert_few(measured: &Measured, refusals: usize) {
    assert!(measured.after_change.0 <= LANES, "{measured:?}");
    assert!(measured.after_change.1 <= refusals, "{measured:?}");
}

#[test]
fn the_request_rate_halves() {
    let measured = change(by_rate(PLACE.bucket), |settings| Settings {
        rate_limit: Some(RateLimit {
            rate: 1.0,
            burst: 25.0,
        }),
        ..settings
    });
    assert_few(&measured, 5);
}

/// What `--plan` says is wrong from then on.
#[test]
fn the_plan_is_another_one() {
    for bucket in [Some(BucketPlan::ENTERPRISE), None] {
        let place = Place {
            rows: 40_000,
            ..by_rate(bucket)
        };
        let standard = by_rate(Some(BucketPlan::STANDARD)).settings().rate_limit;
        let measured = change(place, |settings| Settings {
            rate_limit: standard,
            ..settings
        });
        assert_few(&measured, 10);
        let left = place.rows - place.rows / 4;
        let bound = lower_bound(
            &Place {
                rows: left,
                ..by_rate(Some(BucketPlan::STANDARD))
            },
            0,
        );
        assert!(measured.makespan < bound * 3 / 2, "{measured:?} {bound:?}");
    }
}

#[test]
fn the_server_time_is_cut_to_half() {
    let measured = change(PLACE, |settings| Settings {
        operating: OperatingRules {
            limit: Some(Duration::from_secs(240)),
            ..settings.operating
        },
        ..settings
    });
    assert_few(&measured, 6);
}

#[test]
fn a_post_costs_ten_times_as_much() {
    for cost_ms in [100, 300] {
        let place = Place {
            cost_ms,
            operating: false,
            ..PLACE
        };
        let measured = change(place, |settings| Settings {
            post_cost: settings.post_cost * 10,
            ..settings
        });
        assert_few(&measured, 0);
    }
}
