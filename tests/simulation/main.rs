//! The whole import on a paused clock, against the sandbox's state machine, from a seed.
//!
//! A seed makes a manifest, a portal with faults, a network that loses requests and answers, clocks
//! that jump, strangers who post, and crashes at any step of the run: the run's future is dropped
//! and the ledger opened again, until a run comes to its end. Then no row may be on the portal
//! twice, and the ledger must tell the truth.
//!
//! `B24POST_SEEDS=1000-2000 cargo test --release --test simulation -- --nocapture` runs other seeds
//! and prints what happened in them; a failing one is named and replays alone, exactly, with
//! `B24POST_SEEDS=N-N`; `B24POST_TRACE=1` prints then what happens in it, request by request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may"
)]

mod life;
mod line;
mod network;
mod plan;
mod planted;
mod truth;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use b24post::targets;
use life::Life;
use plan::{Outage, Plan};

/// Seeds of an ordinary test run.
const SEEDS: RangeInclusive<u64> = 1..=2_000;

/// What happened, and how often.
type Totals = BTreeMap<&'static str, u64>;

/// Lives the life of a seed; panics where it breaks a promise.
fn live(seed: u64) -> Totals {
    live_with(seed, true, |_| {})
}

/// The same with something in its plan set otherwise.
fn live_with(seed: u64, is_wide: bool, set: impl Fn(&mut Plan)) -> Totals {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut life = Life::new(seed, is_wide, set);
        life.look_back().await;
        life.run_to_the_end().await;
        let last = life.calm_down().await;
        life.mistake_the_portal().await;
        truth::check(&life, &last);
        let mut totals = life.world.lock().unwrap().happened.clone();
        totals.insert("virtual minutes", life.minutes());
        totals.insert("rows", last.summary.counts.total);
        totals.insert(
            "rows posted",
            last.summary.counts.posted + last.summary.counts.already_posted,
        );
        totals.insert("rows failed", last.summary.counts.failed);
        totals.insert("rows left in doubt", last.summary.counts.in_doubt);
        totals
    })
}

fn seeds() -> RangeInclusive<u64> {
    let Ok(text) = std::env::var("B24POST_SEEDS") else {
        return SEEDS;
    };
    range(&text)
}

fn range(text: &str) -> RangeInclusive<u64> {
    let (first, last) = text.split_once('-').expect("seeds are FIRST-LAST");
    first.parse().unwrap()..=last.parse().unwrap()
}

/// Lives them all, on every processor; the seeds that failed, and what happened in the others.
fn live_all(seeds: RangeInclusive<u64>) -> (Vec<u64>, Totals) {
    let (next, last) = (AtomicU64::new(*seeds.start()), *seeds.end());
    let failing = Mutex::new(Vec::new());
    let totals = Mutex::new(Totals::new());
    let worker = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > last {
                return;
            }
            match catch_unwind(|| live(seed)) {
                Ok(life) => {
                    let mut totals = totals.lock().unwrap();
                    for (what, count) in life {
                        *totals.entry(what).or_default() += count;
                    }
                }
                Err(_) => failing.lock().unwrap().push(seed),
            }
        }
    };
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..workers {
            scope.spawn(worker);
        }
    });
    let mut failing = failing.into_inner().unwrap();
    failing.sort_unstable();
    (failing, totals.into_inner().unwrap())
}

/// Seeds that once failed, and whether that was in the wider world.
const KEPT: [(u64, bool); 4] = [
    (860_394, false),
    (809_444, false),
    (852_399, false),
    (3_314_117, true),
];

#[test]
fn what_once_failed_does_not_again() {
    for (seed, is_wide) in KEPT {
        live_with(seed, is_wide, |_| {});
    }
}

#[test]
fn no_row_is_lost_or_doubled_whatever_happens() {
    let (failing, totals) = live_all(seeds());
    for (what, count) in totals {
        println!("{what:>20} {count}");
    }
    assert!(
        failing.is_empty(),
        "failing seeds: {failing:?}; replay one with B24POST_SEEDS=N-N"
    );
}

/// Ten minutes at 502, at time-outs, at a maintenance page: what is left in doubt is counted by
/// `truth`, and where posts can be read back nothing is.
#[test]
fn an_outage_leaves_no_more_in_doubt_than_a_request_for_each_lane() {
    for outage in Outage::ALL {
        for target in targets::ALL {
            for seed in 1..=5 {
                let totals = live_with(seed, true, |plan| {
                    plan.target = target;
                    plan.authors = 0;
                    plan.alters = false;
                    plan.moderated = usize::MAX;
                    plan.suffer(outage);
                });
                assert!(totals["met an outage"] > 0, "{outage:?} {seed}");
                let is_readable = target.lookup().is_some();
                let in_doubt = totals["rows left in doubt"];
                assert!(
                    !is_readable || in_doubt == 0,
                    "{outage:?} {seed}: {in_doubt}"
                );
            }
        }
    }
}
