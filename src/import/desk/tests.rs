//! Window, busy entities and stops.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::import::readback::Proven;
use crate::import::testing::row;
use crate::import::window::WINDOW;
use crate::ledger::Settle;
use crate::pacing::Settings;
use crate::target::CrmFeed;

fn desk() -> Desk {
    let settings = Settings {
        bucket: None,
        operating_limit: None,
        reserve: 0.0,
        recent: Vec::new(),
        lanes: 2,
        first_batch: 2,
        max_batch: 2,
        max_bytes: 1 << 20,
        request_limit: Duration::from_secs(60),
        give_up_after: Duration::from_secs(60),
    };
    let doubts = Doubts::new(&CrmFeed, Proven::new());
    let trials = Trials::new(&CrmFeed, true);
    Desk::new(Governor::new(&settings, Instant::now()), doubts, trials)
}

fn numbers(rows: &[Waiting]) -> Vec<u64> {
    rows.iter().map(Waiting::number).collect()
}

fn take(desk: &mut Desk) -> Vec<Waiting> {
    desk.take_request(Instant::now())
        .map(|taken| taken.rows)
        .unwrap_or_default()
}

#[test]
fn rows_of_a_busy_entity_wait_and_return_to_their_place() {
    let mut desk = desk();
    for (number, entity) in [(1, 1), (2, 2), (3, 1), (4, 3)] {
        desk.add(row(number, entity));
    }
    let first = take(&mut desk);
    assert_eq!(numbers(&first), [1, 2]);
    let second = take(&mut desk);
    assert_eq!(numbers(&second), [4], "row 3 waits for row 1");
    desk.put_back(first);
    assert_eq!(numbers(&take(&mut desk)), [1, 2]);
    desk.free(&[second[0].candidate.entity]);
    assert!(take(&mut desk).is_empty());
}

#[test]
fn the_window_knows_its_bytes() {
    let mut desk = desk();
    let less = Room {
        rows: WINDOW.rows - 1,
        bytes: WINDOW.bytes - 1,
    };
    assert_eq!(desk.room(), WINDOW);
    desk.add(row(1, 1));
    assert_eq!(desk.room(), less);
    let taken = take(&mut desk);
    assert_eq!(desk.room(), WINDOW);
    desk.put_back(taken);
    assert_eq!(desk.room(), less);
}

#[test]
fn nothing_begins_once_the_run_is_to_stop() {
    let mut desk = desk();
    desk.add(row(1, 1));
    desk.stop(Stop::Interrupted);
    desk.stop(Stop::GivenUp(Duration::from_secs(60)));
    assert!(take(&mut desk).is_empty());
    assert!(desk.must_not_write(Instant::now()) && !desk.wants_rows());
    assert_eq!(desk.permit(Instant::now(), 0, 1), Permit::Busy);
    assert!(
        matches!(desk.take_stop(), Some(Stop::Interrupted)),
        "the first reason counts"
    );
}

#[test]
fn doubt_stops_writing_until_the_portal_answers() {
    let mut desk = desk();
    let mut rng = StdRng::seed_from_u64(1);
    let now = Instant::now();
    desk.add(row(1, 1));
    desk.learn(
        &[Lesson::Doubt],
        2,
        Settling {
            now,
            unix_now: 0,
            rng: &mut rng,
        },
    );
    assert!(desk.must_not_write(Instant::now()));
    assert!(take(&mut desk).is_empty());
    let later = now + Duration::from_secs(2);
    assert_eq!(desk.permit(later, 0, 1), Permit::Ask);
    desk.asked(later);
    desk.ask_answered(true, later, &mut rng);
    assert_eq!(numbers(&take(&mut desk)), [1]);
}

#[test]
fn the_second_request_in_a_row_that_vanishes_halves_the_limits() {
    let mut desk = desk();
    let mut rng = StdRng::seed_from_u64(1);
    let now = Instant::now();
    let mut learn = |desk: &mut Desk, lesson| {
        desk.learn(
            &[lesson],
            2,
            Settling {
                now,
                unix_now: 0,
                rng: &mut rng,
            },
        );
        desk.governor
            .limits(Instant::now())
            .map(|limits| limits.bytes)
    };
    assert_eq!(learn(&mut desk, Lesson::Vanished), Some(1 << 20));
    assert_eq!(learn(&mut desk, Lesson::Good { took: None }), Some(1 << 20));
    assert_eq!(learn(&mut desk, Lesson::Vanished), Some(1 << 20));
    assert_eq!(learn(&mut desk, Lesson::Vanished), Some(1 << 19));
}

#[test]
fn what_the_ledger_still_has_as_sending_counts_as_in_doubt() {
    let mut tally = Tally {
        posted: 5,
        failed: 1,
        ..Tally::default()
    };
    let settle = |settlement| Settle {
        key: RowKey::external("1"),
        settlement,
    };
    let unrecorded = [
        settle(Settlement::Posted { remote_id: 7 }),
        settle(Settlement::Pending),
    ];
    tally.abandon(3, &unrecorded);
    assert_eq!((tally.posted, tally.failed, tally.in_doubt), (4, 1, 5));
}
