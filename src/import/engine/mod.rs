//! The phase that sends: due rows are read ahead, made into requests, claimed in the ledger, sent,
//! and settled there.
//!
//! [`event_loop`] holds everything that is in flight in one future, so that dropping it ends the
//! run; `tasks` and `reads` begin the pieces of work, each of which ends in an event. What is done
//! next is decided by the [`scheduler`], without I/O.

pub mod body_memory;
pub mod canary;
pub mod canary_comparison;
pub mod event_loop;
pub mod feeder;
pub mod in_flight;
pub mod portal_authors;
mod reads;
pub mod request;
pub mod scheduler;
pub mod server_time;
pub mod settle;
mod tasks;
pub mod window;
