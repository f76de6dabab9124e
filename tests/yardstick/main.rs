//! How near the pacing comes to what a portal allows: the real engine on a paused clock, against
//! the sandbox's state machine, over a grid of portals.
//!
//! `cargo test --release --test yardstick -- --ignored --nocapture` runs the whole grid with 20,000,
//! 5,000 and 500 rows (`the_grid_of_5_000_rows` runs one of them) and prints, for each portal, how long an import took in virtual time, a lower bound for that, their ratio,
//! the portal's refusals, its cut requests and how far off the time left was after a tenth of the
//! rows. `B24POST_SEED=7` makes other manifests. An ordinary test run takes a small part of the grid.
//!
//! Nothing here depends on how fast this machine is. The time before the first post is part of an
//! import; canary and record check are off, since they are not pacing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may"
)]

mod accounts;
mod bound;
mod changes;
mod grid;
mod network;
mod run;
mod small;
mod told;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use grid::{Place, grid};
use run::{Measured, measure};

/// Rows of the ordinary test run.
const FEW_ROWS: u64 = 2_000;

/// Requests of an import beside those that its posts need.
const MORE_REQUESTS: u64 = 4;

/// Of fewer requests than these, hardly any have been answered after a tenth of the rows.
const ENOUGH: u64 = 400;

fn seed() -> u64 {
    let text = std::env::var("B24POST_SEED").unwrap_or_default();
    text.parse().unwrap_or(1)
}

/// Measures them all, on every processor; in their order.
fn measure_all(places: &[Place]) -> Vec<Measured> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let worker = || {
        while let Some((index, place)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            places.get(index).map(|place| (index, place))
        } {
            let measured = measure(place, seed());
            println!("{}", measured.line(place));
            done.lock().unwrap().push((index, measured));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, measured)| measured).collect()
}

/// The highest ratio of makespan and bound; with few rows what only they feel is taken off before.
fn is_too_slow(place: &Place, measured: &Measured) -> bool {
    match place.rows {
        20_000.. => measured.ratio() > 1.05,
        5_000.. => measured.ratio() > 1.10,
        _ => measured.makespan > measured.bound.mul_f64(1.05) + bound::beginning_and_end(place),
    }
}

/// What is wrong with a measurement, if anything is.
fn objection(place: &Place, measured: &Measured) -> Option<&'static str> {
    let is_over = |full: u64| measured.requests > full + MORE_REQUESTS;
    if is_too_slow(place, measured) {
        Some("too slow")
    } else if place.full_batches().is_some_and(is_over) {
        Some("too many requests")
    } else if measured.refusals > 1 {
        Some("refused")
    } else if measured.late_cuts > 0 {
        Some("cut")
    } else if !measured.holds_what_was_told() {
        Some("wrongly told")
    } else if measured.requests >= ENOUGH && measured.forecast_error().abs() > 0.15 {
        Some("badly foretold")
    } else {
        None
    }
}

fn judge(places: &[Place]) -> f64 {
    println!("{}", Measured::HEADER);
    let measured = measure_all(places);
    let wrong: Vec<String> = (places.iter().zip(&measured))
        .filter_map(|(place, one)| Some(format!("{}: {}", objection(place, one)?, one.line(place))))
        .collect();
    let mut ratios: Vec<f64> = measured.iter().map(Measured::ratio).collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    let worst = ratios[ratios.len() - 1];
    println!(
        "{} portals: median ratio {median:.4}, worst {worst:.4}",
        ratios.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        places.len(),
        wrong.join("\n")
    );
    median
}

#[test]
#[ignore = "takes half an hour; see the top of this file"]
fn the_grid_of_20_000_rows() {
    let median = judge(&grid(20_000));
    assert!(median <= 1.02, "{median}");
}

#[test]
#[ignore = "takes ten minutes; see the top of this file"]
fn the_grid_of_5_000_rows() {
    judge(&grid(5_000));
}

#[test]
#[ignore = "takes a minute; see the top of this file"]
fn the_grid_of_500_rows() {
    judge(&grid(500));
}

/// With few rows the beginning weighs more, so only portals where it hardly does.
#[test]
fn a_small_part_of_the_grid() {
    let small = grid(FEW_ROWS)
        .into_iter()
        .filter(|place| place.cost_ms >= 500 && place.post_bytes < 1_000 && place.way_ms == 20);
    let places: Vec<Place> = small.collect();
    assert!(judge(&places) <= 1.05);
}
