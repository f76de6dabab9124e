//! A manifest that was posted to its end is known again by its bytes; see
//! [`Seal`](crate::ledger::Seal).

use crate::ledger::{Ledger, Seal};
use crate::manifest::Manifest;

use super::job::Break;
use super::summary::Summary;
use super::surveyed::Survey;

/// What a survey would say of the manifest, if the ledger is sealed with it: nothing is left to do.
pub fn recognise(
    manifest: &Manifest,
    target: &str,
    ledger: &Ledger,
) -> Result<Option<Survey>, Break> {
    let hash = || Ok::<_, Break>(manifest.fingerprint()?);
    let rows = ledger.sealed_rows(target, manifest.size(), hash)?;
    Ok(rows.map(|rows| Survey {
        total: rows,
        already_posted: rows,
        ..Survey::default()
    }))
}

/// Seals the ledger if the manifest is posted to its last row and a rerun would have nothing to
/// tell of it. A seal only saves time, so a failure to set one is none of the run's.
pub fn set(manifest: &Manifest, target: &str, ledger: &mut Ledger, summary: &Summary) {
    if summary.total == 0 || !summary.is_all_posted() {
        return;
    }
    if let Ok(hash) = manifest.fingerprint() {
        let _slower_next_time = ledger.seal(&Seal {
            manifest: hash,
            manifest_bytes: manifest.size(),
            rows: summary.total,
            target,
        });
    }
}
