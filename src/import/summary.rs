//! What is told of a run at its end.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::import::counts::Counts;
use crate::import::survey::counts::Survey;

/// What came of a run, in numbers and names. The names are part of the contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The run's number in the ledger; none when it did not come to sending.
    pub run: Option<i64>,
    /// Path of the ledger.
    pub ledger: String,
    /// How the rows stand.
    #[serde(flatten)]
    pub counts: Counts,
    /// Columns that are no fields, by name: nothing of what they hold is posted.
    pub ignored_columns: Vec<String>,
    /// How many warnings of the manifest there were, by their codes.
    pub warnings: BTreeMap<&'static str, u64>,
    /// Requests sent, of any kind.
    pub requests: u64,
    /// Posts sent, counting each attempt.
    pub commands: u64,
    /// How long the run took, in seconds.
    pub elapsed_s: f64,
    /// Whether nothing was sent because something is wrong with the file as a whole.
    #[serde(skip)]
    pub held_back: bool,
    /// The columns that are nearly fields because of which that is so.
    #[serde(skip)]
    pub near_columns: Vec<String>,
    /// Whether that is because texts look like HTML.
    #[serde(skip)]
    pub html_unasked: bool,
    /// Whether the counts are what the ledger knows, since the manifest was not read to its end.
    #[serde(skip)]
    pub of_ledger: bool,
}

impl Summary {
    /// Takes over what a survey has counted.
    pub fn take(&mut self, surveyed: &Survey) {
        self.counts = surveyed.counts();
        self.warnings = surveyed.warnings();
        self.ignored_columns.clone_from(&surveyed.ignored_columns);
        self.held_back = surveyed.is_held_back;
        self.near_columns.clone_from(&surveyed.near_columns);
        self.html_unasked = surveyed.is_html_held_back;
    }
}
