//! Every row of a manifest with all that is wrong with it, also what the rows before it have shown.

use crate::manifest::{Manifest, ManifestError};

use super::{CheckedRow, Chronology, Repeats, Rules, check_in_order};

/// Checks a manifest without any ledger and hands every row over, in order, but for those that the
/// mapping leaves out.
///
/// # Errors
/// When the manifest can't be read to its end; or whatever `take` says, which ends the check.
pub fn each_row<E: From<ManifestError>>(
    manifest: &Manifest,
    rules: &Rules,
    mut take: impl FnMut(&CheckedRow) -> Result<(), E>,
) -> Result<(), E> {
    let columns = manifest.columns();
    let mut repeats = Repeats::default();
    let mut chronology = (!rules.target.keeps_manifest_order()).then(Chronology::default);
    check_in_order(manifest, rules, |checked| {
        for row in checked.rows.iter_mut().filter(|row| !row.is_skipped) {
            let repeated = match (&row.bound, row.external_id.as_deref()) {
                (Some(key), _) => repeats.of_key(key, row.at),
                (None, Some(id)) => repeats.of_id((id, &row.part), row.at, columns),
                (None, None) => None,
            };
            row.problems.extend(repeated);
            if let Some(chronology) = chronology.as_mut().filter(|_| !row.is_invalid()) {
                let late = chronology.late(row, columns);
                row.problems.extend(late);
            }
            take(row)?;
        }
        Ok(())
    })
}
