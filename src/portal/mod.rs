//! Talking to a Bitrix24 portal: where it is, how bytes get there, and what comes back means.
//!
//! [`Transport`] is the seam: bytes out, a status and bytes (or a typed failure) back. [`judge`], a
//! pure function, turns what came back into an outcome per command; nothing else decides from an
//! answer whether a post may have been created. The module never follows a redirect, never lets a
//! webhook's code or a token into a message, and repeats a request only where the portal refused it
//! because of its token ([`SignIn`]).

mod body;
mod certificate_fault;
mod certificates;
mod classify;
mod client;
mod decode;
mod error_codes;
mod fatal;
mod http;
mod oauth;
mod outcome;
mod own_certificate;
mod progress;
mod read;
mod secret;
mod sign_in;
mod transport;
mod webhook;

pub use certificate_fault::CertificateFault;
pub use certificates::HttpSetupError;
pub use classify::{Limit, Uncertainty};
pub use client::{CallError, Client, Profile, ServerTime};
pub use decode::{ApiError, Time};
pub use fatal::{Fatal, FatalKind};
pub use http::HttpTransport;
pub use oauth::{Account, AccountError, OAuth};
pub use outcome::{Asked, CommandOutcome, NotExecuted, RequestOutcome, Timing, judge};
pub use read::{ListPage, scopes};
pub use secret::SecretUrl;
pub use sign_in::SignIn;
pub use transport::{
    Request, Response, SendError, Sent, Transport, TransportCause, TransportError, Verb, Within,
};
pub use webhook::{Webhook, WebhookError};
