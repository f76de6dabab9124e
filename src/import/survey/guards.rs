//! Guards against posting twice what an edit, another name or another ID has made look new.

use std::path::Path;

use crate::ledger::{Ledger, LedgerError, OtherLedgers, Register, Vanished, saying};
use crate::manifest::{Manifest, Position};
use crate::post::{Entity, RowKey};

use crate::import::ending::Break;
use crate::import::error::{ChangedIds, RunError};
use crate::import::notice::Notice;
use crate::import::reporter::Reporter;
use crate::import::survey::counts::Survey;
use crate::import::survey::new_rows::{Enough, SecondReading};

/// The other ledgers of the portal. One that can't be read is a warning, and so is the register.
pub fn elsewhere(
    ledger: &Ledger,
    manifest: &Manifest,
    portal: &str,
    register: Option<&Register>,
    reporter: &mut dyn Reporter,
) -> OtherLedgers {
    let registered = register.map_or(Ok(Vec::new()), |register| register.ledgers(portal));
    let registered = registered.unwrap_or_else(|error| {
        reporter.notice(&Notice::RegisterUnread(&error));
        Vec::new()
    });
    let beside = match ledger.path().parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folders = [manifest.folder(), beside];
    let (elsewhere, unread) = OtherLedgers::find(ledger.path(), portal, registered, &folders);
    for error in unread {
        reporter.notice(&Notice::OtherLedgerUnread(&error));
    }
    elsewhere
}

/// Refuses to send rows that another ledger has sent.
pub fn stop_if_sent_elsewhere(
    reading: SecondReading<'_>,
    elsewhere: &OtherLedgers,
) -> Result<(), Break> {
    if reading.surveyed.new_rows == 0 || elsewhere.is_empty() {
        return Ok(());
    }
    let Some(sent) = reading.sent_elsewhere(elsewhere)? else {
        return Ok(());
    };
    Err(RunError::OtherLedger {
        row: sent.number,
        ledger: sent.ledger,
    }
    .into())
}

/// Refuses to go on where a posted row without an ID of its own now has a later time: without an ID
/// it counts as the row that is posted already, and would not be posted again.
pub fn stop_if_repeated(surveyed: &Survey, accepted: bool) -> Result<(), RunError> {
    let Some(repeated) = surveyed.repeated.filter(|_| !accepted) else {
        return Ok(());
    };
    Err(RunError::RepeatedRow {
        row: repeated.at.row,
        line: repeated.at.line,
        publish_at: repeated.publish_at,
    })
}

/// The first new row that says the same as a vanished one, and all vanished rows that new ones
/// repeat.
pub struct Alike {
    at: Position,
    key: RowKey,
    entity: Option<Entity>,
    vanished: RowKey,
    /// The vanished rows, by their numbers in the ledger.
    ids: Vec<u64>,
}

/// Vanished rows that new ones repeat under other IDs or none, whatever their dates.
pub fn alike(ledger: &Ledger, reading: SecondReading<'_>) -> Result<Option<Alike>, Break> {
    let surveyed = reading.surveyed;
    if surveyed.rows.gone == 0 || surveyed.new_rows == 0 {
        return Ok(None);
    }
    let vanished = ledger.vanished(|id| surveyed.is_matched(id))?;
    if vanished.is_empty() {
        return Ok(None);
    }
    let (mut first, mut ids) = (None, Vec::new());
    reading.each(|found| {
        let new = &found.row;
        let same = saying_the_same(&vanished, saying(new.message, new.entity));
        if let Some(row) = same.first() {
            first.get_or_insert((found.at, found.key, new.entity, row.id));
            ids.extend(same.iter().map(|row| row.id));
        }
        Ok(Enough::No)
    })?;
    let Some((at, key, entity, id)) = first else {
        return Ok(None);
    };
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(Alike {
        at,
        key,
        entity,
        vanished: ledger.key_of(id)?,
        ids,
    }))
}

/// Those of the vanished rows, sorted by what they say, that say this.
fn saying_the_same(vanished: &[Vanished], saying: u64) -> &[Vanished] {
    let start = vanished.partition_point(|row| row.saying < saying);
    let length = vanished[start..].partition_point(|row| row.saying == saying);
    &vanished[start..start + length]
}

/// Stops where vanished rows are there again under other IDs.
pub fn stop_if_alike(alike: Option<&Alike>, accepted: bool) -> Result<(), RunError> {
    let Some(alike) = alike.filter(|_| !accepted) else {
        return Ok(());
    };
    Err(RunError::ChangedIds(Box::new(ChangedIds {
        rows: alike.ids.len(),
        row: alike.at.row,
        line: alike.at.line,
        key: alike.key.clone(),
        entity: alike.entity,
        vanished: alike.vanished.clone(),
    })))
}

/// Refuses to send rows that look new because the ledger is damaged. While every row that the
/// ledger knows is found in the manifest, no damage can have hidden one; else its file is checked.
///
/// # Errors
/// When the ledger is damaged or can't be read.
pub fn stop_if_damaged(ledger: &Ledger, surveyed: &Survey) -> Result<(), LedgerError> {
    let has_changed_keys = !surveyed.renames.is_empty();
    if has_changed_keys || surveyed.unmatched > 0 && surveyed.new_rows > 0 {
        ledger.check_whole()?;
    }
    Ok(())
}

/// Stops when arrived rows without an ID of their own have vanished while new rows have come: they
/// may be posted rows that were edited.
pub fn stop_if_edited(surveyed: &Survey, accepted: bool) -> Result<(), RunError> {
    let Some(new) = edited(surveyed).filter(|_| !accepted) else {
        return Ok(());
    };
    Err(RunError::EditedRows {
        vanished: surveyed.vanished,
        new: surveyed.new_rows,
        row: new.row,
        line: new.line,
    })
}

/// Tells the ledger what was edited in the manifest: that vanished rows were accepted as gone, so
/// that it isn't asked about again, and that rows have got an ID of their own.
pub fn note_edits(
    ledger: &mut Ledger,
    surveyed: &Survey,
    alike: Option<&Alike>,
    at: i64,
) -> Result<(), LedgerError> {
    if let Some(alike) = alike {
        ledger.accept_as_gone(&alike.ids)?;
    }
    if edited(surveyed).is_some() {
        let repeats = &surveyed.repeats;
        ledger.leave_behind(|id, key, content| {
            if surveyed.is_matched(id) {
                return false;
            }
            key.ordinal().is_some_and(|ordinal| {
                let content = content.with_part(key.hashed_part());
                !repeats.contains(content, ordinal)
            })
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
