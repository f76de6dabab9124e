//! Talking to a Bitrix24 portal: where it is, how bytes get there, and what comes back means.
//!
//! [`Transport`] is the seam: bytes out, a status and bytes (or a typed failure) back. Everything
//! above it is pure: [`judge`] turns what came back into an outcome per command and is the one
//! place that decides whether a post may have been created. The module never follows a redirect,
//! never lets a webhook's code or a token into a message, and repeats a request only where the
//! portal refused it because its token had expired ([`SignIn`]).

mod answer;
mod body;
mod calls;
mod certificate_fault;
mod certificates;
mod codes;
mod credentials;
mod http;
mod oauth;
mod own_certificate;
mod progress;
mod read;
mod reply;
mod secret;
mod sign_in;
mod stop;
mod transport;
mod verdict;

pub use answer::{Answer, Asked, CommandOutcome, NotExecuted, Timing, judge};
pub use calls::{CallError, Portal, Profile, ServerTime};
pub use certificate_fault::CertificateFault;
pub use certificates::HttpSetupError;
pub use credentials::{CredentialError, SecretUrl, Webhook};
pub use http::HttpTransport;
pub use oauth::{Account, AccountError, OAuth};
pub use read::{Page, scopes};
pub use reply::{ApiError, Time};
pub use sign_in::SignIn;
pub use stop::{Stop, StopKind};
pub use transport::{
    Cause, Request, Response, SendError, Sent, Transport, TransportError, Verb, Within,
};
pub use verdict::{Doubt, Limit};
