//! Commands, the requests that carry them, and which commands share a request.

mod command;
mod payload;

pub use command::{Command, Value};
pub use payload::{Part, Payload, base64_len};
