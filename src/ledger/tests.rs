//! The promises of the ledger, on a real file.

use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::post::{ContentHash, RowKey};

mod elsewhere;
mod readback;
mod resolve;
mod vanished;

const TARGET: &str = "crm-feed";

struct Fixture {
    folder: TempDir,
    ledger: Ledger,
    run: i64,
}

impl Fixture {
    fn new() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
        let start = RunStart {
            target: TARGET,
            portal: "a.test",
            user_id: 1,
            reading: Some(&KeptReading::default()),
            at: 1_000,
        };
        let run = ledger.begin_run(&start).unwrap();
        Fixture {
            folder,
            ledger,
            run,
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("l.db")
    }

    fn start(&mut self, keys: &[&RowKey]) -> Result<Committed, LedgerError> {
        let id = self.ledger.next_batch_id().unwrap();
        let numbered = keys.iter().zip(1..);
        let claims = numbered
            .map(|(key, number)| Arc::new(claim(key, number)))
            .collect();
        self.commit(Commit {
            started: vec![BatchStart {
                id,
                method: "batch",
                portal_time: Some(1_500),
                authorship: Authorship::AsNamed,
                body_bytes: 100,
                claims,
            }],
            ..Commit::default()
        })
    }

    fn settle(&mut self, key: &RowKey, settlement: Settlement) -> Committed {
        self.try_settle(key, settlement).unwrap()
    }

    fn try_settle(
        &mut self,
        key: &RowKey,
        settlement: Settlement,
    ) -> Result<Committed, LedgerError> {
        let settled = vec![Settle {
            key: key.clone(),
            settlement,
        }];
        self.commit(Commit {
            ended: vec![BatchEnd {
                id: 1,
                outcome: "answered",
                settled,
                witnesses: Vec::new(),
            }],
            ..Commit::default()
        })
    }

    fn commit(&mut self, commit: Commit) -> Result<Committed, LedgerError> {
        self.ledger.commit(
            self.run,
            TARGET,
            &Commit {
                at: 2_000,
                ..commit
            },
        )
    }

    fn state(&self, key: &RowKey) -> Option<State> {
        self.ledger.find(key).unwrap().map(|record| record.state)
    }

    /// As after a run was undone.
    fn undo(&self, key: &RowKey) {
        self.ledger
            .connection
            .execute(
                "UPDATE rows SET state = 'undone' WHERE row_key = ?1",
                [key.as_str()],
            )
            .unwrap();
    }

    fn claims(&self) -> i64 {
        let count = "SELECT count(*) FROM claims";
        self.ledger
            .connection
            .query_row(count, [], |row| row.get(0))
            .unwrap()
    }
}

fn claim(key: &RowKey, row_number: u64) -> Claim {
    Claim {
        key: key.clone(),
        row_number,
        external_id: key.as_str().strip_prefix("x:").map(str::to_owned),
        content: ContentHash([7; 16]),
        source: None,
        keeps_source: false,
        attachment_bytes: 12,
        entity: None,
        author_id: 1,
        publish_at: None,
        message_hash: ContentHash([0; 16]),
        text_hash: ContentHash([8; 16]),
        reach: Some(1),
        files: 0,
        excerpt: "Hello".into(),
    }
}

fn doubt() -> Settlement {
    Settlement::InDoubt {
        code: "lost".into(),
        message: "no answer".into(),
    }
}

#[test]
fn commits_are_synced_and_logged_ahead() {
    let fixture = Fixture::new();
    let pragma = |name: &str| -> String {
        let query = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        fixture
            .ledger
            .connection
            .query_row(&query, [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(pragma("synchronous"), "2");
    assert_eq!(pragma("journal_mode"), "wal");
}

#[test]
fn a_row_runs_through_its_states() {
    let mut fixture = Fixture::new();
    let key = RowKey::external("1");
    assert_eq!(fixture.state(&key), None);
    fixture.start(&[&key]).unwrap();
    assert_eq!(fixture.state(&key), Some(State::Sending));
    fixture.settle(&key, Settlement::Pending);
    assert_eq!(fixture.state(&key), Some(State::Pending));
    assert_eq!(fixture.claims(), 0);
    fixture.start(&[&key]).unwrap();
    fixture.settle(&key, Settlement::Posted { remote_id: 5 });
    assert_eq!(fixture.state(&key), Some(State::Posted));
    assert_eq!(fixture.claims(), 0);
    let attempts = "SELECT attempts FROM rows";
    let attempts: i64 = fixture
        .ledger
        .connection
        .query_row(attempts, [], |row| row.get(0))
        .unwrap();
    assert_eq!(attempts, 2);
}

#[test]
fn only_free_rows_can_be_claimed_and_a_refused_claim_undoes_the_whole_commit() {
    let mut fixture = Fixture::new();
    let [posted, doubtful, failed, new] = ["1", "2", "3", "4"].map(RowKey::external);
    fixture.start(&[&posted, &doubtful, &failed]).unwrap();
    fixture.settle(&posted, Settlement::Posted { remote_id: 5 });
    fixture.settle(&doubtful, doubt());
    fixture.settle(
        &failed,
        Settlement::Failed {
            code: "c".into(),
            message: "m".into(),
        },
    );
    for taken in [&posted, &doubtful] {
        let error = fixture.start(&[&new, taken]).unwrap_err();
        assert!(matches!(error, LedgerError::NotClaimable { key } if key == taken.as_str()));
        assert_eq!(fixture.state(&new), None);
    }
    fixture.start(&[&failed, &new]).unwrap();
    assert_eq!(fixture.state(&failed), Some(State::Sending));
}

#[test]
fn what_was_sending_when_a_run_died_is_in_doubt_with_its_claim() {
    let mut fixture = Fixture::new();
    let [sent, posted] = ["1", "2"].map(RowKey::external);
    fixture.start(&[&sent, &posted]).unwrap();
    fixture.settle(&posted, Settlement::Posted { remote_id: 5 });
    let mut ledger = Ledger::open(&fixture.path()).unwrap();
    assert_eq!(ledger.recover(3_000).unwrap(), 1);
    assert_eq!(fixture.state(&sent), Some(State::InDoubt));
    assert_eq!(fixture.state(&posted), Some(State::Posted));
    let status = ledger.status().unwrap();
    assert_eq!(status.doubts.len(), 1);
    assert_eq!(status.doubts[0].row_key, "x:1");
    assert_eq!(status.doubts[0].sent_at, Some(2_000));
    assert_eq!(status.doubts[0].excerpt, "Hello");
    assert_eq!(ledger.recover(3_000).unwrap(), 0);
}

#[test]
fn one_id_for_two_rows_leaves_the_second_in_doubt() {
    let mut fixture = Fixture::new();
    let [first, second] = ["1", "2"].map(RowKey::external);
    fixture.start(&[&first, &second]).unwrap();
    assert_eq!(
        fixture.settle(&first, Settlement::Posted { remote_id: 5 }),
        Committed::default()
    );
    let committed = fixture.settle(&second, Settlement::Posted { remote_id: 5 });
    assert_eq!(committed.id_taken, [(second.clone(), 5)]);
    assert_eq!(fixture.state(&second), Some(State::InDoubt));
}

#[test]
fn an_id_that_could_not_be_written_is_not_taken_by_another_row() {
    let mut fixture = Fixture::new();
    let key = RowKey::external("1");
    fixture.start(&[&key]).unwrap();
    let refusal = "CREATE TEMP TRIGGER refuse BEFORE UPDATE ON rows WHEN new.state = 'posted'
                   BEGIN SELECT RAISE(ABORT, 'no'); END";
    fixture.ledger.connection.execute_batch(refusal).unwrap();
    let settled = fixture.try_settle(&key, Settlement::Posted { remote_id: 5 });
    assert!(
        matches!(settled, Err(LedgerError::Write { .. })),
        "{settled:?}"
    );
    assert_eq!(fixture.state(&key), Some(State::Sending));
}

#[test]
fn each_target_has_its_own_ids_and_a_row_refused_by_one_may_go_to_another() {
    let mut fixture = Fixture::new();
    let (posted, refused) = (RowKey::external("1"), RowKey::external("2"));
    fixture.start(&[&posted, &refused]).unwrap();
    fixture.settle(&posted, Settlement::Posted { remote_id: 5 });
    let refusal = Settlement::Failed {
        code: "x".into(),
        message: "no".into(),
    };
    fixture.settle(&refused, refusal);
    let claim_there = |fixture: &mut Fixture, key: &RowKey, id: i64| {
        let started = vec![BatchStart {
            id,
            method: "batch",
            portal_time: None,
            authorship: Authorship::AsNamed,
            body_bytes: 100,
            claims: vec![Arc::new(claim(key, 2))],
        }];
        let commit = Commit {
            started,
            ..Commit::default()
        };
        fixture.ledger.commit(fixture.run, "timeline", &commit)
    };
    assert!(claim_there(&mut fixture, &posted, 2).is_err(), "it stays");
    claim_there(&mut fixture, &refused, 2).unwrap();
    let arrived = Commit {
        ended: vec![BatchEnd {
            id: 2,
            outcome: "answered",
            settled: vec![Settle {
                key: refused.clone(),
                settlement: Settlement::Posted { remote_id: 5 },
            }],
            witnesses: Vec::new(),
        }],
        ..Commit::default()
    };
    let committed = fixture.ledger.commit(fixture.run, "timeline", &arrived);
    assert_eq!(committed.unwrap(), Committed::default());
    let target = |key| fixture.ledger.find(key).unwrap().unwrap().target;
    assert_eq!(
        (target(&posted), target(&refused)),
        ("crm-feed".into(), "timeline".into())
    );
}

#[test]
fn a_settled_row_is_not_settled_again() {
    let mut fixture = Fixture::new();
    let key = RowKey::external("1");
    fixture.start(&[&key]).unwrap();
    fixture.settle(&key, Settlement::Posted { remote_id: 5 });
    let settled = vec![Settle {
        key: key.clone(),
        settlement: Settlement::Pending,
    }];
    let again = fixture.commit(Commit {
        ended: vec![BatchEnd {
            id: 1,
            outcome: "answered",
            settled,
            witnesses: Vec::new(),
        }],
        ..Commit::default()
    });
    assert!(matches!(again, Err(LedgerError::NotSending { .. })));
    assert_eq!(fixture.state(&key), Some(State::Posted));
}

/// Rows entered as a run does it: nearly in order, and some long after their turn.
#[test]
fn the_walk_finds_rows_in_place_moved_and_missing() {
    let mut fixture = Fixture::new();
    let content = |number: u64| ContentHash::of_bytes(&number.to_le_bytes());
    let key = |number: u64| RowKey::external(&format!("id-{number}"));
    let mut numbers: Vec<u64> = (1..=20_000).collect();
    numbers.chunks_mut(700).for_each(<[u64]>::reverse);
    let (late, in_time) = numbers.into_iter().partition(|number| number % 90 == 0);
    let entered: [Vec<u64>; 2] = [in_time, late];
    for (id, numbers) in (1..).zip(entered) {
        let claims = numbers.iter().map(|number| Claim {
            content: content(*number),
            ..claim(&key(*number), *number)
        });
        let started = vec![BatchStart {
            id,
            method: "batch",
            portal_time: None,
            authorship: Authorship::AsNamed,
            body_bytes: 100,
            claims: claims.map(Arc::new).collect(),
        }];
        fixture
            .commit(Commit {
                started,
                ..Commit::default()
            })
            .unwrap();
    }
    let mut cursor = fixture.ledger.merge_cursor("crm-feed").unwrap();
    let mut in_place = 0;
    for number in 1..=20_000 {
        let id = format!("id-{number}");
        let here = cursor
            .in_place(number, |key| RowKey::is_of(key, &id, ""))
            .unwrap();
        in_place += u64::from(here.is_some());
        let found = here.or(fixture.ledger.find(&key(number)).unwrap()).unwrap();
        assert_eq!((found.content, found.is_named), (content(number), true));
        let other = |key: &[u8]| RowKey::is_of(key, "new", "");
        assert_eq!(cursor.in_place(number, other).unwrap(), None);
    }
    assert!(in_place > 19_700, "{in_place}: all but those entered late");
    let mut cursor = fixture.ledger.merge_cursor("crm-feed").unwrap();
    for number in 1..=20_000 {
        let is_key = |stored: &[u8]| stored == key(number).as_str().as_bytes();
        assert_eq!(
            cursor.in_place(number + 5, is_key).unwrap(),
            None,
            "rows moved by five"
        );
    }
}

#[test]
fn another_portal_is_refused_until_rebound() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.ledger.binding().unwrap(), Binding::default());
    fixture.ledger.check_portal("a.test", false).unwrap();
    fixture.ledger.bind("a.test", 7).unwrap();
    fixture.ledger.check_portal("a.test", false).unwrap();
    let error = fixture.ledger.check_portal("b.test", false).unwrap_err();
    assert!(error.to_string().contains("--rebind"), "{error}");
    fixture.ledger.check_portal("b.test", true).unwrap();
    fixture.ledger.bind("b.test", 8).unwrap();
    let bound = Binding {
        portal: Some("b.test".into()),
        user_id: Some(8),
    };
    assert_eq!(fixture.ledger.binding().unwrap(), bound);
}

#[test]
fn a_row_found_by_its_content_takes_its_new_name() {
    let mut fixture = Fixture::new();
    let old = RowKey::hashed(ContentHash([7; 16]), 0, "");
    let new = RowKey::external("A");
    fixture.start(&[&old]).unwrap();
    fixture.settle(&old, doubt());
    fixture
        .ledger
        .rename(
            &[Rename {
                from: old.clone(),
                to: new.clone(),
                external_id: Some("A".to_owned()),
            }],
            3_000,
        )
        .unwrap();
    assert_eq!(fixture.state(&old), None);
    assert_eq!(fixture.state(&new), Some(State::InDoubt));
    assert_eq!(fixture.ledger.status().unwrap().doubts[0].excerpt, "Hello");
}

#[test]
fn arrivals_that_the_user_gave_up_are_left_behind() {
    let mut fixture = Fixture::new();
    let keys = [0, 1].map(|ordinal| RowKey::hashed(ContentHash([7; 16]), ordinal, ""));
    fixture.start(&[&keys[0], &keys[1]]).unwrap();
    assert_eq!(fixture.ledger.unnamed_arrivals().unwrap(), 0);
    fixture.settle(&keys[0], Settlement::Posted { remote_id: 5 });
    fixture.settle(&keys[1], doubt());
    assert_eq!(fixture.ledger.unnamed_arrivals().unwrap(), 2);
    fixture
        .ledger
        .leave_behind(|_, key, _| key.ordinal() == Some(1))
        .unwrap();
    assert_eq!(fixture.ledger.unnamed_arrivals().unwrap(), 1);
    assert!(fixture.ledger.find(&keys[1]).unwrap().unwrap().left_behind);
}

#[test]
fn status_counts_states_and_failures() {
    let mut fixture = Fixture::new();
    let keys = ["1", "2", "3", "4"].map(RowKey::external);
    fixture.start(&keys.iter().collect::<Vec<_>>()).unwrap();
    fixture.settle(&keys[0], Settlement::Posted { remote_id: 5 });
    for (key, message) in keys[1..3].iter().zip(["No.", "Never."]) {
        let failed = Settlement::Failed {
            code: "no_right".into(),
            message: message.into(),
        };
        fixture.settle(key, failed);
    }
    let reader = Ledger::open_to_read(&fixture.path()).unwrap();
    let status = reader.status().unwrap();
    let expected = [(State::Sending, 1), (State::Posted, 1), (State::Failed, 2)];
    assert_eq!(status.counts, expected.into_iter().collect());
    let failure = FailedRow {
        code: "no_right".into(),
        rows: 2,
        row: 2,
        message: "No.".into(),
    };
    assert_eq!(status.failures, [failure], "the first row and its own text");
    assert_eq!(status.last_run_at, Some(1_000));
}

#[test]
fn files_that_are_no_ledger_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    std::fs::write(
        &path,
        "not a database, but long enough to be looked at\n".repeat(40),
    )
    .unwrap();
    assert!(matches!(
        Ledger::open(&path).unwrap_err(),
        LedgerError::Foreign { .. }
    ));
    let other = folder.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    assert!(matches!(
        Ledger::open(&other).unwrap_err(),
        LedgerError::Foreign { .. }
    ));
    let missing = Ledger::open_to_read(&folder.path().join("none.db")).unwrap_err();
    assert!(matches!(missing, LedgerError::Open { .. }));
}

#[test]
fn a_newer_format_is_refused() {
    let fixture = Fixture::new();
    let path = fixture.path();
    fixture
        .ledger
        .connection
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = Ledger::open(&path).unwrap_err();
    assert!(
        matches!(error, LedgerError::Newer { found: 99, .. }),
        "{error}"
    );
}

#[test]
fn a_ledger_opened_twice_keeps_its_content() {
    let mut fixture = Fixture::new();
    let key = RowKey::external("1");
    fixture.start(&[&key]).unwrap();
    fixture.settle(&key, Settlement::Posted { remote_id: 5 });
    let again = Ledger::open(&fixture.path()).unwrap();
    assert_eq!(again.find(&key).unwrap().unwrap().state, State::Posted);
    assert_eq!(again.requests_since(2_000).unwrap(), [2_000]);
    assert!(again.requests_since(2_001).unwrap().is_empty());
}

#[test]
fn an_empty_file_is_no_new_ledger() {
    let fixture = Fixture::new();
    let path = fixture.path();
    let log = fixture.folder.path().join("l.db-wal");
    let Fixture { ledger, folder, .. } = fixture;
    let copy = std::fs::read(&log).unwrap();
    drop(ledger);
    std::fs::write(&path, "").unwrap();
    std::fs::write(&log, &copy).unwrap();
    let empty = |error| matches!(error, LedgerError::Empty { .. });
    assert!(empty(Ledger::open(&path).unwrap_err()));
    assert!(empty(Ledger::open_to_read(&path).unwrap_err()));
    assert_eq!(std::fs::read(&log).unwrap(), copy, "the log is kept");
    std::fs::remove_file(&path).unwrap();
    let alone = Ledger::open(&path).unwrap_err();
    assert!(matches!(alone, LedgerError::LogAlone { .. }), "{alone}");
    std::fs::remove_file(&log).unwrap();
    Ledger::open(&path).unwrap();
    assert!(!folder.path().join("l.db.new").exists());
}

#[test]
fn a_ledger_that_was_being_made_when_its_run_died_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    std::fs::write(folder.path().join("l.db.new"), "").unwrap();
    assert!(Ledger::open(&path).unwrap().counts().unwrap().is_empty());
}

#[test]
fn a_key_that_was_damaged_is_found_in_the_index() {
    let mut fixture = Fixture::new();
    let key = RowKey::external("row-of-a-kind");
    fixture.start(&[&key]).unwrap();
    fixture.ledger.check_whole().unwrap();
    let path = fixture.path();
    let Fixture { ledger, folder, .. } = fixture;
    drop(ledger);
    let mut bytes = std::fs::read(&path).unwrap();
    let name = b"x:row-of-a-kind";
    // The index lies behind its table, and before the claims.
    let places = bytes.windows(name.len()).enumerate();
    let mut places = places.filter(|(_, part)| *part == name);
    let (at, _) = places.nth(1).unwrap();
    bytes[at + 2] = b'R';
    std::fs::write(&path, bytes).unwrap();
    let damaged = Ledger::open(&path).unwrap().check_whole().unwrap_err();
    assert_eq!(damaged.code(), "ledger_damaged");
    drop(folder);
}
