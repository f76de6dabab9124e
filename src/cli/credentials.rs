//! Where the webhook comes from: the environment or a file, never an argument.

use std::env::{self, VarError};
use std::path::Path;

use crate::portal::Webhook;

/// The variable that holds an inbound webhook's address.
const WEBHOOK: &str = "B24POST_WEBHOOK";

/// The webhook from the one source that is given.
///
/// # Errors
/// A message for the user when there is none, when there are two, or when it can't be read.
pub fn webhook(file: Option<&Path>) -> Result<Webhook, String> {
    let variable = match env::var(WEBHOOK) {
        Ok(text) if text.trim().is_empty() => None,
        Ok(text) => Some(text),
        Err(VarError::NotPresent) => None,
        Err(VarError::NotUnicode(_)) => return Err(format!("{WEBHOOK} is not UTF-8")),
    };
    match (variable, file) {
        (Some(_), Some(_)) => Err(format!(
            "two webhooks are given, by {WEBHOOK} and by --webhook-file; give one"
        )),
        (Some(text), None) => Webhook::parse(&text).map_err(|error| format!("{WEBHOOK}: {error}")),
        (None, Some(path)) => Webhook::from_file(path).map_err(|error| error.to_string()),
        (None, None) => Err(format!(
            "no portal is given: put an inbound webhook's address into {WEBHOOK} or into a file \
             named with --webhook-file, or rehearse with --sandbox"
        )),
    }
}
