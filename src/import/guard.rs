//! Guards against posting twice what an edit or a renamed file has made look new.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ledger::{Ledger, LedgerError, is_same_portal};
use crate::manifest::Position;

use super::job::Break;
use super::summary::RunError;
use super::surveyed::Survey;

/// Other ledgers of the same portal in the folder of a ledger that is still empty. One that can't
/// be read is none of ours.
///
/// # Errors
/// When the ledger itself can't be read.
pub fn siblings(ledger: &Ledger, portal: &str) -> Result<Vec<Ledger>, LedgerError> {
    if ledger.count_rows()? > 0 {
        return Ok(Vec::new());
    }
    let is_ours = |other: &Ledger| {
        let bound = other.binding().ok().and_then(|binding| binding.portal);
        bound.is_some_and(|bound| is_same_portal(&bound, portal))
    };
    let others = ledger_files(ledger.path()).into_iter();
    let open = others.filter_map(|path| Ledger::open_to_read(&path).ok());
    Ok(open.filter(is_ours).collect())
}

fn ledger_files(own: &Path) -> Vec<PathBuf> {
    let folder = match own.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let is_ledger = |name: &OsStr| name.to_string_lossy().ends_with(".ledger.db");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| {
            is_ledger(&entry.file_name()) && Some(&*entry.file_name()) != own.file_name()
        })
        .map(|entry| entry.path())
        .collect();
    files.sort_unstable();
    files
}

/// Refuses to begin a ledger where another one knows rows of this manifest.
pub fn stop_if_known_elsewhere(surveyed: &Survey) -> Result<(), Break> {
    let Some(elsewhere) = &surveyed.known_elsewhere else {
        return Ok(());
    };
    let ledger = elsewhere.ledger.display();
    Err(Break::Error(RunError::new(
        "other_ledger",
        format!(
            "row {} of this manifest is known to the ledger {ledger}, and this run would begin a \
             new one: the manifest was probably renamed or copied. Go on with --ledger {ledger}, \
             or, if its rows are to be posted again, say so with --new-ledger",
            elsewhere.row
        ),
    )))
}

/// Refuses to send rows that look new because the ledger is damaged. While every row that the
/// ledger knows is found in the manifest, no damage can have hidden one; else its file is checked.
///
/// # Errors
/// When the ledger is damaged or can't be read.
pub fn stop_if_damaged(ledger: &Ledger, surveyed: &Survey) -> Result<(), LedgerError> {
    if surveyed.gone > 0 && surveyed.new_rows > 0 {
        ledger.check_whole()?;
    }
    Ok(())
}

/// Stops when arrived rows without an ID of their own have vanished while new rows have come: they
/// may be posted rows that were edited.
pub fn stop_if_edited(surveyed: &Survey, accepted: bool) -> Result<(), Break> {
    let Some(new) = edited(surveyed).filter(|_| !accepted) else {
        return Ok(());
    };
    Err(Break::Error(RunError::new(
        "edited_rows",
        format!(
            "{} rows without external_id that were posted or are in doubt are no longer in the \
             manifest, while {} rows are new, the first of them row {} (line {}). If posted rows \
             were edited, sending now would post them twice. Undo the edits, or go on with \
             --accept-edits",
            surveyed.vanished, surveyed.new_rows, new.number, new.line
        ),
    )))
}

/// Tells the ledger what was edited in the manifest: that vanished rows were accepted as gone, so
/// that it isn't asked about again, and that rows have got an ID of their own.
pub fn note_edits(ledger: &mut Ledger, surveyed: &Survey, at: i64) -> Result<(), LedgerError> {
    if edited(surveyed).is_some() {
        let repeats = &surveyed.repeats;
        ledger.leave_behind(|key, content| {
            key.ordinal()
                .is_some_and(|ordinal| !repeats.contains(content, ordinal))
        })?;
    }
    match surveyed.renames.as_slice() {
        [] => Ok(()),
        renames => ledger.rename(renames, at),
    }
}

/// The first new row, where others have vanished.
fn edited(surveyed: &Survey) -> Option<Position> {
    surveyed.first_new.filter(|_| surveyed.vanished > 0)
}
