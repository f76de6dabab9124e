//! The account as several kinds of portals keep it.

use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn operating(now: Instant) -> Operating {
    Operating::new(Some(DOCUMENTED_LIMIT), 0.0, now)
}

/// An answer for commands of half a second, in the middle of a portal's minute.
fn told(commands: u32, used: f64) -> Told {
    Told {
        commands: commands as usize,
        spent: SECOND / 2 * commands,
        used: Some(used),
        reset_in: Some(SECOND * 570),
    }
}

fn answer(operating: &mut Operating, told: Told, now: Instant) {
    operating.sent(told.commands);
    operating.landed(told.commands);
    operating.answered(&told, now);
}

#[test]
fn a_portal_that_tells_nothing_limits_nothing() {
    let now = Instant::now();
    let mut operating = operating(now);
    let silent = Told {
        used: None,
        reset_in: None,
        ..told(5_000, 0.0)
    };
    answer(&mut operating, silent, now);
    assert_eq!(operating.room(now), usize::MAX);
    assert_eq!(operating.time_for(1e6, 4.0, now), 0.0);
    let mut unlimited = Operating::new(None, 0.0, now);
    answer(&mut unlimited, told(5_000, 2_500.0), now);
    assert_eq!(unlimited.room(now), usize::MAX, "the user says so");
}

#[test]
fn all_but_a_twentieth_is_used_and_what_is_in_flight_counts() {
    let now = Instant::now();
    let mut operating = operating(now);
    answer(&mut operating, told(12, 6.0), now);
    assert_eq!(operating.room(now), 900, "450 s of 456");
    operating.sent(50);
    operating.sent(50);
    assert_eq!(operating.room(now), 800);
    operating.landed(50);
    operating.answered(&told(50, 56.0), now);
    assert_eq!(
        operating.room(now),
        800,
        "what the others of ours spent is not somebody else's"
    );
    let mut reserved = Operating::new(Some(DOCUMENTED_LIMIT), 0.5, now);
    answer(&mut reserved, told(12, 6.0), now);
    assert_eq!(reserved.room(now), 444);
}

#[test]
fn a_minute_of_the_portal_is_forgotten_as_a_whole() {
    let start = Instant::now();
    let mut operating = operating(start);
    answer(&mut operating, told(400, 200.0), start);
    answer(&mut operating, told(512, 456.0), start + SECOND * 29);
    let now = start + SECOND * 29;
    assert_eq!(operating.room(now), 0);
    // The portal's minute ends 30 s after the first answer, which is when it began as well: 570 s
    // later the first is forgotten.
    let frees = operating.frees_at(now);
    assert!(
        frees >= start + SECOND * 539 && frees <= start + SECOND * 600,
        "{:?}",
        frees - start
    );
    assert_eq!(operating.room(frees), 912);
}

#[test]
fn batches_that_are_not_shown_inside_themselves_count_all_the_same() {
    let now = Instant::now();
    let mut operating = operating(now);
    for shown in 0..18 {
        answer(&mut operating, told(50, f64::from(shown) * 25.0), now);
    }
    assert_eq!(operating.room(now), 12, "450 s were spent, 425 told");
}

#[test]
fn what_others_use_is_told_and_uncertain_once_some_of_it_is_forgotten() {
    let now = Instant::now();
    let mut operating = operating(now);
    let busy = Told {
        reset_in: Some(SECOND * 20),
        ..told(2, 456.0)
    };
    answer(&mut operating, busy, now);
    assert_eq!(operating.room(now), 0);
    let later = operating.frees_at(now);
    assert_eq!(later, now + SECOND * 20);
    assert_eq!(operating.room(later), 48, "a twentieth is tried");
    answer(&mut operating, told(48, 440.0), later);
    assert_eq!(operating.room(later), 32);
}

#[test]
fn a_refusal_teaches_a_lower_limit_once() {
    let mut rng = StdRng::seed_from_u64(1);
    let now = Instant::now();
    let mut operating = operating(now);
    answer(&mut operating, told(400, 200.0), now);
    operating.refused(None, now, &mut rng);
    operating.refused(None, now, &mut rng);
    assert_eq!(operating.room(now), 0);
    let frees = operating.frees_at(now);
    assert!(frees > now + SECOND * 500, "{:?}", frees - now);
    assert_eq!(operating.room(frees), 1, "one at a time");
    operating.sent(1);
    assert_eq!(operating.room(frees), 0);
    operating.landed(1);
    operating.answered(&told(1, 0.5), frees);
    assert_eq!(operating.room(frees), 379, "190 s of 200");
}

#[test]
fn a_ban_is_waited_out_with_few_tries() {
    let mut rng = StdRng::seed_from_u64(1);
    let start = Instant::now();
    let mut operating = operating(start);
    answer(&mut operating, told(2, 1.0), start);
    let (mut now, mut tries) = (start, 0);
    while now < start + SECOND * 300 {
        assert!(operating.room(now) > 0);
        operating.refused(None, now, &mut rng);
        tries += 1;
        now = operating.frees_at(now);
    }
    assert!((5..=10).contains(&tries), "{tries}");
    assert!(now < start + SECOND * 700);
}

#[test]
fn the_time_for_much_work_is_counted_in_cycles() {
    assert_eq!(granted(400.0, 456.0, 4.0), 100.0);
    assert_eq!(granted(456.0 + 400.0, 456.0, 4.0), 700.0);
    assert_eq!(
        granted(4_560.0, 456.0, 0.5),
        9_120.0,
        "the limit does not bind"
    );
    let now = Instant::now();
    let mut operating = operating(now);
    answer(&mut operating, told(1, 0.5), now);
    let whole = operating.time_for(9_120.0, 4.0, now);
    assert!((11_400.0..=12_000.0).contains(&whole), "{whole}");
}

#[test]
fn a_post_that_needs_more_than_the_budget_goes_alone() {
    let now = Instant::now();
    let mut operating = Operating::new(Some(SECOND * 10), 0.0, now);
    let costly = Told {
        commands: 1,
        spent: SECOND * 30,
        used: Some(30.0),
        reset_in: Some(SECOND * 600),
    };
    answer(&mut operating, costly, now);
    assert_eq!(operating.room(now), 0);
    let frees = operating.frees_at(now);
    assert_eq!(operating.room(frees), 1);
    operating.sent(1);
    assert_eq!(operating.room(frees), 0);
}

proptest! {
    /// Against a portal that counts minutes of its own clock, with answers that take a while:
    /// never more than the limit, and never less than can be used.
    #[test]
    fn the_limit_is_used_and_kept(
        offset in 0_u64..60_000, cost in 1_u64..3_000, way in 0_u64..400, size in 1_usize..50,
    ) {
        let start = Instant::now();
        let mut operating = operating(start);
        let (mut now, mut minutes) = (0_u64, [0_u64; 60]);
        let mut total = 0;
        while now < 30 * 60_000 {
            let at = start + Duration::from_millis(now);
            let room = operating.room(at);
            if room == 0 {
                now = (operating.frees_at(at) - start).as_millis() as u64 + 1;
                continue;
            }
            let commands = size.min(room);
            operating.sent(commands);
            let spent = cost * commands as u64;
            let end = now + way + spent + offset;
            let minute = (end / 60_000) as usize;
            minutes[minute] += spent;
            total += spent;
            let oldest = (0..=minute).find(|m| m + 10 > minute && minutes[*m] > 0).unwrap();
            let used: u64 = minutes[oldest..=minute].iter().sum();
            prop_assert!(used <= 480_000, "{used}");
            let reset = (oldest as u64 + 10) * 60_000 - end;
            now += way + spent + way;
            operating.landed(commands);
            operating.answered(&Told {
                commands,
                spent: Duration::from_millis(spent),
                used: Some(used as f64 / 1_000.0),
                reset_in: Some(Duration::from_millis(reset)),
            }, start + Duration::from_millis(now));
        }
        let per_lane = 1_800_000.0 * spent_share(cost * size as u64, way);
        let granted = (3.0 * 456_000.0_f64).min(per_lane);
        prop_assert!(total as f64 >= granted * 0.9 - 10_000.0, "{total} of {granted}");
    }
}

/// The part of the time that one lane keeps the server busy.
fn spent_share(spent: u64, way: u64) -> f64 {
    spent as f64 / (spent + 2 * way) as f64
}
