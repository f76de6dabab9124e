//! The first pass over the manifest: every row is checked and held against the ledger.
//!
//! Chunks are checked in parallel; a cursor over the ledger moves along beside them. It yields the
//! problems, the counts, and one bit a row: due or not. Nothing is sent and nothing is written.

use std::sync::Arc;

use jiff::Timestamp;

use crate::check::{self, CheckedRow, Chronology, MessageFind, Rules, ToldOnce, Unmapped};
use crate::ledger::{Ledger, LedgerError, LedgerRow, MergeCursor, SourceRows, State};
use crate::manifest::{Manifest, ManifestError};
use crate::post::{ContentHash, Field, RowKey};

use crate::import::ending::{Break, Ending};
use crate::import::reporter::Reporter;
use crate::import::survey::counts::{Repeated, Survey};
use crate::import::survey::disposition::{Disposition, RowFacts, dispose};
use crate::interrupt::Interrupt;

/// What the survey is to know beforehand.
#[derive(Debug)]
pub struct Question {
    pub now: Timestamp,
    pub retry_failed: bool,
    /// Whether posts of one entity go oldest first.
    pub oldest_first: bool,
    /// Due rows beyond this many are left for another run.
    pub limit: Option<u64>,
}

/// Reads the whole manifest once.
///
/// # Errors
/// When manifest or ledger can't be read, or the user interrupts it.
pub fn survey(
    manifest: &Arc<Manifest>,
    rules: &Rules,
    ledger: &Ledger,
    question: Question,
    interrupt: &Interrupt,
    reporter: &mut dyn Reporter,
) -> Result<Survey, Break> {
    let watch = &mut |_: JudgedRow<'_>| Ok(());
    survey_each(
        (manifest, rules),
        ledger,
        question,
        interrupt,
        reporter,
        watch,
    )
}

/// A row of the manifest, and how it stands.
pub struct JudgedRow<'a> {
    pub row: &'a CheckedRow,
    pub known: Option<&'a LedgerRow>,
    pub disposition: Disposition,
}

/// Who is shown each row, in the order of the manifest.
pub type Watch<'a> = dyn FnMut(JudgedRow<'_>) -> Result<(), Break> + 'a;

/// The same, with each row shown to somebody.
pub fn survey_each(
    (manifest, rules): (&Arc<Manifest>, &Rules),
    ledger: &Ledger,
    question: Question,
    interrupt: &Interrupt,
    reporter: &mut dyn Reporter,
    watch: &mut Watch<'_>,
) -> Result<Survey, Break> {
    let known = ledger.count_rows()?;
    let unnamed = ledger.unnamed_arrivals()?;
    let mut surveyor = Surveyor {
        survey: Survey::default(),
        cursor: (known > 0)
            .then(|| ledger.merge_cursor(rules.target.name()))
            .transpose()?,
        in_step: known > 0 && !manifest.is_rejects(),
        counts_contents: ledger.has_unnamed_rows()?,
        ledger,
        manifest,
        rules,
        question,
        chronology: Chronology::default(),
        matched: 0,
        matched_unnamed: 0,
        sources: None,
        told_once: ToldOnce::default(),
    };
    let mut unknown_keys = manifest.unknown_columns().clone();
    for warning in manifest.warnings() {
        surveyor.survey.warn(warning, reporter);
    }
    check::check_in_order(manifest, rules, |checked| {
        for warning in unknown_keys.merge(&checked.unknown_keys) {
            surveyor.survey.warn(&warning, reporter);
        }
        surveyor.survey.records += checked.records;
        for row in checked.rows.drain(..) {
            surveyor.take(row, reporter, watch)?;
        }
        surveyor.count_without_posts(&checked.without_posts)?;
        match interrupt.times() {
            0 => Ok(()),
            _ => Err(Break::Ending(Ending::Interrupted)),
        }
    })?;
    let mut survey = surveyor.survey;
    survey.tell_of_columns(&unknown_keys, reporter);
    survey.judge_html(reporter);
    survey.unmatched = known.saturating_sub(surveyor.matched);
    // What a rejects file doesn't hold is in the manifest that it was made of.
    if !manifest.is_rejects() {
        survey.rows.gone = survey.unmatched;
        survey.vanished = unnamed.saturating_sub(surveyor.matched_unnamed);
    }
    Ok(survey)
}

/// The first pass under way.
pub(super) struct Surveyor<'a> {
    pub(super) survey: Survey,
    pub(super) ledger: &'a Ledger,
    manifest: &'a Manifest,
    rules: &'a Rules,
    /// None while the ledger knows no row at all.
    pub(super) cursor: Option<MergeCursor>,
    /// Whether every row with an ID so far has its own place in the ledger. Since no two rows of it
    /// have one key, no two of these have one ID.
    in_step: bool,
    /// Whether rows that say the same are counted. Of no use, and much memory, while every row
    /// brings an ID and the ledger knows none by its content.
    counts_contents: bool,
    question: Question,
    chronology: Chronology,
    matched: u64,
    matched_unnamed: u64,
    /// The ledger's rows by their records, once a row had to be looked for there.
    pub(super) sources: Option<SourceRows>,
    told_once: ToldOnce,
}

impl Surveyor<'_> {
    fn take(
        &mut self,
        mut row: CheckedRow,
        reporter: &mut dyn Reporter,
        watch: &mut Watch<'_>,
    ) -> Result<(), Break> {
        let known = self.look_up(&mut row)?;
        self.count_match(&row, known.as_ref());
        if row.is_skipped {
            return Ok(());
        }
        self.survey.rows.total += 1;
        let changed = match &known {
            Some(known) => {
                has_changed(&row, known, self.rules) || self.goes_elsewhere(&row, known)?
            }
            None => false,
        };
        let found = RowFacts {
            known: known.as_ref(),
            target: self.rules.target.name(),
            changed,
            invalid: row.is_invalid(),
            publish_at: row.publish_at,
        };
        let disposition = dispose(found, self.question.now, self.question.retry_failed);
        let disposition = self.unless_late(&mut row, disposition);
        watch(JudgedRow {
            row: &row,
            known: known.as_ref(),
            disposition,
        })?;
        let survey = &mut self.survey;
        survey.count(&row, disposition, self.question.limit);
        survey.count_elsewhere(known.as_ref(), disposition, self.rules.target.name());
        if disposition == Disposition::Due {
            let overdue = check::is_overdue(row.publish_at, self.question.now);
            survey.rows.overdue += u64::from(overdue);
            if let Some(MessageFind::HtmlUnasked(problem)) = row.message_find.as_deref() {
                survey.html_unasked.add(problem.clone());
                survey.html_unasked_due += u64::from(survey.due.contains(row.at.number));
            }
        }
        if matches!(disposition, Disposition::Invalid | Disposition::Due) {
            for Unmapped { map, entity, old } in &row.unmapped {
                survey.missing.add(*map, *entity, old, row.at.row);
            }
        }
        if disposition == Disposition::Invalid {
            survey.is_held_back |= row.holds_file_back();
            survey.loses_values |= row.loses_value;
            let has_parts = self.manifest.mapping().is_some();
            for problem in row.problems.iter().chain(&row.disk_problems) {
                if !has_parts || self.told_once.is_new(problem) {
                    reporter.problem(problem);
                }
            }
        }
        Ok(())
    }

    /// What the ledger knows of the row, if anything. A row whose ID an earlier one has gets that
    /// as a problem.
    fn look_up(&mut self, row: &mut CheckedRow) -> Result<Option<LedgerRow>, Break> {
        if let Some(key) = row.bound.clone() {
            let repeated = self.survey.repeats.of_key(&key, row.at);
            let known = match repeated.is_none() {
                true => self.find_bound(row, &key)?,
                false => None,
            };
            row.problems.extend(repeated);
            return Ok(known);
        }
        let ordinal = self.ordinal(row)?;
        let (repeats, columns) = (&mut self.survey.repeats, self.manifest.columns());
        let id = row.external_id.as_deref();
        let repeated = id.and_then(|id| repeats.of_id((id, &row.part), row.at, columns));
        if self.in_step
            && let Some(id) = &row.external_id
        {
            let is_key = |stored: &[u8]| RowKey::is_of(stored, id, &row.part);
            let cursor = self.cursor.as_mut();
            if let Some(known) =
                cursor.map_or(Ok(None), |cursor| cursor.in_place(row.at.row, is_key))?
            {
                return Ok(Some(known));
            }
            self.in_step = false;
        }
        let key = row.key(ordinal);
        // One that is added to a rejects file must not be taken for a row of the same words there.
        let repeated = match &key {
            Some(key) if self.manifest.is_rejects() && row.external_id.is_none() => {
                self.survey.repeats.of_key(key, row.at)
            }
            _ => repeated,
        };
        let known = match &key {
            Some(key) if repeated.is_none() => self.find(row, key, ordinal)?,
            // It may have been posted in another form, out of a rejects file.
            _ => self.find_by_source(row, None)?,
        };
        if let (Some(known), Some(at)) = (&known, row.publish_at)
            && !known.is_named
            && self
                .ledger
                .was_posted_before(known.id, at.as_millisecond())?
        {
            let repeated = Repeated {
                at: row.at,
                publish_at: at,
            };
            self.survey.repeated.get_or_insert(repeated);
        }
        row.problems.extend(repeated);
        Ok(known)
    }

    /// Which of the rows that say the same the row is, from 0.
    fn ordinal(&mut self, row: &CheckedRow) -> Result<u32, ManifestError> {
        let Some(content) = row.content else {
            return Ok(0);
        };
        if !self.counts_contents {
            if row.external_id.is_some() {
                return Ok(0);
            }
            self.counts_contents = true;
            self.count_earlier(row.at.number)?;
        }
        let content = content.with_part(&row.part);
        Ok(self.survey.repeats.ordinal(content, row.at))
    }

    /// Counts the contents of the rows before the first one without an ID.
    fn count_earlier(&mut self, first_unnamed: u64) -> Result<(), ManifestError> {
        if first_unnamed == 1 {
            return Ok(());
        }
        let repeats = &mut self.survey.repeats;
        let counted = check::check_in_order(self.manifest, self.rules, |checked| {
            for row in &checked.rows {
                if row.at.number >= first_unnamed {
                    return Err(EndOfCount::Counted);
                }
                if let Some(content) = row.content {
                    repeats.ordinal(content.with_part(&row.part), row.at);
                }
            }
            Ok(())
        });
        match counted {
            Ok(()) | Err(EndOfCount::Counted) => Ok(()),
            Err(EndOfCount::Failed(error)) => Err(error),
        }
    }

    /// A due row that can't be put before a newer one of its entity any more is invalid.
    fn unless_late(&mut self, row: &mut CheckedRow, disposition: Disposition) -> Disposition {
        if disposition != Disposition::Due || !self.question.oldest_first {
            return disposition;
        }
        let late = self.chronology.late(row, self.manifest.columns());
        row.problems.extend(late);
        match row.problems.is_empty() {
            true => Disposition::Due,
            false => Disposition::Invalid,
        }
    }

    /// Rows of the ledger whose records the mapping leaves out by now have not gone.
    fn count_without_posts(&mut self, sources: &[ContentHash]) -> Result<(), LedgerError> {
        if self.cursor.is_none() {
            return Ok(());
        }
        for source in sources {
            let ids: Vec<u64> = self.source_rows()?.ids(*source).collect();
            for id in ids {
                if self.survey.matched.insert(id) {
                    self.matched += 1;
                    let unnamed = self.ledger.is_unnamed_arrival(id)?;
                    self.matched_unnamed += u64::from(unnamed);
                }
            }
        }
        Ok(())
    }

    /// Whether a row would by now go to another record, because of another map.
    fn goes_elsewhere(&self, row: &CheckedRow, known: &LedgerRow) -> Result<bool, LedgerError> {
        if self.rules.maps.entities.is_none() || !row.problems.is_empty() {
            return Ok(false);
        }
        Ok(self.ledger.entity_of(known.id)? != row.feed_entity)
    }

    fn count_match(&mut self, row: &CheckedRow, known: Option<&LedgerRow>) {
        match known {
            Some(known) => {
                self.matched += 1;
                self.survey.matched.insert(known.id);
                let arrived = matches!(known.state, State::Posted | State::InDoubt);
                let unnamed = !known.is_named && !known.left_behind;
                self.matched_unnamed += u64::from(arrived && unnamed);
            }
            None if row.problems.is_empty() && !row.is_skipped => {
                self.survey.new_rows += 1;
                self.survey.first_new.get_or_insert(row.at);
                self.survey.new.insert(row.at.number);
            }
            None => {}
        }
    }
}

/// Why counting ends before the manifest does.
enum EndOfCount {
    Counted,
    Failed(ManifestError),
}

impl From<ManifestError> for EndOfCount {
    fn from(error: ManifestError) -> EndOfCount {
        EndOfCount::Failed(error)
    }
}

/// Whether a row differs from what the ledger has seen of it. An attachment that can't be looked
/// at any more, or is dropped, tells nothing.
fn has_changed(row: &CheckedRow, known: &LedgerRow, rules: &Rules) -> bool {
    let files_known = row.disk_problems.is_empty()
        && row.problems.is_empty()
        && !rules.dropped.contains(Field::Attachments);
    row.content.is_some_and(|content| content != known.content)
        || (files_known && row.attachment_bytes != known.attachment_bytes)
}
