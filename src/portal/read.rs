//! Calls that only read: one by itself, or several in a batch. They create nothing, so whatever
//! comes of them leaves nothing in doubt, and asking again is safe.

use serde_json::Value;

use super::classify::{Limit, Uncertainty, message_or_own};
use super::client::{CallError, Client, refused, result};
use super::decode::{ApiError, BatchReply};
use super::error_codes::{Meaning, meaning};
use super::fatal::Fatal;
use super::transport::Transport;
use crate::batch::{Added, BatchBody, Command, direct};

/// Bytes of a body that only reads, at most.
const MAX_BYTES: usize = 4 << 20;

/// What a call in a batch was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPage {
    /// What the method answered.
    pub result: Value,
    /// Where the next page of a list starts, if there is one.
    pub next: Option<u64>,
}

impl<T: Transport> Client<T> {
    /// Calls one method and returns its `result`.
    ///
    /// # Errors
    /// Whatever kept the portal from answering.
    pub async fn read(&self, command: &Command) -> Result<Value, CallError> {
        result(self.send_question(command.method, direct(command)).await)
    }

    /// Calls several methods in one `batch`; the answers are in their order. What the batch has
    /// no room for is left unanswered, as something that passes.
    ///
    /// # Errors
    /// Whatever kept the portal from answering at all.
    pub async fn read_all(
        &self,
        commands: &[Command],
    ) -> Result<Vec<Result<ListPage, CallError>>, CallError> {
        let mut body = BatchBody::new(MAX_BYTES, MAX_BYTES / 64);
        for (place, command) in commands.iter().enumerate() {
            let added = body.add(&key(place), command);
            if !matches!(added, Ok(Added::Yes)) {
                break;
            }
        }
        let answer = result(self.send_question("batch", body.finish()).await)?;
        let reply = BatchReply::decode(answer)
            .ok_or_else(|| CallError::unreadable("the answer is not that of a batch"))?;
        let places = 0..commands.len();
        Ok(places
            .map(|place| of_command(&reply, &key(place)))
            .collect())
    }
}

/// A command's name: none of its texts can refer to another command, so it needn't be unguessable.
fn key(place: usize) -> String {
    format!("r{place}")
}

/// What a batch's reply says of one key.
fn of_command(reply: &BatchReply, key: &str) -> Result<ListPage, CallError> {
    let error = reply.errors.iter().find(|(named, _)| named == key);
    match (reply.results.get(key), error) {
        (_, Some((_, Some(error)))) => Err(by_meaning(error)),
        (_, Some((_, None))) => Err(CallError::unreadable(
            "the portal reports an error that can't be read",
        )),
        (Some(result), None) => Ok(ListPage {
            result: result.clone(),
            next: reply.next.get(key).copied(),
        }),
        (None, None) => Err(CallError::unreadable(
            "the portal's reply leaves the command out",
        )),
    }
}

fn by_meaning(error: &ApiError) -> CallError {
    match meaning(error) {
        Some(Meaning::QueryLimit) => CallError::Limited(Limit::Query),
        Some(Meaning::OperatingLimit) => CallError::Limited(Limit::Operating { reset_at: None }),
        Some(Meaning::Stop(kind)) => CallError::Stop(Fatal::by_portal(kind, error)),
        Some(Meaning::Unknown) => {
            CallError::Unwell(Uncertainty::new(error.code.clone(), message_or_own(error)))
        }
        Some(Meaning::Refused | Meaning::RefusedUnlessServerError) | None => refused(error),
    }
}

/// What `scope` says that the credentials may use, such as `crm` and `log`: a list of names, or the
/// same as a map by number.
///
/// # Errors
/// When it is neither.
pub fn scopes(result: &Value) -> Result<Vec<String>, CallError> {
    let name = |value: &Value| value.as_str().map(str::to_owned);
    let names = match result {
        Value::Array(list) => list.iter().map(name).collect(),
        Value::Object(map) => map.values().map(name).collect(),
        _ => None,
    };
    names.ok_or_else(|| CallError::unreadable("the answer is no list of permissions"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::portal::FatalKind;

    #[test]
    fn each_command_gets_its_own_answer() {
        let reply = BatchReply::decode(json!({
            "result": {"r0": {"items": []}, "r5": null},
            "result_error": {
                "r1": {"error": "ACCESS_DENIED", "error_description": "no"},
                "r2": {"error": "QUERY_LIMIT_EXCEEDED"},
                "r3": {"error": "ERROR_METHOD_NOT_FOUND"},
                "r6": {"error": "INTERNAL_SERVER_ERROR"},
            },
            "result_next": {"r0": 50},
        }))
        .unwrap();
        let page = |result, next| Ok(ListPage { result, next });
        assert_eq!(
            of_command(&reply, "r0"),
            page(json!({"items": []}), Some(50))
        );
        assert_eq!(of_command(&reply, "r5"), page(Value::Null, None));
        let error = |key| of_command(&reply, key).unwrap_err();
        assert!(matches!(error("r1"), CallError::Refused { code, .. } if code == "ACCESS_DENIED"));
        assert_eq!(error("r2"), CallError::Limited(Limit::Query));
        assert!(matches!(error("r3"), CallError::Stop(stop) if stop.kind == FatalKind::Method));
        for key in ["r4", "r6"] {
            assert!(matches!(error(key), CallError::Unwell(_)), "{key}");
        }
    }

    #[test]
    fn scopes_are_a_list_in_either_shape() {
        let names = Ok(vec!["crm".to_owned(), "log".to_owned()]);
        assert_eq!(scopes(&json!(["crm", "log"])), names);
        assert_eq!(scopes(&json!({"1": "crm", "3": "log"})), names);
        assert_eq!(scopes(&json!([])), Ok(Vec::new()));
        for odd in [json!(true), json!("crm"), json!([1]), Value::Null] {
            assert!(scopes(&odd).is_err(), "{odd}");
        }
    }
}
