//! The calls that are no posts, against canned answers.

use super::*;
use crate::portal::Webhook;
use crate::portal::fatal::FatalKind;
use crate::portal::transport::{Sent, TransportCause};
use serde_json::json;
use std::time::Duration;

const WITHIN: Within = Within {
    upload: Duration::from_secs(75),
    answer: Duration::from_secs(75),
};

/// Answers every call with one body and keeps what was called.
struct Canned(u16, Value);

impl Transport for Canned {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        assert_eq!(request.body, Payload::from_bytes("{}"));
        let path = request.url.expose().path().to_owned();
        assert_eq!(path, "/rest/1/s3cr3t/server.time");
        Ok(Response {
            status: self.0,
            location: None,
            body: self.1.to_string().into(),
        })
    }
}

fn portal(status: u16, body: Value) -> Client<Canned> {
    let webhook = Webhook::parse("https://p.example/rest/1/s3cr3t/").unwrap();
    Client::new(Canned(status, body), webhook, WITHIN)
}

#[test]
fn a_profile_is_read_in_its_forms() {
    for (admin, expected) in [
        (json!(true), true),
        (json!("Y"), true),
        (json!(1), true),
        (json!(false), false),
        (json!("N"), false),
        (Value::Null, false),
    ] {
        let result = json!({"ID": "7", "ADMIN": admin, "NAME": "Ann", "LAST_NAME": "Lee"});
        let profile = Profile::decode(&result).unwrap();
        let expected = Profile {
            id: 7,
            admin: expected,
            name: "Ann Lee".into(),
        };
        assert_eq!(profile, expected);
    }
}

#[test]
fn an_inactive_user_has_no_profile() {
    for result in [json!([]), Value::Null, json!({"ID": 0})] {
        assert_eq!(Profile::decode(&result), Err(CallError::InactiveUser));
    }
}

#[tokio::test]
async fn the_time_is_read_where_it_can_be() {
    let told = portal(200, json!({"result": "2026-03-01T12:00:00+03:00"}));
    let now = told.server_time().await.unwrap().now.unwrap();
    assert_eq!(now, "2026-03-01T09:00:00Z".parse().unwrap());
    let odd = portal(200, json!({"result": ["noon"]})).server_time().await;
    assert_eq!(odd, Ok(ServerTime { now: None }));
}

#[tokio::test]
async fn failures_keep_their_kind() {
    let dead = portal(401, json!({"error": "INVALID_CREDENTIALS"}))
        .server_time()
        .await;
    assert!(matches!(dead, Err(CallError::Stop(stop)) if stop.kind == FatalKind::Credentials));
    let busy = portal(503, json!({"error": "QUERY_LIMIT_EXCEEDED"}))
        .server_time()
        .await;
    assert_eq!(busy, Err(CallError::Limited(Limit::Query)));
    let ill = portal(502, json!("<html>")).server_time().await;
    assert!(matches!(ill, Err(CallError::Unwell(doubt)) if doubt.code == "http_502"));
    let odd = portal(400, json!({"error": "X", "error_description": "why"}))
        .server_time()
        .await;
    let text = odd.unwrap_err().to_string();
    assert!(
        text.starts_with("the portal refused the call (X: why)"),
        "{text}"
    );
    let large = portal(413, json!("")).server_time().await;
    assert!(matches!(large, Err(CallError::Unwell(_))));
}

#[test]
fn a_broken_connection_is_told_as_such() {
    let error = TransportError {
        sent: Sent::Never,
        cause: TransportCause::Connect,
        detail: "refused".into(),
    };
    assert_eq!(
        result(Err(error.clone().into())),
        Err(CallError::Transport(error))
    );
}
