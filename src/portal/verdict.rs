//! Sorts an answer as a whole into a few classes, by its error code first and its HTTP status then.
//! What it says of single commands is read elsewhere.

use std::fmt;

use serde_json::Value;
use url::Url;

use super::codes::{Meaning, meaning};
use super::reply::{ApiError, Reply, Time};
use super::stop::{Stop, StopKind};
use super::transport::Response;

/// What one answer says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
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
    Stop(Stop),
    Unknown(Doubt),
}

/// A limit of the portal that refused a call; it is over after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests per second (bitrix24-rest.md §6).
    Query,
    /// Server time of the method; `reset_at` is the unix time when some of it comes back, if told.
    Operating { reset_at: Option<i64> },
}

/// Why it can't be said whether a call was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The portal's code, or one of our own in lower case.
    pub code: String,
    pub message: String,
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}: {}. The portal may have acted on the request; it must not simply be sent again",
            self.code, self.message
        )
    }
}

impl Doubt {
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Doubt {
        Doubt {
            code: code.into(),
            message: message.into(),
        }
    }
}

impl Verdict {
    /// Reads an answer: its code first, then its status.
    pub(super) fn of(response: &Response) -> Verdict {
        let status = response.status;
        match Reply::decode(&response.body) {
            Some(Reply {
                error: Some(error),
                result,
                time,
            }) => {
                let has_result = result.is_some_and(|result| !result.is_null());
                let verdict = by_code(error, time, response);
                match verdict {
                    // An unknown error beside a result: nothing says which of them holds.
                    Verdict::Refused {
                        error,
                        known: false,
                        ..
                    } if has_result => Verdict::Unknown(in_doubt(error, status)),
                    verdict => verdict,
                }
            }
            Some(Reply {
                error: None,
                result: Some(result),
                time,
            }) if is_success(status) => Verdict::Result(result, time),
            _ => by_status(response),
        }
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

fn by_code(error: ApiError, time: Time, response: &Response) -> Verdict {
    let status = response.status;
    let refused = |error, known| Verdict::Refused {
        error,
        status,
        known,
    };
    match meaning(&error) {
        Some(Meaning::QueryLimit) => Verdict::Limited(Limit::Query),
        Some(Meaning::OperatingLimit) => Verdict::Limited(Limit::Operating {
            reset_at: time.operating_reset_at,
        }),
        Some(Meaning::Stop(kind)) => Verdict::Stop(Stop::by_portal(kind, &error)),
        Some(Meaning::Unknown) => Verdict::Unknown(in_doubt(error, status)),
        Some(Meaning::Refused) => refused(error, true),
        Some(Meaning::RefusedUnlessServerError) if status < 500 => refused(error, false),
        Some(Meaning::RefusedUnlessServerError) => Verdict::Unknown(in_doubt(error, status)),
        None => match status {
            // "Too late" and "too often" don't say of an unknown code whether it came first.
            408 | 429 | 500.. => Verdict::Unknown(in_doubt(error, status)),
            401 | 407 => Verdict::Stop(Stop::by_portal(StopKind::Credentials, &error)),
            300..=399 | 413 => by_status(response),
            _ => refused(error, false),
        },
    }
}

/// An answer without a code, or with one that says nothing.
fn by_status(response: &Response) -> Verdict {
    let stop = |kind| Verdict::Stop(Stop::by_status(kind, response.status));
    match response.status {
        401 => stop(StopKind::Credentials),
        403 => stop(StopKind::Refused),
        407 => stop(StopKind::Proxy),
        413 => Verdict::TooLarge,
        // bitrix24-rest.md §9 knows 302 only; no other redirect is followed either.
        301 | 302 | 303 | 307 | 308 => stop(StopKind::Renamed {
            host: new_host(response),
        }),
        status if is_success(status) => Verdict::Unknown(Doubt::new(
            "unreadable_answer",
            format!("the answer (HTTP {status}) is not what a portal answers"),
        )),
        status => Verdict::Unknown(Doubt::new(
            format!("http_{status}"),
            format!("the portal, or a server before it, answered HTTP {status} without a reason"),
        )),
    }
}

fn in_doubt(error: ApiError, status: u16) -> Doubt {
    let code = if error.code.is_empty() {
        format!("http_{status}")
    } else {
        error.code.clone()
    };
    Doubt::new(code, message_or_own(&error))
}

/// The host alone: the rest of the address repeats the webhook's code.
fn new_host(response: &Response) -> Option<String> {
    let url = Url::parse(response.location.as_deref()?).ok()?;
    url.host_str().map(str::to_owned)
}
