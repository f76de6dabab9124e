//! Commands, the requests that carry them, and which commands share a request.
//!
//! A [`Command`] is encoded either as one query string among others in a `batch` request
//! ([`BatchBody`]) or as the JSON body of a direct call ([`direct()`]). Which of the two is
//! [`Route`]'s decision; which rows go together is [`plan`]'s. The attachments of a batch are read
//! here, since their encoded size decides what fits; those of a direct call are read as it is sent.
//! Nothing here touches the network.

mod body;
mod command;
mod direct;
mod key;
mod payload;
pub mod plan;
mod query;
mod route;
mod substitution;

pub use body::{Added, BatchBody, FileError};
pub use command::{Command, MAX_COMMANDS, MAX_LEAVES, Value};
pub use direct::direct;
pub use key::{CommandKey, KeyMaker};
pub use payload::{Part, Payload, base64_len};
pub use query::encoded_size;
pub use route::{Route, route};
