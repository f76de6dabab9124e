//! What an answer to the call without fields says of a method that portals have begun to retire.

use serde_json::Value;

use crate::import::ending::Break;
use crate::import::summary::RunError;
use crate::portal::CallError;

/// Characters of an odd answer that are shown.
const SHOWN: usize = 60;

/// Goes on, perhaps with a warning, or stops. A refusal for a missing text is what a portal answers
/// that takes posts; success is not, and may have left an empty post.
pub fn judge(answer: Result<Value, CallError>) -> Result<Option<String>, Break> {
    match answer {
        Ok(result) => Err(Break::Error(took_nothing_for_a_post(&result))),
        Err(CallError::Refused { message, .. }) if is_denial(&message) => Ok(Some(format!(
            "the portal says \"{message}\" to a call of this target without content: the user \
             behind the credentials may have no access to the CRM"
        ))),
        Err(CallError::Refused { .. }) => Ok(None),
        Err(error @ CallError::Unwell(_)) => Ok(Some(format!(
            "whether this portal still takes posts of this target could not be found out: {error}. \
             If it takes none, the run stops at its first request"
        ))),
        Err(error) => Err(error.into()),
    }
}

fn is_denial(message: &str) -> bool {
    message.to_lowercase().contains("access denied")
}

fn took_nothing_for_a_post(result: &Value) -> RunError {
    let shown: String = result.to_string().chars().take(SHOWN).collect();
    RunError::new(
        "probe_answered",
        format!(
            "the portal answered {shown} to a call without a text, which every portal known \
             refuses; it may have made an empty post. Look for it in the portal (the number may \
             be its ID) and delete it. Nothing else was sent: this portal can't be trusted to \
             refuse what it should"
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(message: &str) -> Result<Value, CallError> {
        Err(CallError::Refused {
            code: "portal_refused".into(),
            message: message.into(),
        })
    }

    #[test]
    fn only_a_refusal_for_the_missing_text_is_good() {
        assert!(matches!(judge(refused("Не указан текст")), Ok(None)));
        let denied = judge(refused("Access denied."));
        assert!(matches!(denied, Ok(Some(warning)) if warning.contains("Access denied.")));
        for result in [json!(7), json!(true), json!(null), json!("x".repeat(999))] {
            let Err(Break::Error(error)) = judge(Ok(result)) else {
                panic!("an error was expected");
            };
            assert_eq!(error.code, "probe_answered");
            assert!(error.message.len() < 500);
        }
        assert!(judge(Err(CallError::InactiveUser)).is_err());
    }
}
