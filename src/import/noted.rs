//! What was found wrong with rows in the course of a run, for the rejects file at its end: what
//! the portal or the moment had against a row is not found again by looking at it once more.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

use crate::check::{Code, Problem};

use crate::import::briefing::Briefing;
use crate::import::notice::{LeftOut, Notice, WhyLeftOut};
use crate::import::reporter::{AuthorsLost, Consent, Progress, Reporter};

/// Records by what was found wrong with them: a bit each.
#[derive(Debug, Default)]
pub struct Noted {
    records: BTreeMap<Code, RoaringTreemap>,
}

/// Passes on everything that it hears, and notes what is wrong with rows.
pub struct NotingReporter<'r> {
    inner: &'r mut dyn Reporter,
    noted: Noted,
}

impl Noted {
    /// What was found wrong with a record.
    pub fn of(&self, row: u64) -> impl Iterator<Item = Code> {
        let found = self
            .records
            .iter()
            .filter(move |(_, rows)| rows.contains(row));
        found.map(|(code, _)| *code)
    }

    fn add(&mut self, code: Code, row: u64) {
        self.records.entry(code).or_default().insert(row);
    }

    fn left_out(&mut self, left: &LeftOut) {
        match &left.why {
            WhyLeftOut::Attachment(_) => self.add(Code::AttachmentUnreadable, left.row),
            WhyLeftOut::Problems(problems) => {
                problems
                    .iter()
                    .for_each(|problem| self.add(problem.code, left.row));
            }
        }
    }
}

impl<'r> NotingReporter<'r> {
    /// In front of that reporter.
    pub fn new(inner: &'r mut dyn Reporter) -> NotingReporter<'r> {
        NotingReporter {
            inner,
            noted: Noted::default(),
        }
    }

    /// What was noted.
    pub fn into_noted(self) -> Noted {
        self.noted
    }
}

impl Reporter for NotingReporter<'_> {
    fn problem(&mut self, problem: &Problem) {
        self.noted.add(problem.code, problem.row);
        self.inner.problem(problem);
    }

    fn notice(&mut self, notice: &Notice<'_>) {
        if let Notice::LeftOut(left) = notice {
            self.noted.left_out(left);
        }
        self.inner.notice(notice);
    }

    fn screen(&mut self, briefing: &Briefing) {
        self.inner.screen(briefing);
    }

    fn consent(&mut self, briefing: &Briefing) -> Consent {
        self.inner.consent(briefing)
    }

    fn authors_lost(&mut self, lost: &AuthorsLost) -> Consent {
        self.inner.authors_lost(lost)
    }

    fn progress(&mut self, progress: &Progress) {
        self.inner.progress(progress);
    }
}
