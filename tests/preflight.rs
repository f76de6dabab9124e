//! What is looked at before the first post, through the real binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use common::{Run, Sandbox, Workspace, assert_counts, count, finish, wait_until};
use serde_json::{Value, json};

/// What a run is asked to do, and the error that it ended with.
fn error(run: &Run) -> (String, String) {
    let summary = run.json();
    let text = |key: &str| summary["error"][key].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

/// A manifest `m.csv` of the timeline, a row for each record.
fn comments(workspace: &Workspace, records: &[(&str, u64)]) {
    let rows: String = records
        .iter()
        .enumerate()
        .map(|(n, (kind, id))| format!("c{n},Comment {n},{kind},{id}\n"))
        .collect();
    let header = "external_id,message,entity_type,entity_id\n";
    workspace.write("m.csv", format!("{header}{rows}"));
}

const TIMELINE: [&str; 2] = ["--target", "timeline"];

/// Requests that asked for records.
fn lookups(portal: &Sandbox) -> usize {
    let methods = portal.requests().into_iter().map(|(method, _)| method);
    methods.filter(|method| method == "crm.item.list").count()
}

#[test]
fn a_missing_scope_is_named_before_anything_is_sent() {
    for (granted, target, needed) in [
        ("log", "crm-feed", "`crm`"),
        ("log", "timeline", "`crm`"),
        ("crm", "news-feed", "`log`"),
        ("", "crm-feed", "`crm`"),
    ] {
        let workspace = Workspace::new();
        match target {
            "crm-feed" => workspace.rows(2),
            "timeline" => comments(&workspace, &[("deal", 1)]),
            _ => drop(workspace.write("m.csv", "message,audience\nHello,U1\n")),
        }
        let portal = Sandbox::start(&workspace, &["--scope", granted]);
        let run = workspace.import(&portal, &["--target", target]).expect(1);
        let (code, message) = error(&run);
        assert_eq!(code, "insufficient_scope");
        for part in [needed, "webhook", "add"] {
            assert!(message.contains(part), "{part}: {message}");
        }
        let methods: Vec<_> = portal
            .requests()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(methods, ["batch"], "{granted} {target}");
    }
}

#[test]
fn a_clock_that_is_wrong_by_minutes_is_told_and_one_by_seconds_is_not() {
    for (skew, word) in [
        ("-3600", Some("1h")),
        ("600", Some("ahead of")),
        ("20", None),
    ] {
        let workspace = Workspace::new();
        workspace.rows(1);
        let portal = Sandbox::start(&workspace, &["--clock-skew", skew]);
        let run = workspace.import(&portal, &[]).expect(0);
        let told = run.stderr.lines().find(|line| line.contains("clock"));
        match word {
            Some(word) => assert!(told.unwrap().contains(word), "{skew}: {}", run.stderr),
            None => assert_eq!(told, None, "{skew}"),
        }
    }
}

#[test]
fn a_retired_portal_is_met_before_the_first_row() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &["--retired-livefeed"]);
    let run = workspace.import(&portal, &[]).expect(1);
    let (code, message) = error(&run);
    assert_eq!(code, "livefeed_retired");
    assert!(
        message.contains("--target timeline --drop audience"),
        "{message}"
    );
    assert_counts(&run.json(), &[("pending", 3)]);
    assert_eq!(run.json()["run"], Value::Null);
    assert_eq!(portal.count(), 0);
    assert_eq!(workspace.ledger("m.csv.ledger.db"), [], "no row was begun");
    let instead = ["--target", "timeline", "--drop", "audience"];
    let run = workspace.import(&portal, &instead).expect(0).json();
    assert_counts(&run, &[("posted", 3)]);
}

#[test]
fn rows_of_missing_records_hold_everything_back_until_they_are_skipped() {
    let workspace = Workspace::new();
    comments(
        &workspace,
        &[
            ("deal", 1),
            ("deal", 5),
            ("lead", 5),
            ("deal", 5),
            ("order", 5),
        ],
    );
    let records = ["--records", "deal:5=missing,order:5=missing"];
    let portal = Sandbox::start(&workspace, &records);
    let held = workspace.import(&portal, &TIMELINE).expect(3);
    assert_counts(&held.json(), &[("invalid", 2), ("pending", 3)]);
    assert_eq!(portal.count(), 0);
    let problems: Vec<&str> = held
        .stderr
        .lines()
        .filter(|line| line.contains("record_not_found"))
        .collect();
    assert_eq!(problems.len(), 2, "{}", held.stderr);
    for part in ["  2  ", "  3  ", "entity_id", "deal 5 doesn't exist"] {
        assert!(problems[0].contains(part), "{part}: {}", problems[0]);
    }
    let skip = [&TIMELINE[..], &["--skip-invalid"]].concat();
    let run = workspace.import(&portal, &skip).expect(3).json();
    // Orders can't be listed: that row is sent and refused.
    assert_counts(&run, &[("invalid", 2), ("posted", 2), ("failed", 1)]);
    let sent: Vec<_> = portal.posts().into_iter().map(|post| post.entity).collect();
    assert_eq!(sent, [Some((2, 1)), Some((1, 5))]);
}

#[test]
fn kinds_that_are_refused_as_a_whole_concern_their_rows() {
    let workspace = Workspace::new();
    comments(
        &workspace,
        &[("deal", 1), ("dynamic_5", 7), ("dynamic_5", 8)],
    );
    let portal = Sandbox::start(&workspace, &[]);
    let held = workspace.import(&portal, &TIMELINE).expect(3);
    assert_counts(&held.json(), &[("invalid", 2), ("pending", 1)]);
    assert!(
        held.stderr.contains("entity_type") && held.stderr.contains("NOT_FOUND"),
        "{}",
        held.stderr
    );
    let skip = [&TIMELINE[..], &["--skip-invalid"]].concat();
    let run = workspace.import(&portal, &skip).expect(3).json();
    assert_counts(&run, &[("invalid", 2), ("posted", 1)]);
}

#[test]
fn found_records_are_remembered_and_asked_for_once() {
    let workspace = Workspace::new();
    let records: Vec<(&str, u64)> = (1..=120).map(|id| ("deal", id)).collect();
    comments(&workspace, &records);
    let portal = Sandbox::start(&workspace, &["--records", "deal:120=hidden"]);
    let remembered = || {
        let ledger = rusqlite::Connection::open(workspace.path("m.csv.ledger.db")).unwrap();
        let query = "SELECT count(*) FROM records WHERE entity_type = 'deal'";
        let count: u64 = ledger.query_row(query, [], |row| row.get(0)).unwrap();
        count
    };
    workspace.import(&portal, &TIMELINE).expect(3);
    let methods = |portal: &Sandbox| -> Vec<String> {
        let all = portal.requests().into_iter().map(|(method, _)| method);
        all.collect()
    };
    assert_eq!(methods(&portal), ["batch"], "with all other questions");
    assert_eq!(remembered(), 119, "the hidden one is not remembered");
    let more = ["--skip-invalid", "--limit", "10", "--no-canary"];
    let run = workspace.import(&portal, &[&TIMELINE[..], &more].concat());
    let summary = run.expect(0).json();
    assert_counts(&summary, &[("posted", 10), ("pending", 110)]);
    assert_eq!(methods(&portal)[1..], ["batch", "batch"]);
    assert_eq!(count(&summary, "requests"), 2);
    workspace
        .import(&portal, &[&TIMELINE[..], &["--rebind"]].concat())
        .expect(3);
    assert_eq!(remembered(), 109, "asked for again, but for what is posted");
}

#[test]
fn the_look_for_records_can_be_left_out() {
    let workspace = Workspace::new();
    comments(&workspace, &[("deal", 1), ("deal", 5)]);
    let portal = Sandbox::start(&workspace, &["--records", "deal:5=missing"]);
    let more = [&TIMELINE[..], &["--no-record-check"]].concat();
    let run = workspace.import(&portal, &more).expect(3).json();
    assert_counts(&run, &[("posted", 1), ("failed", 1)]);
    assert_eq!(lookups(&portal), 0);
}

#[test]
fn a_record_that_only_the_audience_names_is_not_looked_for() {
    let workspace = Workspace::new();
    workspace.write("m.csv", "message,audience\nHello,\"U1,CRMDEAL5\"\n");
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &[]).expect(0);
    assert_eq!(lookups(&portal), 0);
}

#[test]
fn a_dry_run_shows_the_screen_and_changes_nothing() {
    let workspace = Workspace::new();
    workspace.rows(150);
    let portal = Sandbox::start(&workspace, &["--records", "deal:1=hidden"]);
    let dry = |more: &[&str]| workspace.import_by(&portal.webhook, more);
    let held = dry(&["--dry-run"]).expect(3);
    assert_counts(&held.json(), &[("invalid", 30), ("pending", 120)]);
    let run = dry(&["--dry-run", "--skip-invalid"]).expect(3);
    let summary = run.json();
    assert_counts(&summary, &[("invalid", 30), ("pending", 120)]);
    assert_eq!(summary["run"], Value::Null);
    assert_eq!(summary.get("error"), None);
    let address = portal.webhook.split('/').nth(2).unwrap();
    let host = address.split(':').next().unwrap();
    for part in [
        &format!("About to post 120 rows to the crm-feed of {host}"),
        "Sandbox Administrator (user 1), an administrator",
        "row 1, deal 2 (deal 2): Message 1",
        "requests and ",
        "not kept by Bitrix24: date and author",
        "notifies nobody",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(portal.count(), 0);
    let ledger = rusqlite::Connection::open(workspace.path("m.csv.ledger.db")).unwrap();
    for table in ["rows", "runs", "batches", "claims", "binding"] {
        let query = format!("SELECT count(*) FROM {table}");
        let count: u64 = ledger.query_row(&query, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{table}");
    }
    workspace.import(&portal, &["--skip-invalid"]).expect(3);
    assert_eq!(portal.count(), 120);
    assert_counts(
        &dry(&["--dry-run", "--no-record-check", "--limit", "5"])
            .expect(0)
            .json(),
        &[("already_posted", 120), ("pending", 30)],
    );
}

#[test]
fn a_dry_run_leaves_doubt_edits_and_renames_for_the_run() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience\na,deal,1,U1\nb,deal,2,U1\n",
    );
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &["--limit", "1"]).expect(0);
    workspace.write(
        "m.csv",
        "external_id,message,entity_type,entity_id,audience\n1,a,deal,1,U1\n2,c,deal,2,U1\n",
    );
    let keys = || {
        let ledger = rusqlite::Connection::open(workspace.path("m.csv.ledger.db")).unwrap();
        let query = "SELECT group_concat(substr(row_key, 1, 2) || state) FROM rows";
        let keys: String = ledger.query_row(query, [], |row| row.get(0)).unwrap();
        keys
    };
    let before = keys();
    let run = workspace.import(&portal, &["--dry-run"]).expect(0).json();
    assert_counts(&run, &[("already_posted", 1), ("pending", 1)]);
    assert_eq!(keys(), before, "the row keeps its old key");
    workspace.import(&portal, &[]).expect(0);
    assert_eq!(keys(), "x:posted,x:posted");
}

#[test]
fn many_posts_or_notifications_need_a_word_where_nobody_can_be_asked() {
    let portal_of = |workspace: &Workspace| Sandbox::start(workspace, &[]);
    for (rows, audience, expected) in [
        (100, "U1", 0),
        (101, "U1", 2),
        (100, "\"U2,U3\"", 0),
        (67, "\"U2,U3,U4\"", 2),
        (67, "\"U1,U2,U3\"", 0),
    ] {
        let workspace = Workspace::new();
        let row = |n: usize| format!("r{n},Message {n},deal,1,{audience}\n");
        let rows: String = (1..=rows).map(row).collect();
        let header = "external_id,message,entity_type,entity_id,audience\n";
        workspace.write("m.csv", format!("{header}{rows}"));
        let portal = portal_of(&workspace);
        let run = workspace.import_by(&portal.webhook, &[]).expect(expected);
        if expected == 2 {
            assert!(run.stderr.contains("--yes"), "{}", run.stderr);
            assert_eq!(portal.count(), 0);
            workspace.import_by(&portal.webhook, &["--yes"]).expect(0);
        }
    }
}

#[test]
fn only_an_administrator_posts_as_others_in_the_news_feed() {
    let workspace = Workspace::new();
    workspace.write("m.csv", "message,audience,author_id\nHello,U1,5\n");
    let portal = Sandbox::start(&workspace, &["--not-admin"]);
    let news = ["--target", "news-feed"];
    let run = workspace.import(&portal, &news).expect(1);
    let (code, message) = error(&run);
    assert_eq!(code, "not_administrator");
    assert!(message.contains("--drop author_id"), "{message}");
    assert_eq!(portal.requests().len(), 1);
    let dropped = [&news[..], &["--drop", "author_id"]].concat();
    workspace.import(&portal, &dropped).expect(0);
}

/// A portal that answers each method as told, in any order, by itself or in a batch, so many times.
fn odd_portal(requests: usize, answer: fn(&str) -> (u16, Value)) -> String {
    batching_portal(requests, move |commands| match commands {
        [method] => answer(method),
        methods => in_batch(methods, answer),
    })
}

/// The answers of several methods in one.
fn in_batch(methods: &[String], answer: impl Fn(&str) -> (u16, Value)) -> (u16, Value) {
    let (mut results, mut errors) = (serde_json::Map::new(), serde_json::Map::new());
    for (place, method) in methods.iter().enumerate() {
        let (_, mut body) = answer(method);
        match body.get_mut("result") {
            Some(result) => results.insert(format!("r{place}"), result.take()),
            None => errors.insert(format!("r{place}"), body),
        };
    }
    (
        200,
        json!({"result": {"result": results, "result_error": errors}}),
    )
}

/// A portal that answers each request as told, by the methods that it calls.
fn batching_portal(
    requests: usize,
    answer: impl Fn(&[String]) -> (u16, Value) + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for _ in 0..requests {
            let (mut connection, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && connection.read(&mut byte).unwrap() > 0 {
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            let mut body = vec![0; length];
            connection.read_exact(&mut body).unwrap();
            let path = head.split_whitespace().nth(1).unwrap();
            let method = path.trim_end_matches('/').rsplit('/').next().unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let methods: Vec<String> = match method {
                "batch" => (0..body["cmd"].as_object().unwrap().len())
                    .map(|place| body["cmd"][format!("r{place}")].as_str().unwrap())
                    .map(|command| command.split('?').next().unwrap().to_owned())
                    .collect(),
                method => vec![method.to_owned()],
            };
            let (status, body) = answer(&methods);
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}/rest/1/code/")
}

fn plain(method: &str) -> (u16, Value) {
    match method {
        "profile" => (200, json!({"result": {"ID": "1", "ADMIN": true}})),
        "scope" => (200, json!({"result": ["crm"]})),
        "server.time" => (200, json!({"result": "2026-01-01T00:00:00+00:00"})),
        _ => (400, json!({"error": "", "error_description": "no"})),
    }
}

#[test]
fn an_empty_post_that_is_taken_stops_the_run() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let webhook = odd_portal(10, |method| match method {
        "crm.livefeedmessage.add" => (200, json!({"result": 77})),
        method => plain(method),
    });
    let run = workspace.import_by(&webhook, &[]).expect(1);
    let (code, message) = error(&run);
    assert_eq!(code, "probe_answered");
    assert!(
        message.contains("77") && message.contains("delete"),
        "{message}"
    );
}

#[test]
fn what_an_odd_portal_does_not_tell_is_a_warning() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let webhook = odd_portal(20, |method| match method {
        "scope" => (
            400,
            json!({"error": "ODD", "error_description": "who knows"}),
        ),
        "server.time" => (200, json!({"result": "noon"})),
        "crm.item.list" => (404, json!({"error": "ERROR_METHOD_NOT_FOUND"})),
        method => plain(method),
    });
    let run = workspace.import_by(&webhook, &["--dry-run"]).expect(0);
    for part in [
        "doesn't tell what the credentials may do",
        "its clock was not compared",
        "they were not checked",
    ] {
        let told = run.stderr.lines().filter(|line| line.contains(part));
        assert_eq!(told.count(), 1, "{part}: {}", run.stderr);
    }
    assert_counts(&run.json(), &[("pending", 2)]);
}

#[test]
fn a_portal_at_its_limit_is_asked_again_and_then_given_up() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let webhook = odd_portal(20, |method| match method {
        "crm.item.list" => (503, json!({"error": "QUERY_LIMIT_EXCEEDED"})),
        method => plain(method),
    });
    let run = workspace.import_by(&webhook, &[]).expect(1);
    let (code, message) = error(&run);
    assert_eq!(code, "limited");
    assert!(message.contains("--no-record-check"), "{message}");
    assert_eq!(count(&run.json(), "requests"), 1 + 3);
}

#[test]
fn every_question_shares_one_request() {
    let workspace = Workspace::new();
    let (records, more) = (2_300_u64, 2_700);
    let row = |n: u64| format!("r{n},Message {n},deal,{n},U1\n");
    let header = "external_id,message,entity_type,entity_id,audience\n";
    let rows = |count: u64| (1..=count).map(row).collect::<String>();
    workspace.write("m.csv", format!("{header}{}", rows(records)));
    let portal = Sandbox::start(&workspace, &[]);
    let run = workspace.import(&portal, &["--dry-run"]).expect(0).json();
    assert_eq!(count(&run, "requests"), 1, "46 calls for records");
    workspace.write("m.csv", format!("{header}{}", rows(more)));
    let run = workspace.import(&portal, &["--dry-run"]).expect(0).json();
    assert_eq!(count(&run, "requests"), 2, "46 calls and what is left");
    let none = ["--dry-run", "--no-record-check"];
    let run = workspace.import(&portal, &none).expect(0).json();
    assert_eq!(count(&run, "requests"), 1);
    let methods = portal.requests().into_iter().map(|(method, _)| method);
    assert_eq!(methods.collect::<Vec<_>>(), ["batch"; 4]);
}

#[test]
fn records_that_break_the_portal_keep_no_other_question_unanswered() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let webhook = batching_portal(20, |methods| {
        let asks = |name: &str| methods.iter().any(|method| method == name);
        match methods {
            _ if asks("crm.item.list") => (500, json!("<html>")),
            [method] => plain(method),
            methods => in_batch(methods, plain),
        }
    });
    let run = workspace.import_by(&webhook, &["--dry-run"]).expect(1);
    let (code, message) = error(&run);
    assert_eq!(code, "http_500");
    assert!(message.contains("--no-record-check"), "{message}");
    assert_eq!(count(&run.json(), "requests"), 1 + 1 + 3);
}

/// PHP's last exception is not cleared between the commands of a batch.
#[test]
fn a_probe_that_bears_the_error_of_another_question_is_asked_alone() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let missing = (404, json!({"error": "ERROR_METHOD_NOT_FOUND"}));
    let webhook = batching_portal(20, move |methods| match methods {
        [method] if method == "crm.livefeedmessage.add" => (
            400,
            json!({"error": "", "error_description": "Livefeed is no longer supported"}),
        ),
        [method] => plain(method),
        methods => {
            let (status, mut body) = in_batch(methods, plain);
            let errors = body["result"]["result_error"].as_object_mut().unwrap();
            errors
                .values_mut()
                .for_each(|error| *error = missing.1.clone());
            (status, body)
        }
    });
    let run = workspace.import_by(&webhook, &["--dry-run"]).expect(1);
    assert_eq!(error(&run).0, "livefeed_retired");
    assert_eq!(count(&run.json(), "requests"), 2);
}

/// As [`plain`], with both records of the rows.
fn all_there(method: &str) -> (u16, Value) {
    match method {
        "crm.item.list" => (200, json!({"result": {"items": [{"id": 2}, {"id": 3}]}})),
        method => plain(method),
    }
}

#[test]
fn a_question_that_may_be_answered_yet_is_asked_again_by_itself() {
    for code in [
        "QUERY_LIMIT_EXCEEDED",
        "INTERNAL_SERVER_ERROR",
        "expired_token",
    ] {
        let workspace = Workspace::new();
        workspace.rows(2);
        let webhook = batching_portal(20, move |methods| match methods {
            [method] => plain(method),
            methods => in_batch(methods, |method| match method {
                "profile" => (200, json!({ "error": code })),
                method => all_there(method),
            }),
        });
        let run = workspace.import_by(&webhook, &["--dry-run"]).expect(0);
        assert_eq!(count(&run.json(), "requests"), 2, "{code}");
    }
}

#[test]
fn the_error_of_a_question_means_the_same_among_others() {
    let inactive = json!({"result": []});
    let error = |code: &str| json!({"error": code, "error_description": ""});
    for (question, answer, exit, code) in [
        ("profile", inactive, 1, Some("inactive_user")),
        (
            "profile",
            error("insufficient_scope"),
            1,
            Some("insufficient_scope"),
        ),
        ("profile", error("ACCESS_DENIED"), 1, Some("ACCESS_DENIED")),
        ("scope", error("ACCESS_DENIED"), 0, None),
        (
            "scope",
            error("INVALID_CREDENTIALS"),
            1,
            Some("INVALID_CREDENTIALS"),
        ),
        ("server.time", error("ERROR_METHOD_NOT_FOUND"), 0, None),
        ("crm.item.list", error("ACCESS_DENIED"), 3, None),
        ("crm.item.list", error("ERROR_METHOD_NOT_FOUND"), 0, None),
        (
            "crm.item.list",
            error("insufficient_scope"),
            1,
            Some("insufficient_scope"),
        ),
        (
            "crm.livefeedmessage.add",
            error("ERROR_METHOD_NOT_FOUND"),
            1,
            Some("ERROR_METHOD_NOT_FOUND"),
        ),
        (
            "crm.livefeedmessage.add",
            error("insufficient_scope"),
            1,
            Some("insufficient_scope"),
        ),
    ] {
        let workspace = Workspace::new();
        workspace.rows(2);
        let webhook = batching_portal(20, move |methods| {
            in_batch(methods, |method| match method == question {
                true => (200, answer.clone()),
                false => all_there(method),
            })
        });
        let run = workspace.import_by(&webhook, &["--dry-run"]).expect(exit);
        let summary = run.json();
        assert_eq!(
            summary["error"]["code"].as_str(),
            code,
            "{question}: {}",
            run.stderr
        );
        assert_eq!(count(&summary, "requests"), 1, "{question}");
    }
}

#[test]
fn the_look_for_records_keeps_to_the_bucket() {
    let workspace = Workspace::new();
    let many: Vec<(&str, u64)> = (1..=5_000).map(|n| ("deal", n)).collect();
    comments(&workspace, &many);
    let portal = Sandbox::start(&workspace, &["--rate", "2", "--burst", "50"]);
    // A portal that cuts so early gets what fits into one batch and then one call at a time.
    let slow = ["--plan", "standard", "--request-limit", "1ms", "--dry-run"];
    let run = workspace.import(&portal, &[&TIMELINE[..], &slow].concat());
    let summary = run.expect(0).json();
    assert_eq!(count(&summary, "requests"), 1 + 53);
    let requests = portal.requests();
    assert_eq!(requests.len(), 54, "every request is counted");
    assert!(requests.iter().all(|(_, status)| *status == 200));
    assert!(summary["elapsed_s"].as_f64().unwrap() > 2.0, "{summary}");
}

#[test]
fn an_interrupted_look_keeps_what_it_has_found() {
    let workspace = Workspace::new();
    let many: Vec<(&str, u64)> = (1..=5_000).map(|n| ("deal", n)).collect();
    comments(&workspace, &many);
    let portal = Sandbox::start(&workspace, &[]);
    let slow = ["--plan", "standard", "--request-limit", "1ms"];
    let run = workspace.start_import(&portal, &[&TIMELINE[..], &slow].concat());
    // From here on it waits for the bucket.
    wait_until("49 requests", || portal.requests().len() >= 49);
    let status = Command::new("kill")
        .args(["-INT", &run.id().to_string()])
        .status();
    assert!(status.unwrap().success());
    let summary = finish(run).expect(130).json();
    assert_counts(&summary, &[("pending", 5_000)]);
    assert_eq!(portal.count(), 0);
    let ledger = rusqlite::Connection::open(workspace.path("m.csv.ledger.db")).unwrap();
    let query = "SELECT count(*) FROM records";
    let found: u64 = ledger.query_row(query, [], |row| row.get(0)).unwrap();
    assert!((2_000..5_000).contains(&found), "{found}");
}
