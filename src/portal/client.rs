//! A portal that can be called, and calls that create nothing, such as `server.time`.
//!
//! [`Client::send`] carries any request and leaves it to its caller to judge what came back. The
//! other calls create nothing, so a failure of theirs leaves nothing in doubt, and asking again is
//! safe.

use tokio::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use super::classify::{Classified, Limit, Uncertainty, classify, code_or_own, message_or_own};
use super::decode::ApiError;
use super::fatal::Fatal;
use super::oauth::OAuth;
use super::secret::blank_out;
use super::sign_in::{SignIn, ran_out_within, wants_new_token};
use super::transport::{
    Request, Response, SendError, Signed, Transport, TransportError, Verb, Within,
};
use crate::batch::Payload;
use crate::post::remote_id;

/// A portal that can be called.
#[derive(Debug)]
pub struct Client<T> {
    transport: T,
    sign_in: SignIn<T>,
    /// How long a call may take that creates nothing.
    within: Within,
}

/// The user whom the credentials act for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The user's ID on the portal.
    pub id: u64,
    /// Whether the user administers the portal.
    pub admin: bool,
    /// First and last name, perhaps empty.
    pub name: String,
}

/// A portal that answered well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    /// The portal's clock, if it told it in a known form.
    pub now: Option<Timestamp>,
}

/// Why a call gave nothing.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error(transparent)]
    Transport(TransportError),
    #[error(transparent)]
    Stop(Fatal),
    #[error("the portal is over a limit of its own. Wait a while and try again")]
    Limited(Limit),
    #[error(
        "the portal refused the call ({code}: {message}). Check the rights of the user behind the credentials"
    )]
    Refused { code: String, message: String },
    #[error("the portal gave no proper answer ({}: {}). Try again; if it stays so, check the portal's address", .0.code, .0.message)]
    Unwell(Uncertainty),
    #[error(
        "the portal does not say who the user behind the credentials is; the user is probably dismissed or not active. Use the credentials of an active user"
    )]
    InactiveUser,
}

impl CallError {
    /// An answer that came, and is not what such a call is answered.
    pub fn unreadable(what: &str) -> CallError {
        CallError::Unwell(Uncertainty::new("unreadable_answer", what))
    }

    /// A stable name for scripts: the portal's code where it gave one.
    pub fn code(&self) -> &str {
        match self {
            CallError::Transport(_) => "unreachable",
            CallError::Stop(stop) => &stop.code,
            CallError::Limited(_) => "limited",
            CallError::Refused { code, .. } => code,
            CallError::Unwell(doubt) => &doubt.code,
            CallError::InactiveUser => "inactive_user",
        }
    }
}

impl<T: Transport> Client<T> {
    /// A portal that lets us in by a webhook or by OAuth. `within` is for calls that create
    /// nothing.
    pub fn new(transport: T, sign_in: impl Into<SignIn<T>>, within: Within) -> Client<T> {
        Client {
            transport,
            sign_in: sign_in.into(),
            within,
        }
    }

    /// The portal's host.
    pub fn host(&self) -> &str {
        self.sign_in.host()
    }

    #[cfg(test)]
    pub(super) fn sign_in(&self) -> &SignIn<T> {
        &self.sign_in
    }

    /// Calls a method with a body and returns whatever comes back, unjudged, but for the secret
    /// that the call went out with: where the answer repeats it, asterisks stand. Only a call that
    /// was refused because of its token is repeated, with a new one.
    ///
    /// # Errors
    /// When no whole answer came, and the error says whether the portal may have acted; or when
    /// there is no valid token.
    pub async fn send(
        &self,
        method: &str,
        body: Payload,
        within: Within,
    ) -> Result<Response, SendError> {
        match &self.sign_in {
            SignIn::Webhook(webhook) => {
                let signed = (webhook.endpoint(method), body);
                Ok(self.carry(signed, webhook.code(), within).await?)
            }
            SignIn::OAuth(oauth) => self.send_with_token(oauth, method, body, within).await,
        }
    }

    /// The same for a call that creates nothing.
    pub(super) async fn send_question(
        &self,
        method: &str,
        body: Payload,
    ) -> Result<Response, SendError> {
        self.send(method, body, self.within).await
    }

    /// A call refreshes once at most. A token that somebody else has refreshed may itself have
    /// run out; that does not count.
    async fn send_with_token(
        &self,
        oauth: &OAuth<T>,
        method: &str,
        body: Payload,
        within: Within,
    ) -> Result<Response, SendError> {
        // The time for the upload counts from here, whatever tokens take.
        let begun = Instant::now();
        let mut token = oauth.token().await?;
        let mut refreshed = false;
        loop {
            let signed = oauth.sign(method, body.clone(), &token);
            let within = Within {
                upload: within.upload.saturating_sub(begun.elapsed()),
                ..within
            };
            let response = self.carry(signed, token.expose(), within).await?;
            if ran_out_within(&response) {
                oauth.spend(&token);
            }
            if refreshed || !wants_new_token(&response) {
                return Ok(response);
            }
            let renewed = oauth.renew(&token).await?;
            refreshed = renewed.refreshed;
            token = renewed.token;
        }
    }

    /// Waits for what a run may have left under way: new tokens that are not kept yet. To be
    /// called before the program ends.
    pub async fn finish(&self) {
        if let SignIn::OAuth(oauth) = &self.sign_in {
            oauth.finish().await;
        }
    }

    async fn carry(
        &self,
        (url, body): Signed,
        secret: &str,
        within: Within,
    ) -> Result<Response, TransportError> {
        let request = Request {
            verb: Verb::Post,
            url,
            body,
            within,
        };
        let response = self.transport.send(request).await?;
        Ok(Response {
            body: blank_out(response.body, secret),
            ..response
        })
    }

    /// Asks for the time, as the plainest sign that the portal is well.
    ///
    /// # Errors
    /// When it is not, or says so.
    pub async fn server_time(&self) -> Result<ServerTime, CallError> {
        Ok(ServerTime::decode(&self.ask("server.time").await?))
    }

    async fn ask(&self, method: &str) -> Result<Value, CallError> {
        result(self.send_question(method, Payload::from_bytes("{}")).await)
    }
}

impl Profile {
    /// What `profile` says.
    ///
    /// # Errors
    /// When it names nobody: the user is not active (bitrix24-rest.md §8).
    pub fn decode(result: &Value) -> Result<Profile, CallError> {
        let id = result
            .get("ID")
            .and_then(remote_id)
            .ok_or(CallError::InactiveUser)?;
        let admin = match result.get("ADMIN") {
            Some(Value::Bool(admin)) => *admin,
            Some(Value::Number(number)) => number.as_u64() == Some(1),
            Some(Value::String(text)) => ["Y", "1", "true"].contains(&text.as_str()),
            _ => false,
        };
        let name = |key| result.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = format!("{} {}", name("NAME"), name("LAST_NAME"));
        Ok(Profile {
            id,
            admin,
            name: name.trim().to_owned(),
        })
    }
}

impl ServerTime {
    /// What `server.time` says.
    pub fn decode(result: &Value) -> ServerTime {
        ServerTime {
            now: result.as_str().and_then(|text| text.parse().ok()),
        }
    }
}

/// The `result` of a call that creates nothing.
pub(super) fn result(came: Result<Response, SendError>) -> Result<Value, CallError> {
    let response = came.map_err(|error| match error {
        SendError::Transport(error) => CallError::Transport(error),
        SendError::SignIn(stop) => CallError::Stop(stop),
    })?;
    match classify(&response) {
        Classified::Result(result, _) => Ok(result),
        Classified::Limited(limit) => Err(CallError::Limited(limit)),
        Classified::Stop(stop) => Err(CallError::Stop(stop)),
        Classified::Refused { error, .. } => Err(refused(&error)),
        Classified::Unknown(doubt) => Err(CallError::Unwell(doubt)),
        Classified::TooLarge => Err(CallError::Unwell(Uncertainty::new(
            "http_413",
            "a server refused the request as too large",
        ))),
    }
}

pub(super) fn refused(error: &ApiError) -> CallError {
    CallError::Refused {
        code: code_or_own(error),
        message: message_or_own(error),
    }
}

#[cfg(test)]
mod tests;
