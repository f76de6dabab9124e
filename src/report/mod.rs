//! What the user sees.

pub mod problems;
