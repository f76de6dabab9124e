//! What the fuzzer drives, one function of any bytes each. They panic where a promise is broken.

pub mod json_rows;
pub mod ledger;
pub mod query;
pub mod records;
pub mod replies;
mod rows;
mod scratch;
