//! A chunk's rows, checked by one worker.

use std::ops::AddAssign;

use compact_str::CompactString;
use jiff::Timestamp;

use crate::manifest::mapping::{BoundMapping, Part};
use crate::manifest::{Chunk, Manifest, Position, Record, RecordPosts, RowReader, UnknownKeys};
use crate::post::{AudienceName, ContentHash, Entity, Field, RowKey};
use crate::targets::FileToSend;

use super::alone::goes_alone;
use super::post::read_row;
use super::{
    FoundFiles, MessageFind, MojibakeSet, Notified, Place, Problem, RowReading, Rules, Tally,
    Unmapped, files, unreadable,
};

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
    /// Folders of attachments that have none.
    pub empty_folders: u32,
    /// Whether the post goes by a call of its own.
    pub goes_alone: bool,
    /// Whether a text holds control characters other than tab and line ends.
    pub has_control_chars: bool,
    /// What its texts show of wrong decoding before the export.
    pub mojibake: MojibakeSet,
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
    /// What tells the post from the others of its record; see [`RowReading::part`].
    pub part: CompactString,
    /// The hash of the whole record; see [`RowReading::source`].
    pub source: Option<ContentHash>,
    /// The key by which a row of a rejects file is bound; see [`RowReading::bound`].
    pub bound: Option<RowKey>,
    /// Whether the mapping leaves the post out because a map doesn't have one of its values.
    pub is_skipped: bool,
    /// Values that are left out of the post because a table or a map doesn't have them.
    pub left_out: u32,
    /// Values that a map doesn't have.
    pub unmapped: Vec<Unmapped>,
    /// What is worth a word about its message, if anything.
    pub message_find: Option<Box<MessageFind>>,
}

/// What a worker made of a chunk's rows, in the order of the manifest.
#[derive(Debug)]
pub struct CheckedChunk<R = CheckedRow> {
    /// The posts, valid ones and others.
    pub rows: Vec<R>,
    /// Keys of JSONL rows that are no fields.
    pub unknown_keys: UnknownKeys,
    /// What became of the records.
    pub records: RecordCounts,
    /// What the posts come to together, where the caller keeps that.
    pub tally: Tally,
    /// What tells the records that the mapping leaves out, or in which it finds nothing to post.
    pub without_posts: Vec<ContentHash>,
}

/// Records of a manifest, by what a mapping makes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// All of them.
    pub all: u64,
    /// Those that the mapping leaves out knowingly.
    pub skipped: u64,
    /// Those in which it finds nothing to post.
    pub empty: u64,
    /// Those of whose exploded columns each is filled.
    pub full: u64,
}

impl AddAssign for RecordCounts {
    fn add_assign(&mut self, more: RecordCounts) {
        self.all += more.all;
        self.skipped += more.skipped;
        self.empty += more.empty;
        self.full += more.full;
    }
}

/// What is kept of a row until its turn comes to be looked at in the order of the manifest.
pub(super) trait KeptRow: Send {
    /// Whether it keeps [`RowReading::content`].
    const CONTENT: bool;
    /// Whether it wants to know what the posts come to together.
    const TALLY: bool;

    fn of(row: &RowOutcome<'_, '_>, rules: &Rules) -> Self;

    /// Where the post stands: its number is only known in the order of the manifest.
    fn at(&mut self) -> &mut Position;
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
    reader.set_carry(chunk.carry());
    rows.clear();
    let mut checked = CheckedChunk {
        rows,
        unknown_keys: UnknownKeys::default(),
        records: RecordCounts::default(),
        tally: Tally::default(),
        without_posts: Vec::new(),
    };
    let exploded = manifest.mapping().map_or(0, BoundMapping::exploded_count);
    for record in chunk.records() {
        check_record(&mut checked, record, &mut reader, rules, exploded);
    }
    checked.unknown_keys = reader.into_unknown_keys();
    checked
}

/// Checks the posts of a record that are made of so many columns at most.
fn check_record<R: KeptRow>(
    checked: &mut CheckedChunk<R>,
    record: Record<'_>,
    reader: &mut RowReader<'_>,
    rules: &Rules,
    exploded: usize,
) {
    let at = record.at;
    let (mut posts, mut skipped, mut filled) = (0_u64, 0, 0);
    let read = reader.each_row(record, |row| {
        let column = row.column(Field::Attachments);
        let reading = &read_row(row, rules, R::CONTENT);
        let files = match reading.is_skipped() {
            true => Ok(FoundFiles::default()),
            false => files(&reading.draft().attachments, Place { at, column }, rules),
        };
        posts += 1;
        skipped += u64::from(reading.is_skipped());
        if R::TALLY && !reading.is_skipped() {
            let files = files.as_ref().ok();
            checked
                .tally
                .add(reading.draft(), files, reading.has_mention());
        }
        filled = row.mapped().map_or(0, Part::exploded_count);
        checked
            .rows
            .push(R::of(&RowOutcome { at, reading, files }, rules));
    });
    checked.records.all += 1;
    checked.records.full += u64::from(exploded > 1 && filled == exploded);
    match read {
        Ok(RecordPosts::Posts) => {
            checked.records.skipped += u64::from(posts > 0 && skipped == posts);
        }
        Ok(RecordPosts::Skipped { source }) => {
            checked.records.skipped += 1;
            checked.without_posts.extend(source);
        }
        Ok(RecordPosts::Empty { source }) => {
            checked.records.empty += 1;
            checked.without_posts.extend(source);
        }
        Err(fault) => {
            let source = record.source_hash();
            let reading = &RowReading::unreadable(unreadable(at, &fault), source);
            let files = Ok(FoundFiles::default());
            checked
                .rows
                .push(R::of(&RowOutcome { at, reading, files }, rules));
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

    /// What title and message show of wrong decoding before the export.
    pub fn mojibake(&self) -> MojibakeSet {
        let post = self.reading.draft();
        let message = MojibakeSet::of(&post.message);
        match &post.title {
            Some(title) => message.and(MojibakeSet::of(title)),
            None => message,
        }
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
    const TALLY: bool = false;

    fn at(&mut self) -> &mut Position {
        &mut self.at
    }

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
            empty_folders: row.found().map_or(0, |found| found.empty_folders),
            goes_alone: row.is_good() && goes_alone(post, files, rules),
            has_control_chars: reading.has_control_chars(),
            mojibake: row.mojibake(),
            has_dropped: reading.has_dropped(),
            has_mention: reading.has_mention(),
            notified: Notified::by(post, reading.has_mention()),
            audience_names: post.audience.names().to_vec(),
            loses_value: reading.loses_value(),
            part: reading.part().into(),
            source: reading.source(),
            bound: reading.bound().cloned(),
            is_skipped: reading.is_skipped(),
            left_out: reading.left_out(),
            unmapped: reading.unmapped().to_vec(),
            message_find: reading.message_find().cloned().map(Box::new),
            problems: row.problems(),
            disk_problems: row.disk_problems(),
        }
    }
}

impl CheckedRow {
    /// What the row is called in the ledger, as the given one of those that say the same.
    pub fn key(&self, ordinal: u32) -> Option<RowKey> {
        match (&self.external_id, self.content) {
            _ if self.bound.is_some() => self.bound.clone(),
            (Some(id), _) => Some(RowKey::of_part(id, &self.part)),
            (None, Some(content)) => Some(RowKey::hashed(content, ordinal, &self.part)),
            (None, None) => None,
        }
    }

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
