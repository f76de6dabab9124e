//! A manifest that was posted to its end is known again by its bytes; see
//! [`Seal`](crate::ledger::Seal).

use crate::check::{self, Rules};
use crate::ledger::{Ledger, Seal, Sealed};
use crate::manifest::Manifest;
use crate::post::Field;

use super::ending::Ending;
use super::interrupt::Interrupt;
use super::job::Break;
use super::summary::Summary;
use super::surveyed::Survey;

/// What a survey would say of the manifest, if the ledger is sealed with it: nothing is left to do.
pub fn recognise(
    manifest: &Manifest,
    rules: &Rules,
    ledger: &Ledger,
    interrupt: &Interrupt,
) -> Result<Option<Survey>, Break> {
    let hash = || {
        let hash = manifest.fingerprint(|| interrupt.times() == 0)?;
        hash.ok_or(Break::Off(Ending::Interrupted))
    };
    let sealed = ledger.sealed(rules.target.name(), manifest.size(), hash)?;
    let Some(Sealed { rows, files }) = sealed else {
        return Ok(None);
    };
    // Files that are dropped are not looked at.
    if !files.is_empty() && !rules.dropped.contains(Field::Attachments) {
        let sizes = check::file_sizes(manifest, rules, || interrupt.times() == 0)?;
        if sizes.ok_or(Break::Off(Ending::Interrupted))? != files {
            return Ok(None);
        }
    }
    Ok(Some(Survey {
        total: rows,
        already_posted: rows,
        ..Survey::default()
    }))
}

/// Seals the ledger if the manifest is posted to its last row and a rerun would have nothing to
/// tell of it. A seal only saves time, so a failure to set one is none of the run's.
pub fn set(
    manifest: &Manifest,
    rules: &Rules,
    ledger: &mut Ledger,
    summary: &Summary,
    interrupt: &Interrupt,
) {
    // Rows that went without their files are in the ledger as rows without any.
    let is_whole = !rules.dropped.contains(Field::Attachments);
    if summary.total == 0 || !summary.is_all_posted() || !is_whole {
        return;
    }
    let seal = Seal {
        manifest_bytes: manifest.size(),
        rows: summary.total,
        target: rules.target.name(),
    };
    let hash = || {
        let hash = manifest.fingerprint(|| interrupt.times() == 0);
        hash.ok().flatten()
    };
    let _slower_next_time = ledger.seal(&seal, hash);
}
