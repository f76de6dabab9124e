//! Which rows are looked for, when, and by which witness.

use std::time::Duration;

use super::*;
use crate::import::testing;
use crate::post::{ContentHash, Entity, EntityKind};
use crate::targets::{NewsFeed, Timeline};

fn deal(id: u64) -> Option<Entity> {
    let kind = EntityKind::Deal;
    Some(Entity { kind, id })
}

fn claim(number: u64) -> OpenClaim {
    OpenClaim {
        body_bytes: 100,
        other_author_id: None,
        batch: 1,
        content: ContentHash([0; 16]),
        key: RowKey::external(&number.to_string()),
        row_number: number,
        target: "timeline".into(),
        text_hash: ContentHash([0; 16]),
        entity: deal(7),
        author_id: 1,
        reach: 1,
        files: 0,
        baseline: Some(4),
        portal_sent_at: None,
        sent_at: 0,
    }
}

fn held(number: u64, due: Instant) -> Held {
    let row = testing::row(number, 7);
    Held { row, due }
}

/// A post on a deal of the same number.
fn witness(number: u64) -> Witness {
    Witness {
        reach: 1,
        remote_id: number,
        entity: deal(number),
    }
}

fn numbers(rows: &[(PendingRow, Verdict)]) -> Vec<u64> {
    rows.iter().map(|(row, _)| row.number()).collect()
}

#[test]
fn doubt_in_one_stream_for_all_blocks_everything() {
    let now = Instant::now();
    let targets: [(&'static dyn Target, bool); 2] = [(&NewsFeed, true), (&Timeline, false)];
    for (target, blocks) in targets {
        let mut doubts = OpenDoubts::new(target, Proven::new(), Duration::from_secs(60));
        assert!(!doubts.block_all());
        doubts.hold(held(1, now));
        assert_eq!(doubts.block_all(), blocks, "{}", target.name());
    }
}

/// The rows that a search tells verdicts of, and those whose posts it knows.
fn wanted(doubts: &mut OpenDoubts) -> (Vec<RowKey>, Vec<u64>) {
    let (inquiries, keys) = doubts.take_search().unwrap().into_parts();
    let claims = inquiries.into_iter().flat_map(|inquiry| inquiry.claims);
    let mut keys: Vec<RowKey> = keys.into_iter().collect();
    keys.sort_by_key(|key| key.as_str().to_owned());
    (keys, claims.map(|claim| claim.row_number).collect())
}

#[test]
fn only_what_is_due_is_looked_for_and_the_rest_stays() {
    let now = Instant::now();
    let later = now + Duration::from_secs(10);
    let mut doubts = OpenDoubts::new(&Timeline, Proven::new(), Duration::from_secs(60));
    assert_eq!(doubts.next(now), NextRead::Idle);
    doubts.hold(held(1, later));
    assert_eq!(doubts.next(now), NextRead::Wait(later));
    doubts.hold(held(2, now));
    assert_eq!(doubts.next(now), NextRead::Wait(later), "of one record");
    let row = testing::row(3, 8);
    doubts.hold(Held { row, due: now });
    assert_eq!(doubts.next(now), NextRead::Begin);
    let of_another = OpenClaim {
        entity: deal(8),
        ..claim(3)
    };
    doubts.begin(vec![claim(1), claim(2), of_another], |_| None, now);
    assert_eq!(wanted(&mut doubts), (vec![claim(3).key], vec![3]));
    let judged = doubts.judged(vec![(claim(3).key, Verdict::Absent)]);
    assert_eq!(numbers(&judged), [3]);
    assert_eq!(doubts.next(now), NextRead::Wait(later), "rows 1 and 2");
}

/// A post may belong to a row that an earlier run has left in doubt.
#[test]
fn rows_in_doubt_from_before_that_say_the_same_are_reckoned_with() {
    let now = Instant::now();
    let mut doubts = OpenDoubts::new(&Timeline, Proven::new(), Duration::from_secs(60));
    doubts.hold(held(5, now));
    let other_text = OpenClaim {
        text_hash: ContentHash([1; 16]),
        ..claim(2)
    };
    doubts.begin(vec![claim(1), other_text, claim(5)], |_| None, now);
    assert_eq!(wanted(&mut doubts), (vec![claim(5).key], vec![1, 5]));
}

#[test]
fn verdicts_come_in_the_manifests_order() {
    let now = Instant::now();
    let mut doubts = OpenDoubts::new(&Timeline, Proven::new(), Duration::from_secs(60));
    doubts.hold(held(2, now));
    doubts.hold(held(1, now));
    let verdict = |number| (claim(number).key, Verdict::Absent);
    let judged = doubts.judged(vec![verdict(2), verdict(1)]);
    assert_eq!(numbers(&judged), [1, 2]);
    assert!(doubts.is_empty());
}

/// The deal that is read first.
fn read_first(mut doubts: OpenDoubts, kept: Option<Witness>) -> String {
    let now = Instant::now();
    doubts.hold(held(1, now));
    doubts.begin(vec![claim(1)], |_| kept, now);
    let NextRead::Read(reads) = doubts.next(now) else {
        panic!("something is to be read");
    };
    let deal = reads.commands[0].text(&["filter", "ENTITY_ID"]);
    deal.unwrap().to_owned()
}

#[test]
fn the_newest_post_of_this_run_bears_witness_or_one_of_an_earlier_run() {
    let doubts = || OpenDoubts::new(&Timeline, Proven::new(), Duration::from_secs(60));
    assert_eq!(read_first(doubts(), None), "7", "there is none");
    assert_eq!(read_first(doubts(), Some(witness(5))), "5");
    let mut with_own = doubts();
    with_own.witness(witness(20));
    with_own.witness(witness(21));
    assert_eq!(read_first(with_own, Some(witness(5))), "21");
    let mut proven = doubts();
    proven.prove(1);
    assert_eq!(read_first(proven, Some(witness(5))), "7", "none is needed");
}
