//! What the OAuth server says to a refresh (bitrix24-rest.md §7, §8).

use serde_json::{Map, Value};

use super::account::Application;
use super::renewal::no_token;
use crate::portal::fatal::{Fatal, FatalKind};
use crate::portal::secret::Secret;
use crate::portal::transport::{Response, SendError};

/// New tokens. The reply's `domain` is the OAuth server's own and is not taken over
/// (bitrix24-rest.md §8).
#[derive(Debug)]
pub(super) struct TokenPair {
    pub access_token: Secret,
    refresh_token: Secret,
    /// When the access token runs out, as the server put it.
    expires: Option<Value>,
}

impl TokenPair {
    /// The file's fields with this pair in them.
    pub(super) fn put_into(&self, mut fields: Map<String, Value>) -> Map<String, Value> {
        let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        put("access_token", self.access_token.expose().into());
        put("refresh_token", self.refresh_token.expose().into());
        match &self.expires {
            Some(expires) => put("expires", expires.clone()),
            None => fields.remove("expires"),
        };
        fields
    }
}

/// Reads the reply: a pair, a failure that may pass, or the end of the run. Errors come with any
/// status, `wrong_client` with 200.
pub(super) fn read(response: &Response, application: &Application) -> Result<TokenPair, SendError> {
    let reply = serde_json::from_slice(&response.body);
    let reply = reply.ok().and_then(|reply| match reply {
        Value::Object(reply) => Some(reply),
        _ => None,
    });
    let text = |name| {
        let value = reply.as_ref().and_then(|reply| reply.get(name));
        value
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if let Some(code) = text("error") {
        return Err(refused(&hide(code, application), response.status));
    }
    match (response.status, text("access_token"), text("refresh_token")) {
        (200..300, Some(access), Some(refresh)) => Ok(TokenPair {
            access_token: Secret::new(access),
            refresh_token: Secret::new(refresh),
            expires: reply
                .as_ref()
                .and_then(|reply| reply.get("expires"))
                .cloned(),
        }),
        (status @ 300..500, ..) if !may_pass(status) => Err(wrong_server(status)),
        (status, ..) => Err(no_token(format!(
            "the OAuth server answered HTTP {status} without a token"
        ))),
    }
}

/// Whether a status says "too late", "too often" or "not now".
fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// A code without any secret in it, should the server repeat one.
fn hide(code: &str, application: &Application) -> String {
    let secrets = [
        &application.client_id,
        &application.client_secret,
        &application.access_token,
        &application.refresh_token,
    ];
    secrets.iter().fold(code.to_owned(), |text, secret| {
        text.replace(secret.expose(), "(redacted)")
    })
}

fn refused(code: &str, status: u16) -> SendError {
    let lower = code.to_ascii_lowercase();
    let (kind, what, advice) = match lower.as_str() {
        "invalid_grant" => (
            FatalKind::TokenExpired,
            "the OAuth server no longer accepts the refresh token",
            "Trying again will not help: authorise the application in the portal again and put \
             the new tokens into the OAuth file, then run again",
        ),
        "invalid_client" | "wrong_client" => (
            FatalKind::Application,
            "the OAuth server does not accept the application",
            "Trying again will not help. Check client_id, client_secret and server in the OAuth \
             file, then run again",
        ),
        "invalid_scope" | "insufficient_scope" => (
            FatalKind::Scope,
            "the OAuth server refuses the application's permissions",
            "Trying again will not help. Check the application's permissions in the portal and \
             authorise it again",
        ),
        "payment_required" => (
            FatalKind::Plan,
            "the portal's plan does not include the application",
            "Trying again will not help until the portal has a plan or subscription with REST",
        ),
        _ if may_pass(status) => {
            return no_token(format!("the OAuth server answered {code}, HTTP {status}"));
        }
        _ => (
            FatalKind::Credentials,
            "the OAuth server refuses to refresh the token",
            "Trying again will not help. Check the OAuth file against the application in the \
             portal, or authorise it again",
        ),
    };
    SendError::SignIn(Fatal {
        kind,
        what: format!("{what} ({code})"),
        advice,
        code: code.to_owned(),
    })
}

/// Redirects are not followed: the address holds the application's secrets.
fn wrong_server(status: u16) -> SendError {
    SendError::SignIn(Fatal {
        kind: FatalKind::Credentials,
        code: "oauth_server".to_owned(),
        what: format!("what answers as the OAuth server is none (HTTP {status})"),
        advice: "Trying again will not help. Check server in the OAuth file; a redirect is not \
                 followed, since it would carry the application's secrets elsewhere",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(status: u16, body: &str) -> Result<TokenPair, SendError> {
        let application = Application {
            client_id: Secret::new("s3cr3t-id"),
            client_secret: Secret::new("s3cr3t-key"),
            access_token: Secret::new("s3cr3t-a"),
            refresh_token: Secret::new("s3cr3t-r"),
        };
        let response = Response {
            status,
            location: Some("https://elsewhere.example/?s3cr3t-r".into()),
            body: body.to_owned().into(),
        };
        read(&response, &application)
    }

    #[test]
    fn a_pair_takes_the_place_of_the_old_one_and_of_nothing_else() {
        let body = json!({
            "access_token": "a2", "refresh_token": "r2", "expires": 5, "expires_in": 3600,
            "domain": "oauth.bitrix.info", "member_id": "other",
        });
        let file = json!({"domain": "p.example", "access_token": "a1", "refresh_token": "r1",
            "expires": 4, "note": "mine"});
        let fields = of(200, &body.to_string())
            .unwrap()
            .put_into(file.as_object().unwrap().clone());
        assert_eq!(
            Value::Object(fields),
            json!({"domain": "p.example", "access_token": "a2", "refresh_token": "r2",
                "expires": 5, "note": "mine"})
        );
    }

    #[test]
    fn refusals_end_the_run_whatever_their_status() {
        for (status, code, kind) in [
            (400, "invalid_grant", FatalKind::TokenExpired),
            (400, "invalid_client", FatalKind::Application),
            (200, "wrong_client", FatalKind::Application),
            (401, "invalid_scope", FatalKind::Scope),
            (200, "PAYMENT_REQUIRED", FatalKind::Plan),
            (400, "invalid_request", FatalKind::Credentials),
            (200, "something_new", FatalKind::Credentials),
        ] {
            let Err(SendError::SignIn(stop)) = of(status, &json!({"error": code}).to_string())
            else {
                panic!("{code}");
            };
            assert_eq!((stop.kind, &*stop.code), (kind, code));
        }
        for status in [302, 307, 401, 404] {
            assert!(matches!(of(status, "<html>"), Err(SendError::SignIn(_))));
        }
    }

    #[test]
    fn what_may_pass_is_no_end() {
        let halves = json!({"access_token": "a2"}).to_string();
        for (status, body) in [
            (502, "<html>"),
            (200, "<html>"),
            (200, &*halves),
            (500, r#"{"access_token":"a2","refresh_token":"r2"}"#),
            (503, r#"{"error":"QUERY_LIMIT_EXCEEDED"}"#),
            (429, "{}"),
        ] {
            let came = of(status, body);
            assert!(
                matches!(came, Err(SendError::Transport(_))),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_server_that_repeats_secrets_is_not_quoted() {
        let body = json!({"error": "bad s3cr3t-r", "error_description": "s3cr3t-key"});
        let shown = format!("{:?}", of(400, &body.to_string()).unwrap_err());
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}
