//! `json_decode` to arrays and `json_encode`, as PHP does them.

mod decode;
mod encode;

pub use decode::json_decode;
pub use encode::{Unencodable, json_encode};
