//! Turns what came back for a request into an outcome for each command in it (bitrix24-rest.md
//! §4.2, §7).
//!
//! [`judge`] is pure. It decides for an answer to a request of posts whether a post exists, may
//! exist or does not. It says "not executed" only where that is certain; whatever is unclear stays
//! in doubt, because a post sent twice can't be taken back.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::post::remote_id;

use super::classify::{Classified, Limit, Uncertainty, classify, code_or_own, message_or_own};
use super::decode::{ApiError, BatchReply, Time};
use super::error_codes::{Meaning, meaning};
use super::fatal::{Fatal, FatalKind};
use super::transport::{Response, SendError, Sent, TransportCause, TransportError};

/// What was sent, by the names of its commands.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// A `batch` of commands under these keys.
    Batch(&'a [String]),
    /// One command called directly; the key is ours alone.
    Direct(&'a str),
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestOutcome {
    /// The portal answered for the commands: one outcome per key, in the order sent.
    Commands {
        /// By the names of the commands.
        outcomes: Vec<(String, CommandOutcome)>,
        /// What the answer told of the portal's time and load.
        timing: Timing,
    },
    /// Nothing was executed and the same may be sent again.
    NotExecuted(NotExecuted),
    /// Everything that was sent may have been executed.
    Unknown(Uncertainty),
    /// The server answered well without having seen any command; nothing was executed.
    Blank,
    /// Nothing was executed, and the run has to stop.
    Stop(Fatal),
}

/// Why nothing was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotExecuted {
    /// The request did not get there as a whole.
    Unreachable(TransportError),
    /// A limit of the portal.
    Limited(Limit),
    /// The server does not take bodies of this size.
    TooLarge,
    /// A file of the request is gone or has changed; its row can't be sent as it is.
    BadFile {
        /// Where the file lies.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
}

/// What became of one command.
#[allow(
    missing_docs,
    reason = "`code` is the portal's, or one of our own in lower case; `message` goes with it"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandOutcome {
    /// Executed; the portal's ID of what it made.
    Posted(u64),
    /// Refused for good; not executed.
    Failed { code: String, message: String },
    /// It may have been executed.
    InDoubt { code: String, message: String },
    /// A limit; not executed.
    Limited(Limit),
    /// The reply is intact and does not mention it; not executed.
    Missing,
    /// Not executed, and the run has to stop. The other outcomes of the reply hold.
    Stop(Fatal),
}

/// What the portal said of the time it took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timing {
    /// Of the request as a whole. A `batch` is not charged itself (bitrix24-rest.md §6).
    pub request: Time,
    /// Of each command that finished, by key. For a direct call it is the request's.
    pub commands: Vec<(String, Time)>,
}

/// Says what came back for what was asked.
pub fn judge(came: Result<Response, SendError>, asked: Asked<'_>) -> RequestOutcome {
    let verdict = match came {
        Ok(response) => classify(&response),
        Err(SendError::Transport(error)) => return without_answer(error),
        Err(SendError::SignIn(stop)) => return RequestOutcome::Stop(stop),
    };
    match verdict {
        Classified::Limited(limit) => RequestOutcome::NotExecuted(NotExecuted::Limited(limit)),
        Classified::TooLarge => RequestOutcome::NotExecuted(NotExecuted::TooLarge),
        Classified::Stop(stop) => RequestOutcome::Stop(stop),
        Classified::Unknown(doubt) => RequestOutcome::Unknown(doubt),
        Classified::Refused {
            error,
            status,
            known,
        } => match asked {
            Asked::Direct(key) => direct(key, failed(&error), Time::default()),
            Asked::Batch(_) => batch_refused(&error, status, known),
        },
        Classified::Result(result, time) => match asked {
            Asked::Direct(key) => direct(key, posted(&result), time),
            Asked::Batch(keys) => batch(keys, result, time),
        },
    }
}

fn without_answer(error: TransportError) -> RequestOutcome {
    match (&error.cause, error.sent) {
        (
            TransportCause::FileChanged { path } | TransportCause::FileUnreadable { path },
            Sent::Never,
        ) => RequestOutcome::NotExecuted(NotExecuted::BadFile {
            path: path.clone(),
            message: error.to_string(),
        }),
        // Servers often refuse a large body and close before it has arrived.
        (TransportCause::AnswerCut { status: 413 }, _) => {
            RequestOutcome::NotExecuted(NotExecuted::TooLarge)
        }
        (_, Sent::Never) => RequestOutcome::NotExecuted(NotExecuted::Unreachable(error)),
        (TransportCause::AnswerCut { .. } | TransportCause::AnswerTooLarge { .. }, Sent::Maybe) => {
            RequestOutcome::Unknown(Uncertainty::new("unreadable_answer", describe(&error)))
        }
        (_, Sent::Maybe) => {
            RequestOutcome::Unknown(Uncertainty::new("no_answer", describe(&error)))
        }
    }
}

fn describe(error: &TransportError) -> String {
    match error.detail.as_str() {
        "" => error.cause.to_string(),
        detail => format!("{} ({detail})", error.cause),
    }
}

/// A `batch` refused as a whole. Errors of commands are caught one by one (bitrix24-rest.md §4.2),
/// so this one came before the first command or after the last. A code that is only given before
/// executing, or a status of the sign-in, says which; any other code does not, and 400 is what both
/// would carry.
fn batch_refused(error: &ApiError, status: u16, known: bool) -> RequestOutcome {
    if known || status == 403 {
        return RequestOutcome::Stop(Fatal::by_portal(FatalKind::Refused, error));
    }
    RequestOutcome::Unknown(Uncertainty::new(code_or_own(error), message_or_own(error)))
}

fn direct(key: &str, outcome: CommandOutcome, time: Time) -> RequestOutcome {
    RequestOutcome::Commands {
        outcomes: vec![(key.to_owned(), outcome)],
        timing: Timing {
            request: time,
            commands: vec![(key.to_owned(), time)],
        },
    }
}

fn batch(keys: &[String], result: Value, time: Time) -> RequestOutcome {
    let unreadable =
        |what: &str| RequestOutcome::Unknown(Uncertainty::new("unreadable_answer", what));
    let Some(reply) = BatchReply::decode(result) else {
        return unreadable("the answer is not that of a batch");
    };
    if reply.is_blank() && !keys.is_empty() {
        return RequestOutcome::Blank;
    }
    if !keys.iter().any(|key| reply.mentions(key)) {
        return unreadable("the answer speaks of other commands than were sent");
    }
    let errors: HashMap<&str, &Option<ApiError>> = reply
        .errors
        .iter()
        .map(|(key, error)| (key.as_str(), error))
        .collect();
    let outcomes = keys
        .iter()
        .map(|key| {
            let error = errors.get(key.as_str()).copied();
            (key.clone(), command(&reply, key, error))
        })
        .collect();
    RequestOutcome::Commands {
        outcomes,
        timing: Timing {
            request: time,
            commands: reply.times,
        },
    }
}

/// What a batch's reply says of one key.
fn command(reply: &BatchReply, key: &str, error: Option<&Option<ApiError>>) -> CommandOutcome {
    match (reply.results.get(key), error) {
        (None | Some(Value::Null), Some(Some(error))) => refused_command(error),
        (None | Some(Value::Null), Some(None)) => in_doubt(
            "unreadable_error",
            "the portal reports an error that can't be read",
        ),
        (Some(_), Some(_)) => in_doubt(
            "contradiction",
            "the portal reports a result and an error for the same post",
        ),
        (Some(result), None) => posted(result),
        (None, None) if reply.mentions(key) => in_doubt(
            "no_result",
            "the portal reports that the command ran, but no result",
        ),
        (None, None) => CommandOutcome::Missing,
    }
}

fn posted(result: &Value) -> CommandOutcome {
    match remote_id(result) {
        Some(id) => CommandOutcome::Posted(id),
        None => in_doubt("no_id", "the portal reports success without an ID"),
    }
}

fn refused_command(error: &ApiError) -> CommandOutcome {
    match meaning(error) {
        Some(Meaning::QueryLimit) => CommandOutcome::Limited(Limit::Query),
        Some(Meaning::OperatingLimit) => {
            CommandOutcome::Limited(Limit::Operating { reset_at: None })
        }
        Some(Meaning::Unknown) => in_doubt(&error.code, &message_or_own(error)),
        Some(Meaning::Stop(kind)) => CommandOutcome::Stop(Fatal::by_portal(kind, error)),
        Some(Meaning::Refused | Meaning::RefusedUnlessServerError) | None => failed(error),
    }
}

fn failed(error: &ApiError) -> CommandOutcome {
    CommandOutcome::Failed {
        code: code_or_own(error),
        message: message_or_own(error),
    }
}

fn in_doubt(code: &str, message: &str) -> CommandOutcome {
    CommandOutcome::InDoubt {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
