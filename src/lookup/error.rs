//! What can stop a lookup.

use crate::exit::Exit;
use crate::manifest::ManifestError;
use crate::maps::MapsError;
use crate::portal::CallError;

/// What has stopped a lookup. What was found before is written.
#[allow(missing_docs, reason = "the messages say what the fields are")]
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The manifest can't be read to its end, or has changed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The map on the disk can't be read or written.
    #[error(transparent)]
    Map(#[from] MapsError),
    /// The portal's answer forbids going on, or none came.
    #[error(transparent)]
    Portal(#[from] CallError),
    /// The credentials may not ask.
    #[error(
        "the credentials lack the permission `{needed}`, so the portal can't be asked; grant it to \
         the webhook or the application and run the same command again"
    )]
    Scope { needed: &'static str },
    /// Nothing could be asked for at all.
    #[error(
        "the portal shows no {kind} by this field ({said}); look the field's name up on the portal, \
         or check the rights of the user behind the credentials"
    )]
    Refused { kind: String, said: String },
}

impl LookupError {
    /// A stable name for scripts.
    pub fn code(&self) -> &str {
        match self {
            LookupError::Manifest(_) => "manifest",
            LookupError::Map(_) => "map",
            LookupError::Portal(error) => error.code(),
            LookupError::Scope { .. } => "insufficient_scope",
            LookupError::Refused { .. } => "refused",
        }
    }

    /// The exit code of the command.
    pub fn exit(&self) -> Exit {
        Exit::Stopped
    }
}
