//! Where the credentials come from: the environment or a file, never an argument.

use std::env::{self, VarError};
use std::path::Path;

use crate::portal::{Account, Webhook};

/// The variable that holds an inbound webhook's address.
const WEBHOOK: &str = "B24POST_WEBHOOK";

/// What the program signs in to a portal with.
#[derive(Debug)]
pub enum Credentials {
    Webhook(Webhook),
    OAuth(Account),
}

impl Credentials {
    /// The credentials from the one source that is given.
    ///
    /// # Errors
    /// A message for the user when there is none, when there are more, or when it can't be read.
    pub fn find(
        webhook_file: Option<&Path>,
        oauth_file: Option<&Path>,
    ) -> Result<Credentials, String> {
        match (webhook_variable()?, webhook_file, oauth_file) {
            (Some(text), None, None) => Webhook::parse(&text)
                .map(Credentials::Webhook)
                .map_err(|error| format!("{WEBHOOK}: {error}")),
            (None, Some(path), None) => Webhook::from_file(path)
                .map(Credentials::Webhook)
                .map_err(|error| error.to_string()),
            (None, None, Some(path)) => Account::read(path)
                .map(Credentials::OAuth)
                .map_err(|error| error.to_string()),
            (None, None, None) => Err(format!(
                "no portal is given: put an inbound webhook's address into {WEBHOOK} or into a \
                 file named with --webhook-file, name an application's tokens with --oauth-file, \
                 or rehearse with --sandbox"
            )),
            _ => Err(format!(
                "more than one of {WEBHOOK}, --webhook-file and --oauth-file is given; give one"
            )),
        }
    }

    /// The portal's host.
    pub fn host(&self) -> &str {
        match self {
            Credentials::Webhook(webhook) => webhook.host(),
            Credentials::OAuth(account) => account.host(),
        }
    }

    /// The port of a portal on this machine, where there may be several.
    pub fn loopback_port(&self) -> Option<u16> {
        match self {
            Credentials::Webhook(webhook) => webhook.loopback_port(),
            Credentials::OAuth(account) => account.loopback_port(),
        }
    }

    /// The portal's address, for links; without a slash at the end.
    pub fn address(&self) -> String {
        match self.loopback_port() {
            Some(port) => format!("http://{}:{port}", self.host()),
            None => format!("https://{}", self.host()),
        }
    }

    /// What a ledger is bound to.
    pub fn identity(&self) -> String {
        match self {
            Credentials::Webhook(webhook) => webhook.host().to_owned(),
            Credentials::OAuth(account) => account.identity(),
        }
    }
}

fn webhook_variable() -> Result<Option<String>, String> {
    match env::var(WEBHOOK) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(format!("{WEBHOOK} is not UTF-8")),
    }
}
