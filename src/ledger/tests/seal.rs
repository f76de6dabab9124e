//! A seal says that all rows are posted, and never a moment longer than that is true.

use super::*;
use crate::post::FileSizes;

const MANIFEST: ContentHash = ContentHash([9; 16]);

fn seal(rows: u64) -> Seal<'static> {
    Seal {
        manifest_bytes: 70,
        rows,
        target: TARGET,
    }
}

fn sealed(ledger: &Ledger) -> Option<u64> {
    let sealed = ledger.sealed(TARGET, 70).unwrap()?;
    assert_eq!(sealed.manifest, MANIFEST);
    Some(sealed.rows)
}

/// Two rows, both posted, and sealed.
fn fixture() -> Fixture {
    let mut fixture = Fixture::new();
    let keys = ["A", "B"].map(RowKey::external);
    fixture.start(&[&keys[0], &keys[1]]).unwrap();
    for (key, remote_id) in keys.iter().zip(1..) {
        fixture.settle(key, Settlement::Posted { remote_id });
    }
    fixture.ledger.seal(&seal(2), || Some(MANIFEST)).unwrap();
    assert_eq!(sealed(&fixture.ledger), Some(2));
    fixture
}

#[test]
fn a_seal_is_known_by_manifest_size_and_target() {
    let fixture = fixture();
    let ledger = &fixture.ledger;
    assert_eq!(ledger.sealed(TARGET, 71).unwrap(), None);
    assert_eq!(ledger.sealed("timeline", 70).unwrap(), None);
}

#[test]
fn a_seal_tells_the_sizes_of_the_files() {
    let mut fixture = fixture();
    let mut files = |change: &str| {
        fixture.ledger.connection.execute(change, []).unwrap();
        fixture.ledger.seal(&seal(2), || Some(MANIFEST)).unwrap();
        let sealed = fixture.ledger.sealed(TARGET, 70).unwrap();
        sealed.unwrap().files
    };
    let without_files = "UPDATE rows SET attachment_bytes = 0";
    assert_eq!(files(without_files), FileSizes::default());
    let mut expected = FileSizes::default();
    expected.add(ContentHash([3; 16]), 5);
    let with_files = "UPDATE rows SET attachment_bytes = 5, \
                          content_hash = x'03030303030303030303030303030303' \
                      WHERE row_key = 'x:B'";
    assert_eq!(files(with_files), expected);
}

#[test]
fn only_a_ledger_with_every_row_posted_is_sealed() {
    let unsealed = |change: &str, rows| {
        let mut fixture = fixture();
        let connection = Connection::open(fixture.path()).unwrap();
        connection.execute(change, []).unwrap();
        fixture.ledger.seal(&seal(rows), || Some(MANIFEST)).unwrap();
        assert_eq!(sealed(&fixture.ledger), None, "{change}");
    };
    for set in ["state = 'failed'", "target = 'timeline'", "left_behind = 1"] {
        unsealed(&format!("UPDATE rows SET {set} WHERE row_key = 'x:B'"), 2);
    }
    unsealed("DELETE FROM rows WHERE row_key = 'x:B'", 2);
    unsealed("UPDATE rows SET updated_at = 7", 3);
    let mut unread = fixture();
    unread.ledger.break_seal().unwrap();
    unread.ledger.seal(&seal(2), || None).unwrap();
    assert_eq!(
        sealed(&unread.ledger),
        None,
        "the manifest could not be read"
    );
}

#[test]
fn whoever_writes_to_the_rows_breaks_the_seal() {
    let insert = "INSERT INTO rows (row_key, row_number, target, state, content_hash, message_hash,
            text_hash, files, attachment_bytes, attempts, run_id, batch_id, updated_at)
        SELECT 'x:C', 3, target, state, content_hash, message_hash, text_hash, 0, 0, 1, 1, 1, 1
        FROM rows LIMIT 1";
    for write in [
        "UPDATE rows SET state = 'pending' WHERE row_key = 'x:A'",
        "DELETE FROM rows WHERE row_key = 'x:A'",
        insert,
    ] {
        let fixture = fixture();
        let connection = Connection::open(fixture.path()).unwrap();
        assert_eq!(connection.execute(write, []).unwrap(), 1);
        assert_eq!(sealed(&fixture.ledger), None, "{write}");
    }
}

#[test]
fn a_run_that_begins_breaks_the_seal_and_nothing_watches_it() {
    let mut fixture = fixture();
    let start = RunStart {
        target: TARGET,
        portal: "a.test",
        user_id: 1,
        at: 2_000,
    };
    fixture.ledger.begin_run(&start).unwrap();
    assert_eq!(sealed(&fixture.ledger), None);
    let triggers = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'";
    let watch = |ledger: &Ledger| -> u64 {
        let count = ledger.connection.query_row(triggers, [], |row| row.get(0));
        count.unwrap()
    };
    assert_eq!(watch(&fixture.ledger), 0);
    fixture.ledger.seal(&seal(2), || Some(MANIFEST)).unwrap();
    fixture.ledger.seal(&seal(2), || Some(MANIFEST)).unwrap();
    assert_eq!(
        (sealed(&fixture.ledger), watch(&fixture.ledger)),
        (Some(2), 3)
    );
}
