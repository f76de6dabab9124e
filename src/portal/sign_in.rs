//! How a request says who it comes from: by a webhook's address, or by a token in its body.
//!
//! What an answer means is not decided here, except whether it asks for a new token: then nothing
//! of its request was executed.

use super::classify::{Classified, classify};
use super::decode::{ApiError, BatchReply};
use super::error_codes::{Meaning, meaning};
use super::fatal::{Fatal, FatalKind};
use super::oauth::OAuth;
use super::transport::Response;
use super::webhook::Webhook;

/// Who we are to the portal. `T` carries requests to the OAuth server, which may need another way
/// there than the portal does.
#[derive(Debug)]
pub enum SignIn<T> {
    /// An inbound webhook, whose code is part of the address.
    Webhook(Webhook),
    /// An application's access, whose tokens expire and are refreshed.
    OAuth(Box<OAuth<T>>),
}

impl<T> SignIn<T> {
    /// The portal's host, without port.
    pub fn host(&self) -> &str {
        match self {
            SignIn::Webhook(webhook) => webhook.host(),
            SignIn::OAuth(oauth) => oauth.host(),
        }
    }
}

impl<T> From<Webhook> for SignIn<T> {
    fn from(webhook: Webhook) -> SignIn<T> {
        SignIn::Webhook(webhook)
    }
}

impl<T> From<OAuth<T>> for SignIn<T> {
    fn from(oauth: OAuth<T>) -> SignIn<T> {
        SignIn::OAuth(Box::new(oauth))
    }
}

/// Whether an answer says that the token is the reason why nothing was executed. Besides
/// `expired_token` these are the codes that one new token may mend (bitrix24-rest.md §7).
pub(super) fn wants_new_token(response: &Response) -> bool {
    match classify(response) {
        Classified::Stop(stop) => is_about_the_token(&stop),
        _ => false,
    }
}

fn is_about_the_token(stop: &Fatal) -> bool {
    const MENDABLE: [&str; 3] = ["invalid_token", "no_auth_found", "authorization_error"];
    let is_code = |code: &&str| stop.code.eq_ignore_ascii_case(code);
    stop.kind == FatalKind::TokenExpired || MENDABLE.iter().any(is_code)
}

/// Whether the token ran out while a batch was being executed: some of its commands were not.
pub(super) fn ran_out_within(response: &Response) -> bool {
    let Classified::Result(result, _) = classify(response) else {
        return false;
    };
    let expired = |error: &ApiError| meaning(error) == Some(Meaning::Stop(FatalKind::TokenExpired));
    BatchReply::decode(result).is_some_and(|reply| {
        let mut errors = reply.errors.iter();
        errors.any(|(_, error)| error.as_ref().is_some_and(expired))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn response(status: u16, body: Value) -> Response {
        Response {
            status,
            location: None,
            body: body.to_string().into(),
        }
    }

    #[test]
    fn codes_of_the_token_ask_for_a_new_one_whatever_the_status() {
        for code in ["expired_token", "invalid_token", "NO_AUTH_FOUND"] {
            for status in [200, 401, 403] {
                let response = response(status, json!({"error": code}));
                assert!(wants_new_token(&response), "{code} {status}");
            }
        }
        for code in ["INVALID_CREDENTIALS", "insufficient_scope", "", "NOT_FOUND"] {
            assert!(!wants_new_token(&response(401, json!({"error": code}))));
        }
        assert!(!wants_new_token(&response(200, json!({"result": 1}))));
    }

    #[test]
    fn a_token_that_ran_out_within_a_batch_is_seen() {
        let batch = |code: &str| {
            let errors = json!({"k2": {"error": code, "error_description": ""}});
            response(
                200,
                json!({"result": {"result": {"k1": 7}, "result_error": errors}}),
            )
        };
        assert!(ran_out_within(&batch("expired_token")));
        assert!(!ran_out_within(&batch("ACCESS_DENIED")));
        assert!(!ran_out_within(&response(
            401,
            json!({"error": "expired_token"})
        )));
        assert!(!ran_out_within(&response(200, json!({"result": 7}))));
    }
}
