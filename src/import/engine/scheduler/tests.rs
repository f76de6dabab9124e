//! Window, busy entities and stops.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::batch::Value;
use crate::import::ending::{Break, Ending};
use crate::import::engine::canary::Canaries;
use crate::import::engine::request::{ReadyRequest, build};
use crate::import::engine::settle::{Lesson, settle};
use crate::import::engine::window::{Room, WINDOW};
use crate::import::error::RunError;
use crate::import::pending_row::{OrderKey, PendingRow};
use crate::import::readback::{OpenDoubts, Proven, Verdict};
use crate::import::tally::Tally;
use crate::import::testing::row;
use crate::ledger::{Settle, Settlement};
use crate::pacing::{BucketPlan, Governor, PacingSettings, Permit};
use crate::portal::{
    Asked, CallError, CommandOutcome, Limit, RequestOutcome, Response, Timing, Uncertainty, judge,
};
use crate::post::RowKey;
use crate::targets::{CrmFeed, NewsFeed, Target, Timeline};

fn scheduler() -> Scheduler {
    scheduler_for(&CrmFeed, 2)
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

/// A scheduler whose batches may have so many commands.
fn scheduler_for(target: &'static dyn Target, commands: usize) -> Scheduler {
    desk_with(target, &settings(commands))
}

fn desk_with(target: &'static dyn Target, settings: &PacingSettings) -> Scheduler {
    let doubts = OpenDoubts::new(target, Proven::new(), Duration::from_secs(60));
    let canaries = Canaries::new(target, true, 1);
    let mut governor = Governor::new(settings, Instant::now());
    // A line that is no limit.
    governor.carried(1 << 30, Duration::from_secs(1));
    Scheduler::new(governor, doubts, canaries)
}

/// A request of so many commands, whose end is certain then.
fn ended(commands: usize, over_at: Instant) -> SettledRequest {
    SettledRequest {
        batch: 1,
        commands,
        bytes: 100,
        over_at,
    }
}

fn numbers(rows: &[PendingRow]) -> Vec<u64> {
    rows.iter().map(PendingRow::number).collect()
}

fn take(scheduler: &mut Scheduler) -> Vec<PendingRow> {
    scheduler
        .take_request(Instant::now())
        .map(|taken| taken.rows)
        .unwrap_or_default()
}

#[test]
fn rows_of_a_busy_entity_wait_and_return_to_their_place() {
    let mut scheduler = scheduler();
    for (number, entity) in [(1, 1), (2, 2), (3, 1), (4, 3)] {
        scheduler.add(row(number, entity));
    }
    let first = take(&mut scheduler);
    assert_eq!(numbers(&first), [1, 2]);
    let second = take(&mut scheduler);
    assert_eq!(numbers(&second), [4], "row 3 waits for row 1");
    scheduler.put_back(first);
    assert_eq!(numbers(&take(&mut scheduler)), [1, 2]);
    scheduler.free(&[second[0].candidate.entity]);
    assert!(take(&mut scheduler).is_empty());
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
        let mut scheduler = desk_with(&CrmFeed, &settings);
        scheduler
            .governor
            .good(20, Some(Duration::from_millis(took_ms)), now);
        scheduler.add(row(1, 1));
        scheduler.fed();
        let first = take(&mut scheduler);
        assert_eq!(numbers(&first), [1], "nothing else is under way");
        scheduler.add(row(2, 1));
        scheduler.add(row(3, 2));
        let second = take(&mut scheduler);
        assert_eq!(numbers(&second), expected, "{bucket:?} {took_ms}");
        scheduler.free(&[first[0].candidate.entity]);
        if second.is_empty() {
            assert_eq!(numbers(&take(&mut scheduler)), [2, 3]);
        }
    }
}

#[test]
fn the_window_knows_its_bytes() {
    let mut scheduler = scheduler();
    let less = Room {
        rows: WINDOW.rows - 1,
        bytes: WINDOW.bytes - 1,
    };
    assert_eq!(scheduler.room(), WINDOW);
    scheduler.add(row(1, 1));
    assert_eq!(scheduler.room(), less);
    let taken = take(&mut scheduler);
    assert_eq!(scheduler.room(), WINDOW);
    scheduler.put_back(taken);
    assert_eq!(scheduler.room(), less);
}

#[test]
fn nothing_begins_once_the_run_is_to_stop() {
    let mut scheduler = scheduler();
    scheduler.add(row(1, 1));
    scheduler.stop(Ending::Interrupted);
    scheduler.stop(RunError::GaveUp(Duration::from_secs(60)));
    assert!(take(&mut scheduler).is_empty());
    assert!(scheduler.must_not_write(Instant::now()) && !scheduler.wants_rows());
    assert_eq!(scheduler.permit(Instant::now(), 0, 1), Permit::Busy);
    assert!(
        matches!(
            scheduler.take_stop(),
            Some(Break::Ending(Ending::Interrupted))
        ),
        "the first reason counts"
    );
}

#[test]
fn doubt_stops_writing_until_the_portal_answers() {
    let mut scheduler = scheduler();
    let mut rng = StdRng::seed_from_u64(1);
    let now = Instant::now();
    scheduler.add(row(1, 1));
    scheduler.learn(
        &[Lesson::Doubt],
        2,
        SettledAt {
            now,
            unix_now: 0,
            rng: &mut rng,
        },
    );
    assert!(scheduler.must_not_write(Instant::now()));
    assert!(take(&mut scheduler).is_empty());
    let later = now + Duration::from_secs(2);
    assert_eq!(scheduler.permit(later, 0, 1), Permit::Ask);
    scheduler.asked(later);
    scheduler.ask_answered(true, later, &mut rng);
    assert_eq!(numbers(&take(&mut scheduler)), [1]);
}

#[test]
fn the_second_request_in_a_row_that_vanishes_halves_the_limits() {
    let mut scheduler = scheduler();
    let mut rng = StdRng::seed_from_u64(1);
    let now = Instant::now();
    let mut learn = |scheduler: &mut Scheduler, lesson| {
        scheduler.learn(
            &[lesson],
            2,
            SettledAt {
                now,
                unix_now: 0,
                rng: &mut rng,
            },
        );
        scheduler
            .governor
            .limits(Instant::now())
            .map(|limits| limits.bytes)
    };
    assert_eq!(learn(&mut scheduler, Lesson::Vanished), Some(1 << 20));
    assert_eq!(
        learn(&mut scheduler, Lesson::Good { took: None }),
        Some(1 << 20)
    );
    assert_eq!(learn(&mut scheduler, Lesson::Vanished), Some(1 << 20));
    assert_eq!(learn(&mut scheduler, Lesson::Vanished), Some(1 << 19));
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
    let mut scheduler = scheduler();
    for number in 1..=3 {
        scheduler.add(row(number, 7));
    }
    let entity = take(&mut scheduler)[0].candidate.entity;
    scheduler.free(&[entity]);
    assert!(take(&mut scheduler).is_empty(), "row 2 is still under way");
    scheduler.free(&[entity]);
    assert_eq!(numbers(&take(&mut scheduler)), [3]);
}

#[test]
fn doubt_in_the_feed_holds_everything_back_and_on_a_record_only_its_rows() {
    let now = Instant::now();
    let targets: [(&'static dyn Target, &[u64]); 2] = [(&NewsFeed, &[]), (&Timeline, &[3])];
    for (target, free) in targets {
        let mut scheduler = scheduler_for(target, 2);
        scheduler.canaries = Canaries::new(target, false, 1);
        scheduler.hold(row(1, 7), now);
        scheduler.add(row(2, 7));
        scheduler.add(row(3, 8));
        assert_eq!(numbers(&take(&mut scheduler)), free, "{}", target.name());
        assert!(scheduler.may_look(0));
        assert_eq!(scheduler.may_look(1), target.name() == "timeline");
        assert!(!scheduler.is_empty());
    }
}

#[test]
fn the_first_row_of_an_author_goes_alone_and_nothing_beside_it() {
    let mut scheduler = scheduler_for(&Timeline, 2);
    scheduler.add(row(1, 7));
    scheduler.add(row(2, 8));
    let first = take(&mut scheduler);
    assert_eq!(numbers(&first), [1]);
    assert!(take(&mut scheduler).is_empty(), "a row is a canary");
    scheduler.put_back(first);
    let again = take(&mut scheduler);
    assert_eq!(numbers(&again), [1], "it was not sent");
    scheduler.give_up_row(&again[0]);
    assert_eq!(numbers(&take(&mut scheduler)), [2], "it can't be sent");
    assert_eq!(scheduler.tally().invalid, 1);
}

#[test]
fn a_row_given_up_frees_its_record() {
    let mut scheduler = scheduler();
    for number in 1..=3 {
        scheduler.add(row(number, 7));
    }
    for row in take(&mut scheduler) {
        scheduler.give_up_row(&row);
    }
    assert_eq!(numbers(&take(&mut scheduler)), [3]);
}

#[test]
fn bodies_in_memory_are_bounded() {
    let mut scheduler = scheduler();
    scheduler.add(row(1, 1));
    let [most, nearly] = [u64::MAX / 2, (24 << 20) - 9].map(|bytes| {
        let hold = scheduler.budget().hold(bytes).unwrap();
        assert!(scheduler.take_request(Instant::now()).is_none());
        hold.bytes()
    });
    assert!(
        most > nearly,
        "a body of any size goes alone, and 10 bytes are more than 9"
    );
    let taken = scheduler.take_request(Instant::now()).unwrap();
    assert_eq!(taken.hold.bytes(), 10);
}

/// A request of so many rows with a text of that length each.
fn ready(scheduler: &mut Scheduler, rows: u64, bytes: usize) -> ReadyRequest {
    for number in 1..=rows {
        let mut row = row(number, number);
        row.command.params = vec![("T", Value::Text("x".repeat(bytes)))];
        scheduler.add(row);
    }
    let taken = scheduler.take_request(Instant::now()).unwrap();
    build(taken, &mut StdRng::seed_from_u64(1)).ready.unwrap()
}

#[test]
fn a_full_request_is_made_anew_when_twice_as_much_may_go() {
    let outgrown = |rows, more| {
        let mut scheduler = scheduler_for(&CrmFeed, 10);
        let ready = ready(&mut scheduler, rows, 1);
        if more {
            scheduler.add(row(99, 99));
        }
        let now = Instant::now();
        assert!(!scheduler.is_outgrown(&ready, now));
        scheduler
            .governor
            .good(10, Some(Duration::from_millis(1)), now);
        scheduler.is_outgrown(&ready, now)
    };
    assert!(outgrown(10, true));
    assert!(!outgrown(10, false), "there is nothing to add");
    assert!(!outgrown(9, true), "it was not full");
}

#[test]
fn a_request_that_limits_have_overtaken_is_made_anew_unless_it_is_one_row() {
    let fits_after = |rows, bytes, shrinks| {
        let mut scheduler = scheduler_for(&CrmFeed, 10);
        let ready = ready(&mut scheduler, rows, bytes);
        assert!(scheduler.still_fits(&ready, Instant::now()));
        for _ in 0..shrinks {
            scheduler.governor.shrink(10);
        }
        scheduler.still_fits(&ready, Instant::now())
    };
    assert!(!fits_after(10, 1, 1), "too many rows");
    assert!(fits_after(2, 1, 1));
    assert!(!fits_after(2, 300_000, 1), "too many bytes");
    assert!(fits_after(1, 600_000, 1), "it can't be made smaller");
}

fn settling(rng: &mut StdRng, now: Instant) -> SettledAt<'_, StdRng> {
    SettledAt {
        now,
        unix_now: 1_000,
        rng,
    }
}

/// A scheduler whose first two rows, of one entity, have been sent and left in doubt until then.
fn in_doubt(now: Instant, due: Instant) -> Scheduler {
    let mut scheduler = scheduler_for(&Timeline, 2);
    scheduler.canaries = Canaries::new(&Timeline, false, 1);
    for number in 1..=3 {
        scheduler.add(row(number, 7));
    }
    let taken = take(&mut scheduler);
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
    scheduler.settled(ended(2, due), settled, settling(&mut rng, now));
    scheduler.free(&entities);
    scheduler.ask_answered(true, now, &mut rng);
    scheduler
}

fn key(number: u64) -> RowKey {
    RowKey::external(&number.to_string())
}

#[test]
fn rows_in_doubt_keep_their_record_until_they_are_judged() {
    let now = Instant::now();
    let due = now + Duration::from_secs(75);
    let mut scheduler = in_doubt(now, due);
    assert_eq!(scheduler.tally().in_doubt, 2);
    assert_eq!(scheduler.to_read(now), ToRead::Wait(due));
    assert_eq!(scheduler.to_read(due), ToRead::Claims);
    assert!(take(&mut scheduler).is_empty(), "row 3 waits behind them");
    scheduler.judged(vec![(key(1), Verdict::Absent)]);
    assert!(take(&mut scheduler).is_empty(), "row 2 is still in doubt");
    scheduler.judged(vec![(key(2), Verdict::There(9))]);
    assert_eq!(numbers(&take(&mut scheduler)), [1], "before row 3");
    let tally = scheduler.tally();
    assert_eq!((tally.posted, tally.in_doubt), (1, 0));
}

#[test]
fn a_row_found_behind_one_that_is_absent_is_out_of_order() {
    let now = Instant::now();
    let verdicts = |first, second| {
        let mut scheduler = in_doubt(now, now);
        scheduler.judged(vec![(key(1), first), (key(2), second)]);
        (scheduler.tally().out_of_order, scheduler.tally().in_doubt)
    };
    let (absent, there) = (|| Verdict::Absent, || Verdict::There(9));
    assert_eq!(verdicts(absent(), there()), (1, 0));
    assert_eq!(verdicts(there(), absent()), (0, 0));
}

#[test]
fn what_is_settled_is_counted_and_its_witnesses_are_kept() {
    let now = Instant::now();
    let mut rng = StdRng::seed_from_u64(1);
    let mut scheduler = scheduler();
    scheduler.add(row(1, 7));
    let named = take(&mut scheduler)
        .into_iter()
        .map(|row| ("k".to_owned(), row));
    let answer = RequestOutcome::Commands {
        outcomes: vec![("k".to_owned(), CommandOutcome::Posted(5))],
        timing: Timing::default(),
    };
    let settled = settle(named.collect(), answer, Duration::ZERO);
    let (end, _) = scheduler.settled(ended(1, now), settled, settling(&mut rng, now));
    assert_eq!(end.witnesses[0].remote_id, 5);
    assert_eq!(scheduler.tally().posted, 1);
    scheduler.id_taken(key(1), 5);
    assert_eq!(
        (scheduler.tally().posted, scheduler.tally().in_doubt),
        (0, 1)
    );
    assert!(matches!(
        scheduler.take_stop(),
        Some(Break::Error(RunError::IdTaken { remote_id: 5, .. }))
    ));
}

#[test]
fn what_is_learned_from_limits_is_kept_to() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut scheduler = scheduler();
    let now = Instant::now();
    let reset_at = Some(1_300);
    let limited = Lesson::Limited(Limit::Operating { reset_at });
    scheduler.learn(&[limited], 2, settling(&mut rng, now));
    let Permit::Wait { until, .. } = scheduler.permit(now, 0, 1) else {
        panic!("it waits");
    };
    assert_eq!(until - now, Duration::from_secs(300));
    let bytes = |scheduler: &Scheduler| scheduler.governor.limits(Instant::now()).unwrap().bytes;
    for (broke_off, expected) in [(false, 1 << 20), (true, 1 << 19)] {
        let lesson = Lesson::Unreachable { broke_off };
        scheduler.learn(&[lesson], 2, settling(&mut rng, now));
        assert_eq!(bytes(&scheduler), expected);
    }
}

#[test]
fn reads_are_paced_and_a_stop_of_theirs_is_the_runs() {
    let now = Instant::now();
    let mut rng = StdRng::seed_from_u64(1);
    let mut scheduler = in_doubt(now, now);
    let limited = CallError::Limited(Limit::Query);
    scheduler.read_answered(&ReadPurpose::Canary, Err(limited), now, &mut rng);
    assert!(matches!(scheduler.permit_read(now), Permit::Wait { .. }));
    assert!(!scheduler.is_stopping());
    let stop = portal_stop();
    scheduler.read_answered(
        &ReadPurpose::Canary,
        Err(CallError::Stop(stop)),
        now,
        &mut rng,
    );
    assert!(scheduler.is_stopping());
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
