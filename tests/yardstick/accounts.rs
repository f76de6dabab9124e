//! Portals that keep their account of server time in each of the ways that are known
//! (bitrix24-rest.md §6).

use std::time::Duration;

use b24post::pacing::BucketPlan;
use b24post::sandbox::{Accounting, OperatingRules, Settings};

use crate::grid::Place;
use crate::run::{Measured, measure_in};
use crate::seed;

const PLACE: Place = Place {
    bucket: Some(BucketPlan::STANDARD),
    cost_ms: 300,
    operating: true,
    way_ms: 100,
    workers: 8,
    post_bytes: 0,
    rows: 8_000,
};

const BAN: Duration = Duration::from_secs(300);

fn import(limit: u64, ban: Option<Duration>, accounting: Accounting) -> Measured {
    let settings = Settings {
        operating: OperatingRules {
            limit: Some(Duration::from_secs(limit)),
            ban,
            accounting,
        },
        ..PLACE.settings()
    };
    let measured = measure_in(&PLACE, settings, None, seed());
    println!("{limit} {ban:?} {accounting:?}: {}", measured.line(&PLACE));
    measured
}

#[test]
fn the_documented_limit_is_never_met() {
    for accounting in [Accounting::Calls, Accounting::Requests] {
        for ban in [None, Some(BAN)] {
            let measured = import(480, ban, accounting);
            assert_eq!(measured.refusals, 0, "{measured:?}");
            assert!(measured.ratio() <= 1.05, "{measured:?}");
        }
    }
}

/// A lower limit than the documented one is learned from a refusal, which meets what is in flight.
#[test]
fn a_lower_limit_is_learned() {
    for accounting in [Accounting::Calls, Accounting::Requests] {
        for ban in [None, Some(BAN)] {
            let measured = import(240, ban, accounting);
            assert!(measured.refusals <= 8, "{measured:?}");
            // Half of the limit takes twice as long, and each ban five minutes more.
            assert!(measured.ratio() <= 2.7, "{measured:?}");
        }
    }
}
