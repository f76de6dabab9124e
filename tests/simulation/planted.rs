//! Every deliberate bug is found, and within how many seeds.
//!
//! `cargo test --features planted --test simulation planted -- --nocapture`

use std::ops::RangeInclusive;
use std::panic::catch_unwind;

use b24post::planted::{Bug, plant};

use crate::live;

/// Each bug must be found within this many seeds.
const SEEDS: RangeInclusive<u64> = 1..=400;

const BUGS: [Bug; 22] = [
    Bug::ClaimAfterSending,
    Bug::PairByPosition,
    Bug::DoubtResent,
    Bug::SendingForgotten,
    Bug::InternalRetried,
    Bug::NoIdFailed,
    Bug::OneLook,
    Bug::NoGrace,
    Bug::NoGraceAfterCrash,
    Bug::UnprovenRead,
    Bug::ReachIgnored,
    Bug::BaselineIgnored,
    Bug::AmbiguityIgnored,
    Bug::ClaimDroppedEarly,
    Bug::StrangePostsIgnored,
    Bug::MatchShared,
    Bug::EqualRowsMerged,
    Bug::RetryOvertakes,
    Bug::DoubtOvertaken,
    Bug::OutageNotStopping,
    Bug::BindingIgnored,
    Bug::LockNotTaken,
];

/// The first seed whose life breaks a promise with this bug.
fn found_by(bug: Bug) -> Option<u64> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    plant(Some(bug));
    let seed = SEEDS
        .into_iter()
        .find(|seed| catch_unwind(|| live(*seed)).is_err());
    plant(None);
    std::panic::set_hook(hook);
    seed
}

#[test]
fn every_planted_bug_is_found() {
    let mut missed = Vec::new();
    for bug in BUGS {
        match found_by(bug) {
            Some(seed) => println!("{bug:?}: found by seed {seed}"),
            None => missed.push(bug),
        }
    }
    let found = BUGS.len() - missed.len();
    println!(
        "{found} of {} found, each within {} seeds",
        BUGS.len(),
        SEEDS.end()
    );
    assert!(missed.is_empty(), "not found: {missed:?}");
}
