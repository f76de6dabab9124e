//! The check of a whole manifest, without any ledger.

use crate::manifest::{Columns, Manifest, ManifestError, Position, UnknownKeys, Warning};

use super::chronology::Written;
use super::chunk::{Gather, Look};
use super::in_order::gather_in_order;
use super::repeats::{self, Ids};
use super::{CheckedChunk, CheckedRow, Chronology, Problem, Repeats, Rules};

/// Something that a check has found.
#[derive(Debug)]
pub enum Finding {
    Warning(Warning),
    Problem(Problem),
}

/// What a check has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
}

/// Checks every row of a manifest and tells of everything found, in the order of the manifest.
///
/// # Errors
/// When the manifest can't be read to its end.
pub fn check_manifest(
    manifest: &Manifest,
    rules: &Rules,
    mut tell: impl FnMut(Finding),
) -> Result<Findings, ManifestError> {
    let mut across = Across {
        columns: manifest.columns(),
        repeats: Repeats::default(),
        chronology: (!rules.target.keeps_manifest_order()).then(Chronology::default),
    };
    let mut findings = Findings::default();
    let mut unknown_keys = UnknownKeys::default();
    for warning in manifest.warnings() {
        tell(Finding::Warning(warning.clone()));
    }
    gather_in_order(manifest, rules, |checked: &mut CheckedChunk<Digest>| {
        for warning in unknown_keys.merge(&checked.unknown_keys) {
            tell(Finding::Warning(warning));
        }
        across.repeats.expect(checked.expected_rows);
        across.look(&mut checked.rows, &mut findings, &mut tell);
        Ok::<(), ManifestError>(())
    })?;
    Ok(findings)
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
    fn look(
        &mut self,
        digest: &mut Digest,
        findings: &mut Findings,
        tell: &mut impl FnMut(Finding),
    ) {
        findings.add(&digest.counted);
        let Some(first) = digest.rows.first() else {
            return;
        };
        let repeated = self.repeats.of_rows(first.at.number, &digest.ids);
        if repeated.is_empty() && digest.faulty.is_empty() && digest.dated.is_empty() {
            if let Some(chronology) = &mut self.chronology {
                let text_bytes = digest.rows.iter().map(|row| row.text_bytes).sum();
                chronology.pass(digest.rows.len(), text_bytes);
            }
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
            let (own, on_disk) = faulty
                .map(|row| (row.problems, row.disk_problems))
                .unwrap_or_default();
            let before = findings.problems;
            for problem in own.into_iter().chain(repeated).chain(late).chain(on_disk) {
                findings.problems += 1;
                tell(Finding::Problem(problem));
            }
            findings.invalid += u64::from(findings.problems > before);
        }
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
    }

    fn add(&mut self, counted: &Findings) {
        self.rows += counted.rows;
        self.files += counted.files;
        self.bytes += counted.bytes;
        self.dropped += counted.dropped;
        self.mentioning += counted.mentioning;
    }
}

#[cfg(test)]
mod tests;
