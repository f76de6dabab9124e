//! Which encoding a manifest is in, and reading it as UTF-8.
//!
//! Everything above this folder sees UTF-8. An encoding is known by the option, by the file's byte
//! order mark, by where NULs stand (UTF-16), by being valid UTF-8, or by the letters of the file's own
//! lines; where these leave a choice, the file is not opened, since text read in a wrong encoding would
//! be posted as it was read. What can't be decoded never becomes another character: it stays in the
//! text as bytes that are no UTF-8 (`undecodable`), and so becomes a problem of its row.

mod bytes_seen;
mod detect;
mod encode;
mod found;
mod languages;
mod name;
mod plausibility;
mod transcoder;
mod undecodable;
mod unsure;
mod utf16;

pub use found::{EncodingBasis, FoundEncoding};
pub use name::EncodingName;
pub use undecodable::Undecodable;
pub use unsure::{ReadAs, UnsureEncoding};

pub(super) use bytes_seen::SampleBuilder;
pub(super) use detect::by_letters;
pub(super) use encode::{can_encode, encoded};
pub(super) use transcoder::Transcoder;
pub(super) use utf16::by_nuls;
