//! What is kept for looking at the portal, and how what was found is taken in.

use std::sync::Arc;

use super::*;
use crate::post::{Entity, EntityKind};

/// Claims these rows in one request of that target.
fn begin(fixture: &mut Fixture, target: &str, claims: Vec<Claim>) {
    let id = fixture.ledger.next_batch_id().unwrap();
    let start = BatchStart {
        id,
        method: "batch",
        portal_time: Some(1_500),
        authorship: Authorship::AsNamed,
        body_bytes: 100,
        claims: claims.into_iter().map(Arc::new).collect(),
    };
    let commit = Commit {
        started: vec![start],
        at: 2_000,
        ..Commit::default()
    };
    fixture.ledger.commit(fixture.run, target, &commit).unwrap();
}

fn end(fixture: &mut Fixture, target: &str, settled: Vec<Settle>, witnesses: Vec<Witness>) {
    let ended = vec![BatchEnd {
        id: 1,
        outcome: "answered",
        settled,
        witnesses,
    }];
    let commit = Commit {
        ended,
        ..Commit::default()
    };
    fixture.ledger.commit(fixture.run, target, &commit).unwrap();
}

fn settle(key: &RowKey, settlement: Settlement) -> Settle {
    Settle {
        key: key.clone(),
        settlement,
    }
}

fn posted(key: &RowKey, remote_id: u64) -> Settle {
    settle(key, Settlement::Posted { remote_id })
}

fn deal(id: u64) -> Option<Entity> {
    let kind = EntityKind::Deal;
    Some(Entity { kind, id })
}

/// A row in doubt after one that was posted as ID 5.
fn doubted(fixture: &mut Fixture) -> [RowKey; 2] {
    let keys = ["1", "2"].map(RowKey::external);
    begin(fixture, "timeline", vec![claim(&keys[0], 1)]);
    end(fixture, "timeline", vec![posted(&keys[0], 5)], Vec::new());
    let second = Claim {
        entity: deal(7),
        author_id: 9,
        reach: Some(33),
        files: 2,
        ..claim(&keys[1], 2)
    };
    begin(fixture, "timeline", vec![second]);
    end(
        fixture,
        "timeline",
        vec![settle(&keys[1], doubt())],
        Vec::new(),
    );
    keys
}

#[test]
fn a_row_in_doubt_is_known_as_it_was_claimed() {
    let mut fixture = Fixture::new();
    let elsewhere = RowKey::external("0");
    begin(&mut fixture, TARGET, vec![claim(&elsewhere, 9)]);
    end(&mut fixture, TARGET, vec![posted(&elsewhere, 90)], vec![]);
    let [_, key] = doubted(&mut fixture);
    let expected = OpenClaim {
        body_bytes: 100,
        other_author_id: None,
        batch: 3,
        content: ContentHash([7; 16]),
        key,
        row_number: 2,
        target: "timeline".into(),
        text_hash: ContentHash([8; 16]),
        entity: deal(7),
        author_id: 9,
        reach: 33,
        files: 2,
        baseline: Some(5),
        portal_sent_at: Some(1_500),
        sent_at: 2_000,
    };
    assert_eq!(fixture.ledger.open_claims().unwrap(), [expected]);
}

#[test]
fn the_ids_that_came_in_with_a_claim_are_before_it() {
    let mut fixture = Fixture::new();
    let keys = ["1", "2"].map(RowKey::external);
    begin(&mut fixture, "timeline", vec![claim(&keys[0], 1)]);
    let commit = Commit {
        ended: vec![BatchEnd {
            id: 1,
            outcome: "answered",
            settled: vec![posted(&keys[0], 5)],
            witnesses: Vec::new(),
        }],
        started: vec![BatchStart {
            id: 2,
            method: "batch",
            portal_time: None,
            authorship: Authorship::AsNamed,
            body_bytes: 100,
            claims: vec![Arc::new(claim(&keys[1], 2))],
        }],
        at: 2_000,
    };
    let run = fixture.run;
    fixture.ledger.commit(run, "timeline", &commit).unwrap();
    fixture.ledger.recover(3_000).unwrap();
    let claims = fixture.ledger.open_claims().unwrap();
    assert_eq!(claims[0].baseline, Some(5));
}

#[test]
fn ids_are_owned_within_their_target() {
    let mut fixture = Fixture::new();
    doubted(&mut fixture);
    let owned = |target| fixture.ledger.owned(target, [4, 5, 6]).unwrap();
    assert_eq!(owned("timeline"), [5].into());
    assert!(owned("news-feed").is_empty());
}

#[test]
fn witnesses_are_kept_by_target_and_reach() {
    let mut fixture = Fixture::new();
    let [first, _] = doubted(&mut fixture);
    let witness = |reach, remote_id| Witness {
        reach,
        remote_id,
        entity: deal(7),
    };
    let two = vec![witness(1, 5), witness(2, 6)];
    end(&mut fixture, "timeline", Vec::new(), two);
    let kept = |fixture: &Fixture, target, reach| fixture.ledger.witness(target, reach).unwrap();
    assert_eq!(kept(&fixture, "timeline", 1), Some(witness(1, 5)));
    assert_eq!(kept(&fixture, "timeline", 2), Some(witness(2, 6)));
    assert_eq!(kept(&fixture, "timeline", 3), None);
    assert_eq!(kept(&fixture, "news-feed", 1), None);
    end(&mut fixture, "timeline", vec![], vec![witness(1, 8)]);
    assert_eq!(kept(&fixture, "timeline", 1), Some(witness(1, 8)));
    assert_eq!(fixture.state(&first), Some(State::Posted));
}

#[test]
fn what_was_found_is_taken_in_and_bears_witness() {
    let mut fixture = Fixture::new();
    let [_, key] = doubted(&mut fixture);
    let found = [posted(&key, 6)];
    fixture.ledger.settle_doubts(&found, 3_000).unwrap();
    assert_eq!(fixture.state(&key), Some(State::Posted));
    assert_eq!(fixture.claims(), 0);
    let witness = Witness {
        reach: 33,
        remote_id: 6,
        entity: deal(7),
    };
    assert_eq!(
        fixture.ledger.witness("timeline", 33).unwrap(),
        Some(witness)
    );
}

#[test]
fn only_doubt_is_settled_by_looking_and_what_stays_keeps_its_claim() {
    let mut fixture = Fixture::new();
    let [first, key] = doubted(&mut fixture);
    let both = [
        settle(&key, Settlement::Pending),
        settle(&first, Settlement::Pending),
    ];
    let error = fixture.ledger.settle_doubts(&both, 3_000).unwrap_err();
    assert!(matches!(error, LedgerError::NotInDoubt { .. }), "{error}");
    assert_eq!(fixture.state(&key), Some(State::InDoubt), "all or nothing");
    let unknown = [settle(&key, doubt())];
    fixture.ledger.settle_doubts(&unknown, 3_000).unwrap();
    assert_eq!(fixture.ledger.open_claims().unwrap().len(), 1);
    let absent = [settle(&key, Settlement::Pending)];
    fixture.ledger.settle_doubts(&absent, 3_000).unwrap();
    assert_eq!(fixture.state(&key), Some(State::Pending));
    assert_eq!(fixture.claims(), 0);
}
