//! Window, busy entities and stops.

use std::time::Duration;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::batch::Value;
use crate::import::readback::{Proven, Verdict};
use crate::import::request::build;
use crate::import::settle::{Lesson, settle};
use crate::import::testing::row;
use crate::import::window::WINDOW;
use crate::ledger::{Settle, Settlement};
use crate::pacing::{BucketPlan, PacingSettings};
use crate::portal::{
    Asked, CallError, CommandOutcome, Limit, RequestOutcome, Response, Timing, Uncertainty, judge,
};
use crate::targets::{CrmFeed, NewsFeed, Target, Timeline};

fn desk() -> Desk {
    desk_for(&CrmFeed, 2)
}

/// Batches of so many commands at first.
fn settings(commands: usize) -> PacingSettings {
    PacingSettings {
        bucket: None,
        operating_limit: None,
        reserve: 0.0,
        recent: Vec::new(),
        lanes: 2,
        first_batch: commands,
        max_batch: 2 * commands,
        max_bytes: 1 << 20,
        request_limit: Duration::from_secs(60),
        give_up_after: Duration::from_secs(60),
    }
}

/// A desk whose batches may have so many commands.
fn desk_for(target: &'static dyn Target, commands: usize) -> Desk {
    desk_with(target, &settings(commands))
}

fn desk_with(target: &'static dyn Target, settings: &PacingSettings) -> Desk {
    let doubts = Doubts::new(target, Proven::new(), Duration::from_secs(60));
    let trials = Trials::new(target, true, 1);
    let mut governor = Governor::new(settings, Instant::now());
    // A line that is no limit.
    governor.carried(1 << 30, Duration::from_secs(1));
    Desk::new(governor, doubts, trials)
}

/// A request of so many commands, whose end is certain then.
fn ended(commands: usize, over_at: Instant) -> Ended {
    Ended {
        batch: 1,
        commands,
        bytes: 100,
        over_at,
    }
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
fn a_batch_waits_for_busy_rows_only_where_requests_are_scarce() {
    let now = Instant::now();
    for (bucket, took_ms, expected) in [
        (Some(BucketPlan::STANDARD), 10, vec![]),
        (Some(BucketPlan::STANDARD), 40_000, vec![3]),
        (None, 10, vec![3]),
    ] {
        let settings = PacingSettings {
            bucket,
            ..settings(10)
        };
        let mut desk = desk_with(&CrmFeed, &settings);
        desk.governor
            .good(20, Some(Duration::from_millis(took_ms)), now);
        desk.add(row(1, 1));
        desk.fed();
        let first = take(&mut desk);
        assert_eq!(numbers(&first), [1], "nothing else is under way");
        desk.add(row(2, 1));
        desk.add(row(3, 2));
        let second = take(&mut desk);
        assert_eq!(numbers(&second), expected, "{bucket:?} {took_ms}");
        desk.free(&[first[0].candidate.entity]);
        if second.is_empty() {
            assert_eq!(numbers(&take(&mut desk)), [2, 3]);
        }
    }
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

#[test]
fn an_entity_is_busy_until_its_last_row_is_settled() {
    let mut desk = desk();
    for number in 1..=3 {
        desk.add(row(number, 7));
    }
    let entity = take(&mut desk)[0].candidate.entity;
    desk.free(&[entity]);
    assert!(take(&mut desk).is_empty(), "row 2 is still under way");
    desk.free(&[entity]);
    assert_eq!(numbers(&take(&mut desk)), [3]);
}

#[test]
fn doubt_in_the_feed_holds_everything_back_and_on_a_record_only_its_rows() {
    let now = Instant::now();
    let targets: [(&'static dyn Target, &[u64]); 2] = [(&NewsFeed, &[]), (&Timeline, &[3])];
    for (target, free) in targets {
        let mut desk = desk_for(target, 2);
        desk.trials = Trials::new(target, false, 1);
        desk.hold(row(1, 7), now);
        desk.add(row(2, 7));
        desk.add(row(3, 8));
        assert_eq!(numbers(&take(&mut desk)), free, "{}", target.name());
        assert!(desk.may_look(0));
        assert_eq!(desk.may_look(1), target.name() == "timeline");
        assert!(!desk.is_empty());
    }
}

#[test]
fn the_first_row_of_an_author_goes_alone_and_nothing_beside_it() {
    let mut desk = desk_for(&Timeline, 2);
    desk.add(row(1, 7));
    desk.add(row(2, 8));
    let first = take(&mut desk);
    assert_eq!(numbers(&first), [1]);
    assert!(take(&mut desk).is_empty(), "a row is on trial");
    desk.put_back(first);
    let again = take(&mut desk);
    assert_eq!(numbers(&again), [1], "it was not sent");
    desk.give_up_row(&again[0]);
    assert_eq!(numbers(&take(&mut desk)), [2], "it can't be sent");
    assert_eq!(desk.tally().invalid, 1);
}

#[test]
fn a_row_given_up_frees_its_record() {
    let mut desk = desk();
    for number in 1..=3 {
        desk.add(row(number, 7));
    }
    for row in take(&mut desk) {
        desk.give_up_row(&row);
    }
    assert_eq!(numbers(&take(&mut desk)), [3]);
}

#[test]
fn bodies_in_memory_are_bounded() {
    let mut desk = desk();
    desk.add(row(1, 1));
    let [most, nearly] = [u64::MAX / 2, (24 << 20) - 9].map(|bytes| {
        let hold = desk.budget().hold(bytes).unwrap();
        assert!(desk.take_request(Instant::now()).is_none());
        hold.bytes()
    });
    assert!(
        most > nearly,
        "a body of any size goes alone, and 10 bytes are more than 9"
    );
    let taken = desk.take_request(Instant::now()).unwrap();
    assert_eq!(taken.hold.bytes(), 10);
}

/// A request of so many rows with a text of that length each.
fn ready(desk: &mut Desk, rows: u64, bytes: usize) -> Ready {
    for number in 1..=rows {
        let mut row = row(number, number);
        row.command.params = vec![("T", Value::Text("x".repeat(bytes)))];
        desk.add(row);
    }
    let taken = desk.take_request(Instant::now()).unwrap();
    build(taken, &mut StdRng::seed_from_u64(1)).ready.unwrap()
}

#[test]
fn a_full_request_is_made_anew_when_twice_as_much_may_go() {
    let outgrown = |rows, more| {
        let mut desk = desk_for(&CrmFeed, 10);
        let ready = ready(&mut desk, rows, 1);
        if more {
            desk.add(row(99, 99));
        }
        let now = Instant::now();
        assert!(!desk.is_outgrown(&ready, now));
        desk.governor.good(10, Some(Duration::from_millis(1)), now);
        desk.is_outgrown(&ready, now)
    };
    assert!(outgrown(10, true));
    assert!(!outgrown(10, false), "there is nothing to add");
    assert!(!outgrown(9, true), "it was not full");
}

#[test]
fn a_request_that_limits_have_overtaken_is_made_anew_unless_it_is_one_row() {
    let fits_after = |rows, bytes, shrinks| {
        let mut desk = desk_for(&CrmFeed, 10);
        let ready = ready(&mut desk, rows, bytes);
        assert!(desk.still_fits(&ready, Instant::now()));
        for _ in 0..shrinks {
            desk.governor.shrink(10);
        }
        desk.still_fits(&ready, Instant::now())
    };
    assert!(!fits_after(10, 1, 1), "too many rows");
    assert!(fits_after(2, 1, 1));
    assert!(!fits_after(2, 300_000, 1), "too many bytes");
    assert!(fits_after(1, 600_000, 1), "it can't be made smaller");
}

fn settling(rng: &mut StdRng, now: Instant) -> Settling<'_, StdRng> {
    Settling {
        now,
        unix_now: 1_000,
        rng,
    }
}

/// A desk whose first two rows, of one record, have been sent and left in doubt until then.
fn in_doubt(now: Instant, due: Instant) -> Desk {
    let mut desk = desk_for(&Timeline, 2);
    desk.trials = Trials::new(&Timeline, false, 1);
    for number in 1..=3 {
        desk.add(row(number, 7));
    }
    let taken = take(&mut desk);
    let entities: Vec<OrderKey> = taken.iter().map(|row| row.candidate.entity).collect();
    let named = taken.into_iter().map(|row| (row.number().to_string(), row));
    let doubt = Uncertainty {
        code: "no_answer".into(),
        message: String::new(),
    };
    let settled = settle(
        named.collect(),
        RequestOutcome::Unknown(doubt),
        Duration::ZERO,
    );
    let mut rng = StdRng::seed_from_u64(1);
    desk.settled(ended(2, due), settled, settling(&mut rng, now));
    desk.free(&entities);
    desk.ask_answered(true, now, &mut rng);
    desk
}

fn key(number: u64) -> RowKey {
    RowKey::external(&number.to_string())
}

#[test]
fn rows_in_doubt_keep_their_record_until_they_are_judged() {
    let now = Instant::now();
    let due = now + Duration::from_secs(75);
    let mut desk = in_doubt(now, due);
    assert_eq!(desk.tally().in_doubt, 2);
    assert_eq!(desk.to_read(now), ToRead::Wait(due));
    assert_eq!(desk.to_read(due), ToRead::Claims);
    assert!(take(&mut desk).is_empty(), "row 3 waits behind them");
    desk.judged(vec![(key(1), Verdict::Absent)]);
    assert!(take(&mut desk).is_empty(), "row 2 is still in doubt");
    desk.judged(vec![(key(2), Verdict::There(9))]);
    assert_eq!(numbers(&take(&mut desk)), [1], "before row 3");
    let tally = desk.tally();
    assert_eq!((tally.posted, tally.in_doubt), (1, 0));
}

#[test]
fn a_row_found_behind_one_that_is_absent_is_out_of_order() {
    let now = Instant::now();
    let verdicts = |first, second| {
        let mut desk = in_doubt(now, now);
        desk.judged(vec![(key(1), first), (key(2), second)]);
        (desk.tally().out_of_order, desk.tally().in_doubt)
    };
    let (absent, there) = (|| Verdict::Absent, || Verdict::There(9));
    assert_eq!(verdicts(absent(), there()), (1, 0));
    assert_eq!(verdicts(there(), absent()), (0, 0));
}

#[test]
fn what_is_settled_is_counted_and_its_witnesses_are_kept() {
    let now = Instant::now();
    let mut rng = StdRng::seed_from_u64(1);
    let mut desk = desk();
    desk.add(row(1, 7));
    let named = take(&mut desk).into_iter().map(|row| ("k".to_owned(), row));
    let answer = RequestOutcome::Commands {
        outcomes: vec![("k".to_owned(), CommandOutcome::Posted(5))],
        timing: Timing::default(),
    };
    let settled = settle(named.collect(), answer, Duration::ZERO);
    let (end, _) = desk.settled(ended(1, now), settled, settling(&mut rng, now));
    assert_eq!(end.witnesses[0].remote_id, 5);
    assert_eq!(desk.tally().posted, 1);
    desk.id_taken(key(1), 5);
    assert_eq!((desk.tally().posted, desk.tally().in_doubt), (0, 1));
    assert!(matches!(
        desk.take_stop(),
        Some(Stop::IdTaken { remote_id: 5, .. })
    ));
}

#[test]
fn what_is_learned_from_limits_is_kept_to() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut desk = desk();
    let now = Instant::now();
    let reset_at = Some(1_300);
    let limited = Lesson::Limited(Limit::Operating { reset_at });
    desk.learn(&[limited], 2, settling(&mut rng, now));
    let Permit::Wait { until, .. } = desk.permit(now, 0, 1) else {
        panic!("it waits");
    };
    assert_eq!(until - now, Duration::from_secs(300));
    let bytes = |desk: &Desk| desk.governor.limits(Instant::now()).unwrap().bytes;
    for (broke_off, expected) in [(false, 1 << 20), (true, 1 << 19)] {
        let lesson = Lesson::Unreachable { broke_off };
        desk.learn(&[lesson], 2, settling(&mut rng, now));
        assert_eq!(bytes(&desk), expected);
    }
}

#[test]
fn reads_are_paced_and_a_stop_of_theirs_is_the_runs() {
    let now = Instant::now();
    let mut rng = StdRng::seed_from_u64(1);
    let mut desk = in_doubt(now, now);
    let limited = CallError::Limited(Limit::Query);
    desk.read_answered(&For::Trial, Err(limited), now, &mut rng);
    assert!(matches!(desk.permit_read(now), Permit::Wait { .. }));
    assert!(!desk.is_stopping());
    let stop = portal_stop();
    desk.read_answered(&For::Trial, Err(CallError::Stop(stop)), now, &mut rng);
    assert!(desk.is_stopping());
}

/// What a portal says that knows the credentials no more.
fn portal_stop() -> crate::portal::Fatal {
    let body = br#"{"error":"INVALID_CREDENTIALS"}"#;
    let response = Response {
        status: 403,
        location: None,
        body: Bytes::from_static(body),
    };
    match judge(Ok(response), Asked::Direct("k")) {
        RequestOutcome::Stop(stop) => stop,
        other => panic!("{other:?}"),
    }
}
