//! Reading pages of what the portal has, many in one request. A read creates nothing, so it may
//! always be repeated.

use std::collections::HashMap;

use rand::Rng;
use serde_json::Value;

use super::calls::{CallError, Portal, result};
use super::codes::{Meaning, meaning};
use super::reply::{ApiError, BatchReply};
use super::stop::Stop;
use super::transport::Transport;
use super::verdict::{Doubt, Limit, code_or_own, message_or_own};
use crate::batch::{Added, BatchBody, Command, KeyMaker};

/// What the portal gave for one command.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// A page, and where the next one starts, if there is one.
    Read { result: Value, next: Option<u64> },
    /// It can't be read, for good.
    Refused { code: String, message: String },
}

/// Bytes of a body of reads; each command takes some hundred.
const MAX_BYTES: usize = 1 << 20;

impl<T: Transport> Portal<T> {
    /// Asks for as many pages as a batch holds, at most [`MAX_COMMANDS`](crate::batch::MAX_COMMANDS),
    /// and gives one answer for each command, in their order.
    ///
    /// # Errors
    /// When the request or one of its commands met something that passes, or that ends the run.
    pub async fn read(
        &self,
        commands: &[Command],
        rng: &mut (impl Rng + Send),
    ) -> Result<Vec<Page>, CallError> {
        let mut keys = KeyMaker::new(rng);
        let mut body = BatchBody::new(MAX_BYTES, MAX_BYTES / 16);
        let mut sent = Vec::with_capacity(commands.len());
        for command in commands {
            let key = keys.next_key();
            let added = body.add(&key, command);
            if !matches!(added, Ok(Added::Yes)) {
                return Err(unwell("a read does not fit into its request"));
            }
            sent.push(key);
        }
        let reply = result(self.send("batch", body.finish()).await)?;
        pages(reply, &sent)
    }
}

fn unwell(message: &str) -> CallError {
    CallError::Unwell(Doubt::new("unreadable_answer", message))
}

/// One answer for each key. A key that is missing spoils the whole: the server may have seen
/// nothing of the body (WIRE §4.2).
fn pages(reply: Value, keys: &[String]) -> Result<Vec<Page>, CallError> {
    let mut reply =
        BatchReply::decode(reply).ok_or_else(|| unwell("the answer is not that of a batch"))?;
    let errors: HashMap<String, Option<ApiError>> =
        std::mem::take(&mut reply.errors).into_iter().collect();
    let page = |key: &String| match (errors.get(key), reply.results.remove(key)) {
        (Some(Some(error)), _) => refused(error),
        (None, Some(result)) => Ok(Page::Read {
            result,
            next: reply.next.get(key).copied(),
        }),
        _ => Err(unwell("the answer leaves something out that was asked for")),
    };
    keys.iter().map(page).collect()
}

fn refused(error: &ApiError) -> Result<Page, CallError> {
    match meaning(error) {
        Some(Meaning::QueryLimit) => Err(CallError::Limited(Limit::Query)),
        Some(Meaning::OperatingLimit) => {
            Err(CallError::Limited(Limit::Operating { reset_at: None }))
        }
        Some(Meaning::Unknown) => Err(CallError::Unwell(Doubt::new(
            code_or_own(error),
            message_or_own(error),
        ))),
        Some(Meaning::Stop(kind)) => Err(CallError::Stop(Stop::by_portal(kind, error))),
        Some(Meaning::Refused | Meaning::RefusedUnlessServerError) | None => Ok(Page::Refused {
            code: code_or_own(error),
            message: message_or_own(error),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keys() -> Vec<String> {
        vec!["a".into(), "b".into()]
    }

    #[test]
    fn each_command_has_its_page_or_its_refusal() {
        let reply = json!({
            "result": {"a": [{"ID": "7"}]},
            "result_error": {"b": {"error": "", "error_description": "Access denied."}},
            "result_next": {"a": 50},
            "result_total": {"a": 60},
            "result_time": [],
        });
        let refused = Page::Refused {
            code: "portal_refused".into(),
            message: "Access denied.".into(),
        };
        let read = Page::Read {
            result: json!([{"ID": "7"}]),
            next: Some(50),
        };
        assert_eq!(pages(reply, &keys()), Ok(vec![read, refused]));
    }

    #[test]
    fn a_limit_or_a_gap_is_no_page() {
        let limited =
            json!({"result": {"a": []}, "result_error": {"b": {"error": "QUERY_LIMIT_EXCEEDED"}}});
        assert_eq!(
            pages(limited, &keys()),
            Err(CallError::Limited(Limit::Query))
        );
        for blank in [
            json!({"result": [], "result_error": [], "result_next": []}),
            json!({"result": {"a": []}, "result_error": []}),
            json!(7),
        ] {
            let came = pages(blank.clone(), &keys());
            assert!(matches!(came, Err(CallError::Unwell(_))), "{blank}");
        }
    }
}
