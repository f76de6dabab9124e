//! Rows that have gone from the manifest, known by what they said.

use super::*;
use crate::post::{Entity, EntityKind};

#[test]
fn arrived_rows_that_are_not_there_are_listed_by_what_they_said() {
    let mut fixture = Fixture::new();
    let keys = ["1", "2", "3", "4"].map(RowKey::external);
    fixture.start(&keys.iter().collect::<Vec<_>>()).unwrap();
    fixture.settle(&keys[0], Settlement::Posted { remote_id: 5 });
    fixture.settle(&keys[1], doubt());
    fixture.settle(&keys[2], Settlement::Pending);
    fixture.settle(&keys[3], Settlement::Posted { remote_id: 6 });
    let id = |fixture: &Fixture, key| fixture.ledger.find(key).unwrap().unwrap().id;
    let there = id(&fixture, &keys[3]);
    let ids = |fixture: &Fixture| -> Vec<u64> {
        let vanished = fixture.ledger.vanished(|id| id == there).unwrap();
        let said = saying(ContentHash([0; 16]), None);
        assert!(vanished.iter().all(|row| row.saying == said));
        vanished.iter().map(|row| row.id).collect()
    };
    let both = [&keys[0], &keys[1]].map(|key| id(&fixture, key));
    assert_eq!(ids(&fixture), both);
    assert_eq!(fixture.ledger.key_of(both[1]).unwrap(), keys[1]);
    fixture.ledger.accept_as_gone(&both[..1]).unwrap();
    assert_eq!(ids(&fixture), both[1..]);
}

#[test]
fn what_a_row_says_is_its_message_for_its_record() {
    let deal = |id| {
        let kind = EntityKind::Deal;
        Some(Entity { kind, id })
    };
    let [one, other] = [[1; 16], [2; 16]].map(ContentHash);
    let said = saying(one, deal(1));
    assert_eq!(said, saying(one, deal(1)));
    for different in [
        saying(other, deal(1)),
        saying(one, deal(2)),
        saying(one, None),
    ] {
        assert_ne!(said, different);
    }
}

#[test]
fn a_row_was_posted_before_a_time_that_was_not_its_own() {
    let mut fixture = Fixture::new();
    let keys = ["1", "2"].map(RowKey::external);
    fixture.start(&[&keys[0], &keys[1]]).unwrap();
    fixture.settle(&keys[0], Settlement::Posted { remote_id: 5 });
    let id = |key| fixture.ledger.find(key).unwrap().unwrap().id;
    // The fixture posts at 2,000.
    let posted = |at| fixture.ledger.was_posted_before(id(&keys[0]), at).unwrap();
    assert_eq!([1_999, 2_000, 2_001].map(posted), [false, false, true]);
    assert!(
        !fixture
            .ledger
            .was_posted_before(id(&keys[1]), 9_999)
            .unwrap()
    );
    let own = "UPDATE rows SET publish_at = 2001";
    fixture.ledger.connection.execute(own, []).unwrap();
    assert!(!posted(2_001));
}
