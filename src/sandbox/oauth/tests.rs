use serde_json::Value;

use super::*;

const NOW: u64 = 1_700_000_000_000;

fn open(calls: Option<u64>) -> (OAuthServer, OAuthFile) {
    let install = Install {
        address: "http://127.0.0.1:8".into(),
        member_id: "m".into(),
        user_id: 7,
        scopes: vec!["crm".into(), "log".into()],
    };
    let life = TokenLife {
        time: Duration::from_secs(60),
        calls,
    };
    OAuthServer::open(install, life, 1, NOW)
}

fn with(name: &'static str, token: &str) -> Array {
    Array::from_names([(name, Php::text(token))])
}

/// The parameters of a refresh with another value under one name.
fn refresh(file: &OAuthFile, name: &str, value: &str) -> Array {
    let given = |field: &'static str, good: &str| {
        (field, Php::text(if field == name { value } else { good }))
    };
    Array::from_names([
        given("grant_type", "refresh_token"),
        given("client_id", file.field("client_id")),
        given("client_secret", file.field("client_secret")),
        given("refresh_token", file.field("refresh_token")),
    ])
}

fn answered(answer: &Answer) -> (u16, Value) {
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[test]
fn tokens_are_good_until_they_expire() {
    let (mut oauth, file) = open(None);
    let token = file.field("access_token");
    for name in ["auth", "access_token"] {
        assert_eq!(oauth.admit(&with(name, token), NOW + 59_999), Ok(()));
    }
    for (params, now, failure) in [
        (
            with("auth", token),
            NOW + 60_000,
            RestFailure::EXPIRED_TOKEN,
        ),
        (with("auth", "x"), NOW, RestFailure::INVALID_TOKEN),
        (with("auth", ""), NOW, RestFailure::NO_AUTH_FOUND),
        (with("token", token), NOW, RestFailure::NO_AUTH_FOUND),
    ] {
        assert_eq!(oauth.admit(&params, now), Err(failure));
    }
}

#[test]
fn calls_wear_a_token_out() {
    let (mut oauth, file) = open(Some(2));
    let token = with("auth", file.field("access_token"));
    assert_eq!(oauth.admit(&token, NOW), Ok(()));
    assert_eq!(oauth.admit(&token, NOW), Ok(()));
    assert_eq!(oauth.admit(&token, NOW), Err(RestFailure::EXPIRED_TOKEN));
}

#[test]
fn a_refresh_brings_a_new_pair_and_kills_the_refresh_token() {
    let (mut oauth, file) = open(None);
    let params = refresh(&file, "", "");
    let (status, reply) = answered(&oauth.refresh(&params, NOW + 30_000));
    assert_eq!(status, 200);
    for (name, value) in [
        ("expires", json!(1_700_000_090)),
        ("expires_in", json!(60)),
        ("scope", json!("crm,log")),
        ("domain", json!("oauth.bitrix.info")),
        ("client_endpoint", json!("http://127.0.0.1:8/rest/")),
        ("member_id", json!("m")),
        ("user_id", json!(7)),
    ] {
        assert_eq!(reply[name], value, "{name}");
    }
    let new = reply["access_token"].as_str().unwrap();
    assert_eq!(oauth.admit(&with("auth", new), NOW + 89_999), Ok(()));
    let old = with("auth", file.field("access_token"));
    assert_eq!(oauth.admit(&old, NOW + 59_999), Ok(()));
    let dead = answered(&oauth.refresh(&params, NOW));
    assert_eq!(dead, (400, json!({"error": "invalid_grant"})));
    let next = refresh(
        &file,
        "refresh_token",
        reply["refresh_token"].as_str().unwrap(),
    );
    assert_eq!(oauth.refresh(&next, NOW).status, 200);
}

#[test]
fn a_wrong_refresh_is_refused_and_spends_nothing() {
    let (mut oauth, file) = open(None);
    for (name, status, code) in [
        ("grant_type", 400, "invalid_request"),
        ("client_id", 400, "invalid_client"),
        ("client_secret", 200, "wrong_client"),
        ("refresh_token", 400, "invalid_grant"),
    ] {
        let refused = answered(&oauth.refresh(&refresh(&file, name, "x"), NOW));
        assert_eq!(refused, (status, json!({ "error": code })), "{name}");
    }
    assert_eq!(oauth.refresh(&refresh(&file, "", ""), NOW).status, 200);
    assert!(!format!("{oauth:?} {file:?}").contains(file.field("client_secret")));
}
