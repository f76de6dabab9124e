//! What an answer to the call without fields says of a method that portals have begun to retire.

use serde_json::Value;

use crate::import::error::RunError;
use crate::import::notice::Oddity;
use crate::portal::CallError;

/// Characters of an odd answer that are shown.
const SHOWN: usize = 60;

/// Goes on, perhaps with a warning, or stops. A refusal for a missing text is what a portal answers
/// that takes posts; success is not, and may have left an empty post.
pub fn judge(answer: Result<Value, CallError>) -> Result<Option<Oddity>, RunError> {
    match answer {
        Ok(result) => Err(took_nothing_for_a_post(&result)),
        Err(CallError::Refused { message, .. }) if is_denial(&message) => {
            Ok(Some(Oddity::ProbeDenied(message)))
        }
        Err(CallError::Refused { .. }) => Ok(None),
        Err(error @ CallError::Unwell(_)) => Ok(Some(Oddity::ProbeUnanswered(error))),
        Err(error) => Err(error.into()),
    }
}

fn is_denial(message: &str) -> bool {
    message.to_lowercase().contains("access denied")
}

fn took_nothing_for_a_post(result: &Value) -> RunError {
    RunError::ProbeAnswered(result.to_string().chars().take(SHOWN).collect())
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
        assert!(matches!(denied, Ok(Some(Oddity::ProbeDenied(said))) if said == "Access denied."));
        for result in [json!(7), json!(true), json!(null), json!("x".repeat(999))] {
            let error = judge(Ok(result)).unwrap_err();
            assert_eq!(error.code(), "probe_answered");
            assert!(error.to_string().len() < 500);
        }
        assert!(judge(Err(CallError::InactiveUser)).is_err());
    }
}
