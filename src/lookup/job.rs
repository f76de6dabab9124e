//! What a lookup works with, and what comes of it.

use std::path::PathBuf;
use std::time::Duration;

use rand::rngs::StdRng;

use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::manifest::Manifest;
use crate::pacing::PacingSettings;
use crate::portal::Client;

use super::error::LookupError;
use super::subject::Subject;
use super::summary::LookupSummary;

/// Everything that a lookup works with.
pub struct LookupJob<'a, T, C> {
    /// The file with the rows.
    pub manifest: &'a Manifest,
    /// What is looked for.
    pub subject: Subject,
    /// The map that is written; what it holds already is kept.
    pub output: PathBuf,
    /// The portal that is asked.
    pub portal: &'a Client<T>,
    /// Its address, for links; without a slash at the end.
    pub portal_address: String,
    /// The time of day.
    pub clock: &'a C,
    /// The source of all that is random.
    pub rng: StdRng,
    /// The portal's limits.
    pub pacing: PacingSettings,
    /// How long the portal lets a request run.
    pub request_limit: Duration,
    /// The user's wish to stop.
    pub interrupt: Interrupt,
    /// Told now and then how many of how many values are settled.
    pub progress: &'a mut dyn FnMut(u64, u64),
}

/// How a lookup came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupEnd {
    /// All was asked.
    Done,
    /// The user has stopped it.
    Interrupted,
}

/// What came of a lookup.
#[derive(Debug)]
pub struct LookupOutcome {
    /// In numbers, as far as it came.
    pub summary: LookupSummary,
    /// How it came to its end, or what has stopped it.
    pub end: Result<LookupEnd, LookupError>,
}

impl LookupOutcome {
    /// The exit code of its command.
    pub fn exit(&self) -> Exit {
        match &self.end {
            Ok(LookupEnd::Done) => Exit::Done,
            Ok(LookupEnd::Interrupted) => Exit::Interrupted,
            Err(error) => error.exit(),
        }
    }
}
