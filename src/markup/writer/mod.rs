//! BBCode, written from left to right.
//!
//! Tags are written no sooner than there is something to put into them, so none is empty, and they
//! are closed in the order in which that has to be, whatever order the text ends them in.

mod frame;
mod holders;
mod mark;
mod marks;
mod state;
mod tables;

pub use mark::Mark;
pub use state::Writer;

#[cfg(test)]
mod tests;
