//! Each answer, and what it does to rows, ledger and pacing.

use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::import::testing;
use crate::portal::{Asked, Response, Sent, Time, TransportError, Uncertainty, judge};

fn row(number: u64, deal: u64) -> KeyedRow {
    (format!("k{number}"), testing::row(number, deal))
}

fn answer(outcomes: Vec<(u64, CommandOutcome)>) -> RequestOutcome {
    let outcomes = outcomes
        .into_iter()
        .map(|(row, outcome)| (format!("k{row}"), outcome));
    RequestOutcome::Commands {
        outcomes: outcomes.collect(),
        timing: Timing::default(),
    }
}

/// As the engine does it, after a wait of a second.
fn settle_now(rows: Vec<KeyedRow>, answer: RequestOutcome) -> SettledRows {
    settle(rows, answer, Duration::from_secs(1))
}

/// What a portal that doesn't tell its time teaches.
fn good() -> Lesson {
    Lesson::Good {
        took: Some(Duration::from_secs(1)),
    }
}

fn failed() -> CommandOutcome {
    CommandOutcome::Failed {
        code: "c".into(),
        message: "m".into(),
    }
}

/// Settlements by row key.
fn settlements(settled: &SettledRows) -> Vec<(&str, &Settlement)> {
    let each = settled.settlements.iter();
    each.map(|settle| (settle.key.as_str(), &settle.settlement))
        .collect()
}

fn again(settled: &SettledRows) -> Vec<u64> {
    settled.again.iter().map(PendingRow::number).collect()
}

#[test]
fn outcomes_find_their_rows_by_name_whatever_their_order() {
    let rows = vec![row(1, 1), row(2, 2), row(3, 3)];
    let outcomes = vec![
        (3, CommandOutcome::Posted(30)),
        (2, failed()),
        (1, CommandOutcome::Posted(10)),
    ];
    let settled = settle_now(rows, answer(outcomes));
    let failure = Settlement::Failed {
        code: "c".into(),
        message: "m".into(),
    };
    assert_eq!(
        settlements(&settled),
        [
            ("x:1", &Settlement::Posted { remote_id: 10 }),
            ("x:2", &failure),
            ("x:3", &Settlement::Posted { remote_id: 30 }),
        ]
    );
    assert!(settled.again.is_empty() && settled.stop.is_none());
    assert_eq!(settled.lessons, [good()]);
}

#[test]
fn doubt_about_the_request_is_doubt_about_each_row() {
    let doubt = Uncertainty {
        code: "no_answer".into(),
        message: "broken".into(),
    };
    let settled = settle_now(vec![row(1, 1), row(2, 2)], RequestOutcome::Unknown(doubt));
    let each = Settlement::InDoubt {
        code: "no_answer".into(),
        message: "broken".into(),
    };
    assert_eq!(settlements(&settled), [("x:1", &each), ("x:2", &each)]);
    assert_eq!(settled.lessons, [Lesson::Doubt]);
    assert!(
        settled.again.is_empty(),
        "rows in doubt are never sent again by themselves"
    );
}

#[test]
fn what_was_not_executed_is_sent_again() {
    let limit = Limit::Operating { reset_at: Some(9) };
    let settled = settle_now(
        vec![row(1, 1), row(2, 2)],
        RequestOutcome::NotExecuted(NotExecuted::Limited(limit)),
    );
    assert_eq!(
        settlements(&settled),
        [("x:1", &Settlement::Pending), ("x:2", &Settlement::Pending)]
    );
    assert_eq!(again(&settled), [1, 2]);
    assert_eq!(settled.lessons, [Lesson::Limited(limit)]);
}

#[test]
fn a_limit_on_one_command_sends_that_row_again() {
    let outcomes = vec![
        (1, CommandOutcome::Posted(1)),
        (2, CommandOutcome::Limited(Limit::Query)),
    ];
    let settled = settle_now(vec![row(1, 1), row(2, 2)], answer(outcomes));
    assert_eq!(again(&settled), [2]);

    assert_eq!(settled.lessons, [good(), Lesson::Limited(Limit::Query)]);
}

#[test]
fn doubt_about_one_command_is_a_lesson_too() {
    let doubt = || CommandOutcome::InDoubt {
        code: "no_id".into(),
        message: String::new(),
    };
    let settled = settle_now(
        vec![row(1, 1), row(2, 2)],
        answer(vec![(1, doubt()), (2, doubt())]),
    );
    assert_eq!(settled.lessons, [Lesson::Doubt]);
    let outcomes = vec![(1, doubt()), (2, CommandOutcome::Posted(2))];
    let settled = settle_now(vec![row(1, 1), row(2, 2)], answer(outcomes));
    assert_eq!(settled.lessons, [good(), Lesson::Doubt]);
}

#[test]
fn a_row_left_out_three_times_fails() {
    let mut rows = vec![row(1, 1)];
    for _ in 0..2 {
        let settled = settle_now(rows, answer(vec![]));
        assert_eq!(settlements(&settled), [("x:1", &Settlement::Pending)]);
        rows = settled
            .again
            .into_iter()
            .map(|row| ("k1".to_owned(), row))
            .collect();
    }
    let settled = settle_now(rows, answer(vec![]));
    assert!(matches!(
        &settled.settlements[0].settlement,
        Settlement::Failed { code, .. } if code == "not_answered"
    ));
    assert!(settled.again.is_empty());
}

#[test]
fn a_token_that_runs_out_within_a_batch_ends_the_run_only_if_it_goes_on_so() {
    let reply = || {
        let body = br#"{"result":{"result":{"k1":7},"result_error":
            {"k2":{"error":"expired_token","error_description":""}}}}"#;
        let response = Response {
            status: 200,
            location: None,
            body: Bytes::from_static(body),
        };
        judge(Ok(response), Asked::Batch(&["k1".into(), "k2".into()]))
    };
    let first = settle_now(vec![row(1, 1), row(2, 2)], reply());
    assert_eq!(again(&first), [2]);
    assert_eq!(first.stop, None);
    let mut rest = first.again;
    for last in [false, true] {
        let rows = rest.into_iter().map(|row| ("k2".to_owned(), row)).collect();
        let settled = settle_now(rows, reply());
        assert_eq!(settled.stop.is_some(), last);
        assert_eq!(settlements(&settled), [("x:2", &Settlement::Pending)]);
        rest = settled.again;
    }
}

#[test]
fn only_a_row_alone_fails_for_vanishing() {
    let together = settle_now(vec![row(1, 1), row(2, 2)], RequestOutcome::Blank);
    assert_eq!(again(&together), [1, 2]);
    assert_eq!(together.lessons, [Lesson::Vanished]);
    let once = settle_now(vec![row(1, 1)], RequestOutcome::Blank);
    assert_eq!(again(&once), [1]);
    let alone = once
        .again
        .into_iter()
        .map(|row| ("k1".to_owned(), row))
        .collect();
    let twice = settle_now(alone, RequestOutcome::Blank);
    assert!(matches!(
        &twice.settlements[0].settlement,
        Settlement::Failed { code, .. } if code == "body_not_read"
    ));
}

#[test]
fn a_body_too_large_fails_only_a_row_that_goes_by_itself() {
    let too_large = || RequestOutcome::NotExecuted(NotExecuted::TooLarge);
    let batch = settle_now(vec![row(1, 1)], too_large());
    assert_eq!(again(&batch), [1]);
    assert_eq!(batch.lessons, [Lesson::TooLarge]);
    assert_eq!(
        batch.again[0].candidate.route,
        Route::Direct,
        "then by itself"
    );
    let mut direct = row(1, 1);
    direct.1.candidate.route = Route::Direct;
    let direct = settle_now(vec![direct], too_large());
    assert!(matches!(
        &direct.settlements[0].settlement,
        Settlement::Failed { .. }
    ));
}

#[test]
fn a_spoiled_file_gives_its_row_up() {
    let reason = NotExecuted::BadFile {
        path: "f".into(),
        message: "f changed".into(),
    };
    let settled = settle_now(vec![row(1, 1)], RequestOutcome::NotExecuted(reason));
    assert_eq!(settlements(&settled), [("x:1", &Settlement::Unsendable)]);
    assert!(settled.again.is_empty());
    assert_eq!(settled.spoiled[0].1, "f changed");
}

#[test]
fn posts_that_overtake_are_counted_within_an_entity_only() {
    let rows = vec![row(1, 1), row(2, 1), row(3, 2), row(4, 1)];
    let outcomes = vec![
        (1, CommandOutcome::Missing),
        (2, CommandOutcome::Posted(2)),
        (3, CommandOutcome::Posted(3)),
        (4, CommandOutcome::Posted(4)),
    ];
    assert_eq!(settle_now(rows, answer(outcomes)).out_of_order, 2);
    let rows = vec![row(1, 1), row(2, 1)];
    let outcomes = vec![(1, failed()), (2, CommandOutcome::Posted(2))];
    assert_eq!(
        settle_now(rows, answer(outcomes)).out_of_order,
        0,
        "nothing waits behind a failure"
    );
}

fn refused(status: u16, code: &str) -> RequestOutcome {
    let body = format!("{{\"error\":\"{code}\",\"error_description\":\"\"}}");
    let response = Response {
        status,
        location: None,
        body: Bytes::from(body),
    };
    judge(Ok(response), Asked::Batch(&["k1".into()]))
}

#[test]
fn a_stop_keeps_every_row_for_the_next_run() {
    let settled = settle_now(
        vec![row(1, 1), row(2, 2)],
        refused(403, "INVALID_CREDENTIALS"),
    );
    let stop = settled.stop.as_ref().unwrap();
    assert_eq!(stop.kind, FatalKind::Credentials);
    assert_eq!(again(&settled), [1, 2]);
    assert!(settled.doubted.is_empty() && settled.lessons.is_empty());
}

#[test]
fn the_newest_post_of_each_reach_bears_witness() {
    let mut rows = vec![row(1, 1), row(2, 2), row(3, 3), row(4, 4)];
    Arc::make_mut(&mut rows[1].1.claim).reach = Some(2);
    Arc::make_mut(&mut rows[3].1.claim).reach = None;
    let outcomes = (1..=4).map(|number| (number, CommandOutcome::Posted(number * 10)));
    let settled = settle_now(rows, answer(outcomes.collect()));
    let witnesses = settled.witnesses.iter();
    let told: Vec<_> = witnesses
        .map(|witness| (witness.reach, witness.remote_id, witness.entity))
        .collect();
    let on = |deal| testing::row(1, deal).claim.entity;
    assert_eq!(told, [(2, 20, on(2)), (1, 30, on(3))]);
}

#[test]
fn doubted_rows_are_handed_on_to_be_looked_for() {
    let doubt = CommandOutcome::InDoubt {
        code: "no_id".into(),
        message: String::new(),
    };
    let settled = settle_now(vec![row(1, 1)], answer(vec![(1, doubt)]));
    assert_eq!(settled.doubted[0].number(), 1);
    assert!(settled.witnesses.is_empty());
}

#[test]
fn a_batch_teaches_the_time_that_the_portal_tells_and_a_direct_call_none() {
    let posted = || RequestOutcome::Commands {
        outcomes: vec![("k1".to_owned(), CommandOutcome::Posted(1))],
        timing: Timing {
            request: Time {
                duration: Some(2.0),
                ..Time::default()
            },
            commands: Vec::new(),
        },
    };
    let took = Some(Duration::from_secs(2));
    let batch = settle_now(vec![row(1, 1)], posted());
    assert_eq!(batch.lessons, [Lesson::Good { took }]);
    let mut direct = row(1, 1);
    direct.1.candidate.route = Route::Direct;
    let direct = settle_now(vec![direct], posted());
    assert_eq!(direct.lessons, [Lesson::Good { took: None }]);
}

#[test]
fn a_request_that_broke_off_under_way_may_have_been_too_large() {
    let unreachable = |cause| {
        let error = TransportError {
            sent: Sent::Never,
            cause,
            detail: String::new(),
        };
        let answer = RequestOutcome::NotExecuted(NotExecuted::Unreachable(error));
        settle_now(vec![row(1, 1)], answer).lessons
    };
    for (cause, broke_off) in [
        (TransportCause::Broken, true),
        (TransportCause::UploadStalled, true),
        (TransportCause::Connect, false),
    ] {
        assert_eq!(unreachable(cause), [Lesson::Unreachable { broke_off }]);
    }
}

#[test]
fn vanishing_among_others_is_not_held_against_a_row() {
    let together = settle_now(vec![row(1, 1), row(2, 2)], RequestOutcome::Blank);
    let alone = together.again.into_iter().take(1);
    let rows = alone.map(|row| ("k1".to_owned(), row)).collect();
    assert_eq!(again(&settle_now(rows, RequestOutcome::Blank)), [1]);
}

#[test]
fn a_row_in_doubt_remembers_whom_it_may_have_overtaken() {
    let doubt = || CommandOutcome::InDoubt {
        code: "no_id".into(),
        message: "x".into(),
    };
    let rows = vec![row(1, 7), row(2, 7), row(3, 8)];
    let limited = CommandOutcome::Limited(Limit::Query);
    let settled = settle_now(rows, answer(vec![(1, limited), (2, doubt()), (3, doubt())]));
    let overtakes: Vec<bool> = settled.doubted.iter().map(|row| row.overtakes).collect();
    assert_eq!(overtakes, [true, false]);
    assert_eq!(
        settled.out_of_order, 0,
        "not before it is known to have arrived"
    );
}
