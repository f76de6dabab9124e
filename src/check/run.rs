//! The check of a whole manifest, without any ledger.

use std::collections::BTreeMap;

use compact_str::CompactString;
use jiff::Timestamp;

use crate::manifest::{Columns, Manifest, ManifestError, Position, UnknownKeys, Warning};
use crate::maps::MissingValues;
use crate::post::{Entity, EntitySet, Post, RowKey};

use super::chunk::{KeptRow, RowOutcome};
use super::cut_texts::{Cut, CutTexts};
use super::in_order::keep_in_order;
use super::{
    CheckedChunk, Chronology, Code, HtmlUnasked, MessageFind, MojibakeRows, MojibakeSet, Problem,
    RecordCounts, Repeats, Rules, Schedule, Tally, ToldOnce, Unmapped, column_like_field,
};

/// Something that a check has found.
#[derive(Debug)]
pub enum Finding {
    /// Something odd about the manifest, which keeps no row back.
    Warning(Warning),
    /// Something that keeps a row back.
    Problem(Problem),
}

/// What a check has counted.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Posts in the manifest, one a row unless a mapping makes more or fewer of it.
    pub rows: u64,
    /// What became of the records.
    pub records: RecordCounts,
    /// Values that the maps don't have.
    pub missing: MissingValues,
    /// Values that were left out because a table or a map doesn't have them.
    pub left_out: u64,
    /// Rows with at least one problem.
    pub invalid: u64,
    /// All problems; a row can have several.
    pub problems: u64,
    /// Attachments that can be sent.
    pub files: u64,
    /// Bytes of the attachments that can be sent.
    pub bytes: u64,
    /// Rows from which a dropped field is left out.
    pub dropped: u64,
    /// Rows whose posts mention users, and so notify them.
    pub mentioning: u64,
    /// Rows with control characters other than tab and line ends.
    pub with_control_characters: u64,
    /// Rows whose texts were decoded wrongly before the export.
    pub mojibake: MojibakeRows,
    /// When the valid rows are to be posted.
    pub schedule: Schedule,
    /// Problems by what is wrong.
    pub by_code: BTreeMap<Code, ProblemKind>,
    /// The first rows, as they would be posted.
    pub samples: Vec<RowSample>,
    /// The bytes of the largest attachment.
    pub largest_file: u64,
    /// Attachments that lie under a name which differs in case, Unicode form or outer blanks.
    pub otherwise_named: u64,
    /// Attachments that are HTML pages and are not called so.
    pub html_pages: u64,
    /// Folders of attachments that have none.
    pub empty_folders: u64,
    /// Rows whose texts seem to have been cut.
    pub cut: CutTexts,
    /// What the posts come to together.
    pub tally: Tally,
    /// The CRM entities that the rows name.
    pub entities: EntitySet,
    /// Hosts from which images of posts are shown, each with the rows that show some.
    pub image_hosts: BTreeMap<String, u64>,
    /// Images that can't be shown.
    pub images_left_out: u64,
    /// Rows whose texts look like HTML, which are sent as they are.
    pub html_unasked: u64,
    /// Warnings by their codes.
    pub warnings: BTreeMap<&'static str, u64>,
    /// Columns that are no fields, by name.
    pub ignored_columns: Vec<String>,
}

/// What is wrong in the same way with some rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemKind {
    /// Problems of this kind.
    pub count: u64,
    /// The row of the first one.
    pub row: u64,
    /// Its physical line.
    pub line: u64,
    /// What to do about it.
    pub advice: String,
}

impl ProblemKind {
    fn of(first: &Problem) -> ProblemKind {
        ProblemKind {
            count: 0,
            row: first.row,
            line: first.line,
            advice: first.advice.clone(),
        }
    }
}

/// A row as it would be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSample {
    /// Its number.
    pub row: u64,
    /// The CRM entity that it names.
    pub entity: Option<Entity>,
    /// The beginning of its title.
    pub title: Option<String>,
    /// The beginning of the text.
    pub message: String,
}

/// Rows that are shown.
const SAMPLES: u64 = 3;

/// Characters of their texts.
const SHOWN: usize = 60;

impl RowSample {
    fn of(at: Position, post: &Post<'_>) -> RowSample {
        let beginning = |text: &str| {
            let words: Vec<&str> = text.split_whitespace().take(SHOWN).collect();
            words.join(" ").chars().take(SHOWN).collect::<String>()
        };
        RowSample {
            row: at.row,
            entity: post.entity,
            title: post.title.as_deref().map(beginning),
            message: beginning(&post.message),
        }
    }
}

/// Checks every row of a manifest and tells of everything found, in the order of the manifest; what
/// is wrong with the file as a whole comes last. Whether a row is due is judged by `now`.
///
/// # Errors
/// When the manifest can't be read to its end.
pub fn check_manifest(
    manifest: &Manifest,
    rules: &Rules,
    now: Timestamp,
    tell: impl FnMut(Finding),
) -> Result<Findings, ManifestError> {
    let mut check = Check {
        columns: manifest.columns(),
        repeats: Repeats::default(),
        chronology: (!rules.target.keeps_manifest_order()).then(Chronology::default),
        findings: Findings::default(),
        html_unasked: HtmlUnasked::default(),
        valid_html: Schedule::default(),
        now,
        has_parts: manifest.mapping().is_some(),
        told_once: ToldOnce::default(),
        tell,
    };
    let mut unknown_keys = manifest.unknown_columns().clone();
    for warning in manifest.warnings() {
        check.warn(warning.clone());
    }
    keep_in_order(manifest, rules, |checked: &mut CheckedChunk<Brief>| {
        for warning in unknown_keys.merge(&checked.unknown_keys) {
            check.warn(warning);
        }
        check.findings.records += checked.records;
        check
            .findings
            .tally
            .join(std::mem::take(&mut checked.tally));
        checked.rows.iter_mut().for_each(|row| check.row(row));
        Ok::<(), ManifestError>(())
    })?;
    Ok(check.finish(&unknown_keys))
}

/// A check under way, on its way through the rows.
struct Check<'m, F> {
    columns: &'m Columns,
    repeats: Repeats,
    /// None where the target keeps the manifest's order.
    chronology: Option<Chronology>,
    findings: Findings,
    html_unasked: HtmlUnasked,
    /// When those of them are to be posted that nothing else is wrong with.
    valid_html: Schedule,
    now: Timestamp,
    /// Whether a record may be several posts.
    has_parts: bool,
    told_once: ToldOnce,
    tell: F,
}

impl<F: FnMut(Finding)> Check<'_, F> {
    fn warn(&mut self, warning: Warning) {
        *self.findings.warnings.entry(warning.code()).or_default() += 1;
        (self.tell)(Finding::Warning(warning));
    }

    fn problem(&mut self, problem: Problem) {
        if self.has_parts && !self.told_once.is_new(&problem) {
            return;
        }
        self.findings.problems += 1;
        let kind = self.findings.by_code.entry(problem.code);
        kind.or_insert_with(|| ProblemKind::of(&problem)).count += 1;
        (self.tell)(Finding::Problem(problem));
    }

    /// Takes the next row and tells its problems.
    fn row(&mut self, row: &mut Brief) {
        for value in &row.unmapped {
            let Unmapped { map, entity, old } = value;
            self.findings.missing.add(*map, *entity, old, row.at.row);
        }
        if row.is_skipped {
            return;
        }
        self.findings.count(row);
        let repeated = match (&row.bound, row.external_id.as_deref()) {
            (Some(key), _) => self.repeats.of_key(key, row.at),
            (None, Some(id)) => self.repeats.of_id((id, &row.part), row.at, self.columns),
            (None, None) => None,
        };
        let is_faulty = row.faults.is_some() || repeated.is_some();
        // A row with another problem isn't sent, so none can be late behind it.
        let late = match &mut self.chronology {
            Some(chronology) if !is_faulty => {
                chronology.late_at(row.at, row.text_bytes, row.dated, self.columns)
            }
            _ => None,
        };
        let is_html = row
            .message_find
            .take()
            .is_some_and(|find| self.take_find(*find));
        if !is_faulty && late.is_none() {
            if is_html {
                self.valid_html.add(row.publish_at, self.now);
            }
            return self.findings.schedule.add(row.publish_at, self.now);
        }
        self.findings.invalid += 1;
        let (own, on_disk) = row.faults.take().map(|faults| *faults).unwrap_or_default();
        for problem in own.into_iter().chain(repeated).chain(late).chain(on_disk) {
            self.problem(problem);
        }
    }

    /// Counts what is worth a word about a message; true if it looks like HTML.
    fn take_find(&mut self, find: MessageFind) -> bool {
        match find {
            MessageFind::HtmlUnasked(problem) => {
                self.html_unasked.add(problem);
                true
            }
            MessageFind::Images(images) => {
                self.findings.images_left_out += u64::from(images.left_out);
                count_hosts(&mut self.findings.image_hosts, images.hosts);
                false
            }
        }
    }

    /// Tells what the rows together have shown.
    fn finish(mut self, unknown_keys: &UnknownKeys) -> Findings {
        for warning in unknown_keys.empty_near() {
            self.warn(warning);
        }
        for (name, key) in unknown_keys.near() {
            if let Some(problem) = column_like_field(name, key) {
                self.problem(problem);
            }
        }
        self.judge_html();
        let mut findings = self.findings;
        findings.ignored_columns = unknown_keys.all();
        let odd = [
            ("control_characters", findings.with_control_characters),
            ("attachment_otherwise_named", findings.otherwise_named),
            ("attachment_html_page", findings.html_pages),
            ("attachment_folder_empty", findings.empty_folders),
            ("value_left_out", findings.left_out),
            ("text_cut_by_excel", findings.cut.excel.count),
            ("text_cut_by_database", findings.cut.database.count),
            ("exploded_columns_full", findings.records.full),
            ("image_left_out", findings.images_left_out),
            ("message_like_html", findings.html_unasked),
        ];
        let odd = odd.into_iter().filter(|(_, count)| *count > 0);
        findings.warnings.extend(odd);
        findings.warnings.extend(findings.mojibake.counts());
        findings
    }

    /// Rows whose texts look like HTML hold the file back, or deserve a word.
    fn judge_html(&mut self) {
        let Some(problem) = self.html_unasked.problem(self.findings.rows) else {
            self.findings.html_unasked = self.html_unasked.rows();
            return;
        };
        let (valid, schedule) = (self.valid_html, &mut self.findings.schedule);
        self.findings.invalid += valid.due + valid.not_due;
        schedule.due -= valid.due;
        schedule.not_due -= valid.not_due;
        schedule.overdue -= valid.overdue;
        self.problem(problem);
    }
}

/// What a check keeps of a row: less than a [`CheckedRow`](super::CheckedRow), and no memory of its
/// own where nothing is wrong and the ID is of usual length. With those and a `String`, a check of
/// short rows took nearly twice as long.
struct Brief {
    at: Position,
    external_id: Option<CompactString>,
    part: CompactString,
    bound: Option<RowKey>,
    is_skipped: bool,
    left_out: u32,
    unmapped: Vec<Unmapped>,
    text_bytes: u64,
    /// The entity whose posts it is one of, and when it was written.
    dated: Option<(Entity, Timestamp)>,
    publish_at: Option<Timestamp>,
    files: u64,
    bytes: u64,
    largest_file: u64,
    otherwise_named: u64,
    html_pages: u64,
    empty_folders: u64,
    entity: Option<Entity>,
    has_control_chars: bool,
    mojibake: MojibakeSet,
    cut: Option<Cut>,
    has_dropped: bool,
    has_mention: bool,
    /// The row itself, if it is one of the first.
    sample: Option<Box<RowSample>>,
    message_find: Option<Box<MessageFind>>,
    /// What is wrong with the row itself, and what with its files, if the row is invalid.
    faults: Option<Box<(Vec<Problem>, Vec<Problem>)>>,
}

impl KeptRow for Brief {
    const CONTENT: bool = false;
    const TALLY: bool = true;

    fn at(&mut self) -> &mut Position {
        &mut self.at
    }

    fn of(row: &RowOutcome<'_, '_>, _: &Rules) -> Brief {
        let (reading, post) = (row.reading, row.reading.draft());
        let created_at = post.created_at.map(|moment| moment.instant);
        Brief {
            at: row.at,
            external_id: post.external_id.as_deref().map(CompactString::new),
            part: reading.part().into(),
            bound: reading.bound().cloned(),
            is_skipped: reading.is_skipped(),
            left_out: reading.left_out(),
            unmapped: reading.unmapped().to_vec(),
            text_bytes: row.text_bytes(),
            dated: created_at.and_then(|date| Some((post.feed_entity()?, date))),
            publish_at: post.publish_at.map(|moment| moment.instant),
            files: row.files().len() as u64,
            bytes: row.files().iter().map(|file| file.size).sum(),
            largest_file: row.files().iter().map(|file| file.size).max().unwrap_or(0),
            otherwise_named: row.found().map_or(0, |found| found.otherwise_named.into()),
            html_pages: row.found().map_or(0, |found| found.html_pages.into()),
            empty_folders: row.found().map_or(0, |found| found.empty_folders.into()),
            entity: post.entity,
            sample: (row.at.row <= SAMPLES).then(|| Box::new(RowSample::of(row.at, post))),
            has_control_chars: reading.has_control_chars(),
            cut: Cut::of(&post.message),
            mojibake: row.mojibake(),
            has_dropped: reading.has_dropped(),
            has_mention: reading.has_mention(),
            message_find: reading.message_find().cloned().map(Box::new),
            faults: (!row.is_good()).then(|| Box::new((row.problems(), row.disk_problems()))),
        }
    }
}

impl Findings {
    fn count(&mut self, row: &mut Brief) {
        self.rows += 1;
        self.files += row.files;
        self.bytes += row.bytes;
        self.largest_file = self.largest_file.max(row.largest_file);
        self.otherwise_named += row.otherwise_named;
        self.html_pages += row.html_pages;
        self.cut.add(row.at.row, row.cut);
        self.empty_folders += row.empty_folders;
        self.left_out += u64::from(row.left_out);
        if (self.samples.len() as u64) < SAMPLES {
            self.samples.extend(row.sample.take().map(|sample| *sample));
        }
        if let Some(entity) = row.entity {
            self.entities.insert(entity);
        }
        self.dropped += u64::from(row.has_dropped);
        self.mentioning += u64::from(row.has_mention);
        self.with_control_characters += u64::from(row.has_control_chars);
        self.mojibake.add(row.at.row, row.mojibake);
    }
}

/// Hosts that are listed.
const MOST_HOSTS: usize = 100;

fn count_hosts(counts: &mut BTreeMap<String, u64>, hosts: Vec<String>) {
    for host in hosts {
        if counts.len() < MOST_HOSTS || counts.contains_key(&host) {
            *counts.entry(host).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests;
