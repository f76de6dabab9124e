//! Doubt settled by the user.

use super::*;

/// Key, state, ID, error code and time of a row, and the excerpt of its claim.
type Content = (
    String,
    State,
    Option<u64>,
    Option<String>,
    i64,
    Option<String>,
);

impl Fixture {
    /// A ledger with these rows in doubt.
    fn doubtful(ids: &[&str]) -> Fixture {
        let mut fixture = Fixture::new();
        let keys: Vec<RowKey> = ids.iter().map(|id| RowKey::external(id)).collect();
        fixture.start(&keys.iter().collect::<Vec<_>>()).unwrap();
        for key in &keys {
            fixture.settle(key, doubt());
        }
        fixture
    }

    fn resolve(
        &mut self,
        orders: &[ResolveRequest],
        resend_rest: bool,
    ) -> Result<Resolved, LedgerError> {
        self.ledger.resolve(orders, resend_rest, 3_000)
    }

    /// Why the requests are refused; asserts that they have changed nothing.
    #[track_caller]
    fn refusal(&mut self, orders: &[ResolveRequest]) -> ResolveError {
        let before = self.content();
        let refused = self.resolve(orders, true);
        assert_eq!(self.content(), before);
        match refused {
            Err(LedgerError::Unresolvable(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    /// Every row with its claim.
    fn content(&self) -> Vec<Content> {
        let mut rows = self
            .ledger
            .connection
            .prepare(
                "SELECT rows.row_key, state, remote_id, error_code, updated_at, excerpt
                 FROM rows LEFT JOIN claims USING (row_key) ORDER BY rows.row_key",
            )
            .unwrap();
        let read = |row: &rusqlite::Row<'_>| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        };
        rows.query_map([], read)
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }
}

fn posted(key: &str, remote_id: u64) -> ResolveRequest {
    ResolveRequest {
        key: key.to_owned(),
        resolution: Resolution::Posted { remote_id },
    }
}

fn resend(key: &str) -> ResolveRequest {
    ResolveRequest {
        key: key.to_owned(),
        resolution: Resolution::Resend,
    }
}

#[test]
fn rows_are_settled_by_key_and_by_external_id_and_their_claims_go() {
    let mut fixture = Fixture::doubtful(&["1", "2", "3"]);
    let orders = [posted("x:1", 5), resend("2"), resend("x:2")];
    let resolved = fixture.resolve(&orders, false).unwrap();
    let expected = Resolved {
        posted: 1,
        resent: 1,
    };
    assert_eq!(resolved, expected, "the same word twice counts once");
    let excerpt = Some("Hello".to_owned());
    let lost = Some("lost".to_owned());
    assert_eq!(
        fixture.content(),
        [
            ("x:1".into(), State::Posted, Some(5), None, 3_000, None),
            ("x:2".into(), State::Pending, None, None, 3_000, None),
            ("x:3".into(), State::InDoubt, None, lost, 2_000, excerpt),
        ]
    );
    assert_eq!(fixture.ledger.doubts().unwrap().len(), 1);
    fixture.start(&[&RowKey::external("2")]).unwrap();
}

#[test]
fn the_rest_is_sent_again_and_nothing_that_is_not_in_doubt() {
    let mut fixture = Fixture::doubtful(&["1", "2", "3"]);
    let [settled, undone, new] = ["4", "5", "6"].map(RowKey::external);
    fixture.start(&[&settled, &undone]).unwrap();
    fixture.settle(&settled, Settlement::Posted { remote_id: 9 });
    fixture.settle(&undone, Settlement::Posted { remote_id: 10 });
    fixture.undo(&undone);
    let resolved = fixture.resolve(&[posted("1", 5)], true).unwrap();
    let expected = Resolved {
        posted: 1,
        resent: 2,
    };
    assert_eq!(resolved, expected);
    let states: Vec<State> = fixture.content().into_iter().map(|row| row.1).collect();
    use State::{Pending, Posted, Undone};
    assert_eq!(states, [Posted, Pending, Pending, Posted, Undone]);
    assert_eq!(fixture.claims(), 0);
    assert_eq!(
        fixture.resolve(&[], true).unwrap(),
        Resolved::default(),
        "no doubt is left"
    );
    fixture.start(&[&new]).unwrap();
}

#[test]
fn an_undone_row_is_sent_again_when_it_is_named() {
    let mut fixture = Fixture::new();
    let key = RowKey::external("1");
    fixture.start(&[&key]).unwrap();
    fixture.settle(&key, Settlement::Posted { remote_id: 5 });
    fixture.undo(&key);
    assert!(matches!(
        fixture.refusal(&[posted("1", 6)]),
        ResolveError::NotInDoubt {
            state: State::Undone,
            ..
        }
    ));
    fixture.resolve(&[resend("1")], false).unwrap();
    assert_eq!(fixture.content()[0].2, None, "its old ID goes");
    fixture.start(&[&key]).unwrap();
}

#[test]
fn one_order_that_does_not_fit_refuses_them_all() {
    let mut fixture = Fixture::doubtful(&["1", "2"]);
    let [has, failed, pending] = ["3", "4", "5"].map(RowKey::external);
    fixture.start(&[&has, &failed, &pending]).unwrap();
    fixture.settle(&has, Settlement::Posted { remote_id: 9 });
    let refused = Settlement::Failed {
        code: "c".into(),
        message: "m".into(),
    };
    fixture.settle(&failed, refused);
    fixture.settle(&pending, Settlement::Pending);
    let good = posted("1", 5);
    for (wrong, code, said) in [
        (resend("none"), "row_unknown", "no row none"),
        (
            posted("3", 9),
            "row_not_in_doubt",
            "x:3 is not in doubt: it is posted, as ID 9",
        ),
        (resend("x:3"), "row_not_in_doubt", "as ID 9"),
        (resend("4"), "row_not_in_doubt", "--retry-failed"),
        (resend("5"), "row_not_in_doubt", "the next import"),
        (
            posted("2", 9),
            "id_taken",
            "x:2 can't have ID 9: row x:3 has it",
        ),
        (posted("2", 5), "id_taken", "row x:1 has it"),
        (
            resend("1"),
            "contradiction",
            "x:1 is to be settled in two ways",
        ),
        (posted("x:1", 6), "contradiction", "x:1"),
    ] {
        let error = fixture.refusal(&[good.clone(), wrong.clone()]);
        assert_eq!(error.code(), code, "{wrong:?}");
        let text = error.to_string();
        assert!(text.contains(said), "{text}");
        assert!(text.ends_with("; nothing was changed"), "{text}");
    }
    fixture.resolve(&[good], false).unwrap();
}

#[test]
fn each_target_has_ids_of_its_own() {
    let mut fixture = Fixture::doubtful(&["1", "2"]);
    fixture
        .ledger
        .connection
        .execute(
            "UPDATE rows SET target = 'timeline' WHERE row_key = 'x:2'",
            [],
        )
        .unwrap();
    let both = [posted("1", 5), posted("2", 5)];
    assert_eq!(fixture.resolve(&both, false).unwrap().posted, 2);
}

#[test]
fn a_key_goes_before_an_id_that_reads_like_it() {
    let mut fixture = Fixture::doubtful(&["1", "x:1", "h:2"]);
    fixture.resolve(&[posted("x:1", 5)], false).unwrap();
    assert_eq!(fixture.state(&RowKey::external("1")), Some(State::Posted));
    fixture.resolve(&[posted("x:x:1", 6)], false).unwrap();
    fixture.resolve(&[posted("h:2", 7)], false).unwrap();
    assert_eq!(fixture.ledger.doubts().unwrap(), []);
}

#[test]
fn every_doubt_is_listed_in_the_order_of_rows() {
    let ids: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let fixture = Fixture::doubtful(&ids);
    assert_eq!(fixture.ledger.status().unwrap().doubts.len(), 20);
    let doubts = fixture.ledger.doubts().unwrap();
    assert_eq!(doubts.len(), 30);
    let first = RowInDoubt {
        row_key: "x:0".into(),
        row: 1,
        external_id: Some("0".into()),
        target: TARGET.into(),
        sent_at: Some(2_000),
        entity: None,
        author_id: Some(1),
        code: "lost".into(),
        message: "no answer".into(),
        excerpt: "Hello".into(),
    };
    assert_eq!(doubts[0], first);
}
