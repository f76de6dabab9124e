//! The check of a whole manifest, without any ledger.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::manifest::{Columns, Manifest, ManifestError, Position, UnknownKeys, Warning};

use super::chronology::Written;
use super::chunk::{Gather, Look};
use super::in_order::gather_in_order;
use super::repeats::{self, Ids};
use super::schedule::{Schedule, Times};
use super::{
    CheckedChunk, CheckedRow, Chronology, Code, Problem, Repeats, Rules, column_like_field,
};

/// Something that a check has found.
#[derive(Debug)]
pub enum Finding {
    Warning(Warning),
    Problem(Problem),
}

/// What a check has counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub rows: u64,
    /// Rows with at least one problem.
    pub invalid: u64,
    pub problems: u64,
    /// Attachments that can be sent, and their bytes.
    pub files: u64,
    pub bytes: u64,
    /// Rows from which a dropped field is left out.
    pub dropped: u64,
    /// Rows whose posts mention users, and so notify them.
    pub mentioning: u64,
    /// Rows with control characters other than tab and line ends.
    pub with_control_characters: u64,
    /// When the valid rows are to be posted.
    pub schedule: Schedule,
    /// Problems by what is wrong.
    pub by_code: BTreeMap<Code, u64>,
    /// Warnings by their codes.
    pub warnings: BTreeMap<&'static str, u64>,
    /// Columns that are no fields, by name.
    pub ignored_columns: Vec<String>,
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
    let mut across = Across {
        columns: manifest.columns(),
        repeats: Repeats::default(),
        chronology: (!rules.target.keeps_manifest_order()).then(Chronology::default),
    };
    let mut report = Report {
        findings: Findings::default(),
        now,
        tell,
    };
    let mut unknown_keys = manifest.unknown_columns().clone();
    manifest
        .warnings()
        .iter()
        .for_each(|warning| report.warn(warning.clone()));
    gather_in_order(manifest, rules, |checked: &mut CheckedChunk<Digest>| {
        let warnings = unknown_keys.merge(&checked.unknown_keys);
        warnings
            .into_iter()
            .for_each(|warning| report.warn(warning));
        across.repeats.expect(checked.expected_rows);
        across.look(&mut checked.rows, &mut report);
        Ok::<(), ManifestError>(())
    })?;
    Ok(report.finish(&unknown_keys))
}

/// What is counted and told.
struct Report<F> {
    findings: Findings,
    now: Timestamp,
    tell: F,
}

impl<F: FnMut(Finding)> Report<F> {
    fn warn(&mut self, warning: Warning) {
        *self.findings.warnings.entry(warning.code()).or_default() += 1;
        (self.tell)(Finding::Warning(warning));
    }

    fn problem(&mut self, problem: Problem) {
        self.findings.problems += 1;
        *self.findings.by_code.entry(problem.code).or_default() += 1;
        (self.tell)(Finding::Problem(problem));
    }

    /// Tells what the rows together have shown.
    fn finish(mut self, unknown_keys: &UnknownKeys) -> Findings {
        unknown_keys
            .empty_near()
            .for_each(|warning| self.warn(warning));
        for (name, key) in unknown_keys.near() {
            column_like_field(name, key)
                .into_iter()
                .for_each(|problem| self.problem(problem));
        }
        let mut findings = self.findings;
        findings.ignored_columns = unknown_keys.all();
        if findings.with_control_characters > 0 {
            let count = findings.with_control_characters;
            findings.warnings.insert("control_characters", count);
        }
        findings.schedule.due = findings.rows - findings.invalid - findings.schedule.not_due;
        findings
    }
}

/// What a worker leaves of the rows of a chunk: little of those without any problem.
#[derive(Default)]
struct Digest {
    counted: Findings,
    rows: Vec<Brief>,
    /// The rows' own IDs.
    ids: Ids,
    /// When rows without a problem were written, with their numbers and in their order.
    dated: Vec<(u64, Written)>,
    /// When rows without a problem are to be posted.
    times: Times,
    /// The rows with problems, in their order.
    faulty: Vec<CheckedRow>,
}

/// What is looked at across rows.
struct Brief {
    at: Position,
    text_bytes: u64,
}

impl Gather for Digest {
    const CONTENTS: bool = false;

    fn restart(&mut self, rows: usize) {
        self.counted = Findings::default();
        self.rows.clear();
        self.rows.reserve(rows);
        self.ids.restart(rows);
        self.dated.clear();
        self.times.clear();
        self.faulty.clear();
    }

    fn room(&self) -> usize {
        self.rows.capacity() * size_of::<Brief>() + self.ids.room()
    }

    fn add(&mut self, look: Look<'_, '_>) {
        self.counted.count(&look);
        self.ids.add(look.reading.external_id());
        self.rows.push(Brief {
            at: look.at,
            text_bytes: look.text_bytes(),
        });
        if look.is_faulty() {
            self.faulty.push(look.into_row());
        } else {
            let post = look.reading.draft();
            let created_at = post.created_at.map(|moment| moment.instant);
            let written = Written::of(post.record(), created_at);
            let dated = written.map(|written| (look.at.number, written));
            self.dated.extend(dated);
            let publish_at = post.publish_at.map(|moment| moment.instant);
            self.times.add(look.at.number, publish_at);
        }
    }
}

/// What no row shows by itself.
struct Across<'m> {
    columns: &'m Columns,
    repeats: Repeats,
    /// None where the target keeps the manifest's order.
    chronology: Option<Chronology>,
}

impl Across<'_> {
    /// Looks at the rows of a chunk and tells their problems.
    fn look(&mut self, digest: &mut Digest, report: &mut Report<impl FnMut(Finding)>) {
        report.findings.add(&digest.counted);
        let Some(first) = digest.rows.first() else {
            return;
        };
        let repeated = self.repeats.of_rows(first.at.number, &digest.ids);
        if repeated.is_empty() && digest.faulty.is_empty() && digest.dated.is_empty() {
            if let Some(chronology) = &mut self.chronology {
                let text_bytes = digest.rows.iter().map(|row| row.text_bytes).sum();
                chronology.pass(digest.rows.len(), text_bytes);
            }
            report.findings.schedule.add(&digest.times, report.now);
            return;
        }
        let mut repeated = repeated.into_iter().peekable();
        let mut dated = digest.dated.drain(..).peekable();
        let mut faulty = digest.faulty.drain(..).peekable();
        for (brief, id) in digest.rows.iter().zip(digest.ids.iter()) {
            let at = brief.at;
            let repeated = repeated
                .next_if(|(row, _)| u64::from(*row) == at.number)
                .map(|(_, earlier)| repeats::repeated(id, at, earlier, self.columns));
            let written = dated.next_if(|(row, _)| *row == at.number);
            let faulty = faulty.next_if(|row| row.at == at);
            let late = match (&repeated, &faulty) {
                (None, None) => self.late(brief, written.map(|(_, written)| written)),
                // A row with another problem isn't sent and takes no place.
                _ => None,
            };
            let is_invalid = faulty.is_some() || repeated.is_some() || late.is_some();
            let (own, on_disk) = faulty
                .map(|row| (row.problems, row.disk_problems))
                .unwrap_or_default();
            for problem in own.into_iter().chain(repeated).chain(late).chain(on_disk) {
                report.problem(problem);
            }
            if is_invalid {
                report.findings.invalid += 1;
                digest.times.remove(at.number);
            }
        }
        report.findings.schedule.add(&digest.times, report.now);
    }

    /// The problem of a row that comes too late after a newer one of its record.
    fn late(&mut self, brief: &Brief, written: Option<Written>) -> Option<Problem> {
        let chronology = self.chronology.as_mut()?;
        chronology.pass(1, brief.text_bytes);
        chronology.dated(brief.at, written?, self.columns)
    }
}

impl Findings {
    fn count(&mut self, look: &Look<'_, '_>) {
        self.rows += 1;
        self.files += u64::from(look.files.count);
        self.bytes += look.files.bytes;
        self.dropped += u64::from(look.reading.has_dropped());
        self.mentioning += u64::from(look.reading.has_mention());
        self.with_control_characters += u64::from(look.reading.has_control_chars());
    }

    fn add(&mut self, counted: &Findings) {
        self.rows += counted.rows;
        self.files += counted.files;
        self.bytes += counted.bytes;
        self.dropped += counted.dropped;
        self.mentioning += counted.mentioning;
        self.with_control_characters += counted.with_control_characters;
    }
}

#[cfg(test)]
mod tests;
