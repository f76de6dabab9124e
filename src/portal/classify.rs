//! Sorts an answer as a whole into a few classes, by its error code first and its HTTP status then.
//! What it says of single commands is judged in `outcome`.

use std::fmt;

use serde_json::Value;
use url::Url;

use super::decode::{ApiError, DecodedReply, Time};
use super::error_codes::{Meaning, meaning};
use super::fatal::{Fatal, FatalKind};
use super::transport::Response;

/// What an answer says as a whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Classified {
    /// The call was carried out; `Value` is its `result`.
    Result(Value, Time),
    /// A limit; not executed.
    Limited(Limit),
    /// The body is too large for the server; not executed.
    TooLarge,
    /// The call failed. `known` says that the code is one that is only given before executing.
    Refused {
        error: ApiError,
        status: u16,
        known: bool,
    },
    Stop(Fatal),
    Unknown(Uncertainty),
}

/// A limit of the portal that refused a call; it is over after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests per second (bitrix24-rest.md §6).
    Query,
    /// Server time of the method (bitrix24-rest.md §6).
    Operating {
        /// When some of it comes back, in seconds since 1970; none if the portal doesn't say.
        reset_at: Option<i64>,
    },
}

/// Why it can't be said whether a call was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncertainty {
    /// The portal's code, or one of our own in lower case.
    pub code: String,
    /// The portal's words, or our own.
    pub message: String,
}

impl fmt::Display for Uncertainty {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}: {}. The portal may have acted on the request; it must not simply be sent again",
            self.code, self.message
        )
    }
}

impl Uncertainty {
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Uncertainty {
        Uncertainty {
            code: code.into(),
            message: message.into(),
        }
    }
}

/// Reads an answer: its code first, then its status.
pub(super) fn classify(response: &Response) -> Classified {
    let status = response.status;
    match DecodedReply::decode(&response.body) {
        Some(DecodedReply {
            error: Some(error),
            result,
            time,
        }) => {
            let has_result = result.is_some_and(|result| !result.is_null());
            let class = by_code(error, time, response);
            match class {
                // An unknown error beside a result: nothing says which of them holds.
                Classified::Refused {
                    error,
                    known: false,
                    ..
                } if has_result => Classified::Unknown(in_doubt(error, status)),
                class => class,
            }
        }
        Some(DecodedReply {
            error: None,
            result: Some(result),
            time,
        }) if is_success(status) => Classified::Result(result, time),
        _ => by_status(response),
    }
}

/// The code of an error, or ours for an empty one.
pub(super) fn code_or_own(error: &ApiError) -> String {
    if error.code.is_empty() {
        "portal_refused".to_owned()
    } else {
        error.code.clone()
    }
}

/// The portal's message, or a word for there being none.
pub(super) fn message_or_own(error: &ApiError) -> String {
    if error.description.is_empty() {
        "the portal gave no reason".to_owned()
    } else {
        error.description.clone()
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn by_code(error: ApiError, time: Time, response: &Response) -> Classified {
    let status = response.status;
    let refused = |error, known| Classified::Refused {
        error,
        status,
        known,
    };
    match meaning(&error) {
        Some(Meaning::QueryLimit) => Classified::Limited(Limit::Query),
        Some(Meaning::OperatingLimit) => Classified::Limited(Limit::Operating {
            reset_at: time.operating_reset_at,
        }),
        Some(Meaning::Stop(kind)) => Classified::Stop(Fatal::by_portal(kind, &error)),
        Some(Meaning::Unknown) => Classified::Unknown(in_doubt(error, status)),
        Some(Meaning::Refused) => refused(error, true),
        Some(Meaning::RefusedUnlessServerError) if status < 500 => refused(error, false),
        Some(Meaning::RefusedUnlessServerError) => Classified::Unknown(in_doubt(error, status)),
        None => match status {
            // "Too late" and "too often" don't say of an unknown code whether it came first.
            408 | 429 | 500.. => Classified::Unknown(in_doubt(error, status)),
            401 | 407 => Classified::Stop(Fatal::by_portal(FatalKind::Credentials, &error)),
            300..=399 | 413 => by_status(response),
            _ => refused(error, false),
        },
    }
}

/// An answer without a code, or with one that says nothing.
fn by_status(response: &Response) -> Classified {
    let stop = |kind| Classified::Stop(Fatal::by_status(kind, response.status));
    match response.status {
        401 => stop(FatalKind::Credentials),
        403 => stop(FatalKind::Refused),
        407 => stop(FatalKind::Proxy),
        413 => Classified::TooLarge,
        // bitrix24-rest.md §9 knows 302 only; no other redirect is followed either.
        301 | 302 | 303 | 307 | 308 => stop(FatalKind::Renamed {
            host: new_host(response),
        }),
        status if is_success(status) => Classified::Unknown(Uncertainty::new(
            "unreadable_answer",
            format!("the answer (HTTP {status}) is not what a portal answers"),
        )),
        status => Classified::Unknown(Uncertainty::new(
            format!("http_{status}"),
            format!("the portal, or a server before it, answered HTTP {status} without a reason"),
        )),
    }
}

fn in_doubt(error: ApiError, status: u16) -> Uncertainty {
    let code = if error.code.is_empty() {
        format!("http_{status}")
    } else {
        error.code.clone()
    };
    Uncertainty::new(code, message_or_own(&error))
}

/// The host alone: the rest of the address repeats the webhook's code.
fn new_host(response: &Response) -> Option<String> {
    let url = Url::parse(response.location.as_deref()?).ok()?;
    url.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_names_its_reason_and_warns() {
        let told = Uncertainty::new("http_502", "no reason").to_string();
        assert!(told.starts_with("http_502: no reason. "), "{told}");
        assert!(told.contains("must not simply be sent again"), "{told}");
    }
}
