//! The way to a portal.

use std::path::Path;

use crate::portal::{Client, HttpSetupError, HttpTransport, OAuth, Within};

use super::credentials::Credentials;

/// The way to the portal and, with OAuth, another to the server of its tokens.
///
/// # Errors
/// When no connection can be set up.
pub fn connect(
    credentials: Credentials,
    ca_file: Option<&Path>,
    within: Within,
) -> Result<Client<HttpTransport>, HttpSetupError> {
    let transport = |loopback| HttpTransport::new(loopback, ca_file);
    Ok(match credentials {
        Credentials::Webhook(webhook) => {
            Client::new(transport(webhook.is_loopback())?, webhook, within)
        }
        Credentials::OAuth(account) => {
            let to_portal = transport(account.is_portal_loopback())?;
            let to_server = transport(account.is_server_loopback())?;
            Client::new(to_portal, OAuth::new(to_server, account), within)
        }
    })
}
