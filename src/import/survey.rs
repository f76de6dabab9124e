//! The first pass over the manifest: every row is checked and held against the ledger.
//!
//! Chunks are checked in parallel; the ledger is walked in row order beside them. It yields the
//! problems, the counts, and one bit a row: due or not. Nothing is sent and nothing is written.

use std::path::PathBuf;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use jiff::Timestamp;

use crate::check::{self, CheckedRow, Chronology, Repeats, Rules};
use crate::ledger::{Ledger, LedgerError, Record, State, Walk};
use crate::manifest::{Chunk, Columns, Manifest, ManifestError, Position, UnknownKeys};
use crate::post::{Field, RowKey};

use super::disposition::{Disposition, Found, dispose};
use super::front::Front;
use super::interrupt::Interrupt;
use super::summary::Summary;

/// What the survey is to know beforehand.
#[derive(Debug)]
pub struct Question {
    pub now: Timestamp,
    pub retry_failed: bool,
    /// Whether posts of one record go oldest first.
    pub oldest_first: bool,
    /// Due rows beyond this many are left for another run.
    pub limit: Option<u64>,
    /// Other ledgers that may know the manifest's rows.
    pub siblings: Vec<Ledger>,
}

/// A row that another ledger knows.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    pub row: u64,
    pub ledger: PathBuf,
}

/// What the manifest holds, seen through the ledger.
#[derive(Debug, Default)]
pub struct Survey {
    pub total: u64,
    pub already_posted: u64,
    /// Of those, rows whose content has changed.
    pub changed: u64,
    pub invalid: u64,
    pub failed: u64,
    pub in_doubt: u64,
    /// Of those posted or in doubt, rows that were sent to another target.
    pub posted_elsewhere: u64,
    pub in_doubt_elsewhere: u64,
    pub not_due: u64,
    pub undone: u64,
    /// Rows due in this run; `beyond_limit` more are due too.
    pub due_rows: u64,
    pub beyond_limit: u64,
    /// A bit a row, by number: due in this run or not.
    pub due: FixedBitSet,
    /// Attachments of the due rows, and their bytes.
    pub files: u64,
    pub bytes: u64,
    /// Due rows that go without something in a dropped field.
    pub dropped: u64,
    /// Due rows that mention users.
    pub mentioning: u64,
    /// Due rows that are posted as somebody else.
    pub with_author: u64,
    /// Rows of the ledger that are not in the manifest.
    pub gone: u64,
    /// Arrived rows without an ID of their own that are not in the manifest.
    pub vanished: u64,
    /// Valid rows that the ledger doesn't know, and the first of them.
    pub new_rows: u64,
    pub first_new: Option<Position>,
    /// The first row that another ledger knows.
    pub known_elsewhere: Option<Elsewhere>,
    /// Rows known under their content that now bring an ID: old key, new key.
    pub renames: Vec<(RowKey, RowKey)>,
    /// Rows with control characters other than tab and line ends.
    pub with_control_characters: u64,
    pub repeats: Repeats,
}

/// Why a survey can't be finished.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("interrupted")]
    Interrupted,
}

/// Reads the whole manifest once.
///
/// # Errors
/// When manifest or ledger can't be read.
pub fn survey(
    manifest: &Arc<Manifest>,
    rules: &Rules,
    ledger: &Ledger,
    question: Question,
    interrupt: &Interrupt,
    front: &mut dyn Front,
) -> Result<Survey, SurveyError> {
    let known: u64 = ledger.counts()?.values().sum();
    let unnamed = ledger.unnamed_arrivals()?;
    let mut surveyor = Surveyor {
        survey: Survey::default(),
        walk: (known > 0).then(|| ledger.walk()),
        ledger,
        columns: manifest.columns(),
        rules,
        question,
        chronology: Chronology::default(),
        matched: 0,
        matched_unnamed: 0,
    };
    let mut unknown_keys = UnknownKeys::default();
    let mut pass = manifest.pass()?;
    let mut chunk = Chunk::default();
    manifest
        .warnings()
        .iter()
        .for_each(|warning| front.warning(warning));
    while pass.next_chunk(&mut chunk)? {
        let checked = check::check_chunk(&chunk, manifest, rules);
        for warning in unknown_keys.merge(&checked.unknown_keys) {
            front.warning(&warning);
        }
        for row in checked.rows {
            surveyor.take(row, front)?;
        }
        if interrupt.times() > 0 {
            return Err(SurveyError::Interrupted);
        }
    }
    let mut survey = surveyor.survey;
    survey.gone = known.saturating_sub(surveyor.matched);
    survey.vanished = unnamed.saturating_sub(surveyor.matched_unnamed);
    Ok(survey)
}

struct Surveyor<'a> {
    survey: Survey,
    ledger: &'a Ledger,
    columns: &'a Columns,
    rules: &'a Rules,
    /// None while the ledger knows no row at all.
    walk: Option<Walk<'a>>,
    question: Question,
    chronology: Chronology,
    matched: u64,
    matched_unnamed: u64,
}

impl Surveyor<'_> {
    fn take(&mut self, mut row: CheckedRow, front: &mut dyn Front) -> Result<(), SurveyError> {
        self.survey.total += 1;
        let repeats = &mut self.survey.repeats;
        let repeated = repeats.external_id(&row, self.columns);
        let ordinal = row
            .content
            .map_or(0, |content| repeats.ordinal(content, row.at));
        let key = match (&row.external_id, row.content) {
            (Some(id), _) => Some(RowKey::external(id)),
            (None, Some(content)) => Some(RowKey::hashed(content, ordinal)),
            (None, None) => None,
        };
        let record = match &key {
            Some(key) if repeated.is_none() => self.find(&row, key, ordinal)?,
            _ => None,
        };
        if let (None, Some(key)) = (&record, &key) {
            self.look_elsewhere(row.at.number, key)?;
        }
        row.problems.extend(repeated);
        self.count_match(&row, record.as_ref());
        let changed = record
            .as_ref()
            .is_some_and(|record| has_changed(&row, record, self.rules));
        let found = Found {
            record: record.as_ref(),
            target: self.rules.target.name(),
            changed,
            invalid: !row.problems.is_empty() || !row.disk_problems.is_empty(),
            publish_at: row.publish_at,
        };
        let disposition = dispose(found, self.question.now, self.question.retry_failed);
        let disposition = self.unless_late(&mut row, disposition);
        self.count(&row, disposition);
        self.count_elsewhere(record.as_ref(), disposition);
        if disposition == Disposition::Invalid {
            row.problems
                .iter()
                .chain(&row.disk_problems)
                .for_each(|problem| front.problem(problem));
        }
        Ok(())
    }

    /// A due row that can't be put before a newer one of its record any more is invalid.
    fn unless_late(&mut self, row: &mut CheckedRow, disposition: Disposition) -> Disposition {
        if disposition != Disposition::Due || !self.question.oldest_first {
            return disposition;
        }
        let late = self.chronology.late(row, self.columns);
        row.problems.extend(late);
        match row.problems.is_empty() {
            true => Disposition::Due,
            false => Disposition::Invalid,
        }
    }

    /// The row's record, under its key or, for a row that brings a new ID, under its content.
    fn find(
        &mut self,
        row: &CheckedRow,
        key: &RowKey,
        ordinal: u32,
    ) -> Result<Option<Record>, LedgerError> {
        let Some(walk) = &mut self.walk else {
            return Ok(None);
        };
        if let Some(record) = walk.find(row.at.number, key)? {
            return Ok(Some(record));
        }
        let (true, Some(content)) = (key.is_external(), row.content) else {
            return Ok(None);
        };
        let by_content = RowKey::hashed(content, ordinal);
        let record = self.ledger.find(&by_content)?;
        if record.is_some() {
            self.survey.renames.push((by_content, key.clone()));
        }
        Ok(record)
    }

    fn look_elsewhere(&mut self, row: u64, key: &RowKey) -> Result<(), LedgerError> {
        if self.survey.known_elsewhere.is_some() {
            return Ok(());
        }
        for sibling in &self.question.siblings {
            if sibling.find(key)?.is_some() {
                let ledger = sibling.path().to_owned();
                self.survey.known_elsewhere = Some(Elsewhere { row, ledger });
                break;
            }
        }
        Ok(())
    }

    fn count_match(&mut self, row: &CheckedRow, record: Option<&Record>) {
        match record {
            Some(record) => {
                self.matched += 1;
                let arrived = matches!(record.state, State::Posted | State::InDoubt);
                let unnamed = !record.key.is_external() && !record.left_behind;
                self.matched_unnamed += u64::from(arrived && unnamed);
            }
            None if row.problems.is_empty() => {
                self.survey.new_rows += 1;
                self.survey.first_new.get_or_insert(row.at);
            }
            None => {}
        }
    }

    fn count_elsewhere(&mut self, record: Option<&Record>, disposition: Disposition) {
        let target = self.rules.target.name();
        if record.is_none_or(|record| record.target == target) {
            return;
        }
        match disposition {
            Disposition::AlreadyPosted { .. } => self.survey.posted_elsewhere += 1,
            Disposition::InDoubt => self.survey.in_doubt_elsewhere += 1,
            _ => {}
        }
    }

    fn count(&mut self, row: &CheckedRow, disposition: Disposition) {
        let survey = &mut self.survey;
        match disposition {
            Disposition::AlreadyPosted { changed } => {
                survey.already_posted += 1;
                survey.changed += u64::from(changed);
            }
            Disposition::InDoubt => survey.in_doubt += 1,
            Disposition::Failed => survey.failed += 1,
            Disposition::Undone => survey.undone += 1,
            Disposition::NotDue => survey.not_due += 1,
            Disposition::Invalid => survey.invalid += 1,
            Disposition::Due
                if self
                    .question
                    .limit
                    .is_some_and(|limit| survey.due_rows >= limit) =>
            {
                survey.beyond_limit += 1;
            }
            Disposition::Due => {
                survey.due_rows += 1;
                survey.files += u64::from(row.attachments);
                survey.bytes += row.attachment_bytes;
                survey.dropped += u64::from(row.has_dropped);
                survey.mentioning += u64::from(row.has_mention);
                survey.with_author += u64::from(row.has_author);
                survey.with_control_characters += u64::from(row.has_control_chars);
                if let Ok(number) = usize::try_from(row.at.number) {
                    survey.due.grow_and_insert(number);
                }
            }
        }
    }
}

impl Survey {
    /// How the rows stand before anything is sent: what is due is pending.
    pub fn sum_up(&self, summary: &mut Summary) {
        summary.total = self.total;
        summary.already_posted = self.already_posted;
        summary.changed = self.changed;
        summary.invalid = self.invalid;
        summary.failed = self.failed;
        summary.in_doubt = self.in_doubt;
        summary.not_due = self.not_due;
        summary.undone = self.undone;
        summary.pending = self.due_rows + self.beyond_limit;
        summary.gone = self.gone;
        summary.elsewhere = self.posted_elsewhere + self.in_doubt_elsewhere;
        summary.dropped = self.dropped;
        summary.mentioning = self.mentioning;
    }
}

/// Whether a row differs from what the ledger has seen of it. An attachment that can't be looked
/// at any more, or is dropped, tells nothing.
fn has_changed(row: &CheckedRow, record: &Record, rules: &Rules) -> bool {
    let files_known = row.disk_problems.is_empty()
        && row.problems.is_empty()
        && !rules.dropped.contains(Field::Attachments);
    row.content.is_some_and(|content| content != record.content)
        || (files_known && row.attachment_bytes != record.attachment_bytes)
}
