//! A chunk's rows, checked by one worker.

use compact_str::CompactString;
use jiff::Timestamp;

use crate::manifest::{Chunk, Manifest, Position, Record, RowReader, UnknownKeys};
use crate::post::{ContentHash, Entity, Field, may_mention};
use crate::targets::FileToSend;

use super::alone::goes_alone;
use super::fingerprints::fingerprint;
use super::post::{Wanted, read_into};
use super::{Notified, Place, Problem, Reading, Rules, files, unreadable};

/// What the first pass keeps of a row for as long as it takes to look at the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRow {
    pub at: Position,
    /// The row's own ID, also of an invalid row.
    pub external_id: Option<RowId>,
    /// What the row says, where that can be read; see
    /// [`Reading::content`](super::Reading::content).
    pub content: Option<ContentHash>,
    /// The CRM record that the row itself names.
    pub entity: Option<Entity>,
    /// The CRM record whose posts it is one of, and when it was written.
    pub record: Option<Entity>,
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
    /// Whether it says something in a column that is nearly a field's, and so would not be posted.
    pub loses_value: bool,
}

/// A row's own ID, and what repeats of it are known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowId {
    pub text: CompactString,
    pub(super) fingerprint: u64,
}

/// What a worker made of a chunk's rows, in the order of the manifest.
#[derive(Debug, Default)]
pub struct CheckedChunk<R = Vec<CheckedRow>> {
    pub rows: R,
    /// Keys of JSONL rows that are no fields.
    pub unknown_keys: UnknownKeys,
    /// How many rows the manifest has if all are as long as these.
    pub expected_rows: u64,
}

/// What a worker makes of a chunk's rows, shown to it one by one in their order. It is used again
/// for other chunks: fresh memory costs more time than what is written there.
pub(super) trait Gather: Default + Send {
    /// Whether it wants to know what rows say; see [`Reading::content`].
    const CONTENTS: bool;

    /// Begins anew, with memory set aside for so many rows.
    fn restart(&mut self, rows: usize);

    /// The memory set aside, in bytes.
    fn room(&self) -> usize;

    fn add(&mut self, look: Look<'_, '_>);
}

/// A row as the check has found it, while its record is at hand.
pub(super) struct Look<'l, 'r> {
    pub at: Position,
    pub rules: &'l Rules,
    pub reading: &'l mut Reading<'r>,
    pub files: Files,
}

/// A row's files, as the disk has them.
#[derive(Default)]
pub(super) struct Files {
    /// How many can be sent; none if one of them can't.
    pub count: u32,
    /// Their bytes.
    pub bytes: u64,
    /// Of those files, the ones above [`LARGE_FILE`].
    large: u32,
    found: Vec<FileToSend>,
    problems: Vec<Problem>,
}

impl Gather for Vec<CheckedRow> {
    const CONTENTS: bool = true;

    fn restart(&mut self, rows: usize) {
        self.clear();
        self.reserve(rows);
    }

    fn room(&self) -> usize {
        self.capacity() * size_of::<CheckedRow>()
    }

    fn add(&mut self, look: Look<'_, '_>) {
        self.push(look.into_row());
    }
}

/// From here on a file is worth a word before the run: many a server refuses a body of that size,
/// and it must be sent within one request.
pub const LARGE_FILE: u64 = 200 << 20;

/// Checks a chunk of the manifest, text and disk. `rows` is still empty.
pub(super) fn check_chunk<R: Gather>(
    chunk: &Chunk,
    manifest: &Manifest,
    rules: &Rules,
    mut rows: R,
) -> CheckedChunk<R> {
    let mut reader = manifest.reader();
    let wanted = Wanted {
        content: R::CONTENTS,
        mentions: may_mention(chunk.bytes()),
    };
    for record in chunk.all_records() {
        check_record(record, &mut reader, rules, wanted, &mut rows);
    }
    CheckedChunk {
        rows,
        unknown_keys: reader.into_unknown_keys(),
        expected_rows: expected_rows(chunk, manifest.size()),
    }
}

fn expected_rows(chunk: &Chunk, manifest_bytes: u64) -> u64 {
    let bytes = chunk.bytes().len().max(1) as u128;
    let rows = chunk.len() as u128 * u128::from(manifest_bytes) / bytes;
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn check_record<R: Gather>(
    record: Record<'_>,
    reader: &mut RowReader<'_>,
    rules: &Rules,
    wanted: Wanted,
    rows: &mut R,
) {
    let at = record.at;
    let row = reader.row(record);
    let row = match &row {
        Ok(row) => row,
        Err(fault) => {
            return rows.add(Look {
                at,
                rules,
                reading: &mut Reading::unreadable(unreadable(at, fault)),
                files: Files::default(),
            });
        }
    };
    let mut reading = Reading::default();
    read_into(&mut reading, row, rules, wanted);
    let attachments = &reading.draft().attachments;
    let files = match attachments.is_empty() {
        true => Files::default(),
        false => {
            let column = row.column(Field::Attachments);
            Files::of(files(attachments, Place { at, column }, rules))
        }
    };
    rows.add(Look {
        at,
        rules,
        reading: &mut reading,
        files,
    });
}

impl Look<'_, '_> {
    /// Bytes of title and message.
    pub fn text_bytes(&self) -> u64 {
        let post = self.reading.draft();
        let title = post.title.as_ref().map_or(0, |title| title.len());
        (post.message.len() + title) as u64
    }

    /// Whether anything is wrong with the row or its files.
    pub fn is_faulty(&self) -> bool {
        !self.reading.problems().is_empty()
            || !self.files.problems.is_empty()
            || self.reading.loses_value()
    }

    pub fn into_row(self) -> CheckedRow {
        let (reading, files) = (&*self.reading, &self.files);
        let post = reading.draft();
        CheckedRow {
            at: self.at,
            external_id: reading.external_id().map(RowId::new),
            content: reading.content(),
            entity: post.entity,
            record: post.record(),
            created_at: post.created_at.map(|moment| moment.instant),
            text_bytes: self.text_bytes(),
            publish_at: post.publish_at.map(|moment| moment.instant),
            attachments: files.count,
            attachment_bytes: files.bytes,
            large_files: files.large,
            goes_alone: !self.is_faulty() && goes_alone(post, &files.found, self.rules),
            has_control_chars: reading.has_control_chars(),
            has_dropped: reading.has_dropped(),
            has_mention: reading.has_mention(),
            notified: Notified::by(post, reading.has_mention()),
            loses_value: reading.loses_value(),
            problems: self.reading.take_problems(),
            disk_problems: self.files.problems,
        }
    }
}

impl Files {
    fn of(found: Result<Vec<FileToSend>, Vec<Problem>>) -> Files {
        match found {
            Ok(files) => Files {
                count: u32::try_from(files.len()).unwrap_or(u32::MAX),
                bytes: files.iter().map(|file| file.size).sum(),
                large: files
                    .iter()
                    .map(|file| u32::from(file.size > LARGE_FILE))
                    .sum(),
                found: files,
                problems: Vec::new(),
            },
            Err(problems) => Files {
                problems,
                ..Files::default()
            },
        }
    }
}

impl RowId {
    pub(super) fn new(text: &str) -> RowId {
        RowId {
            text: text.into(),
            fingerprint: fingerprint(text),
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
impl CheckedRow {
    /// A row of which nothing is known.
    pub(super) fn empty(at: Position) -> CheckedRow {
        CheckedRow {
            at,
            external_id: None,
            content: None,
            entity: None,
            record: None,
            created_at: None,
            text_bytes: 0,
            publish_at: None,
            problems: Vec::new(),
            disk_problems: Vec::new(),
            attachments: 0,
            attachment_bytes: 0,
            large_files: 0,
            goes_alone: false,
            has_control_chars: false,
            has_dropped: false,
            has_mention: false,
            notified: Notified::default(),
            loses_value: false,
        }
    }
}

#[cfg(test)]
mod tests;
