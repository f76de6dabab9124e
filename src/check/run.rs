//! The check of a whole manifest, without any ledger.

use crate::manifest::{Manifest, ManifestError, UnknownKeys, Warning};

use super::{CheckedRow, Chronology, Problem, Repeats, Rules, check_in_order};

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
    let mut findings = Findings::default();
    let mut repeats = Repeats::default();
    let mut chronology = Chronology::default();
    let mut unknown_keys = UnknownKeys::default();
    for warning in manifest.warnings() {
        tell(Finding::Warning(warning.clone()));
    }
    check_in_order(manifest, rules, |checked| {
        for warning in unknown_keys.merge(&checked.unknown_keys) {
            tell(Finding::Warning(warning));
        }
        for row in checked.rows() {
            let across = repeats.external_id(row, manifest.columns());
            let is_good = row.problems.is_empty() && row.disk_problems.is_empty();
            let is_sent = is_good && across.is_none();
            let across = match is_sent && !rules.target.keeps_manifest_order() {
                true => chronology.late(row, manifest.columns()),
                false => across,
            };
            findings.take(row, across, &mut tell);
        }
        Ok::<(), ManifestError>(())
    })?;
    Ok(findings)
}

impl Findings {
    fn take(&mut self, row: &CheckedRow, across: Option<Problem>, tell: &mut impl FnMut(Finding)) {
        self.rows += 1;
        self.files += u64::from(row.attachments);
        self.bytes += row.attachment_bytes;
        self.dropped += u64::from(row.has_dropped);
        self.mentioning += u64::from(row.has_mention);
        let before = self.problems;
        let (own, on_disk) = (row.problems.iter(), row.disk_problems.iter());
        for problem in own.chain(&across).chain(on_disk) {
            self.problems += 1;
            tell(Finding::Problem(problem.clone()));
        }
        self.invalid += u64::from(self.problems > before);
    }
}
