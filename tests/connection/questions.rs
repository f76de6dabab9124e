//! Odd answers to the questions before the first post are taken for what they mean: the real binary
//! and a stand-in for a portal.

use std::io::{BufReader, Write};
use std::net::TcpListener;

use crate::common::stand_in::read_request;
use crate::common::{Workspace, assert_counts, count};
use serde_json::{Value, json};

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
            let (path, body) = read_request(&mut BufReader::new(&connection)).unwrap();
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
    let (code, message) = run.error();
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
    let (code, message) = run.error();
    assert_eq!(code, "limited");
    assert!(message.contains("--no-record-check"), "{message}");
    assert_eq!(count(&run.json(), "requests"), 1 + 3);
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
    let (code, message) = run.error();
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
    assert_eq!(run.error().0, "livefeed_retired");
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
