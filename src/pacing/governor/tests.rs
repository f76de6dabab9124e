//! What may be sent, and when.

use super::*;
use rand::{SeedableRng, rngs::StdRng};

fn settings() -> PacingSettings {
    PacingSettings {
        bucket: None,
        operating_limit: None,
        reserve: 0.0,
        recent: Vec::new(),
        lanes: 4,
        first_batch: 50,
        max_batch: 50,
        max_bytes: 1 << 23,
        request_limit: Duration::from_secs(60),
        give_up_after: Duration::from_secs(3_600),
    }
}

const FULL: Permit = Permit::Send;

#[test]
fn lanes_bound_what_is_under_way() {
    let now = Instant::now();
    let mut governor = Governor::new(&settings(), now);
    assert_eq!(governor.permit(now, 0, 1), FULL);
    assert_eq!(
        governor.permit(now, 1, 1),
        Permit::Busy,
        "one lane until the portal has taken posts"
    );
    governor.good(1, None, now);
    assert_eq!(governor.permit(now, 3, 1), FULL);
    assert_eq!(governor.permit(now, 4, 1), Permit::Busy);
}

#[test]
fn the_bucket_delays_every_kind_of_request() {
    let now = Instant::now();
    let bucket = BucketPlan {
        rate: 2.0,
        burst: 1.0,
    };
    let mut governor = Governor::new(
        &PacingSettings {
            bucket: Some(bucket),
            ..settings()
        },
        now,
    );
    assert_eq!(governor.permit(now, 0, 1), FULL);
    governor.sent(now);
    let until = now + Duration::from_millis(500);
    assert_eq!(
        governor.permit(now, 0, 1),
        Permit::Wait {
            until,
            reason: WaitReason::Rate
        }
    );
    assert_eq!(governor.permit(until, 0, 1), FULL);
}

#[test]
fn after_a_doubt_one_command_on_one_lane() {
    let mut rng = StdRng::seed_from_u64(3);
    let now = Instant::now();
    let mut governor = Governor::new(&settings(), now);
    governor.doubt(2, now, &mut rng);
    let Permit::Wait {
        until,
        reason: WaitReason::Doubt,
    } = governor.permit(now, 2, 1)
    else {
        panic!("{:?}", governor.permit(now, 2, 1));
    };
    assert_eq!(governor.permit(until, 2, 1), Permit::Ask);
    governor.asked(until);
    assert_eq!(governor.permit(until, 0, 1), Permit::Busy);
    assert_eq!(governor.limits(now), None);
    governor.ask_answered(true, until, &mut rng);
    assert_eq!(governor.permit(until, 0, 1), Permit::Send);
    assert_eq!(governor.limits(now).map(|limits| limits.commands), Some(1));
    assert_eq!(governor.permit(until, 1, 1), Permit::Busy);
    governor.good(1, Some(Duration::ZERO), until);
    assert_eq!(governor.permit(until, 1, 1), Permit::Send);
    assert_eq!(governor.limits(now).map(|limits| limits.commands), Some(2));
}

#[test]
fn refusals_hold_every_lane_back_and_good_answers_end_the_growth() {
    let mut rng = StdRng::seed_from_u64(3);
    let now = Instant::now();
    let mut governor = Governor::new(&settings(), now);
    governor.rate_refused(now, &mut rng);
    let Permit::Wait { until, reason } = governor.permit(now, 0, 1) else {
        panic!("must wait");
    };
    assert_eq!(reason, WaitReason::RateRefused);
    assert!(until <= now + Duration::from_secs(1));
    let until = until + Duration::from_millis(1);
    assert_eq!(governor.permit(until, 0, 1), FULL);
    let reset = Duration::from_secs(300);
    governor.budget_refused(Some(reset), until, &mut rng);
    assert_eq!(
        governor.permit(until, 0, 1),
        Permit::Wait {
            until: until + reset,
            reason: WaitReason::Operating
        }
    );
}

#[test]
fn it_gives_up_only_without_any_good_answer() {
    let now = Instant::now();
    let mut governor = Governor::new(&settings(), now);
    let hour = Duration::from_secs(3_600);
    assert!(!governor.gives_up(now + hour - Duration::from_secs(1)));
    assert!(governor.gives_up(now + hour));
    governor.good(1, None, now + hour);
    assert!(!governor.gives_up(now + hour));
}

#[test]
fn a_body_too_large_halves_the_limit() {
    let now = Instant::now();
    let mut governor = Governor::new(&settings(), now);
    governor.carried(1 << 30, Duration::from_secs(1));
    governor.shrink(2);
    assert_eq!(
        governor.limits(now).map(|limits| limits.bytes),
        Some(1 << 22)
    );
    for _ in 0..20 {
        governor.shrink(2);
    }
    assert_eq!(
        governor.limits(now).map(|limits| limits.bytes),
        Some(LEAST_BYTES)
    );
}

/// Before any answer the slowest line counts: an upload is to take a quarter of the request limit.
#[test]
fn a_body_is_no_larger_than_the_line_has_shown_to_carry() {
    let now = Instant::now();
    let mut governor = Governor::new(&settings(), now);
    let bytes = |governor: &Governor| governor.limits(now).map(|limits| limits.bytes);
    let quarter = settings().request_limit.as_secs() / 4;
    assert_eq!(bytes(&governor), Some(quarter * 16 * 1024));
    governor.carried(200_000, Duration::from_secs(1));
    assert_eq!(bytes(&governor), Some(quarter * 200_000));
    governor.carried(1 << 30, Duration::from_secs(1));
    assert_eq!(bytes(&governor), Some(settings().max_bytes));
}

#[test]
fn what_is_left_of_the_server_time_bounds_a_request() {
    let now = Instant::now();
    let mut governor = Governor::new(
        &PacingSettings {
            operating_limit: Some(Duration::from_secs(100)),
            ..settings()
        },
        now,
    );
    let commands = |governor: &Governor, now| governor.limits(now).map(|limits| limits.commands);
    let told = Told {
        commands: 50,
        spent: Duration::from_secs(50),
        used: Some(50.0),
        reset_in: Some(Duration::from_secs(600)),
    };
    governor.sent_posts(50, now);
    governor.landed(50, &told, told.spent, now);
    governor.good(50, None, now);
    assert_eq!(commands(&governor, now), Some(45));
    governor.sent_posts(40, now);
    assert_eq!(
        commands(&governor, now),
        Some(50),
        "5 are too few; it waits"
    );
    let Permit::Wait {
        until,
        reason: WaitReason::Operating,
    } = governor.permit(now, 1, 5)
    else {
        panic!("{:?}", governor.permit(now, 1, 5));
    };
    assert_eq!(until, now + Duration::from_secs(600));
    governor.landed(40, &Told::default(), told.spent, now);
    governor.posts_refused(None, now, &mut StdRng::seed_from_u64(1));
    let again = now + Duration::from_secs(600);
    assert_eq!(commands(&governor, again), Some(1), "a small one is tried");
    assert_eq!(governor.permit(again, 0, 1), FULL);
}
