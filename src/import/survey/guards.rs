//! Guards against posting twice what an edit, another name or another ID has made look new.

use std::path::Path;

use crate::ledger::{Ledger, LedgerError, OtherLedgers, Register, Vanished, saying};
use crate::manifest::{Manifest, Position};
use crate::post::{Entity, RowKey};

use crate::import::ending::Break;
use crate::import::reporter::Reporter;
use crate::import::summary::RunError;
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
        reporter.note(&format!(
            "warning: {error}; rows that were posted from another folder are not recognised"
        ));
        Vec::new()
    });
    let beside = match ledger.path().parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folders = [manifest.folder(), beside];
    let (elsewhere, unread) = OtherLedgers::find(ledger.path(), portal, registered, &folders);
    for error in unread {
        reporter.note(&format!(
            "warning: rows that this other ledger may have posted are not recognised: {error}"
        ));
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
    let ledger = sent.ledger.display();
    Err(Break::Error(RunError::new(
        "other_ledger",
        format!(
            "row {} of this manifest is posted or in doubt in the ledger {ledger}, and this run \
             would post it again: the manifest was probably copied, moved or renamed. Go on with \
             --ledger {ledger}, or, if its rows are to be posted once more, say so with \
             --new-ledger",
            sent.number
        ),
    )))
}

/// Refuses to go on where a posted row without an ID of its own is to be posted at a later time: it
/// stays the row that it is, and would never be.
pub fn stop_if_repeated(surveyed: &Survey, accepted: bool) -> Result<(), Break> {
    let Some(repeated) = surveyed.repeated.filter(|_| !accepted) else {
        return Ok(());
    };
    Err(Break::Error(RunError::new(
        "repeated_row",
        format!(
            "row {} (line {}) was posted before {}, its publish_at now, and without external_id it \
             is still that row, so it would not be posted again. Give a repeated announcement an \
             external_id such as its date, and go on with --accept-edits",
            repeated.at.number, repeated.at.line, repeated.publish_at
        ),
    )))
}

/// A new row that says what one said that has vanished, and how many vanished rows there are that
/// new ones say again.
pub struct Alike {
    at: Position,
    key: RowKey,
    record: Option<Entity>,
    vanished: RowKey,
    /// The vanished rows, by their numbers in the ledger.
    ids: Vec<u64>,
}

/// Vanished rows that new ones say again, whatever their dates, under other IDs or none.
pub fn alike(ledger: &Ledger, reading: SecondReading<'_>) -> Result<Option<Alike>, Break> {
    let surveyed = reading.surveyed;
    if surveyed.gone == 0 || surveyed.new_rows == 0 {
        return Ok(None);
    }
    let vanished = ledger.vanished(|id| surveyed.is_matched(id))?;
    if vanished.is_empty() {
        return Ok(None);
    }
    let (mut first, mut ids) = (None, Vec::new());
    reading.each(|at, key, new_row| {
        let same = saying_the_same(&vanished, saying(new_row.message, new_row.record));
        if let Some(row) = same.first() {
            first.get_or_insert((at, key, new_row.record, row.id));
            ids.extend(same.iter().map(|row| row.id));
        }
        Ok(Enough::No)
    })?;
    let Some((at, key, record, id)) = first else {
        return Ok(None);
    };
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(Alike {
        at,
        key,
        record,
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
pub fn stop_if_alike(alike: Option<&Alike>, accepted: bool) -> Result<(), Break> {
    let Some(alike) = alike.filter(|_| !accepted) else {
        return Ok(());
    };
    let name = |key: &RowKey| match key.external_id() {
        Some(id) => format!("external_id `{}`", id.escape_debug()),
        None => "no external_id".to_owned(),
    };
    let record = alike.record.map(|record| format!(" for {record}"));
    Err(Break::Error(RunError::new(
        "changed_ids",
        format!(
            "rows that were posted or are in doubt ({}) are no longer in the manifest, while new \
             ones say the same: row {} (line {}, {}) says{} what a posted row with {} said. If a \
             spreadsheet or an export has changed the IDs, sending now would post them twice. \
             Bring the old IDs back, or go on with --accept-edits",
            alike.ids.len(),
            alike.at.number,
            alike.at.line,
            name(&alike.key),
            record.unwrap_or_default(),
            name(&alike.vanished)
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
