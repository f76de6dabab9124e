//! The rows that were invalid or failed, written to a file of their own at the end of a run: one more
//! pass over the manifest, held against the ledger as it is by then.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::check::{CheckedRow, Problem, Rules};
use crate::interrupt::interrupt;
use crate::ledger::{Ledger, LedgerError, LedgerRow};
use crate::manifest::Manifest;
use crate::post::RowKey;
use crate::rejects::{
    Reason, RejectedRow, Rejects, RejectsError, RejectsWritten, SourceNames, own_name,
};

use crate::import::briefing::Briefing;
use crate::import::ending::Break;
use crate::import::error::RunError;
use crate::import::noted::Noted;
use crate::import::notice::Notice;
use crate::import::reporter::{AuthorsLost, Consent, Progress, Reporter};
use crate::import::survey::disposition::Disposition;
use crate::import::survey::first_pass::{JudgedRow, Question, survey_each};

/// What the rows are held against.
#[derive(Clone, Copy)]
pub struct RejectJob<'a> {
    /// The file with the rows.
    pub manifest: &'a Arc<Manifest>,
    /// What they are checked by.
    pub rules: &'a Rules,
    /// The ledger, which nobody writes meanwhile.
    pub ledger: &'a Path,
    /// What was found wrong in the course of the run.
    pub noted: &'a Noted,
    /// Now.
    pub now: Timestamp,
}

/// Writes the rejects file.
///
/// # Errors
/// When manifest or ledger can't be read, or the file can't be written.
pub fn write_rejects(job: RejectJob<'_>, path: &Path) -> Result<RejectsWritten, RunError> {
    let ledger = Ledger::open_to_read(job.ledger)?;
    let mut writing = Writing {
        rejects: Rejects::new(job.manifest, job.ledger, path),
        names: SourceNames::default(),
        ledger: &ledger,
        noted: job.noted,
    };
    let question = Question {
        now: job.now,
        retry_failed: false,
        // Who is late was noted when it mattered.
        oldest_first: false,
        limit: None,
    };
    let (_interrupter, interrupt) = interrupt();
    let read = survey_each(
        (job.manifest, job.rules),
        &ledger,
        question,
        &interrupt,
        &mut Silent,
        &mut |row| writing.take(&row),
    );
    match read {
        Ok(_) | Err(Break::Ending(_)) => {}
        Err(Break::Error(error)) => return Err(error),
    }
    writing.rejects.finish().map_err(error)
}

fn error(error: RejectsError) -> RunError {
    match error {
        RejectsError::Manifest(error) => RunError::Manifest(error),
        error @ RejectsError::Write { .. } => RunError::Rejects(error),
    }
}

/// On its way through the rows.
struct Writing<'a> {
    rejects: Rejects<'a>,
    names: SourceNames,
    ledger: &'a Ledger,
    noted: &'a Noted,
}

impl Writing<'_> {
    fn take(&mut self, judged: &JudgedRow<'_>) -> Result<(), Break> {
        let row = judged.row;
        let reason = self.reason(judged)?;
        if reason.is_empty() && !self.rejects.wants_all() {
            return Ok(());
        }
        let post = RejectedRow {
            row: row.at.row,
            part: &row.part,
            key: self.key(row, judged.known)?,
            reason,
        };
        Ok(self.rejects.take(post).map_err(error)?)
    }

    /// Why a row is rejected, if it is.
    fn reason(&self, judged: &JudgedRow<'_>) -> Result<Reason, LedgerError> {
        let row = judged.row;
        Ok(match judged.disposition {
            Disposition::Failed => {
                let told = judged.known.map(|known| self.ledger.refusal_of(known.id));
                told.transpose()?
                    .map_or_else(Reason::default, |(code, text)| Reason::told(&code, &text))
            }
            Disposition::Invalid => Reason::of_row(row),
            Disposition::Due | Disposition::NotDue => {
                let mut reason = Reason::default();
                for code in self.noted.of(row.at.row) {
                    reason.extend(Reason::of_code(code));
                }
                reason
            }
            Disposition::AlreadyPosted { .. } | Disposition::InDoubt | Disposition::Undone => {
                Reason::default()
            }
        })
    }

    /// What the ledger calls the row, or is to call it.
    fn key(
        &mut self,
        row: &CheckedRow,
        known: Option<&LedgerRow>,
    ) -> Result<Option<RowKey>, LedgerError> {
        if let Some(own) = own_name(row) {
            return Ok(Some(own));
        }
        if let Some(known) = known {
            return self.ledger.key_of(known.id).map(Some);
        }
        let Some(mut name) = self.names.name(row) else {
            return Ok(None);
        };
        // One that another row has got in the meantime would bind this one to that.
        while self.ledger.find(&name)?.is_some() {
            name = name.next();
        }
        Ok(Some(name))
    }
}

/// Everything was told in the course of the run.
struct Silent;

impl Reporter for Silent {
    fn problem(&mut self, _: &Problem) {}

    fn notice(&mut self, _: &Notice<'_>) {}

    fn screen(&mut self, _: &Briefing) {}

    fn consent(&mut self, _: &Briefing) -> Consent {
        Consent::Missing
    }

    fn authors_lost(&mut self, _: &AuthorsLost) -> Consent {
        Consent::Missing
    }

    fn progress(&mut self, _: &Progress) {}
}
