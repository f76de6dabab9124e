//! A chunk's rows, checked by one worker.

use jiff::Timestamp;

use crate::manifest::{Chunk, Manifest, Position, Record, RowReader, UnknownKeys};
use crate::post::{AudienceName, ContentHash, Entity, Field};
use crate::targets::FileToSend;

use super::alone::goes_alone;
use super::post::read_row;
use super::{FoundFiles, Notified, Place, Problem, RowReading, Rules, files, unreadable};

/// What the first pass keeps of a row for as long as it takes to look at the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedRow {
    /// Its number, and the line where it starts.
    pub at: Position,
    /// The row's own ID, also of an invalid row.
    pub external_id: Option<String>,
    /// What the row says, where that can be read; see [`RowReading::content`].
    pub content: Option<ContentHash>,
    /// The CRM entity that the row itself names.
    pub entity: Option<Entity>,
    /// The CRM entity whose posts it is one of.
    pub feed_entity: Option<Entity>,
    /// When the post was written, if the row says so.
    pub created_at: Option<Timestamp>,
    /// Bytes of title and message.
    pub text_bytes: u64,
    /// Not to be sent before.
    pub publish_at: Option<Timestamp>,
    /// What is wrong with the row itself.
    pub problems: Vec<Problem>,
    /// What is wrong with its files; of no interest if the row was posted before.
    pub disk_problems: Vec<Problem>,
    /// Files that can be sent; none if one of them can't.
    pub attachments: u32,
    /// Their bytes.
    pub attachment_bytes: u64,
    /// Of those files, the ones above [`LARGE_FILE`].
    pub large_files: u32,
    /// Attachments that lie under a name which differs in case, Unicode form or outer blanks.
    pub otherwise_named: u32,
    /// Attachments that are HTML pages and are not called so.
    pub html_pages: u32,
    /// Whether the post goes by a call of its own.
    pub goes_alone: bool,
    /// Whether a text holds control characters other than tab and line ends.
    pub has_control_chars: bool,
    /// Whether something in a dropped field is left out.
    pub has_dropped: bool,
    /// Whether the post, as it would be sent, mentions users.
    pub has_mention: bool,
    /// Whom the post notifies for sure.
    pub notified: Notified,
    /// Names in its audience whose codes the portal has to tell.
    pub audience_names: Vec<AudienceName>,
    /// Whether it says something in a column that is nearly a field's, and so would not be posted.
    pub loses_value: bool,
}

/// What a worker made of a chunk's rows, in the order of the manifest.
#[derive(Debug)]
pub struct CheckedChunk<R = CheckedRow> {
    /// The rows, valid ones and others.
    pub rows: Vec<R>,
    /// Keys of JSONL rows that are no fields.
    pub unknown_keys: UnknownKeys,
}

/// What is kept of a row until its turn comes to be looked at in the order of the manifest.
pub(super) trait KeptRow: Send {
    /// Whether it keeps [`RowReading::content`].
    const CONTENT: bool;

    fn of(row: &RowOutcome<'_, '_>, rules: &Rules) -> Self;
}

/// A row as its check has found it, while its record is at hand.
pub(super) struct RowOutcome<'l, 'r> {
    pub at: Position,
    pub reading: &'l RowReading<'r>,
    pub files: Result<FoundFiles, Vec<Problem>>,
}

/// From here on a file is worth a word before the run: many a server refuses a body of that size,
/// and it must be sent within one request.
pub const LARGE_FILE: u64 = 200 << 20;

/// Checks a chunk of the manifest, text and disk. `rows` is empty, and memory to be used again:
/// fresh memory costs more time than what is written there.
pub(super) fn check_chunk<R: KeptRow>(
    chunk: &Chunk,
    manifest: &Manifest,
    rules: &Rules,
    mut rows: Vec<R>,
) -> CheckedChunk<R> {
    let mut reader = manifest.reader();
    for record in chunk.records() {
        rows.push(check_record(record, &mut reader, rules));
    }
    CheckedChunk {
        rows,
        unknown_keys: reader.into_unknown_keys(),
    }
}

fn check_record<R: KeptRow>(record: Record<'_>, reader: &mut RowReader<'_>, rules: &Rules) -> R {
    let at = record.at;
    match reader.row(record) {
        Ok(row) => {
            let column = row.column(Field::Attachments);
            let reading = &read_row(&row, rules, R::CONTENT);
            let files = files(&reading.draft().attachments, Place { at, column }, rules);
            R::of(&RowOutcome { at, reading, files }, rules)
        }
        Err(fault) => {
            let reading = &RowReading::unreadable(unreadable(at, &fault));
            let files = Ok(FoundFiles::default());
            R::of(&RowOutcome { at, reading, files }, rules)
        }
    }
}

impl RowOutcome<'_, '_> {
    /// Bytes of title and message.
    pub fn text_bytes(&self) -> u64 {
        let post = self.reading.draft();
        let title = post.title.as_ref().map_or(0, |title| title.len());
        (post.message.len() + title) as u64
    }

    /// The files, unless one of them can't be sent.
    pub fn found(&self) -> Option<&FoundFiles> {
        self.files.as_ref().ok()
    }

    /// Files that can be sent; none if one of them can't.
    pub fn files(&self) -> &[FileToSend] {
        self.found().map_or(&[], |found| &found.files)
    }

    /// Whether nothing is wrong with the row, its files, or its file because of it.
    pub fn is_good(&self) -> bool {
        self.reading.problems().is_empty() && self.files.is_ok() && !self.reading.loses_value()
    }

    /// What is wrong with the row itself.
    pub fn problems(&self) -> Vec<Problem> {
        self.reading.problems().to_vec()
    }

    /// What is wrong with its files.
    pub fn disk_problems(&self) -> Vec<Problem> {
        self.files.as_ref().err().cloned().unwrap_or_default()
    }
}

impl KeptRow for CheckedRow {
    const CONTENT: bool = true;

    fn of(row: &RowOutcome<'_, '_>, rules: &Rules) -> CheckedRow {
        let (reading, post, files) = (row.reading, row.reading.draft(), row.files());
        CheckedRow {
            at: row.at,
            external_id: post.external_id.as_deref().map(str::to_owned),
            content: reading.content(),
            entity: post.entity,
            feed_entity: post.feed_entity(),
            created_at: post.created_at.map(|moment| moment.instant),
            text_bytes: row.text_bytes(),
            publish_at: post.publish_at.map(|moment| moment.instant),
            attachments: u32::try_from(files.len()).unwrap_or(u32::MAX),
            attachment_bytes: files.iter().map(|file| file.size).sum(),
            large_files: files
                .iter()
                .map(|file| u32::from(file.size > LARGE_FILE))
                .sum(),
            otherwise_named: row.found().map_or(0, |found| found.otherwise_named),
            html_pages: row.found().map_or(0, |found| found.html_pages),
            goes_alone: row.is_good() && goes_alone(post, files, rules),
            has_control_chars: reading.has_control_chars(),
            has_dropped: reading.has_dropped(),
            has_mention: reading.has_mention(),
            notified: Notified::by(post, reading.has_mention()),
            audience_names: post.audience.names().to_vec(),
            loses_value: reading.loses_value(),
            problems: row.problems(),
            disk_problems: row.disk_problems(),
        }
    }
}

impl CheckedRow {
    /// Whether anything stands against the row, on its own or as a part of its file.
    pub fn is_invalid(&self) -> bool {
        !self.problems.is_empty() || !self.disk_problems.is_empty() || self.loses_value
    }

    /// Whether its file is not to be sent because of it.
    pub fn holds_file_back(&self) -> bool {
        self.loses_value
            || self
                .problems
                .iter()
                .any(|problem| problem.code.is_of_file())
    }
}

#[cfg(test)]
mod tests;
