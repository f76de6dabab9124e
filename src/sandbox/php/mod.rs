//! PHP's values, and the readings and writings of them that a Bitrix24 portal relies on.
//!
//! A portal sees what PHP hands it: numeric text keys become numbers, `+` is a blank, a list with
//! a gap is an object. Everything here follows what PHP 8 was seen to do, and nothing here may
//! share code with the encoder of this crate: a mistake made twice would look like agreement.

mod base64;
mod json;
mod multipart;
mod ordered_map;
mod query;
mod trim;
mod url;
mod value;

pub use base64::base64_decode;
pub use json::{Unencodable, json_decode, json_encode};
pub use multipart::parse_multipart;
pub use ordered_map::Key;
pub use query::parse_str;
pub use trim::trim;
pub use url::{CommandUrl, leading_path, parse_url};
pub use value::{Array, Php};
