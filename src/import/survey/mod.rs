//! The first pass over the manifest: what is due, what stands in the way, and what a run must not
//! go on with. Nothing is sent, and nothing but edits is written to the ledger.

pub mod counts;
pub mod disposition;
pub mod find_row;
pub mod first_pass;
pub mod guards;
pub mod load;
pub mod new_rows;
pub mod read_otherwise;

pub use load::People;
