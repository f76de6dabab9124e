//! A manifest that was posted to its end is known again by its bytes and its files' sizes; see
//! [`Seal`](crate::ledger::Seal).

use std::panic::resume_unwind;
use std::thread;

use crate::check::{self, Rules};
use crate::ledger::{Ledger, Seal};
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
    let sealed = ledger.sealed(rules.target.name(), manifest.size())?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let goes_on = || interrupt.times() == 0;
    let interrupted = || Break::Off(Ending::Interrupted);
    // A row may have been posted without the files that it names, so that there are none in the
    // ledger is not enough. Files that are dropped are not looked at.
    let has_files =
        manifest.may_have(Field::Attachments) && !rules.dropped.contains(Field::Attachments);
    let (hash, sizes) = thread::scope(|scope| {
        let hash = scope.spawn(|| manifest.fingerprint(goes_on));
        let go_on = || goes_on().then_some(()).ok_or_else(interrupted);
        let sizes = match has_files {
            true => check::file_sizes(manifest, rules, go_on),
            false => Ok(sealed.files),
        };
        (
            hash.join().unwrap_or_else(|panic| resume_unwind(panic)),
            sizes,
        )
    });
    let (hash, sizes) = (hash?.ok_or_else(interrupted)?, sizes?);
    if (hash, sizes) != (sealed.manifest, sealed.files) {
        return Ok(None);
    }
    Ok(Some(Survey {
        total: sealed.rows,
        already_posted: sealed.rows,
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
    if summary.total == 0 || !summary.is_all_posted() {
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
