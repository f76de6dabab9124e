//! What is told before the first post, held against what it takes: over quick, slow and limited
//! portals, posts that go alone, and files.

use b24post::import::RowOrder;
use b24post::pacing::BucketPlan;
use b24post::sandbox::{Accounting, Settings};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::grid::{NARROW, Place};
use crate::network::World;
use crate::run::{Manner, Measured, measure_how};
use crate::seed;

/// Imports of an ordinary test run; `B24POST_IMPORTS=200` makes more.
const IMPORTS: u64 = 20;

fn imports() -> u64 {
    let text = std::env::var("B24POST_IMPORTS").unwrap_or_default();
    text.parse().unwrap_or(IMPORTS)
}

fn one_of<T: Copy>(rng: &mut StdRng, choice: &[T]) -> T {
    *choice.choose(rng).unwrap()
}

fn import(number: u64) -> (Place, Manner, Measured) {
    let mut rng = StdRng::seed_from_u64(number);
    let rng = &mut rng;
    let plans = [
        Some(BucketPlan::STANDARD),
        Some(BucketPlan::ENTERPRISE),
        Some(NARROW),
        None,
    ];
    let place = Place {
        bucket: one_of(rng, &plans),
        cost_ms: one_of(rng, &[0, 1, 20, 100, 300, 700, 1_000, 2_000]),
        operating: rng.random(),
        way_ms: one_of(rng, &[0, 20, 300]),
        workers: one_of(rng, &[1, 2, 8]),
        post_bytes: one_of(rng, &[0, 0, 20_000, 300_000]),
        rows: one_of(rng, &[1, 2, 49, 500, 1_200]),
    };
    let manner = Manner {
        records: one_of(rng, &[1, 4, 200, 100_000]),
        alone: one_of(rng, &[0.0, 0.01, 0.1, 0.3]),
        dated: rng.random(),
        canary: place.post_bytes == 0 && rng.random(),
        order: one_of(
            rng,
            &[RowOrder::Entity, RowOrder::Entity, RowOrder::Manifest],
        ),
        line: one_of(rng, &[110e3, 2e6, f64::INFINITY]),
    };
    let mut settings = place.settings();
    if place.operating && rng.random() {
        settings = Settings {
            operating: b24post::sandbox::OperatingRules {
                accounting: Accounting::Requests,
                ..settings.operating
            },
            ..settings
        };
    }
    let measured = measure_how(&place, World::new(settings, None), manner, number);
    (place, manner, measured)
}

#[test]
fn what_is_told_before_the_first_post_holds() {
    let (first, imports) = (1_000 * seed(), imports());
    let mut wrong = Vec::new();
    for number in first..first + imports {
        let (place, manner, measured) = import(number);
        if !measured.holds_what_was_told() {
            wrong.push(format!(
                "{number}: {place:?} {manner:?} {:?}",
                measured.told
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {imports}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
