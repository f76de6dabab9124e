//! What comes of asking for a new token: a token, or the error that says there is none for now.

use crate::portal::secret::Secret;
use crate::portal::transport::{SendError, Sent, TransportCause, TransportError};

/// A token that took the place of another.
#[derive(Debug)]
pub(in crate::portal) struct Renewed {
    pub token: Secret,
    /// Whether this call got it from the OAuth server; else somebody else had.
    pub refreshed: bool,
}

/// A refresh that may succeed later.
pub(super) fn no_token(detail: String) -> SendError {
    SendError::Transport(TransportError {
        sent: Sent::Never,
        cause: TransportCause::NoToken,
        detail,
    })
}
