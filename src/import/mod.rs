//! The main job: manifest in, posts out, ledger kept.
//!
//! [`import`] runs the stations in order: the ledger is recovered, the manifest surveyed, the
//! portal asked who we are, the user asked whether to go on; then the engine sends. Only this
//! module joins the ledger and the portal. What to do is decided by pure parts (`disposition`,
//! `settle`, `desk`); `engine` and `starts` carry it out.

mod authors;
mod briefing;
mod budget;
mod clock;
mod desk;
mod disposition;
mod ending;
mod engine;
mod feeder;
mod front;
mod guard;
mod job;
mod load;
mod looks;
mod newcomers;
mod offload;
mod preflight;
mod readback;
mod request;
mod request_end;
mod seal;
mod server_time;
mod settle;
mod starts;
mod stations;
mod summary;
mod survey;
mod surveyed;
mod tally;
mod trial;
mod waiting;
mod window;
mod work;

use crate::interrupt;

#[cfg(test)]
mod testing;

pub use briefing::{Briefing, Sample};
pub use clock::{Clock, SystemClock};
pub use ending::{Ending, Stop};
pub use front::{AuthorsLost, Consent, Front, Progress, Wait};
pub use job::{Job, Options, Outcome, import};
pub use load::People;
pub use offload::Offload;
pub use request_end::RequestEnd;
pub use summary::{RunError, Summary};
pub use tally::Tally;
pub use waiting::Order;
