//! Rows and posts that are another ledger's.

use std::path::{Path, PathBuf};

use super::*;
use crate::post::{Entity, EntityKind};

const PORTAL: &str = "p.example";

/// A ledger of that portal in a folder of its own, with rows of these keys in that state.
fn ledger(portal: &str, keys: &[RowKey], settlement: Option<&Settlement>) -> Fixture {
    let mut fixture = Fixture::new();
    fixture.ledger.bind(portal, 1).unwrap();
    fixture.start(&keys.iter().collect::<Vec<_>>()).unwrap();
    for (key, remote_id) in keys.iter().zip(1..) {
        match settlement {
            Some(Settlement::Posted { .. }) => {
                fixture.settle(key, Settlement::Posted { remote_id });
            }
            Some(settlement) => {
                fixture.settle(key, settlement.clone());
            }
            None => {}
        }
    }
    fixture
}

const POSTED: Settlement = Settlement::Posted { remote_id: 0 };

/// What the fixture's rows say.
fn new_row(number: u64) -> NewRow {
    NewRow {
        number,
        content: ContentHash([7; 16]),
        message: ContentHash([0; 16]),
        entity: None,
        publish_at: None,
    }
}

/// So many other rows, so that one side or the other is the smaller one.
fn among(others: u64, new_rows: &[(RowKey, NewRow)]) -> NewRows {
    let others = (0..others).map(|n| (RowKey::external(&format!("other-{n}")), new_row(n)));
    others.chain(new_rows.iter().cloned()).collect()
}

fn find(others: &[&Fixture], new_rows: &NewRows) -> Option<(u64, PathBuf)> {
    let paths = others.iter().map(|fixture| fixture.path()).collect();
    let (elsewhere, unread) = OtherLedgers::find(Path::new("own.db"), PORTAL, paths, &[]);
    assert!(unread.is_empty(), "{unread:?}");
    let sent = elsewhere.first_sent(new_rows, true).unwrap();
    sent.map(|sent| (sent.number, sent.ledger))
}

#[test]
fn the_same_row_is_one_under_the_same_key_that_says_the_same_for_the_same_time() {
    let keys = ["1", "2", "3"].map(RowKey::external);
    let other = ledger(PORTAL, &keys, Some(&POSTED));
    let path = std::fs::canonicalize(other.path()).unwrap();
    let same = new_row(44);
    let audience = NewRow {
        content: ContentHash([1; 16]),
        ..same.clone()
    };
    let message = NewRow {
        message: ContentHash([1; 16]),
        ..same.clone()
    };
    let text = NewRow {
        message: ContentHash([1; 16]),
        ..audience.clone()
    };
    let new = NewRow {
        entity: Some(Entity {
            kind: EntityKind::Deal,
            id: 1,
        }),
        ..audience.clone()
    };
    let time = NewRow {
        publish_at: Some(5),
        ..same.clone()
    };
    for others in [0, 9] {
        for (row, is_same) in [
            (&same, true),
            (&audience, true),
            (&message, true),
            (&text, false),
            (&new, false),
            (&time, false),
        ] {
            let found = find(&[&other], &among(others, &[(keys[2].clone(), row.clone())]));
            assert_eq!(found, is_same.then(|| (44, path.clone())), "{row:?}");
            let elsewhere = among(others, &[(RowKey::external("4"), row.clone())]);
            assert_eq!(find(&[&other], &elsewhere), None);
        }
        let three = [
            (keys[2].clone(), new_row(70)),
            (keys[0].clone(), new_row(60)),
            (keys[1].clone(), new_row(80)),
        ];
        let first = find(&[&other], &among(others, &three));
        assert_eq!(first.map(|(number, _)| number), Some(60));
    }
}

#[test]
fn an_id_that_has_lost_its_zeros_is_the_same_where_it_says_the_same() {
    let other = ledger(PORTAL, &[RowKey::external("0012")], Some(&POSTED));
    let of = |id: &str, row: NewRow| [(RowKey::external(id), row)];
    let different = NewRow {
        content: ContentHash([1; 16]),
        message: ContentHash([1; 16]),
        ..new_row(3)
    };
    for others in [0, 9] {
        for (rows, is_found) in [
            (of("12", new_row(3)), true),
            (of("12", different.clone()), false),
            (of("120", new_row(3)), false),
        ] {
            let found = find(&[&other], &among(others, &rows));
            assert_eq!(found.is_some(), is_found, "{rows:?}");
        }
    }
}

#[test]
fn only_rows_that_were_sent_count_and_only_on_this_portal() {
    let keys = [
        RowKey::external("1"),
        RowKey::hashed(ContentHash([7; 16]), 0, ""),
    ];
    let failed = Settlement::Failed {
        code: "c".into(),
        message: "m".into(),
    };
    for (portal, settlement, is_found) in [
        (PORTAL, Some(&POSTED), true),
        (PORTAL, Some(&doubt()), true),
        (PORTAL, None, true),
        (PORTAL, Some(&failed), false),
        (PORTAL, Some(&Settlement::Pending), false),
        ("p.example#member", Some(&POSTED), true),
        ("q.example", Some(&POSTED), false),
        ("sandbox:1", Some(&POSTED), false),
    ] {
        let other = ledger(portal, &keys, settlement);
        for key in &keys {
            for others in [0, 9] {
                let new_rows = among(others, &[(key.clone(), new_row(1))]);
                let found = find(&[&other], &new_rows).is_some();
                assert_eq!(found, is_found, "{portal} {settlement:?} {key}");
            }
        }
    }
}

#[test]
fn posts_of_other_ledgers_are_owned_and_the_ledger_itself_is_no_other() {
    let [one, two] = ["1", "2"].map(|id| ledger(PORTAL, &[RowKey::external(id)], Some(&POSTED)));
    let paths = vec![one.path(), two.path(), one.folder.path().join("gone.db")];
    let (elsewhere, unread) = OtherLedgers::find(&one.path(), PORTAL, paths, &[]);
    assert!(unread.is_empty());
    let owned = elsewhere.owned(TARGET, [1, 2, 3]).unwrap();
    assert_eq!(owned, [1].into());
    assert!(elsewhere.owned("timeline", [1]).unwrap().is_empty());
    let itself = vec![one.path()];
    let (elsewhere, _) = OtherLedgers::find(&one.path(), PORTAL, itself, &[one.folder.path()]);
    assert!(elsewhere.is_empty());
}

#[test]
fn a_registered_file_that_is_no_ledger_is_told_and_one_beside_the_manifest_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.csv.ledger.db");
    std::fs::write(&path, "no ledger").unwrap();
    let find = |registered| {
        let folders = [folder.path()];
        OtherLedgers::find(Path::new("own.db"), PORTAL, registered, &folders)
    };
    assert!(find(Vec::new()).1.is_empty());
    let (elsewhere, unread) = find(vec![path]);
    assert!(elsewhere.is_empty());
    assert!(matches!(unread[..], [LedgerError::Foreign { .. }]));
}
